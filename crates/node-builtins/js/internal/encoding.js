'use strict';
// TextEncoder and TextDecoder (Encoding Standard). All labels and legacy encodings are the binding's knowledge;
// UTF-8 that arrives whole needs no decoder object.

const {
  ERR_ENCODING_INVALID_ENCODED_DATA,
  ERR_ENCODING_NOT_SUPPORTED,
  ERR_INVALID_ARG_TYPE,
  ERR_INVALID_THIS,
} = require('internal/errors').codes;
const { kValidateObjectAllowObjectsAndNull, validateObject, validateString } = require('internal/validators');
const { customInspectSymbol, kEnumerableProperty } = require('internal/util');
const { asBytes, isUint8Array } = require('internal/buffer_bytes');
const { encodeUtf8, utf8 } = require('internal/buffer_codecs');
const lazy = require('internal/lazy');

const getInspect = lazy(() => require('internal/util/inspect').inspect);
const getTypes = lazy(() => require('internal/util/types'));

const { isView } = ArrayBuffer;

// Up to this length JavaScript encodes faster than a call into Rust.
const SHORT = 32;

// ---- TextEncoder

// How many units of `source` the first `written` of its UTF-8 bytes stand for.
function unitsIn(source, written) {
  let units = 0;
  for (let bytes = 0; units < source.length;) {
    const unit = source.charCodeAt(units);
    const pair = (unit & 0xfc00) === 0xd800 && (source.charCodeAt(units + 1) & 0xfc00) === 0xdc00;
    bytes += pair ? 4 : unit < 0x80 ? 1 : unit < 0x800 ? 2 : 3;
    if (bytes > written) break;
    units += pair ? 2 : 1;
  }
  return units;
}

let isEncoder;

class TextEncoder {
  // Marks instances; there is no state.
  #encoder = true;

  static {
    isEncoder = (value) => typeof value === 'object' && value !== null && #encoder in value;
  }

  get encoding() {
    if (!isEncoder(this)) throw new ERR_INVALID_THIS('TextEncoder');
    return 'utf-8';
  }

  encode(input = '') {
    if (!isEncoder(this)) throw new ERR_INVALID_THIS('TextEncoder');
    input = `${input}`;
    if (input.length > SHORT) return encodeUtf8(input);
    const bytes = new Uint8Array(utf8.byteLength(input));
    utf8.write(bytes, input, 0, bytes.length);
    return bytes;
  }

  encodeInto(src, dest) {
    if (!isEncoder(this)) throw new ERR_INVALID_THIS('TextEncoder');
    validateString(src, 'src');
    if (!dest || !isUint8Array(dest)) throw new ERR_INVALID_ARG_TYPE('dest', 'Uint8Array', dest);
    const written = utf8.write(dest, src, 0, dest.length);
    return { read: dest.length >= src.length * 3 ? src.length : unitsIn(src, written), written };
  }

  [customInspectSymbol](depth, options) {
    if (!isEncoder(this)) throw new ERR_INVALID_THIS('TextEncoder');
    if (typeof depth === 'number' && depth < 0) return options.stylize('[TextEncoder]', 'special');
    return getInspect()({ encoding: this.encoding });
  }
}

Object.defineProperties(TextEncoder.prototype, {
  encode: kEnumerableProperty,
  encodeInto: kEnumerableProperty,
  encoding: kEnumerableProperty,
  [customInspectSymbol]: { __proto__: null, enumerable: false },
  [Symbol.toStringTag]: { __proto__: null, configurable: true, value: 'TextEncoder' },
});

// ---- TextDecoder

// The name of the encoding that a label means, in lower case; undefined if it means none.
function getEncodingFromLabel(label) {
  return label === 'utf-8' || label === 'utf8' ? 'utf-8' : binding.encodingForLabel(label);
}

function inputBytes(input) {
  if (isView(input)) return asBytes(input);
  if (getTypes().isAnyArrayBuffer(input)) return input.byteLength === 0 ? new Uint8Array(0) : new Uint8Array(input);
  throw Object.assign(
    new TypeError('The "list" argument must be an instance of SharedArrayBuffer, ArrayBuffer or ArrayBufferView.'),
    { code: 'ERR_INVALID_ARG_TYPE' });
}

// What inspection with hidden properties shows as flags.
const FATAL = 2;
const IGNORE_BOM = 4;

let isDecoder;

class TextDecoder {
  #encoding;
  #fatal;
  #ignoreBOM;
  // Holds what an earlier part of the stream left over; for UTF-8 there is none between streams.
  #decoder = undefined;

  static {
    isDecoder = (value) => typeof value === 'object' && value !== null && #encoding in value;
  }

  constructor(label = 'utf-8', options = undefined) {
    label = `${label}`;
    if (options !== undefined) validateObject(options, 'options', kValidateObjectAllowObjectsAndNull);
    const encoding = getEncodingFromLabel(label);
    if (encoding === undefined || encoding === 'replacement') {
      throw new ERR_ENCODING_NOT_SUPPORTED(encoding ?? label);
    }
    this.#encoding = encoding;
    this.#fatal = Boolean(options?.fatal);
    this.#ignoreBOM = Boolean(options?.ignoreBOM);
  }

  decode(input = undefined, options = undefined) {
    if (!isDecoder(this)) throw new ERR_INVALID_THIS('TextDecoder');
    const bytes = input === undefined ? new Uint8Array(0) : inputBytes(input);
    if (options !== undefined) validateObject(options, 'options', kValidateObjectAllowObjectsAndNull);
    const stream = Boolean(options?.stream);
    if (this.#encoding === 'utf-8' && !stream && this.#decoder === undefined) return this.#decodeWhole(bytes);

    this.#decoder ??= binding.newDecoder(this.#encoding, this.#ignoreBOM);
    const text = binding.decode(this.#decoder, bytes, stream, this.#fatal);
    if (!stream || text === undefined) this.#decoder = undefined;
    if (text === undefined) throw this.#invalidData();
    return text;
  }

  #decodeWhole(bytes) {
    const { length } = bytes;
    const bom = !this.#ignoreBOM && length >= 3 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
    if (!this.#fatal) return utf8.slice(bytes, bom ? 3 : 0, length);
    const text = binding.decodeValidUtf8(bytes, bom ? 3 : 0);
    if (text === undefined) throw this.#invalidData();
    return text;
  }

  #invalidData() {
    return new ERR_ENCODING_INVALID_ENCODED_DATA(this.#encoding, undefined);
  }

  get encoding() {
    if (!isDecoder(this)) throw new ERR_INVALID_THIS('TextDecoder');
    return this.#encoding;
  }

  get fatal() {
    if (!isDecoder(this)) throw new ERR_INVALID_THIS('TextDecoder');
    return this.#fatal;
  }

  get ignoreBOM() {
    if (!isDecoder(this)) throw new ERR_INVALID_THIS('TextDecoder');
    return this.#ignoreBOM;
  }

  [customInspectSymbol](depth, options) {
    if (!isDecoder(this)) throw new ERR_INVALID_THIS('TextDecoder');
    if (typeof depth === 'number' && depth < 0) return options.stylize('[TextDecoder]', 'special');
    const shown = { encoding: this.#encoding, fatal: this.#fatal, ignoreBOM: this.#ignoreBOM };
    if (options.showHidden) {
      shown[Symbol('flags')] = (this.#fatal ? FATAL : 0) | (this.#ignoreBOM ? IGNORE_BOM : 0);
      shown[Symbol('handle')] = this.#decoder;
    }
    return `${this.constructor.name} ${getInspect()(shown)}`;
  }
}

Object.defineProperties(TextDecoder.prototype, {
  decode: kEnumerableProperty,
  encoding: kEnumerableProperty,
  fatal: kEnumerableProperty,
  ignoreBOM: kEnumerableProperty,
  [customInspectSymbol]: { __proto__: null, enumerable: false },
  [Symbol.toStringTag]: { __proto__: null, configurable: true, value: 'TextDecoder' },
});

module.exports = { TextDecoder, TextEncoder, getEncodingFromLabel };
