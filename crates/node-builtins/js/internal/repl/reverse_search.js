'use strict';
// Ctrl-R and Ctrl-S: the history is searched for what is typed, below the line on which the found entry shows.

const { clearScreenDown, cursorTo, moveCursor } = require('internal/readline/callbacks');

const labels = { __proto__: null, r: 'bck-i-search: ', s: 'fwd-i-search: ' };

class ReverseSearch {
  #repl;
  #isActive = false;
  #direction = 'r';
  #input = '';
  /** The entry that is looked at; -1 and the history's length are beyond its ends. */
  #index = -1;
  /** Where in the entry the input was found; -1 if nowhere. */
  #at = -1;
  #seen = new Set();
  /** How many rows the cursor is below the prompt. */
  #rows = 0;

  constructor(repl) {
    this.#repl = repl;
  }

  /** Whether a key was for the search. */
  takes(text, key) {
    if (key.ctrl && labels[key.name] !== undefined) {
      this.#begin(key.name);
      return true;
    }
    if (!this.#isActive) return false;
    if (key.name === 'backspace' || (key.ctrl && (key.name === 'h' || key.name === 'w'))) {
      this.#input = this.#input.slice(0, -1);
      this.#restart();
      this.#find();
      return true;
    }
    if (key.name === 'escape' || (key.ctrl && key.name === 'c')) {
      this.#end(false);
      return true;
    }
    const isText = typeof text === 'string' && text !== '' && !key.ctrl && !key.meta && text >= ' ' && text !== '\x7f';
    if (!isText) {
      this.#end(true);
      return false;
    }
    for (const character of text) {
      this.#input += character;
      // what was found may go on being it
      if (this.#at !== -1) this.#at++;
      else if (this.#isBeyond()) this.#restart();
      this.#find();
    }
    return true;
  }

  #isBeyond() {
    return this.#index < 0 || this.#index >= this.#repl.history.length;
  }

  #restart() {
    this.#index = -1;
    this.#at = -1;
    this.#seen.clear();
  }

  #begin(direction) {
    if (!this.#isActive) {
      this.#direction = direction;
      this.#input = '';
      this.#restart();
      this.#show();
      this.#isActive = true;
      return;
    }
    if (this.#direction !== direction) {
      this.#direction = direction;
      this.#seen.clear();
    }
    this.#find();
  }

  #entry() {
    return this.#repl.historyManager.textAt(this.#index);
  }

  #find() {
    const { length } = this.#repl.history;
    if (this.#input === '') {
      this.#show();
      return;
    }
    const isBackward = this.#direction === 'r';
    if (this.#isBeyond()) this.#index = isBackward ? Math.max(this.#index, 0) : this.#index - 1;
    while (!this.#isBeyond()) {
      const entry = this.#entry();
      if (this.#at !== -1 || !this.#seen.has(entry)) {
        const at = isBackward ?
          (this.#at === 0 ? -1 : entry.lastIndexOf(this.#input, this.#at === -1 ? Infinity : this.#at - 1)) :
          entry.indexOf(this.#input, this.#at + 1);
        if (at !== -1) {
          this.#at = at;
          this.#seen.add(entry);
          this.#show();
          return;
        }
      }
      this.#at = -1;
      this.#index += isBackward ? 1 : -1;
    }
    this.#index = isBackward ? length : -1;
    this.#show();
  }

  #clear() {
    const repl = this.#repl;
    cursorTo(repl.output, repl._getDisplayPos(repl.getPrompt()).cols);
    if (this.#rows > 0) moveCursor(repl.output, 0, -this.#rows);
    clearScreenDown(repl.output);
  }

  #show() {
    const repl = this.#repl;
    const isFound = this.#at !== -1 && this.#input !== '';
    const line = isFound ? this.#entry() : repl.line;
    const cursor = isFound ? this.#at : repl.cursor;
    const failed = this.#input !== '' && !isFound ? 'failed-' : '';
    const below = `${failed}${labels[this.#direction]}${this.#input}_`;
    if (this.#isActive) {
      this.#clear();
      const end = cursor + this.#input.length;
      const shown = isFound && repl.useColors ?
        `${line.slice(0, cursor)}\x1b[4m${line.slice(cursor, end)}\x1b[24m${line.slice(end)}` : line;
      repl.output.write(`${repl._shown(shown).slice(repl.getPrompt().length)}\n${below}`);
    } else {
      repl.output.write(`\n${below}`);
    }
    const at = repl._getDisplayPos(repl._shown(line.slice(0, cursor)));
    const end = repl._getDisplayPos(repl._shown(line));
    const last = repl._getDisplayPos(below);
    this.#rows = at.rows;
    moveCursor(repl.output, 0, -(1 + last.rows + end.rows - at.rows));
    cursorTo(repl.output, at.cols);
  }

  /** Leaves the search with what it found, or with the line from before. */
  #end(keepsFound) {
    const repl = this.#repl;
    this.#isActive = false;
    this.#clear();
    if (keepsFound && this.#at !== -1 && this.#input !== '') {
      repl.line = this.#entry();
      repl.cursor = this.#at;
      repl.historyIndex = this.#index;
    }
    repl.output.write(repl._shown(repl.line).slice(repl.getPrompt().length));
    const position = repl.getCursorPos();
    repl.prevRows = position.rows;
    if (repl.cursor === repl.line.length) return;
    const end = repl._getDisplayPos(repl._shown(repl.line));
    moveCursor(repl.output, 0, position.rows - end.rows);
    cursorTo(repl.output, position.cols);
  }
}

module.exports = { ReverseSearch };
