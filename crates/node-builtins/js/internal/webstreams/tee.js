'use strict';
// Owns tee(): two streams of one.

const { enqueueMicrotask } = require('internal/task_queues');
const { react, nop, cloneAsUint8Array } = require('internal/webstreams/util');
const {
  createReadableStream,
  createReadableByteStream,
  cancel,
} = require('internal/webstreams/readablestream');
const { acquireDefaultReader, acquireByobReader } = require('internal/webstreams/readers');

function tee(stream, cloneForSecond) {
  const branches = stream.controller.isByteController ?
    new ByteTee(stream).branches :
    new DefaultTee(stream, cloneForSecond).branches;
  return [branches[0].owner, branches[1].owner];
}

/** What both kinds share: the branches' cancellation, which is the stream's when both want it. */
class Tee {
  constructor(stream) {
    this.stream = stream;
    this.reading = false;
    this.cancelled = [false, false];
    this.reasons = [undefined, undefined];
    this.cancelResult = Promise.withResolvers();
    this.branches = undefined;
  }

  cancel(index, reason) {
    this.cancelled[index] = true;
    this.reasons[index] = reason;
    if (this.cancelled[1 - index]) {
      this.cancelResult.resolve(cancel(this.stream, [this.reasons[0], this.reasons[1]]));
    }
    return this.cancelResult.promise;
  }

  settleCancel() {
    if (!this.cancelled[0] || !this.cancelled[1]) this.cancelResult.resolve();
  }

  /** Fails both branches when the stream fails under this reader. */
  forwardErrors(reader) {
    react(reader.closedPromise, nop, (reason) => {
      if (reader !== this.reader) return;
      this.branches[0].controller.error(reason);
      this.branches[1].controller.error(reason);
      this.settleCancel();
    });
  }
}

class DefaultTee extends Tee {
  constructor(stream, cloneForSecond) {
    super(stream);
    this.reader = acquireDefaultReader(stream);
    this.readAgain = false;
    this.cloneForSecond = cloneForSecond;
    const pull = () => this.pull();
    this.branches = [0, 1].map((index) =>
      createReadableStream(undefined, pull, (reason) => this.cancel(index, reason)));
    this.forwardErrors(this.reader);
  }

  pull() {
    if (this.reading) {
      this.readAgain = true;
      return;
    }
    this.reading = true;
    this.reader.read(this);
  }

  chunkSteps(chunk) {
    // Not at once: an error of the stream has to be seen first.
    enqueueMicrotask(() => {
      this.readAgain = false;
      for (let index = 0; index < 2; index++) {
        if (!this.cancelled[index]) this.branches[index].controller.enqueue(chunk);
      }
      this.reading = false;
      if (this.readAgain) this.pull();
    });
  }

  closeSteps() {
    this.reading = false;
    for (let index = 0; index < 2; index++) {
      if (!this.cancelled[index]) this.branches[index].controller.close();
    }
    this.settleCancel();
  }

  errorSteps() {
    this.reading = false;
  }
}

class ByteTee extends Tee {
  constructor(stream) {
    super(stream);
    this.reader = acquireDefaultReader(stream);
    this.readAgainFor = [false, false];
    this.branches = [0, 1].map((index) => createReadableByteStream(
      undefined, () => this.pull(index), (reason) => this.cancel(index, reason)));
    this.forwardErrors(this.reader);
  }

  pull(index) {
    if (this.reading) {
      this.readAgainFor[index] = true;
      return;
    }
    this.reading = true;
    const { controller } = this.branches[index];
    const request = controller.getByobRequest();
    if (request === undefined) this.pullWithDefaultReader();
    else this.pullWithByobReader(request.view, index);
  }

  finishReading() {
    this.reading = false;
    if (this.readAgainFor[0]) this.pull(0);
    else if (this.readAgainFor[1]) this.pull(1);
  }

  /** The same bytes once more, or undefined after all has failed with the copying. */
  clone(chunk) {
    try {
      return cloneAsUint8Array(chunk);
    } catch (reason) {
      this.branches[0].controller.error(reason);
      this.branches[1].controller.error(reason);
      this.cancelResult.resolve(cancel(this.stream, reason));
      return undefined;
    }
  }

  pullWithDefaultReader() {
    if (this.reader.isByob) {
      this.reader.release();
      this.reader = acquireDefaultReader(this.stream);
      this.forwardErrors(this.reader);
    }
    this.reader.read({
      chunkSteps: (chunk) => {
        enqueueMicrotask(() => {
          this.readAgainFor = [false, false];
          let second = chunk;
          if (!this.cancelled[0] && !this.cancelled[1]) {
            second = this.clone(chunk);
            if (second === undefined) return;
          }
          if (!this.cancelled[0]) this.branches[0].controller.enqueue(chunk);
          if (!this.cancelled[1]) this.branches[1].controller.enqueue(second);
          this.finishReading();
        });
      },
      closeSteps: () => {
        this.reading = false;
        for (let index = 0; index < 2; index++) {
          if (!this.cancelled[index]) this.branches[index].controller.close();
        }
        for (const { controller } of this.branches) {
          if (controller.pendingPullIntos.length > 0) controller.respond(0);
        }
        this.settleCancel();
      },
      errorSteps: () => { this.reading = false; },
    });
  }

  /** Reads into the memory that the consumer of one branch has brought. */
  pullWithByobReader(view, index) {
    if (!this.reader.isByob) {
      this.reader.release();
      this.reader = acquireByobReader(this.stream);
      this.forwardErrors(this.reader);
    }
    const byobBranch = this.branches[index].controller;
    const otherBranch = this.branches[1 - index].controller;
    this.reader.readInto(view, 1, {
      chunkSteps: (chunk) => {
        enqueueMicrotask(() => {
          this.readAgainFor = [false, false];
          const byobCancelled = this.cancelled[index];
          if (!this.cancelled[1 - index]) {
            const copy = this.clone(chunk);
            if (copy === undefined) return;
            if (!byobCancelled) byobBranch.respondWithNewView(chunk);
            otherBranch.enqueue(copy);
          } else if (!byobCancelled) {
            byobBranch.respondWithNewView(chunk);
          }
          this.finishReading();
        });
      },
      closeSteps: (chunk) => {
        this.reading = false;
        const byobCancelled = this.cancelled[index];
        const otherCancelled = this.cancelled[1 - index];
        if (!byobCancelled) byobBranch.close();
        if (!otherCancelled) otherBranch.close();
        if (chunk !== undefined) {
          if (!byobCancelled) byobBranch.respondWithNewView(chunk);
          if (!otherCancelled && otherBranch.pendingPullIntos.length > 0) otherBranch.respond(0);
        }
        if (!byobCancelled || !otherCancelled) this.cancelResult.resolve();
      },
      errorSteps: () => { this.reading = false; },
    });
  }
}

module.exports = { tee };
