'use strict';
// Owns pipeTo(): chunks from a readable to a writable stream, as fast as the
// latter takes them, and the end of either handed on to the other.

const { AbortError, codes: { ERR_INVALID_STATE } } = require('internal/errors');
const { DOMException } = require('internal/domexception');
const { addAbortListener } = require('internal/events/abort_listener');
const { enqueueMicrotask } = require('internal/task_queues');
const { react, nop, resolvedUndefined } = require('internal/webstreams/util');
const { cancel } = require('internal/webstreams/readablestream');
const { acquireDefaultReader } = require('internal/webstreams/readers');
const { WriterRecord } = require('internal/webstreams/writable_records');

class Pipe {
  constructor(source, dest, options) {
    this.source = source;
    this.dest = dest;
    this.options = options;
    this.reader = acquireDefaultReader(source);
    this.writer = new WriterRecord(dest);
    source.disturbed = true;
    this.shuttingDown = false;
    this.pendingWrites = 0;
    // The same for all writes: it does not matter which of them are done.
    const onWritten = () => {
      this.pendingWrites--;
      this.checkWrites();
    };
    this.writeRequest = { resolve: onWritten, reject: onWritten };
    this.onWritesDone = undefined;
    /** Whether step() is on the stack, so that a chunk need not wait. */
    this.stepping = false;
    this.reading = false;
    this.sourceEnded = false;
    this.abortListener = undefined;
    this.result = Promise.withResolvers();
    this.waitsForReady = false;
    const step = () => { this.step(); };
    this.writer.onReady = () => {
      if (!this.waitsForReady) return;
      this.waitsForReady = false;
      enqueueMicrotask(step);
    };
  }

  start() {
    const { signal } = this.options;
    if (signal !== undefined) {
      if (signal.aborted) {
        this.abort(signal.reason);
        return;
      }
      this.abortListener = addAbortListener(signal, () => { this.abort(signal.reason); });
    }
    this.watch();
    this.step();
  }

  abort(reason) {
    // The web's abort errors are all DOMExceptions.
    if (reason instanceof AbortError) reason = new DOMException(reason.message, 'AbortError');
    const { source, dest, options } = this;
    const actions = [];
    if (!options.preventAbort) {
      actions.push(() => (dest.state === 'writable' ? dest.abort(reason) : resolvedUndefined));
    }
    if (!options.preventCancel) {
      actions.push(() =>
        (source.state === 'readable' ? cancel(source, reason) : resolvedUndefined));
    }
    this.shutDown(() => Promise.all(actions.map((action) => action())), true, reason);
  }

  /** Hands on what happens, or has happened already, to either end. */
  watch() {
    const { source, dest, reader, writer, options } = this;

    const sourceErrored = (reason) => {
      this.shutDown(options.preventAbort ? undefined : () => dest.abort(reason), true, reason);
    };
    const destErrored = (reason) => {
      this.shutDown(
        options.preventCancel ? undefined : () => cancel(source, reason), true, reason);
    };
    const sourceClosed = () => {
      this.shutDown(
        options.preventClose ? undefined : () => writer.closeWithErrorPropagation(), false);
    };

    if (source.state === 'errored') sourceErrored(source.storedError);
    else react(reader.closedPromise, nop, sourceErrored);
    if (dest.state === 'errored') destErrored(dest.storedError);
    else react(writer.closed, nop, destErrored);
    if (source.state === 'closed') sourceClosed();
    else react(reader.closedPromise, sourceClosed, nop);

    if (dest.closeQueuedOrInFlight() || dest.state === 'closed') {
      const reason = new ERR_INVALID_STATE.TypeError('Destination WritableStream is closed');
      destErrored(reason);
    }
  }

  /** Moves chunks as long as there are any and they are wanted. */
  step() {
    this.stepping = true;
    while (!this.shuttingDown && !this.reading && !this.sourceEnded) {
      const { desiredSize } = this.writer;
      if (desiredSize === null) break;
      if (desiredSize <= 0) {
        this.waitsForReady = true;
        break;
      }
      this.reading = true;
      this.reader.read(this);
    }
    this.stepping = false;
  }

  chunkSteps(chunk) {
    if (this.stepping) {
      this.reading = false;
      this.write(chunk);
    } else {
      // Whoever enqueues a chunk must not find himself in write().
      enqueueMicrotask(() => {
        this.reading = false;
        // Over already, because the destination takes no more.
        if (this.writer.stream === undefined) return;
        this.write(chunk);
        this.checkWrites();
        this.step();
      });
    }
  }

  write(chunk) {
    this.pendingWrites++;
    this.writer.submit(chunk, this.writeRequest);
  }

  // What follows from these is in watch().
  closeSteps() {
    this.reading = false;
    this.sourceEnded = true;
  }

  errorSteps() {
    this.reading = false;
    this.sourceEnded = true;
  }

  /** Ends the pipe after what has been read is written and `action` is done. */
  shutDown(action, isError, reason) {
    if (this.shuttingDown) return;
    this.shuttingDown = true;
    const finish = () => {
      if (action === undefined) {
        this.finalize(isError, reason);
        return;
      }
      react(action(),
            () => { this.finalize(isError, reason); },
            (failure) => { this.finalize(true, failure); });
    };
    if (this.dest.state === 'writable' && !this.dest.closeQueuedOrInFlight()) {
      this.afterWrites(finish);
    } else {
      finish();
    }
  }

  /** Calls `finish` when all chunks that were read are written, or have failed to be. */
  afterWrites(finish) {
    this.onWritesDone = finish;
    this.checkWrites();
  }

  checkWrites() {
    // Not within the write that ends: the stream has to hear of it first.
    if (this.onWritesDone === undefined || this.pendingWrites > 0 || this.chunkUnderWay()) return;
    const finish = this.onWritesDone;
    this.onWritesDone = undefined;
    enqueueMicrotask(finish);
  }

  /** Whether a chunk was read whose turn to be written is the next microtask. */
  chunkUnderWay() {
    return this.reading && this.reader.requests.length === 0;
  }

  finalize(isError, reason) {
    this.writer.release();
    this.reader.release();
    this.abortListener?.[Symbol.dispose]();
    if (isError) this.result.reject(reason);
    else this.result.resolve();
  }
}

module.exports = function pipeTo(source, dest, options) {
  const pipe = new Pipe(source, dest, options);
  pipe.start();
  return pipe.result.promise;
};
