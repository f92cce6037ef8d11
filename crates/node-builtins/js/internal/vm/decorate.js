'use strict';
// Puts the line of source text that an error comes from, with a caret below, before the error's stack.

const lazy = require('internal/lazy');
const getStack = lazy(() => require('internal/stack'));

const decorated = new WeakSet();

// A token whose end can be seen without knowing what is before it.
const token = /^(?:[\p{ID_Start}$_][\p{ID_Continue}$]*|\d+|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')/u;

/**
 * `column` is 1-based and counts what stands before the text, too: `columnOffset` in the first line. `marksToken`: not
 * only its first character.
 */
function arrow(file, line, text, column, marksToken) {
  const before = text.slice(0, column - 1);
  // V8 points at the statement that throws
  const thrown = /\bthrow\s+$/.exec(before);
  const width = thrown === null ? before.length : thrown.index;
  const indent = before.slice(0, width).replace(/[^\t]/g, ' ');
  const length = marksToken ? token.exec(text.slice(before.length))?.[0].length ?? 1 : 1;
  return `${file}:${line}\n${text}\n${indent}${'^'.repeat(length)}\n`;
}

function lineOf(code, number) {
  return code.split(/\r\n|[\n\r\u2028\u2029]/, number + 1)[number];
}

function decorate(error, place, { code, filename, lineOffset, columnOffset }, marksToken) {
  if (typeof error !== 'object' || error === null || decorated.has(error)) return;
  if (place === undefined || place.file !== filename) return;
  const index = place.line - 1 - lineOffset;
  const text = lineOf(code, index);
  if (text === undefined) return;
  const { stack } = error;
  if (typeof stack !== 'string') return;
  decorated.add(error);
  const column = place.column - (index === 0 ? columnOffset : 0);
  error.stack = `${arrow(filename, place.line, text, column, marksToken)}\n${stack}`;
}

/** An error that a text has when it is compiled: the engine says where. */
function decorateSyntaxError(error, source) {
  const { fileName: file, lineNumber: line, columnNumber: column } = error;
  decorate(error, { file, line, column }, source, true);
}

/** An error that code threw. */
function decorateThrown(error, source) {
  if (!Error.isError(error)) return;
  const site = getStack().placeOfError(error);
  if (site === undefined) return;
  const place = { file: site.getFileName(), line: site.getLineNumber(), column: site.getColumnNumber() };
  decorate(error, place, source, false);
}

module.exports = { decorateSyntaxError, decorateThrown };
