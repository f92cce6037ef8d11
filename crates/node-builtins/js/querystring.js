'use strict';
// node:querystring. `escape` and `unescape` are looked up on the exports at each use: programs replace them.

const { Buffer } = require('buffer');
const { escapeString } = require('internal/querystring');

const HEX_PAIR = /%[0-9A-Fa-f]{2}/;

function hexValue(unit) {
  if (unit >= 48 && unit <= 57) return unit - 48;
  unit |= 0x20;
  return unit >= 97 && unit <= 102 ? unit - 87 : -1;
}

// A Buffer, since the bytes need not be UTF-8. What is no escape stays; wide characters lose their high byte.
function unescapeBuffer(s, decodeSpaces) {
  const out = Buffer.allocUnsafe(s.length);
  let length = 0;
  for (let i = 0; i < s.length; i++) {
    let unit = s.charCodeAt(i);
    if (unit === 37) {
      const high = hexValue(s.charCodeAt(i + 1));
      const low = hexValue(s.charCodeAt(i + 2));
      if (high >= 0 && low >= 0) {
        unit = (high << 4) | low;
        i += 2;
      }
    } else if (unit === 43 && decodeSpaces) {
      unit = 32;
    }
    out[length++] = unit;
  }
  return length === s.length ? out : out.slice(0, length);
}

function qsUnescape(s, decodeSpaces) {
  try {
    return decodeURIComponent(s);
  } catch {
    return QueryString.unescapeBuffer(s, decodeSpaces).toString();
  }
}

function qsEscape(str) {
  return escapeString(typeof str === 'string' ? str : typeof str === 'object' ? String(str) : str + '');
}

function stringifyPrimitive(value) {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
      return Number.isFinite(value) ? `${value}` : '';
    case 'bigint':
    case 'boolean':
      return `${value}`;
    default:
      return '';
  }
}

function stringify(obj, sep, eq, options) {
  sep ||= '&';
  eq ||= '=';
  let encode = QueryString.escape;
  if (typeof options?.encodeURIComponent === 'function') encode = options.encodeURIComponent;
  if (obj === null || typeof obj !== 'object') return '';

  const custom = encode !== qsEscape;
  const encodeValue = (value) => {
    const text = stringifyPrimitive(value);
    return custom || text.length > 0 ? encode(text) : '';
  };
  let fields = '';
  for (const key of Object.keys(obj)) {
    const value = obj[key];
    const name = encodeValue(key) + eq;
    if (!Array.isArray(value)) {
      fields += (fields && sep) + name + encodeValue(value);
      continue;
    }
    for (let i = 0; i < value.length; i++) fields += (fields && sep) + name + encodeValue(value[i]);
  }
  return fields;
}

function decodeField(text, decode, custom, plus) {
  if (text.length === 0) return text;
  if (text.includes('+')) text = text.replaceAll('+', plus);
  if (!custom && !HEX_PAIR.test(text)) return text;
  try {
    return decode(text);
  } catch {
    return QueryString.unescape(text, true);
  }
}

function parse(qs, sep, eq, options) {
  const obj = { __proto__: null };
  if (typeof qs !== 'string' || qs.length === 0) return obj;
  sep = sep ? `${sep}` : '&';
  eq = eq ? `${eq}` : '=';
  // zero and less mean no limit
  let left = typeof options?.maxKeys === 'number' ? options.maxKeys : 1000;
  let decode = QueryString.unescape;
  if (typeof options?.decodeURIComponent === 'function') decode = options.decodeURIComponent;
  const custom = decode !== qsUnescape;
  const plus = custom ? '%20' : ' ';

  for (let start = 0; start <= qs.length;) {
    let end = sep === '' ? -1 : qs.indexOf(sep, start);
    if (end === -1) end = qs.length;
    if (end > start) {
      const equals = qs.indexOf(eq, start);
      const split = equals !== -1 && equals < end;
      const key = decodeField(qs.slice(start, split ? equals : end), decode, custom, plus);
      const value = split ? decodeField(qs.slice(equals + eq.length, end), decode, custom, plus) : '';
      const known = obj[key];
      if (known === undefined) obj[key] = value;
      else if (typeof known === 'string') obj[key] = [known, value];
      else known.push(value);
    }
    if (--left === 0) break;
    start = end + (sep.length || 1);
  }
  return obj;
}

const QueryString = module.exports = {
  unescapeBuffer,
  unescape: qsUnescape,
  escape: qsEscape,
  stringify,
  encode: stringify,
  parse,
  decode: parse,
};
