'use strict';
// Text as util.inspect shows it: quoted and escaped strings, property names, numbers with
// separators; and text as a terminal shows it: width in columns, control sequences taken out.

const shortEscapes = {
  __proto__: null,
  '\b': '\\b', '\t': '\\t', '\n': '\\n', '\f': '\\f', '\r': '\\r', '\\': '\\\\', "'": "\\'",
};
const loneSurrogate =
  '[\\ud800-\\udbff](?![\\udc00-\\udfff])|(?<![\\ud800-\\udbff])[\\udc00-\\udfff]';
const needsEscape = new RegExp(`[\\x00-\\x1f\\x27\\x5c\\x7f-\\x9f]|${loneSurrogate}`);
const needsEscapeAll = new RegExp(needsEscape.source, 'g');
const needsEscapeUnquoted = new RegExp(`[\\x00-\\x1f\\x5c\\x7f-\\x9f]|${loneSurrogate}`);
const needsEscapeUnquotedAll = new RegExp(needsEscapeUnquoted.source, 'g');

function escapeUnit(unit) {
  const short = shortEscapes[unit];
  if (short !== undefined) return short;
  const code = unit.charCodeAt(0);
  if (code > 0xff) return `\\u${code.toString(16)}`;
  return `\\x${code < 16 ? '0' : ''}${code.toString(16).toUpperCase()}`;
}

// The string in single quotes, or in double quotes or backticks where that saves escaping.
function quote(text) {
  if (!needsEscape.test(text)) return `'${text}'`;
  let mark = "'";
  if (text.includes("'")) {
    if (!text.includes('"')) mark = '"';
    else if (!text.includes('`') && !text.includes('${')) mark = '`';
  }
  if (mark === "'") return `'${text.replace(needsEscapeAll, escapeUnit)}'`;
  if (!needsEscapeUnquoted.test(text)) return mark + text + mark;
  return mark + text.replace(needsEscapeUnquotedAll, escapeUnit) + mark;
}

const escapeAll = (text) => text.replace(needsEscapeAll, escapeUnit);

const groupFromRight = (digits) => digits.replace(/\B(?=(?:\d{3})+$)/g, '_');
const groupFromLeft = (digits) => digits.replace(/\d{3}(?=\d)/g, '$&_');

function numberText(number, separated) {
  const text = String(number);
  if (!separated) return Object.is(number, -0) ? '-0' : text;
  if (!Number.isFinite(number) || text.includes('e')) return text;
  const point = text.indexOf('.');
  if (point === -1) return groupFromRight(text);
  return `${groupFromRight(text.slice(0, point))}.${groupFromLeft(text.slice(point + 1))}`;
}

function bigintText(bigint, separated) {
  return `${separated ? groupFromRight(String(bigint)) : bigint}n`;
}

// Operating system commands up to their terminator, and control sequences.
const controlSequence = new RegExp([
  /\x1b\][^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)/.source,
  /[\x1b\x9b][[\]()#;?]*(?:\d{1,4}(?:[;:]\d{0,4})*)?[\dA-PR-TZcf-nq-uy=><~]/.source,
].join('|'), 'g');

function stripControlSequences(text) {
  if (!text.includes('\x1b') && !text.includes('\x9b')) return text;
  return text.replace(controlSequence, '');
}

const zeroWidth = /[\p{Mn}\p{Me}\p{Cf}\p{Cc}]/u;
const wideSymbol = /\p{Emoji_Presentation}/u;
const asciiOnly = /^[\x20-\x7e]*$/;

// East Asian wide and fullwidth characters; emoji are told by their Unicode property.
function isWide(code) {
  return code >= 0x1100 && (
    code <= 0x115f || code === 0x2329 || code === 0x232a ||
    (code >= 0x2e80 && code <= 0x303e) || (code >= 0x3041 && code <= 0xa4c6) ||
    (code >= 0xa960 && code <= 0xa97c) || (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) || (code >= 0xfe10 && code <= 0xfe19) ||
    (code >= 0xfe30 && code <= 0xfe6b) || (code >= 0xff01 && code <= 0xff60) ||
    (code >= 0xffe0 && code <= 0xffe6) || (code >= 0x16fe0 && code <= 0x1b2fb) ||
    (code >= 0x1d300 && code <= 0x1d376) || (code >= 0x1f200 && code <= 0x1f265) ||
    (code >= 0x20000 && code <= 0x3fffd));
}

function stringWidth(text, removeControlSequences = true) {
  if (removeControlSequences) text = stripControlSequences(text);
  if (asciiOnly.test(text)) return text.length;
  let width = 0;
  for (const char of text) {
    const code = char.codePointAt(0);
    if (code >= 0x20 && code < 0x7f) width++;
    else if (isWide(code) || wideSymbol.test(char)) width += 2;
    else if (!zeroWidth.test(char)) width++;
  }
  return width;
}

module.exports = {
  quote,
  escapeAll,
  groupFromRight,
  numberText,
  bigintText,
  stripControlSequences,
  stringWidth,
};
