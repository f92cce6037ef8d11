'use strict';
// Signals: sending them with process.kill, and hearing of them as events of process.

const process = require('process');
const { codes: { ERR_INVALID_ARG_TYPE, ERR_UNKNOWN_SIGNAL } } = require('internal/errors');
const { beginResource, callInResource, endResource } = require('internal/async_hooks');
const { setCallReferenced } = require('internal/event_loop');

const numberOf = (name) => require('os').constants.signals[name];

/** Sends a signal; zero, or a negative error number. */
function _kill(pid, signal) {
  return binding.kill(pid, signal);
}

function kill(pid, signal) {
  // eslint-disable-next-line eqeqeq
  if (pid != (pid | 0)) throw new ERR_INVALID_ARG_TYPE('pid', 'number', pid);
  let number;
  if (typeof signal === 'number') {
    number = signal;
  } else {
    const name = signal || 'SIGTERM';
    number = numberOf(name);
    if (number === undefined) throw new ERR_UNKNOWN_SIGNAL(name);
  }
  // Programs replace it to see what is sent.
  const error = process._kill(pid | 0, number);
  if (error) {
    const { ErrnoException } = require('internal/errors');
    throw new ErrnoException(error, 'kill');
  }
  return true;
}

// Watched signals by name. Watching does not end: without a listener a signal does
// what it does by default.
const watched = new Map();

// What hooks know of them while somebody listens.
const resources = new Map();

function start(name) {
  if (!resources.has(name) && numberOf(name) !== undefined) resources.set(name, beginResource('SIGNALWRAP'));
  if (watched.has(name)) return;
  const number = numberOf(name);
  if (number === undefined) return;
  const watch = binding.watch(number);
  watched.set(name, watch);
  if (watch !== undefined) listen(watch, name, number);
}

function stop(name) {
  endResource(resources.get(name));
  resources.delete(name);
}

// Signals that somebody else has taken already, by name.
const taken = new Map();

/** The next signal of this name is not for the program. */
function ignoreNext(name) {
  if (watched.get(name) !== undefined) taken.set(name, (taken.get(name) ?? 0) + 1);
}

function isTaken(name) {
  const count = taken.get(name) ?? 0;
  if (count > 0) taken.set(name, count - 1);
  return count > 0;
}

function listen(watch, name, number) {
  const call = binding.arrived(watch, (error, count) => {
    if (error !== null) return;
    listen(watch, name, number);
    for (let i = 0; i < count; i++) {
      if (isTaken(name)) continue;
      if (!callInResource(resources.get(name), process.emit, process, name, name, number)) binding.emulateDefault(number);
    }
  });
  setCallReferenced(call, false);
}

/** Ends the process as the signal does where nobody listens for it. */
function end(name) {
  binding.emulateDefault(numberOf(name));
}

module.exports = { _kill, end, ignoreNext, kill, start, stop };
