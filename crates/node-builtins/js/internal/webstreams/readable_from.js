'use strict';
// Owns ReadableStream.from(): a stream of what an iterable yields, pulled one
// at a time.

const { codes: { ERR_ARG_NOT_ITERABLE, ERR_INVALID_STATE } } = require('internal/errors');
const { createReadableStream } = require('internal/webstreams/readablestream');

/** The iterator, its next(), and whether it is an async one. */
function getIterator(iterable) {
  let method = iterable[Symbol.asyncIterator];
  const isAsync = method != null;
  if (!isAsync) method = iterable[Symbol.iterator];
  if (typeof method !== 'function') throw new ERR_ARG_NOT_ITERABLE(iterable);
  const iterator = method.call(iterable);
  if (!isObject(iterator)) {
    throw new ERR_INVALID_STATE.TypeError('The iterator method must return an object');
  }
  return { iterator, next: iterator.next, isAsync };
}

function isObject(value) {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

module.exports = function from(iterable) {
  const { iterator, next, isAsync } = getIterator(iterable);

  async function pull() {
    const result = await next.call(iterator);
    if (!isObject(result)) {
      throw new ERR_INVALID_STATE.TypeError(
        'The promise returned by the iterator.next() method must fulfill with an object');
    }
    if (result.done) {
      stream.controller.close();
    } else {
      // A synchronous iterator may yield promises.
      stream.controller.enqueue(isAsync ? result.value : await result.value);
    }
  }

  async function cancel(reason) {
    const method = iterator.return;
    if (method === undefined || method === null) return;
    const result = method.call(iterator, reason);
    const settled = await result;
    if (!isObject(settled)) {
      throw new ERR_INVALID_STATE.TypeError(
        'The promise returned by the iterator.return() method must fulfill with an object');
    }
  }

  const stream = createReadableStream(undefined, pull, cancel, 0);
  return stream.owner;
};
