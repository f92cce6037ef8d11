'use strict';
// Owns TextEncoderStream and TextDecoderStream.

const { codes: { ERR_INVALID_ARG_TYPE, ERR_INVALID_THIS } } = require('internal/errors');
const { TextDecoder, TextEncoder } = require('internal/encoding');
const { customInspectSymbol } = require('internal/util');
const { customInspect, notDeclared, defineInterface } = require('internal/webstreams/util');
const { TransformStream } = require('internal/webstreams/transformstream');

function isHighSurrogate(unit) {
  return unit >= 0xd800 && unit <= 0xdbff;
}

class TextEncoderStream {
  #encoder = new TextEncoder();
  /** The first half of a surrogate pair at the end of the last chunk. */
  #pending = '';
  #transform = new TransformStream({
    transform: (chunk, controller) => {
      // A template converts as Web IDL does: symbols do not.
      let text = `${this.#pending}${chunk}`;
      this.#pending = '';
      if (text.length > 0 && isHighSurrogate(text.charCodeAt(text.length - 1))) {
        this.#pending = text[text.length - 1];
        text = text.slice(0, -1);
      }
      if (text.length > 0) controller.enqueue(this.#encoder.encode(text));
    },
    flush: (controller) => {
      // No second half: a replacement character.
      if (this.#pending !== '') controller.enqueue(new Uint8Array([0xef, 0xbf, 0xbd]));
    },
  });

  get encoding() {
    if (!(#transform in Object(this))) throw notDeclared('#transform');
    return this.#encoder.encoding;
  }

  get readable() {
    if (!(#transform in Object(this))) throw notDeclared('#transform');
    return this.#transform.readable;
  }

  get writable() {
    if (!(#transform in Object(this))) throw notDeclared('#transform');
    return this.#transform.writable;
  }

  [customInspectSymbol](depth, options) {
    if (!(#transform in Object(this))) throw new ERR_INVALID_THIS('TextEncoderStream');
    return customInspect(this, depth, options, 'TextEncoderStream', {
      encoding: this.#encoder.encoding,
      readable: this.#transform.readable,
      writable: this.#transform.writable,
    });
  }
}

class TextDecoderStream {
  #decoder;
  #transform;

  constructor(encoding = 'utf-8', options = {}) {
    const decoder = this.#decoder = new TextDecoder(encoding, options);
    this.#transform = new TransformStream({
      transform(chunk, controller) {
        // decode() would take undefined for nothing.
        if (chunk === undefined) {
          throw new ERR_INVALID_ARG_TYPE('input', ['ArrayBuffer', 'ArrayBufferView'], chunk);
        }
        const text = decoder.decode(chunk, { stream: true });
        if (text !== '') controller.enqueue(text);
      },
      flush(controller) {
        const text = decoder.decode();
        if (text !== '') controller.enqueue(text);
      },
    });
  }

  get encoding() {
    if (!(#decoder in Object(this))) throw notDeclared('#decoder');
    return this.#decoder.encoding;
  }

  get fatal() {
    if (!(#decoder in Object(this))) throw notDeclared('#decoder');
    return this.#decoder.fatal;
  }

  get ignoreBOM() {
    if (!(#decoder in Object(this))) throw notDeclared('#decoder');
    return this.#decoder.ignoreBOM;
  }

  get readable() {
    if (!(#decoder in Object(this))) throw notDeclared('#decoder');
    return this.#transform.readable;
  }

  get writable() {
    if (!(#decoder in Object(this))) throw notDeclared('#decoder');
    return this.#transform.writable;
  }

  [customInspectSymbol](depth, options) {
    if (!(#decoder in Object(this))) throw new ERR_INVALID_THIS('TextDecoderStream');
    return customInspect(this, depth, options, 'TextDecoderStream', {
      encoding: this.#decoder.encoding,
      fatal: this.#decoder.fatal,
      ignoreBOM: this.#decoder.ignoreBOM,
      readable: this.#transform.readable,
      writable: this.#transform.writable,
    });
  }
}

defineInterface(TextEncoderStream, ['encoding', 'readable', 'writable']);
defineInterface(TextDecoderStream, ['encoding', 'fatal', 'ignoreBOM', 'readable', 'writable']);

module.exports = { TextEncoderStream, TextDecoderStream };
