'use strict';
// The source text of a call, from the line it stands on: what assert.ok() quotes.
// One line is all that is looked at, so the scanner takes comments, strings, templates and
// regular expressions as whole tokens and knows nothing of the grammar.

const lazy = require('internal/lazy');

const getFs = lazy(() => require('fs'));

const token = new RegExp([
  '\\s+',
  '//.*',
  '/\\*[^]*?(?:\\*/|$)',
  '(?<name>[\\p{ID_Start}$_#][\\p{ID_Continue}$\\u200c\\u200d]*)',
  '(?<number>\\d[\\w.]*)',
  '(?<string>\'(?:[^\'\\\\]|\\\\.)*\'?|"(?:[^"\\\\]|\\\\.)*"?)',
  '(?<template>`)',
  '(?<regexp>/(?:[^/\\\\[]|\\\\.|\\[(?:[^\\]\\\\]|\\\\.)*\\])+/\\w*)',
  '(?<punctuator>\\?\\.|[^])',
].join('|'), 'yu');

// After these a slash divides.
const endsValue = /[\w$)\]}'"`]$/;
const keywordBeforeRegExp = /^(?:return|typeof|case|in|of|delete|void|throw|new|await|yield)$/;

// Where the template that begins at `start` ends.
function endOfTemplate(line, start) {
  let depth = 0;
  for (let i = start + 1; i < line.length; i++) {
    if (line[i] === '\\') i++;
    else if (depth === 0 && line[i] === '`') return i + 1;
    else if (line[i] === '$' && line[i + 1] === '{') depth++;
    else if (depth > 0 && line[i] === '}') depth--;
    else if (depth > 0 && line[i] === '`') i = endOfTemplate(line, i) - 1;
  }
  return line.length;
}

// { kind, text, start, end } of all but space and comments.
function scan(line) {
  const tokens = [];
  let position = 0;
  while (position < line.length) {
    token.lastIndex = position;
    const { groups, 0: matched } = token.exec(line);
    let text = matched;
    let kind = Object.keys(groups).find((name) => groups[name] !== undefined);
    const last = tokens.at(-1)?.text ?? '';
    if (kind === 'template') {
      text = line.slice(position, endOfTemplate(line, position));
    } else if (kind === 'regexp' && endsValue.test(last) && !keywordBeforeRegExp.test(last)) {
      kind = 'punctuator';
      text = '/';
    }
    if (kind !== undefined) {
      tokens.push({ kind, text, start: position, end: position + text.length });
    }
    position += text.length;
  }
  return tokens;
}

const memberAccess = new Set(['.', '?.', '[', ']']);

// The call whose position is `column` (the name that is called, or its parenthesis), with the
// simple member accesses before it: `assert.ok(value)`.
function callAt(line, column) {
  const tokens = scan(line);
  let first; // the name that a chain of member accesses begins with
  let last;
  let depth = 0;
  let start = column;
  let started = false;
  for (const current of tokens) {
    const { kind, text } = current;
    if (current.start < column) {
      if (text === ';') {
        first = undefined;
      } else if (memberAccess.has(text) && last?.kind === 'name') {
        first ??= last;
      } else if (!['name', 'string', 'number'].includes(kind) && !memberAccess.has(text)) {
        first = undefined;
      } else if (memberAccess.has(text) && last?.text === ')') {
        first = undefined;
      }
      last = current;
      continue;
    }
    if (!started) {
      started = true;
      if (first !== undefined && memberAccess.has(last.text)) start = first.start;
      else if (text === '(' && last?.kind === 'name') start = first?.start ?? last.start;
      else if (text === '(' && first !== undefined) start = first.start;
    }
    if (text === '(') {
      depth++;
    } else if (text === ')' && --depth === 0) {
      return line.slice(start, current.end);
    } else if (text === ';' && depth === 0) {
      return line.slice(start, current.start);
    }
  }
  return line.slice(start);
}

// Innermost frame outside of the runtime's own scripts.
function callerOfRuntime() {
  return require('util').getCallSites(16)
    .find(({ scriptName }) => !scriptName?.startsWith('node:'));
}

function readSource(scriptName) {
  try {
    const path = scriptName.startsWith('file:') ?
      require('internal/url').fileURLToPath(scriptName) :
      scriptName;
    return getFs().readFileSync(path, 'utf8');
  } catch {
    return undefined; // evaluated, removed, or out of reach
  }
}

const known = new Map();

// The text of the call into the runtime that is going on, or undefined.
function expressionOfCaller() {
  const site = callerOfRuntime();
  if (!site?.scriptName) return undefined;
  const { scriptName, lineNumber, columnNumber } = site;
  const key = `${scriptName}:${lineNumber}:${columnNumber}`;
  if (!known.has(key)) {
    const line = readSource(scriptName)?.split(/\r\n|[\n\r\u2028\u2029]/u)[lineNumber - 1];
    known.set(key, line === undefined ? undefined : callAt(line, columnNumber - 1));
  }
  return known.get(key);
}

module.exports = { callAt, expressionOfCaller };
