'use strict';
// How a REPL runs a text when nobody gave it another way: compiling, `await` outside of functions, Ctrl-C, and what of
// a text that is not at its end yet.

const process = require('process');
const lazy = require('internal/lazy');
const { codes: { ERR_SCRIPT_EXECUTION_INTERRUPTED } } = require('internal/errors');
const { getOptionValue } = require('internal/options');
const {
  REPL_MODE_STRICT,
  errorOfModule,
  isObjectLiteral,
  isRecoverableError,
  isValidSyntax,
  mayAwait,
} = require('internal/repl/utils');

const getAwait = lazy(() => require('internal/repl/await'));
const getContext = lazy(() => require('internal/vm/context'));
const getDecorate = lazy(() => require('internal/vm/decorate'));
const getDynamicImport = lazy(() => require('internal/vm/dynamic_import'));
const getEngine = lazy(() => require('internal/vm/engine'));
const getSigint = lazy(() => require('internal/vm/sigint'));
const getSyntaxErrors = lazy(() => require('internal/modules/syntax_errors'));

/** An error of a text that may become right when more is added. */
class Recoverable extends SyntaxError {
  constructor(err) {
    super();
    this.err = err;
  }
}

/** A text to run, in the form in which it is run. */
class Text {
  constructor(code, isStrict) {
    this.given = code;
    this.code = code;
    this.isAwaited = false;
    if (isObjectLiteral(code)) {
      const trimmed = code.trim();
      // neither several statements, nor brackets that close the added ones
      if (isValidSyntax(`(${trimmed})`) && isValidSyntax(`_=${trimmed}`)) this.code = this.given = `(${trimmed})\n`;
    }
    if (getOptionValue('--experimental-repl-await') && mayAwait(this.code)) {
      const rewritten = getAwait().processTopLevelAwait(this.code);
      if (rewritten !== null) {
        this.code = rewritten;
        this.isAwaited = true;
      }
    }
    if (isStrict && /\S/.test(this.code)) this.code = `'use strict'; void 0; ${this.code}`;
  }

  compile(file) {
    try {
      return getEngine().compileScript(this.code, file, 0, 0, undefined)[0];
    } catch (error) {
      throw this.#refined(error, file);
    }
  }

  #refined(error, file) {
    let source = this.code;
    if (this.isAwaited) {
      // what is wrong is said of the text as it was given
      const plain = errorOfModule(this.given, file);
      if (plain !== undefined) {
        error = plain;
        source = this.given;
      }
    }
    if (isRecoverableError(error, source) || mayBecomeObject(source)) return new Recoverable(error);
    getSyntaxErrors().refineSyntaxError(error);
    getDecorate().decorateSyntaxError(error, { code: source, filename: file, lineOffset: 0, columnOffset: 0 });
    return error;
  }
}

/** Whether a text that is no block is the beginning of an expression with an object. */
function mayBecomeObject(code) {
  if (!/^\s*\{/.test(code)) return false;
  const expression = `(${code}`;
  try {
    getEngine().compileScript(expression, 'REPL', 0, 0, undefined);
    return false;
  } catch (error) {
    return isRecoverableError(error, expression);
  }
}

// What the last match of a regular expression was is the program's to know: the REPL's own matches leave no trace.
const separator = '\0\0\0';
const nine = new RegExp(`^${`([^]*?)${separator}`.repeat(8)}([^]*)$`);
let matches = ['', '', '', '', '', '', '', '', ''];

function restoreMatches() {
  nine.exec(matches.join(separator));
}

function keepMatches() {
  const { $1, $2, $3, $4, $5, $6, $7, $8, $9 } = RegExp;
  matches = [$1, $2, $3, $4, $5, $6, $7, $8, $9];
}

/** The error of a text that Ctrl-C ended: where it was says nothing. */
function interruption() {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  const error = new ERR_SCRIPT_EXECUTION_INTERRUPTED();
  Error.stackTraceLimit = limit;
  return error;
}

/** Runs a compiled text at once; its value. */
function run(repl, script, context) {
  const { CodeOwner } = getDynamicImport();
  const known = repl.useGlobal ? undefined : getContext().contextOf(context);
  const breaks = repl.breakEvalOnSigint;
  let wasRaw;
  restoreMatches();
  try {
    if (breaks) {
      // while it runs, Ctrl-C is to come as a signal
      if (repl.terminal) wasRaw = repl._setRawMode(false);
      getSigint().begin();
    }
    // a name that is no path stands for the working directory
    return getEngine().runScript(script, known?.global, new CodeOwner(''), true, undefined, breaks,
      known?.keepsMicrotasks === true);
  } catch (error) {
    throw error?.code === 'ERR_SCRIPT_EXECUTION_INTERRUPTED' ? interruption() : error;
  } finally {
    keepMatches();
    if (breaks) {
      getSigint().end();
      if (repl.terminal && !repl.closed) repl._setRawMode(wasRaw);
    }
  }
}

/** A promise's value, unless Ctrl-C comes before it. */
async function settled(repl, promise) {
  if (!repl.breakEvalOnSigint) return promise;
  const interrupt = Promise.withResolvers();
  const onInterrupt = () => { interrupt.reject(interruption()); };
  repl.interrupts.add(onInterrupt);
  if (repl.isStandalone) process.once('SIGINT', onInterrupt);
  try {
    return await Promise.race([promise, interrupt.promise]);
  } finally {
    repl.interrupts.delete(onInterrupt);
    process.removeListener('SIGINT', onInterrupt);
  }
}

/** What is thrown may be what to a callback would mean success. */
function fail(repl, error, callback) {
  const { domain } = process;
  if (domain) {
    // the text has entered it, and the error has kept it from leaving; the session says nothing more
    repl.clearBufferedCommand();
    domain.emit('error', error);
    domain.exit();
  } else if (error) {
    callback(error);
  } else {
    repl._domain.emit('error', error);
  }
}

/** The REPL's own `eval`: `callback(error, value)`. */
function evaluate(repl, code, context, file, callback) {
  if (code === '\n') {
    callback(null);
    return;
  }
  let value;
  let text;
  try {
    text = new Text(code, repl.replMode === REPL_MODE_STRICT);
    value = run(repl, text.compile(file), context);
  } catch (error) {
    fail(repl, error, callback);
    return;
  }
  if (!text.isAwaited) {
    callback(null, value);
    return;
  }
  repl.holdInput();
  settled(repl, value).then(
    (result) => { callback(null, result?.value); },
    (error) => { fail(repl, error, callback); },
  ).finally(() => { repl.releaseInput(); });
}

module.exports = { Recoverable, evaluate };
