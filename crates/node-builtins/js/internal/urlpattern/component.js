'use strict';
// One component of a URL pattern: its pattern parsed into parts, the regular expression that matches it, and its
// normalised text (URL Pattern Standard, sections 2.1 and 2.2).

const { isNameCodePoint, tokenize } = require('internal/urlpattern/tokens');

// Options of a component: the code point at which segments end, and the prefix that a group may have without braces.
const defaultOptions = { delimiter: '', prefix: '', ignoreCase: false };
const hostnameOptions = { delimiter: '.', prefix: '', ignoreCase: false };
const pathnameOptions = { delimiter: '/', prefix: '/', ignoreCase: false };

const FULL_WILDCARD = '.*';

function escapeRegexp(text) {
  return text.replace(/[.+*?^${}()[\]|/\\]/g, '\\$&');
}

function escapePattern(text) {
  return text.replace(/[+*?:{}()\\]/g, '\\$&');
}

function segmentWildcard({ delimiter }) {
  return `[^${escapeRegexp(delimiter)}]+?`;
}

// ---- Parts: { type, value, modifier, name, prefix, suffix }, of type fixed, regexp, segment or full.

class PatternParser {
  constructor(input, options, encode) {
    this.tokens = tokenize(input, false);
    this.options = options;
    this.encode = encode;
    this.parts = [];
    this.pending = '';
    this.index = 0;
    this.nextNumericName = 0;
  }

  parse() {
    while (this.index < this.tokens.length) {
      const char = this.take('char');
      const name = this.take('name');
      const group = this.takeGroup(name);
      if (name || group) {
        let prefix = char?.value ?? '';
        if (prefix !== '' && prefix !== this.options.prefix) {
          this.pending += prefix;
          prefix = '';
        }
        this.flush();
        this.addPart(prefix, name, group, '', this.takeModifier());
        continue;
      }
      const fixed = char ?? this.take('escaped-char');
      if (fixed) {
        this.pending += fixed.value;
        continue;
      }
      if (this.take('open')) {
        const prefix = this.takeText();
        const innerName = this.take('name');
        const innerGroup = this.takeGroup(innerName);
        const suffix = this.takeText();
        this.require('close');
        this.addPart(prefix, innerName, innerGroup, suffix, this.takeModifier());
        continue;
      }
      this.flush();
      this.require('end');
    }
    return this.parts;
  }

  take(type) {
    const token = this.tokens[this.index];
    if (token?.type !== type) return undefined;
    this.index++;
    return token;
  }

  require(type) {
    if (!this.take(type)) throw new TypeError('Invalid URL pattern');
  }

  takeGroup(name) {
    return this.take('regexp') ?? (name ? undefined : this.take('asterisk'));
  }

  takeModifier() {
    return (this.take('other-modifier') ?? this.take('asterisk'))?.value ?? '';
  }

  takeText() {
    let text = '';
    for (;;) {
      const token = this.take('char') ?? this.take('escaped-char');
      if (!token) return text;
      text += token.value;
    }
  }

  flush() {
    if (this.pending === '') return;
    this.addFixed(this.pending, '');
    this.pending = '';
  }

  addFixed(text, modifier) {
    this.parts.push({ type: 'fixed', value: this.encode(text), modifier, name: '', prefix: '', suffix: '' });
  }

  addPart(prefix, nameToken, group, suffix, modifier) {
    if (!nameToken && !group && modifier === '') {
      this.pending += prefix;
      return;
    }
    this.flush();
    if (!nameToken && !group) {
      if (prefix !== '') this.addFixed(prefix, modifier);
      return;
    }
    let type = 'regexp';
    let value = group ? (group.type === 'asterisk' ? FULL_WILDCARD : group.value) : segmentWildcard(this.options);
    if (value === segmentWildcard(this.options)) {
      type = 'segment';
      value = '';
    } else if (value === FULL_WILDCARD) {
      type = 'full';
      value = '';
    }
    const name = nameToken ? nameToken.value : `${this.nextNumericName++}`;
    if (this.parts.some((part) => part.name === name)) throw new TypeError('Duplicate name in URL pattern');
    this.parts.push({ type, value, modifier, name, prefix: this.encode(prefix), suffix: this.encode(suffix) });
  }
}

// ---- The regular expression

function regexpOf(part, options) {
  return part.type === 'segment' ? segmentWildcard(options) : part.type === 'full' ? FULL_WILDCARD : part.value;
}

function regexpSource(parts, options) {
  let source = '^';
  for (const part of parts) {
    const { modifier } = part;
    if (part.type === 'fixed') {
      const text = escapeRegexp(part.value);
      source += modifier === '' ? text : `(?:${text})${modifier}`;
      continue;
    }
    const group = regexpOf(part, options);
    const prefix = escapeRegexp(part.prefix);
    const suffix = escapeRegexp(part.suffix);
    const repeats = modifier === '*' || modifier === '+';
    if (prefix === '' && suffix === '') {
      source += repeats ? `((?:${group})${modifier})` : `(${group})${modifier}`;
    } else if (!repeats) {
      source += `(?:${prefix}(${group})${suffix})${modifier}`;
    } else {
      source += `(?:${prefix}((?:${group})(?:${suffix}${prefix}(?:${group}))*)${suffix})${modifier === '*' ? '?' : ''}`;
    }
  }
  return `${source}$`;
}

// ---- The normalised pattern

function startsWithDigit(name) {
  return name >= '0' && name < ':';
}

function lastCodePoint(text) {
  return [...text].at(-1) ?? '';
}

function firstCodePoint(text) {
  return [...text][0] ?? '';
}

function needsGrouping(part, previous, next, options) {
  if (part.suffix !== '' || (part.prefix !== '' && part.prefix !== options.prefix)) return true;
  const plainName = !startsWithDigit(part.name) && part.type === 'segment' && part.modifier === '';
  if (plainName && next && next.prefix === '' && next.suffix === '') {
    // the name would run on
    const fixed = next.type === 'fixed';
    if (fixed ? isNameCodePoint(firstCodePoint(next.value), false) : startsWithDigit(next.name)) return true;
  }
  return part.prefix === '' && previous?.type === 'fixed' && options.prefix !== '' &&
    lastCodePoint(previous.value) === options.prefix;
}

// Whether an asterisk after this part could not be taken for its modifier.
function endsBefore(previous) {
  return !previous || previous.type === 'fixed' || previous.modifier !== '';
}

function patternString(parts, options) {
  let text = '';
  parts.forEach((part, index) => {
    const { type, modifier, name, prefix, suffix } = part;
    if (type === 'fixed') {
      const value = escapePattern(part.value);
      text += modifier === '' ? value : `{${value}}${modifier}`;
      return;
    }
    const previous = parts[index - 1];
    const custom = !startsWithDigit(name);
    const grouping = needsGrouping(part, previous, parts[index + 1], options);
    if (grouping) text += '{';
    text += escapePattern(prefix);
    if (custom) text += `:${name}`;
    if (type === 'regexp') {
      text += `(${part.value})`;
    } else if (type === 'segment') {
      if (!custom) text += `(${segmentWildcard(options)})`;
    } else if (!custom && (grouping || prefix !== '' || endsBefore(previous))) {
      text += '*';
    } else {
      text += `(${FULL_WILDCARD})`;
    }
    if (type === 'segment' && custom && suffix !== '' && isNameCodePoint(firstCodePoint(suffix), false)) text += '\\';
    text += escapePattern(suffix);
    if (grouping) text += '}';
    text += modifier;
  });
  return text;
}

// ---- Components

class Component {
  constructor(input, encode, options) {
    const parts = new PatternParser(input, options, encode).parse();
    this.pattern = patternString(parts, options);
    this.regexp = new RegExp(regexpSource(parts, options), options.ignoreCase ? 'vi' : 'v');
    this.names = parts.filter((part) => part.type !== 'fixed').map((part) => part.name);
    this.hasRegExpGroups = parts.some((part) => part.type === 'regexp');
  }

  // The groups of `input`, by name; undefined if it does not match.
  match(input) {
    const found = this.regexp.exec(input);
    if (found === null) return undefined;
    const groups = {};
    this.names.forEach((name, index) => {
      Object.defineProperty(groups, name, {
        __proto__: null, value: found[index + 1], configurable: true, enumerable: true, writable: true,
      });
    });
    return { input, groups };
  }
}

module.exports = { Component, defaultOptions, escapePattern, hostnameOptions, pathnameOptions };
