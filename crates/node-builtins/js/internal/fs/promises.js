'use strict';
// The promise forms of fs's operations. A wrong argument rejects rather than throws.

const process = require('process');
const { codes: { ERR_METHOD_NOT_IMPLEMENTED } } = require('internal/errors');
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

async function access(path, mode = constants.F_OK) {
  path = getValidatedPath(path);
  mode = getValidAccessMode(mode);
  return promised((done) => ops.access(path, mode, done));
}

async function stat(path, options) {
  path = getValidatedPath(path);
  try {
    return options?.bigint ?
      toBigIntStats(await promised((done) => ops.statBigint(path, done))) :
      toStats(await promised((done) => ops.stat(path, done)));
  } catch (error) {
    if (options?.throwIfNoEntry === false && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return undefined;
    throw error;
  }
}

async function lstat(path, options) {
  path = getValidatedPath(path);
  return options?.bigint ?
    toBigIntStats(await promised((done) => ops.lstatBigint(path, done))) :
    toStats(await promised((done) => ops.lstat(path, done)));
}

async function statfs(path, options) {
  path = getValidatedPath(path);
  return toStatFs(await promised((done) => {
    if (options?.bigint) ops.statfsBigint(path, done);
    else ops.statfs(path, done);
  }));
}

async function chmod(path, mode) {
  path = getValidatedPath(path);
  mode = parseFileMode(mode, 'mode');
  return promised((done) => ops.chmod(path, mode, done));
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

async function chown(path, uid, gid) {
  path = getValidatedPath(path);
  uid = getValidatedId(uid, 'uid');
  gid = getValidatedId(gid, 'gid');
  return promised((done) => ops.chown(path, uid, gid, done));
}

async function lchown(path, uid, gid) {
  path = getValidatedPath(path);
  uid = getValidatedId(uid, 'uid');
  gid = getValidatedId(gid, 'gid');
  return promised((done) => ops.lchown(path, uid, gid, done));
}

async function utimes(path, atime, mtime) {
  path = getValidatedPath(path);
  atime = toUnixTimestamp(atime);
  mtime = toUnixTimestamp(mtime);
  return promised((done) => ops.utimes(path, atime, mtime, done));
}

async function lutimes(path, atime, mtime) {
  path = getValidatedPath(path);
  atime = toUnixTimestamp(atime);
  mtime = toUnixTimestamp(mtime);
  return promised((done) => ops.lutimes(path, atime, mtime, done));
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

async function copyFile(src, dest, mode) {
  src = getValidatedPath(src, 'src');
  dest = getValidatedPath(dest, 'dest');
  mode = getValidCopyMode(mode);
  return promised((done) => ops.copyFile(src, dest, mode, done));
}

async function link(existingPath, newPath) {
  existingPath = getValidatedPath(existingPath, 'existingPath');
  newPath = getValidatedPath(newPath, 'newPath');
  return promised((done) => ops.link(existingPath, newPath, done));
}

async function symlink(target, path, type) {
  validateSymlinkType(type);
  target = getValidatedPath(target, 'target');
  path = getValidatedPath(path);
  return promised((done) => ops.symlink(target, path, done));
}

async function readlink(path, options) {
  const { encoding } = getOptions(options);
  path = getValidatedPath(path);
  if (!encoding || isUtf8(encoding)) return promised((done) => ops.readlink(path, done));
  return decode(await promised((done) => ops.readlinkBytes(path, done)), encoding);
}

async function rename(oldPath, newPath) {
  oldPath = getValidatedPath(oldPath, 'oldPath');
  newPath = getValidatedPath(newPath, 'newPath');
  return promised((done) => ops.rename(oldPath, newPath, done));
}

async function unlink(path) {
  path = getValidatedPath(path);
  return promised((done) => ops.unlink(path, done));
}

async function realpath(path, options) {
  const { encoding } = getOptions(options);
  path = getValidatedPath(path);
  return encodeName(await promised((done) => ops.realpathNative(path, done)), encoding);
}

async function mkdir(path, options) {
  path = getValidatedPath(path);
  const { mode, recursive } = getMkdirOptions(options);
  return promised((done) => {
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

async function rmdir(path, options) {
  path = getValidatedPath(path);
  validateRmdirOptions(options);
  return promised((done) => ops.rmdir(path, done));
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
