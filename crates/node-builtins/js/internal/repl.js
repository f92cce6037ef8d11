'use strict';
// The REPL of the command line, as the environment wants it.

const path = require('path');
const process = require('process');
const REPL = require('repl');
const { kStandaloneREPL } = require('internal/repl/utils');

const HISTORY_SIZE = 1000;

/** `callback(error, repl)` when the history is there. */
function createInternalRepl(env, options, callback) {
  if (typeof options === 'function') {
    callback = options;
    options = null;
  }
  options = {
    ignoreUndefined: false,
    useGlobal: true,
    breakEvalOnSigint: true,
    [kStandaloneREPL]: true,
    ...options,
  };
  if (Number.parseInt(env.NODE_NO_READLINE, 10)) options.terminal = false;
  const mode = env.NODE_REPL_MODE?.toLowerCase().trim();
  options.replMode ??= mode === 'strict' ? REPL.REPL_MODE_STRICT : REPL.REPL_MODE_SLOPPY;
  const size = Number(env.NODE_REPL_HISTORY_SIZE);
  options.historySize = size > 0 ? size : HISTORY_SIZE;
  const isTerminal = 'terminal' in options ? options.terminal : process.stdout.isTTY;
  const repl = REPL.start(options);
  if (!isTerminal) {
    callback(null, repl);
    return;
  }
  repl.setupHistory({ filePath: env.NODE_REPL_HISTORY, size: options.historySize }, callback);
}

function greeting() {
  const calledAs = path.basename(process.argv0);
  const own = process.versions.knit;
  const name = calledAs === 'node' || calledAs === 'nodejs' || own === undefined ?
    `Node.js ${process.version}` : `knit v${own} (Node.js ${process.version})`;
  return `Welcome to ${name}.\nType ".help" for more information.`;
}

/** Runs the session as the whole program; with `--eval`, its text is run first. */
function runInteractive() {
  const { getOptionValue, isOptionGiven } = require('internal/options');
  if (isOptionGiven('--input-type')) {
    process._rawDebug('Cannot specify --input-type for REPL');
    process.exit(9);
  }
  const { loadPreloads, runAfterPreloads } = require('internal/modules/run_main');
  loadPreloads();
  const replacement = process.env.NODE_REPL_EXTERNAL_MODULE;
  if (replacement) {
    require('internal/modules/cjs').Module._load(replacement, undefined, true);
    return;
  }
  runAfterPreloads(() => {
    require('console').log(greeting());
    createInternalRepl(process.env, (error, repl) => {
      if (error) throw error;
      repl.on('exit', () => {
        if (!repl.historyManager.isFlushing) process.exit();
        repl.pause();
        repl.once('flushHistory', () => { process.exit(); });
      });
    });
    if (isOptionGiven('--eval')) {
      process._eval = getOptionValue('--eval');
      const value = require('internal/modules/sources').runScript(process._eval, '[eval]');
      if (getOptionValue('--print')) require('console').log(value);
    }
  });
}

module.exports = { createInternalRepl, runInteractive };
