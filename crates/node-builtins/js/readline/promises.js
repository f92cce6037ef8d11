'use strict';
// Owns the public face of readline in the form with promises.

const { AbortError } = require('internal/errors');
const { validateAbortSignal } = require('internal/validators');
const { Readline } = require('internal/readline/promises');
const { InterfaceBase } = require('internal/readline/interface');

class Interface extends InterfaceBase {
  /** A promise of the line that is entered next. */
  question(query, options = undefined) {
    return new Promise((resolve, reject) => {
      let callback = resolve;
      const signal = options?.signal;
      if (signal) {
        validateAbortSignal(signal, 'options.signal');
        const aborted = () => new AbortError(undefined, { cause: signal.reason });
        if (signal.aborted) {
          reject(aborted());
          return;
        }
        const onAbort = () => {
          this._cancelQuestion();
          reject(aborted());
        };
        signal.addEventListener('abort', onAbort, { once: true });
        callback = (answer) => {
          signal.removeEventListener('abort', onAbort);
          resolve(answer);
        };
      }
      // For the keys that leave without an answer.
      this._rejectQuestion = reject;
      this._ask(query, callback);
    });
  }
}

function createInterface(input, output, completer, terminal) {
  return new Interface(input, output, completer, terminal);
}

module.exports = { Interface, Readline, createInterface };
