'use strict';
// FileHandle: an open file whose operations answer with promises. It counts what is under way, so that close() waits
// for it, and it must be closed: one that is collected open is an error of the program.

const EventEmitter = require('events');
const { codes: { ERR_INVALID_ARG_VALUE, ERR_INVALID_STATE } } = require('internal/errors');
const {
  kValidateObjectAllowNullable,
  parseFileMode,
  validateBuffer,
  validateEncoding,
  validateInteger,
  validateObject,
} = require('internal/validators');
const {
  bytesOf,
  getOptions,
  getReadPosition,
  getValidatedId,
  getValidatedLength,
  getWritePosition,
  isUtf8,
  toBytes,
  toUnixTimestamp,
  validateBufferArray,
  validateOffsetLengthRead,
  validateOffsetLengthWrite,
  validateStringAfterArrayBufferView,
} = require('internal/fs/utils');
const { kEmptyObject } = require('internal/util');
const { kDeserialize, kTransfer, kTransferList } = require('internal/structured_clone/symbols');
const ops = require('internal/fs/binding');
const { promised } = require('internal/fs/callback');
const { toBigIntStats, toStats } = require('internal/fs/stats');
const { scatter, totalLength } = require('internal/fs/sync');
const lazy = require('internal/lazy');

const getBuffer = lazy(() => require('buffer').Buffer);
const getStreams = lazy(() => require('internal/fs/streams'));
const getWholeFiles = lazy(() => require('internal/fs/whole_files'));

const kRef = Symbol('kRef');
const kUnref = Symbol('kUnref');

const forgotten = new FinalizationRegistry((fd) => {
  ops.close(fd, () => {});
  throw new ERR_INVALID_STATE(
    'A FileHandle object was closed during garbage collection. ' +
    'This used to be allowed with a deprecation warning but is now considered an error. ' +
    `Please close FileHandle objects explicitly. File descriptor: ${fd}`);
});

class FileHandle extends EventEmitter {
  #fd = -1;
  // Itself, and each operation and stream that uses it.
  #users = 1;
  #closing;
  // A web stream reads it.
  #locked = false;
  #isTransferred = false;

  /** Without a descriptor it is to get that of a handle of another thread. */
  constructor(fd = -1) {
    super();
    if (fd !== -1) this.#open(fd);
  }

  #open(fd) {
    this.#fd = fd;
    forgotten.register(this, fd, this);
  }

  static isFileHandle(value) {
    return typeof value === 'object' && value !== null && #fd in value;
  }

  get fd() {
    return this.#fd;
  }

  getAsyncId() {
    return -1;
  }

  // Runs an operation on the open file; `name` is what Node calls it in the error of a closed one.
  async #use(name, operation) {
    if (this.#fd === -1) {
      const error = new Error(this.#isTransferred ? 'The FileHandle has been transferred' : 'file closed');
      error.code = 'EBADF';
      error.syscall = name;
      throw error;
    }
    this[kRef]();
    try {
      return await operation(this.#fd);
    } finally {
      this[kUnref]();
    }
  }

  appendFile(data, options) {
    return this.#use('writeFile', (fd) => getWholeFiles().appendFilePromise(fd, data, options));
  }

  chmod(mode) {
    return this.#use('fchmod', (fd) => {
      mode = parseFileMode(mode, 'mode');
      return promised((done) => ops.fchmod(fd, mode, done));
    });
  }

  chown(uid, gid) {
    return this.#use('fchown', (fd) => {
      uid = getValidatedId(uid, 'uid');
      gid = getValidatedId(gid, 'gid');
      return promised((done) => ops.fchown(fd, uid, gid, done));
    });
  }

  datasync() {
    return this.#use('fdatasync', (fd) => promised((done) => ops.fdatasync(fd, done)));
  }

  sync() {
    return this.#use('fsync', (fd) => promised((done) => ops.fsync(fd, done)));
  }

  read(buffer, offset, length, position) {
    return this.#use('read', (fd) => read(fd, buffer, offset, length, position));
  }

  readv(buffers, position) {
    return this.#use('readv', async (fd) => {
      validateBufferArray(buffers);
      const bytes = await promised((done) => ops.read(fd, totalLength(buffers), getWritePosition(position), done));
      return { __proto__: null, bytesRead: scatter(bytes, buffers), buffers };
    });
  }

  readFile(options) {
    return this.#use('readFile', (fd) => {
      const { readDefaults, readFilePromise } = getWholeFiles();
      return readFilePromise(fd, getOptions(options, readDefaults));
    });
  }

  readLines(options = undefined) {
    const { createInterface } = require('readline');
    return createInterface({ input: this.createReadStream(options), crlfDelay: Infinity });
  }

  stat(options) {
    return this.#use('fstat', async (fd) => {
      return options?.bigint ?
        toBigIntStats(await promised((done) => ops.fstatBigint(fd, done))) :
        toStats(await promised((done) => ops.fstat(fd, done)));
    });
  }

  truncate(len = 0) {
    return this.#use('ftruncate', (fd) => {
      len = getValidatedLength(len);
      return promised((done) => ops.ftruncate(fd, len, done));
    });
  }

  utimes(atime, mtime) {
    return this.#use('futimes', (fd) => {
      atime = toUnixTimestamp(atime, 'atime');
      mtime = toUnixTimestamp(mtime, 'mtime');
      return promised((done) => ops.futimes(fd, atime, mtime, done));
    });
  }

  write(buffer, offset, length, position) {
    return this.#use('write', (fd) => write(fd, buffer, offset, length, position));
  }

  writev(buffers, position) {
    return this.#use('writev', async (fd) => {
      validateBufferArray(buffers);
      if (buffers.length === 0) return { __proto__: null, bytesWritten: 0, buffers };
      const pieces = buffers.map(bytesOf);
      const bytesWritten = await promised((done) => ops.writev(fd, pieces, getWritePosition(position), done));
      return { __proto__: null, bytesWritten, buffers };
    });
  }

  writeFile(data, options) {
    return this.#use('writeFile', (fd) => getWholeFiles().writeFilePromise(fd, data, options));
  }

  close = () => {
    if (this.#closing !== undefined) return this.#closing.promise;
    if (this.#fd === -1) return Promise.resolve();
    this.#closing = Promise.withResolvers();
    const { promise } = this.#closing;
    // The last one that uses it closes.
    this[kUnref]();
    this.emit('close');
    return promise;
  };

  async [Symbol.asyncDispose]() {
    await this.close();
  }

  readableWebStream(options = kEmptyObject) {
    if (this.#fd === -1) throw new ERR_INVALID_STATE('The FileHandle is closed');
    if (this.#closing !== undefined) throw new ERR_INVALID_STATE('The FileHandle is closing');
    if (this.#locked) throw new ERR_INVALID_STATE('The FileHandle is locked');
    this.#locked = true;
    return require('internal/fs/web_stream')(this, options, kRef, kUnref);
  }

  createReadStream(options = undefined) {
    return new (getStreams().ReadStream)(undefined, { ...options, fd: this });
  }

  createWriteStream(options = undefined) {
    return new (getStreams().WriteStream)(undefined, { ...options, fd: this });
  }

  [kTransferList]() {
    return [];
  }

  [kTransfer]() {
    if (this.#closing !== undefined || this.#users > 1 || this.#fd === -1) {
      throw require('internal/structured_clone').dataCloneError('Cannot transfer FileHandle while in use');
    }
    const fd = this.#fd;
    this.#fd = -1;
    this.#isTransferred = true;
    forgotten.unregister(this);
    return { data: { fd }, deserializeInfo: 'internal/fs/file_handle:FileHandle' };
  }

  [kDeserialize]({ fd }) {
    this.#open(fd);
    return this;
  }

  [kRef]() {
    this.#users++;
  }

  [kUnref]() {
    this.#users--;
    if (this.#users > 0) return;
    const { resolve, reject } = this.#closing;
    const fd = this.#fd;
    this.#fd = -1;
    forgotten.unregister(this);
    ops.close(fd, (error) => {
      this.#closing = undefined;
      if (error === null) resolve();
      else reject(error);
    });
  }
}

async function read(fd, buffer, offset, length, position) {
  if (!ArrayBuffer.isView(buffer)) {
    const options = buffer;
    if (options !== undefined) validateObject(options, 'options', kValidateObjectAllowNullable);
    ({
      buffer = getBuffer().alloc(16384),
      offset = 0,
      length = buffer.byteLength - offset,
      position = null,
    } = options ?? {});
    validateBuffer(buffer);
  } else if (offset !== null && typeof offset === 'object') {
    ({ offset = 0, length = buffer.byteLength - offset, position = null } = offset);
  }
  if (offset == null) offset = 0;
  else validateInteger(offset, 'offset', 0);
  length ??= buffer.byteLength - offset;
  if (length === 0) return { __proto__: null, bytesRead: length, buffer };
  if (buffer.byteLength === 0) throw new ERR_INVALID_ARG_VALUE('buffer', buffer, 'is empty and cannot be written');
  validateOffsetLengthRead(offset, length, buffer.byteLength);
  position = getReadPosition(position, length);
  const bytes = await promised((done) => ops.read(fd, length, position, done));
  bytesOf(buffer).set(bytes, offset);
  return { __proto__: null, bytesRead: bytes.length, buffer };
}

async function write(fd, buffer, offset, length, position) {
  if (buffer?.byteLength === 0) return { __proto__: null, bytesWritten: 0, buffer };
  let bytesWritten;
  if (ArrayBuffer.isView(buffer)) {
    if (typeof offset === 'object') {
      ({ offset = 0, length = buffer.byteLength - offset, position = null } = offset ?? {});
    }
    if (offset == null) offset = 0;
    else validateInteger(offset, 'offset', 0);
    if (typeof length !== 'number') length = buffer.byteLength - offset;
    validateOffsetLengthWrite(offset, length, buffer.byteLength);
    const bytes = bytesOf(buffer).subarray(offset, offset + length);
    bytesWritten = await promised((done) => ops.write(fd, bytes, getWritePosition(position), done));
  } else {
    // text, position, encoding
    validateStringAfterArrayBufferView(buffer, 'buffer');
    validateEncoding(buffer, length);
    const at = getWritePosition(offset);
    bytesWritten = await promised((done) => {
      if (!length || isUtf8(length)) ops.writeText(fd, buffer, at, done);
      else ops.write(fd, toBytes(buffer, length), at, done);
    });
  }
  return { __proto__: null, bytesWritten, buffer };
}

module.exports = { FileHandle, kRef, kUnref };
