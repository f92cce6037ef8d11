'use strict';
// Owns what line editing needs to know about text and terminals: how long a
// character is, what words have in common, and the control sequences.

/** Control sequences: CSI`1G` is "\x1b[1G". */
function CSI(strings, ...values) {
  let sequence = '\x1b[';
  for (let i = 0; i < strings.length; i++) {
    sequence += strings[i];
    if (i < values.length) sequence += values[i];
  }
  return sequence;
}

CSI.kEscape = '\x1b';
CSI.kClearToLineBeginning = CSI`1K`;
CSI.kClearToLineEnd = CSI`0K`;
CSI.kClearLine = CSI`2K`;
CSI.kClearScreenDown = CSI`0J`;

/** In code units, of the character that begins at `index`. */
function charLengthAt(text, index) {
  // Past the end: one step that does not leave the line.
  if (text.length <= index) return 1;
  return text.codePointAt(index) > 0xffff ? 2 : 1;
}

/** In code units, of the character that ends before `index`. */
function charLengthLeft(text, index) {
  if (index <= 0) return 0;
  const astral = (index > 1 && text.codePointAt(index - 2) > 0xffff) ||
    text.codePointAt(index - 1) > 0xffff;
  return astral ? 2 : 1;
}

/** What all of the strings begin with. */
function commonPrefix(strings) {
  if (strings.length === 0) return '';
  if (strings.length === 1) return strings[0];
  // First and last in order differ the earliest.
  const sorted = strings.toSorted();
  const min = sorted[0];
  const max = sorted[sorted.length - 1];
  for (let i = 0; i < min.length; i++) {
    if (min[i] !== max[i]) return min.slice(0, i);
  }
  return min;
}

module.exports = { CSI, charLengthAt, charLengthLeft, commonPrefix };
