'use strict';
// Owns the public face of readline in the form with callbacks.

const process = require('process');
const EventEmitter = require('events');
const lazy = require('internal/lazy');
const { AbortError } = require('internal/errors');
const { kEmptyObject } = require('internal/util');
const { validateAbortSignal } = require('internal/validators');
const {
  clearLine,
  clearScreenDown,
  cursorTo,
  moveCursor,
} = require('internal/readline/callbacks');
const { emitKeypressEvents } = require('internal/readline/keys');
const { InterfaceBase, initialize } = require('internal/readline/interface');

const getInspect = lazy(() => require('internal/util/inspect').inspect);
const getPromises = lazy(() => require('readline/promises'));

// A function, for programs that inherit from it in the old way.
function Interface(input, output, completer, terminal) {
  if (!(this instanceof Interface)) return new Interface(input, output, completer, terminal);

  EventEmitter.call(this);
  const given = input?.input ? input.completer : completer;
  if (typeof given === 'function' && given.length !== 2) {
    // One that answers at once.
    const withCallback = (line, callback) => { callback(null, given(line)); };
    if (input?.input) input = { ...pick(input), completer: withCallback };
    else completer = withCallback;
  }
  initialize(this, input, output, completer, terminal);
  if (process.env.TERM === 'dumb') this._ttyWrite = ttyWriteDumb.bind(this);
}
Object.setPrototypeOf(Interface.prototype, InterfaceBase.prototype);
Object.setPrototypeOf(Interface, InterfaceBase);

/** The options of an Interface, also those that are inherited or getters. */
function pick(options) {
  const {
    input, output, terminal, history, historySize, removeHistoryDuplicates, tabSize, prompt,
    escapeCodeTimeout, signal, crlfDelay,
  } = options;
  return {
    input, output, terminal, history, historySize, removeHistoryDuplicates, tabSize, prompt,
    escapeCodeTimeout, signal, crlfDelay,
  };
}

function define(name, value) {
  Object.defineProperty(Interface.prototype, name, {
    __proto__: null,
    configurable: true,
    enumerable: false,
    writable: true,
    value,
  });
}

/** Calls back with the line that is entered next. */
define('question', function question(query, options, callback) {
  if (typeof options === 'function') callback = options;
  if (options === null || typeof options !== 'object') options = kEmptyObject;
  const { signal } = options;
  if (signal) {
    validateAbortSignal(signal, 'options.signal');
    if (signal.aborted) return;
    const onAbort = () => { this._cancelQuestion(); };
    signal.addEventListener('abort', onAbort, { once: true });
    const answered = callback;
    callback = (answer) => {
      signal.removeEventListener('abort', onAbort);
      return typeof answered === 'function' ? answered(answer) : undefined;
    };
  }
  if (typeof callback === 'function') this._ask(query, callback);
});

Interface.prototype.question[Symbol.for('nodejs.util.promisify.custom')] =
  function question(query, options) {
    if (options === null || typeof options !== 'object') options = kEmptyObject;
    const { signal } = options;
    const aborted = () => new AbortError(undefined, { cause: signal.reason });
    if (signal?.aborted) return Promise.reject(aborted());

    return new Promise((resolve, reject) => {
      let callback = resolve;
      if (signal) {
        const onAbort = () => { reject(aborted()); };
        signal.addEventListener('abort', onAbort, { once: true });
        callback = (answer) => {
          signal.removeEventListener('abort', onAbort);
          resolve(answer);
        };
      }
      this.question(query, options, callback);
    });
  };

define('_tabComplete', function _tabComplete(lastKeypressWasTab) {
  this.pause();
  this.completer(this.line.slice(0, this.cursor), (error, result) => {
    this.resume();
    if (error) this._writeToOutput(`Tab completion error: ${getInspect()(error)}`);
    else this._applyCompletion(lastKeypressWasTab, result);
  });
});

/** What keys do on a terminal without any control sequence. */
function ttyWriteDumb(text, key) {
  key ||= kEmptyObject;
  if (key.name === 'escape') return;
  if (this._sawReturnAt && key.name !== 'enter') this._sawReturnAt = 0;

  if (key.ctrl) {
    if (key.name === 'c') {
      if (this.listenerCount('SIGINT') > 0) this.emit('SIGINT');
      else this.close();
      return;
    }
    if (key.name === 'd') {
      this.close();
      return;
    }
  }
  switch (key.name) {
    case 'return':
      this._sawReturnAt = Date.now();
      this._line();
      break;
    case 'enter':
      if (this._sawReturnAt === 0 || Date.now() - this._sawReturnAt > this.crlfDelay) {
        this._line();
      }
      this._sawReturnAt = 0;
      break;
    default:
      if (typeof text === 'string' && text) {
        this.line += text;
        this.cursor += text.length;
        this._writeToOutput(text);
      }
  }
}

function createInterface(input, output, completer, terminal) {
  return new Interface(input, output, completer, terminal);
}

module.exports = {
  Interface,
  clearLine,
  clearScreenDown,
  createInterface,
  cursorTo,
  emitKeypressEvents,
  moveCursor,
};

Object.defineProperty(module.exports, 'promises', {
  __proto__: null,
  configurable: true,
  enumerable: true,
  get: () => getPromises(),
});
