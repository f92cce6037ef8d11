'use strict';

// `module.SourceMap`: a source map (revision 3, flat or with sections) and questions about positions in it.

const { validateObject } = require('internal/validators');

const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
let valueOfDigit;

/** Reads the numbers of a "mappings" string one after the other. */
class MappingsReader {
  constructor(text) {
    this.text = text;
    this.at = 0;
    valueOfDigit ??= Object.fromEntries(Array.from(digits, (digit, value) => [digit, value]));
  }

  get isDone() { return this.at >= this.text.length; }
  get char() { return this.text[this.at]; }

  /** A base64 VLQ number; the sign is the lowest bit, and minus zero is the smallest of all. */
  number() {
    let result = 0;
    let shift = 0;
    let digit;
    do {
      digit = valueOfDigit[this.text[this.at++]];
      result += (digit & 31) << shift;
      shift += 5;
    } while (digit & 32);
    const isNegative = result & 1;
    result >>>= 1;
    if (!isNegative) return result;
    return -result | (result === 0 ? -0x80000000 : 0);
  }
}

function isSeparator(char) {
  return char === ',' || char === ';' || char === undefined;
}

function cloneMap(payload) {
  const copy = { ...payload };
  for (const key of ['sources', 'sourcesContent', 'names']) {
    if (Array.isArray(copy[key])) copy[key] = copy[key].slice();
  }
  if (Array.isArray(copy.sections)) {
    copy.sections = copy.sections.map((section) => ({
      ...section, offset: { ...section.offset }, map: cloneMap(section.map),
    }));
  }
  return copy;
}

class SourceMap {
  #payload;
  #lineLengths;
  /** `[line, column, source, original line, original column, name]` in order of generated position. */
  #entries = [];

  constructor(payload, { lineLengths } = { __proto__: null }) {
    validateObject(payload, 'payload');
    this.#payload = cloneMap(payload);
    this.#lineLengths = lineLengths === undefined ? undefined : lineLengths.slice();
    if (payload.sections) {
      for (const { map, offset } of payload.sections) this.#parse(map, offset.line, offset.column);
    } else {
      this.#parse(payload, 0, 0);
    }
    this.#entries.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  }

  /** The map it was made of, as a copy. */
  get payload() { return cloneMap(this.#payload); }

  get lineLengths() { return this.#lineLengths === undefined ? undefined : this.#lineLengths.slice(); }

  #parse(map, firstLine, firstColumn) {
    const { mappings, names = [], sources } = map;
    const reader = new MappingsReader(mappings);
    let line = firstLine;
    let column = firstColumn;
    let source = 0;
    let originalLine = 0;
    let originalColumn = 0;
    let name = 0;
    while (!reader.isDone) {
      if (reader.char === ',') {
        reader.at++;
      } else if (reader.char === ';') {
        line++;
        column = 0;
        reader.at++;
      } else {
        column += reader.number();
        if (isSeparator(reader.char)) {
          this.#entries.push([line, column, undefined, undefined, undefined, undefined]);
          continue;
        }
        source += reader.number();
        originalLine += reader.number();
        originalColumn += reader.number();
        let ownName;
        if (!isSeparator(reader.char)) ownName = names[name += reader.number()];
        this.#entries.push([line, column, sources[source], originalLine, originalColumn, ownName]);
      }
    }
  }

  /** The last entry at or before a position of the generated text; both count from 0. */
  #find(line, column) {
    const entries = this.#entries;
    let low = 0;
    let high = entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const [entryLine, entryColumn] = entries[middle];
      if (entryLine < line || (entryLine === line && entryColumn <= column)) low = middle + 1;
      else high = middle;
    }
    return entries[low - 1];
  }

  findEntry(lineOffset, columnOffset) {
    const entry = this.#find(lineOffset, columnOffset);
    if (entry === undefined) return {};
    const [generatedLine, generatedColumn, originalSource, originalLine, originalColumn, name] = entry;
    return { generatedLine, generatedColumn, originalSource, originalLine, originalColumn, name };
  }

  /** The same with positions that count from 1, as in stacks; the offset within the entry is kept. */
  findOrigin(lineNumber, columnNumber) {
    const range = this.findEntry(lineNumber - 1, columnNumber - 1);
    if (range.originalSource === undefined || range.originalLine === undefined || range.originalColumn === undefined ||
        range.generatedLine === undefined || range.generatedColumn === undefined) {
      return {};
    }
    const lineOffset = lineNumber - range.generatedLine;
    const columnOffset = columnNumber - range.generatedColumn;
    return {
      name: range.name,
      fileName: range.originalSource,
      lineNumber: range.originalLine + lineOffset,
      columnNumber: range.originalColumn + columnOffset,
    };
  }
}

module.exports = { SourceMap };
