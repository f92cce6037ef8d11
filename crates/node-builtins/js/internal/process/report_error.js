'use strict';
// What is printed of an error that ends the program: the line it points at, the error as
// util.inspect shows it, and the version.

const process = require('process');
const { getOptionValue } = require('internal/options');
const { placeOfImport } = require('internal/modules/errors');
const { mappedSources, placeOfError, placeOfStack, stackOf, textOfStack } = require('internal/stack');

const { isError } = Error;

/** The text of line `line` of a file, URL, builtin or `--eval`; undefined when there is none. */
function lineOf(file, line) {
  if (file === '[eval]' || file.endsWith('[eval1]')) return getOptionValue('--eval').split('\n')[line - 1];
  if (file.startsWith('node:')) return binding.builtinLine(file.slice(5), line);
  let path = file;
  if (file.startsWith('file:')) {
    try {
      path = require('internal/url').fileURLToPath(file);
    } catch {
      return undefined;
    }
  }
  return path.startsWith('/') ? binding.sourceLine(path, line) : undefined;
}

/** "file:line", the line itself, and a mark under the column. */
function excerpt({ file, line, column, length = 1 }) {
  const text = lineOf(file, line);
  if (text === undefined) return undefined;
  const before = text.slice(0, column - 1).replace(/[^\t]/g, ' ');
  return `${file}:${line}\n${text}\n${before}${'^'.repeat(Math.max(length, 1))}\n`;
}

// Text that does not compile says itself where.
function placeOfSyntaxError(error) {
  const { fileName, lineNumber, columnNumber } = error;
  if (typeof fileName !== 'string' || fileName === '' || fileName.startsWith('node:')) return undefined;
  const place = { file: fileName, line: lineNumber, column: columnNumber };
  const word = /^[\p{ID_Start}$_][\p{ID_Continue}$]*/u.exec(lineOf(fileName, lineNumber)?.slice(columnNumber - 1) ?? '');
  if (word !== null) place.length = word[0].length;
  return place;
}

function isIn(site, prefix) {
  return site.getFileName()?.startsWith(prefix) === true;
}

/** The excerpt of the place where an error was thrown, or was made. */
function excerptOf(error, isOwn, thrownAt) {
  const wrong = isOwn && error.name === 'SyntaxError' ? placeOfSyntaxError(error) : undefined;
  if (wrong !== undefined) return excerpt(wrong) ?? `${wrong.file}:${wrong.line}\n`;
  let site = thrownAt === undefined ? undefined : placeOfStack(thrownAt);
  // loaders hand errors on that were thrown elsewhere
  if (isOwn && (site === undefined || isIn(site, 'node:internal/modules/'))) {
    const made = placeOfError(error);
    if (site === undefined || (made !== undefined && !isIn(made, 'node:'))) site = made;
  }
  if (isOwn && (site === undefined || isIn(site, 'node:internal/modules/'))) {
    const asking = placeOfImport(error);
    if (asking !== undefined) return excerpt(asking) ?? `${asking.file}:${asking.line}\n`;
  }
  if (site === undefined) return undefined;
  const mapped = mappedSources()?.excerptOf(site);
  if (mapped !== undefined) return mapped;
  const place = { file: site.getFileName(), line: site.getLineNumber(), column: site.getColumnNumber() };
  return excerpt(thrownAt === undefined ? place : atStatement(place));
}

// The engine points at what is thrown, V8 at the word `throw` before it.
function atStatement(place) {
  const { file, line, column } = place;
  // What is thrown may begin on a line of its own.
  for (let above = 0; above <= 1; above++) {
    const text = line > above ? lineOf(file, line - above) : undefined;
    const found = /\bthrow\b[^;}]*$/.exec((above === 0 ? text?.slice(0, column - 1) : text) ?? '');
    if (found !== null) return { file, line: line - above, column: found.index + 1 };
  }
  return place;
}

function shown(error) {
  const { inspect } = require('internal/util/inspect');
  const { shouldColorize } = require('internal/util/colors');
  try {
    return inspect(error, {
      colors: shouldColorize(process.stderr),
      customInspect: false,
      depth: Math.max(inspect.defaultOptions.depth, 5),
    });
  } catch {
    return error.stack;
  }
}

/** Programs may put a setter in its place. */
function isStackHidden(error) {
  const descriptor = Object.getOwnPropertyDescriptor(error, 'stack');
  return descriptor?.set !== undefined && descriptor.get === undefined;
}

/** All of what is printed. */
function textOf(error, thrownAt) {
  const isObject = (typeof error === 'object' && error !== null) || typeof error === 'function';
  const isOwn = isError(error);
  const at = excerptOf(error, isOwn, thrownAt);

  let text = '';
  if (at !== undefined) text += isOwn ? `${at}\n` : `\n${at}`;
  else if (!isOwn) text += 'Uncaught:\n';
  if (isOwn && isStackHidden(error)) text += `${Error.prototype.toString.call(error)}${textOfStack(stackOf(error))}\n`;
  else if (isObject) text += `${shown(error)}\n`;
  else text += `${typeof error === 'symbol' ? '' : error}\n`;
  if (getOptionValue('--trace-uncaught')) {
    const thrown = textOfStack(thrownAt ?? (isOwn ? stackOf(error) : undefined));
    if (thrown !== '') text += `Thrown at:${thrown}\n\n`;
  } else if (!isObject) {
    text += '(Use `node --trace-uncaught ...` to show where the exception was thrown)\n';
  }
  if (getOptionValue('--extra-info-on-fatal-exception')) text += `\nNode.js ${process.version}\n`;
  return text;
}

function print(error, thrownAt) {
  let text;
  try {
    text = textOf(error, thrownAt);
  } catch {
    text = `${error?.stack ?? String(error)}\n`;
  }
  binding.write(text);
}

module.exports = { print, textOf };
