'use strict';
// How util.inspect shows an error: its stack, corrected where name and class are not in it,
// shortened where its cause's stack says the same, in brackets where there is no stack.

const lazy = require('internal/lazy');
const types = require('internal/util/types');

const getPrefix = lazy(() => require('internal/util/inspect/shapes').prefix);

// Own properties every error of this engine has.
const enginesOwn = ['fileName', 'lineNumber', 'columnNumber'];

const { isPrototypeOf } = Object.prototype;
const errorPrototype = Error.prototype;

// Also what only inherits from Error.
const isErrorValue = (value) => typeof value === 'object' && value !== null &&
  (types.isNativeError(value) || Reflect.apply(isPrototypeOf, errorPrototype, [value]));

// Properties of errors may be getters that throw.
function read(error, key) {
  try {
    return error[key];
  } catch {
    return undefined;
  }
}

// All that can be said where neither stack nor name and message can be read.
function bareText(error) {
  try {
    return Object.prototype.toString.call(error);
  } catch {
    return '[object Error]';
  }
}

function headText(error) {
  try {
    return Error.prototype.toString.call(error);
  } catch {
    return bareText(error);
  }
}

// What Error.prototype would say of an error that lost its prototype.
function engineStack(error) {
  if (Object.getPrototypeOf(error) !== null || !types.isNativeError(error)) return undefined;
  const { get } = Object.getOwnPropertyDescriptor(errorPrototype, 'stack') ?? {};
  return get === undefined ? undefined : Reflect.apply(get, error, []);
}

// A stack that is no text stands behind name and message like frames, one entry a line.
function stackText(state, error) {
  const stack = read(error, 'stack') ?? engineStack(error);
  if (typeof stack === 'string' && stack !== '') return stack;
  const head = headText(error);
  if (!stack) return head;
  const { compact } = state;
  state.compact = false;
  state.indentation += 4;
  state.seen.push(error);
  const shown = state.format(state, stack, 0);
  state.seen.pop();
  state.indentation -= 4;
  state.compact = compact;
  return `${head}\n    ${shown}`;
}

// Whether the stack says what the property does.
function isSaid(error, key, stack) {
  if (key === 'stack') return stack !== bareText(error);
  let value;
  try {
    value = error[key];
  } catch {
    return false;
  }
  return typeof value !== 'string' || stack.includes(value);
}

// Leaves in `keys` what the stack does not show, and adds what it never shows.
function adjustKeys(state, error, stack, keys) {
  const drop = (key) => {
    const index = keys.indexOf(key);
    if (index !== -1) keys.splice(index, 1);
  };
  if (state.showHidden) {
    for (const key of enginesOwn) {
      if (Object.getOwnPropertyDescriptor(error, key)?.enumerable === false) drop(key);
    }
    // Where V8 keeps it: the first property of the error itself.
    if (types.isNativeError(error)) {
      drop('stack');
      keys.unshift('stack');
    }
  } else {
    ['name', 'message', 'stack'].forEach((key) => {
      if (keys.includes(key) && isSaid(error, key, stack)) drop(key);
    });
  }
  if (stack === bareText(error)) return;
  if (Object.hasOwn(error, 'cause') && !keys.includes('cause')) keys.push('cause');
  if (Object.hasOwn(error, 'errors') && !keys.includes('errors') &&
      Array.isArray(read(error, 'errors'))) {
    keys.push('errors');
  }
}

const headName = /^([A-Z][a-z_ A-Z0-9[\]()-]+)(?::|\n\s+at)/;
const bareName = /^([a-z_A-Z0-9-]*Error)$/;

// Puts the class's name into a stack whose first line has another one.
function correctedStack(stack, constructor, name, tag) {
  const isRegular = name.endsWith('Error') && stack.startsWith(name) &&
    (stack.length === name.length || stack[name.length] === ':' || stack[name.length] === '\n');
  if (constructor !== null && !isRegular) return stack;
  let fallback = 'Error';
  if (constructor === null) {
    const start = headName.exec(stack) ?? bareName.exec(stack);
    fallback = start?.[1] ?? '';
    const shown = getPrefix()(null, tag, fallback || 'Error').slice(0, -1);
    return shown.includes(name) && fallback === '' ?
      `${shown}: ${stack}` : replaceHead(stack, shown, name, fallback.length);
  }
  const className = constructor;
  const shown = getPrefix()(className, tag, fallback).slice(0, -1);
  if (name === shown) return stack;
  return replaceHead(stack, shown, name, name.length);
}

function replaceHead(stack, shown, name, length) {
  if (shown.includes(name)) {
    return length === 0 ? `${shown}: ${stack}` : `${shown}${stack.slice(length)}`;
  }
  return `${shown} [${name}]${stack.slice(length)}`;
}

// The longest run of lines that both have, as [start in `lines`, length].
function commonRun(lines, others) {
  for (let i = 0; i < lines.length - 3; i++) {
    const start = others.indexOf(lines[i]);
    if (start === -1) continue;
    const rest = others.length - start;
    if (rest <= 3) continue;
    let length = 1;
    const most = Math.min(lines.length - i, rest);
    while (length < most && lines[i + length] === others[start + length]) length++;
    if (length > 3) return [i, length];
  }
  return [0, 0];
}

function frames(state, error, text) {
  const lines = text.split('\n');
  const cause = read(error, 'cause');
  if (!isErrorValue(cause)) return lines;
  const causeStack = stackText(state, cause);
  const causeStart = causeStack.indexOf('\n    at');
  if (causeStart === -1) return lines;
  const { 0: start, 1: length } = commonRun(lines, causeStack.slice(causeStart + 1).split('\n'));
  if (length > 3) {
    const message = `    ... ${length - 2} lines matching cause stack trace ...`;
    lines.splice(start + 1, length - 2, state.stylize(message, 'undefined'));
  }
  return lines;
}

// In long stacks, frames repeated by recursion are shown once.
function collapseRepeats(state, lines) {
  if (lines.length <= 10 || lines.length - new Set(lines).size < 4) return lines;
  const output = [];
  for (let i = 0; i < lines.length;) {
    const { 0: length, 1: repeats } = repeatedBlock(lines, i);
    if (length * repeats < 3) {
      output.push(lines[i++]);
      continue;
    }
    for (let j = 0; j < length; j++) output.push(lines[i + j]);
    const what = repeats > 1 ? `${length} lines ${repeats} times...` : 'lines ...';
    output.push(state.stylize(
      `    ... collapsed ${length * repeats} duplicate lines matching above ${what}`, 'undefined'));
    i += length * (repeats + 1);
  }
  return output;
}

// The block of lines from `start` on that most lines after it repeat, and how many times.
function repeatedBlock(lines, start) {
  const equal = (at, length) => {
    for (let i = 0; i < length; i++) {
      if (lines[start + i] !== lines[at + i]) return false;
    }
    return at + length <= lines.length;
  };
  let best = [1, 0];
  for (let next = lines.indexOf(lines[start], start + 1); next !== -1;
    next = lines.indexOf(lines[start], next + 1)) {
    const length = next - start;
    if (next + length > lines.length) break;
    if (!equal(next, length)) continue;
    let repeats = 1;
    while (equal(next + length * repeats, length)) repeats++;
    if (length * repeats < 3) break;
    if (length * repeats > best[0] * best[1]) best = [length, repeats];
  }
  return best;
}

const internalFrame = /^ {4}at (?:.* \()?(?:node:|internal\/)[^)]*:\d+:\d+\)?$/;

// Frames of the runtime are grey, as is the way to the working directory (one of `folders`)
// with its parenthesis; names of packages are underlined.
function colorFrame(state, line, folders) {
  if (internalFrame.test(line)) return state.stylize(line, 'undefined');
  const grey = (shown) => state.stylize(shown, 'undefined');
  let colored = line.replace(/([/\\]node_modules[/\\])(@[^/\\]+[/\\][^/\\]+|[^/\\]+)/g,
                             (_, before, name) => before + state.stylize(name, 'module'));
  for (const folder of folders) {
    let start = colored.indexOf(folder);
    const end = start + folder.length;
    if (start === -1 || (colored[end] !== '/' && colored[end] !== '\\')) continue;
    const inParentheses = colored[start - 1] === '(';
    if (inParentheses) start--;
    let rest = colored.slice(end + 1);
    if (inParentheses && rest.endsWith(')')) rest = rest.slice(0, -1) + grey(')');
    colored = colored.slice(0, start) + grey(colored.slice(start, end + 1)) + rest;
    break;
  }
  return colored;
}

// The working directory as it is written in ES modules' and in other frames.
function workingFolders() {
  let folder;
  try {
    folder = require('process').cwd();
  } catch {
    return [];
  }
  const { pathToFileURL } = require('internal/file_url');
  return [pathToFileURL(folder).href, folder];
}

function formatError(state, error, constructor, tag, keys) {
  const errorName = read(error, 'name');
  const name = errorName == null ? 'Error' : String(errorName);
  let stack = stackText(state, error);
  adjustKeys(state, error, stack, keys);
  if (stack === bareText(error)) return stack;
  if (typeof errorName === 'string' || errorName == null || !stack.startsWith(name)) {
    stack = correctedStack(stack, constructor, name, tag);
  } else {
    // A name that is no string says little about the class.
    stack = `${name} [${constructor}]${stack.slice(name.length)}`;
  }

  const message = read(error, 'message');
  const found = typeof message === 'string' && message !== '' ? stack.indexOf(message) : -1;
  const framesStart = stack.indexOf('\n    at', found === -1 ? 0 : found + message.length);
  if (framesStart === -1) {
    stack = `[${stack}]`;
  } else {
    let lines = collapseRepeats(state, frames(state, error, stack.slice(framesStart + 1)));
    if (state.colors) {
      const folders = workingFolders();
      lines = lines.map((line) => colorFrame(state, line, folders));
    }
    stack = `${stack.slice(0, framesStart)}\n${lines.join('\n')}`;
  }
  if (state.indentation === 0) return stack;
  return stack.replaceAll('\n', `\n${' '.repeat(state.indentation)}`);
}

module.exports = { formatError };
