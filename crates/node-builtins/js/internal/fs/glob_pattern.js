'use strict';
// Glob patterns: braces, '**', '*', '?', classes and extended groups such as '!(a|b)', read into lists of segments.
// Matches strings; walking directories is glob.js's business. A backslash is a separator in a pattern, never an escape,
// and a leading dot must be written out to be matched.

const { validateString } = require('internal/validators');

const GLOBSTAR = Symbol('**');

const MAX_LENGTH = 65536;

const STAR = '[^/]*?';

const POSIX_CLASSES = {
  alnum: '\\p{L}\\p{Nl}\\p{Nd}',
  alpha: '\\p{L}\\p{Nl}',
  ascii: '\\x00-\\x7f',
  blank: '\\p{Zs}\\t',
  cntrl: '\\p{Cc}',
  digit: '\\p{Nd}',
  graph: '',
  lower: '\\p{Ll}',
  print: '\\P{C}',
  punct: '\\p{P}',
  space: '\\p{Z}\\t\\r\\n\\v\\f',
  upper: '\\p{Lu}',
  word: '\\p{L}\\p{Nl}\\p{Nd}\\p{Pc}',
  xdigit: 'A-Fa-f0-9',
};

// Every pattern that `pattern` stands for once its braces are written out.
function expandBraces(pattern) {
  for (let open = pattern.indexOf('{'); open !== -1; open = pattern.indexOf('{', open + 1)) {
    if (open > 0 && pattern[open - 1] === '$') continue;
    const { close, commas } = matchBrace(pattern, open);
    if (close === -1) continue;
    const alternatives = expandBody(pattern, open, close, commas);
    if (alternatives === undefined) continue;
    const before = pattern.slice(0, open);
    const after = expandBraces(pattern.slice(close + 1));
    return alternatives.flatMap((middle) => after.map((end) => `${before}${middle}${end}`));
  }
  return [pattern];
}

// Where the brace at `open` closes, and the commas directly inside.
function matchBrace(pattern, open) {
  const commas = [];
  let depth = 0;
  for (let i = open; i < pattern.length; i++) {
    if (pattern[i] === '{') depth++;
    else if (pattern[i] === ',' && depth === 1) commas.push(i);
    else if (pattern[i] === '}' && --depth === 0) return { close: i, commas };
  }
  return { close: -1, commas };
}

function expandBody(pattern, open, close, commas) {
  if (commas.length > 0) {
    const ends = [...commas, close];
    return ends.flatMap((end, i) => expandBraces(pattern.slice((i === 0 ? open : commas[i - 1]) + 1, end)));
  }
  const body = pattern.slice(open + 1, close);
  const sequence = expandSequence(body);
  if (sequence !== undefined) return sequence;
  const inner = expandBraces(body);
  return inner.length > 1 ? inner.map((text) => `{${text}}`) : undefined;
}

// '1..3', '01..10', 'a..e', each with an optional step.
function expandSequence(body) {
  const match = /^(?:(-?\d+)\.\.(-?\d+)|([a-zA-Z])\.\.([a-zA-Z]))(?:\.\.(-?\d+))?$/.exec(body);
  if (match === null) return undefined;
  const numeric = match[1] !== undefined;
  const from = numeric ? Number(match[1]) : match[3].charCodeAt(0);
  const to = numeric ? Number(match[2]) : match[4].charCodeAt(0);
  const step = Math.max(Math.abs(Number(match[5] ?? 1)), 1) * (from <= to ? 1 : -1);
  const padded = numeric && /^-?0\d/.test(match[1]) || numeric && /^-?0\d/.test(match[2]);
  const width = padded ? Math.max(match[1].length, match[2].length) : 0;
  const items = [];
  for (let i = from; step > 0 ? i <= to : i >= to; i += step) {
    if (!numeric) items.push(String.fromCharCode(i));
    else items.push(i < 0 ? `-${String(-i).padStart(width - 1, '0')}` : String(i).padStart(width, '0'));
  }
  return items;
}

// Removes segments that change nothing ('.', empty ones) and pairs that cancel out ('a/..'), where the outcome is the
// same.
function simplify(parts, isPattern) {
  for (let i = 1; i < parts.length - 1; i++) {
    if (i === 1 && parts[1] === '' && parts[0] === '') continue;
    if (parts[i] === '.' || parts[i] === '') parts.splice(i--, 1);
  }
  if (parts.length === 2 && parts[0] === '.' && (parts[1] === '.' || parts[1] === '')) parts.pop();
  for (let up = parts.indexOf('..', 1); up !== -1; up = parts.indexOf('..', Math.max(up, 1))) {
    const previous = parts[up - 1];
    if (previous === '' || previous === '.' || previous === '..' || previous === '**') {
      up++;
      continue;
    }
    // './**' reaches through one more link than '**' does
    const keepsDot = isPattern && up === 1 && parts[2] === '**';
    parts.splice(up - 1, 2, ...(keepsDot ? ['.'] : []));
    if (parts.length === 0) parts.push('');
    up--;
  }
  return parts;
}

// '<before>/**/../<after>' is what '<before>/../<after>' and '<before>/**/<after>' match together.
function splitGlobstarParents(patterns) {
  const done = [];
  for (const parts of patterns) {
    for (let star = parts.indexOf('**'); star !== -1; star = parts.indexOf('**', star + 1)) {
      while (parts[star + 1] === '**') parts.splice(star + 1, 1);
      const [next, after, last] = [parts[star + 1], parts[star + 2], parts[star + 3]];
      if (next !== '..') continue;
      if (!after || after === '.' || after === '..' || !last || last === '.' || last === '..') continue;
      parts.splice(star, 1);
      const twin = parts.slice();
      twin[star] = '**';
      patterns.push(twin);
      star--;
    }
    done.push(parts);
  }
  return done;
}

function escape(text) {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}

function escapeInClass(text) {
  return text === '-' ? '\\-' : escape(text);
}

const CLASS_END = { __proto__: null, source: '', end: -1 };

// The class that opens at `at`, as regular expression source; end -1 if it is none and '[' stands for itself.
function readClass(text, at) {
  let i = at + 1;
  const negated = text[i] === '!' || text[i] === '^';
  if (negated) i++;
  let members = '';
  let invalidRange = false;
  for (let first = true; i < text.length; first = false) {
    if (text[i] === ']' && !first) {
      if (members === '' && !invalidRange) return CLASS_END;
      if (members === '') return { source: negated ? '[^/]' : '(?:$.)', end: i + 1 };
      return { source: `[${negated ? '^/' : ''}${members}]`, end: i + 1 };
    }
    const named = /^\[:([a-z]+):\]/.exec(text.slice(i, i + 12));
    if (named !== null && Object.hasOwn(POSIX_CLASSES, named[1])) {
      members += POSIX_CLASSES[named[1]];
      i += named[0].length;
      continue;
    }
    const [low] = text.slice(i);
    i += low.length;
    if (text[i] === '-' && i + 1 < text.length && text[i + 1] !== ']') {
      const [high] = text.slice(i + 1);
      i += 1 + high.length;
      if (low.codePointAt(0) <= high.codePointAt(0)) members += `${escapeInClass(low)}-${escapeInClass(high)}`;
      else invalidRange = true;
    } else {
      members += escapeInClass(low);
    }
  }
  return CLASS_END;
}

// Reads one segment into nodes: { text } for literals, { source } for one-character magic and stars,
// { type, branches } for extended groups. `stops` are the characters that end a branch.
class SegmentReader {
  constructor(text) {
    this.text = text;
    this.at = 0;
    this.magic = false;
  }

  readNodes(isBranch) {
    const nodes = [];
    while (this.at < this.text.length) {
      const char = this.text[this.at];
      if (isBranch && (char === '|' || char === ')')) return nodes;
      nodes.push(this.readGroup(char) ?? this.readMagic(char) ?? this.readLiteral());
    }
    return nodes;
  }

  readGroup(type) {
    if (!'?*+@!'.includes(type) || this.text[this.at + 1] !== '(') return undefined;
    const start = this.at;
    const branches = [];
    this.at++;
    do {
      this.at++;
      branches.push(this.readNodes(true));
    } while (this.text[this.at] === '|');
    if (this.text[this.at] === ')') {
      this.at++;
      this.magic = true;
      return { type, branches };
    }
    // never closed: no group
    this.at = start;
    return undefined;
  }

  readMagic(char) {
    if (char === '*') {
      do this.at++;
      while (this.text[this.at] === '*' && this.text[this.at + 1] !== '(');
      this.magic = true;
      return { source: STAR };
    }
    if (char === '?') {
      this.at++;
      this.magic = true;
      return { source: '[^/]' };
    }
    if (char !== '[') return undefined;
    const { source, end } = readClass(this.text, this.at);
    if (end === -1) return undefined;
    this.at = end;
    this.magic = true;
    return { source };
  }

  readLiteral() {
    const char = String.fromCodePoint(this.text.codePointAt(this.at));
    this.at += char.length;
    return { text: char };
  }
}

// Regular expression source of nodes. `tail` is the source of all that follows them in the segment,
// which a negated group needs: '!(a)b' must look as far as the end.
function sourceOf(nodes, tail, isStart) {
  let source = '';
  for (let i = nodes.length - 1; i >= 0; i--) {
    const node = nodes[i];
    const atStart = isStart && i === 0;
    if (node.text !== undefined) source = `${escape(node.text)}${source}`;
    else if (node.source !== undefined) source = `${atStart ? '(?!^\\.)' : ''}${node.source}${source}`;
    else source = `${groupSource(node, `${source}${tail}`, atStart)}${source}`;
  }
  return source;
}

function groupSource({ type, branches }, tail, isStart) {
  if (type === '!') {
    const star = `${isStart ? '(?!^\\.)' : ''}[^/]`;
    if (branches.length === 1 && branches[0].length === 0) return `${star}+?`;
    const refused = branches.map((nodes) => `${sourceOf(nodes, tail, isStart)}${tail}$`);
    return `(?:(?!${refused.join('|')})${star}*?)`;
  }
  const source = branches.map((nodes) => sourceOf(nodes, tail, isStart)).join('|');
  return `(?:${source})${type === '@' ? '' : type}`;
}

// A segment as something to compare a name with: GLOBSTAR, a string, or a regular expression.
function compileSegment(text, ignoreCase) {
  if (text === '**') return GLOBSTAR;
  const reader = new SegmentReader(text);
  const nodes = reader.readNodes(false);
  if (!reader.magic) return text;
  const source = sourceOf(nodes, '', true);
  const onlyStar = nodes.length === 1 && nodes[0].source === STAR;
  return new RegExp(`^${onlyStar ? '(?=.)' : ''}(?!\\.\\.?$)${source}$`, ignoreCase ? 'sui' : 'su');
}

// All alternatives of a pattern, each a list of segments.
function compile(pattern, windows) {
  validateString(pattern, 'pattern');
  if (pattern.length > MAX_LENGTH) throw new TypeError('pattern is too long');
  const expanded = expandBraces(pattern.replaceAll('\\', '/'));
  const ignoreCase = windows || require('process').platform === 'darwin';
  let patterns = [...new Set(expanded)].map((text) => text.split(/\/+/));
  patterns = splitGlobstarParents(patterns).map((parts) => simplify(parts, true));
  return patterns.map((parts) => parts.map((text) => compileSegment(text, ignoreCase)));
}

// Whether a name may stand for a segment of the pattern; '**' takes all that do not begin with a dot.
function matchesSegment(segment, name) {
  if (segment === GLOBSTAR) return name[0] !== '.';
  return typeof segment === 'string' ? segment === name : segment.test(name);
}

function matchesFrom(segments, s, names, n) {
  for (; s < segments.length && n < names.length; s++, n++) {
    if (segments[s] === GLOBSTAR) {
      if (s === segments.length - 1) return names.slice(n).every((name) => name[0] !== '.');
      for (let next = n; next < names.length; next++) {
        if (matchesFrom(segments, s + 1, names, next)) return true;
        if (names[next][0] === '.') return false;
      }
      return false;
    }
    if (!matchesSegment(segments[s], names[n])) return false;
  }
  if (s === segments.length) return n === names.length || (n === names.length - 1 && names[n] === '');
  return false;
}

function matches(alternatives, path, windows) {
  const names = simplify((windows ? path.replaceAll('\\', '/') : path).split(/\/+/), false);
  return alternatives.some((segments) => matchesFrom(segments, 0, names, 0));
}

let last = { pattern: undefined, windows: false, alternatives: undefined };

// path.matchesGlob. Filters ask for one pattern many times, so the last one stays compiled.
function matchesGlob(path, pattern, windows) {
  validateString(path, 'path');
  validateString(pattern, 'pattern');
  if (last.pattern !== pattern || last.windows !== windows) {
    last = { pattern, windows, alternatives: compile(pattern, windows) };
  }
  return matches(last.alternatives, path, windows);
}

module.exports = { GLOBSTAR, compile, matches, matchesSegment, matchesGlob };
