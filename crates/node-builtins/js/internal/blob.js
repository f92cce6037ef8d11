'use strict';
// Blob (File API) over pieces of memory and of files, and the registry behind URL.createObjectURL.
// Pieces are never changed, so blobs share them. File is in internal/file.

const {
  ERR_BUFFER_TOO_LARGE,
  ERR_INVALID_ARG_TYPE,
  ERR_INVALID_STATE,
  ERR_INVALID_THIS,
} = require('internal/errors').codes;
const { validateDictionary, validateOneOf } = require('internal/validators');
const { customInspectSymbol, kEnumerableProperty } = require('internal/util');
const { isAnyArrayBuffer } = require('internal/util/types');
const { kMaxLength } = require('internal/buffer');
const { asBytes } = require('internal/buffer_bytes');
const { encodeUtf8 } = require('internal/buffer_codecs');
const { kClone, kDeserialize } = require('internal/structured_clone/symbols');
const lazy = require('internal/lazy');

const getInspect = lazy(() => require('internal/util/inspect').inspect);
const getDOMException = lazy(() => require('internal/domexception').DOMException);
const getReadableStream = lazy(() => require('internal/webstreams/readablestream').ReadableStream);
const getDecoder = lazy(() => new (require('internal/encoding').TextDecoder)());

// What a stream or a reader of a file takes at once.
const CHUNK = 65536;

// ---- Pieces: a Uint8Array, or a part of a file

class FilePiece {
  constructor(path, size, mtimeMs, start, end) {
    this.path = path;
    this.size = size;
    this.mtimeMs = mtimeMs;
    this.start = start;
    this.end = end;
  }

  get length() {
    return this.end - this.start;
  }

  slice(start, end) {
    return new FilePiece(this.path, this.size, this.mtimeMs, this.start + start, this.start + end);
  }

  // A file that is not what it was makes the blob unreadable.
  check(stats) {
    if (stats.size !== this.size || stats.mtimeMs !== this.mtimeMs) throw notReadable();
  }
}

function notReadable() {
  return new (getDOMException())('The blob could not be read', 'NotReadableError');
}

function slicePieces(pieces, start, end) {
  const result = [];
  let at = 0;
  for (const piece of pieces) {
    const from = Math.max(start - at, 0);
    const to = Math.min(end - at, piece.length);
    if (from < to || (piece.length === 0 && start <= at && at <= end)) {
      result.push(piece instanceof FilePiece ? piece.slice(from, to) : piece.subarray(from, to));
    }
    at += piece.length;
  }
  return result;
}

async function* readPieces(pieces) {
  for (const piece of pieces) {
    if (piece instanceof FilePiece) yield* readFile(piece);
    else for (let at = 0; at < piece.length; at += CHUNK) yield piece.subarray(at, at + CHUNK);
  }
}

async function* readFile(piece) {
  let handle;
  try {
    handle = await require('fs/promises').open(piece.path);
  } catch {
    throw notReadable();
  }
  try {
    piece.check(await handle.stat());
    for (let at = piece.start; at < piece.end;) {
      const wanted = Math.min(CHUNK, piece.end - at);
      const { bytesRead, buffer } = await handle.read(new Uint8Array(wanted), 0, wanted, at);
      piece.check(await handle.stat());
      if (bytesRead === 0) throw notReadable();
      yield buffer.subarray(0, bytesRead);
      at += bytesRead;
    }
  } finally {
    await handle.close();
  }
}

// All bytes, in memory of their own.
async function concatenate(pieces, length) {
  const bytes = new Uint8Array(length);
  let at = 0;
  const inMemory = !pieces.some((piece) => piece instanceof FilePiece);
  const parts = inMemory ? pieces : readPieces(pieces);
  if (inMemory) {
    for (const part of parts) {
      bytes.set(part, at);
      at += part.length;
    }
    return bytes;
  }
  for await (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function nativeLineEnd() {
  return require('process').platform === 'win32' ? '\r\n' : '\n';
}

function isBytes(value) {
  return ArrayBuffer.isView(value) || isAnyArrayBuffer(value);
}

// Bytes, blobs and, of everything else, the texts: in the order in which Web IDL converts a sequence.
function partsOf(sources) {
  const isObject = (typeof sources === 'object' && sources !== null) || typeof sources === 'function';
  const method = isObject ? sources[Symbol.iterator] : undefined;
  if (typeof method !== 'function') throw new ERR_INVALID_ARG_TYPE('sources', 'a sequence', sources);
  const parts = [];
  for (const source of { [Symbol.iterator]: () => method.call(sources) }) {
    parts.push(isBytes(source) || isBlob(source) ? source : `${source}`);
  }
  return parts;
}

function pieceOf(part, endings) {
  if (ArrayBuffer.isView(part)) return asBytes(part).slice();
  if (typeof part !== 'string') return new Uint8Array(part).slice();
  return encodeUtf8(endings === 'native' ? part.replace(/\r\n|\r|\n/g, nativeLineEnd()) : part);
}

function normalizeType(type) {
  type = `${type}`;
  return /[^\x20-\x7e]/.test(type) ? '' : type.toLowerCase();
}

// ---- Blob

let make;
let piecesOf;
let isBlob;

// Given to the constructor in place of sources; the options then are pieces and a type that are right already.
const kPieces = Symbol('pieces');

class Blob {
  #pieces = [];
  #length = 0;
  #type = '';

  static {
    make = (pieces, type) => new Blob(kPieces, { pieces, type });
    piecesOf = (blob) => blob.#pieces;
    isBlob = (value) => typeof value === 'object' && value !== null && #pieces in value;
  }

  constructor(sources = [], options = undefined) {
    if (sources === kPieces) {
      this.#pieces = options.pieces;
      this.#type = options.type;
    } else {
      const parts = partsOf(sources);
      validateDictionary(options, 'options');
      let { endings = 'transparent', type = '' } = options ?? { __proto__: null };
      endings = `${endings}`;
      validateOneOf(endings, 'options.endings', ['transparent', 'native']);
      for (const part of parts) {
        if (isBlob(part)) this.#pieces.push(...part.#pieces);
        else this.#pieces.push(pieceOf(part, endings));
      }
      this.#type = normalizeType(type);
    }
    for (const piece of this.#pieces) this.#length += piece.length;
    if (this.#length > kMaxLength) throw new ERR_BUFFER_TOO_LARGE(kMaxLength);
  }

  [customInspectSymbol](depth, options) {
    if (typeof depth === 'number' && depth < 0) return options.stylize('[Blob]', 'special');
    const inner = { ...options, depth: options.depth == null ? null : options.depth - 1 };
    return `Blob ${getInspect()({ size: this.size, type: this.type }, inner)}`;
  }

  get type() {
    if (!isBlob(this)) throw new ERR_INVALID_THIS('Blob');
    return this.#type;
  }

  get size() {
    if (!isBlob(this)) throw new ERR_INVALID_THIS('Blob');
    return this.#length;
  }

  slice(start = 0, end = undefined, contentType = '') {
    if (!isBlob(this)) throw new ERR_INVALID_THIS('Blob');
    const length = this.#length;
    start = clamp(start, length);
    end = end === undefined ? length : clamp(end, length);
    return make(slicePieces(this.#pieces, start, Math.max(start, end)), normalizeType(contentType));
  }

  async arrayBuffer() {
    if (!isBlob(this)) throw new ERR_INVALID_THIS('Blob');
    return (await concatenate(this.#pieces, this.#length)).buffer;
  }

  async text() {
    if (!isBlob(this)) throw new ERR_INVALID_THIS('Blob');
    return getDecoder().decode(await concatenate(this.#pieces, this.#length));
  }

  async bytes() {
    if (!isBlob(this)) throw new ERR_INVALID_THIS('Blob');
    return concatenate(this.#pieces, this.#length);
  }

  // What another thread needs to make the same blob.
  [kClone]() {
    if (this.#pieces.some((piece) => piece instanceof FilePiece)) {
      throw new ERR_INVALID_STATE('File-backed Blobs are not cloneable');
    }
    // A piece may be a small part of a large buffer, all of which would be copied.
    const pieces = this.#pieces.map((piece) => (piece.length < piece.buffer.byteLength ? piece.slice() : piece));
    return { data: { pieces, type: this.#type }, deserializeInfo: 'internal/blob:ClonedBlob' };
  }

  [kDeserialize]({ pieces, type }) {
    this.#pieces = pieces;
    this.#length = pieces.reduce((sum, piece) => sum + piece.length, 0);
    this.#type = type;
  }

  stream() {
    if (!isBlob(this)) throw new ERR_INVALID_THIS('Blob');
    const chunks = readPieces(this.#pieces);
    return new (getReadableStream())({
      type: 'bytes',
      async pull(controller) {
        const { value, done } = await chunks.next();
        if (done) {
          controller.close();
          controller.byobRequest?.respond(0);
        } else {
          // a copy, since the stream takes the memory over
          controller.enqueue(value.slice());
        }
      },
      cancel() {
        return chunks.return();
      },
    }, { highWaterMark: 0 });
  }
}

// Web IDL's [Clamp]: to the nearest integer, halves to the even one.
function clamp(index, length) {
  index = +index || 0;
  const floor = Math.floor(index);
  index = index - floor === 0.5 ? floor + Math.abs(floor % 2) : Math.round(index);
  return index < 0 ? Math.max(length + index, 0) : Math.min(index, length);
}

Object.defineProperties(Blob.prototype, {
  [customInspectSymbol]: { __proto__: null, enumerable: false },
  [Symbol.toStringTag]: { __proto__: null, configurable: true, value: 'Blob' },
  size: kEnumerableProperty,
  type: kEnumerableProperty,
  slice: kEnumerableProperty,
  stream: kEnumerableProperty,
  text: kEnumerableProperty,
  arrayBuffer: kEnumerableProperty,
  bytes: kEnumerableProperty,
});

// A blob that reads the file when it is read itself, and only while the file stays as it is now.
function createBlobFromFilePath(path, { type = '' } = {}) {
  let stats;
  try {
    stats = require('fs').statSync(path);
  } catch {
    throw notReadable();
  }
  return make([new FilePiece(path, stats.size, stats.mtimeMs, 0, stats.size)], normalizeType(type));
}

// Made where a message arrives, then filled by [kDeserialize].
function ClonedBlob() {
  return new Blob();
}
ClonedBlob.prototype = Blob.prototype;

// ---- Object URLs

const registry = new Map();

function createObjectURL(obj) {
  if (!isBlob(obj)) throw new ERR_INVALID_ARG_TYPE('obj', 'Blob', obj);
  const id = require('crypto').randomUUID();
  registry.set(id, make(piecesOf(obj), obj.type));
  return `blob:nodedata:${id}`;
}

// The id in an object URL of ours, whatever fragment it has.
function idOf(url) {
  const parsed = require('internal/url').URL.parse(`${url}`);
  if (parsed === null || parsed.protocol !== 'blob:') return undefined;
  const [kind, id, ...more] = parsed.pathname.split(':');
  return kind === 'nodedata' && more.length === 0 ? id : undefined;
}

function revokeObjectURL(url) {
  registry.delete(idOf(url));
}

function resolveObjectURL(url) {
  const blob = registry.get(idOf(url));
  return blob && make(piecesOf(blob), blob.type);
}

module.exports = {
  Blob,
  ClonedBlob,
  createBlobFromFilePath,
  createObjectURL,
  isBlob,
  resolveObjectURL,
  revokeObjectURL,
};
