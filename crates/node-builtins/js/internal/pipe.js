'use strict';
// Streams over pipes between processes: what a child's standard streams are to its parent.

const { setCallReferenced } = require('internal/event_loop');
const { ErrnoException } = require('internal/errors');
const { Buffer } = require('buffer');
const { Duplex } = require('stream');

const EBADF = -9;

// Our end of a pipe. What comes is given to `onread(error, bytes)`, without bytes at the end.
class PipeHandle {
  #pipe;
  #reading = false;
  // The read that is under way.
  #operation;
  #referenced = true;
  // Bytes that wait to be written, each piece with what to call then.
  #queue = [];
  onread;

  // Without a pipe it is closed from the start.
  constructor(pipe) {
    this.#pipe = pipe;
  }

  // Takes over a descriptor that the parent left.
  static open(fd) {
    return new PipeHandle(binding.open(fd));
  }

  // For a child process to take over.
  get fd() {
    return this.#pipe === undefined ? -1 : binding.descriptor(this.#pipe);
  }

  get writeQueueSize() {
    return this.#queue.reduce((size, [bytes]) => size + bytes.length, 0);
  }

  readStart() {
    if (this.#reading || this.#pipe === undefined) return;
    this.#reading = true;
    if (this.#operation === undefined) this.#read();
  }

  readStop() {
    if (!this.#reading) return;
    this.#reading = false;
    if (this.#operation !== undefined) binding.cancelRead(this.#pipe);
  }

  #read() {
    this.#operation = binding.read(this.#pipe, (error, bytes) => {
      this.#operation = undefined;
      if (this.#pipe === undefined) return;
      const hasEnded = error !== null || bytes === undefined;
      if (hasEnded) this.#reading = false;
      // Without a byte it was cancelled.
      if (hasEnded || bytes.length > 0) this.onread(error, bytes);
      if (this.#reading && this.#pipe !== undefined && this.#operation === undefined) this.#read();
    });
    if (!this.#referenced) setCallReferenced(this.#operation, false);
  }

  // True if all was written at once; else `callback(error)` is called when it is. Throws what the system says.
  write(bytes, callback) {
    if (this.#pipe === undefined) throw new ErrnoException(EBADF, 'write');
    const sent = this.#queue.length > 0 ? 0 : binding.tryWrite(this.#pipe, bytes);
    if (sent === bytes.length) return true;
    this.#queue.push([sent === 0 ? bytes : bytes.subarray(sent), callback]);
    if (this.#queue.length === 1) this.#flush();
    return false;
  }

  #flush() {
    binding.write(this.#pipe, this.#queue[0][0], (error) => {
      const [, callback] = this.#queue.shift();
      if (this.#queue.length > 0 && this.#pipe !== undefined) this.#flush();
      callback(error);
    });
  }

  shutdown() {
    if (this.#pipe !== undefined) binding.shutdown(this.#pipe);
  }

  ref() {
    this.#setReferenced(true);
  }

  unref() {
    this.#setReferenced(false);
  }

  hasRef() {
    return this.#pipe !== undefined && this.#referenced;
  }

  #setReferenced(referenced) {
    this.#referenced = referenced;
    if (this.#operation !== undefined) setCallReferenced(this.#operation, referenced);
  }

  close() {
    if (this.#pipe === undefined) return;
    binding.close(this.#pipe);
    this.#pipe = undefined;
  }
}

class PipeStream extends Duplex {
  // A child has the descriptor; reading waits until somebody asks for it again.
  #suspended = false;

  constructor(handle, { readable, writable }) {
    super({ allowHalfOpen: readable !== writable, readable, writable });
    this._handle = handle;
    this.bytesRead = 0;
    this.bytesWritten = 0;
    handle.onread = (error, bytes) => this.#received(error, bytes);
    // Its end should be known though nobody reads yet.
    if (readable) this.read(0);
  }

  ref() {
    this._handle.ref();
    return this;
  }

  unref() {
    this._handle.unref();
    return this;
  }

  // Leaves the descriptor to a child.
  suspend() {
    this.#suspended = true;
    this._handle.readStop();
    this.pause();
  }

  get isSuspended() {
    return this.#suspended;
  }

  resume() {
    if (this.#suspended) {
      this.#suspended = false;
      this._handle.readStart();
    }
    return super.resume();
  }

  _read() {
    if (!this.#suspended) this._handle.readStart();
  }

  #received(error, bytes) {
    if (this.destroyed) return;
    if (error !== null) {
      this.destroy(new ErrnoException(error.errno, 'read'));
    } else if (bytes === undefined) {
      this.push(null);
      // An end that nobody asked for is none to the stream yet.
      this.read(0);
    } else {
      this.bytesRead += bytes.length;
      if (!this.push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))) this._handle.readStop();
    }
  }

  _write(chunk, encoding, callback) {
    const done = (error) => {
      if (error === null) this.bytesWritten += chunk.length;
      callback(error === null ? null : new ErrnoException(error.errno, 'write'));
    };
    try {
      if (this._handle.write(chunk, done)) done(null);
    } catch (error) {
      done(error);
    }
  }

  _writev(chunks, callback) {
    this._write(Buffer.concat(chunks.map(({ chunk }) => chunk)), 'buffer', callback);
  }

  _final(callback) {
    try {
      this._handle.shutdown();
    } catch (error) {
      callback(new ErrnoException(error.errno, 'shutdown'));
      return;
    }
    callback();
  }

  _destroy(error, callback) {
    this._handle.close();
    callback(error);
  }

  // Destroys it once all is written.
  destroySoon() {
    if (this.writable) this.end();
    if (this.writableFinished) this.destroy();
    else this.once('finish', this.destroy);
  }
}

module.exports = { PipeHandle, PipeStream };
