'use strict';
// The tokenizer of URL patterns (URL Pattern Standard, section 2.1.2).

const NAME_START = /[$_\p{ID_Start}]/u;
const NAME_PART = /[$_\u200c\u200d\p{ID_Continue}]/u;

function isNameCodePoint(char, first) {
  return (first ? NAME_START : NAME_PART).test(char);
}

function charAt(input, index) {
  return index < input.length ? String.fromCodePoint(input.codePointAt(index)) : '';
}

// Where a name that begins at `start` ends.
function endOfName(input, start) {
  let end = start;
  while (end < input.length) {
    const char = charAt(input, end);
    if (!isNameCodePoint(char, end === start)) break;
    end += char.length;
  }
  return end;
}

// Where a regular expression group whose content begins at `start` ends, after its ")"; -1 if it is malformed.
function endOfRegexp(input, start) {
  let depth = 1;
  for (let at = start; at < input.length; at++) {
    const char = input[at];
    if (char > '\x7f' || (at === start && char === '?')) return -1;
    if (char === '\\') {
      if (at === input.length - 1 || input[at + 1] > '\x7f') return -1;
      at++;
    } else if (char === ')') {
      if (--depth === 0) return at === start ? -1 : at + 1;
    } else if (char === '(') {
      depth++;
      // only groups that do not capture
      if (at === input.length - 1 || input[at + 1] !== '?') return -1;
    }
  }
  return -1;
}

const SINGLE = {
  '__proto__': null, '*': 'asterisk', '+': 'other-modifier', '?': 'other-modifier', '{': 'open', '}': 'close',
};

// Tokens of { type, index, value }; the last one's type is "end".
// What is malformed throws, or becomes a token "invalid-char" where `lenient`.
function tokenize(input, lenient) {
  const tokens = [];
  let index = 0;
  const add = (type, end, value) => {
    tokens.push({ type, index, value });
    index = end;
  };
  const fail = (end) => {
    if (!lenient) throw new TypeError('Invalid URL pattern');
    add('invalid-char', end, input.slice(index, end));
  };
  while (index < input.length) {
    const char = charAt(input, index);
    const next = index + char.length;
    if (SINGLE[char] !== undefined) {
      add(SINGLE[char], next, char);
    } else if (char === '\\') {
      const escaped = charAt(input, next);
      if (escaped === '') fail(next);
      else add('escaped-char', next + escaped.length, escaped);
    } else if (char === ':') {
      const end = endOfName(input, next);
      if (end === next) fail(next);
      else add('name', end, input.slice(next, end));
    } else if (char === '(') {
      const end = endOfRegexp(input, next);
      if (end === -1) fail(next);
      else add('regexp', end, input.slice(next, end - 1));
    } else {
      add('char', next, char);
    }
  }
  add('end', index, '');
  return tokens;
}

module.exports = { isNameCodePoint, tokenize };
