'use strict';
// What a REPL prints of an error that the code it runs has thrown.

const lazy = require('internal/lazy');

const getImports = lazy(() => require('internal/repl/imports'));
const getStack = lazy(() => require('internal/stack'));

const { isError } = Error;
const importMessage = 'Cannot use import statement outside a module';

/** The calls down to the one that is the text itself. */
function callsOfText(sites) {
  const end = sites.findLastIndex((site) =>
    site.getFunctionName() === null && /^REPL\d+$/.test(site.getFileName() ?? ''));
  return end === -1 ? sites : sites.slice(0, end);
}

/** The same of a stack that is text already. */
function withoutOwnCalls(stack) {
  const lines = stack.split('\n');
  const end = lines.findLastIndex((line) => /^\s+at REPL\d+:\d+:\d+$/.test(line));
  return end === -1 ? stack : lines.slice(0, end).join('\n');
}

function refineSyntaxError(error) {
  let stack = error.stack.replace(/^REPL\d+:\d+\r?\n/, '').replace(/^\s+at\s.*\n?/gm, '');
  if (stack.includes(importMessage)) {
    const lines = stack.split('\n');
    const text = lines[0];
    error.message = 'Cannot use import statement inside the Node.js REPL, ' +
      `alternatively use dynamic import: ${getImports().toDynamicImport(text)}`;
    stack = stack.replace(/SyntaxError:.*(?:\n|$)/, () => `SyntaxError: ${error.message}\n`);
  }
  error.stack = stack;
}

function shown(repl, error) {
  const isSelected = getStack().selectCalls(error, callsOfText);
  if (isError(error) && typeof error.stack === 'string') {
    if (error.name === 'SyntaxError') refineSyntaxError(error);
    else if (!isSelected) error.stack = withoutOwnCalls(error.stack);
  }
  const text = repl.writer(error);
  // brackets around a single line
  return isError(error) && text[0] === '[' && text.at(-1) === ']' ? text.slice(1, -1) : text;
}

/** The whole text, with "Uncaught" where the error's own words begin. */
function textOfError(repl, error) {
  const isObject = typeof error === 'object' && error !== null;
  const text = isObject ? shown(repl, error) : repl.writer(error);
  const lines = text.split(/(?<=\n)/);
  const first = lines.findIndex((line) => /^\[?([A-Z][a-z0-9_]*)*Error/.test(line));
  let result;
  if (first === -1) {
    result = `Uncaught${lines.length === 1 ? ' ' : ':\n'}${text}`;
  } else {
    const isShort = (repl.writer.options?.breakLength ?? 80) >= lines[first].length;
    lines[first] = `Uncaught${isShort ? ' ' : ':\n'}${lines[first]}`;
    result = lines.join('');
  }
  return result.endsWith('\n') ? result : `${result}\n`;
}

module.exports = { textOfError };
