'use strict';
// Owns tty: terminals as streams. Reading waits for the event loop, writing is
// done at once, so that nothing is lost or mixed up at exit.

const { Buffer } = require('buffer');
const { codes: { ERR_INVALID_FD, ERR_TTY_INIT_FAILED } } = require('internal/errors');
const { setCallReferenced } = require('internal/event_loop');
const lazy = require('internal/lazy');
const Duplex = require('internal/streams/duplex');
const { getColorDepth, hasColors } = require('internal/tty_colors');

const getReadline = lazy(() => require('readline'));

// The most that one read takes.
const CHUNK = 65536;

function isatty(fd) {
  return isDescriptor(fd) && binding.isatty(fd);
}

function isDescriptor(fd) {
  return Number.isInteger(fd) && fd >= 0 && fd <= 2147483647;
}

/** The terminal behind `fd`, open for reading. */
function openTerminal(fd) {
  if (!isDescriptor(fd)) throw new ERR_INVALID_FD(fd);
  try {
    return binding.open(fd);
  } catch (error) {
    throw new ERR_TTY_INIT_FAILED({
      errno: error.errno,
      code: error.code,
      message: 'invalid argument',
      syscall: error.syscall,
    });
  }
}

/** Reads for a stream as long as that wants data, which also keeps the process alive. */
class Reader {
  #stream;
  #terminal;
  /** The call that waits for input, if one does. */
  #call;
  #isWanted = false;
  #isReferenced = true;
  #isClosed = false;

  constructor(stream, terminal) {
    this.#stream = stream;
    this.#terminal = terminal;
  }

  want(isWanted) {
    this.#isWanted = isWanted;
    if (isWanted && this.#call === undefined) this.#wait();
    else this.#refer();
  }

  setReferenced(isReferenced) {
    this.#isReferenced = isReferenced;
    this.#refer();
  }

  close() {
    this.#isClosed = true;
    binding.close(this.#terminal);
  }

  #refer() {
    if (this.#call !== undefined) {
      setCallReferenced(this.#call, this.#isWanted && this.#isReferenced);
    }
  }

  #wait() {
    this.#call = binding.readable(this.#terminal, (error) => {
      this.#call = undefined;
      if (this.#isClosed) return;
      if (error !== null) this.#stream.destroy(error);
      else if (this.#isWanted) this.#take();
    });
    this.#refer();
  }

  #take() {
    let bytes;
    try {
      bytes = binding.read(this.#terminal, CHUNK);
    } catch (error) {
      this.#stream.destroy(error);
      return;
    }
    if (bytes === undefined) {
      // Another process was faster.
      this.#wait();
      return;
    }
    this.#isWanted = false;
    this.#stream.push(bytes.length === 0 ? null : Buffer.from(bytes.buffer));
  }
}

function write(chunk, encoding, callback) {
  try {
    binding.write(chunk, this.fd);
  } catch (error) {
    callback(error);
    return;
  }
  callback();
}

// Functions, for programs that inherit from them in the old way.
function ReadStream(fd, options) {
  if (!(this instanceof ReadStream)) return new ReadStream(fd, options);
  const terminal = openTerminal(fd);
  Duplex.call(this, { readableHighWaterMark: 0, ...options });
  this.fd = fd;
  this.isRaw = false;
  this.isTTY = true;
  this._reader = new Reader(this, terminal);
  this.on('pause', () => { this._reader.want(false); });
  this.on('resume', () => {
    if (this._readableState.reading) this._reader.want(true);
  });
}
Object.setPrototypeOf(ReadStream.prototype, Duplex.prototype);
Object.setPrototypeOf(ReadStream, Duplex);

ReadStream.prototype._read = function() {
  this._reader.want(true);
};
ReadStream.prototype._write = write;
ReadStream.prototype._destroy = function(error, callback) {
  this._reader.close();
  callback(error);
};
ReadStream.prototype.ref = function() {
  this._reader.setReferenced(true);
  return this;
};
ReadStream.prototype.unref = function() {
  this._reader.setReferenced(false);
  return this;
};

/** In raw mode keys arrive one by one, are not shown, and send no signals. */
ReadStream.prototype.setRawMode = function(flag) {
  flag = !!flag;
  try {
    binding.setRawMode(this.fd, flag);
  } catch (error) {
    this.emit('error', error);
    return this;
  }
  this.isRaw = flag;
  return this;
};

function WriteStream(fd) {
  if (!(this instanceof WriteStream)) return new WriteStream(fd);
  // Nothing is read from it, but it has to be one.
  binding.close(openTerminal(fd));
  Duplex.call(this, { readable: false, decodeStrings: true });
  this.fd = fd;
  try {
    [this.columns, this.rows] = binding.windowSize(fd);
  } catch {
    // Without a size.
  }
}
Object.setPrototypeOf(WriteStream.prototype, Duplex.prototype);
Object.setPrototypeOf(WriteStream, Duplex);

WriteStream.prototype.isTTY = true;
WriteStream.prototype._read = function() {};
WriteStream.prototype._write = write;
WriteStream.prototype.ref = function() {
  return this;
};
WriteStream.prototype.unref = function() {
  return this;
};

WriteStream.prototype.getColorDepth = getColorDepth;
WriteStream.prototype.hasColors = hasColors;

/** To be called when the process hears of a new size (SIGWINCH). */
WriteStream.prototype._refreshSize = function() {
  let size;
  try {
    size = binding.windowSize(this.fd);
  } catch (error) {
    this.emit('error', error);
    return;
  }
  if (size[0] !== this.columns || size[1] !== this.rows) {
    [this.columns, this.rows] = size;
    this.emit('resize');
  }
};

WriteStream.prototype.getWindowSize = function() {
  return [this.columns, this.rows];
};

WriteStream.prototype.cursorTo = function(x, y, callback) {
  return getReadline().cursorTo(this, x, y, callback);
};
WriteStream.prototype.moveCursor = function(dx, dy, callback) {
  return getReadline().moveCursor(this, dx, dy, callback);
};
WriteStream.prototype.clearLine = function(direction, callback) {
  return getReadline().clearLine(this, direction, callback);
};
WriteStream.prototype.clearScreenDown = function(callback) {
  return getReadline().clearScreenDown(this, callback);
};

module.exports = { isatty, ReadStream, WriteStream };
