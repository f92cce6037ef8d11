'use strict';
// What the parts of the REPL share: its modes, what a text is (complete, valid, an object), and which builtins it knows.

const lazy = require('internal/lazy');
const { tokenize, kinds: { NAME } } = require('internal/repl/tokens');

const getEngine = lazy(() => require('internal/modules/engine'));

const REPL_MODE_SLOPPY = Symbol('repl-sloppy');
const REPL_MODE_STRICT = Symbol('repl-strict');
const kStandaloneREPL = Symbol('kStandaloneREPL');

const lineEnd = /\r\n|[\n\r\u2028\u2029]/g;

/** The position of a character by its 1-based line and column. */
function positionOf(text, line, column) {
  let start = 0;
  lineEnd.lastIndex = 0;
  for (let number = 1; number < line; number++) {
    if (lineEnd.exec(text) === null) break;
    start = lineEnd.lastIndex;
  }
  return start + column - 1;
}

// The engine says these at the last token, having seen that nothing follows it.
const saidAtLastToken = /^(?:Missing initializer|Missing catch or finally|throw statement is missing)/;

/** Whether a SyntaxError only says that the text is not at its end yet. */
function isRecoverableError(error, code) {
  if (error === null || typeof error !== 'object' || error.name !== 'SyntaxError') return false;
  const { tokens, balanced, unterminated } = tokenize(code);
  if (!balanced) return false;
  if (unterminated === 'comment') return true;
  const { message } = error;
  if (message.startsWith('Invalid or unexpected token') || message.startsWith('reached end of script')) {
    return unterminated === 'string' && /\\(?:\r\n?|\n|\u2028|\u2029)$/.test(code);
  }
  if (message.startsWith('Invalid regular expression')) return false;
  const last = tokens.at(-1);
  if (last === undefined) return false;
  const at = positionOf(code, error.lineNumber, error.columnNumber);
  return at >= last.end || (unterminated === 'template' && at >= last.start) ||
    (saidAtLastToken.test(message) && at >= tokens.at(-2)?.start);
}

/** Whether `await` may stand in a text. */
function mayAwait(code) {
  return code.includes('await') &&
    tokenize(code).tokens.some((token) => token.kind === NAME && token.text === 'await');
}

/** The SyntaxError of a text in which `await` is allowed everywhere; undefined if it has none. */
function errorOfModule(code, file) {
  try {
    getEngine().compileModule(code, file, file);
    return undefined;
  } catch (error) {
    return error;
  }
}

function isValidSyntax(code) {
  try {
    getEngine().checkScript(code, 'REPL');
    return true;
  } catch {
    return mayAwait(code) && errorOfModule(code, 'REPL') === undefined;
  }
}

/** Whether a text looks like an object, for which a block is not to be taken. */
function isObjectLiteral(code) {
  return /^\s*\{/.test(code) && !/;\s*$/.test(code);
}

let resources = 0;

/** What the next text is called in stacks. */
function getREPLResourceName() {
  return `REPL${++resources}`;
}

let libraries;

function getReplBuiltinLibs() {
  libraries ??= require('module').builtinModules.filter((id) => !id.startsWith('_'));
  return libraries;
}

function setReplBuiltinLibs(names) {
  libraries = names;
}

module.exports = {
  REPL_MODE_SLOPPY,
  REPL_MODE_STRICT,
  errorOfModule,
  getREPLResourceName,
  getReplBuiltinLibs,
  isObjectLiteral,
  isRecoverableError,
  isValidSyntax,
  kStandaloneREPL,
  mayAwait,
  setReplBuiltinLibs,
};
