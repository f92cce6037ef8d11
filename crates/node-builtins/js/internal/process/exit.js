'use strict';
// The end of the program: process.exitCode, 'beforeExit' and 'exit', process.exit and abort,
// and process.execve, after which there is another program. Uncaught errors are elsewhere.

const process = require('process');
const { getOptionValue } = require('internal/options');

/** As it was set, so possibly a text. */
let exitCode;

function setExitCode(code) {
  if (code !== undefined && code !== null) {
    let value = code;
    if (typeof code === 'string' && code !== '' && Number.isInteger(+code)) value = +code;
    if (!Number.isSafeInteger(value)) require('internal/validators').validateInteger(value, 'code');
  }
  exitCode = code ?? undefined;
}

const getExitCode = () => exitCode;

let isOver = false;

/** Whether it was ended, so that nothing but its end is to be expected; on a worker it may take a while. */
const hasExited = () => isOver;

/** What the process ends with, as far as is known now. */
const finalCode = (fallback = 0) => Number(exitCode ?? fallback);

/** What process.exit does first: tells the program, and answers with the code that it ends with. */
function beginExit() {
  if (!process._exiting) {
    process._exiting = true;
    process.emit('exit', finalCode());
  }
  return finalCode();
}

// Methods, so that nobody takes them for constructors.
const { abort, reallyExit } = {
  abort() {
    // By the signal, whose number the parent is told, also where the program listens for it.
    require('internal/process/signals').end('SIGABRT');
    binding.abort();
  },
  /** Ends without telling the program. */
  reallyExit(code) {
    isOver = true;
    if (getOptionValue('--trace-exit')) traceExit(code);
    binding.reallyExit(Number(code) | 0);
  },
};

function traceExit(code) {
  const { capture, textOfStack } = require('internal/stack');
  const stack = textOfStack(capture(Error.stackTraceLimit, process.reallyExit));
  const { isMainThread, threadId } = require('worker_threads');
  const thread = isMainThread ? '' : `, thread:${threadId}`;
  process._rawDebug('%s', `(node:${process.pid}${thread}) WARNING: Exited the environment with code ${code}${stack}`);
}

/** Nothing keeps the loop alive any more, unless a listener does. */
function emitBeforeExit() {
  process.emit('beforeExit', finalCode());
}

/** Tells the program that it ends; answers with the code that it ends with then. */
function emitExit(code = 0) {
  if (process._exiting) return finalCode(code);
  process._exiting = true;
  if (exitCode === undefined) {
    const { isLoaded, load } = require('internal/builtins');
    // A program that still waits for what nobody can settle any more has not ended well.
    const unsettled = isLoaded('internal/modules/run_main') ?
      load('internal/modules/run_main').exitCodeIfUnsettled() : undefined;
    exitCode = unsettled ?? (code === 0 ? undefined : code);
  }
  process.emit('exit', finalCode());
  return finalCode();
}

const isWithoutNull = (text) => typeof text === 'string' && !text.includes('\0');

function execve(execPath, args = [], env = process.env) {
  const { validateArray, validateObject, validateString } = require('internal/validators');
  const { codes: { ERR_INVALID_ARG_VALUE, ERR_WORKER_UNSUPPORTED_OPERATION } } = require('internal/errors');
  if (!require('worker_threads').isMainThread) {
    throw new ERR_WORKER_UNSUPPORTED_OPERATION('process.execve()');
  }
  require('internal/util').emitExperimentalWarning('process.execve');
  validateString(execPath, 'execPath');
  validateArray(args, 'args');
  for (let i = 0; i < args.length; i++) {
    if (!isWithoutNull(args[i])) {
      throw new ERR_INVALID_ARG_VALUE(`args[${i}]`, args[i], 'must be a string without null bytes');
    }
  }
  if (env !== undefined) validateObject(env, 'env');
  const variables = [];
  for (const { 0: key, 1: value } of Object.entries(env)) {
    if (!isWithoutNull(key) || !isWithoutNull(value)) {
      throw new ERR_INVALID_ARG_VALUE(
        'env', env, 'must be an object with string keys and values without null bytes');
    }
    variables.push(key, value);
  }
  try {
    binding.replaceImage(execPath, args, variables);
  } catch (error) {
    process._rawDebug(`process.execve failed with error code ${error.code}\n${error.stack}`);
    process.abort();
  }
}

module.exports = {
  abort,
  beginExit,
  emitBeforeExit,
  emitExit,
  execve,
  finalCode,
  getExitCode,
  hasExited,
  reallyExit,
  setExitCode,
};
