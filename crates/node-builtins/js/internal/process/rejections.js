'use strict';
// Promises that are rejected while nobody handles them: noted when the engine says so,
// judged when the ticks and microtasks are through, by the mode of --unhandled-rejections.

const process = require('process');
const { getOptionValue } = require('internal/options');
const { getFrame, setFrame } = require('internal/async_context');
const { setRejectionProcessor } = require('internal/task_queues');

const { isError } = Error;

/** What is known of a rejected promise. */
class Rejection {
  constructor(promise, id, frame) {
    this.promise = promise;
    this.id = id;
    this.frame = frame;
  }
}

let lastId = 0;
// Rejected since the last time they were looked at, in order.
let pending = new Map();
// Those looked at, as long as they may still be handled.
const reported = new WeakMap();
// Handled after they had been reported.
let handledLate = [];

/** The engine's word: `promise` is rejected without a handler, or has got one. */
function track(promise, isHandled) {
  if (!isHandled) {
    pending.set(promise, new Rejection(promise, ++lastId, getFrame()));
    binding.notePending();
    return;
  }
  if (pending.delete(promise)) return;
  const rejection = reported.get(promise);
  if (rejection === undefined) return;
  reported.delete(promise);
  const warning = new Error(`Promise rejection was handled asynchronously (rejection id: ${rejection.id})`);
  warning.name = 'PromiseRejectionHandledWarning';
  warning.id = rejection.id;
  handledLate.push({ promise, warning });
  binding.notePending();
}

const { toString: tagOf } = Object.prototype;

/** A value as text, without running any of its code that would tell. */
function describe(value) {
  if (typeof value === 'symbol') return value.toString();
  if (typeof value === 'function') return Function.prototype.toString.call(value);
  if (typeof value !== 'object' || value === null) return `${value}`;
  try {
    if (value instanceof Error) return Error.prototype.toString.call(value);
    const { constructor } = value;
    if (value.toString === tagOf && typeof constructor === 'function') return `#<${constructor.name || 'Object'}>`;
    return tagOf.call(value);
  } catch {
    return '#<Object>';
  }
}

class UnhandledPromiseRejection extends Error {
  code = 'ERR_UNHANDLED_REJECTION';

  constructor(reason) {
    super('This error originated either by throwing inside of an async function without a catch block, or by ' +
      'rejecting a promise which was not handled with .catch(). The promise rejected with the reason ' +
      `"${describe(reason)}".`);
    this.name = 'UnhandledPromiseRejection';
  }
}

const isErrorLike = (value) =>
  typeof value === 'object' && value !== null && (isError(value) || Object.hasOwn(value, 'stack'));

function warn(rejection, reason) {
  const name = 'UnhandledPromiseRejectionWarning';
  const warning = new Error(
    'Unhandled promise rejection. This error originated either by throwing inside of an async function without ' +
    'a catch block, or by rejecting a promise which was not handled with .catch(). To terminate the node process ' +
    'on unhandled promise rejection, use the CLI flag `--unhandled-rejections=strict` (see ' +
    'https://nodejs.org/api/cli.html#cli_unhandled_rejections_mode). ' +
    `(rejection id: ${rejection.id})`);
  warning.name = name;
  try {
    if (isErrorLike(reason)) {
      warning.stack = reason.stack;
      process.emitWarning(reason.stack, name);
    } else {
      process.emitWarning(describe(reason), name);
    }
  } catch {
    // A reason that cannot be shown is not shown.
  }
  process.emitWarning(warning);
}

const tell = (rejection, reason) => process.emit('unhandledRejection', reason, rejection.promise);

function throwReason(reason) {
  const error = isErrorLike(reason) ? reason : new UnhandledPromiseRejection(reason);
  require('internal/process/uncaught').handle(error, true);
}

const modes = {
  __proto__: null,
  'strict'(rejection, reason) {
    throwReason(reason);
    if (!tell(rejection, reason)) warn(rejection, reason);
  },
  'warn'(rejection, reason) {
    tell(rejection, reason);
    warn(rejection, reason);
  },
  'none'(rejection, reason) {
    tell(rejection, reason);
  },
  'throw'(rejection, reason) {
    if (!tell(rejection, reason)) throwReason(reason);
  },
  'warn-with-error-code'(rejection, reason) {
    if (tell(rejection, reason)) return;
    warn(rejection, reason);
    process.exitCode = 1;
  },
};

let report;

/** Judges what is pending; whether there may be new ticks or microtasks now. */
function processRejections() {
  let hasDone = handledLate.length > 0;
  while (handledLate.length > 0) {
    const { promise, warning } = handledLate.shift();
    if (!process.emit('rejectionHandled', promise)) process.emitWarning(warning);
  }
  if (pending.size === 0) return hasDone;
  hasDone = true;
  report ??= modes[getOptionValue('--unhandled-rejections') || 'throw'];
  const rejections = pending;
  pending = new Map();
  for (const rejection of rejections.values()) {
    const { promise } = rejection;
    reported.set(promise, rejection);
    const outer = getFrame();
    setFrame(rejection.frame);
    try {
      report(rejection, binding.reason(promise));
    } finally {
      setFrame(outer);
    }
  }
  return hasDone;
}

setRejectionProcessor(processRejections);

module.exports = { track, processRejections };
