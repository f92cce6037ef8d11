'use strict';
// `--watch`: the process that runs the program as its child, and again when files of it change.

const path = require('path');
const process = require('process');
const { spawn } = require('child_process');
const { clearTimeout, setInterval, setTimeout } = require('timers');
const { inspect } = require('internal/util/inspect');
const { convertToValidSignal } = require('internal/util');
const colors = require('internal/util/colors');
const { getOptionValue } = require('internal/options');
const { FilesWatcher } = require('internal/watch_mode/files_watcher');

/** How long the program may take to end before the user is told that it is waited for. */
const GRACE_MS = 1000;

/** Of this process's options, those that are the program's. */
function programOptions(options) {
  const kept = [];
  for (let i = 0; i < options.length; i++) {
    const [name] = options[i].split('=', 1);
    if (name === '--watch' || name === '--watch-preserve-output') continue;
    if (name === '--watch-path' || name === '--watch-kill-signal') {
      // the value may be a word of its own
      if (name === options[i]) i++;
      continue;
    }
    kept.push(options[i]);
  }
  return kept;
}

class Watched {
  #signal = convertToValidSignal(getOptionValue('--watch-kill-signal'));
  #paths = getOptionValue('--watch-path').map((given) => path.resolve(given));
  #words = process.argv.slice(1);
  #name = inspect(this.#words.join(' '));
  #watcher;
  #child;
  #hasExited = false;
  #isRestarting = false;

  constructor() {
    this.#watcher = new FilesWatcher({ mode: this.#paths.length === 0 ? 'filter' : 'all' });
    for (const watched of this.#paths) this.#watcher.watchPath(watched);
    this.#watcher.on('changed', () => { this.#restart(); });
    for (const signal of ['SIGTERM', 'SIGINT']) {
      process.on(signal, async () => {
        this.#watcher.clear();
        const code = await this.#end(signal, true);
        process.exit(code ?? 0);
      });
    }
    if (process.send !== undefined) {
      process.on('message', (message) => { if (this.#child?.connected) this.#child.send(message); });
    }
  }

  #say(color, text) {
    process.stdout.write(`${colors[color]}${text}${colors.white}\n`);
  }

  start() {
    this.#hasExited = false;
    const [script, ...rest] = this.#words;
    // a name alone might be one of our own commands
    const program = script === undefined || script === '-' ? this.#words : [path.resolve(script), ...rest];
    const reports = this.#paths.length === 0 || process.send !== undefined;
    const child = spawn(process.execPath, [...programOptions(process.execArgv), ...program], {
      stdio: reports ? ['inherit', 'inherit', 'inherit', 'ipc'] : 'inherit',
      env: { ...process.env, WATCH_REPORT_DEPENDENCIES: '1' },
      argv0: process.argv0,
    });
    this.#child = child;
    if (this.#paths.length === 0) this.#watcher.watchChildProcessModules(child);
    if (process.send !== undefined) {
      child.on('message', (message) => { if (!isReport(message)) process.send(message); });
    }
    // a file that cannot be run has told nothing of itself
    if (script !== undefined && this.#paths.length === 0) this.#watcher.filterFile(path.resolve(script));
    for (const option of ['--env-file', '--env-file-if-exists']) {
      for (const file of getOptionValue(option) ?? []) this.#watcher.filterFile(path.resolve(file));
    }
    child.once('exit', (code) => {
      this.#hasExited = true;
      const [color, outcome] = code === 0 ? ['blue', 'Completed'] : ['red', 'Failed'];
      this.#say(color, `${outcome} running ${this.#name}. Waiting for file changes before restarting...`);
    });
  }

  /** Ends the program; its exit code. */
  async #end(signal, waitsForExited = false) {
    const child = this.#child;
    child?.removeAllListeners();
    if (child === undefined || this.#hasExited || (child.killed && !waitsForExited)) return child?.exitCode;
    const exited = new Promise((resolve) => { child.once('exit', resolve); });
    child.kill(signal);
    return exited;
  }

  async #restart() {
    if (this.#isRestarting) return;
    this.#isRestarting = true;
    try {
      if (!getOptionValue('--watch-preserve-output')) process.stdout.write(colors.clear);
      this.#say('green', `Restarting ${this.#name}`);
      this.#watcher.forgetChildProcess(this.#child);
      this.#watcher.clearFileFilters();
      const done = this.#reportSlowEnd();
      await this.#end(this.#signal);
      done();
      this.start();
    } finally {
      this.#isRestarting = false;
    }
  }

  #reportSlowEnd() {
    let isReported = false;
    const timer = setTimeout(() => {
      isReported = true;
      this.#say('blue', 'Waiting for graceful termination...');
    }, GRACE_MS);
    return () => {
      clearTimeout(timer);
      if (!isReported) return;
      process.stdout.write(colors.clear);
      this.#say('green', `Gracefully restarted ${this.#name}`);
    };
  }
}

function isReport(message) {
  return typeof message === 'object' && message !== null &&
    (message['watch:require'] !== undefined || message['watch:import'] !== undefined);
}

/** Runs the program of the command line for as long as this process lives. */
function runWatched() {
  new Watched().start();
  // files that are watched may be all that is left to wait for
  setInterval(() => {}, 2 ** 30);
}

module.exports = { runWatched };
