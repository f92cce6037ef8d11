'use strict';
// Entries of directories that know what they are.

const { decode } = require('internal/fs/utils');

const kType = Symbol('type');

const [FILE, DIRECTORY, LINK, FIFO, SOCKET, CHARACTER, BLOCK] = [1, 2, 3, 4, 5, 6, 7];

class Dirent {
  constructor(name, type, path) {
    this.name = name;
    this.parentPath = path;
    this[kType] = type;
  }

  isDirectory() {
    return this[kType] === DIRECTORY;
  }

  isFile() {
    return this[kType] === FILE;
  }

  isBlockDevice() {
    return this[kType] === BLOCK;
  }

  isCharacterDevice() {
    return this[kType] === CHARACTER;
  }

  isSymbolicLink() {
    return this[kType] === LINK;
  }

  isFIFO() {
    return this[kType] === FIFO;
  }

  isSocket() {
    return this[kType] === SOCKET;
  }
}

// From an op's names and their kinds. Names that are bytes take the encoding; text stays.
function toDirents(parentPath, [names, kinds], encoding) {
  return names.map((name, i) => {
    return new Dirent(typeof name === 'string' ? name : decode(name, encoding), kinds[i], parentPath);
  });
}

function direntFromStats(name, parentPath, stats) {
  const kind = stats.isDirectory() ? DIRECTORY :
    stats.isFile() ? FILE :
      stats.isSymbolicLink() ? LINK :
        stats.isFIFO() ? FIFO :
          stats.isSocket() ? SOCKET :
            stats.isCharacterDevice() ? CHARACTER : BLOCK;
  return new Dirent(name, kind, parentPath);
}

module.exports = { Dirent, direntFromStats, toDirents };
