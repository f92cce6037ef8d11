'use strict';
// readFile, writeFile and appendFile in all their forms. What needs no look in between (no signal, no flush, no
// descriptor to write to) is one op; the rest goes piece by piece.

const process = require('process');
const {
  parseFileMode,
  validateBoolean,
  validateFunction,
} = require('internal/validators');
const {
  bytesOf,
  decode,
  getOptions,
  getValidatedPath,
  isFd,
  isUtf8,
  stringToFlags,
  throwIfAborted,
  toBytes,
  validateStringAfterArrayBufferView,
} = require('internal/fs/utils');
const ops = require('internal/fs/binding');
const { promised, valueCallback, voidCallback } = require('internal/fs/callback');
const lazy = require('internal/lazy');

const getFs = lazy(() => require('fs'));
const getBuffer = lazy(() => require('buffer').Buffer);

// How much is read or written between two looks at a signal.
const CHUNK = 512 * 1024;

const readDefaults = Object.freeze({ __proto__: null, flag: 'r' });
const writeDefaults = Object.freeze({ __proto__: null, encoding: 'utf8', mode: 0o666, flag: 'w', flush: false });
const appendDefaults = Object.freeze({ __proto__: null, encoding: 'utf8', mode: 0o666, flag: 'a', flush: false });

// ---- reading

function readFileSync(path, options) {
  const { encoding, flag } = getOptions(options, readDefaults);
  if (isUtf8(encoding)) {
    return isFd(path) ? ops.readDescriptorUtf8(path) :
      ops.readFileUtf8(getValidatedPath(path), stringToFlags(flag, 'options.flag'));
  }
  const bytes = isFd(path) ? ops.readDescriptor(path) :
    ops.readFile(getValidatedPath(path), stringToFlags(flag, 'options.flag'));
  return decode(bytes, encoding);
}

function startReading(path, { encoding, flag }, done) {
  const asText = isUtf8(encoding);
  if (isFd(path)) {
    if (asText) ops.readDescriptorUtf8(path, done);
    else ops.readDescriptor(path, done);
    return;
  }
  path = getValidatedPath(path);
  const flags = stringToFlags(flag, 'options.flag');
  if (asText) ops.readFileUtf8(path, flags, done);
  else ops.readFile(path, flags, done);
}

function convertRead(contents, encoding) {
  return typeof contents === 'string' ? contents : decode(contents, encoding);
}

function readFile(path, options, callback) {
  callback ||= options;
  validateFunction(callback, 'cb');
  options = getOptions(options, readDefaults);
  if (options.signal === undefined) {
    startReading(path, options, valueCallback(callback, convertRead, options.encoding));
    return;
  }
  const done = valueCallback(callback);
  if (!isFd(path)) path = getValidatedPath(path);
  readPieces(path, options).then(
    (contents) => process.nextTick(done, null, contents), (error) => process.nextTick(done, error));
}

// The promise of a file's contents, for a path or descriptor.
async function readFilePromise(path, options) {
  if (options.signal !== undefined) return readPieces(path, options);
  const contents = await promised((done) => startReading(path, options, done));
  return convertRead(contents, options.encoding);
}

async function readPieces(path, { encoding, flag, signal }) {
  throwIfAborted(signal);
  const isOpen = isFd(path);
  const fd = isOpen ? path :
    await promised((done) => ops.open(getValidatedPath(path), stringToFlags(flag, 'options.flag'), 0o666, done));
  try {
    const pieces = [];
    for (;;) {
      throwIfAborted(signal);
      const piece = await promised((done) => ops.read(fd, CHUNK, -1, done));
      if (piece.length === 0) break;
      pieces.push(piece);
    }
    throwIfAborted(signal);
    return decode(getBuffer().concat(pieces), encoding);
  } finally {
    if (!isOpen) await promised((done) => ops.close(fd, done));
  }
}

// ---- writing

function getWriteOptions(options, defaults) {
  options = getOptions(options, defaults);
  const flush = options.flush ?? false;
  validateBoolean(flush, 'options.flush');
  return {
    encoding: options.encoding,
    flag: options.flag || defaults.flag,
    flush,
    mode: options.mode,
    signal: options.signal,
  };
}

function validateData(data) {
  if (!ArrayBuffer.isView(data)) validateStringAfterArrayBufferView(data, 'data');
}

// What open() needs to write the file.
function getTarget(path, { flag, mode }) {
  return {
    path: getValidatedPath(path),
    flags: stringToFlags(flag),
    mode: parseFileMode(mode, 'mode', 0o666),
  };
}

function writeAllSync(fd, bytes) {
  for (let at = 0; at < bytes.length;) at += ops.writeFrom(fd, bytes, at, bytes.length - at, -1);
}

function replaceSync(file, data, options) {
  validateData(data);
  const { encoding, flush } = options;
  if (isFd(file)) {
    writeAllSync(file, toBytes(data, encoding));
    if (flush) getFs().fsyncSync(file);
    return;
  }
  const { path, flags, mode } = getTarget(file, options);
  if (flush) {
    const fd = ops.open(path, flags, mode);
    try {
      writeAllSync(fd, toBytes(data, encoding));
      getFs().fsyncSync(fd);
    } finally {
      ops.close(fd);
    }
  } else if (typeof data === 'string' && (!encoding || isUtf8(encoding))) {
    ops.writeFileText(path, data, flags, mode);
  } else {
    ops.writeFileFrom(path, toBytes(data, encoding), flags, mode);
  }
}

function writeFileSync(path, data, options) {
  replaceSync(path, data, getWriteOptions(options, writeDefaults));
}

function appendFileSync(path, data, options) {
  replaceSync(path, data, getWriteOptions(options, appendDefaults));
}

function replace(file, data, options, callback) {
  validateData(data);
  const done = voidCallback(callback);
  const { encoding, flush, signal } = options;
  if (isFd(file) || flush || signal !== undefined) {
    const target = isFd(file) ? undefined : getTarget(file, options);
    replacePieces(file, target, data, options, flushCallback).then(
      () => process.nextTick(done, null), (error) => process.nextTick(done, error));
    return;
  }
  const { path, flags, mode } = getTarget(file, options);
  if (typeof data === 'string' && (!encoding || isUtf8(encoding))) ops.writeFileText(path, data, flags, mode, done);
  else ops.writeFile(path, toBytes(data, encoding), flags, mode, done);
}

// Programs see to it that fs.fsync is called.
function flushCallback(fd) {
  return new Promise((resolve, reject) => {
    getFs().fsync(fd, (error) => (error ? reject(error) : resolve()));
  });
}

function flushPromise(fd) {
  return promised((done) => ops.fsync(fd, done));
}

function writeFile(path, data, options, callback) {
  callback ||= options;
  validateFunction(callback, 'cb');
  replace(path, data, getWriteOptions(options, writeDefaults), callback);
}

function appendFile(path, data, options, callback) {
  callback ||= options;
  validateFunction(callback, 'cb');
  replace(path, data, getWriteOptions(options, appendDefaults), callback);
}

async function replacePieces(file, target, data, { encoding, flush, signal }, flushed) {
  throwIfAborted(signal);
  const fd = target === undefined ? file :
    await promised((done) => ops.open(target.path, target.flags, target.mode, done));
  try {
    await writeData(fd, data, encoding, signal);
    if (flush) await flushed(fd);
  } finally {
    if (target !== undefined) await promised((done) => ops.close(fd, done));
  }
}

function isIterableOfPieces(data) {
  return data != null && typeof data !== 'string' && !ArrayBuffer.isView(data) &&
    (typeof data[Symbol.asyncIterator] === 'function' || typeof data[Symbol.iterator] === 'function');
}

async function writeData(fd, data, encoding, signal) {
  if (!isIterableOfPieces(data)) {
    await writeAll(fd, toBytes(data, encoding), signal);
    return;
  }
  throwIfAborted(signal);
  for await (const piece of data) {
    throwIfAborted(signal);
    const bytes = ArrayBuffer.isView(piece) ? bytesOf(piece) : getBuffer().from(piece, encoding || 'utf8');
    await writeAll(fd, bytes, signal);
    throwIfAborted(signal);
  }
}

async function writeAll(fd, bytes, signal) {
  for (let at = 0; at < bytes.length;) {
    throwIfAborted(signal);
    const piece = bytes.subarray(at, at + CHUNK);
    at += await promised((done) => ops.write(fd, piece, -1, done));
  }
}

// The promise forms; `file` is a path or descriptor. They alone take iterables, streams among them.
async function replacePromise(file, data, options) {
  if (!isIterableOfPieces(data)) {
    validateData(data);
    const { encoding, flush, signal } = options;
    if (!isFd(file) && !flush && signal === undefined) {
      const { path, flags, mode } = getTarget(file, options);
      await promised((done) => {
        if (typeof data === 'string' && (!encoding || isUtf8(encoding))) {
          ops.writeFileText(path, data, flags, mode, done);
        } else {
          ops.writeFile(path, toBytes(data, encoding), flags, mode, done);
        }
      });
      return;
    }
  }
  const target = isFd(file) ? undefined : getTarget(file, options);
  await replacePieces(file, target, data, options, flushPromise);
}

function writeFilePromise(file, data, options) {
  return replacePromise(file, data, getWriteOptions(options, writeDefaults));
}

function appendFilePromise(file, data, options) {
  return replacePromise(file, data, getWriteOptions(options, appendDefaults));
}

module.exports = {
  appendFile,
  appendFilePromise,
  appendFileSync,
  readDefaults,
  readFile,
  readFilePromise,
  readFileSync,
  writeFile,
  writeFilePromise,
  writeFileSync,
};
