'use strict';
// Owns the public face of streams: the classes and functions of
// internal/streams under one constructor, which is itself the oldest of them.

const { codes: { ERR_ILLEGAL_CONSTRUCTOR } } = require('internal/errors');
const { isArrayBufferView, isUint8Array } = require('internal/util/types');
const lazy = require('internal/lazy');
const { Buffer } = require('buffer');
const { Stream } = require('internal/streams/legacy');
const Readable = require('internal/streams/readable');
const Writable = require('internal/streams/writable');
const Duplex = require('internal/streams/duplex');
const Transform = require('internal/streams/transform');
const PassThrough = require('internal/streams/passthrough');
const { destroyer } = require('internal/streams/destroy');
const { eos } = require('internal/streams/end_of_stream');
const {
  isDestroyed,
  isDisturbed,
  isErrored,
  isReadable,
  isWritable,
} = require('internal/streams/utils');
const { setDefaultHighWaterMark, getDefaultHighWaterMark } = require('internal/streams/state');

const getPromises = lazy(() => require('stream/promises'));
const getOperators = lazy(() => require('internal/streams/operators'));
const kCustomPromisify = Symbol.for('nodejs.util.promisify.custom');

// Functions of files that most programs never need.
function pipeline(...streams) {
  return require('internal/streams/pipeline').pipeline(...streams);
}

function compose(...streams) {
  return require('internal/streams/compose')(...streams);
}

function addAbortSignal(signal, stream) {
  return require('internal/streams/add_abort_signal').addAbortSignal(signal, stream);
}

function duplexPair(options) {
  return require('internal/streams/duplexpair')(options);
}

function definePromisified(fn, name) {
  Object.defineProperty(fn, kCustomPromisify, {
    __proto__: null,
    enumerable: true,
    get() {
      return getPromises()[name];
    },
  });
}
definePromisified(pipeline, 'pipeline');
definePromisified(eos, 'finished');

// The operators, as methods that are no constructors. `length` as their
// functions have it, which are not loaded for this.
const STREAM_RETURNING = { drop: 1, filter: 2, flatMap: 2, map: 2, take: 1 };
const PROMISE_RETURNING = { every: 1, forEach: 2, reduce: 3, toArray: 1, some: 1, find: 2 };

function defineOperator(name, length, fn) {
  Object.defineProperties(fn, {
    name: { __proto__: null, value: name },
    length: { __proto__: null, value: length },
  });
  Object.defineProperty(Readable.prototype, name, {
    __proto__: null,
    value: fn,
    enumerable: false,
    configurable: true,
    writable: true,
  });
}

for (const name of Object.keys(STREAM_RETURNING)) {
  defineOperator(name, STREAM_RETURNING[name], function(...args) {
    if (new.target) throw new ERR_ILLEGAL_CONSTRUCTOR();
    const operator = getOperators().streamReturningOperators[name];
    return Readable.from(operator.apply(this, args));
  });
}
for (const name of Object.keys(PROMISE_RETURNING)) {
  defineOperator(name, PROMISE_RETURNING[name], function(...args) {
    if (new.target) throw new ERR_ILLEGAL_CONSTRUCTOR();
    return getOperators().promiseReturningOperators[name].apply(this, args);
  });
}

module.exports = Stream;
Stream.isDestroyed = isDestroyed;
Stream.isDisturbed = isDisturbed;
Stream.isErrored = isErrored;
Stream.isReadable = isReadable;
Stream.isWritable = isWritable;
Stream.Readable = Readable;
Stream.Writable = Writable;
Stream.Duplex = Duplex;
Stream.Transform = Transform;
Stream.PassThrough = PassThrough;
Stream.duplexPair = duplexPair;
Stream.pipeline = pipeline;
Stream.addAbortSignal = addAbortSignal;
Stream.finished = eos;
Stream.destroy = destroyer;
Stream.compose = compose;
Stream.setDefaultHighWaterMark = setDefaultHighWaterMark;
Stream.getDefaultHighWaterMark = getDefaultHighWaterMark;
Object.defineProperty(Stream, 'promises', {
  __proto__: null,
  configurable: true,
  enumerable: true,
  get: () => getPromises(),
});

// Programs of old take these from here.
Stream.Stream = Stream;
Stream._isArrayBufferView = isArrayBufferView;
Stream._isUint8Array = isUint8Array;
Stream._uint8ArrayToBuffer = function _uint8ArrayToBuffer(chunk) {
  return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
};
