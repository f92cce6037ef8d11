'use strict';
// Takes a whole pattern ("https://*.example.com/:id") apart into its components
// (URL Pattern Standard, section 1.6.1, whose states these are).

const { Component, defaultOptions } = require('internal/urlpattern/component');
const { canonicalProtocol, defaultPorts } = require('internal/urlpattern/init');
const { tokenize } = require('internal/urlpattern/tokens');

const BEFORE_HOSTNAME = ['protocol', 'authority', 'username', 'password'];
const BEFORE_PATHNAME = [...BEFORE_HOSTNAME, 'hostname', 'port'];
const BEFORE_SEARCH = [...BEFORE_PATHNAME, 'pathname'];
const AFTER_PATHNAME = ['search', 'hash'];
const AFTER_HOSTNAME = ['port', 'pathname', ...AFTER_PATHNAME];

function matchesSpecialScheme(protocol) {
  return Object.keys(defaultPorts).some((scheme) => protocol.match(scheme) !== undefined);
}

class ConstructorStringParser {
  constructor(input) {
    this.input = input;
    this.tokens = tokenize(input, true);
    this.result = {};
    this.state = 'init';
    this.index = 0;
    this.increment = 1;
    this.start = 0;
    this.groupDepth = 0;
    this.bracketDepth = 0;
    this.special = false;
  }

  parse() {
    for (; this.index < this.tokens.length; this.index += this.increment) {
      this.increment = 1;
      const { type } = this.tokens[this.index];
      if (type === 'end') {
        if (this.state === 'init') {
          // There was no protocol: it is relative.
          this.rewind();
          if (this.isHashPrefix()) this.change('hash', 1);
          else if (this.isSearchPrefix()) this.change('search', 1);
          else this.change('pathname', 0);
          continue;
        }
        if (this.state === 'authority') {
          this.rewindTo('hostname');
          continue;
        }
        this.change('done', 0);
        break;
      }
      if (type === 'open') {
        this.groupDepth++;
        continue;
      }
      if (this.groupDepth > 0) {
        if (type !== 'close') continue;
        this.groupDepth--;
      }
      this.step();
    }
    if (this.result.hostname !== undefined && this.result.port === undefined) this.result.port = '';
    return this.result;
  }

  step() {
    switch (this.state) {
      case 'init':
        if (this.isChar(':')) this.rewindTo('protocol');
        break;
      case 'protocol':
        if (this.isChar(':')) this.endProtocol();
        break;
      case 'authority':
        if (this.isChar('@')) this.rewindTo('username');
        else if (this.isChar('/') || this.isSearchPrefix() || this.isHashPrefix()) this.rewindTo('hostname');
        break;
      case 'username':
        if (this.isChar(':')) this.change('password', 1);
        else if (this.isChar('@')) this.change('hostname', 1);
        break;
      case 'password':
        if (this.isChar('@')) this.change('hostname', 1);
        break;
      case 'hostname':
        if (this.isChar('[')) this.bracketDepth++;
        else if (this.isChar(']')) this.bracketDepth--;
        else if (this.isChar(':') && this.bracketDepth === 0) this.change('port', 1);
        else this.startPath();
        break;
      case 'port':
        this.startPath();
        break;
      case 'pathname':
        if (this.isSearchPrefix()) this.change('search', 1);
        else if (this.isHashPrefix()) this.change('hash', 1);
        break;
      case 'search':
        if (this.isHashPrefix()) this.change('hash', 1);
        break;
    }
  }

  endProtocol() {
    this.special = matchesSpecialScheme(new Component(this.text(), canonicalProtocol, defaultOptions));
    if (this.isChar('/', 1) && this.isChar('/', 2)) this.change('authority', 3);
    else this.change(this.special ? 'authority' : 'pathname', 1);
  }

  startPath() {
    if (this.isChar('/')) this.change('pathname', 0);
    else if (this.isSearchPrefix()) this.change('search', 1);
    else if (this.isHashPrefix()) this.change('hash', 1);
  }

  change(state, skip) {
    const { result, state: old } = this;
    if (old !== 'init' && old !== 'authority' && old !== 'done') result[old] = this.text();
    if (old !== 'init' && state !== 'done') {
      if (BEFORE_HOSTNAME.includes(old) && AFTER_HOSTNAME.includes(state)) result.hostname ??= '';
      if (BEFORE_PATHNAME.includes(old) && AFTER_PATHNAME.includes(state)) result.pathname ??= this.special ? '/' : '';
      if (BEFORE_SEARCH.includes(old) && state === 'hash') result.search ??= '';
    }
    this.state = state;
    this.index += skip;
    this.start = this.index;
    this.increment = 0;
  }

  rewind() {
    this.index = this.start;
    this.increment = 0;
  }

  rewindTo(state) {
    this.rewind();
    this.state = state;
  }

  tokenAt(index) {
    return this.tokens[index] ?? this.tokens.at(-1);
  }

  // Whether `char` stands here for itself.
  isChar(char, offset = 0) {
    const { type, value } = this.tokenAt(this.index + offset);
    return value === char && (type === 'char' || type === 'escaped-char' || type === 'invalid-char');
  }

  isHashPrefix() {
    return this.isChar('#');
  }

  // A question mark that is no modifier.
  isSearchPrefix() {
    if (this.isChar('?')) return true;
    if (this.tokens[this.index].value !== '?') return false;
    const previous = this.tokens[this.index - 1]?.type;
    return previous !== 'name' && previous !== 'regexp' && previous !== 'close' && previous !== 'asterisk';
  }

  // From the start of the component up to here.
  text() {
    return this.input.slice(this.tokenAt(this.start).index, this.tokenAt(this.index).index);
  }
}

function parseConstructorString(input) {
  return new ConstructorStringParser(input).parse();
}

module.exports = { matchesSpecialScheme, parseConstructorString };
