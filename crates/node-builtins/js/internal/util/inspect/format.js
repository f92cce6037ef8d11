'use strict';
// util.format: printf-like placeholders, further arguments joined by spaces.

const lazy = require('internal/lazy');
const { inspect, inspectDefaultOptions, engine } = require('internal/util/inspect');
const { numberText, bigintText } = require('internal/util/inspect/text');
const { builtInClasses } = require('internal/util/inspect/names');
const types = require('internal/util/types');

const circularMessage = lazy(() => {
  try {
    const loop = {};
    loop.loop = loop;
    return JSON.stringify(loop);
  } catch (error) {
    return error.message.split('\n', 1)[0];
  }
});

function toJson(value) {
  try {
    return JSON.stringify(value);
  } catch (error) {
    if (error.name === 'TypeError' && error.message.split('\n', 1)[0] === circularMessage()) {
      return '[Circular]';
    }
    throw error;
  }
}

// Whether String(value) would be the language's own and say less than inspecting it.
function hasBuiltInToString(value) {
  while (types.isProxy(value)) {
    [value] = engine.getProxyDetails(value);
    if (value === null) return true;
  }
  if (typeof value[Symbol.toPrimitive] === 'function' &&
      !(types.isDate(value) && !Object.hasOwn(value, Symbol.toPrimitive))) {
    return false;
  }
  if (typeof value.toString !== 'function') return true;
  if (Object.hasOwn(value, 'toString')) return false;
  let pointer = value;
  do {
    pointer = Object.getPrototypeOf(pointer);
  } while (!Object.hasOwn(pointer, 'toString'));
  const constructor = Object.getOwnPropertyDescriptor(pointer, 'constructor')?.value;
  return typeof constructor === 'function' && builtInClasses().has(constructor.name);
}

function asString(value, separated) {
  if (typeof value === 'number') return numberText(value, separated);
  if (typeof value === 'bigint') return bigintText(value, separated);
  if (typeof value !== 'object' || value === null || !hasBuiltInToString(value)) {
    return String(value);
  }
  return inspect(value, { depth: 0, colors: false, compact: 3 });
}

function asNumber(value, convert, separated) {
  if (typeof value === 'bigint') return bigintText(value, separated);
  if (typeof value === 'symbol') return numberText(NaN, separated);
  return numberText(convert(value), separated);
}

// What a placeholder becomes; undefined if the letter is none.
function replacement(letter, value, options) {
  const separated = options?.numericSeparator ?? inspectDefaultOptions.numericSeparator;
  switch (letter) {
    case 's':
      return asString(value, separated);
    case 'd':
      return typeof value === 'object' ?
        numberText(Number(value), separated) : asNumber(value, Number, separated);
    case 'i':
      return typeof value === 'object' ?
        numberText(Number.parseInt(value, 10), separated) :
        asNumber(value, (number) => Number.parseInt(number, 10), separated);
    case 'f':
      return typeof value === 'symbol' ?
        numberText(NaN, separated) : numberText(Number.parseFloat(value), separated);
    case 'j':
      return `${toJson(value)}`;
    case 'O':
      return inspect(value, options);
    case 'o':
      return inspect(value, { ...options, showHidden: true, showProxy: true, depth: 4 });
    case 'c':
      return '';
    default:
      return undefined;
  }
}

function fillIn(template, args, options) {
  let output = '';
  let next = 1;
  let copied = 0;
  for (let i = template.indexOf('%'); i !== -1 && i < template.length - 1;
    i = template.indexOf('%', i)) {
    const letter = template[i + 1];
    let shown;
    if (letter === '%') shown = '%';
    else if (next < args.length) shown = replacement(letter, args[next], options);
    if (shown === undefined) {
      i++;
      continue;
    }
    if (letter !== '%') next++;
    output += template.slice(copied, i) + shown;
    i += 2;
    copied = i;
  }
  return [output + template.slice(copied), next];
}

// `args` are all arguments of util.format.
function formatWithOptionsToString(options, args) {
  const first = args[0];
  if (args.length === 1) return typeof first === 'string' ? first : inspect(first, options);
  let output = '';
  let next = 0;
  if (typeof first === 'string') {
    const { 0: text, 1: used } = first.includes('%') ? fillIn(first, args, options) : [first, 1];
    output = text;
    next = used;
  }
  for (; next < args.length; next++) {
    const value = args[next];
    if (next > 0) output += ' ';
    output += typeof value === 'string' ? value : inspect(value, options);
  }
  return output;
}

module.exports = { formatWithOptionsToString };
