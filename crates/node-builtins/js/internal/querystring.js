'use strict';
// Percent-encoding as the query string module and legacy URLs do it: of everything but letters, digits and "-_.!~*'()".

const { ERR_INVALID_URI } = require('internal/errors').codes;

const encode = encodeURIComponent;
const NOTHING_TO_ESCAPE = /^[\w\-.!~*'()]*$/;

// Unlike encodeURIComponent, takes whatever follows a lone surrogate as its partner; only at the end is there none.
function encodeMalformed(string) {
  let out = '';
  for (let i = 0; i < string.length; i++) {
    const unit = string.charCodeAt(i);
    if ((unit & 0xf800) !== 0xd800) {
      out += encode(string[i]);
      continue;
    }
    if (++i >= string.length) throw new ERR_INVALID_URI();
    const point = 0x10000 + (((unit & 0x3ff) << 10) | (string.charCodeAt(i) & 0x3ff));
    out += encode(String.fromCodePoint(point));
  }
  return out;
}

function escapeString(string) {
  if (NOTHING_TO_ESCAPE.test(string)) return string;
  return string.isWellFormed() ? encode(string) : encodeMalformed(string);
}

module.exports = { escapeString };
