'use strict';
// What the command line and the environment change about the process before the program
// runs: warnings, deprecations, variables from files, the prototype's accessor, the channel
// to a parent process.

const lazy = require('internal/lazy');
const { getOptionValue } = require('internal/options');

const getWarning = lazy(() => require('internal/process/warning'));

/** Done while the process object is made: `process` itself cannot be required yet. */
function prepareProcess(process) {
  if (!getOptionValue('--deprecation')) process.noDeprecation = true;
  if (getOptionValue('--throw-deprecation')) process.throwDeprecation = true;
  if (getOptionValue('--trace-deprecation')) process.traceDeprecation = true;
  if (getOptionValue('--trace-warnings')) process.traceProcessWarnings = true;
}

/** Whether this process only watches the program, which is its child. That one may have the option from NODE_OPTIONS. */
function onlyWatches() {
  if (getOptionValue('--watch') !== true) return false;
  const { env, execArgv } = require('process');
  return env.WATCH_REPORT_DEPENDENCIES === undefined || execArgv.some((word) => /^--watch(?:$|=|-path)/.test(word));
}

/** Done once, right before the program. */
function prepareProgram() {
  const process = require('process');
  // the program reads them itself, each time it is run
  if (!onlyWatches()) loadEnvironmentFiles(process);
  const { env } = process;
  if (getOptionValue('--warnings') && env.NODE_NO_WARNINGS !== '1') {
    process.on('warning', function onWarning(warning) {
      getWarning().print(warning);
    });
  }
  const limit = getOptionValue('--stack-trace-limit');
  if (limit !== undefined) Error.stackTraceLimit = Number(limit);
  const title = getOptionValue('--title');
  if (title !== '') process.title = title;
  limitPrototypeAccess(getOptionValue('--disable-proto'));
  if (getOptionValue('--expose-gc') === true) require('internal/process/usage').exposeGarbageCollector();
  if (getOptionValue('--report-on-signal')) require('internal/process/report');
  if (env.NODE_CHANNEL_FD !== undefined && isMainThread()) openChannel(env);
}

function isMainThread() {
  return require('internal/worker/self').isMainThread;
}

function loadEnvironmentFiles(process) {
  const isGiven = (name) => getOptionValue(name).length > 0;
  if (!isGiven('--env-file') && !isGiven('--env-file-if-exists')) return;
  require('internal/process/loading').loadEnvironmentFiles(process);
}

function limitPrototypeAccess(mode) {
  if (mode === '') return;
  if (mode === 'delete') {
    delete Object.prototype.__proto__;
    return;
  }
  if (mode !== 'throw') {
    const process = require('process');
    process._rawDebug(`${process.execPath}: invalid mode passed to --disable-proto`);
    process.reallyExit(12);
  }
  const refuse = () => {
    const { codes: { ERR_PROTO_ACCESS } } = require('internal/errors');
    throw new ERR_PROTO_ACCESS();
  };
  Object.defineProperty(Object.prototype, '__proto__', {
    __proto__: null, get: refuse, set: refuse, enumerable: false, configurable: true,
  });
}

function openChannel(env) {
  const descriptor = Number.parseInt(env.NODE_CHANNEL_FD, 10);
  const mode = env.NODE_CHANNEL_SERIALIZATION_MODE || 'json';
  delete env.NODE_CHANNEL_FD;
  delete env.NODE_CHANNEL_SERIALIZATION_MODE;
  require('child_process')._forkChild(descriptor, mode);
}

module.exports = { onlyWatches, prepareProcess, prepareProgram };
