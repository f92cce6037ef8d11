'use strict';
// Worker: a thread as the thread that started it sees it. What happens on the new thread is in internal/worker/thread.

const EventEmitter = require('events');
const path = require('path');
const native = require('internal/worker/native');
const self = require('internal/worker/self');
const lazy = require('internal/lazy');
const process = require('process');
const {
  MessageChannel, createPort, receiveMessageOnPort, receiverOf, tellDestroy, tellInit,
} = require('internal/worker/io');
const messaging = require('internal/messaging');
const { isLoaded } = require('internal/builtins');
const { setCallReferenced } = require('internal/event_loop');
const { getOptionValue } = require('internal/options');
const errors = require('internal/errors');
const {
  codes: {
    ERR_INVALID_ARG_TYPE,
    ERR_INVALID_ARG_VALUE,
    ERR_WORKER_INVALID_EXEC_ARGV,
    ERR_WORKER_NOT_RUNNING,
    ERR_WORKER_PATH,
    ERR_WORKER_UNSERIALIZABLE_ERROR,
  },
} = errors;
const { validateArray, validateNumber, validateObject, validateString } = require('internal/validators');

const getStdio = lazy(() => require('internal/worker/stdio'));
const getUrl = lazy(() => require('internal/url'));
const getErrorSerdes = lazy(() => require('internal/worker/error_serdes'));

const SHARE_ENV = Symbol.for('nodejs.worker_threads.SHARE_ENV');
const kIsInternal = Symbol('kIsInternal');
const defaultStackMb = 4;

let folderChanges;

/** Counts how often the process changed its folder, so that threads need not ask the system where it is. */
function watchFolder() {
  if (folderChanges !== undefined) return folderChanges;
  if (!self.isMainThread) return folderChanges = self.folderChanges;
  folderChanges = new Int32Array(new SharedArrayBuffer(4));
  const { chdir } = process;
  process.chdir = function(directory) {
    chdir(directory);
    Atomics.add(folderChanges, 0, 1);
  };
  Object.defineProperty(process.chdir, 'name', { __proto__: null, value: 'chdir', configurable: true });
  return folderChanges;
}

/** What is to be run: `[how, text, or absolute path]`. */
function readSource(filename, options) {
  if (options[kIsInternal]) return ['internal', filename];
  if (options.eval) {
    if (typeof filename !== 'string') {
      throw new ERR_INVALID_ARG_VALUE('options.eval', options.eval, "must be false when 'filename' is not a string");
    }
    return ['eval', filename];
  }
  const { isURL } = getUrl();
  if (isURL(filename)) {
    if (filename.protocol === 'data:') return ['data', `${filename}`];
    return ['file', getUrl().fileURLToPath(filename)];
  }
  if (typeof filename !== 'string') throw new ERR_INVALID_ARG_TYPE('filename', ['string', 'URL'], filename);
  if (path.isAbsolute(filename) || /^\.\.?[\\/]/.test(filename)) return ['file', path.resolve(filename)];
  throw pathError(filename);
}

function pathError(filename) {
  const error = new ERR_WORKER_PATH(filename);
  const scheme = /^(file:\/\/|data:)/.exec(filename)?.[1];
  if (scheme !== undefined && !error.message.includes('Wrap ')) {
    const hint = ` Wrap ${scheme} URLs with \`new URL\`.`;
    error.message = error.message.replace(' Received', () => `${hint} Received`);
  }
  return error;
}

function readEnvironment(env) {
  if (env === undefined || env === null) return { ...process.env };
  if (env === SHARE_ENV) return undefined;
  if (typeof env !== 'object') {
    throw new ERR_INVALID_ARG_TYPE('options.env', ['object', 'undefined', 'null', 'worker_threads.SHARE_ENV'], env);
  }
  const copy = {};
  for (const key of Object.keys(env)) if (env[key] !== undefined) copy[key] = `${env[key]}`;
  return copy;
}

function readLimits(limits = {}) {
  const read = (name, fallback) => (typeof limits[name] === 'number' && limits[name] > 0 ? limits[name] : fallback);
  return {
    maxYoungGenerationSizeMb: read('maxYoungGenerationSizeMb', 0),
    maxOldGenerationSizeMb: read('maxOldGenerationSizeMb', 0),
    codeRangeSizeMb: read('codeRangeSizeMb', 0),
    stackSizeMb: read('stackSizeMb', defaultStackMb),
  };
}

// Options of the process that a thread cannot have of its own.
const processOptions = /^--(?:title|max-http-header-size|openssl-config|icu-data-dir|v8-pool-size|zero-fill-buffers|redirect-warnings|secure-heap\S*)(?:=|$)/;

// Options of the engine, which threads have in common.
const engineOptions = /^--(?:expose[-_]gc|allow[-_]natives[-_]syntax|max[-_](?:old|semi)[-_]space[-_]size|stack[-_]size|gc[-_]interval|harmony\S*)(?:=|$)/;

/** The worker's own options; undefined for those of this thread. */
function readExecArgv(execArgv, nodeOptions) {
  if (execArgv && !Array.isArray(execArgv)) throw new ERR_INVALID_ARG_TYPE('options.execArgv', 'Array', execArgv);
  if (!execArgv && nodeOptions === undefined) return undefined;
  const list = (execArgv || process.execArgv).map(String);
  // It only ends the options.
  if (list.at(-1) === '--') list.pop();
  // what this thread has its workers may have, too
  const invalid = list.filter((option) =>
    processOptions.test(option) || (execArgv !== undefined && engineOptions.test(option)));
  if (invalid.length > 0) throw new ERR_WORKER_INVALID_EXEC_ARGV(invalid);
  const refusal = native.checkOptions(list, nodeOptions);
  if (refusal !== undefined) throw new ERR_WORKER_INVALID_EXEC_ARGV([refusal.replace(/^bad option: /, '')]);
  return list;
}

class Worker extends EventEmitter {
  #control;
  #thread;
  #exitCall;
  #publicPort;
  #controlPort;
  #limits;
  #streams = {};
  #threadId = -1;
  #threadName = null;
  #isReferenced = false;
  #asyncId;
  /** What was asked and not answered yet, by number. */
  #questions = new Map();
  #lastQuestion = 0;
  #performance;

  constructor(filename, options = {}) {
    super();
    const nodeOptions = typeof options.env === 'object' ? options.env?.NODE_OPTIONS : undefined;
    const execArgv = readExecArgv(options.execArgv, nodeOptions);
    if (options.argv) validateArray(options.argv, 'options.argv');
    const [how, source] = readSource(filename, options);
    const env = readEnvironment(options.env);
    if (options.name !== undefined) validateString(options.name, 'options.name');
    const name = options.name === undefined ? 'WorkerThread' : options.name.trim();
    this.#limits = readLimits(options.resourceLimits ?? undefined);

    this.#isReferenced = true;
    this.#asyncId = tellInit('WORKER', { hasRef: () => this.#isReferenced });

    const [here, there] = messaging.createChannel();
    this.#controlPort = createPort(here);
    const { port1, port2 } = new MessageChannel();
    this.#publicPort = port1;
    const transferList = [port2, ...options.transferList ?? []];
    // it is there before the thread looks for it
    this.#controlPort.postMessage({
      how,
      source,
      env,
      sharedEnv: env === undefined ? require('internal/process/environment').shareEnvironment() : undefined,
      argv: options.argv?.map(String) ?? [],
      execArgv: execArgv ?? process.execArgv,
      name,
      limits: this.#limits,
      hasStdin: Boolean(options.stdin),
      folderChanges: watchFolder(),
      exposesGc: self.exposesGc || getOptionValue('--expose-gc') === true,
      workerData: options[kIsInternal] ? options.internalData : options.workerData,
      environmentData: self.environmentData,
      port: port2,
    }, transferList);
    this.#openStreams(options);
    this.#controlPort.on('message', (message) => this.#onControl(message));
    this.#publicPort.on('message', (message) => this.emit('message', message));
    this.#publicPort.on('messageerror', (error) => this.emit('messageerror', error));
    // listening is no reason to live, running is
    this.#controlPort.unref();
    this.#publicPort.unref();

    require('internal/worker/between_threads').listen();
    const { stackSizeMb, maxOldGenerationSizeMb } = this.#limits;
    [this.#threadId, this.#thread] = native.spawn(
      name, stackSizeMb, maxOldGenerationSizeMb, execArgv, nodeOptions, there,
    );
    this.#threadName = name;
    this.#exitCall = native.exited(this.#thread, (error, exit) => this.#onExit(...exit));
    if (options[kIsInternal]) return;
    if (isLoaded('diagnostics_channel')) {
      const { channel } = require('diagnostics_channel');
      channel('worker_threads').publish({ worker: this });
    }
    process.nextTick(() => process.emit('worker', this));
  }

  #openStreams(options) {
    const { ReadableMessages, WritableMessages } = getStdio();
    const post = (message) => {
      if (this.#thread !== undefined || this.#threadId === -1) this.#controlPort.postMessage(message);
    };
    if (options.stdin) this.#streams.stdin = new WritableMessages('stdin', post);
    for (const name of ['stdout', 'stderr']) {
      const stream = new ReadableMessages(name, post);
      this.#streams[name] = stream;
      if (options[name]) continue;
      // as stream.pipe(), but without its warning of many listeners, and never ending what is the process's
      stream.on('data', (chunk) => {
        if (process[name].write(chunk) === false) {
          stream.pause();
          process[name].once('drain', () => stream.resume());
        }
      });
    }
  }

  #onControl(message) {
    switch (message.type) {
      case 'online':
        return this.emit('online');
      case 'error':
        return this.#onError(message.error);
      case 'stdio':
        return this.#streams[message.name].receive(message.chunks);
      case 'more':
        return this.#streams[message.name]?.wantsMore();
      case 'answer':
        return this.#onAnswer(message);
    }
    return undefined;
  }

  #onError(picture) {
    if (picture === undefined) {
      this.emit('error', new ERR_WORKER_UNSERIALIZABLE_ERROR());
      return;
    }
    this.emit('error', getErrorSerdes().deserializeError(picture));
  }

  #onExit(code, failure, text) {
    // what the thread said last comes before its end
    this.#drain(this.#controlPort, (message) => this.#onControl(message));
    this.#drain(this.#publicPort, (message) => this.emit('message', message));
    this.#thread = undefined;
    this.#exitCall = undefined;
    this.#controlPort.close();
    this.#publicPort.close();
    for (const name of ['stdout', 'stderr']) {
      const stream = this.#streams[name];
      if (!stream.readableEnded && !stream.destroyed) stream.push(null);
    }
    this.#streams.stdin?.destroy();
    this.#threadId = -1;
    this.#threadName = null;
    if (failure !== undefined) {
      const error = new errors.codes[failure](text);
      if (text !== undefined) error.message = text;
      this.emit('error', error);
    }
    this.#publicPort.unref();
    this.#refuseQuestions();
    this.emit('exit', code);
    this.#isReferenced = undefined;
    tellDestroy(this.#asyncId);
  }

  #drain(port, deliver) {
    while (receiverOf(port).isOpen) {
      const next = receiveMessageOnPort(port);
      if (next === undefined) return;
      deliver(next.message);
    }
  }

  get threadId() { return this.#threadId; }
  get threadName() { return this.#threadName; }
  get stdin() { return this.#streams.stdin ?? null; }
  get stdout() { return this.#streams.stdout; }
  get stderr() { return this.#streams.stderr; }
  get resourceLimits() { return this.#thread === undefined ? {} : { ...this.#limits }; }

  postMessage(...args) {
    if (this.#thread === undefined) return;
    this.#publicPort.postMessage(...args);
  }

  terminate(callback) {
    if (typeof callback === 'function') {
      process.emitWarning(
        'Passing a callback to worker.terminate() is deprecated. It returns a Promise instead.',
        'DeprecationWarning', 'DEP0132');
      if (this.#thread === undefined) return Promise.resolve();
      this.once('exit', (exitCode) => callback(null, exitCode));
    }
    if (this.#thread === undefined) return Promise.resolve();
    this.ref();
    native.stop(this.#thread);
    return new Promise((resolve) => { this.once('exit', resolve); });
  }

  async [Symbol.asyncDispose]() {
    await this.terminate();
  }

  ref() {
    this.#setReferenced(true);
  }

  unref() {
    this.#setReferenced(false);
  }

  #setReferenced(isReferenced) {
    if (this.#exitCall === undefined) return;
    this.#isReferenced = isReferenced;
    setCallReferenced(this.#exitCall, isReferenced);
    if (isReferenced) this.#publicPort.ref();
    else this.#publicPort.unref();
  }

  /** What the other thread knows of itself; it answers when its event loop gets there. */
  #ask(what, argument) {
    if (this.#thread === undefined) return Promise.reject(new ERR_WORKER_NOT_RUNNING());
    const question = ++this.#lastQuestion;
    return new Promise((resolve, reject) => {
      this.#questions.set(question, { resolve, reject });
      this.#controlPort.postMessage({ type: 'ask', what, argument, question });
    });
  }

  #onAnswer({ question, value }) {
    this.#questions.get(question)?.resolve(value);
    this.#questions.delete(question);
  }

  #refuseQuestions() {
    for (const { reject } of this.#questions.values()) reject(new ERR_WORKER_NOT_RUNNING());
    this.#questions.clear();
  }

  get performance() {
    return this.#performance ??= {
      eventLoopUtilization: (first, second) => {
        const { utilizationOf } = require('internal/perf/event_loop');
        const [start, idle] = this.#thread === undefined ? [0, 0] : native.loopNumbers(this.#thread);
        return utilizationOf([start, idle, require('internal/perf/native').now()], first, second);
      },
    };
  }

  getHeapStatistics() {
    return this.#ask('heapStatistics');
  }

  /** Microseconds that the thread has computed, since it said `prev` where that is given. */
  cpuUsage(prev) {
    if (prev) {
      validateObject(prev, 'prev');
      validateNumber(prev.user, 'prev.user', 0, Number.MAX_SAFE_INTEGER);
      validateNumber(prev.system, 'prev.system', 0, Number.MAX_SAFE_INTEGER);
    }
    return this.#ask('cpuUsage').then(({ user, system }) => (
      prev ? { user: user - prev.user, system: system - prev.system } : { user, system }
    ));
  }
}

/** A thread for the runtime's own code: `filename` is a builtin with `main(internalData)`. */
class InternalWorker extends Worker {
  constructor(filename, options) {
    super(filename, { ...options, [kIsInternal]: true });
  }
}

module.exports = { InternalWorker, SHARE_ENV, Worker };
