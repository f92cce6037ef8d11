'use strict';
// Colours a regular expression by nesting: every part has a level, levels take turns in the
// palette. util.inspect.styles.regexp.colors replaces the palette.

const defaultPalette = ['green', 'red', 'yellow', 'cyan', 'magenta'];

// One part of the pattern outside of, and inside of, a character class.
const part = new RegExp([
  /(?<open>\\u\{|\\[pP]\{)(?<content>[^}]*)(?<close>\})/.source,
  /\\k<(?<back>[^>]*)>/.source,
  /\\(?:x[^]{0,2}|\d+|[pPu]\{|k<|[^]?)/.source,
  /\((?:\?(?:<[=!]|[:=!]|<(?<name>[^>]*)>))?/.source,
  /\{(?<least>\d*)(?<comma>,?)(?<most>\d*)\}(?<lazy>\??)/.source,
  '[^]',
].join('|'), 'y');
const classPart =
  /(?<open>\\u\{|\\[pP]\{)(?<content>[^}]*)(?<close>\})|\\(?:x[^]{0,2}|[pPu]\{|[^]?)|[^]/y;

// `text` is the regular expression with slashes and flags.
function highlight(text, inspect) {
  const names = inspect.styles.regexp?.colors;
  const palette = (names?.length > 0 ? names : defaultPalette)
    .map((name) => inspect.colors[name]).filter(Boolean);
  let output = '';
  let level = 1;
  let inClass = false;

  const write = (shown, at) => {
    const [start, end] = palette[at % palette.length] ?? palette[0];
    output += `\x1b[${start}m${shown}\x1b[${end}m`;
  };
  const braced = ({ open, content, close }, at) => {
    write(open, at);
    write(content, at + 1);
    write(close, at);
  };

  write('/', 0);
  let i = 1;
  const end = text.lastIndexOf('/');
  while (i < end) {
    const pattern = inClass ? classPart : part;
    pattern.lastIndex = i;
    const match = pattern.exec(text);
    const [shown] = match;
    const { groups } = match;
    const previous = text[i - 1];
    i += shown.length;
    if (groups.open !== undefined) {
      braced(groups, level);
    } else if (groups.back !== undefined) {
      braced({ open: '\\k<', content: groups.back, close: '>' }, level - 1);
    } else if (inClass) {
      if (shown === ']') {
        inClass = false;
        write(shown, --level);
      } else {
        const isRange = shown === '-' && previous !== '[' && text[i] !== ']';
        write(shown, isRange ? level + 1 : level);
      }
    } else if (shown === '[') {
      inClass = true;
      write(shown, level++);
    } else if (shown[0] === '(') {
      write('(', level);
      const { name } = groups;
      if (name !== undefined) braced({ open: '?<', content: name, close: '>' }, level);
      else if (shown.length > 1) write(shown.slice(1), level);
      level++;
    } else if (shown === ')') {
      write(shown, --level);
    } else if (groups.least || groups.comma) {
      write('{', level);
      if (groups.least) write(groups.least, level + 2);
      if (groups.comma) write(',', level + 1);
      if (groups.most) write(groups.most, level + 2);
      write('}', level);
      if (groups.lazy) write('?', level + 3);
    } else if (shown.length === 1 && '|+*?,^$'.includes(shown)) {
      write(shown, level + 3);
    } else {
      write(shown, shown === '.' ? level + 2 : level + 1);
    }
  }
  write('/', level - 1);
  if (end + 1 < text.length) write(text.slice(end + 1), level);
  return output;
}

module.exports = highlight;
