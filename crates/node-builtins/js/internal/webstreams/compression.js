'use strict';
// Owns CompressionStream and DecompressionStream: zlib's streams as pairs of
// web streams.

const { codes: { ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE } } =
  require('internal/errors');
const { customInspectSymbol } = require('internal/util');
const lazy = require('internal/lazy');
const { newReadableWritablePairFromDuplex } = require('internal/webstreams/adapters');
const { isSharedBuffer, customInspect, notDeclared, defineInterface } =
  require('internal/webstreams/util');

const getZlib = lazy(() => require('zlib'));

/** The constructors of zlib by format. */
const FORMATS = {
  '__proto__': null,
  'deflate': { compress: 'createDeflate', decompress: 'createInflate' },
  'deflate-raw': { compress: 'createDeflateRaw', decompress: 'createInflateRaw' },
  'gzip': { compress: 'createGzip', decompress: 'createGunzip' },
  'brotli': { compress: 'createBrotliCompress', decompress: 'createBrotliDecompress' },
};

function constructorsOf(format, className) {
  const constructors = FORMATS[`${format}`];
  if (constructors !== undefined) return constructors;
  const error = new ERR_INVALID_ARG_VALUE('format', format);
  error.message = `Failed to construct '${className}': 1st argument value '${format}' ` +
    'is not a valid enum value of type CompressionFormat.';
  throw error;
}

/** A chunk as zlib takes it, which has to be memory that nobody shares. */
function convertChunk(chunk) {
  if (chunk instanceof ArrayBuffer) return new Uint8Array(chunk);
  if (isSharedBuffer(chunk) || (ArrayBuffer.isView(chunk) && isSharedBuffer(chunk.buffer))) {
    throw new ERR_INVALID_ARG_TYPE('chunk', ['string', 'Buffer', 'TypedArray', 'DataView'], chunk);
  }
  return chunk;
}

class CompressionStream {
  #pair;

  constructor(format) {
    const { compress } = constructorsOf(format, 'CompressionStream');
    this.#pair =
      newReadableWritablePairFromDuplex(getZlib()[compress](), undefined, convertChunk);
  }

  get readable() {
    if (!(#pair in Object(this))) throw notDeclared('#pair');
    return this.#pair.readable;
  }

  get writable() {
    if (!(#pair in Object(this))) throw notDeclared('#pair');
    return this.#pair.writable;
  }

  [customInspectSymbol](depth, options) {
    return customInspect(this, depth, options, 'CompressionStream', {
      readable: this.#pair.readable,
      writable: this.#pair.writable,
    });
  }
}

class DecompressionStream {
  #pair;

  constructor(format) {
    const { decompress } = constructorsOf(format, 'DecompressionStream');
    // What follows the end of the data is an error here, as browsers have it.
    const duplex = getZlib()[decompress]({ rejectGarbageAfterEnd: true });
    this.#pair = newReadableWritablePairFromDuplex(duplex, undefined, convertChunk);
  }

  get readable() {
    if (!(#pair in Object(this))) throw notDeclared('#pair');
    return this.#pair.readable;
  }

  get writable() {
    if (!(#pair in Object(this))) throw notDeclared('#pair');
    return this.#pair.writable;
  }

  [customInspectSymbol](depth, options) {
    return customInspect(this, depth, options, 'DecompressionStream', {
      readable: this.#pair.readable,
      writable: this.#pair.writable,
    });
  }
}

defineInterface(CompressionStream, ['readable', 'writable']);
defineInterface(DecompressionStream, ['readable', 'writable']);

module.exports = { CompressionStream, DecompressionStream };
