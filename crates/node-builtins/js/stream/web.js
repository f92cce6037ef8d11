'use strict';
// Owns the public face of web streams: the classes of internal/webstreams,
// loaded when asked for.

const SOURCES = {
  __proto__: null,
  ReadableStream: 'readablestream',
  ReadableStreamDefaultReader: 'readers',
  ReadableStreamBYOBReader: 'readers',
  ReadableStreamBYOBRequest: 'byte_controller',
  ReadableByteStreamController: 'byte_controller',
  ReadableStreamDefaultController: 'default_controller',
  TransformStream: 'transformstream',
  TransformStreamDefaultController: 'transformstream',
  WritableStream: 'writablestream',
  WritableStreamDefaultController: 'writablestream',
  WritableStreamDefaultWriter: 'writablestream',
  ByteLengthQueuingStrategy: 'queuingstrategies',
  CountQueuingStrategy: 'queuingstrategies',
  TextEncoderStream: 'encoding',
  TextDecoderStream: 'encoding',
  CompressionStream: 'compression',
  DecompressionStream: 'compression',
};

for (const name of Object.keys(SOURCES)) {
  Object.defineProperty(exports, name, {
    __proto__: null,
    configurable: true,
    enumerable: true,
    get() {
      const value = require(`internal/webstreams/${SOURCES[name]}`)[name];
      // From now on as plain as other exports.
      Object.defineProperty(exports, name, {
        __proto__: null,
        configurable: true,
        enumerable: true,
        writable: true,
        value,
      });
      return value;
    },
    set(value) {
      Object.defineProperty(exports, name, {
        __proto__: null,
        configurable: true,
        enumerable: true,
        writable: true,
        value,
      });
    },
  });
}
