'use strict';
// fs: the table of its functions. Each group lives in internal/fs; what programs seldom use is loaded when they do.

const { customPromisifyArgs, kEmptyObject } = require('internal/util');
const { validateObject, validateString } = require('internal/validators');
const lazy = require('internal/lazy');
const callbacks = require('internal/fs/callbacks');
const constants = require('internal/fs/constants');
const sync = require('internal/fs/sync');
const wholeFiles = require('internal/fs/whole_files');
const { getValidatedPath, toUnixTimestamp } = require('internal/fs/utils');

const getCopy = lazy(() => require('internal/fs/cp'));
const getDir = lazy(() => require('internal/fs/dir'));
const getGlob = lazy(() => require('internal/fs/glob'));
const getStreams = lazy(() => require('internal/fs/streams'));
const getStatWatcher = lazy(() => require('internal/fs/stat_watcher'));
const getWatchers = lazy(() => require('internal/fs/watchers'));

function createReadStream(path, options) {
  return new (getStreams().ReadStream)(path, options);
}

function createWriteStream(path, options) {
  return new (getStreams().WriteStream)(path, options);
}

function cp(src, dest, options, callback) {
  getCopy().cpCallback(src, dest, options, callback);
}

function cpSync(src, dest, options) {
  getCopy().cpSync(src, dest, options);
}

function glob(pattern, options, callback) {
  getGlob().globCallback(pattern, options, callback);
}

function globSync(pattern, options) {
  return getGlob().globSync(pattern, options);
}

function opendir(path, options, callback) {
  getDir().opendir(path, options, callback);
}

function opendirSync(path, options) {
  return getDir().opendirSync(path, options);
}

function openAsBlob(path, options = kEmptyObject) {
  validateObject(options, 'options');
  const type = options.type || '';
  validateString(type, 'options.type');
  path = getValidatedPath(path);
  return Promise.resolve(require('internal/blob').createBlobFromFilePath(path, { type }));
}

function watch(filename, options, listener) {
  return getWatchers().watch(filename, options, listener);
}

function watchFile(filename, options, listener) {
  return getStatWatcher().watchFile(filename, options, listener);
}

function unwatchFile(filename, listener) {
  getStatWatcher().unwatchFile(filename, listener);
}

const fs = module.exports = {
  appendFile: wholeFiles.appendFile,
  appendFileSync: wholeFiles.appendFileSync,
  access: callbacks.access,
  accessSync: sync.accessSync,
  chown: callbacks.chown,
  chownSync: sync.chownSync,
  chmod: callbacks.chmod,
  chmodSync: sync.chmodSync,
  close: callbacks.close,
  closeSync: sync.closeSync,
  copyFile: callbacks.copyFile,
  copyFileSync: sync.copyFileSync,
  cp,
  cpSync,
  createReadStream,
  createWriteStream,
  exists: callbacks.exists,
  existsSync: sync.existsSync,
  fchown: callbacks.fchown,
  fchownSync: sync.fchownSync,
  fchmod: callbacks.fchmod,
  fchmodSync: sync.fchmodSync,
  fdatasync: callbacks.fdatasync,
  fdatasyncSync: sync.fdatasyncSync,
  fstat: callbacks.fstat,
  fstatSync: sync.fstatSync,
  fsync: callbacks.fsync,
  fsyncSync: sync.fsyncSync,
  ftruncate: callbacks.ftruncate,
  ftruncateSync: sync.ftruncateSync,
  futimes: callbacks.futimes,
  futimesSync: sync.futimesSync,
  glob,
  globSync,
  lchown: callbacks.lchown,
  lchownSync: sync.lchownSync,
  lchmod: undefined,
  lchmodSync: undefined,
  link: callbacks.link,
  linkSync: sync.linkSync,
  lstat: callbacks.lstat,
  lstatSync: sync.lstatSync,
  lutimes: callbacks.lutimes,
  lutimesSync: sync.lutimesSync,
  mkdir: callbacks.mkdir,
  mkdirSync: sync.mkdirSync,
  mkdtemp: callbacks.mkdtemp,
  mkdtempSync: sync.mkdtempSync,
  mkdtempDisposableSync: sync.mkdtempDisposableSync,
  open: callbacks.open,
  openSync: sync.openSync,
  openAsBlob,
  readdir: callbacks.readdir,
  readdirSync: sync.readdirSync,
  read: callbacks.read,
  readSync: sync.readSync,
  readv: callbacks.readv,
  readvSync: sync.readvSync,
  readFile: wholeFiles.readFile,
  readFileSync: wholeFiles.readFileSync,
  readlink: callbacks.readlink,
  readlinkSync: sync.readlinkSync,
  realpath: callbacks.realpath,
  realpathSync: sync.realpathSync,
  rename: callbacks.rename,
  renameSync: sync.renameSync,
  rm: callbacks.rm,
  rmSync: sync.rmSync,
  rmdir: callbacks.rmdir,
  rmdirSync: sync.rmdirSync,
  stat: callbacks.stat,
  statfs: callbacks.statfs,
  statSync: sync.statSync,
  statfsSync: sync.statfsSync,
  symlink: callbacks.symlink,
  symlinkSync: sync.symlinkSync,
  truncate: callbacks.truncate,
  truncateSync: sync.truncateSync,
  unwatchFile,
  unlink: callbacks.unlink,
  unlinkSync: sync.unlinkSync,
  utimes: callbacks.utimes,
  utimesSync: sync.utimesSync,
  watch,
  watchFile,
  writeFile: wholeFiles.writeFile,
  writeFileSync: wholeFiles.writeFileSync,
  write: callbacks.write,
  writeSync: sync.writeSync,
  writev: callbacks.writev,
  writevSync: sync.writevSync,
  Dirent: undefined,
  Stats: undefined,
  ReadStream: undefined,
  WriteStream: undefined,
  FileReadStream: undefined,
  FileWriteStream: undefined,
  get Utf8Stream() {
    return require('internal/fs/utf8_stream');
  },
  _toUnixTimestamp: toUnixTimestamp,
  Dir: undefined,
  opendir,
  opendirSync,
  constants: undefined,
  promises: undefined,
};

Object.defineProperty(fs, 'constants', { configurable: false, enumerable: true, writable: false, value: constants });
Object.defineProperty(fs, 'promises', {
  configurable: true,
  enumerable: true,
  get: () => require('internal/fs/promises').exports,
});

// Programs put their own classes in the place of these.
for (const name of ['ReadStream', 'WriteStream', 'FileReadStream', 'FileWriteStream']) {
  defineLazy(name, () => getStreams()[name.replace('File', '')]);
}

// A property that is loaded when it is first read, and can be replaced as any other.
function defineLazy(name, load) {
  const replace = (value) => {
    Object.defineProperty(fs, name, { configurable: true, enumerable: true, writable: true, value });
  };
  Object.defineProperty(fs, name, {
    configurable: true,
    enumerable: true,
    get() {
      const value = load();
      replace(value);
      return value;
    },
    set: replace,
  });
}

defineLazy('Dirent', () => require('internal/fs/dirent').Dirent);
defineLazy('Dir', () => getDir().Dir);
defineLazy('Stats', () => {
  const { deprecate } = require('internal/util');
  return deprecate(require('internal/fs/stats').Stats, 'fs.Stats constructor is deprecated.', 'DEP0180');
});

// What util.promisify() makes of the second and third arguments of the callbacks.
Object.defineProperty(fs.read, customPromisifyArgs, { value: ['bytesRead', 'buffer'], enumerable: false });
Object.defineProperty(fs.readv, customPromisifyArgs, { value: ['bytesRead', 'buffers'], enumerable: false });
Object.defineProperty(fs.write, customPromisifyArgs, { value: ['bytesWritten', 'buffer'], enumerable: false });
Object.defineProperty(fs.writev, customPromisifyArgs, { value: ['bytesWritten', 'buffers'], enumerable: false });
Object.defineProperty(fs.exists, Symbol.for('nodejs.util.promisify.custom'), {
  value: function exists(path) {
    return new Promise((resolve) => fs.exists(path, resolve));
  },
});
