'use strict';
// fs.ReadStream and fs.WriteStream. They call the functions of fs (or of options.fs) that programs may have replaced,
// or the methods of a FileHandle. Both are functions, because programs call them on objects of their own.

const process = require('process');
const { codes } = require('internal/errors');
const { parseFileMode, validateBoolean, validateFunction, validateInteger } = require('internal/validators');
const { deprecate, kEmptyObject } = require('internal/util');
const { getOptions, getValidatedFd, toBuffer, validatePath } = require('internal/fs/utils');
const ops = require('internal/fs/binding');
const { read } = require('internal/fs/callbacks');
const { FileHandle, kRef, kUnref } = require('internal/fs/file_handle');
const { toPathIfFileURL } = require('internal/url');
const { finished, Readable, Writable } = require('stream');
const { errorOrDestroy } = require('internal/streams/destroy');
const { Buffer } = require('buffer');
const fs = require('fs');

const {
  ERR_INVALID_ARG_TYPE,
  ERR_INVALID_THIS,
  ERR_METHOD_NOT_IMPLEMENTED,
  ERR_OUT_OF_RANGE,
  ERR_STREAM_DESTROYED,
} = codes;

const kFs = Symbol('kFs');
const kHandle = Symbol('kHandle');
// A read or write is under way; closing waits for kIoDone then.
const kIsPerformingIO = Symbol('kIsPerformingIO');
const kIoDone = Symbol('kIoDone');

const HIGH_WATER_MARK = 64 * 1024;

// A copy of options, inherited ones included.
function copyAll(options) {
  const copy = {};
  for (const name in options) copy[name] = options[name];
  return copy;
}

// ---- opening and closing, the same for both

// A FileHandle in the place of fs.
function handleOperations(handle) {
  return {
    read(fd, buffer, offset, length, position, callback) {
      handle.read(buffer, offset, length, position).then(
        (result) => callback(null, result.bytesRead, result.buffer), (error) => callback(error, 0, buffer));
    },
    write(fd, buffer, offset, length, position, callback) {
      handle.write(buffer, offset, length, position).then(
        (result) => callback(null, result.bytesWritten, result.buffer), (error) => callback(error, 0, buffer));
    },
    writev(fd, buffers, position, callback) {
      handle.writev(buffers, position).then(
        (result) => callback(null, result.bytesWritten, result.buffers), (error) => callback(error, 0, buffers));
    },
    fsync(fd, callback) {
      handle.sync().then(() => callback(), callback);
    },
    close(fd, callback) {
      handle[kUnref]();
      handle.close().then(() => callback(), callback);
    },
  };
}

function importFd(stream, options) {
  if (typeof options.fd === 'number') return getValidatedFd(options.fd);
  if (!FileHandle.isFileHandle(options.fd)) {
    throw new ERR_INVALID_ARG_TYPE('options.fd', ['number', 'FileHandle'], options.fd);
  }
  if (options.fs) throw new ERR_METHOD_NOT_IMPLEMENTED('FileHandle with fs');
  const handle = options.fd;
  stream[kHandle] = handle;
  stream[kFs] = handleOperations(handle);
  handle[kRef]();
  handle.on('close', () => stream.close());
  return handle.fd;
}

// Settles what the stream works on: a path to open, or something that is open.
function setTarget(stream, path, options, flags) {
  if (options.fd == null) {
    stream.fd = null;
    stream[kFs] = options.fs || fs;
    validateFunction(stream[kFs].open, 'options.fs.open');
    stream.path = toPathIfFileURL(path);
    stream.flags = options.flags ?? flags;
    stream.mode = options.mode === undefined ? 0o666 : parseFileMode(options.mode, 'options.mode');
    validatePath(stream.path);
  } else {
    stream[kFs] = options.fs || fs;
    stream.fd = importFd(stream, options);
  }
}

function construct(callback) {
  if (typeof this.fd === 'number') {
    callback();
    return;
  }
  if (this.open !== openRead && this.open !== openWrite) {
    constructByPatchedOpen(this, callback);
    return;
  }
  this[kFs].open(this.path, this.flags, this.mode, (error, fd) => {
    if (error) {
      callback(error);
      return;
    }
    this.fd = fd;
    callback();
    this.emit('open', this.fd);
    this.emit('ready');
  });
}

// Programs replace open() by one that emits 'open' or 'error' when it is done.
function constructByPatchedOpen(stream, callback) {
  const { emit } = stream;
  stream.emit = function(event, ...args) {
    if (event === 'open') {
      this.emit = emit;
      callback();
    } else if (event === 'error') {
      this.emit = emit;
      callback(args[0]);
      return true;
    }
    return Reflect.apply(emit, this, [event, ...args]);
  };
  stream.open();
}

function close(stream, error, callback) {
  if (stream.fd === null || stream.fd === undefined) {
    callback(error);
    return;
  }
  stream[kFs].close(stream.fd, (closeError) => callback(closeError || error));
  stream.fd = null;
}

// Waits for what is under way, then closes.
function destroy(error, callback) {
  if (this[kIsPerformingIO]) this.once(kIoDone, (ioError) => close(this, error || ioError, callback));
  else close(this, error, callback);
}

// What a read or write calls back first; false if the stream was destroyed meanwhile and waits to close.
function finishIO(stream, error) {
  stream[kIsPerformingIO] = false;
  if (!stream.destroyed) return true;
  stream.emit(kIoDone, error);
  return false;
}

function defineCommon(constructor, open) {
  const { prototype } = constructor;
  function stateOf(stream) {
    const state = stream._readableState ?? stream._writableState;
    if (state === undefined) throw new ERR_INVALID_THIS(constructor.name);
    return state;
  }

  prototype._construct = construct;
  prototype.open = open;
  // Closing the descriptor at the end is what streams call destroying themselves.
  Object.defineProperty(prototype, 'autoClose', {
    configurable: true,
    enumerable: false,
    get() {
      return stateOf(this).autoDestroy;
    },
    set(value) {
      stateOf(this).autoDestroy = value;
    },
  });
  Object.defineProperty(prototype, 'pending', {
    configurable: true,
    enumerable: false,
    get() {
      return this.fd === null;
    },
  });
}

const openRead = deprecate(function() {}, 'ReadStream.prototype.open() is deprecated', 'DEP0135');
const openWrite = deprecate(function() {}, 'WriteStream.prototype.open() is deprecated', 'DEP0135');

// ---- reading

function ReadStream(path, options) {
  if (!(this instanceof ReadStream)) return new ReadStream(path, options);
  options = copyAll(getOptions(options, kEmptyObject));
  options.highWaterMark ??= HIGH_WATER_MARK;
  options.autoDestroy = options.autoClose ?? true;

  setTarget(this, path, options, 'r');
  if (this[kHandle] === undefined) {
    validateFunction(this[kFs].read, 'options.fs.read');
    if (options.autoDestroy) validateFunction(this[kFs].close, 'options.fs.close');
  }

  this.start = options.start;
  this.end = options.end ?? Infinity;
  this.pos = undefined;
  this.bytesRead = 0;
  this[kIsPerformingIO] = false;
  if (this.start !== undefined) {
    validateInteger(this.start, 'start', 0);
    this.pos = this.start;
  }
  if (this.end !== Infinity) {
    validateInteger(this.end, 'end', 0);
    if (this.start !== undefined && this.start > this.end) {
      throw new ERR_OUT_OF_RANGE('start', `<= "end" (here: ${this.end})`, this.start);
    }
  }
  Reflect.apply(Readable, this, [options]);
  if (options.encoding) this.setEncoding(options.encoding);
}
Object.setPrototypeOf(ReadStream.prototype, Readable.prototype);
Object.setPrototypeOf(ReadStream, Readable);
defineCommon(ReadStream, openRead);

ReadStream.prototype._read = function(n) {
  n = this.pos === undefined ? Math.min(this.end - this.bytesRead + 1, n) : Math.min(this.end - this.pos + 1, n);
  if (n <= 0) {
    this.push(null);
    return;
  }
  this[kIsPerformingIO] = true;
  if (this[kFs].read === read) {
    // Nobody replaced it: then the op's own bytes need no copy.
    ops.read(this.fd, n, this.pos ?? -1, (error, bytes) => {
      finishRead(this, error, error === null ? toBuffer(bytes) : undefined);
    });
    return;
  }
  const buffer = Buffer.allocUnsafeSlow(n);
  this[kFs].read(this.fd, buffer, 0, n, this.pos, (error, bytesRead, filled) => {
    if (error) finishRead(this, error);
    // A small piece should not keep a large buffer alive.
    else finishRead(this, null, bytesRead === filled.length ? filled : Buffer.from(filled.subarray(0, bytesRead)));
  });
};

function finishRead(stream, error, bytes) {
  if (!finishIO(stream, error)) return;
  if (error) {
    errorOrDestroy(stream, error);
  } else if (bytes.length > 0) {
    if (stream.pos !== undefined) stream.pos += bytes.length;
    stream.bytesRead += bytes.length;
    stream.push(bytes);
  } else {
    stream.push(null);
  }
}

ReadStream.prototype._destroy = destroy;

ReadStream.prototype.close = function(callback) {
  if (typeof callback === 'function') finished(this, callback);
  this.destroy();
};

// ---- writing

function WriteStream(path, options) {
  if (!(this instanceof WriteStream)) return new WriteStream(path, options);
  options = copyAll(getOptions(options, kEmptyObject));
  options.decodeStrings = true;
  options.autoDestroy = options.autoClose ?? true;

  setTarget(this, path, options, 'w');
  if (options.flush != null) validateBoolean(options.flush, 'options.flush');
  this.flush = options.flush ?? false;
  if (this[kHandle] === undefined) {
    const { close, fsync, write, writev } = this[kFs];
    if (!write && !writev) throw new ERR_INVALID_ARG_TYPE('options.fs.write', 'function', write);
    if (write) validateFunction(write, 'options.fs.write');
    if (writev) validateFunction(writev, 'options.fs.writev');
    if (options.autoDestroy) validateFunction(close, 'options.fs.close');
    if (this.flush) validateFunction(fsync, 'options.fs.fsync');
  }
  // A class of one's own may bring either; what fs lacks is taken away from the instance.
  if (!this[kFs].write && this._write === WriteStream.prototype._write) this._write = null;
  if (!this[kFs].writev && this._writev === WriteStream.prototype._writev) this._writev = null;

  this.start = options.start;
  this.pos = undefined;
  this.bytesWritten = 0;
  this[kIsPerformingIO] = false;
  if (this.start !== undefined) {
    validateInteger(this.start, 'start', 0);
    this.pos = this.start;
  }
  Reflect.apply(Writable, this, [options]);
  if (options.encoding) this.setDefaultEncoding(options.encoding);
}
Object.setPrototypeOf(WriteStream.prototype, Writable.prototype);
Object.setPrototypeOf(WriteStream, Writable);
defineCommon(WriteStream, openWrite);

// How often a write that moves nothing forward is tried again.
const RETRIES = 5;

// Writes all bytes, in as many calls as it takes.
function writeAll(stream, bytes, callback, retries = 0) {
  stream[kFs].write(stream.fd, bytes, 0, bytes.length, stream.pos, (error, written, buffer) => {
    // Nothing was written, and there is room only later.
    if (error?.code === 'EAGAIN') {
      error = null;
      written = 0;
    }
    if (stream.destroyed || error) {
      callback(error || new ERR_STREAM_DESTROYED('write'));
      return;
    }
    stream.bytesWritten += written;
    if (stream.pos !== undefined) stream.pos += written;
    retries = written === 0 ? retries + 1 : 0;
    if (retries > RETRIES) callback(new Error('writev failed'));
    else if (written < bytes.length) writeAll(stream, buffer.subarray(written, bytes.length), callback, retries);
    else callback();
  });
}

function writevAll(stream, pieces, callback, retries = 0) {
  stream[kFs].writev(stream.fd, pieces, stream.pos, (error, written, buffers) => {
    if (error?.code === 'EAGAIN') {
      error = null;
      written = 0;
    }
    if (stream.destroyed || error) {
      callback(error || new ERR_STREAM_DESTROYED('writev'));
      return;
    }
    stream.bytesWritten += written;
    if (stream.pos !== undefined) stream.pos += written;
    retries = written === 0 ? retries + 1 : 0;
    const rest = Buffer.concat(buffers).subarray(written);
    if (retries > RETRIES) callback(new Error('writev failed'));
    else if (rest.length > 0) writevAll(stream, [rest], callback, retries);
    else callback();
  });
}

WriteStream.prototype._write = function(data, encoding, callback) {
  this[kIsPerformingIO] = true;
  writeAll(this, data, (error) => {
    finishIO(this, error);
    callback(error);
  });
};

WriteStream.prototype._writev = function(chunks, callback) {
  this[kIsPerformingIO] = true;
  writevAll(this, chunks.map(({ chunk }) => chunk), (error) => {
    finishIO(this, error);
    callback(error);
  });
};

WriteStream.prototype._destroy = function(error, callback) {
  if (!this.flush || this.fd == null) {
    Reflect.apply(destroy, this, [error, callback]);
    return;
  }
  const flush = (ioError) => {
    this[kFs].fsync(this.fd, (flushError) => close(this, error || ioError || flushError, callback));
  };
  if (this[kIsPerformingIO]) this.once(kIoDone, flush);
  else flush();
};

WriteStream.prototype.close = function(callback) {
  if (callback) {
    if (this.closed) {
      process.nextTick(callback);
      return;
    }
    this.on('close', callback);
  }
  // Without autoClose nobody else closes it.
  if (!this.autoClose) this.on('finish', this.destroy);
  this.end();
};

// There is no shutdown of a file; this was always the same.
WriteStream.prototype.destroySoon = WriteStream.prototype.end;

module.exports = { ReadStream, WriteStream };
