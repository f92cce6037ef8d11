'use strict';
// The promise forms of fs's operations. A wrong argument rejects rather than throws.

const process = require('process');
const { codes: { ERR_METHOD_NOT_IMPLEMENTED } } = require('internal/errors');
const { kEmptyObject } = require('internal/util');
const { parseFileMode, validateBoolean } = require('internal/validators');
const {
  decode,
  encodeName,
  getOptions,
  getTemplatePrefix,
  getValidAccessMode,
  getValidCopyMode,
  getValidatedId,
  getValidatedLength,
  getValidatedPath,
  isUtf8,
  stringToFlags,
  throwIfAborted,
  toUnixTimestamp,
  validateRmOptions,
  validateRmdirOptions,
  validateSymlinkType,
} = require('internal/fs/utils');
const ops = require('internal/fs/binding');
const { promised } = require('internal/fs/callback');
const constants = require('internal/fs/constants');
const { FileHandle } = require('internal/fs/file_handle');
const { toBigIntStats, toStatFs, toStats } = require('internal/fs/stats');
const { getMkdirOptions, recursiveEntries } = require('internal/fs/sync');
const lazy = require('internal/lazy');

const getDir = lazy(() => require('internal/fs/dir'));
const getDirent = lazy(() => require('internal/fs/dirent'));
const getPath = lazy(() => require('path'));
const getRm = lazy(() => require('internal/fs/rm'));
const getWholeFiles = lazy(() => require('internal/fs/whole_files'));

function access(path, mode = constants.F_OK) {
  return promised((done) => {
    path = getValidatedPath(path);
    mode = getValidAccessMode(mode);
    ops.access(path, mode, done);
  });
}

function stat(path, options = kEmptyObject) {
  return promised((done) => {
    path = getValidatedPath(path);
    if (options?.throwIfNoEntry === false) done = ignoringAbsence(done);
    if (options?.bigint) ops.statBigint(path, done);
    else ops.stat(path, done);
  }, options?.bigint ? toBigIntStats : toStats);
}

// Nothing where there is nothing.
function ignoringAbsence(done) {
  return (error, fields) => {
    if (error?.code === 'ENOENT' || error?.code === 'ENOTDIR') done(null, undefined);
    else done(error, fields);
  };
}

function lstat(path, options = kEmptyObject) {
  return promised((done) => {
    path = getValidatedPath(path);
    if (options?.bigint) ops.lstatBigint(path, done);
    else ops.lstat(path, done);
  }, options?.bigint ? toBigIntStats : toStats);
}

function statfs(path, options = kEmptyObject) {
  return promised((done) => {
    path = getValidatedPath(path);
    if (options?.bigint) ops.statfsBigint(path, done);
    else ops.statfs(path, done);
  }, toStatFs);
}

function chmod(path, mode) {
  return promised((done) => {
    path = getValidatedPath(path);
    mode = parseFileMode(mode, 'mode');
    ops.chmod(path, mode, done);
  });
}

async function lchmod(path, mode) {
  if (constants.O_SYMLINK === undefined) throw new ERR_METHOD_NOT_IMPLEMENTED('lchmod()');
  const handle = await open(path, constants.O_WRONLY | constants.O_SYMLINK);
  try {
    await handle.chmod(mode);
  } finally {
    await handle.close();
  }
}

function chown(path, uid, gid) {
  return promised((done) => {
    path = getValidatedPath(path);
    uid = getValidatedId(uid, 'uid');
    gid = getValidatedId(gid, 'gid');
    ops.chown(path, uid, gid, done);
  });
}

function lchown(path, uid, gid) {
  return promised((done) => {
    path = getValidatedPath(path);
    uid = getValidatedId(uid, 'uid');
    gid = getValidatedId(gid, 'gid');
    ops.lchown(path, uid, gid, done);
  });
}

function utimes(path, atime, mtime) {
  return promised((done) => {
    path = getValidatedPath(path);
    atime = toUnixTimestamp(atime);
    mtime = toUnixTimestamp(mtime);
    ops.utimes(path, atime, mtime, done);
  });
}

function lutimes(path, atime, mtime) {
  return promised((done) => {
    path = getValidatedPath(path);
    atime = toUnixTimestamp(atime);
    mtime = toUnixTimestamp(mtime);
    ops.lutimes(path, atime, mtime, done);
  });
}

async function open(path, flags, mode) {
  path = getValidatedPath(path);
  flags = stringToFlags(flags);
  mode = parseFileMode(mode, 'mode', 0o666);
  return new FileHandle(await promised((done) => ops.open(path, flags, mode, done)));
}

async function truncate(path, len = 0) {
  len = getValidatedLength(len);
  const handle = await open(path, 'r+');
  try {
    await handle.truncate(len);
  } finally {
    await handle.close();
  }
}

function copyFile(src, dest, mode) {
  return promised((done) => {
    src = getValidatedPath(src, 'src');
    dest = getValidatedPath(dest, 'dest');
    mode = getValidCopyMode(mode);
    ops.copyFile(src, dest, mode, done);
  });
}

function link(existingPath, newPath) {
  return promised((done) => {
    existingPath = getValidatedPath(existingPath, 'existingPath');
    newPath = getValidatedPath(newPath, 'newPath');
    ops.link(existingPath, newPath, done);
  });
}

function symlink(target, path, type) {
  return promised((done) => {
    validateSymlinkType(type);
    target = getValidatedPath(target, 'target');
    path = getValidatedPath(path);
    ops.symlink(target, path, done);
  });
}

async function readlink(path, options) {
  const { encoding } = getOptions(options);
  path = getValidatedPath(path);
  if (!encoding || isUtf8(encoding)) return promised((done) => ops.readlink(path, done));
  return decode(await promised((done) => ops.readlinkBytes(path, done)), encoding);
}

function rename(oldPath, newPath) {
  return promised((done) => {
    oldPath = getValidatedPath(oldPath, 'oldPath');
    newPath = getValidatedPath(newPath, 'newPath');
    ops.rename(oldPath, newPath, done);
  });
}

function unlink(path) {
  return promised((done) => {
    path = getValidatedPath(path);
    ops.unlink(path, done);
  });
}

async function realpath(path, options) {
  const { encoding } = getOptions(options);
  path = getValidatedPath(path);
  return encodeName(await promised((done) => ops.realpathNative(path, done)), encoding);
}

function mkdir(path, options) {
  return promised((done) => {
    path = getValidatedPath(path);
    const { mode, recursive } = getMkdirOptions(options, 'mode');
    if (recursive) ops.mkdirRecursive(path, mode, done);
    else ops.mkdir(path, mode, done);
  });
}

async function mkdtemp(prefix, options) {
  const { encoding } = getOptions(options);
  prefix = getTemplatePrefix(prefix);
  return encodeName(await promised((done) => ops.mkdtemp(prefix, done)), encoding);
}

async function mkdtempDisposable(prefix, options) {
  // The program may change its directory before it removes this one.
  const cwd = process.cwd();
  const path = await mkdtemp(prefix, options);
  const absolute = getPath().resolve(cwd, `${path}`);
  async function remove() {
    await getRm().rm(absolute, { maxRetries: 0, recursive: true, force: true, retryDelay: 0 });
  }
  return {
    __proto__: null,
    path,
    remove,
    async [Symbol.asyncDispose]() {
      await remove();
    },
  };
}

async function readdir(path, options) {
  options = getOptions(options);
  path = getValidatedPath(path);
  const { encoding, recursive, withFileTypes } = options;
  if (recursive != null) validateBoolean(recursive, 'options.recursive');
  if (recursive) {
    return recursiveEntries(await promised((done) => ops.readdirRecursive(path, !withFileTypes, done)), path, options);
  }
  const isText = !encoding || isUtf8(encoding);
  if (withFileTypes) {
    const found = await promised((done) => {
      if (isText) ops.readdirTypes(path, done);
      else ops.readdirTypesBytes(path, done);
    });
    return getDirent().toDirents(path, found, encoding);
  }
  if (isText) return promised((done) => ops.readdir(path, done));
  return (await promised((done) => ops.readdirBytes(path, done))).map((name) => decode(name, encoding));
}

function opendir(path, options) {
  return new Promise((resolve, reject) => {
    getDir().opendir(path, options, (error, dir) => (error ? reject(error) : resolve(dir)));
  });
}

async function rm(path, options) {
  path = getValidatedPath(path);
  return getRm().rm(path, validateRmOptions(options));
}

function rmdir(path, options) {
  return promised((done) => {
    path = getValidatedPath(path);
    validateRmdirOptions(options);
    ops.rmdir(path, done);
  });
}

async function readFile(path, options) {
  const { readDefaults, readFilePromise } = getWholeFiles();
  options = getOptions(options, readDefaults);
  throwIfAborted(options.signal);
  if (FileHandle.isFileHandle(path)) return path.readFile(options);
  return readFilePromise(getValidatedPath(path), options);
}

// In writeFile and appendFile a number is no descriptor but a mistake.
async function writeFile(path, data, options) {
  if (FileHandle.isFileHandle(path)) return path.writeFile(data, options);
  return getWholeFiles().writeFilePromise(getValidatedPath(path), data, options);
}

async function appendFile(path, data, options) {
  if (FileHandle.isFileHandle(path)) return path.appendFile(data, options);
  return getWholeFiles().appendFilePromise(getValidatedPath(path), data, options);
}

async function cp(src, dest, options) {
  return require('internal/fs/cp').cp(src, dest, options);
}

async function* glob(pattern, options) {
  yield* require('internal/fs/glob').glob(pattern, options);
}

async function* watch(filename, options) {
  yield* require('internal/fs/watchers').watchIterator(filename, options);
}

const promises = {
  access,
  copyFile,
  cp,
  glob,
  open,
  opendir,
  rename,
  truncate,
  rm,
  rmdir,
  mkdir,
  readdir,
  readlink,
  symlink,
  lstat,
  stat,
  statfs,
  link,
  unlink,
  chmod,
  lchmod,
  lchown,
  chown,
  utimes,
  lutimes,
  realpath,
  mkdtemp,
  mkdtempDisposable,
  writeFile,
  appendFile,
  readFile,
  watch,
  constants,
};

module.exports = { exports: promises, FileHandle };
