'use strict';
// Results in the Test Anything Protocol, version 13, with details as YAML.

const { inspectPlainly } = require('internal/test_runner/reporter/format');
const { isDate } = require('internal/util/types');

const { isError } = Error;
const inspectOptions = { __proto__: null, colors: false, breakLength: Infinity };

// Failures that stand for an error of the program, which is what is to be shown.
const standForCause = new Set(['testCodeFailure', 'hookFailed', 'uncaughtException', 'unhandledRejection']);

const indents = [];
function indent(nesting) {
  return indents[nesting] ??= '    '.repeat(nesting);
}

const controls = { '\b': '\\b', '\f': '\\f', '\t': '\\t', '\n': '\\n', '\r': '\\r', '\v': '\\v' };

function escape(text) {
  return text.replace(/[\b\f\t\n\r\v]/g, (found) => controls[found]).replace(/[\\#]/g, '\\$&');
}

const show = (value) => inspectPlainly(value, inspectOptions);

function directive(word, value) {
  if (value === undefined) return '';
  return ` # ${word}${typeof value === 'string' && value.length > 0 ? ` ${escape(value)}` : ''}`;
}

function resultLine(status, { expectFailure, name, nesting, skip, testNumber, todo }) {
  let line = `${indent(nesting)}${status} ${testNumber}`;
  if (name) line += ` ${escape(`- ${name}`)}`;
  if (skip !== undefined) line += directive('SKIP', skip);
  else if (todo !== undefined) line += directive('TODO', todo);
  else line += directive('EXPECTED FAILURE', expectFailure);
  return `${line}\n`;
}

function detailLines(nesting, { duration_ms, error, type } = {}, location) {
  const space = indent(nesting);
  const seen = new Set();
  return `${space}  ---\n${yaml(space, 'duration_ms', duration_ms, seen)}${yaml(space, 'type', type, seen)}` +
    `${yaml(space, 'location', location, seen)}${yaml(space, undefined, error, seen)}${space}  ...\n`;
}

function yaml(space, name, value, seen) {
  if (value === undefined) return '';
  const prefix = `${space}  ${name}:`;
  if (value === null) return name === undefined ? '' : `${prefix} ~\n`;
  if (typeof value !== 'object') {
    if (typeof value === 'string' && value.includes('\n')) {
      return `${prefix} |-\n${value.split(/\r?\n/).map((line) => `${space}    ${line}\n`).join('')}`;
    }
    return `${prefix} ${show(value)}\n`;
  }
  if (isDate(value)) return `${prefix} ${value.toISOString()}\n`;
  seen.add(value);
  let inner = space;
  let text = '';
  if (name !== undefined) {
    text = `${prefix}\n`;
    inner = `${space}  `;
  }
  const isErrorValue = isError(value);
  for (const { 0: key, 1: property } of Object.entries(value)) {
    if (isErrorValue && (key === 'cause' || key === 'code')) continue;
    text += seen.has(property) ? `${inner}  ${key}: <Circular>\n` : yaml(inner, key, property, seen);
  }
  if (isErrorValue) text += errorLines(space, value, seen);
  // only what is around a value makes a circle
  seen.delete(value);
  return text;
}

const isAssertionLike = (value) =>
  value && typeof value === 'object' && 'expected' in value && 'actual' in value;

function errorLines(space, error, seen) {
  let { code, message = '<unknown error>', name, stack } = error;
  let assertion = isAssertionLike(error) ? error : undefined;
  if (code === 'ERR_TEST_FAILURE' && standForCause.has(error.failureType)) {
    const { cause } = error;
    stack = cause?.stack ?? stack;
    code = cause?.code ?? code;
    name = cause?.name ?? name;
    message = cause?.message ?? message;
    if (isAssertionLike(cause)) assertion = cause;
  }
  let text = yaml(space, 'error', message, seen);
  if (code) text += yaml(space, 'code', code, seen);
  if (name && name !== 'Error') text += yaml(space, 'name', name, seen);
  if (assertion !== undefined) {
    text += yaml(space, 'expected', assertion.expected, seen) + yaml(space, 'actual', assertion.actual, seen);
    if (assertion.operator) text += yaml(space, 'operator', assertion.operator, seen);
  }
  if (typeof stack !== 'string') return text;
  const frames = stack.split(/\r?\n/).filter((line) => line.startsWith('    at '));
  if (frames.length === 0) return text;
  return `${text}${space}  stack: |-\n${frames.map((line) => `${space}    ${line.slice(7)}\n`).join('')}`;
}

function comment(space, message) {
  return `${space}# ${escape(message)}\n`;
}

function textOf(type, data) {
  switch (type) {
    case 'test:plan':
      return `${indent(data.nesting)}1..${data.count}\n`;
    case 'test:start':
      return `${indent(data.nesting)}# Subtest: ${escape(data.name)}\n`;
    case 'test:stderr':
    case 'test:stdout':
      return data.message.split(/\r?\n/).filter((line) => line !== '').map((line) => comment('', line)).join('');
    case 'test:diagnostic':
      return comment(indent(data.nesting), data.message);
    case 'test:interrupted':
      return data.tests.map((test) => comment(indent(test.nesting), interruptedText(test))).join('');
    default:
      return undefined;
  }
}

function interruptedText({ column, file, line, name }) {
  return `Interrupted while running: ${name}${file ? ` at ${file}:${line}:${column}` : ''}`;
}

module.exports = async function* tapReporter(source) {
  yield 'TAP version 13\n';
  for await (const { type, data } of source) {
    if (type === 'test:pass' || type === 'test:fail') {
      const hasFailed = type === 'test:fail';
      yield resultLine(hasFailed ? 'not ok' : 'ok', data);
      const location = hasFailed && data.file ? `${data.file}:${data.line}:${data.column}` : undefined;
      yield detailLines(data.nesting, data.details, location);
      continue;
    }
    const text = textOf(type, data);
    if (text) yield text;
  }
};
