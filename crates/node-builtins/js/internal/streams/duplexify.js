'use strict';
// Owns Duplex.from(): a duplex stream of anything that can be read, written or
// run.

const process = require('process');
const {
  AbortError,
  codes: { ERR_INVALID_ARG_TYPE, ERR_INVALID_RETURN_VALUE },
} = require('internal/errors');
const { AbortController } = require('internal/abort_controller');
const { isBlob } = require('internal/blob');
const Duplex = require('internal/streams/duplex');
const Readable = require('internal/streams/readable');
const Writable = require('internal/streams/writable');
const from = require('internal/streams/from');
const { destroyer } = require('internal/streams/destroy');
const { eos } = require('internal/streams/end_of_stream');
const {
  isReadable,
  isWritable,
  isIterable,
  isNodeStream,
  isReadableNodeStream,
  isWritableNodeStream,
  isDuplexNodeStream,
  isReadableStream,
  isWritableStream,
} = require('internal/streams/utils');

class Duplexify extends Duplex {}

function duplexify(body, name) {
  if (isDuplexNodeStream(body)) return body;
  if (isReadableNodeStream(body)) return joined(body, undefined);
  if (isWritableNodeStream(body)) return joined(undefined, body);
  if (isNodeStream(body)) return joined(undefined, undefined);
  if (isReadableStream(body)) return joined(Readable.fromWeb(body), undefined);
  if (isWritableStream(body)) return joined(undefined, Writable.fromWeb(body));
  if (typeof body === 'function') return fromFunction(body, name);
  if (isBlob(body)) return duplexify(body.arrayBuffer());
  if (isIterable(body)) return from(Duplexify, body, { objectMode: true, writable: false });
  if (isReadableStream(body?.readable) && isWritableStream(body?.writable)) {
    return Duplexify.fromWeb(body);
  }
  if (typeof body?.writable === 'object' || typeof body?.readable === 'object') {
    const { readable, writable } = body;
    return joined(
      readable && !isReadableNodeStream(readable) ? duplexify(readable) : readable || undefined,
      writable && !isWritableNodeStream(writable) ? duplexify(writable) : writable || undefined);
  }
  if (typeof body?.then === 'function') return fromPromise(body);
  throw new ERR_INVALID_ARG_TYPE(name, [
    'Blob',
    'ReadableStream',
    'WritableStream',
    'Stream',
    'Iterable',
    'AsyncIterable',
    'Function',
    '{ readable, writable } pair',
    'Promise',
  ], body);
}

function fromPromise(promise) {
  const duplex = new Duplexify({ objectMode: true, writable: false, read() {} });
  promise.then((value) => {
    if (value != null) duplex.push(value);
    duplex.push(null);
  }, (error) => { destroyer(duplex, error); });
  return duplex;
}

function fromFunction(fn, name) {
  const { value, write, final, destroy } = runOverWrites(fn);
  if (isDuplexNodeStream(value)) return value;
  if (isIterable(value)) {
    return from(Duplexify, value, { objectMode: true, write, final, destroy });
  }

  const then = value?.then;
  if (typeof then !== 'function') {
    throw new ERR_INVALID_RETURN_VALUE('Iterable, AsyncIterable or AsyncFunction', name, value);
  }
  const promise = then.call(value, (result) => {
    if (result != null) throw new ERR_INVALID_RETURN_VALUE('nully', 'body', result);
  }, (error) => { destroyer(duplex, error); });
  const duplex = new Duplexify({
    objectMode: true,
    readable: false,
    write,
    final(callback) {
      final(async () => {
        try {
          await promise;
          process.nextTick(callback, null);
        } catch (error) {
          process.nextTick(callback, error);
        }
      });
    },
    destroy,
  });
  return duplex;
}

/** Calls `fn` with an async iterable of what will be written by the methods it answers with. */
function runOverWrites(fn) {
  let { promise, resolve } = Promise.withResolvers();
  const controller = new AbortController();
  const { signal } = controller;

  async function* written() {
    for (;;) {
      const awaited = promise;
      promise = null;
      const { chunk, done, callback } = await awaited;
      process.nextTick(callback);
      if (done) return;
      if (signal.aborted) throw new AbortError(undefined, { cause: signal.reason });
      ({ promise, resolve } = Promise.withResolvers());
      yield chunk;
    }
  }
  function deliver(entry) {
    const settle = resolve;
    resolve = null;
    settle(entry);
  }

  return {
    value: fn(written(), { signal }),
    write(chunk, encoding, callback) {
      deliver({ chunk, done: false, callback });
    },
    final(callback) {
      deliver({ chunk: undefined, done: true, callback });
    },
    destroy(error, callback) {
      controller.abort();
      callback(error);
    },
  };
}

/** One duplex stream of a readable and a writable, either of which may be missing. */
function joined(source, writer) {
  const reader = source && typeof source.read !== 'function' ? Readable.wrap(source) : source;
  const readable = !!isReadable(reader);
  const writable = !!isWritable(writer);

  let ondrain = null;
  let onfinish = null;
  let onreadable = null;
  // The callback of _destroy(), null when one side is over.
  let onclose;
  function onfinished(error) {
    const callback = onclose;
    onclose = null;
    if (callback) callback(error);
    else if (error) duplex.destroy(error);
  }

  const duplex = new Duplexify({
    readableObjectMode: !!reader?.readableObjectMode,
    writableObjectMode: !!writer?.writableObjectMode,
    readable,
    writable,
  });

  if (writable) {
    eos(writer, (error) => {
      if (error) destroyer(reader, error);
      onfinished(error);
    });
    duplex._write = function(chunk, encoding, callback) {
      if (writer.write(chunk, encoding)) callback();
      else ondrain = callback;
    };
    duplex._final = function(callback) {
      writer.end();
      onfinish = callback;
    };
    writer.on('drain', () => {
      const callback = ondrain;
      ondrain = null;
      if (callback) callback();
    });
    writer.on('finish', () => {
      const callback = onfinish;
      onfinish = null;
      if (callback) callback();
    });
  }

  if (readable) {
    eos(reader, (error) => {
      if (error) destroyer(reader, error);
      onfinished(error);
    });
    reader.on('readable', () => {
      const callback = onreadable;
      onreadable = null;
      if (callback) callback();
    });
    reader.on('end', () => { duplex.push(null); });
    duplex._read = function() {
      for (;;) {
        const chunk = reader.read();
        if (chunk === null) {
          onreadable = duplex._read;
          return;
        }
        if (!duplex.push(chunk)) return;
      }
    };
  }

  duplex._destroy = function(error, callback) {
    if (!error && onclose !== null) error = new AbortError();
    onreadable = null;
    ondrain = null;
    onfinish = null;
    if (onclose === null) {
      callback(error);
    } else {
      onclose = callback;
      destroyer(writer, error);
      destroyer(reader, error);
    }
  };
  return duplex;
}

module.exports = duplexify;
