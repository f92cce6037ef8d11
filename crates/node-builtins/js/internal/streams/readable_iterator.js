'use strict';
// Owns async iteration over readable streams.

const { aggregateTwoErrors } = require('internal/errors');
const { validateObject } = require('internal/validators');
const { destroyer } = require('internal/streams/destroy');
const { eos } = require('internal/streams/end_of_stream');

function asyncIterator() {
  return iterate(this, undefined);
}

/** As iterating over the stream itself, with the choice of not destroying it on an early exit. */
function iterator(options) {
  if (options !== undefined) validateObject(options, 'options');
  return iterate(this, options);
}

function iterate(stream, options) {
  if (typeof stream.read !== 'function') {
    stream = require('internal/streams/readable').wrap(stream, { objectMode: true });
  }
  const chunks = chunksOf(stream, options);
  chunks.stream = stream;
  return chunks;
}

async function* chunksOf(stream, options) {
  // Undefined: still going; null: ended.
  let error;
  let wake = null;
  function wakeUp() {
    if (wake === null) return;
    const resolve = wake;
    wake = null;
    resolve();
  }
  function sleep(resolve) {
    wake = resolve;
  }

  stream.on('readable', wakeUp);
  const cleanup = eos(stream, { writable: false }, (failure) => {
    error = failure ? aggregateTwoErrors(error, failure) : null;
    wakeUp();
  });

  try {
    for (;;) {
      const chunk = stream.destroyed ? null : stream.read();
      if (chunk !== null) yield chunk;
      else if (error) throw error;
      else if (error === null) return;
      else await new Promise(sleep);
    }
  } catch (thrown) {
    error = aggregateTwoErrors(error, thrown);
    throw error;
  } finally {
    // Left early: the stream goes, unless that was not wanted.
    if ((error || options?.destroyOnReturn !== false) &&
        (error === undefined || stream._readableState.autoDestroy)) {
      destroyer(stream, null);
    } else {
      stream.off('readable', wakeUp);
      cleanup();
    }
  }
}

module.exports = { iterator, asyncIterator };
