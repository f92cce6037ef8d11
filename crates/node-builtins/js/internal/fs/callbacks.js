'use strict';
// The callback forms of fs's operations on paths and descriptors: one op each, arguments checked at once.

const process = require('process');
const { codes: { ERR_INVALID_ARG_VALUE } } = require('internal/errors');
const { kEmptyObject } = require('internal/util');
const {
  kValidateObjectAllowNullable,
  parseFileMode,
  validateBoolean,
  validateBuffer,
  validateEncoding,
  validateFunction,
  validateInteger,
  validateObject,
} = require('internal/validators');
const {
  bytesOf,
  decode,
  encodeName,
  getOptions,
  getReadPosition,
  getTemplatePrefix,
  getValidAccessMode,
  getValidCopyMode,
  getValidatedFd,
  getValidatedId,
  getValidatedLength,
  getValidatedPath,
  getWritePosition,
  isUtf8,
  stringToFlags,
  toBytes,
  toUnixTimestamp,
  validateBufferArray,
  validateOffsetLengthRead,
  validateOffsetLengthWrite,
  validateRmOptions,
  validateRmdirOptions,
  validateStringAfterArrayBufferView,
  validateSymlinkType,
} = require('internal/fs/utils');
const ops = require('internal/fs/binding');
const { transferCallback, valueCallback, voidCallback } = require('internal/fs/callback');
const { toBigIntStats, toStatFs, toStats } = require('internal/fs/stats');
const { getMkdirOptions, realpathArgument, recursiveEntries, scatter, totalLength } = require('internal/fs/sync');
const lazy = require('internal/lazy');

const getDirent = lazy(() => require('internal/fs/dirent'));
const getRm = lazy(() => require('internal/fs/rm'));

// ---- metadata

function access(path, mode, callback) {
  if (typeof mode === 'function') {
    callback = mode;
    mode = undefined;
  }
  path = getValidatedPath(path);
  mode = getValidAccessMode(mode);
  ops.access(path, mode, voidCallback(callback));
}

// The only one whose callback gets no error.
function exists(path, callback) {
  validateFunction(callback, 'cb');
  let done;
  try {
    path = getValidatedPath(path);
    done = valueCallback((error, there) => callback(there));
  } catch {
    callback(false);
    return;
  }
  ops.exists(path, done);
}

function stat(path, options = kEmptyObject, callback) {
  if (typeof options === 'function') {
    callback = options;
    options = undefined;
  }
  let done = valueCallback(callback, options?.bigint ? toBigIntStats : toStats);
  if (options?.throwIfNoEntry === false) done = ignoringAbsence(done, callback);
  path = getValidatedPath(path);
  if (options?.bigint) ops.statBigint(path, done);
  else ops.stat(path, done);
}

// Nothing where there is nothing.
function ignoringAbsence(done, callback) {
  const absent = valueCallback(callback);
  return (error, fields) => {
    if (error !== null && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) absent(null, undefined);
    else done(error, fields);
  };
}

function lstat(path, options = kEmptyObject, callback) {
  if (typeof options === 'function') {
    callback = options;
    options = undefined;
  }
  const done = valueCallback(callback, options?.bigint ? toBigIntStats : toStats);
  path = getValidatedPath(path);
  if (options?.bigint) ops.lstatBigint(path, done);
  else ops.lstat(path, done);
}

function fstat(fd, options = kEmptyObject, callback) {
  if (typeof options === 'function') {
    callback = options;
    options = undefined;
  }
  fd = getValidatedFd(fd);
  if (options?.bigint) ops.fstatBigint(fd, valueCallback(callback, toBigIntStats));
  else ops.fstat(fd, valueCallback(callback, toStats));
}

function statfs(path, options = kEmptyObject, callback) {
  if (typeof options === 'function') {
    callback = options;
    options = undefined;
  }
  const done = valueCallback(callback, toStatFs);
  path = getValidatedPath(path);
  if (options?.bigint) ops.statfsBigint(path, done);
  else ops.statfs(path, done);
}

function chmod(path, mode, callback) {
  path = getValidatedPath(path);
  mode = parseFileMode(mode, 'mode');
  ops.chmod(path, mode, voidCallback(callback));
}

function fchmod(fd, mode, callback) {
  fd = getValidatedFd(fd);
  mode = parseFileMode(mode, 'mode');
  ops.fchmod(fd, mode, voidCallback(callback));
}

function chown(path, uid, gid, callback) {
  const done = voidCallback(callback);
  ops.chown(getValidatedPath(path), getValidatedId(uid, 'uid'), getValidatedId(gid, 'gid'), done);
}

function lchown(path, uid, gid, callback) {
  const done = voidCallback(callback);
  ops.lchown(getValidatedPath(path), getValidatedId(uid, 'uid'), getValidatedId(gid, 'gid'), done);
}

function fchown(fd, uid, gid, callback) {
  fd = getValidatedFd(fd);
  uid = getValidatedId(uid, 'uid');
  gid = getValidatedId(gid, 'gid');
  ops.fchown(fd, uid, gid, voidCallback(callback));
}

function utimes(path, atime, mtime, callback) {
  const done = voidCallback(callback);
  ops.utimes(getValidatedPath(path), toUnixTimestamp(atime), toUnixTimestamp(mtime), done);
}

function lutimes(path, atime, mtime, callback) {
  const done = voidCallback(callback);
  ops.lutimes(getValidatedPath(path), toUnixTimestamp(atime), toUnixTimestamp(mtime), done);
}

function futimes(fd, atime, mtime, callback) {
  fd = getValidatedFd(fd);
  atime = toUnixTimestamp(atime, 'atime');
  mtime = toUnixTimestamp(mtime, 'mtime');
  ops.futimes(fd, atime, mtime, voidCallback(callback));
}

// ---- descriptors

function open(path, flags, mode, callback) {
  path = getValidatedPath(path);
  if (arguments.length < 3) {
    callback = flags;
    flags = 'r';
    mode = 0o666;
  } else if (typeof mode === 'function') {
    callback = mode;
    mode = 0o666;
  } else {
    mode = parseFileMode(mode, 'mode', 0o666);
  }
  ops.open(path, stringToFlags(flags), mode, valueCallback(callback));
}

// Without a callback, a failure is nobody's but the process's.
function rethrow(error) {
  if (error != null) throw error;
}

function close(fd, callback = rethrow) {
  fd = getValidatedFd(fd);
  ops.close(fd, voidCallback(callback));
}

function fsync(fd, callback) {
  ops.fsync(getValidatedFd(fd), voidCallback(callback));
}

function fdatasync(fd, callback) {
  ops.fdatasync(getValidatedFd(fd), voidCallback(callback));
}

function ftruncate(fd, len = 0, callback) {
  if (typeof len === 'function') {
    callback = len;
    len = 0;
  }
  fd = getValidatedFd(fd);
  len = getValidatedLength(len);
  ops.ftruncate(fd, len, voidCallback(callback));
}

function truncate(path, len, callback) {
  if (typeof len === 'function') {
    callback = len;
    len = 0;
  }
  len = getValidatedLength(len);
  const done = voidCallback(callback);
  path = getValidatedPath(path);
  ops.open(path, stringToFlags('r+'), 0o666, (error, fd) => {
    if (error !== null) {
      done(error);
      return;
    }
    ops.ftruncate(fd, len, (error) => {
      ops.close(fd, (closeError) => done(error ?? closeError));
    });
  });
}

// Which of the forms of read() it is: fd, buffer, offset, length, position; fd, buffer, options; fd, options; fd.
function read(fd, buffer, offsetOrOptions, length, position, callback) {
  fd = getValidatedFd(fd);
  let offset = offsetOrOptions;
  let params = null;
  if (arguments.length <= 4) {
    if (arguments.length === 4) {
      validateObject(offsetOrOptions, 'options', kValidateObjectAllowNullable);
      callback = length;
      params = offsetOrOptions;
    } else if (arguments.length === 3) {
      if (!ArrayBuffer.isView(buffer)) {
        params = buffer;
        ({ buffer = newBuffer() } = params ?? {});
      }
      callback = offsetOrOptions;
    } else {
      callback = buffer;
      buffer = newBuffer();
    }
    if (params !== null) validateObject(params, 'options', kValidateObjectAllowNullable);
    ({ offset = 0, length = buffer?.byteLength - offset, position = null } = params ?? {});
  }
  validateBuffer(buffer);
  validateFunction(callback, 'cb');
  if (offset == null) offset = 0;
  else validateInteger(offset, 'offset', 0);
  length |= 0;
  if (length === 0) {
    process.nextTick(callback, null, 0, buffer);
    return;
  }
  if (buffer.byteLength === 0) throw new ERR_INVALID_ARG_VALUE('buffer', buffer, 'is empty and cannot be written');
  validateOffsetLengthRead(offset, length, buffer.byteLength);
  position = getReadPosition(position, length);
  const done = transferCallback(callback, buffer);
  ops.read(fd, length, position, (error, bytes) => {
    if (error !== null) {
      done(error, 0);
      return;
    }
    bytesOf(buffer).set(bytes, offset);
    done(null, bytes.length);
  });
}

function newBuffer() {
  return require('buffer').Buffer.alloc(16384);
}

function readv(fd, buffers, position, callback) {
  fd = getValidatedFd(fd);
  validateBufferArray(buffers);
  if (typeof position === 'function') callback = position;
  const done = transferCallback(callback, buffers);
  ops.read(fd, totalLength(buffers), getWritePosition(position), (error, bytes) => {
    done(error, error === null ? scatter(bytes, buffers) : 0);
  });
}

// fd, buffer, offset, length, position; fd, buffer, options; fd, text, position, encoding.
function write(fd, buffer, offsetOrOptions, length, position, callback) {
  fd = getValidatedFd(fd);
  if (!ArrayBuffer.isView(buffer)) {
    writeString(fd, buffer, offsetOrOptions, length, position);
    return;
  }
  let offset = offsetOrOptions;
  callback ||= position || length || offset;
  validateFunction(callback, 'cb');
  if (offset !== null && typeof offset === 'object') {
    ({ offset = 0, length = buffer.byteLength - offset, position = null } = offsetOrOptions ?? {});
  }
  if (offset == null || typeof offset === 'function') offset = 0;
  else validateInteger(offset, 'offset', 0);
  if (typeof length !== 'number') length = buffer.byteLength - offset;
  validateOffsetLengthWrite(offset, length, buffer.byteLength);
  const bytes = bytesOf(buffer).subarray(offset, offset + length);
  ops.write(fd, bytes, getWritePosition(position), transferCallback(callback, buffer));
}

function writeString(fd, text, position, encoding, callback) {
  validateStringAfterArrayBufferView(text, 'buffer');
  if (typeof position === 'function') {
    callback = position;
    position = null;
    encoding = 'utf8';
  } else if (typeof encoding === 'function') {
    callback = encoding;
    encoding = 'utf8';
  }
  validateEncoding(text, encoding);
  const done = transferCallback(callback, text);
  position = getWritePosition(position);
  if (encoding === undefined || isUtf8(encoding)) ops.writeText(fd, text, position, done);
  else ops.write(fd, toBytes(text, encoding), position, done);
}

function writev(fd, buffers, position, callback) {
  fd = getValidatedFd(fd);
  validateBufferArray(buffers);
  if (typeof position === 'function') callback = position;
  validateFunction(callback, 'cb');
  if (buffers.length === 0) {
    process.nextTick(callback, null, 0, buffers);
    return;
  }
  ops.writev(fd, buffers.map(bytesOf), getWritePosition(position), transferCallback(callback, buffers));
}

// ---- names

function copyFile(src, dest, mode, callback) {
  if (typeof mode === 'function') {
    callback = mode;
    mode = 0;
  }
  src = getValidatedPath(src, 'src');
  dest = getValidatedPath(dest, 'dest');
  validateFunction(callback, 'cb');
  ops.copyFile(src, dest, getValidCopyMode(mode), voidCallback(callback));
}

function link(existingPath, newPath, callback) {
  const done = voidCallback(callback);
  ops.link(getValidatedPath(existingPath, 'existingPath'), getValidatedPath(newPath, 'newPath'), done);
}

function symlink(target, path, type, callback) {
  if (callback === undefined) {
    callback = type;
    type = undefined;
  } else {
    validateSymlinkType(type);
  }
  const done = voidCallback(callback);
  ops.symlink(getValidatedPath(target, 'target'), getValidatedPath(path), done);
}

function readlink(path, options, callback) {
  if (typeof options === 'function') callback = options;
  const { encoding } = getOptions(options);
  path = getValidatedPath(path);
  if (!encoding || isUtf8(encoding)) ops.readlink(path, valueCallback(callback));
  else ops.readlinkBytes(path, valueCallback(callback, decode, encoding));
}

function rename(oldPath, newPath, callback) {
  const done = voidCallback(callback);
  ops.rename(getValidatedPath(oldPath, 'oldPath'), getValidatedPath(newPath, 'newPath'), done);
}

function unlink(path, callback) {
  const done = voidCallback(callback);
  ops.unlink(getValidatedPath(path), done);
}

function realpath(path, options, callback) {
  if (typeof options === 'function') callback = options;
  const { encoding } = getOptions(options);
  const done = valueCallback(callback, encodeName, encoding);
  ops.realpath(realpathArgument(path), done);
}

realpath.native = function realpathNative(path, options, callback) {
  callback ??= options;
  const { encoding } = getOptions(options);
  const done = valueCallback(callback, encodeName, encoding);
  ops.realpathNative(getValidatedPath(path), done);
};

// ---- directories

function mkdir(path, options, callback) {
  if (typeof options === 'function') {
    callback = options;
    options = undefined;
  }
  path = getValidatedPath(path);
  const { mode, recursive } = getMkdirOptions(options);
  if (recursive) ops.mkdirRecursive(path, mode, valueCallback(callback));
  else ops.mkdir(path, mode, voidCallback(callback));
}

function mkdtemp(prefix, options, callback) {
  if (typeof options === 'function') callback = options;
  const { encoding } = getOptions(options);
  prefix = getTemplatePrefix(prefix);
  ops.mkdtemp(prefix, valueCallback(callback, encodeName, encoding));
}

function readdir(path, options, callback) {
  if (typeof options === 'function') callback = options;
  validateFunction(callback, 'cb');
  options = getOptions(options);
  path = getValidatedPath(path);
  const { encoding, recursive, withFileTypes } = options;
  if (recursive != null) validateBoolean(recursive, 'options.recursive');
  const isText = !encoding || isUtf8(encoding);
  if (recursive) {
    ops.readdirRecursive(path, true, valueCallback(callback, (found) => recursiveEntries(found, path, options)));
  } else if (withFileTypes) {
    const done = valueCallback(callback, (found) => getDirent().toDirents(path, found, encoding));
    if (isText) ops.readdirTypes(path, done);
    else ops.readdirTypesBytes(path, done);
  } else if (isText) {
    ops.readdir(path, valueCallback(callback));
  } else {
    ops.readdirBytes(path, valueCallback(callback, (names) => names.map((name) => decode(name, encoding))));
  }
}

function rmdir(path, options, callback) {
  if (typeof options === 'function') {
    callback = options;
    options = undefined;
  }
  validateRmdirOptions(options);
  path = getValidatedPath(path);
  ops.rmdir(path, voidCallback(callback));
}

function rm(path, options, callback) {
  if (typeof options === 'function') {
    callback = options;
    options = undefined;
  }
  path = getValidatedPath(path);
  options = validateRmOptions(options);
  const done = voidCallback(callback);
  getRm().rm(path, options).then(() => process.nextTick(done, null), (error) => process.nextTick(done, error));
}

module.exports = {
  access,
  chmod,
  chown,
  close,
  copyFile,
  exists,
  fchmod,
  fchown,
  fdatasync,
  fstat,
  fsync,
  ftruncate,
  futimes,
  lchown,
  link,
  lstat,
  lutimes,
  mkdir,
  mkdtemp,
  open,
  read,
  readdir,
  readlink,
  readv,
  realpath,
  rename,
  rm,
  rmdir,
  stat,
  statfs,
  symlink,
  truncate,
  unlink,
  utimes,
  write,
  writev,
};
