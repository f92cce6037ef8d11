'use strict';
// Owns pipe() and unpipe() of readable streams: data goes to every destination
// at the pace of the slowest.

const process = require('process');
const { prependListener } = require('internal/streams/legacy');
const { errorOrDestroy } = require('internal/streams/destroy');

/** Under this name as Readable.prototype.pipe. */
function pipe(dest, options) {
  const source = this;
  const state = source._readableState;

  if (state.pipes.length === 1 && !state.multiAwaitDrain) {
    state.multiAwaitDrain = true;
    state.awaitDrainWriters = new Set(state.awaitDrainWriters ? [state.awaitDrainWriters] : []);
  }
  state.pipes.push(dest);

  const endsDest = options?.end !== false && dest !== process.stdout && dest !== process.stderr;
  const onSourceEnd = endsDest ? onend : unpipeThis;
  if (state.endEmitted) process.nextTick(onSourceEnd);
  else source.once('end', onSourceEnd);

  dest.on('unpipe', onunpipe);
  function onunpipe(readable, info) {
    if (readable === source && info && info.hasUnpiped === false) {
      info.hasUnpiped = true;
      cleanup();
    }
  }

  function onend() {
    dest.end();
  }

  let ondrain;
  let cleanedUp = false;
  function cleanup() {
    dest.removeListener('close', onclose);
    dest.removeListener('finish', onfinish);
    if (ondrain) dest.removeListener('drain', ondrain);
    dest.removeListener('error', onerror);
    dest.removeListener('unpipe', onunpipe);
    source.removeListener('end', onend);
    source.removeListener('end', unpipeThis);
    source.removeListener('data', ondata);
    cleanedUp = true;

    // The others must not wait for a 'drain' of this one. If it does not need
    // any, its 'drain' has been seen already.
    if (ondrain && state.awaitDrainWriters &&
        (!dest._writableState || dest._writableState.needDrain)) {
      ondrain();
    }
  }

  function pause() {
    // Unpiped within dest.write()? Then nobody waits for this destination.
    if (!cleanedUp) {
      if (state.pipes.length === 1 && state.pipes[0] === dest) {
        state.awaitDrainWriters = dest;
        state.multiAwaitDrain = false;
      } else if (state.pipes.length > 1 && state.pipes.includes(dest)) {
        state.awaitDrainWriters.add(dest);
      }
      source.pause();
    }
    if (!ondrain) {
      // Not before it is needed: most destinations of small data never drain.
      ondrain = () => onDestDrained(source, dest);
      dest.on('drain', ondrain);
    }
  }

  source.on('data', ondata);
  function ondata(chunk) {
    try {
      if (dest.write(chunk) === false) pause();
    } catch (error) {
      // It does not take such a chunk, or its _write() throws.
      dest.destroy(error);
    }
  }

  // Unpipes on errors, but leaves them to whoever listens.
  prependListener(dest, 'error', onerror);
  function onerror(error) {
    unpipeThis();
    dest.removeListener('error', onerror);
    if (dest.listenerCount('error') === 0) {
      const destState = dest._writableState || dest._readableState;
      if (destState && !destState.errorEmitted) errorOrDestroy(dest, error);
      else dest.emit('error', error);
    }
  }

  // Either says that it takes no more.
  dest.once('close', onclose);
  function onclose() {
    dest.removeListener('finish', onfinish);
    unpipeThis();
  }
  dest.once('finish', onfinish);
  function onfinish() {
    dest.removeListener('close', onclose);
    unpipeThis();
  }

  function unpipeThis() {
    source.unpipe(dest);
  }

  dest.emit('pipe', source);
  if (dest.writableNeedDrain === true) pause();
  else if (!state.flowing) source.resume();
  return dest;
}

function onDestDrained(source, dest) {
  const state = source._readableState;
  // With one pipe that is dest itself, with several a set.
  if (state.awaitDrainWriters === dest) state.awaitDrainWriters = null;
  else if (state.multiAwaitDrain) state.awaitDrainWriters.delete(dest);

  if ((!state.awaitDrainWriters || state.awaitDrainWriters.size === 0) &&
      source.listenerCount('data') > 0) {
    source.resume();
  }
}

/** Under this name as Readable.prototype.unpipe. Without `dest`: from all of them. */
function unpipe(dest) {
  const state = this._readableState;
  if (state.pipes.length === 0) return this;

  if (!dest) {
    const dests = state.pipes;
    state.pipes = [];
    this.pause();
    for (const each of dests) each.emit('unpipe', this, { hasUnpiped: false });
    return this;
  }

  const index = state.pipes.indexOf(dest);
  if (index === -1) return this;
  state.pipes.splice(index, 1);
  if (state.pipes.length === 0) this.pause();
  dest.emit('unpipe', this, { hasUnpiped: false });
  return this;
}

module.exports = { pipe, unpipe };
