'use strict';
// Says in V8's words what is wrong with a text that is no JSON, and with a value that cannot
// become JSON because it contains itself. Called after JSON has refused them, so nothing here
// has to be fast.

class Fault {
  constructor(message) {
    this.message = message;
  }
}

const isSpace = (code) => code === 32 || code === 10 || code === 13 || code === 9;
const isDigit = (code) => code >= 48 && code <= 57;
const QUOTE = 34;

/** What JSON.parse says about `text` in V8; undefined when nothing is wrong with it. */
function describe(text) {
  try {
    new Scanner(text).document();
    return undefined;
  } catch (fault) {
    if (fault instanceof Fault) return fault.message;
    throw fault;
  }
}

class Scanner {
  #text;
  #at = 0;

  constructor(text) {
    this.#text = text;
  }

  document() {
    this.#value();
    this.#space();
    if (this.#at < this.#text.length) throw this.#fault('Unexpected non-whitespace character after JSON', '');
  }

  // Nesting is kept in a list: a text may be deeper than the stack.
  #value() {
    const open = [];
    for (;;) {
      this.#space();
      const code = this.#code();
      if (code === 123) {
        this.#at++;
        this.#space();
        if (this.#code() !== 125) {
          if (this.#code() !== QUOTE) throw this.#unexpected("Expected property name or '}'");
          this.#key();
          open.push(code);
          continue;
        }
        this.#at++;
      } else if (code === 91) {
        this.#at++;
        this.#space();
        if (this.#code() !== 93) {
          open.push(code);
          continue;
        }
        this.#at++;
      } else {
        this.#scalar(code);
      }
      if (this.#afterValue(open)) return;
    }
  }

  /** Past commas and closing brackets to the next value; true at the end of the outermost. */
  #afterValue(open) {
    while (open.length > 0) {
      this.#space();
      const code = this.#code();
      const isObject = open.at(-1) === 123;
      if (code === 44) {
        this.#at++;
        if (!isObject) return false;
        this.#space();
        if (this.#code() !== QUOTE) throw this.#unexpected('Expected double-quoted property name');
        this.#key();
        return false;
      }
      if (code !== (isObject ? 125 : 93)) {
        throw this.#unexpected(isObject ?
          "Expected ',' or '}' after property value" : "Expected ',' or ']' after array element");
      }
      this.#at++;
      open.pop();
    }
    return true;
  }

  #key() {
    this.#string();
    this.#space();
    if (this.#code() !== 58) throw this.#unexpected("Expected ':' after property name");
    this.#at++;
  }

  #scalar(code) {
    if (code === QUOTE) this.#string();
    else if (code === 45 || isDigit(code)) this.#number();
    else if (code === 116) this.#word('true');
    else if (code === 102) this.#word('false');
    else if (code === 110) this.#word('null');
    else throw this.#unexpected();
  }

  #word(word) {
    for (let i = 0; i < word.length; i++, this.#at++) {
      if (this.#text[this.#at] !== word[i]) throw this.#unexpected();
    }
  }

  #number() {
    const start = this.#at;
    if (this.#code() === 45) {
      this.#at++;
      if (!isDigit(this.#code())) throw this.#fault('No number after minus sign');
    }
    if (this.#code() === 48) {
      this.#at++;
      if (isDigit(this.#code())) throw this.#unexpected();
    } else {
      this.#digits();
    }
    if (this.#code() === 46) {
      this.#at++;
      if (!isDigit(this.#code())) throw this.#fault('Unterminated fractional number');
      this.#digits();
    }
    if ((this.#code() | 32) === 101 && this.#at > start) {
      this.#at++;
      if (this.#code() === 43 || this.#code() === 45) this.#at++;
      if (!isDigit(this.#code())) throw this.#fault('Exponent part is missing a number');
      this.#digits();
    }
  }

  #digits() {
    while (isDigit(this.#code())) this.#at++;
  }

  #string() {
    this.#at++;
    for (;;) {
      const code = this.#code();
      if (code === -1) throw this.#fault('Unterminated string');
      if (code === QUOTE) break;
      if (code < 32) throw this.#fault('Bad control character in string literal');
      if (code === 92) this.#escape();
      else this.#at++;
    }
    this.#at++;
  }

  #escape() {
    this.#at++;
    const letter = this.#text[this.#at];
    if (letter === undefined) throw this.#unexpected();
    if (letter === 'u') {
      for (let i = 1; i <= 4; i++) {
        if (!/[0-9a-fA-F]/.test(this.#text[this.#at + i] ?? '')) {
          this.#at += i;
          throw this.#fault('Bad Unicode escape');
        }
      }
      this.#at += 5;
    } else if ('"\\/bfnrt'.includes(letter)) {
      this.#at++;
    } else {
      throw letter > '\xff' ? this.#unexpected() : this.#fault('Bad escaped character');
    }
  }

  #space() {
    while (isSpace(this.#code())) this.#at++;
  }

  /** The unit at hand; -1 at the end. */
  #code() {
    return this.#at < this.#text.length ? this.#text.charCodeAt(this.#at) : -1;
  }

  #fault(what, where = ' in JSON') {
    const before = this.#text.slice(0, this.#at);
    const line = before.split(/\r\n|\r|\n/);
    return new Fault(`${what}${where} at position ${this.#at} ` +
      `(line ${line.length} column ${line.at(-1).length + 1})`);
  }

  /** The text ends, or goes on with something else than `what` says. */
  #unexpected(what) {
    const text = this.#text;
    const code = this.#code();
    if (what !== undefined) return this.#fault(what);
    if (code === -1) return new Fault('Unexpected end of JSON input');
    if (code === 45 || isDigit(code)) return this.#fault('Unexpected number');
    if (code === QUOTE) return this.#fault('Unexpected string');
    if (['NaN', 'Infinity', 'undefined', '[object Object]'].includes(text)) {
      return new Fault(`"${text}" is not valid JSON`);
    }
    const at = this.#at;
    const reach = 10;
    let shown = `"${text}"`;
    if (text.length > 2 * reach) {
      const before = at >= reach ? '...' : '';
      const after = at < text.length - reach ? '...' : '';
      shown = `${before}"${text.slice(Math.max(0, at - reach), at + reach)}"${after}`;
    }
    return new Fault(`Unexpected token '${text[at]}', ${shown} is not valid JSON`);
  }
}

const constructorOf = (object) => `object with constructor '${object.constructor?.name ?? 'Object'}'`;
const linkOf = ({ holder, key }) => (Array.isArray(holder) ? `index ${key}` : `property '${key}'`);

/** The first circle that JSON.stringify meets in `value`, as lines below V8's message; '' when there is none. */
function describeCircle(value) {
  const path = [];
  try {
    return findCircle(value, path) ?? '';
  } catch {
    return '';
  }
}

function findCircle(holder, path) {
  for (const key of Object.keys(holder)) {
    let value = holder[key];
    if (typeof value?.toJSON === 'function') value = value.toJSON(key);
    if (typeof value !== 'object' || value === null) continue;
    path.push({ holder, key });
    const start = path.findIndex((step) => step.holder === value);
    const found = start === -1 ? findCircle(value, path) : circleText(path.slice(start));
    if (found !== undefined) return found;
    path.pop();
  }
  return undefined;
}

function circleText(steps) {
  let text = `\n    --> starting at ${constructorOf(steps[0].holder)}`;
  const inner = steps.slice(0, -1).map((step, index) =>
    `\n    |     ${linkOf(step)} -> ${constructorOf(steps[index + 1].holder)}`);
  // Of a long circle, both ends.
  text += inner.length > 3 ? `${inner[0]}${inner[1]}\n    |     ...${inner.at(-1)}` : inner.join('');
  return `${text}\n    --- ${linkOf(steps.at(-1))} closes the circle`;
}

module.exports = { describe, describeCircle };
