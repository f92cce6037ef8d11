'use strict';
// process.stdin, stdout and stderr. Writing is synchronous whatever is behind the
// descriptor, as on POSIX in Node, so that nothing is lost at exit. Reading waits without
// changing the descriptor, which other processes may share. What terminals can do besides
// is in node:tty.

const process = require('process');
const { Readable, Writable } = require('stream');
const { Buffer } = require('buffer');
const { setCallReferenced } = require('internal/event_loop');

const CHUNK = 65536;

/** Standard output or error; `kind` as the binding tells it. */
class StandardOutput extends Writable {
  constructor(fd, kind = binding.kind(fd)) {
    super({ decodeStrings: false, emitClose: kind === 'file' });
    this.fd = fd;
    this.readable = false;
    this._type = kind === 'file' ? 'fs' : kind;
    this._isStdio = true;
    // The descriptor is the process's, and stays open: assigned, as programs save and restore it.
    this.destroySoon = this.destroy;
    this._destroy = pretendToDestroy;
  }

  _write(chunk, encoding, callback) {
    try {
      if (typeof chunk !== 'string') binding.writeBytes(chunk, this.fd);
      else if (encoding === 'utf8' || encoding === 'utf-8') binding.writeText(chunk, this.fd);
      else binding.writeBytes(Buffer.from(chunk, encoding), this.fd);
    } catch (error) {
      callback(error);
      return;
    }
    callback();
  }
}

function pretendToDestroy(error, callback) {
  callback(error);
  this._undestroy();
  if (!this._writableState.emitClose) process.nextTick(() => { this.emit('close'); });
}

/** Standard input. It keeps the process alive while it is being read. */
class StandardInput extends Readable {
  // The call that waits for input, if one does.
  #call;
  // Whether the stream asked for data that it did not get yet.
  #isWanted = false;
  // Whether there was input when nobody wanted it.
  #isReady = false;
  #isReferenced = true;

  constructor(fd = 0) {
    super({ highWaterMark: CHUNK });
    this.fd = fd;
    this.on('pause', () => { this.#want(false); });
    this.on('resume', () => {
      if (this._readableState.reading) this.#want(true);
    });
  }

  ref() {
    this.#isReferenced = true;
    this.#refer();
    return this;
  }

  unref() {
    this.#isReferenced = false;
    this.#refer();
    return this;
  }

  _read() {
    this.#want(true);
  }

  _destroy(error, callback) {
    this.#want(false);
    callback(error);
  }

  #want(isWanted) {
    this.#isWanted = isWanted;
    if (!isWanted) this.#refer();
    else if (this.#isReady) this.#take();
    else if (this.#call === undefined) this.#wait();
    else this.#refer();
  }

  #refer() {
    if (this.#call !== undefined) setCallReferenced(this.#call, this.#isWanted && this.#isReferenced);
  }

  #wait() {
    this.#call = binding.inputReadable((error) => {
      this.#call = undefined;
      if (error !== null) this.destroy(error);
      else if (this.#isWanted) this.#take();
      else this.#isReady = true;
    });
    this.#refer();
  }

  #take() {
    this.#isWanted = false;
    this.#isReady = false;
    let bytes;
    try {
      bytes = binding.readInput(CHUNK);
    } catch (error) {
      this.destroy(error);
      return;
    }
    this.push(bytes.length === 0 ? null : Buffer.from(bytes.buffer));
  }
}

function open(name) {
  const fd = { __proto__: null, stdin: 0, stdout: 1, stderr: 2 }[name];
  const kind = binding.kind(fd);
  const isTerminal = kind === 'tty' && require('internal/builtins').canBeRequiredByUsers('tty');
  if (name === 'stdin') return isTerminal ? new (require('tty').ReadStream)(fd) : new StandardInput(fd);
  if (!isTerminal) return new StandardOutput(fd, kind);
  const stream = new (require('tty').WriteStream)(fd);
  stream._type = 'tty';
  stream._isStdio = true;
  stream.destroySoon = stream.destroy;
  stream._destroy = pretendToDestroy;
  process.on('SIGWINCH', () => stream._refreshSize());
  return stream;
}

module.exports = { StandardInput, StandardOutput, open };
