'use strict';
// The entries of an object that are not properties, as text: elements, what iterators and weak
// collections hold, the state of promises, the bytes of buffers, the exports of modules.

const types = require('internal/util/types');
const { joinEntries } = require('internal/util/inspect/layout');
const { numberText, bigintText } = require('internal/util/inspect/text');

const noEntries = () => [];

const getterOf = (prototype, key) => {
  const { get } = Object.getOwnPropertyDescriptor(prototype, key);
  return (object) => Reflect.apply(get, object, []);
};
const setSize = getterOf(Set.prototype, 'size');
const mapSize = getterOf(Map.prototype, 'size');
const typedArrayLength = getterOf(Object.getPrototypeOf(Uint8Array.prototype), 'length');
const { forEach: forEachInSet } = Set.prototype;
const { forEach: forEachInMap } = Map.prototype;

const more = (count, what = 'item') => `... ${count} more ${what}${count > 1 ? 's' : ''}`;
const limit = (state, length) => Math.min(Math.max(0, state.maxArrayLength), length);

// A run of holes counts as one entry.
function arrayEntries(state, value, depth) {
  const { length } = value;
  const shown = limit(state, length);
  const output = [];
  let i = 0;
  for (; i < length && output.length < shown; i++) {
    if (!Object.hasOwn(value, i)) {
      const start = i;
      i = nextElement(value, i) - 1;
      const holes = i - start + 1;
      output.push(state.stylize(`<${holes} empty item${holes > 1 ? 's' : ''}>`, 'undefined'));
    } else {
      output.push(state.formatElement(state, value, depth, i));
    }
  }
  if (i < length) output.push(more(length - i));
  return output;
}

// The index after a run of holes. Past a few, own keys are faster than asking one by one.
function nextElement(value, hole) {
  const { length } = value;
  for (let i = hole + 1; i < length; i++) {
    if (Object.hasOwn(value, i)) return i;
    if (i - hole > 64) {
      for (const key of Object.keys(value)) {
        const index = Number(key);
        if (index > i && index < length && String(index) === key) return index;
      }
      return length;
    }
  }
  return length;
}

function typedArrayEntries(state, value, depth) {
  const length = typedArrayLength(value);
  const shown = limit(state, length);
  const output = new Array(shown);
  const elementText = length > 0 && typeof value[0] === 'bigint' ? bigintText : numberText;
  for (let i = 0; i < shown; i++) {
    output[i] = state.stylize(elementText(value[i], state.numericSeparator),
                              elementText === numberText ? 'number' : 'bigint');
  }
  if (shown < length) output.push(more(length - shown));
  if (state.showHidden) {
    for (const key of ['BYTES_PER_ELEMENT', 'length', 'byteLength', 'byteOffset', 'buffer']) {
      output.push(internal(state, key, value[key], depth, true));
    }
  }
  return output;
}

function setEntries(state, value, depth) {
  const shown = limit(state, setSize(value));
  const output = [];
  state.indentation += 2;
  let i = 0;
  Reflect.apply(forEachInSet, value, [(element) => {
    if (i++ < shown) output.push(state.format(state, element, depth));
  }]);
  if (i > shown) output.push(more(i - shown));
  state.indentation -= 2;
  return output;
}

function mapEntries(state, value, depth) {
  const shown = limit(state, mapSize(value));
  const output = [];
  state.indentation += 2;
  let i = 0;
  Reflect.apply(forEachInMap, value, [(element, key) => {
    if (i++ >= shown) return;
    output.push(`${state.format(state, key, depth)} => ${state.format(state, element, depth)}`);
  }]);
  if (i > shown) output.push(more(i - shown));
  state.indentation -= 2;
  return output;
}

// What an iterator would still give, or a weak set holds. Pairs are shown as such.
function iteratorEntries(state, value, depth) {
  const [entries, isKeyValue] = state.engine.previewEntries(value);
  if (isKeyValue) {
    return pairs(state, entries, depth, (key, element) =>
      joinEntries(state, [key, element], '', '[', ']', true, depth));
  }
  const shown = limit(state, entries.length);
  const output = [];
  state.indentation += 2;
  for (let i = 0; i < shown; i++) output.push(state.format(state, entries[i], depth));
  state.indentation -= 2;
  // The order in which a weak collection gives its entries means nothing.
  if (types.isWeakSet(value)) output.sort();
  if (entries.length > shown) output.push(more(entries.length - shown));
  return output;
}

function weakMapEntries(state, value, depth) {
  const [entries] = state.engine.previewEntries(value);
  return pairs(state, entries, depth, (key, element) => `${key} => ${element}`, true);
}

// `entries` alternates keys and values.
function pairs(state, entries, depth, join, sorted = false) {
  const length = entries.length / 2;
  const shown = limit(state, length);
  const output = [];
  state.indentation += 2;
  for (let i = 0; i < shown; i++) {
    output.push(join(state.format(state, entries[i * 2], depth),
                     state.format(state, entries[i * 2 + 1], depth)));
  }
  state.indentation -= 2;
  if (sorted) output.sort();
  if (length > shown) output.push(more(length - shown));
  return output;
}

const unknownEntries = (state) => [state.stylize('<items unknown>', 'special')];

function promiseEntries(state, value, depth) {
  const [status, result] = state.engine.getPromiseDetails(value);
  if (status === 0) return [state.stylize('<pending>', 'special')];
  state.indentation += 2;
  const shown = state.format(state, result, depth);
  state.indentation -= 2;
  return [status === 2 ? `${state.stylize('<rejected>', 'special')} ${shown}` : shown];
}

// A property that V8 keeps inside the object.
function internal(state, key, value, depth, insideTypedArray) {
  state.indentation += 2;
  const shown = state.format(state, value, depth, insideTypedArray);
  state.indentation -= 2;
  return `${state.stylize(`[${key}]`, 'string')}: ${shown}`;
}

function arrayBufferEntries(state, buffer, depth) {
  const byteLength = internal(state, 'byteLength', buffer.byteLength, depth);
  let bytes;
  try {
    bytes = new Uint8Array(buffer);
  } catch {
    return [state.stylize('(detached)', 'special'), byteLength];
  }
  const shown = limit(state, bytes.length);
  let hex = '';
  for (let i = 0; i < shown; i++) {
    hex += `${i === 0 ? '' : ' '}${bytes[i] < 16 ? '0' : ''}${bytes[i].toString(16)}`;
  }
  const rest = bytes.length > shown ?
    `${shown > 0 ? ' ' : ''}${more(bytes.length - shown, 'byte')}` : '';
  return [`${state.stylize('[Uint8Contents]', 'special')}: <${hex}${rest}>`, byteLength];
}

// The size of a view cannot be read once its buffer is detached.
function dataViewEntries(state, view, depth) {
  const read = (key, otherwise) => {
    try {
      return view[key];
    } catch {
      return otherwise;
    }
  };
  return [
    internal(state, 'byteLength', read('byteLength', 0), depth),
    internal(state, 'byteOffset', read('byteOffset', undefined), depth),
    internal(state, 'buffer', view.buffer, depth),
  ];
}

// Exports that are not initialized yet cannot be read.
function namespaceEntries(state, value, depth, keys) {
  return keys.map((key) => {
    try {
      return state.formatProperty(state, value, depth, key, false);
    } catch (error) {
      if (!(error instanceof ReferenceError)) throw error;
      const stand = { [key]: '' };
      const shown = state.formatProperty(state, stand, depth, key, false);
      const end = shown.lastIndexOf(' ') + 1;
      return shown.slice(0, end) + state.stylize('<uninitialized>', 'special');
    }
  });
}

module.exports = {
  arrayBufferEntries,
  arrayEntries,
  dataViewEntries,
  iteratorEntries,
  mapEntries,
  mapSize,
  namespaceEntries,
  noEntries,
  promiseEntries,
  setEntries,
  setSize,
  typedArrayEntries,
  typedArrayLength,
  unknownEntries,
  weakMapEntries,
};
