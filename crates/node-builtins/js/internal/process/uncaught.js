'use strict';
// Errors that nobody caught: whom they are told to, in Node's order, and what is printed
// when nobody takes them. Also the one function that may take them all.

const process = require('process');
const lazy = require('internal/lazy');
const { codes } = require('internal/errors');
const { getOptionValue } = require('internal/options');

const getReport = lazy(() => require('internal/process/report_error'));

let capture = null;
const additionalCaptures = [];
let fatalReporter;

// node:domain's part, once that is loaded, and the stack of whoever loaded it.
let takenByDomain;
let domainStack;

function setDomainHandler(handler) {
  if (capture !== null) throw new codes.ERR_DOMAIN_CALLBACK_NOT_AVAILABLE();
  takenByDomain = handler;
  domainStack = new Error('require(`domain`) at this point').stack;
}

function setUncaughtExceptionCaptureCallback(fn) {
  if (takenByDomain !== undefined) {
    const error = new codes.ERR_DOMAIN_CANNOT_SET_UNCAUGHT_EXCEPTION_CAPTURE();
    error.stack += `\n${'-'.repeat(40)}\n${domainStack}`;
    throw error;
  }
  if (fn === null) {
    capture = null;
    return;
  }
  if (typeof fn !== 'function') {
    throw new codes.ERR_INVALID_ARG_TYPE('fn', ['Function', 'null'], fn);
  }
  if (capture !== null) throw new codes.ERR_UNCAUGHT_EXCEPTION_CAPTURE_ALREADY_SET();
  capture = fn;
}

const hasUncaughtExceptionCaptureCallback = () => capture !== null;

/** Functions that are asked before the one above, until one of them says true. */
function addUncaughtExceptionCaptureCallback(fn) {
  if (typeof fn !== 'function') throw new codes.ERR_INVALID_ARG_TYPE('fn', 'Function', fn);
  additionalCaptures.unshift(fn);
}

const mustAbort = () => getOptionValue('--abort-on-uncaught-exception') === true;

function isTaken(error, fromPromise) {
  const type = fromPromise ? 'unhandledRejection' : 'uncaughtException';
  process.emit('uncaughtExceptionMonitor', error, type);
  for (let i = 0; i < additionalCaptures.length; i++) {
    if (additionalCaptures[i](error) === true) return true;
  }
  if (capture !== null) {
    capture(error);
    return true;
  }
  if (takenByDomain?.(error)) return true;
  // It aborts where the error is thrown: listeners come too late.
  if (mustAbort()) return false;
  return process.emit('uncaughtException', error, type);
}

/** As Node's internals call it: whether the error was taken. */
function _fatalException(error, fromPromise) {
  if (isTaken(error, fromPromise)) return true;
  if (mustAbort()) return false;
  try {
    if (!process._exiting) {
      process.exitCode = 1;
      process._exiting = true;
      process.emit('exit', 1);
    }
  } catch {
    // The first error is the one to be told of.
  }
  return false;
}

/**
 * An error reached the event loop. Whether the program takes it; where it does not, it is
 * printed and the program ends. `thrownAt`: the stack of the place that threw it, if the
 * engine kept one.
 */
function handle(error, fromPromise, thrownAt) {
  let code = 7;
  try {
    // Programs that replace it see errors before everybody else.
    if (typeof process._fatalException !== 'function') code = 6;
    else if (process._fatalException(error, fromPromise)) {
      leaveContexts();
      return true;
    } else code = require('internal/process/exit').finalCode(1);
  } catch (second) {
    error = second;
    thrownAt = undefined;
  }
  end(error, thrownAt, code);
  return false;
}

// The callback that threw has not ended what it began: its async hooks' contexts and its frame.
function leaveContexts() {
  const { isLoaded, load } = require('internal/builtins');
  if (isLoaded('internal/async_hooks')) load('internal/async_hooks').unwindAsyncIdStack();
  if (isLoaded('internal/async_context')) load('internal/async_context').setFrame(undefined);
}

function end(error, thrownAt, code) {
  if (fatalReporter !== undefined) {
    fatalReporter(error, code);
    return;
  }
  getReport().print(error, thrownAt);
  writeReport(error);
  if (mustAbort()) process.abort();
  require('internal/process/exit').reallyExit(code);
}

function writeReport(error) {
  const { isLoaded } = require('internal/builtins');
  if (!isLoaded('internal/process/report') && !getOptionValue('--report-uncaught-exception')) return;
  require('internal/process/report').reportUncaught(error);
}

/** An error that JavaScript found for itself, as from a rejected entry point. */
function triggerUncaughtException(error, fromPromise) {
  handle(error, fromPromise);
}

/** Where errors of a worker go instead of standard error; it ends the worker, too. */
function setFatalReporter(reporter) {
  fatalReporter = reporter;
}

module.exports = {
  _fatalException,
  addUncaughtExceptionCaptureCallback,
  handle,
  setDomainHandler,
  hasUncaughtExceptionCaptureCallback,
  setFatalReporter,
  setUncaughtExceptionCaptureCallback,
  triggerUncaughtException,
};
