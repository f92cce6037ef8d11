'use strict';
// Owns the lines that were entered before, newest first, and where among them
// the user is. What has several lines is one entry: as Node keeps them, the last
// of its lines first and '\r' between them.

/** The entry of a text. */
function entryOf(text) {
  return text.includes('\n') ? text.split('\n').reverse().join('\r') : text;
}

function textOf(entry) {
  return entry.includes('\r') ? entry.split('\r').reverse().join('\n') : entry;
}

class History {
  constructor(lines, size, removesDuplicates) {
    this.lines = lines;
    this.size = size;
    this.removesDuplicates = !!removesDuplicates;
    /** -1: on the new line. */
    this.index = -1;
  }

  /** Answers whether the line belongs into the history, where it is then. */
  add(text) {
    if (this.size === 0 || text.trim().length === 0) return false;
    const { lines } = this;
    const line = entryOf(text);
    if (lines.length === 0 || lines[0] !== line) {
      if (this.removesDuplicates) {
        const duplicate = lines.indexOf(line);
        if (duplicate !== -1) lines.splice(duplicate, 1);
      }
      lines.unshift(line);
      if (lines.length > this.size) lines.pop();
    }
    this.index = -1;
    return true;
  }

  /** The text of an entry, the newest of which is 0. */
  textAt(index) {
    return textOf(this.lines[index]);
  }

  /** The next newer line that begins with `search` and is not `current`; null on the new line. */
  next(search, current) {
    if (this.index < 0) return null;
    search ||= '';
    let index = this.index - 1;
    while (index >= 0 && this.#skips(index, search, current)) index--;
    this.index = index;
    return index === -1 ? search : textOf(this.lines[index]);
  }

  /** The next older one; null if there is none. */
  previous(search, current) {
    const { lines } = this;
    if (this.index >= lines.length || lines.length === 0) return null;
    search ||= '';
    let index = this.index + 1;
    while (index < lines.length && this.#skips(index, search, current)) index++;
    this.index = index;
    return index === lines.length ? search : textOf(lines[index]);
  }

  #skips(index, search, current) {
    const text = textOf(this.lines[index]);
    return !text.startsWith(search) || text === current;
  }
}

module.exports = History;
