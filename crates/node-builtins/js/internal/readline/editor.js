'use strict';
// Owns the line that is being edited on a terminal: what the editing commands
// do to it, how it is displayed, and completion. It knows nothing of input.

const EventEmitter = require('events');
const lazy = require('internal/lazy');
const { validateString } = require('internal/validators');
const { charLengthAt, charLengthLeft, commonPrefix } = require('internal/readline/utils');
const { clearScreenDown, cursorTo, moveCursor } = require('internal/readline/callbacks');

const getInspect = lazy(() => require('internal/util/inspect'));

const MAX_UNDO = 2048;
const MAX_KILL_RING = 32;

class LineEditor extends EventEmitter {
  get columns() {
    return this.output?.columns ? this.output.columns : Infinity;
  }

  _writeToOutput(text) {
    validateString(text, 'stringToWrite');
    if (this.output !== null && this.output !== undefined) this.output.write(text);
  }

  // ---- Display

  /** Where the end of `text` is on the display, wrapped at its width. */
  _getDisplayPos(text) {
    const { getStringWidth, stripVTControlCharacters } = getInspect();
    const { columns } = this;
    let offset = 0;
    let rows = 0;
    for (const character of stripVTControlCharacters(text)) {
      if (character === '\n') {
        // One row also where the width is infinite or the line empty.
        rows += Math.ceil(offset / columns) || 1;
        offset = 0;
      } else if (character === '\t') {
        offset += this.tabSize - offset % this.tabSize;
      } else {
        const width = getStringWidth(character, false);
        // A wide character is not broken.
        if (width === 2 && (offset + 1) % columns === 0) offset++;
        offset += width;
      }
    }
    const cols = offset % columns;
    rows += (offset - cols) / columns;
    return { cols, rows };
  }

  getCursorPos() {
    return this._getDisplayPos(this._shown(this.line.slice(0, this.cursor)));
  }

  /** A part of the line with all prompts: those that edit several lines have one for each line but the first. */
  _shown(text) {
    const { _multilinePrompt: prompt } = this;
    return this._prompt + (prompt === undefined ? text : text.replaceAll('\n', `\n${prompt}`));
  }

  // The name of old.
  _getCursorPos() {
    return this.getCursorPos();
  }

  _refreshLine() {
    const text = this._shown(this.line);
    const end = this._getDisplayPos(text);
    const position = this.getCursorPos();

    // To the first row of what is there, over which everything is written anew.
    const previousRows = this.prevRows || 0;
    if (previousRows > 0) moveCursor(this.output, 0, -previousRows);
    cursorTo(this.output, 0);
    clearScreenDown(this.output);
    this._writeToOutput(text);
    // At the edge terminals take a new row only with the next character.
    if (end.cols === 0) this._writeToOutput(' ');

    cursorTo(this.output, position.cols);
    const below = end.rows - position.rows;
    if (below > 0) moveCursor(this.output, 0, -below);
    this.prevRows = position.rows;
  }

  clearLine() {
    this._moveCursor(+Infinity);
    this._writeToOutput('\r\n');
    this.line = '';
    this.cursor = 0;
    this.prevRows = 0;
  }

  _moveCursor(dx) {
    if (dx === 0) return;
    const before = this.getCursorPos();
    this.cursor = Math.min(Math.max(this.cursor + dx, 0), this.line.length);
    const after = this.getCursorPos();
    if (before.rows === after.rows) moveCursor(this.output, after.cols - before.cols, 0);
    else this._refreshLine();
  }

  /** Up or down in a text of several lines; answers whether there was a line to go to. */
  _moveLine(direction) {
    const { line, cursor } = this;
    const start = cursor === 0 ? 0 : line.lastIndexOf('\n', cursor - 1) + 1;
    let target;
    if (direction < 0) {
      if (start === 0) return false;
      target = start === 1 ? 0 : line.lastIndexOf('\n', start - 2) + 1;
    } else {
      target = line.indexOf('\n', cursor) + 1;
      if (target === 0) return false;
    }
    // Past shorter lines the cursor stays in its column.
    const column = this._wantedColumn ?? cursor - start;
    const end = line.indexOf('\n', target);
    this._moveCursor(Math.min(target + column, end === -1 ? line.length : end) - cursor);
    this._wantedColumn = column;
    return true;
  }

  // ---- Editing

  /** Puts `text` in place of the line, to be undone. */
  _edit(text, cursor) {
    this._beforeEdit();
    this.line = text;
    this.cursor = cursor;
    this._refreshLine();
  }

  _beforeEdit() {
    if (this._undoStack.push({ text: this.line, cursor: this.cursor }) > MAX_UNDO) {
      this._undoStack.shift();
    }
  }

  _insertString(text) {
    const { line, cursor } = this;
    if (cursor < line.length) {
      this._edit(line.slice(0, cursor) + text + line.slice(cursor), cursor + text.length);
      return;
    }
    // At the end only what is new has to be written.
    this._beforeEdit();
    const before = this.getCursorPos();
    this.line += text;
    this.cursor += text.length;
    const after = this.getCursorPos();
    if (before.rows < after.rows) this._refreshLine();
    else this._writeToOutput(text);
  }

  /** How long the word before the cursor is, with what separates it. */
  _wordLengthLeft() {
    // Backwards, which finds the end of a very long line at once.
    const reversed = Array.from(this.line.slice(0, this.cursor)).reverse().join('');
    return /^\s*(?:[^\w\s]+|\w+)?/.exec(reversed)[0].length;
  }

  _wordLeft() {
    if (this.cursor > 0) this._moveCursor(-this._wordLengthLeft());
  }

  _wordRight() {
    if (this.cursor < this.line.length) {
      const trailing = this.line.slice(this.cursor);
      this._moveCursor(/^(?:\s+|[^\w\s]+|\w+)\s*/.exec(trailing)[0].length);
    }
  }

  _deleteLeft() {
    const { line, cursor } = this;
    if (cursor > 0 && line.length > 0) {
      const size = charLengthLeft(line, cursor);
      this._edit(line.slice(0, cursor - size) + line.slice(cursor), cursor - size);
    }
  }

  _deleteRight() {
    const { line, cursor } = this;
    if (cursor < line.length) {
      const size = charLengthAt(line, cursor);
      this._edit(line.slice(0, cursor) + line.slice(cursor + size), cursor);
    }
  }

  _deleteWordLeft() {
    const { line, cursor } = this;
    if (cursor > 0) {
      const start = cursor - this._wordLengthLeft();
      this._edit(line.slice(0, start) + line.slice(cursor), start);
    }
  }

  _deleteWordRight() {
    const { line, cursor } = this;
    if (cursor < line.length) {
      const trailing = line.slice(cursor);
      const size = /^(?:\s+|\W+|\w+)\s*/.exec(trailing)[0].length;
      this._edit(line.slice(0, cursor) + trailing.slice(size), cursor);
    }
  }

  _deleteLineLeft() {
    const deleted = this.line.slice(0, this.cursor);
    this._edit(this.line.slice(this.cursor), 0);
    this._pushToKillRing(deleted);
  }

  _deleteLineRight() {
    const deleted = this.line.slice(this.cursor);
    this._edit(this.line.slice(0, this.cursor), this.cursor);
    this._pushToKillRing(deleted);
  }

  _pushToKillRing(text) {
    if (!text || text === this._killRing[0]) return;
    this._killRing.unshift(text);
    this._killRingCursor = 0;
    while (this._killRing.length > MAX_KILL_RING) this._killRing.pop();
  }

  _yank() {
    if (this._killRing.length > 0) {
      this._yanking = true;
      this._insertString(this._killRing[this._killRingCursor]);
    }
  }

  /** In place of what was just yanked, what was deleted before that. */
  _yankPop() {
    if (!this._yanking || this._killRing.length <= 1) return;
    const last = this._killRing[this._killRingCursor];
    this._killRingCursor = (this._killRingCursor + 1) % this._killRing.length;
    const current = this._killRing[this._killRingCursor];
    const head = this.line.slice(0, this.cursor - last.length);
    this.line = head + current + this.line.slice(this.cursor);
    this.cursor = head.length + current.length;
    this._refreshLine();
  }

  _undo() {
    this._restore(this._undoStack, this._redoStack);
  }

  _redo() {
    this._restore(this._redoStack, this._undoStack);
  }

  _restore(from, to) {
    if (from.length === 0) return;
    to.push({ text: this.line, cursor: this.cursor });
    const { text, cursor } = from.pop();
    this.line = text;
    this.cursor = cursor;
    this._refreshLine();
  }

  // ---- Completion

  async _tabComplete(lastKeypressWasTab) {
    this.pause();
    const text = this.line.slice(0, this.cursor);
    let result;
    try {
      result = await this.completer(text);
    } catch (error) {
      this._writeToOutput(`Tab completion error: ${getInspect().inspect(error)}`);
      return;
    } finally {
      this.resume();
    }
    this._applyCompletion(lastKeypressWasTab, result);
  }

  /** `result`: the completions, and what of the line they complete. */
  _applyCompletion(lastKeypressWasTab, { 0: completions, 1: completeOn }) {
    if (!completions || completions.length === 0) return;

    const prefix = commonPrefix(completions.filter((completion) => completion !== ''));
    if (prefix.startsWith(completeOn) && prefix.length > completeOn.length) {
      this._insertString(prefix.slice(completeOn.length));
      return;
    }
    if (!completeOn.startsWith(prefix)) {
      const head = this.line.slice(0, this.cursor - completeOn.length) + prefix;
      this.line = head + this.line.slice(this.cursor);
      this.cursor = head.length;
      this._refreshLine();
      return;
    }
    if (!lastKeypressWasTab) return;

    this._beforeEdit();
    this._writeToOutput(this._completionTable(completions));
    this._refreshLine();
  }

  /** In columns; an empty completion separates groups. */
  _completionTable(completions) {
    const { getStringWidth } = getInspect();
    const widths = completions.map((completion) => getStringWidth(completion));
    const width = Math.max(...widths) + 2;
    let maxColumns = Math.floor(this.columns / width) || 1;
    if (maxColumns === Infinity) maxColumns = 1;

    let table = '\r\n';
    let column = 0;
    let padding = 0;
    for (let i = 0; i < completions.length; i++) {
      if (completions[i] === '' || column === maxColumns) {
        table += '\r\n';
        column = 0;
        padding = 0;
      } else {
        table += ' '.repeat(padding);
      }
      if (completions[i] === '') {
        table += '\r\n';
      } else {
        table += completions[i];
        padding = width - widths[i];
        column++;
      }
    }
    return column === 0 ? table : `${table}\r\n\r\n`;
  }
}

module.exports = LineEditor;
