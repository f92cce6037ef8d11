'use strict';
// The text of an .env file as an object: util.parseEnv.

const quotes = new Set(['"', "'", '`']);

function parseEnv(content) {
  const text = content.replaceAll('\r\n', '\n');
  const values = { __proto__: null };
  let at = 0;
  while (at < text.length) {
    let end = text.indexOf('\n', at);
    if (end === -1) end = text.length;
    const line = text.slice(at, end);
    const equals = line.indexOf('=');
    if (equals === -1 || line.trimStart().startsWith('#')) {
      at = end + 1;
      continue;
    }
    const key = line.slice(0, equals).trim().replace(/^export\s+/, '');
    let start = at + equals + 1;
    while (start < end && (text[start] === ' ' || text[start] === '\t')) start++;
    let value;
    const close = quotes.has(text[start]) ? text.indexOf(text[start], start + 1) : -1;
    if (close !== -1) {
      // Quoted values may have several lines; what follows them on their last is ignored.
      value = text.slice(start + 1, close);
      if (text[start] === '"') value = value.replaceAll('\\n', '\n');
      end = text.indexOf('\n', close);
      if (end === -1) end = text.length;
    } else {
      value = text.slice(start, end).split('#', 1)[0].trim();
    }
    if (key !== '') values[key] = value;
    at = end + 1;
  }
  return values;
}

module.exports = { parseEnv };
