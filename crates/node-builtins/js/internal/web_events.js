'use strict';
// Events of the web that only say what happened: CloseEvent and ErrorEvent. MessageEvent is internal/worker's.

const { Event } = require('internal/event');
const { codes: { ERR_INVALID_THIS, ERR_MISSING_ARGS } } = require('internal/errors');
const { kEnumerableProperty } = require('internal/util');

class CloseEvent extends Event {
  #wasClean;
  #code;
  #reason;

  constructor(type, eventInitDict = {}) {
    if (arguments.length === 0) throw new ERR_MISSING_ARGS('type');
    super(type, eventInitDict);
    const { wasClean = false, code = 0, reason = '' } = eventInitDict ?? {};
    this.#wasClean = Boolean(wasClean);
    this.#code = code & 0xffff;
    this.#reason = `${reason}`;
  }

  static #check(event) {
    if (typeof event !== 'object' || event === null || !(#code in event)) throw new ERR_INVALID_THIS('CloseEvent');
    return event;
  }

  get wasClean() { return CloseEvent.#check(this).#wasClean; }
  get code() { return CloseEvent.#check(this).#code; }
  get reason() { return CloseEvent.#check(this).#reason; }
}

class ErrorEvent extends Event {
  #message;
  #filename;
  #lineno;
  #colno;
  #error;

  constructor(type, eventInitDict) {
    if (arguments.length === 0) throw new ERR_MISSING_ARGS('type');
    super(type, eventInitDict);
    const { message = '', filename = '', lineno = 0, colno = 0, error } = eventInitDict ?? {};
    this.#message = `${message}`;
    this.#filename = `${filename}`;
    this.#lineno = lineno >>> 0;
    this.#colno = colno >>> 0;
    this.#error = error;
  }

  static #check(event) {
    if (typeof event !== 'object' || event === null || !(#message in event)) throw new ERR_INVALID_THIS('ErrorEvent');
    return event;
  }

  get message() { return ErrorEvent.#check(this).#message; }
  get filename() { return ErrorEvent.#check(this).#filename; }
  get lineno() { return ErrorEvent.#check(this).#lineno; }
  get colno() { return ErrorEvent.#check(this).#colno; }
  get error() { return ErrorEvent.#check(this).#error; }
}

function describe({ prototype }, name, properties) {
  for (const property of properties) Object.defineProperty(prototype, property, kEnumerableProperty);
  Object.defineProperty(prototype, Symbol.toStringTag, { __proto__: null, configurable: true, value: name });
}
describe(CloseEvent, 'CloseEvent', ['wasClean', 'code', 'reason']);
describe(ErrorEvent, 'ErrorEvent', ['message', 'filename', 'lineno', 'colno', 'error']);

module.exports = { CloseEvent, ErrorEvent };
