'use strict';
// The synchronous forms of fs's operations on paths and descriptors: one op each, arguments checked.

const process = require('process');
const { codes: { ERR_INVALID_ARG_VALUE } } = require('internal/errors');
const { kEmptyObject } = require('internal/util');
const {
  kValidateObjectAllowNullable,
  parseFileMode,
  validateBoolean,
  validateBuffer,
  validateEncoding,
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
const { toBigIntStats, toStatFs, toStats } = require('internal/fs/stats');
const lazy = require('internal/lazy');

const getDirent = lazy(() => require('internal/fs/dirent'));
const getPath = lazy(() => require('path'));

// ---- metadata

function accessSync(path, mode) {
  ops.access(getValidatedPath(path), getValidAccessMode(mode));
}

function existsSync(path) {
  try {
    path = getValidatedPath(path);
  } catch (error) {
    if (error?.code === 'ERR_INVALID_ARG_TYPE') warnOfInvalidPath();
    return false;
  }
  return ops.exists(path);
}

let warned = false;

function warnOfInvalidPath() {
  if (warned) return;
  warned = true;
  process.emitWarning('Passing invalid argument types to fs.existsSync is deprecated', 'DeprecationWarning', 'DEP0187');
}

// Filled by one call after the other.
const fields = new Float64Array(18);

function statSync(path, options = kEmptyObject) {
  path = getValidatedPath(path);
  if (options?.bigint) return ifExists(options, () => toBigIntStats(ops.statBigint(path)));
  return ops.statNow(path, true, options?.throwIfNoEntry === false, fields) ? toStats(fields) : undefined;
}

function lstatSync(path, options = kEmptyObject) {
  path = getValidatedPath(path);
  if (options?.bigint) return ifExists(options, () => toBigIntStats(ops.lstatBigint(path)));
  return ops.statNow(path, false, options?.throwIfNoEntry === false, fields) ? toStats(fields) : undefined;
}

// The mode of what is at a path, links not followed; undefined where there is nothing.
function modeOf(path) {
  return ops.statNow(path, false, true, fields) ? fields[1] : undefined;
}

function ifExists(options, read) {
  try {
    return read();
  } catch (error) {
    if (options.throwIfNoEntry === false && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return undefined;
    throw error;
  }
}

function fstatSync(fd, options = kEmptyObject) {
  fd = getValidatedFd(fd);
  if (options?.bigint) return toBigIntStats(ops.fstatBigint(fd));
  ops.fstatNow(fd, fields);
  return toStats(fields);
}

function statfsSync(path, options = kEmptyObject) {
  path = getValidatedPath(path);
  return toStatFs(options?.bigint ? ops.statfsBigint(path) : ops.statfs(path));
}

function chmodSync(path, mode) {
  ops.chmod(getValidatedPath(path), parseFileMode(mode, 'mode'));
}

function fchmodSync(fd, mode) {
  ops.fchmod(getValidatedFd(fd), parseFileMode(mode, 'mode'));
}

function chownSync(path, uid, gid) {
  ops.chown(getValidatedPath(path), getValidatedId(uid, 'uid'), getValidatedId(gid, 'gid'));
}

function lchownSync(path, uid, gid) {
  ops.lchown(getValidatedPath(path), getValidatedId(uid, 'uid'), getValidatedId(gid, 'gid'));
}

function fchownSync(fd, uid, gid) {
  ops.fchown(getValidatedFd(fd), getValidatedId(uid, 'uid'), getValidatedId(gid, 'gid'));
}

function utimesSync(path, atime, mtime) {
  ops.utimes(getValidatedPath(path), toUnixTimestamp(atime), toUnixTimestamp(mtime));
}

function lutimesSync(path, atime, mtime) {
  ops.lutimes(getValidatedPath(path), toUnixTimestamp(atime), toUnixTimestamp(mtime));
}

function futimesSync(fd, atime, mtime) {
  ops.futimes(getValidatedFd(fd), toUnixTimestamp(atime, 'atime'), toUnixTimestamp(mtime, 'mtime'));
}

// ---- descriptors

function openSync(path, flags, mode) {
  return ops.open(getValidatedPath(path), stringToFlags(flags), parseFileMode(mode, 'mode', 0o666));
}

function closeSync(fd) {
  ops.close(getValidatedFd(fd));
}

function fsyncSync(fd) {
  ops.fsync(getValidatedFd(fd));
}

function fdatasyncSync(fd) {
  ops.fdatasync(getValidatedFd(fd));
}

function ftruncateSync(fd, len = 0) {
  ops.ftruncate(getValidatedFd(fd), getValidatedLength(len));
}

function truncateSync(path, len) {
  if (len === undefined) len = 0;
  const fd = openSync(path, 'r+');
  try {
    ftruncateSync(fd, len);
  } finally {
    ops.close(fd);
  }
}

function readSync(fd, buffer, offsetOrOptions, length, position) {
  fd = getValidatedFd(fd);
  validateBuffer(buffer);
  let offset = offsetOrOptions;
  if (arguments.length <= 3 || (offsetOrOptions !== null && typeof offsetOrOptions === 'object')) {
    if (offsetOrOptions !== undefined) validateObject(offsetOrOptions, 'options', kValidateObjectAllowNullable);
    ({ offset = 0, length = buffer.byteLength - offset, position = null } = offsetOrOptions ?? {});
  }
  if (offset == null) offset = 0;
  else validateInteger(offset, 'offset', 0);
  length |= 0;
  if (length === 0) return 0;
  if (buffer.byteLength === 0) throw new ERR_INVALID_ARG_VALUE('buffer', buffer, 'is empty and cannot be written');
  validateOffsetLengthRead(offset, length, buffer.byteLength);
  return ops.readInto(fd, buffer, offset, length, getReadPosition(position, length));
}

function readvSync(fd, buffers, position) {
  fd = getValidatedFd(fd);
  validateBufferArray(buffers);
  const bytes = ops.read(fd, totalLength(buffers), getWritePosition(position));
  return scatter(bytes, buffers);
}

function totalLength(buffers) {
  let total = 0;
  for (let i = 0; i < buffers.length; i++) total += buffers[i].byteLength;
  return total;
}

// Deals bytes out to buffers in their order; answers how many there were.
function scatter(bytes, buffers) {
  let at = 0;
  for (let i = 0; i < buffers.length && at < bytes.length; i++) {
    const piece = bytes.subarray(at, at + buffers[i].byteLength);
    bytesOf(buffers[i]).set(piece);
    at += piece.length;
  }
  return bytes.length;
}

function writeSync(fd, buffer, offsetOrOptions, length, position) {
  fd = getValidatedFd(fd);
  if (!ArrayBuffer.isView(buffer)) {
    validateStringAfterArrayBufferView(buffer, 'buffer');
    validateEncoding(buffer, length);
    const at = getWritePosition(offsetOrOptions);
    if (length === undefined || isUtf8(length)) return ops.writeText(fd, buffer, at);
    const bytes = toBytes(buffer, length);
    return ops.writeFrom(fd, bytes, 0, bytes.length, at);
  }
  let offset = offsetOrOptions;
  if (typeof offset === 'object') {
    ({ offset = 0, length = buffer.byteLength - offset, position = null } = offsetOrOptions ?? {});
  }
  if (offset == null) offset = 0;
  else validateInteger(offset, 'offset', 0);
  if (typeof length !== 'number') length = buffer.byteLength - offset;
  validateOffsetLengthWrite(offset, length, buffer.byteLength);
  return ops.writeFrom(fd, buffer, offset, length, getWritePosition(position));
}

function writevSync(fd, buffers, position) {
  fd = getValidatedFd(fd);
  validateBufferArray(buffers);
  return buffers.length === 0 ? 0 : ops.writev(fd, buffers, getWritePosition(position));
}

// ---- names

function copyFileSync(src, dest, mode) {
  ops.copyFile(getValidatedPath(src, 'src'), getValidatedPath(dest, 'dest'), getValidCopyMode(mode));
}

function linkSync(existingPath, newPath) {
  ops.link(getValidatedPath(existingPath, 'existingPath'), getValidatedPath(newPath, 'newPath'));
}

function symlinkSync(target, path, type) {
  validateSymlinkType(type);
  ops.symlink(getValidatedPath(target, 'target'), getValidatedPath(path));
}

function readlinkSync(path, options) {
  const { encoding } = getOptions(options);
  path = getValidatedPath(path);
  return !encoding || isUtf8(encoding) ? ops.readlink(path) : decode(ops.readlinkBytes(path), encoding);
}

function renameSync(oldPath, newPath) {
  ops.rename(getValidatedPath(oldPath, 'oldPath'), getValidatedPath(newPath, 'newPath'));
}

function unlinkSync(path) {
  ops.unlink(getValidatedPath(path));
}

// realpath() takes whatever can be made a string, as it always did.
function realpathArgument(path) {
  return getPath().resolve(getValidatedPath(path instanceof Uint8Array ? `${path}` : path));
}

function realpathSync(path, options) {
  const { encoding } = getOptions(options);
  return encodeName(ops.realpath(realpathArgument(path)), encoding);
}

realpathSync.native = function realpathSyncNative(path, options) {
  const { encoding } = getOptions(options);
  return encodeName(ops.realpathNative(getValidatedPath(path)), encoding);
};

// ---- directories

// What mkdir's second argument says: the mode, and whether to make the directories above.
// `modeName`: what errors call the mode of an options object.
function getMkdirOptions(options, modeName = 'options.mode') {
  let mode;
  let name = 'mode';
  let recursive = false;
  if (typeof options === 'number' || typeof options === 'string') {
    mode = options;
  } else if (options) {
    name = modeName;
    if (options.recursive !== undefined) {
      ({ recursive } = options);
      validateBoolean(recursive, 'options.recursive');
    }
    ({ mode } = options);
  }
  return { mode: parseFileMode(mode, name, 0o777), recursive };
}

function mkdirSync(path, options) {
  path = getValidatedPath(path);
  const { mode, recursive } = getMkdirOptions(options);
  return recursive ? ops.mkdirRecursive(path, mode) : ops.mkdir(path, mode);
}

function mkdtempSync(prefix, options) {
  const { encoding } = getOptions(options);
  return encodeName(ops.mkdtemp(getTemplatePrefix(prefix)), encoding);
}

function mkdtempDisposableSync(prefix, options) {
  const path = mkdtempSync(prefix, options);
  // The program may change its directory before it removes this one.
  const absolute = getPath().resolve(process.cwd(), `${path}`);
  function remove() {
    ops.rm(absolute, true, true, 0, 100);
  }
  return {
    path,
    remove,
    [Symbol.dispose]() {
      remove();
    },
  };
}

function readdirSync(path, options) {
  options = getOptions(options);
  path = getValidatedPath(path);
  const { encoding, recursive, withFileTypes } = options;
  if (recursive != null) validateBoolean(recursive, 'options.recursive');
  if (recursive) return recursiveEntries(ops.readdirRecursive(path, true), path, options);
  const isText = !encoding || isUtf8(encoding);
  if (withFileTypes) {
    return getDirent().toDirents(path, isText ? ops.readdirTypes(path) : ops.readdirTypesBytes(path), encoding);
  }
  return isText ? ops.readdir(path) : ops.readdirBytes(path).map((name) => decode(name, encoding));
}

// Entries below a directory, from their paths relative to it and their kinds.
function recursiveEntries([paths, kinds], root, { encoding, withFileTypes }) {
  if (!withFileTypes) return paths.map((path) => encodeName(path, encoding));
  const { Dirent } = getDirent();
  const { basename, dirname, join } = getPath();
  root = `${root}`;
  return paths.map((path, i) => {
    const above = dirname(path);
    return new Dirent(encodeName(basename(path), encoding), kinds[i], above === '.' ? root : join(root, above));
  });
}

function rmdirSync(path, options) {
  path = getValidatedPath(path);
  validateRmdirOptions(options);
  ops.rmdir(path);
}

function rmSync(path, options) {
  path = getValidatedPath(path);
  options = validateRmOptions(options);
  require('internal/fs/rm').rmSync(path, options);
}

module.exports = {
  accessSync,
  chmodSync,
  chownSync,
  closeSync,
  copyFileSync,
  existsSync,
  fchmodSync,
  fchownSync,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  futimesSync,
  lchownSync,
  linkSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  mkdtempDisposableSync,
  mkdtempSync,
  openSync,
  readSync,
  readdirSync,
  readlinkSync,
  readvSync,
  realpathSync,
  renameSync,
  rmSync,
  rmdirSync,
  statSync,
  statfsSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeSync,
  writevSync,
  // shared with the other forms
  getMkdirOptions,
  modeOf,
  realpathArgument,
  recursiveEntries,
  scatter,
  totalLength,
};
