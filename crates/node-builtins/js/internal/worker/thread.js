'use strict';
// A worker from the inside: what its thread does before the program runs, and how it speaks to the thread that
// started it.

const native = require('internal/worker/native');
const self = require('internal/worker/self');
const lazy = require('internal/lazy');
const process = require('process');
const { createPort, receiveMessageOnPort } = require('internal/worker/io');

const getStdio = lazy(() => require('internal/worker/stdio'));

let control;
let keepAlive = 0;

function post(message) {
  control.postMessage(message);
}

/** While anybody holds it, the thread waits for the other one. */
function hold(isHeld) {
  keepAlive += isHeld ? 1 : -1;
  if (keepAlive > 0) control.ref();
  else control.unref();
}

const streams = {};

function openStreams(hasStdin) {
  const { ReadableMessages, WritableMessages } = getStdio();
  for (const name of ['stdout', 'stderr']) {
    streams[name] = new WritableMessages(name, post, hold);
    streams[name]._isStdio = true;
  }
  streams.stdin = new ReadableMessages('stdin', post, hold);
  if (!hasStdin) streams.stdin.push(null);
}

function define(name, value, enumerable = true) {
  Object.defineProperty(process, name, { __proto__: null, value, writable: true, enumerable, configurable: true });
}

function refuse(what) {
  const { codes: { ERR_WORKER_UNSUPPORTED_OPERATION } } = require('internal/errors');
  throw new ERR_WORKER_UNSUPPORTED_OPERATION(what);
}

// What would change the whole process.
const processOnly = [
  'abort', 'chdir', 'initgroups', 'setgroups', 'setegid', 'seteuid', 'setgid', 'setuid',
];

// What only the main thread has.
const mainOnly = [
  '_debugEnd', '_debugPause', '_debugProcess', '_startProfilerIdleNotifier', '_stopProfilerIdleNotifier',
];

/** The channel to the process's parent is the main thread's. */
function refuseChannel() {
  for (const name of ['send', 'disconnect']) define(name, refusing(`process.${name}()`));
  for (const name of ['channel', 'connected']) {
    Object.defineProperty(process, name, {
      __proto__: null, get: () => refuse(`process.${name}`), enumerable: true, configurable: true,
    });
  }
}

function refusing(what) {
  const disabled = () => refuse(what);
  disabled.disabled = true;
  return disabled;
}

/** process.cwd, which asks the system only when the main thread went somewhere else. */
function currentFolder(changes) {
  const { load: AtomicsLoad } = Atomics;
  let seen = -1;
  let folder = '';
  return function cwd() {
    const count = AtomicsLoad(changes, 0);
    if (count !== seen) {
      folder = native.workingDirectory();
      seen = count;
    }
    return folder;
  };
}

function patchProcess({ env, sharedEnv, argv, execArgv, hasStdin, how, source }) {
  // the runtime's own threads write at once: nobody may read what they would send any more
  if (how !== 'internal') {
    openStreams(hasStdin);
    for (const name of ['stdin', 'stdout', 'stderr']) {
      Object.defineProperty(process, name, {
        __proto__: null, get: () => streams[name], enumerable: true, configurable: true,
      });
    }
  }
  const { createEnvironment, createSharedEnvironment } = require('internal/process/environment');
  define('env', env === undefined ? createSharedEnvironment(sharedEnv) : createEnvironment(env));
  define('argv', [process.execPath, how === 'file' ? source : '[worker eval]', ...argv]);
  define('execArgv', execArgv);
  for (const name of processOnly) {
    if (process[name] !== undefined) define(name, refusing(`process.${name}()`));
  }
  for (const name of mainOnly) delete process[name];
  if (process.env.NODE_CHANNEL_FD !== undefined) refuseChannel();
  define('cwd', currentFolder(self.folderChanges));
  const { umask } = process;
  define('umask', (mask) => {
    if (mask !== undefined) refuse('Setting process.umask()');
    return umask();
  });
  Object.defineProperty(process, 'title', {
    __proto__: null, value: process.title, writable: true, enumerable: true, configurable: true,
  });
}

const hasExited = () => require('internal/process/exit').hasExited();

/** An error that nobody caught ends the thread; the other thread gets it. */
function reportError(error, code) {
  // what is unwound by process.exit() is no error
  if (error === undefined && hasExited()) {
    require('internal/process/exit').reallyExit(require('internal/process/exit').finalCode());
    return;
  }
  // whoever took the handling of errors away gets no word of them
  if (code === 6) require('internal/process/exit').reallyExit(code);
  let picture;
  try {
    picture = require('internal/worker/error_serdes').serializeError(error);
    post({ type: 'error', error: picture });
  } catch {
    post({ type: 'error', error: undefined });
  }
  // to a worker an error in the listener is an error like others
  require('internal/process/exit').reallyExit(code === 7 ? 1 : code);
}

function run() {
  control = createPort(self.controlHandle);
  const { message } = receiveMessageOnPort(control);
  self.threadName = message.name;
  self.resourceLimits = message.limits;
  self.environmentData = message.environmentData;
  self.folderChanges = message.folderChanges;
  self.exposesGc = message.exposesGc;
  self.isInternalThread = message.how === 'internal';
  self.workerData = self.isInternalThread ? null : message.workerData;
  patchProcess(message);
  require('internal/process/uncaught').setFatalReporter(reportError);
  control.on('message', ({ type, name, chunks, question, what }) => {
    if (type === 'stdio') streams[name]?.receive(chunks);
    else if (type === 'more') streams[name]?.wantsMore();
    else if (type === 'ask') post({ type: 'answer', question, value: answer(what) });
  });
  control.unref();
  const port = message.port;
  self.parentPort = message.how === 'internal' ? null : port;
  if (message.how === 'internal') port.close();
  else process.on('exit', flushStreams);
  require('internal/worker/between_threads').listen();
  require('internal/modules/run_main').prepareProgram();
  if (self.exposesGc) require('internal/process/usage').exposeGarbageCollector();
  post({ type: 'online' });
  start(message);
}

/** What the other thread wants to know of this one. */
function answer(what) {
  return what === 'cpuUsage' ? process.threadCpuUsage() : require('v8').getHeapStatistics();
}

// Whatever was written and not sent yet. The program may have replaced how arrays are iterated.
function flushStreams() {
  streams.stdout.wantsMore();
  streams.stderr.wantsMore();
}

function start({ how, source, workerData }) {
  if (how === 'internal') {
    require(source).main(workerData);
    return;
  }
  const main = require('internal/modules/run_main');
  main.initialize();
  switch (how) {
    case 'eval': return require('internal/modules/eval').runText(source, '[worker eval]', false);
    case 'data': return runUrl(source, main);
    default: return main.runEntryPoint();
  }
}

function runUrl(url, main) {
  main.loadPreloads();
  return main.runAsEntry(() => require('internal/modules/esm').importModule(url, undefined, undefined, undefined, true));
}

module.exports = { run };
