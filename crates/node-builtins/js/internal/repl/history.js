'use strict';
// Owns the history of a REPL that is kept in a file: one line for each entry, the newest first. The file is only for
// its user to read.

const path = require('path');
const process = require('process');
const { Buffer } = require('buffer');
const lazy = require('internal/lazy');
const { clearTimeout, setTimeout } = require('timers');
const { validateFunction } = require('internal/validators');
const History = require('internal/readline/history');

const getFs = lazy(() => require('fs'));
const getOs = lazy(() => require('os'));

// Lines that are entered shortly one after another are written in one go.
const DELAY_MS = 15;

const disabled = '\nPersistent history support disabled. Set the NODE_REPL_HISTORY environment\n' +
  'variable to a valid, user-writable path to enable.\n';
const lost = 'REPL session history will not be persisted.\n';

/** Called as Node it shares Node's history. */
function defaultFile() {
  const calledAs = path.basename(process.argv0);
  const name = calledAs === 'node' || calledAs === 'nodejs' ? '.node_repl_history' : '.knit_repl_history';
  return path.join(getOs().homedir(), name);
}

/** What is no file, as /dev/null is, has no length. */
async function truncate(handle, length) {
  try {
    await handle.truncate(length);
  } catch (error) {
    if (error.code !== 'EINVAL') throw error;
  }
}

class ReplHistory extends History {
  #context;
  #file;
  #handle;
  #timer;
  #isPending = false;
  #isFirstFlush = true;
  #onReady;
  isFlushing = false;

  /** `context`: the REPL. Of options: `filePath`, `size`, `history`, `removeHistoryDuplicates`. */
  constructor(context, { filePath, size = context.historySize, history = [], removeHistoryDuplicates = false } = {}) {
    super(history, size, removeHistoryDuplicates);
    this.#context = context;
    this.#file = filePath;
  }

  /** Reads the file, and begins to write it; calls back when that is done, or has failed in words to the user. */
  initialize(onReady) {
    validateFunction(onReady, 'onReadyCallback');
    this.#onReady = onReady;
    if (typeof this.#file === 'string') this.#file = this.#file.trim();
    if (this.#file === '') {
      this.#tellWhenUsed();
      onReady(null, this.#context);
      return;
    }
    if (!this.#file) {
      try {
        this.#file = defaultFile();
      } catch {
        this.#giveUp('Could not get the home directory.');
        return;
      }
    }
    this.#context.pause();
    this.#load();
  }

  #say(message) {
    this.#context._writeToOutput(message);
    this.#context._refreshLine?.();
  }

  /** The user hears that nothing is kept when the history is first asked for, if there is none. */
  #tellWhenUsed() {
    const context = this.#context;
    context._historyPrev = () => {
      delete context._historyPrev;
      if (this.lines.length === 0) this.#say(disabled);
      return context._historyPrev();
    };
  }

  #giveUp(reason) {
    this.#say(`\nError: ${reason}\n${lost}`);
    this.#tellWhenUsed();
    this.#context.resume();
    this.#onReady(null, this.#context);
  }

  async #load() {
    const { promises } = getFs();
    let handle;
    try {
      const created = await promises.open(this.#file, 'a+', 0o600);
      let text;
      try {
        text = await created.readFile({ encoding: 'utf8' });
      } finally {
        await created.close();
      }
      if (text !== '') this.lines = text.split(/\r?\n+/, this.size);
      else this.lines = [];
      handle = await promises.open(this.#file, 'r+');
      await truncate(handle, 0);
    } catch {
      await handle?.close();
      this.#giveUp('Could not open history file.');
      return;
    }
    this.#handle = handle;
    const onLine = () => { this.#schedule(); };
    this.#context.on('line', onLine);
    this.#context.once('exit', () => {
      if (this.isFlushing || this.#timer !== undefined) {
        this.#context.once('flushHistory', () => { this.close(); });
        this.#context.off('line', onLine);
        return;
      }
      this.#context.off('line', onLine);
      this.close();
    });
    this.#flush();
  }

  #schedule() {
    this.isFlushing = true;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => { this.#flush(); }, DELAY_MS);
  }

  async #flush() {
    this.#timer = undefined;
    if (this.#isPending) return;
    this.isFlushing = true;
    this.#isPending = true;
    const bytes = Buffer.from(this.lines.join('\n'));
    try {
      await truncate(this.#handle, bytes.length);
      await this.#handle.write(bytes, 0, bytes.length, 0);
    } catch {
      // as much as the file takes
    }
    this.#isPending = false;
    if (this.#timer === undefined) {
      this.isFlushing = false;
      this.#context.emit('flushHistory');
    }
    if (!this.#isFirstFlush) return;
    this.#isFirstFlush = false;
    if (!this.#context.closed) {
      this.#context.resume();
      this.#onReady(null, this.#context);
    }
  }

  close() {
    this.#handle?.close().catch(() => {});
    this.#handle = undefined;
  }
}

module.exports = { ReplHistory };
