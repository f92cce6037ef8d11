'use strict';
// Structured clone: of values that the engine knows it is the engine's, in internal/messaging; here are the objects of
// classes written in JavaScript, transfer lists, and what errors say.
//
// A message of objects that the engine does not know consists of two parts: a copy of the value with null in their
// places, beside it a list of the places, and what is left of the objects themselves.

const messaging = require('internal/messaging');
const lazy = require('internal/lazy');
const { kClone, kDeserialize, kTransfer, kTransferList } = require('internal/structured_clone/symbols');
const { codes: { ERR_INVALID_ARG_TYPE, ERR_MESSAGE_TARGET_CONTEXT_UNAVAILABLE, ERR_MISSING_ARGS } } = require('internal/errors');
const { isMarkedAsUntransferable, markAsUntransferable } = require('internal/buffer');
const {
  isAnyArrayBuffer, isArrayBuffer, isArrayBufferView, isMap, isNativeError, isSet,
} = require('internal/util/types');

const getDOMException = lazy(() => require('internal/domexception').DOMException);

const uncloneable = new WeakSet();
let anyUncloneable = false;

const isObject = (value) => typeof value === 'object' && value !== null;
const dataCloneError = (message) => new (getDOMException())(message, 'DataCloneError');

const unsupportedClone = 'Cannot clone object of unsupported type.';
const unsupportedTransfer = 'Cannot transfer object of unsupported type.';
const missingInList = 'Object that needs transfer was found in message but not listed in transferList';

messaging.setDescribe((object) => {
  if (typeof object === 'function') return Function.prototype.toString.call(object);
  const { constructor } = object;
  // iterators share a constructor that says nothing
  const isNamed = typeof constructor === 'function' && constructor.name !== '' && constructor !== Iterator;
  return isNamed && !Array.isArray(object) ?
    `#<${constructor.name}>` : Object.prototype.toString.call(object);
});

// DOMExceptions are errors to the engine, but have a class of their own.
const cloneDOMException = (exception) => ({
  data: { message: exception.message, name: exception.name, stack: exception.stack },
  deserializeInfo: 'internal/structured_clone:ClonedDOMException',
});

/** What has to be made by this file rather than by the engine. */
function isHost(object) {
  return typeof object[kClone] === 'function' || typeof object[kTransfer] === 'function';
}

function isDOMException(object) {
  const DOMException = getDOMException();
  return object instanceof DOMException && object !== DOMException.prototype && Object.hasOwn(object, 'stack');
}

/** Whether it is process.env or one like it, a proxy to the engine. */
function isEnvironment(object) {
  return require('internal/process/environment').isEnvironment(object);
}

function hasEnvironment(value) {
  let found = false;
  if (isObject(value)) {
    walk(value, (object) => {
      found = isEnvironment(object);
      return !found;
    });
  }
  return found;
}

/** Calls `visit` with every object of a value; false ends the walk. */
function walk(root, visit) {
  const seen = new Set([root]);
  const add = (value) => {
    if (typeof value === 'object' && value !== null) seen.add(value);
  };
  for (const object of seen) {
    if (visit(object) === false) return;
    if (Array.isArray(object)) {
      for (let i = 0; i < object.length; i++) add(object[i]);
      continue;
    }
    const prototype = Object.getPrototypeOf(object);
    if (prototype !== Object.prototype && prototype !== null) {
      if (isArrayBufferView(object) || isAnyArrayBuffer(object) || isHost(object)) continue;
      if (isMap(object)) {
        Map.prototype.forEach.call(object, (value, key) => {
          add(key);
          add(value);
        });
        continue;
      }
      if (isSet(object)) {
        Set.prototype.forEach.call(object, add);
        continue;
      }
    }
    const keys = Object.keys(object);
    for (let i = 0; i < keys.length; i++) add(object[keys[i]]);
  }
}

/** Whether the engine cannot clone the value alone. Throws for what nobody can. */
function needsHosts(value) {
  if (!isObject(value)) return false;
  let found = false;
  walk(value, (object) => {
    if (anyUncloneable && uncloneable.has(object)) throw dataCloneError(unsupportedClone);
    const prototype = Object.getPrototypeOf(object);
    if (prototype === Object.prototype || prototype === Array.prototype || prototype === null) return true;
    if (isArrayBuffer(object)) {
      if (object.detached) throw dataCloneError('An ArrayBuffer is detached and could not be cloned.');
      return true;
    }
    found = isHost(object) || (isNativeError(object) && isDOMException(object));
    return !found;
  });
  return found;
}

/** Copies what may hold such objects, with null for each, and notes where they were. */
class Copier {
  constructor(transferred) {
    this.transferred = transferred;
    this.copies = new Map();
    this.hosts = [];
    this.indexes = new Map();
    /** [copy, kind, key or entries, positions] */
    this.places = [];
  }

  hostIndex(object) {
    const known = this.indexes.get(object);
    if (known !== undefined) return known;
    if (isArrayBufferView(object) || isAnyArrayBuffer(object)) return -1;
    let host;
    if (this.transferred.has(object)) {
      host = { object, info: undefined };
    } else if (isNativeError(object)) {
      if (!isDOMException(object)) return -1;
      host = { object, info: cloneDOMException(object) };
    } else if (typeof object[kClone] === 'function') {
      const info = object[kClone]();
      if (info === undefined) return -1;
      host = { object, info };
    } else if (typeof object[kTransfer] === 'function') {
      throw dataCloneError(missingInList);
    } else {
      return -1;
    }
    this.indexes.set(object, this.hosts.length);
    return this.hosts.push(host) - 1;
  }

  pack(value) {
    const packet = { value: undefined, places: this.places, hosts: undefined };
    packet.value = this.copyInto(packet, 'value', value);
    return packet;
  }

  /** The copy of a value in a place of `holder`. */
  copyInto(holder, key, value) {
    if (isObject(value)) {
      const index = this.hostIndex(value);
      if (index !== -1) {
        this.places.push([holder, 0, key, index]);
        return null;
      }
    }
    return this.copy(value);
  }

  copy(value) {
    if (!isObject(value)) return value;
    const known = this.copies.get(value);
    if (known !== undefined) return known;
    if (Array.isArray(value)) return this.copyProperties(value, new Array(value.length));
    if (isMap(value)) return this.copyEntries(value, new Map(), 1);
    if (isSet(value)) return this.copyEntries(value, new Set(), 2);
    return messaging.isPlain(value) || isEnvironment(value) ? this.copyProperties(value, {}) : value;
  }

  copyProperties(value, copy) {
    this.copies.set(value, copy);
    for (const key of Object.keys(value)) {
      const own = this.copyInto(copy, key, value[key]);
      Object.defineProperty(copy, key, { __proto__: null, value: own, writable: true, enumerable: true, configurable: true });
    }
    return copy;
  }

  // Keys and values in a row: those with such objects among them are filled when they arrive.
  copyEntries(value, copy, kind) {
    this.copies.set(value, copy);
    const row = [];
    const positions = [];
    const add = (item) => {
      const index = isObject(item) ? this.hostIndex(item) : -1;
      if (index !== -1) positions.push(row.length, index);
      row.push(index === -1 ? this.copy(item) : null);
    };
    if (kind === 1) {
      Map.prototype.forEach.call(value, (item, key) => {
        add(key);
        add(item);
      });
    } else {
      Set.prototype.forEach.call(value, add);
    }
    if (positions.length > 0) this.places.push([copy, kind, row, positions]);
    else if (kind === 1) for (let i = 0; i < row.length; i += 2) copy.set(row[i], row[i + 1]);
    else for (const item of row) copy.add(item);
    return copy;
  }
}

function fill(places, objects) {
  for (const [holder, kind, key, where] of places) {
    if (kind === 0) {
      holder[key] = objects[where];
      continue;
    }
    for (let i = 0; i < where.length; i += 2) key[where[i]] = objects[where[i + 1]];
    if (kind === 1) for (let i = 0; i < key.length; i += 2) holder.set(key[i], key[i + 1]);
    else for (const item of key) holder.add(item);
  }
}

// Transfer lists

/** Array buffers for the engine, and objects of this file's. `source`: the port that sends. */
function readTransferList(list, source) {
  const buffers = [];
  const objects = new Set();
  for (const item of list) {
    if (!isObject(item)) throw dataCloneError('Found invalid value in transferList.');
    if (isArrayBuffer(item)) {
      if (buffers.includes(item)) throw dataCloneError('Transfer list contains duplicate ArrayBuffer');
      if (item.detached || isMarkedAsUntransferable(item)) throw dataCloneError(unsupportedTransfer);
      buffers.push(item);
      continue;
    }
    if (typeof item[kTransfer] !== 'function') throw dataCloneError('Found invalid value in transferList.');
    if (isMarkedAsUntransferable(item)) throw dataCloneError(unsupportedTransfer);
    if (item === source) throw dataCloneError('Transfer list contains source port');
    if (objects.has(item)) {
      throw dataCloneError(`Transfer list contains duplicate ${item.constructor?.name ?? 'object'}`);
    }
    objects.add(item);
  }
  return { buffers, objects };
}

/** Says a failure of the engine in Node's words. */
function refined(error, value) {
  if (!Error.isError(error) || error.code !== 'DataCloneError' || error instanceof getDOMException()) return error;
  let { message } = error;
  // the engine does not say which symbol
  if (!message.endsWith('could not be cloned.')) {
    const symbol = findSymbol(value);
    if (symbol !== undefined) message = `${String(symbol)} could not be cloned.`;
  }
  return dataCloneError(message);
}

function findSymbol(root) {
  if (typeof root === 'symbol') return root;
  let found;
  if (isObject(root)) {
    walk(root, (object) => {
      if (!isMap(object) && !isSet(object)) {
        found = Object.keys(object).map((key) => object[key]).find((value) => typeof value === 'symbol');
      }
      return found === undefined;
    });
  }
  return found;
}

function serialize(value, buffers) {
  try {
    return messaging.serialize(value, buffers.length === 0 ? undefined : buffers);
  } catch (error) {
    throw refined(error, value);
  }
}

const noTransfers = { buffers: [], objects: new Set() };

/** The parts of a message: `[value, hosts or undefined]`. */
function encode(value, transferList, source) {
  const { buffers, objects } = transferList === undefined ? noTransfers : readTransferList(transferList, source);
  if (objects.size === 0 && !needsHosts(value)) {
    try {
      return [messaging.serialize(value, buffers.length === 0 ? undefined : buffers), undefined];
    } catch (error) {
      if (!hasEnvironment(value)) throw refined(error, value);
    }
  }
  const copier = new Copier(objects);
  const packet = copier.pack(value);
  for (const object of objects) copier.hostIndex(object);
  // before anything is transferred, as this may fail
  const part = serialize(packet, buffers);
  return [part, serialize(copier.hosts.map(encodeHost), [])];
}

/** `[deserializeInfo, packet of the data, whether it was transferred]` */
function encodeHost({ object, info }) {
  if (info !== undefined) return [info.deserializeInfo, packData(info.data), false];
  object[kTransferList]?.();
  const { data, deserializeInfo } = object[kTransfer]();
  return [deserializeInfo, packData(data), true];
}

// The data may hold such objects itself, as that of streams holds ports; those move with it.
function packData(data) {
  if (!needsHosts(data)) return { value: data, places: [], hosts: [] };
  const moved = new Set();
  walk(data, (object) => {
    if (typeof object[kTransfer] === 'function' && typeof object[kClone] !== 'function') moved.add(object);
  });
  const copier = new Copier(moved);
  const packet = copier.pack(data);
  packet.hosts = copier.hosts.map(encodeHost);
  return packet;
}

function unpack(packet, objects) {
  fill(packet.places, objects);
  return packet.value;
}

function decodeHost([deserializeInfo, packet], realm) {
  const data = unpack(packet, packet.hosts.map((host) => decodeHost(host, realm)));
  if (realm !== undefined && deserializeInfo === 'internal/worker/io:TransferredPort') return realm.createPort(data);
  // other classes exist in one realm only
  if (realm !== undefined) throw new ERR_MESSAGE_TARGET_CONTEXT_UNAVAILABLE();
  return create(deserializeInfo, data);
}

function create(deserializeInfo, data) {
  const colon = deserializeInfo.lastIndexOf(':');
  const id = deserializeInfo.slice(0, colon);
  const name = deserializeInfo.slice(colon + 1);
  let Class;
  try {
    Class = require(id)[name];
  } catch {
    throw new Error(`Missing internal module '${id}'`);
  }
  if (typeof Class !== 'function') throw new Error(`Unknown deserialize spec ${deserializeInfo}`);
  if (typeof Class.prototype?.[kDeserialize] !== 'function') {
    throw new Error(`Unknown deserialize spec ${deserializeInfo}`);
  }
  const object = new Class();
  return object[kDeserialize](data) ?? object;
}

/** The value of a message, and the objects that were transferred with it. `realm`: { global, createPort(native) } */
function decode(parts, realm) {
  // by index: programs may have changed how arrays are iterated
  const part = parts[0];
  const hosts = parts[1];
  const read = realm === undefined ? messaging.deserialize : (each) => messaging.deserializeIn(each, realm.global);
  const value = read(part);
  if (hosts === undefined) return { value, transferred: [] };
  const rows = read(hosts);
  const objects = rows.map((row) => decodeHost(row, realm));
  return { value: unpack(value, objects), transferred: objects.filter((_, i) => rows[i][2]) };
}

class ClonedDOMException {
  [kDeserialize]({ message, name, stack }) {
    const exception = new (getDOMException())(message, name);
    Object.defineProperty(exception, 'stack', {
      __proto__: null, value: stack, writable: true, enumerable: false, configurable: true,
    });
    return exception;
  }
}

const failed = "Failed to execute 'structuredClone'";

function structuredClone(value, options) {
  if (arguments.length === 0) throw new ERR_MISSING_ARGS('The "value" argument');
  if (options !== undefined && options !== null && typeof options !== 'object' && typeof options !== 'function') {
    throw withMessage(new ERR_INVALID_ARG_TYPE('options', 'Object', options),
                      `${failed}: Options cannot be converted to a dictionary`);
  }
  const transfer = options?.transfer;
  if (transfer !== undefined &&
      (!isObject(transfer) && typeof transfer !== 'function' || typeof transfer[Symbol.iterator] !== 'function')) {
    throw withMessage(new ERR_INVALID_ARG_TYPE('options.transfer', 'Iterable', transfer),
                      `${failed}: transfer in Options can not be converted to sequence.`);
  }
  const list = transfer === undefined ? undefined : [...transfer];
  if (list?.some((item) => !isObject(item) && typeof item !== 'function')) {
    throw withMessage(new ERR_INVALID_ARG_TYPE('transfer', 'object', list), 'Value is not an object');
  }
  if (!isObject(value) && transfer === undefined && typeof value !== 'symbol' && typeof value !== 'function') return value;
  return decode(encode(value, list, undefined)).value;
}

function withMessage(error, message) {
  error.message = message;
  return error;
}

function markAsUncloneable(object) {
  if ((typeof object !== 'object' && typeof object !== 'function') || object === null || isAnyArrayBuffer(object)) return;
  anyUncloneable = true;
  uncloneable.add(object);
}

module.exports = {
  ClonedDOMException,
  dataCloneError,
  decode,
  encode,
  isMarkedAsUntransferable,
  markAsUncloneable,
  markAsUntransferable,
  structuredClone,
};
