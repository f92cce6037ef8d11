'use strict';
// Why a test failed: ERR_TEST_FAILURE with its kind, and the value that was thrown as its cause.

const { codes: { ERR_TEST_FAILURE } } = require('internal/errors');

const kinds = {
  callbackAndPromise: 'callbackAndPromisePresent',
  cancelledByParent: 'cancelledByParent',
  aborted: 'testAborted',
  expectedFailure: 'expectedFailure',
  hook: 'hookFailed',
  multipleCallbacks: 'multipleCallbackInvocations',
  parentFinished: 'parentAlreadyFinished',
  subtests: 'subtestsFailed',
  testCode: 'testCodeFailure',
  timeout: 'testTimeoutFailure',
  uncaught: 'uncaughtException',
  unhandled: 'unhandledRejection',
};

const isInternalFrame = (line) => /^\s+at .*\(node:|^\s+at (?:async )?node:/.test(line);

/** A failure whose stack has only frames of the program, because it is thrown from in here. */
function failure(cause, kind) {
  const error = new ERR_TEST_FAILURE(cause, kind);
  const { stack } = error;
  const frames = stack.indexOf('\n    at ');
  if (frames === -1) return error;
  const kept = stack.slice(frames).split('\n').filter((line) => !isInternalFrame(line));
  Object.defineProperty(error, 'stack', {
    __proto__: null, value: stack.slice(0, frames) + kept.join('\n'), writable: true, configurable: true,
    enumerable: false,
  });
  return error;
}

const isFailure = (error) => error?.code === 'ERR_TEST_FAILURE' && 'failureType' in error;

module.exports = { failure, isFailure, kinds };
