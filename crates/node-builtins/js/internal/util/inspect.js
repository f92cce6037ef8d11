'use strict';
// util.inspect: a readable picture of any value. Here are the options, the walk over values
// and properties, depth and circularity. What stands in and before the braces of each kind of
// object is in internal/util/inspect/shapes, line breaking in .../layout, quoting in .../text,
// errors in .../errors, util.format in .../format.

const lazy = require('internal/lazy');
const { codes: { ERR_INVALID_ARG_TYPE }, isStackOverflowError } = require('internal/errors');
const { joinEntries } = require('internal/util/inspect/layout');
const text = require('internal/util/inspect/text');
const { className, describe, prefix } = require('internal/util/inspect/shapes');
const { constructorName } = require('internal/util/inspect/names');
const { isProxy } = require('internal/util/types');

const getHighlight = lazy(() => require('internal/util/inspect/regexp'));
const getFormat = lazy(() => require('internal/util/inspect/format'));

const { getProxyDetails } = binding;
const customInspectSymbol = Symbol.for('nodejs.util.inspect.custom');
const { quote, escapeAll, numberText, bigintText, stringWidth } = text;

const defaultOptions = Object.seal({
  showHidden: false,
  depth: 2,
  colors: false,
  customInspect: true,
  showProxy: false,
  maxArrayLength: 100,
  maxStringLength: 10000,
  breakLength: 80,
  compact: 3,
  sorted: false,
  getters: false,
  numericSeparator: false,
});
const optionNames = Object.keys(defaultOptions);

const plainStyle = (shown) => shown;

function colorStyle(shown, kind) {
  const style = inspect.styles[kind];
  if (style === undefined) return shown;
  if (typeof style === 'function') return style(shown);
  const color = inspect.colors[style];
  return color === undefined ? shown : `\x1b[${color[0]}m${shown}\x1b[${color[1]}m`;
}

// `options` is an object, or `showHidden` followed by depth and colors as they once were.
function inspect(value, options) {
  const state = {
    showHidden: defaultOptions.showHidden,
    depth: defaultOptions.depth,
    colors: defaultOptions.colors,
    customInspect: defaultOptions.customInspect,
    showProxy: defaultOptions.showProxy,
    maxArrayLength: defaultOptions.maxArrayLength,
    maxStringLength: defaultOptions.maxStringLength,
    breakLength: defaultOptions.breakLength,
    compact: defaultOptions.compact,
    sorted: defaultOptions.sorted,
    getters: defaultOptions.getters,
    numericSeparator: defaultOptions.numericSeparator,
    stylize: plainStyle,
    userOptions: undefined,
    indentation: 0,
    currentDepth: 0,
    seen: [],
    circular: undefined,
    budget: undefined,
    engine: binding,
    format: formatValue,
    formatElement,
    formatProperty,
  };
  if (arguments.length > 1) {
    if (typeof options === 'boolean') {
      state.showHidden = options;
    } else if (options) {
      // errors are shown where programs have deleted the iterator of arrays, too
      const names = Object.keys(options);
      for (let i = 0; i < names.length; i++) {
        const name = names[i];
        if (name === 'stylize' || Object.hasOwn(defaultOptions, name)) {
          state[name] = options[name];
        } else if (state.userOptions === undefined) {
          // Own options reach custom inspectors.
          state.userOptions = options;
        }
      }
    }
    if (arguments.length > 2) {
      if (arguments[2] !== undefined) state.depth = arguments[2];
      if (arguments.length > 3 && arguments[3] !== undefined) state.colors = arguments[3];
    }
  }
  if (state.colors && state.stylize === plainStyle) state.stylize = colorStyle;
  if (state.maxArrayLength === null) state.maxArrayLength = Infinity;
  if (state.maxStringLength === null) state.maxStringLength = Infinity;
  return formatValue(state, value, 0);
}

function formatString(state, value) {
  let rest = '';
  if (value.length > state.maxStringLength) {
    const more = value.length - state.maxStringLength;
    value = value.slice(0, state.maxStringLength);
    rest = `... ${more} more character${more > 1 ? 's' : ''}`;
  }
  if (state.compact !== true && value.length > 16 &&
      value.length > state.breakLength - state.indentation - 4 && value.includes('\n')) {
    return value.split(/(?<=\n)/)
      .map((line) => state.stylize(quote(line), 'string'))
      .join(` +\n${' '.repeat(state.indentation + 2)}`) + rest;
  }
  return state.stylize(quote(value), 'string') + rest;
}

function formatPrimitive(state, value) {
  switch (typeof value) {
    case 'string':
      return formatString(state, value);
    case 'number':
      return state.stylize(numberText(value, state.numericSeparator), 'number');
    case 'bigint':
      return state.stylize(bigintText(value, state.numericSeparator), 'bigint');
    case 'symbol':
      return state.stylize(Symbol.prototype.toString.call(value), 'symbol');
    case 'boolean':
      return state.stylize(`${value}`, 'boolean');
    default:
      return value === null ? state.stylize('null', 'null') :
        state.stylize('undefined', 'undefined');
  }
}

const isObject = (value) => typeof value === 'object' || typeof value === 'function';

// `context` keeps the proxy itself, on which a custom inspector is called.
function formatValue(state, value, depth, insideTypedArray) {
  if (value === null || !isObject(value)) return formatPrimitive(state, value);
  const context = value;
  const proxied = isProxy(value);
  if (proxied) {
    if (state.showProxy) return formatProxy(state, getProxyDetails(value), depth);
    do {
      [value] = getProxyDetails(value);
      if (value === null) return state.stylize('<Revoked Proxy>', 'special');
    } while (isProxy(value));
  }
  if (state.customInspect) {
    const custom = value[customInspectSymbol];
    if (typeof custom === 'function' && custom !== inspect && !isPrototype(value)) {
      const left = state.depth === null ? null : state.depth - depth;
      const foreign = proxied || !(context instanceof Object);
      const shown = Reflect.apply(custom, context, [left, customOptions(state, foreign), inspect]);
      if (shown !== context) {
        return typeof shown === 'object' && shown !== null ? formatValue(state, shown, depth) :
          `${shown}`.replaceAll('\n', `\n${' '.repeat(state.indentation)}`);
      }
    }
  }
  if (state.seen.includes(value)) {
    state.circular ??= new Map();
    let index = state.circular.get(value);
    if (index === undefined) {
      index = state.circular.size + 1;
      state.circular.set(value, index);
    }
    return state.stylize(`[Circular *${index}]`, 'special');
  }
  return formatObject(state, value, depth, insideTypedArray);
}

function isPrototype(value) {
  const { constructor } = value;
  return typeof constructor === 'function' && constructor.prototype === value;
}

// The options a custom inspector gets. Objects of another realm must not get hold of ours.
function customOptions(state, foreign) {
  const options = { stylize: state.stylize };
  for (const name of optionNames) options[name] = state[name];
  Object.assign(options, state.userOptions);
  if (!foreign) return options;
  Object.setPrototypeOf(options, null);
  for (const key of Object.keys(options)) {
    if (isObject(options[key]) && options[key] !== null) delete options[key];
  }
  options.stylize = Object.setPrototypeOf((value, kind) => {
    let shown;
    try {
      shown = `${state.stylize(value, kind)}`;
    } catch {
      return value;
    }
    return shown;
  }, null);
  return options;
}

function formatProxy(state, [target, handler], depth) {
  if (target === null) return state.stylize('<Revoked Proxy>', 'special');
  if (state.depth !== null && depth > state.depth) {
    return state.stylize('Proxy [Array]', 'special');
  }
  depth += 1;
  state.indentation += 2;
  const parts = [formatValue(state, target, depth), formatValue(state, handler, depth)];
  state.indentation -= 2;
  return joinEntries(state, parts, '', 'Proxy [', ']', true, depth);
}

// The tag of a class. An own tag is shown as a property where it is shown at all.
function classTag(value, showHidden) {
  let tag;
  try {
    tag = value[Symbol.toStringTag];
  } catch {
    return '';
  }
  if (typeof tag !== 'string' || tag === '') return '';
  const isProperty = showHidden ? Object.hasOwn(value, Symbol.toStringTag) :
    Object.prototype.propertyIsEnumerable.call(value, Symbol.toStringTag);
  return isProperty ? '' : tag;
}

function formatObject(state, value, depth, insideTypedArray) {
  const tooDeep = state.depth !== null && depth > state.depth;
  const inherited = state.showHidden && !tooDeep ? [] : undefined;
  const name = constructorName(state, value, depth, inherited);
  const tag = classTag(value, state.showHidden);
  const hasInherited = inherited !== undefined && inherited.length > 0;
  const shape = describe(state, value, name, tag, hasInherited, tooDeep, insideTypedArray);
  if (typeof shape === 'string') return shape;
  if (tooDeep) {
    const kind = prefix(name, tag, className(state, value, tag)).slice(0, -1);
    return state.stylize(name === null ? kind : `[${kind}]`, 'special');
  }
  depth += 1;
  state.seen.push(value);
  state.currentDepth = depth;
  const { indentation } = state;
  let output;
  try {
    output = shape.entries(state, value, depth);
    const { keys } = shape;
    for (let i = 0; i < keys.length; i++) {
      output.push(formatProperty(state, value, depth, keys[i], shape.isArray));
    }
    if (hasInherited) output.push(...inherited);
  } catch (error) {
    if (!isStackOverflowError(error)) throw error;
    state.seen.pop();
    state.indentation = indentation;
    return state.stylize(`[${prefix(name, tag, 'Object').slice(0, -1)}: Inspection interrupted ` +
      'prematurely. Maximum call stack size exceeded.]', 'special');
  }
  let { base, open } = shape;
  const index = state.circular?.get(value);
  if (index !== undefined) {
    const reference = state.stylize(`<ref *${index}>`, 'special');
    if (state.compact === true) open = `${reference} ${open}`;
    else base = base === '' ? reference : `${reference} ${base}`;
  }
  state.seen.pop();
  if (state.sorted) sortEntries(state, output, shape);
  const result = joinEntries(
    state, output, base, open, shape.close, shape.isArray, depth, shape.elements);
  // An object that others refer to very often may grow beyond what can be printed: past
  // 128 MiB on one level, no further level is entered.
  state.budget ??= {};
  const used = (state.budget[state.indentation] ?? 0) + result.length;
  state.budget[state.indentation] = used;
  if (used > 2 ** 27) state.depth = -1;
  return result;
}

// Elements of arrays keep their order, only further properties are sorted.
function sortEntries(state, output, shape) {
  const compare = state.sorted === true ? undefined : state.sorted;
  if (!shape.isArray) {
    output.sort(compare);
  } else if (shape.keys.length > 1) {
    const start = output.length - shape.keys.length;
    output.splice(start, shape.keys.length, ...output.slice(start).sort(compare));
  }
}

function formatKey(state, key, enumerable) {
  if (typeof key === 'symbol') {
    const shown = state.stylize(escapeAll(Symbol.prototype.toString.call(key)), 'symbol');
    return enumerable ? shown : `[${shown}]`;
  }
  const shown = key === '__proto__' ? "['__proto__']" :
    /^[a-zA-Z_][a-zA-Z_0-9]*$/.test(key) ?
      state.stylize(key, 'name') : state.stylize(quote(key), 'string');
  return enumerable ? shown : `[${shown}]`;
}

// What a descriptor holds, in the lines indented by `indent`. Getters are called on `object`.
function formatDescriptor(state, descriptor, depth, object, indent) {
  if (descriptor.value !== undefined) {
    state.indentation += indent;
    const shown = formatValue(state, descriptor.value, depth);
    state.indentation -= indent;
    return shown;
  }
  if (descriptor.get !== undefined) return formatGetter(state, descriptor, depth, object);
  return descriptor.set === undefined ?
    state.stylize('undefined', 'undefined') : state.stylize('[Setter]', 'special');
}

function formatElement(state, array, depth, index) {
  return formatDescriptor(
    state, Object.getOwnPropertyDescriptor(array, index), depth, array, 2);
}

// `original` is the object whose prototype (or itself) `value` is.
function formatProperty(state, value, depth, key, ofArray, descriptor, original = value) {
  descriptor ??= Object.getOwnPropertyDescriptor(value, key) ??
    (key === 'stack' ? Object.getOwnPropertyDescriptor(Error.prototype, 'stack') : undefined) ??
    { value: value[key], configurable: true, enumerable: false };
  const indent = state.compact !== true || ofArray ? 2 : 3;
  const shown = formatDescriptor(state, descriptor, depth, original, indent);
  const gap = indent === 3 && descriptor.value !== undefined &&
    state.breakLength < stringWidth(shown, state.colors) ?
    `\n${' '.repeat(state.indentation + indent)}` : ' ';
  return `${formatKey(state, key, descriptor.enumerable)}:${gap}${shown}`;
}

function formatGetter(state, { get, set }, depth, object) {
  const label = set === undefined ? 'Getter' : 'Getter/Setter';
  const special = (shown) => state.stylize(shown, 'special');
  const called = state.getters === true ||
    (state.getters === 'get' && set === undefined) ||
    (state.getters === 'set' && set !== undefined);
  if (!called) return special(`[${label}]`);
  state.indentation += 2;
  try {
    const value = Reflect.apply(get, object, []);
    if (isObject(value) && value !== null) {
      return `${special(`[${label}]`)} ${formatValue(state, value, depth)}`;
    }
    return `${special(`[${label}:`)} ${formatPrimitive(state, value)}${special(']')}`;
  } catch (error) {
    const message = `<Inspection threw (${formatValue(state, error, depth)})>`;
    return `${special(`[${label}:`)} ${message}${special(']')}`;
  } finally {
    state.indentation -= 2;
  }
}

inspect.custom = customInspectSymbol;

Object.defineProperty(inspect, 'defaultOptions', {
  __proto__: null,
  get() {
    return defaultOptions;
  },
  set(options) {
    if (options === null || typeof options !== 'object' || Array.isArray(options)) {
      throw new ERR_INVALID_ARG_TYPE('options', 'Object', options);
    }
    Object.assign(defaultOptions, options);
  },
});

const defineLazily = (target, name, compute) => {
  Object.defineProperty(target, name, {
    __proto__: null,
    enumerable: true,
    configurable: true,
    get() {
      const value = compute();
      Object.defineProperty(target, name, {
        __proto__: null, value, enumerable: true, configurable: true, writable: true,
      });
      return value;
    },
    set(value) {
      Object.defineProperty(target, name, {
        __proto__: null, value, enumerable: true, configurable: true, writable: true,
      });
    },
  });
};
defineLazily(inspect, 'colors', () => require('internal/util/inspect/palette').colors);
defineLazily(inspect, 'styles', () => require('internal/util/inspect/palette').makeStyles(
  (pattern) => getHighlight()(pattern, inspect)));

module.exports = {
  engine: binding,
  inspect,
  inspectDefaultOptions: defaultOptions,
  formatProperty,
  getStringWidth: stringWidth,
  stripVTControlCharacters: text.stripControlSequences,
  format: (...args) => getFormat().formatWithOptionsToString(undefined, args),
  formatWithOptions(options, ...args) {
    if (typeof options !== 'object' || options === null || Array.isArray(options)) {
      throw new ERR_INVALID_ARG_TYPE('inspectOptions', 'Object', options);
    }
    return getFormat().formatWithOptionsToString(options, args);
  },
};
