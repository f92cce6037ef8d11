'use strict';
// Owns two duplex streams connected to each other: what is written to one is
// read from the other.

const process = require('process');
const Duplex = require('internal/streams/duplex');

class DuplexSide extends Duplex {
  #other = null;
  /** The callback of the write that the other side has not read yet. */
  #written = null;

  static pair(options) {
    const side0 = new DuplexSide(options);
    const side1 = new DuplexSide(options);
    side0.#other = side1;
    side1.#other = side0;
    return [side0, side1];
  }

  _read() {
    const callback = this.#written;
    if (callback) {
      this.#written = null;
      callback();
    }
  }

  _write(chunk, encoding, callback) {
    if (chunk.length === 0) {
      process.nextTick(callback);
    } else {
      this.#other.push(chunk);
      this.#other.#written = callback;
    }
  }

  _final(callback) {
    this.#other.on('end', callback);
    this.#other.push(null);
  }
}

function duplexPair(options) {
  return DuplexSide.pair(options);
}

module.exports = duplexPair;
