'use strict';
// The first thing a runtime runs: hands the event loop its way into JavaScript and sets up the global object.
// Everything is loaded at first use, so that an empty program pays for nothing.

const installStack = require('internal/stack');
const { defineGlobals } = require('internal/globals');

installStack.install?.();
defineGlobals(globalThis);

// What the event loop calls.
module.exports = {
  processTicks: () => require('internal/task_queues').processTicks(),
  processTimers: (now) => require('internal/timers').processTimers(now),
  runImmediates() {
    require('internal/async_hooks').flushDestroyed();
    require('internal/timers').runImmediates();
  },
  rejection: (promise, handled) => require('internal/process/rejections').track(promise, handled),
  uncaught: (error, fromPromise, thrownAt) =>
    require('internal/process/uncaught').handle(error, fromPromise, thrownAt),
  emitBeforeExit: () => require('internal/process/exit').emitBeforeExit(),
  emitExit: (code) => require('internal/process/exit').emitExit(code),
  runMain() {
    const { initialize, onlyWatches, prepareProgram } = require('internal/modules/run_main');
    prepareProgram();
    if (onlyWatches()) {
      require('internal/watch_mode/parent').runWatched();
      return;
    }
    initialize();
    startProgram();
  },
  runWorker: () => require('internal/worker/thread').run(),
};

/** What the command line asks for: text given with it, a file, a session with the user, or what standard input brings. */
function startProgram() {
  const { getOptionValue, isOptionGiven } = require('internal/options');
  const process = require('process');
  const isInteractive = getOptionValue('--interactive');
  if (isOptionGiven('--eval') && !isInteractive) {
    // what a forked child is not to run again
    process._eval = getOptionValue('--eval');
    require('internal/modules/eval').runText(process._eval, '[eval]', getOptionValue('--print'));
    return;
  }
  if (getOptionValue('--test')) {
    require('internal/test_runner/runner').main();
    return;
  }
  if (isOptionGiven('--run')) {
    require('internal/process/run_script').runScript(getOptionValue('--run'));
    return;
  }
  const file = process.argv[1];
  const isCheck = getOptionValue('--check');
  if (file !== undefined && file !== '-') {
    if (isCheck) require('internal/modules/eval').checkFile(file);
    else require('internal/modules/run_main').runEntryPoint();
    return;
  }
  if (isInteractive || (file === undefined && !isCheck && require('tty').isatty(0))) {
    require('internal/repl').runInteractive();
    return;
  }
  readStandardInput((text) => {
    const { checkText, runText } = require('internal/modules/eval');
    if (isCheck) checkText(text, '[stdin]');
    else runText(text, '[stdin]', getOptionValue('--print'));
  });
}

function readStandardInput(use) {
  const { stdin } = require('process');
  let text = '';
  stdin.setEncoding('utf8');
  stdin.on('data', (chunk) => { text += chunk; });
  stdin.on('end', () => { use(text); });
}
