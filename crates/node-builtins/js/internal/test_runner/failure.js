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

const isBuiltin = (line) => line.includes('(node:') || line.startsWith('    at node:');
const isInternal = (line) => line.includes('(node:internal/') || line.startsWith('    at node:internal/');

const isCallOfTest = (line) => line.includes('at runInTest (') || line.includes('at runInSuite (');

/** A failure without the frames of the runtime that threw it; the one that called the program tells whose it was. */
function failure(cause, kind) {
  const error = new ERR_TEST_FAILURE(cause, kind);
  const { stack } = error;
  const frames = stack.indexOf('\n    at ');
  if (frames === -1) return error;
  const lines = stack.slice(frames + 1).split('\n');
  const kept = lines.filter((line, i) => !isInternal(line) || (isCallOfTest(line) && i > 0 && !isBuiltin(lines[i - 1])));
  Object.defineProperty(error, 'stack', {
    __proto__: null,
    value: [stack.slice(0, frames), ...kept].join('\n'),
    writable: true,
    configurable: true,
    enumerable: false,
  });
  return error;
}

const isFailure = (error) => error?.code === 'ERR_TEST_FAILURE' && 'failureType' in error;

module.exports = { failure, isFailure, kinds };
