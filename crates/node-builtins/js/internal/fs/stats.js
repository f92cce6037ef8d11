'use strict';
// What stat() and statfs() answer. Times are numbers; the Date of one is made when somebody reads it.

const S_IFMT = 0o170000;

const KINDS = {
  isDirectory: 0o040000,
  isFile: 0o100000,
  isBlockDevice: 0o060000,
  isCharacterDevice: 0o020000,
  isSymbolicLink: 0o120000,
  isFIFO: 0o010000,
  isSocket: 0o140000,
};

function StatsBase(dev, mode, nlink, uid, gid, rdev, blksize, ino, size, blocks) {
  this.dev = dev;
  this.mode = mode;
  this.nlink = nlink;
  this.uid = uid;
  this.gid = gid;
  this.rdev = rdev;
  this.blksize = blksize;
  this.ino = ino;
  this.size = size;
  this.blocks = blocks;
}

StatsBase.prototype.isDirectory = function isDirectory() {
  return this._checkModeProperty(KINDS.isDirectory);
};
StatsBase.prototype.isFile = function isFile() {
  return this._checkModeProperty(KINDS.isFile);
};
StatsBase.prototype.isBlockDevice = function isBlockDevice() {
  return this._checkModeProperty(KINDS.isBlockDevice);
};
StatsBase.prototype.isCharacterDevice = function isCharacterDevice() {
  return this._checkModeProperty(KINDS.isCharacterDevice);
};
StatsBase.prototype.isSymbolicLink = function isSymbolicLink() {
  return this._checkModeProperty(KINDS.isSymbolicLink);
};
StatsBase.prototype.isFIFO = function isFIFO() {
  return this._checkModeProperty(KINDS.isFIFO);
};
StatsBase.prototype.isSocket = function isSocket() {
  return this._checkModeProperty(KINDS.isSocket);
};

function inherit(constructor) {
  Object.setPrototypeOf(constructor.prototype, StatsBase.prototype);
  Object.setPrototypeOf(constructor, StatsBase);
  for (const time of ['atime', 'mtime', 'ctime', 'birthtime']) {
    const milliseconds = `${time}Ms`;
    Object.defineProperty(constructor.prototype, time, {
      configurable: true,
      enumerable: true,
      get() {
        return this[time] = new Date(Math.round(Number(this[milliseconds])));
      },
      set(value) {
        Object.defineProperty(this, time, { configurable: true, enumerable: true, writable: true, value });
      },
    });
  }
}

function Stats(dev, mode, nlink, uid, gid, rdev, blksize, ino, size, blocks, atimeMs, mtimeMs, ctimeMs, birthtimeMs) {
  this.dev = dev;
  this.mode = mode;
  this.nlink = nlink;
  this.uid = uid;
  this.gid = gid;
  this.rdev = rdev;
  this.blksize = blksize;
  this.ino = ino;
  this.size = size;
  this.blocks = blocks;
  this.atimeMs = atimeMs;
  this.mtimeMs = mtimeMs;
  this.ctimeMs = ctimeMs;
  this.birthtimeMs = birthtimeMs;
}
inherit(Stats);

Stats.prototype._checkModeProperty = function _checkModeProperty(kind) {
  return (this.mode & S_IFMT) === kind;
};

function BigIntStats(
  dev, mode, nlink, uid, gid, rdev, blksize, ino, size, blocks, atimeNs, mtimeNs, ctimeNs, birthtimeNs) {
  StatsBase.call(this, dev, mode, nlink, uid, gid, rdev, blksize, ino, size, blocks);
  this.atimeMs = atimeNs / 1000000n;
  this.mtimeMs = mtimeNs / 1000000n;
  this.ctimeMs = ctimeNs / 1000000n;
  this.birthtimeMs = birthtimeNs / 1000000n;
  this.atimeNs = atimeNs;
  this.mtimeNs = mtimeNs;
  this.ctimeNs = ctimeNs;
  this.birthtimeNs = birthtimeNs;
}
inherit(BigIntStats);

BigIntStats.prototype._checkModeProperty = function _checkModeProperty(kind) {
  return (Number(this.mode) & S_IFMT) === kind;
};

// From the numbers of an op: ten fields, then seconds and nanoseconds of each time.
function toStats(f) {
  return new Stats(
    f[0], f[1], f[2], f[3], f[4], f[5], f[6], f[7], f[8], f[9],
    f[10] * 1e3 + f[11] / 1e6, f[12] * 1e3 + f[13] / 1e6, f[14] * 1e3 + f[15] / 1e6, f[16] * 1e3 + f[17] / 1e6);
}

function toBigIntStats(f) {
  return new BigIntStats(
    f[0], f[1], f[2], f[3], f[4], f[5], f[6], f[7], f[8], f[9],
    f[10] * 1000000000n + f[11], f[12] * 1000000000n + f[13],
    f[14] * 1000000000n + f[15], f[16] * 1000000000n + f[17]);
}

class StatFs {
  constructor(type, bsize, blocks, bfree, bavail, files, ffree) {
    this.type = type;
    this.bsize = bsize;
    this.blocks = blocks;
    this.bfree = bfree;
    this.bavail = bavail;
    this.files = files;
    this.ffree = ffree;
  }
}

function toStatFs(f) {
  return new StatFs(f[0], f[1], f[2], f[3], f[4], f[5], f[6]);
}

module.exports = { Stats, toBigIntStats, toStatFs, toStats };
