'use strict';
// The web's MessageEvent.

const { Event } = require('internal/event_target');
const { codes: { ERR_INVALID_THIS } } = require('internal/errors');
const { kEnumerableProperty } = require('internal/util');
const lazy = require('internal/lazy');

const getInspect = lazy(() => require('internal/util/inspect').inspect);
const getPorts = lazy(() => require('internal/worker/io'));

const isPort = (value) => getPorts().isMessagePort(value);

function mustBePort(value, name) {
  if (isPort(value)) return;
  const shown = typeof value === 'object' ? getInspect()(value) : String(value);
  throw new TypeError(
    `MessageEvent constructor: Expected eventInitDict.${name} ("${shown}") to be an instance of MessagePort.`);
}

function portsOf(ports) {
  if (ports === undefined) return [];
  if (ports === null || typeof ports[Symbol.iterator] !== 'function') {
    throw new TypeError(`MessageEvent constructor: eventInitDict.ports (${String(ports)}) is not iterable.`);
  }
  const list = [...ports];
  list.forEach((port, i) => mustBePort(port, `ports[${i}]`));
  return list;
}

class MessageEvent extends Event {
  #data;
  #origin;
  #lastEventId;
  #source;
  #ports;

  constructor(type, options = undefined) {
    if (arguments.length === 0) {
      throw new TypeError('MessageEvent constructor: 1 argument required, but 0 found.');
    }
    if (options !== undefined && options !== null && typeof options !== 'object' && typeof options !== 'function') {
      throw new TypeError(
        `MessageEvent constructor: Expected ${String(options)} to be one of: Null, Undefined, Object.`);
    }
    super(type, options ?? undefined);
    const { data = null, origin = '', lastEventId = '', source = null, ports } = options ?? {};
    this.#data = data;
    this.#origin = `${origin}`;
    this.#lastEventId = `${lastEventId}`;
    if (source !== null) mustBePort(source, 'source');
    this.#source = source;
    this.#ports = Object.freeze(portsOf(ports));
  }

  static #check(event) {
    if (typeof event !== 'object' || event === null || !(#ports in event)) throw new ERR_INVALID_THIS('MessageEvent');
    return event;
  }

  get data() { return MessageEvent.#check(this).#data; }
  get origin() { return MessageEvent.#check(this).#origin; }
  get lastEventId() { return MessageEvent.#check(this).#lastEventId; }
  get source() { return MessageEvent.#check(this).#source; }
  get ports() { return MessageEvent.#check(this).#ports; }
}

Object.defineProperties(MessageEvent.prototype, {
  data: kEnumerableProperty,
  origin: kEnumerableProperty,
  lastEventId: kEnumerableProperty,
  source: kEnumerableProperty,
  ports: kEnumerableProperty,
  [Symbol.toStringTag]: { __proto__: null, configurable: true, value: 'MessageEvent' },
});

module.exports = { MessageEvent };
