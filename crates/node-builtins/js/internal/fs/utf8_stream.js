'use strict';
// fs.Utf8Stream: a writer for logs. It gathers what is written into chunks and writes them one at a time, to a
// descriptor or a file that can be opened anew. Not a stream of the stream module.

const EventEmitter = require('events');
const process = require('process');
const { codes } = require('internal/errors');
const {
  validateBoolean,
  validateFunction,
  validateObject,
  validateOneOf,
  validateString,
  validateUint32,
} = require('internal/validators');
const { kEmptyObject, sleep } = require('internal/util');
const { Buffer } = require('buffer');
const { dirname } = require('path');
const { clearInterval, setInterval, setTimeout } = require('timers');
const nodeFs = require('fs');

const {
  ERR_INVALID_ARG_TYPE,
  ERR_INVALID_ARG_VALUE,
  ERR_INVALID_STATE,
  ERR_OPERATION_FAILED,
} = codes;

// No more than what a container's log reader takes at once.
const MAX_WRITE = 16 * 1024;
const HIGH_WATER_MARK = 16387;
// How long a destination that is busy is left alone, in milliseconds.
const BUSY_PAUSE = 100;

const EMPTY = Buffer.alloc(0);

// Text or bytes without their first `n` bytes; a function in place of fs.write that tells no number wrote all.
// A character of which only a part was written stays whole.
function withoutWritten(data, n = Infinity) {
  if (typeof data !== 'string') return data.subarray(n);
  const bytes = Buffer.from(data);
  if (n >= bytes.length) return '';
  while (n > 0 && (bytes[n] & 0xC0) === 0x80) n--;
  return bytes.toString('utf8', n);
}

class Utf8Stream extends EventEmitter {
  #fs;
  #fd = -1;
  #file = null;
  #isText;
  // Chunks to be written: text, or lists of buffers with their sizes.
  #chunks = [];
  #sizes = [];
  // What is left of the chunk that is being written.
  #current;
  // How much is waiting, the current chunk included.
  #length = 0;
  #minLength;
  #maxLength;
  #maxWrite;
  #highWaterMark;
  #sync;
  #fsync;
  #append;
  #mode;
  #mkdir;
  #retry;
  #periodicFlush;
  #timer;
  #writing = false;
  #opening = false;
  #reopening = false;
  #ending = false;
  #destroyed = false;
  #flushPending = false;
  #drainScheduled = false;

  constructor(options = kEmptyObject) {
    validateObject(options, 'options');
    super();
    const { append = true, contentMode = 'utf8', dest, fs = {} } = options;
    validateObject(fs, 'options.fs');
    this.#fs = { ...nodeFs, ...fs };
    for (const name of ['write', 'writeSync', 'fsync', 'fsyncSync', 'close', 'open', 'mkdir', 'mkdirSync']) {
      validateFunction(this.#fs[name], `options.fs.${name}`);
    }
    this.#minLength = options.minLength || 0;
    this.#maxLength = options.maxLength || 0;
    this.#maxWrite = options.maxWrite || MAX_WRITE;
    this.#highWaterMark = Math.max(this.#minLength, HIGH_WATER_MARK);
    this.#periodicFlush = options.periodicFlush || 0;
    this.#sync = options.sync || false;
    this.#fsync = options.fsync || false;
    this.#append = append || false;
    this.#mode = options.mode;
    this.#mkdir = options.mkdir || false;
    this.#retry = options.retryEAGAIN || (() => true);
    validateUint32(this.#highWaterMark, 'options.hwm');
    validateUint32(this.#minLength, 'options.minLength');
    validateUint32(this.#maxLength, 'options.maxLength');
    validateUint32(this.#maxWrite, 'options.maxWrite');
    validateUint32(this.#periodicFlush, 'options.periodicFlush');
    validateBoolean(this.#sync, 'options.sync');
    validateBoolean(this.#fsync, 'options.fsync');
    validateBoolean(this.#append, 'options.append');
    validateBoolean(this.#mkdir, 'options.mkdir');
    validateFunction(this.#retry, 'options.retryEAGAIN');
    validateOneOf(contentMode, 'options.contentMode', ['buffer', 'utf8']);
    this.#isText = contentMode === 'utf8';
    this.#current = this.#isText ? '' : EMPTY;

    const target = options.fd ?? dest;
    if (typeof target === 'number') {
      this.#fd = target;
      process.nextTick(() => this.emit('ready'));
    } else if (typeof target === 'string') {
      this.#open(target);
    } else {
      throw new ERR_INVALID_ARG_TYPE('fd', ['number', 'string'], target);
    }
    if (this.#minLength >= this.#maxWrite) {
      throw new ERR_INVALID_ARG_VALUE.RangeError(
        'minLength', this.#minLength, `should be smaller than maxWrite (${this.#maxWrite})`);
    }
    this.on('newListener', (name) => {
      if (name === 'drain') this.#drainScheduled = false;
    });
    if (this.#periodicFlush !== 0) {
      this.#timer = setInterval(() => this.flush(null), this.#periodicFlush);
      this.#timer.unref();
    }
  }

  // ---- for programs

  write(data) {
    this.#assertUsable();
    if (this.#isText) validateString(data, 'data');
    else if (!Buffer.isBuffer(data)) throw new ERR_INVALID_ARG_TYPE('data', 'Buffer', data);
    const length = this.#length + data.length;
    if (this.#maxLength && length > this.#maxLength) {
      this.emit('drop', data);
      return this.#length < this.#highWaterMark;
    }
    this.#gather(data);
    this.#length = length;
    if (!this.#writing && this.#length >= this.#minLength) this.#writeNext();
    return this.#length < this.#highWaterMark;
  }

  flush(callback = function(_error) {}) {
    if (callback !== null) validateFunction(callback, 'cb');
    if (this.#destroyed) {
      const error = new ERR_INVALID_STATE('Utf8Stream is destroyed');
      if (callback === null) throw error;
      callback(error);
      return;
    }
    if (this.#minLength <= 0) {
      callback?.();
      return;
    }
    if (callback !== null) this.#callWhenFlushed(callback);
    if (!this.#writing) this.#writeNext();
  }

  flushSync() {
    this.#assertUsable();
    if (this.#fd < 0) throw new ERR_INVALID_STATE('Invalid file descriptor');
    let data = this.#writing ? this.#takeChunk() : this.#current;
    if (!this.#writing) this.#current = this.#isText ? '' : EMPTY;
    for (;;) {
      if (data.length === 0) {
        if (this.#chunks.length === 0) break;
        data = this.#takeChunk();
        continue;
      }
      try {
        data = this.#consume(data, this.#fs.writeSync(this.#fd, data, ...(this.#isText ? ['utf8'] : [])));
      } catch (error) {
        if (!this.#isBusy(error) || !this.#retry(error, data.length, this.#length - data.length)) {
          this.#putBack(data);
          throw error;
        }
        sleep(BUSY_PAUSE);
      }
    }
    if (!this.#isText) return;
    try {
      this.#fs.fsyncSync(this.#fd);
    } catch {
      // Not everything can be synchronised.
    }
  }

  reopen(file) {
    this.#assertUsable();
    if (this.#opening) {
      this.once('ready', () => this.reopen(file));
      return;
    }
    if (this.#ending) return;
    if (!this.#file) {
      throw new ERR_OPERATION_FAILED('Unable to reopen a file descriptor, you must pass a file to SonicBoom');
    }
    if (file) this.#file = file;
    this.#reopening = true;
    // The write that is under way reopens when it is done.
    if (this.#writing) return;
    const before = this.#fd;
    this.once('ready', () => {
      if (before === this.#fd) return;
      this.#fs.close(before, (error) => {
        if (error) this.emit('error', error);
      });
    });
    this.#open(this.#file);
  }

  end() {
    this.#assertUsable();
    if (this.#opening) {
      this.once('ready', () => this.end());
      return;
    }
    if (this.#ending) return;
    this.#ending = true;
    if (this.#writing) return;
    if (this.#length > 0 && this.#fd >= 0) this.#writeNext();
    else this.#close();
  }

  destroy() {
    if (!this.#destroyed) this.#close();
  }

  [Symbol.dispose]() {
    this.destroy();
  }

  get mode() { return this.#mode; }

  get file() { return this.#file; }

  get fd() { return this.#fd; }

  get minLength() { return this.#minLength; }

  get maxLength() { return this.#maxLength; }

  get writing() { return this.#writing; }

  get sync() { return this.#sync; }

  get fsync() { return this.#fsync; }

  get append() { return this.#append; }

  get periodicFlush() { return this.#periodicFlush; }

  get contentMode() { return this.#isText ? 'utf8' : 'buffer'; }

  get mkdir() { return this.#mkdir; }

  // ---- chunks

  #assertUsable() {
    if (this.#destroyed) throw new ERR_INVALID_STATE('Utf8Stream is destroyed');
  }

  #gather(data) {
    const last = this.#chunks.length - 1;
    if (last < 0 || this.#sizes[last] + data.length > this.#maxWrite) {
      this.#chunks.push(this.#isText ? data : [data]);
      this.#sizes.push(data.length);
      return;
    }
    if (this.#isText) this.#chunks[last] += data;
    else this.#chunks[last].push(data);
    this.#sizes[last] += data.length;
  }

  #takeChunk() {
    const chunk = this.#chunks.shift();
    const size = this.#sizes.shift();
    if (chunk === undefined) return this.#isText ? '' : EMPTY;
    if (this.#isText) return chunk;
    return chunk.length === 1 ? chunk[0] : Buffer.concat(chunk, size);
  }

  #putBack(data) {
    this.#chunks.unshift(this.#isText ? data : [data]);
    this.#sizes.unshift(data.length);
  }

  // What is left of data of which `n` bytes were written.
  #consume(data, n) {
    const rest = withoutWritten(data, n);
    this.#length = Math.max(this.#length - (data.length - rest.length), 0);
    return rest;
  }

  // ---- writing

  #writeNext() {
    this.#writing = true;
    if (this.#current.length === 0) this.#current = this.#takeChunk();
    if (!this.#sync) {
      this.#writeCurrent();
      return;
    }
    try {
      this.#written(null, this.#writeCurrentSync());
    } catch (error) {
      this.#written(error);
    }
  }

  #writeCurrent() {
    const done = (error, n) => this.#written(error, n);
    if (this.#isText) this.#fs.write(this.#fd, this.#current, 'utf8', done);
    else this.#fs.write(this.#fd, this.#current, done);
  }

  #writeCurrentSync() {
    if (this.#isText) return this.#fs.writeSync(this.#fd, this.#current, 'utf8');
    return this.#fs.writeSync(this.#fd, this.#current);
  }

  #isBusy(error) {
    return error.code === 'EAGAIN' || error.code === 'EBUSY';
  }

  #written(error, n) {
    if (error) {
      this.#writeFailed(error);
      return;
    }
    this.emit('write', n);
    this.#current = this.#consume(this.#current, n);
    if (this.#current.length > 0 && !this.#sync) {
      this.#writeCurrent();
      return;
    }
    try {
      while (this.#current.length > 0) this.#current = this.#consume(this.#current, this.#writeCurrentSync());
    } catch (error) {
      this.#writeFailed(error);
      return;
    }
    if (this.#fsync) this.#fs.fsyncSync(this.#fd);
    this.#goOn();
  }

  #writeFailed(error) {
    const { length } = this.#current;
    if (!this.#isBusy(error) || !this.#retry(error, length, this.#length - length)) {
      this.#writing = false;
      this.emit('error', error);
    } else if (this.#sync) {
      sleep(BUSY_PAUSE);
      this.#written(null, 0);
    } else {
      setTimeout(() => this.#writeCurrent(), BUSY_PAUSE);
    }
  }

  // After a chunk.
  #goOn() {
    if (this.#reopening) {
      this.#writing = false;
      this.#reopening = false;
      this.reopen();
    } else if (this.#length > this.#minLength || (this.#ending && this.#length > 0)) {
      this.#writeNext();
    } else if (this.#ending) {
      this.#writing = false;
      this.#close();
    } else {
      this.#writing = false;
      this.#drain();
    }
  }

  #drain() {
    if (!this.#sync) {
      this.emit('drain');
    } else if (!this.#drainScheduled) {
      this.#drainScheduled = true;
      process.nextTick(() => {
        if (this.listenerCount('drain') === 0) return;
        this.#drainScheduled = false;
        this.emit('drain');
      });
    }
  }

  #callWhenFlushed(callback) {
    this.#flushPending = true;
    const finish = (error) => {
      this.#flushPending = false;
      callback(error);
    };
    const drained = () => {
      this.off('error', failed);
      // It was synchronised already, or cannot be any more.
      if (this.#fsync || this.#destroyed) {
        finish();
        return;
      }
      try {
        this.#fs.fsync(this.#fd, (error) => (error?.code === 'EBADF' ? finish() : finish(error)));
      } catch (error) {
        finish(error);
      }
    };
    const failed = (error) => {
      this.off('drain', drained);
      finish(error);
    };
    this.once('drain', drained);
    this.once('error', failed);
  }

  // ---- opening and closing

  #open(file) {
    this.#opening = true;
    this.#writing = true;
    this.#drainScheduled = false;
    const flags = this.#append ? 'a' : 'w';
    const done = (error, fd) => this.#opened(error, fd, file);
    if (this.#sync) {
      let fd;
      try {
        if (this.#mkdir) this.#fs.mkdirSync(dirname(file), { recursive: true });
        fd = this.#fs.openSync(file, flags, this.#mode);
      } catch (error) {
        done(error);
        throw error;
      }
      done(null, fd);
    } else if (this.#mkdir) {
      this.#fs.mkdir(dirname(file), { recursive: true }, (error) => {
        if (error) done(error);
        else this.#fs.open(file, flags, this.#mode, done);
      });
    } else {
      this.#fs.open(file, flags, this.#mode, done);
    }
  }

  #opened(error, fd, file) {
    const wasReopening = this.#reopening;
    this.#reopening = false;
    this.#writing = false;
    this.#opening = false;
    if (error) {
      // Of a synchronous stream nobody can listen yet.
      if (!this.#sync) {
        this.emit('error', error);
      } else {
        process.nextTick(() => {
          if (this.listenerCount('error') > 0) this.emit('error', error);
        });
      }
      return;
    }
    this.#fd = fd;
    this.#file = file;
    if (this.#sync) process.nextTick(() => this.emit('ready'));
    else this.emit('ready');
    if (this.#destroyed) return;
    if ((!this.#writing && this.#length > this.#minLength) || this.#flushPending) this.#writeNext();
    else if (wasReopening) process.nextTick(() => this.emit('drain'));
  }

  #close() {
    if (this.#fd === -1) {
      this.once('ready', () => this.#close());
      return;
    }
    clearInterval(this.#timer);
    this.#destroyed = true;
    this.#chunks = [];
    this.#sizes = [];
    const closed = (error) => {
      if (error) {
        this.emit('error', error);
        return;
      }
      if (this.#ending && !this.#writing) this.emit('finish');
      this.emit('close');
    };
    try {
      this.#fs.fsync(this.#fd, () => {
        // What cannot be synchronised is closed all the same; standard output and error stay open.
        if (this.#fd === 1 || this.#fd === 2) closed();
        else this.#fs.close(this.#fd, closed);
      });
    } catch {
      // Closed behind its back.
    }
  }
}

module.exports = Utf8Stream;
