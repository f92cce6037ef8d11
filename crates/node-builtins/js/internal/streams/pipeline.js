'use strict';
// Owns pipeline(): streams, iterables, functions and web streams connected one
// after the other, all destroyed when one of them fails, with one callback at
// the end.

const process = require('process');
const lazy = require('internal/lazy');
const {
  aggregateTwoErrors,
  AbortError,
  codes: {
    ERR_INVALID_ARG_TYPE,
    ERR_INVALID_RETURN_VALUE,
    ERR_MISSING_ARGS,
    ERR_STREAM_DESTROYED,
    ERR_STREAM_PREMATURE_CLOSE,
    ERR_STREAM_UNABLE_TO_PIPE,
  },
} = require('internal/errors');
const { validateAbortSignal, validateFunction } = require('internal/validators');
const { AbortController } = require('internal/abort_controller');
const { addAbortListener } = require('internal/events/abort_listener');
const { destroyer } = require('internal/streams/destroy');
const { eos } = require('internal/streams/end_of_stream');
const {
  isIterable,
  isReadable,
  isReadableNodeStream,
  isReadableFinished,
  isNodeStream,
  isTransformStream,
  isWebStream,
  isReadableStream,
} = require('internal/streams/utils');

const getDuplex = lazy(() => require('internal/streams/duplex'));
const getPassThrough = lazy(() => require('internal/streams/passthrough'));
const getReadable = lazy(() => require('internal/streams/readable'));

function pipeline(...streams) {
  const callback = streams[streams.length - 1];
  validateFunction(callback, 'streams[stream.length - 1]');
  streams.pop();
  return run(streams, callback);
}

/**
 * `options`: signal, and `end` (false: the last stream is not ended). Answers
 * with the last stream.
 */
function run(streams, callback, options) {
  if (streams.length === 1 && Array.isArray(streams[0])) streams = streams[0];
  if (streams.length < 2) throw new ERR_MISSING_ARGS('streams');
  return new Pipeline(streams, callback, options).connect();
}

class Pipeline {
  #streams;
  #callback;
  #called = false;
  #options;
  // For the functions in it: aborted when the whole thing is over.
  #controller = new AbortController();
  #abortListener;
  /** How many parts have to end before it is over. */
  #unfinished = 0;
  #error;
  /** What a function at the end has resolved to. */
  #value;
  #destroys = [];
  /** What to undo on a last stream that others go on reading. */
  #cleanups = [];

  constructor(streams, callback, options) {
    this.#streams = streams;
    this.#callback = callback;
    this.#options = options;
    const signal = options?.signal;
    validateAbortSignal(signal, 'options.signal');
    if (signal) this.#abortListener = addAbortListener(signal, this.#abort);
  }

  #abort = () => {
    this.#end(new AbortError(undefined, { cause: this.#options?.signal?.reason }), false);
  };

  /** One part has ended, well or with an error. */
  #finish = (error) => {
    this.#end(error, --this.#unfinished === 0);
  };

  /** Something failed that does not count as the end of a part. */
  #fail = (error) => {
    this.#end(error, false);
  };

  #end(error, last) {
    // The cause comes before its consequences, except that a premature close
    // is never the cause.
    if (error && (!this.#error || this.#error.code === 'ERR_STREAM_PREMATURE_CLOSE')) {
      this.#error = error;
    }
    if (!this.#error && !last) return;

    while (this.#destroys.length > 0) this.#destroys.shift()(this.#error);
    this.#abortListener?.[Symbol.dispose]();
    this.#controller.abort();
    if (last) {
      if (!this.#error) for (const cleanup of this.#cleanups) cleanup();
      if (!this.#called) {
        this.#called = true;
        process.nextTick(this.#callback, this.#error, this.#value);
      }
    }
  }

  connect() {
    const streams = this.#streams;
    const lastIndex = streams.length - 1;
    let result;
    for (let i = 0; i <= lastIndex; i++) {
      const stream = streams[i];
      const end = i < lastIndex || this.#options?.end !== false;
      if (isNodeStream(stream)) this.#watch(stream, i, end);

      if (i === 0) {
        result = this.#source(stream);
      } else if (typeof stream === 'function') {
        const source = iterableOf(isTransformStream(result) ? result?.readable : result);
        result = stream(source, { signal: this.#controller.signal });
        if (i === lastIndex) {
          result = this.#streamOf(result, end);
        } else if (!isIterable(result, true)) {
          throw new ERR_INVALID_RETURN_VALUE('AsyncIterable', `transform[${i - 1}]`, result);
        }
      } else if (isNodeStream(stream)) {
        this.#intoNodeStream(result, stream, end, i === lastIndex);
        result = stream;
      } else if (isWebStream(stream)) {
        this.#intoWebStream(result, stream, end);
        result = stream;
      } else {
        result = getDuplex().from(stream);
      }
    }
    if (this.#controller.signal.aborted || this.#options?.signal?.aborted) {
      process.nextTick(this.#abort);
    }
    return result;
  }

  /** Has the stream destroyed at a failure, and its errors heard. */
  #watch(stream, index, end) {
    const lastIndex = this.#streams.length - 1;
    const next = index < lastIndex ? this.#streams[index + 1] : null;
    if (next !== null && (next?.closed || next?.destroyed)) throw new ERR_STREAM_UNABLE_TO_PIPE();

    const staysReadable = isReadable(stream) && index === lastIndex;
    if (end) this.#destroyAtEnd(stream, index < lastIndex, index > 0, staysReadable);

    // Also after everything has been piped.
    const onError = (error) => {
      if (error && error.name !== 'AbortError' && error.code !== 'ERR_STREAM_PREMATURE_CLOSE') {
        this.#fail(error);
      }
    };
    stream.on('error', onError);
    if (staysReadable) this.#cleanups.push(() => { stream.removeListener('error', onError); });
  }

  #destroyAtEnd(stream, reading, writing, cleans) {
    let finished = false;
    stream.on('close', () => { finished = true; });
    const cleanup = eos(stream, { readable: reading, writable: writing }, (error) => {
      finished = !error;
    });
    this.#destroys.push((error) => {
      if (finished) return;
      finished = true;
      destroyer(stream, error || new ERR_STREAM_DESTROYED('pipe'));
    });
    if (cleans) this.#cleanups.push(cleanup);
  }

  #source(stream) {
    if (typeof stream === 'function') {
      const source = stream({ signal: this.#controller.signal });
      if (!isIterable(source)) {
        throw new ERR_INVALID_RETURN_VALUE('Iterable, AsyncIterable or Stream', 'source', source);
      }
      return source;
    }
    if (isIterable(stream) || isReadableNodeStream(stream) || isTransformStream(stream)) {
      return stream;
    }
    return getDuplex().from(stream);
  }

  /** A stream of what the function at the end answered, for the result to be one always. */
  #streamOf(result, end) {
    const PassThrough = getPassThrough();
    const proxy = new PassThrough({ objectMode: true });
    // Reading `then` twice may give two functions.
    const then = result?.then;
    if (typeof then === 'function') {
      this.#unfinished++;
      then.call(result, (value) => {
        this.#value = value;
        if (value != null) proxy.write(value);
        if (end) proxy.end();
        process.nextTick(this.#finish);
      }, (error) => {
        proxy.destroy(error);
        process.nextTick(this.#finish, error);
      });
    } else if (isIterable(result, true)) {
      this.#unfinished++;
      pumpToNode(result, proxy, this.#finish, end);
    } else if (isReadableStream(result) || isTransformStream(result)) {
      this.#unfinished++;
      pumpToNode(result.readable || result, proxy, this.#finish, end);
    } else {
      throw new ERR_INVALID_RETURN_VALUE('AsyncIterable or Promise', 'destination', result);
    }
    this.#destroyAtEnd(proxy, false, true, true);
    return proxy;
  }

  #intoNodeStream(source, stream, end, isLast) {
    if (isReadableNodeStream(source)) {
      this.#unfinished += 2;
      const cleanup = pipe(source, stream, this.#finish, this.#fail, end);
      if (isReadable(stream) && isLast) this.#cleanups.push(cleanup);
    } else if (isTransformStream(source) || isReadableStream(source)) {
      this.#unfinished++;
      pumpToNode(source.readable || source, stream, this.#finish, end);
    } else if (isIterable(source)) {
      this.#unfinished++;
      pumpToNode(source, stream, this.#finish, end);
    } else {
      throw notASource(source);
    }
  }

  #intoWebStream(source, stream, end) {
    let iterable;
    if (isReadableNodeStream(source)) iterable = iterableOf(source);
    else if (isReadableStream(source) || isIterable(source)) iterable = source;
    else if (isTransformStream(source)) iterable = source.readable;
    else throw notASource(source);
    this.#unfinished++;
    pumpToWeb(iterable, stream, this.#finish, end);
  }
}

function notASource(value) {
  return new ERR_INVALID_ARG_TYPE(
    'val', ['Readable', 'Iterable', 'AsyncIterable', 'ReadableStream', 'TransformStream'], value);
}

function iterableOf(value) {
  if (isIterable(value)) return value;
  if (isReadableNodeStream(value)) return chunksOfLegacy(value);
  throw new ERR_INVALID_ARG_TYPE('val', ['Readable', 'Iterable', 'AsyncIterable'], value);
}

// Not before somebody iterates: until then errors are the pipeline's.
async function* chunksOfLegacy(stream) {
  yield* getReadable().prototype[Symbol.asyncIterator].call(stream);
}

function pipe(source, dest, finish, fail, end) {
  let ended = false;
  dest.on('close', () => {
    if (!ended) fail(new ERR_STREAM_PREMATURE_CLOSE());
  });

  // Ended below: pipe() would spare stdout.
  source.pipe(dest, { end: false });
  if (end) {
    const endDest = () => {
      ended = true;
      dest.end();
    };
    if (isReadableFinished(source)) process.nextTick(endDest);
    else source.once('end', endDest);
  } else {
    finish();
  }

  eos(source, { readable: true, writable: false }, (error) => {
    const state = source._readableState;
    if (error?.code === 'ERR_STREAM_PREMATURE_CLOSE' &&
        state?.ended && !state.errored && !state.errorEmitted) {
      // Some streams emit 'close' before 'end', which still comes.
      source.once('end', finish).once('error', finish);
    } else {
      finish(error);
    }
  });
  return eos(dest, { readable: false, writable: true }, finish);
}

async function pumpToNode(iterable, writable, finish, end) {
  let error;
  let wake = null;
  const resume = (failure) => {
    if (failure) error = failure;
    if (wake !== null) {
      const callback = wake;
      wake = null;
      callback();
    }
  };
  const wait = () => new Promise((resolve, reject) => {
    if (error) {
      reject(error);
    } else {
      wake = () => {
        if (error) reject(error);
        else resolve();
      };
    }
  });

  writable.on('drain', resume);
  const cleanup = eos(writable, { readable: false }, resume);
  try {
    if (writable.writableNeedDrain) await wait();
    for await (const chunk of iterable) {
      if (!writable.write(chunk)) await wait();
    }
    if (end) {
      writable.end();
      await wait();
    }
    finish();
  } catch (thrown) {
    finish(error === thrown ? thrown : aggregateTwoErrors(error, thrown));
  } finally {
    cleanup();
    writable.off('drain', resume);
  }
}

async function pumpToWeb(iterable, writable, finish, end) {
  if (isTransformStream(writable)) writable = writable.writable;
  // Its writer has been closed or errored if this fails; that is how it learns of it.
  const writer = writable.getWriter();
  try {
    for await (const chunk of iterable) {
      await writer.ready;
      writer.write(chunk).catch(() => {});
    }
    await writer.ready;
    if (end) await writer.close();
    finish();
  } catch (error) {
    try {
      await writer.abort(error);
      finish(error);
    } catch (abortError) {
      finish(abortError);
    }
  }
}

module.exports = { run, pipeline };
