'use strict';

// Hooks on a thread of their own: `module.register` and --experimental-loader as this thread sees them. Requests go
// to the hooks thread (hooks_thread.js); `import` waits for answers in the loop, `require` and `import.meta.resolve`
// wait without it.

const lazy = require('internal/lazy');
const process = require('process');
const {
  codes: { ERR_ASYNC_LOADER_REQUEST_NEVER_SETTLED, ERR_INVALID_ARG_TYPE },
} = require('internal/errors');
const { validateString } = require('internal/validators');
const { deserialize } = require('internal/modules/hooks_messages');
const esm = require('internal/modules/esm');
const resolver = require('internal/modules/resolver');
const getUrl = lazy(() => require('internal/url'));

let thread;

/** The other thread and the requests that it has not answered. */
class HooksThread {
  #worker;
  #port;
  #lock;
  #seen = 0;
  #nextId = 1;
  #pending = new Map();
  #hasExited = false;

  constructor(loaders) {
    const { InternalWorker } = require('internal/worker');
    const { MessageChannel } = require('worker_threads');
    const { port1, port2 } = new MessageChannel();
    this.#lock = new Int32Array(new SharedArrayBuffer(8));
    this.#port = port1;
    this.#worker = new InternalWorker('internal/modules/hooks_thread', {
      internalData: { lock: this.#lock, port: port2, loaders, cwd: resolver.workingFolder() },
      transferList: [port2],
      execArgv: process.execArgv,
      env: require('worker_threads').SHARE_ENV,
      stdin: false,
      stdout: false,
      stderr: false,
    });
    this.#worker.unref();
    this.#worker.on('exit', (code) => {
      this.#hasExited = true;
      if (this.#pending.size > 0) process.exit(code);
    });
    this.#port.on('message', (message) => this.#receive(message));
    this.#port.unref();
  }

  #receive({ id, status, body }) {
    if (status === 'exit') process.exit(body);
    const waiting = this.#pending.get(id);
    if (waiting === undefined) return;
    this.#pending.delete(id);
    if (this.#pending.size === 0) this.#port.unref();
    // what never settles there never settles here
    if (status === 'success') waiting.resolve(body);
    else if (status === 'error') waiting.reject(deserialize(body));
  }

  /** An answer, in the loop. */
  request(method, ...args) {
    const id = this.#nextId++;
    const { promise, resolve, reject } = Promise.withResolvers();
    this.#pending.set(id, { resolve, reject });
    this.#port.ref();
    this.#port.postMessage({ id, method, args });
    return promise;
  }

  /** An answer, with this thread at a stand. */
  requestSync(method, transferList, ...args) {
    const id = this.#nextId++;
    this.#port.postMessage({ id, method, args }, transferList);
    return this.#await(id);
  }

  /** The first answer: the hooks of the command line are registered. */
  waitForStart() {
    return this.#await(0);
  }

  #await(id) {
    const { receiveMessageOnPort } = require('worker_threads');
    for (;;) {
      for (let received; (received = receiveMessageOnPort(this.#port)) !== undefined;) {
        const { message } = received;
        if (message.id !== id && message.status !== 'exit') {
          this.#receive(message);
          continue;
        }
        switch (message.status) {
          case 'success': return message.body;
          case 'error': throw deserialize(message.body);
          case 'never-settle': throw new ERR_ASYNC_LOADER_REQUEST_NEVER_SETTLED();
          default: process.exit(message.body);
        }
      }
      const count = Atomics.load(this.#lock, 0);
      if (count === this.#seen) Atomics.wait(this.#lock, 0, this.#seen);
      this.#seen = Atomics.load(this.#lock, 0);
    }
  }
}

/** What the ES module loader asks. */
const customization = {
  resolve(specifier, parentURL, importAttributes) {
    return thread.request('resolve', specifier, parentURL, { ...importAttributes });
  },
  resolveSync(specifier, parentURL, importAttributes) {
    return thread.requestSync('resolve', undefined, specifier, parentURL, { ...importAttributes });
  },
  load(url, { format, importAttributes }) {
    return thread.request('load', url, { format, importAttributes: { ...importAttributes } });
  },
  loadSync(url, { format, importAttributes }) {
    return thread.requestSync('load', undefined, url, { format, importAttributes: { ...importAttributes } });
  },
};

function start(loaders) {
  if (thread !== undefined) return;
  thread = new HooksThread(loaders);
  thread.waitForStart();
  esm.setCustomization(customization);
}

/** On the hooks thread: registers there, at once. */
let registerHere;

function setRegisterHere(callback) {
  registerHere = callback;
}

/** `module.register` */
function register(specifier, parentURL, options) {
  const { isURL } = getUrl();
  if (parentURL != null && typeof parentURL === 'object' && !isURL(parentURL)) {
    options = parentURL;
    ({ parentURL } = options);
  }
  if (!isURL(specifier)) {
    if (typeof specifier !== 'string') throw new ERR_INVALID_ARG_TYPE('specifier', ['string', 'URL'], specifier);
    validateString(specifier, 'specifier');
  }
  const parent = parentURL === undefined || parentURL === null ? 'data:' : `${parentURL}`;
  if (registerHere !== undefined) {
    registerHere(`${specifier}`, parent, options?.data);
    return;
  }
  start([]);
  thread.requestSync('register', options?.transferList, `${specifier}`, parent, options?.data);
}

/** --experimental-loader */
function registerLoaders(loaders) {
  const registered = loaders.map((loader) => `register("${encodeURIComponent(loader).replaceAll('%2F', '/')}", ` +
    'pathToFileURL("./"));');
  process.emitWarning(
    '`--experimental-loader` may be removed in the future; instead use `register()`:\n' +
    '--import \'data:text/javascript,import { register } from "node:module"; ' +
    `import { pathToFileURL } from "node:url"; ${registered.join(' ')}'`,
    'ExperimentalWarning',
  );
  start(loaders);
}

module.exports = { register, registerLoaders, setRegisterHere };
