'use strict';
// The format of .env files: util.parseEnv, process.loadEnvFile and --env-file.

const trimmed = (text) => text.replace(/^[ \t\n]+|[ \t\n]+$/g, '');

/** Names and values of a .env file's text, the last of each name. */
function parseEnv(source) {
  const variables = { __proto__: null };
  let text = trimmed(source.replaceAll('\r', ''));
  while (text !== '') {
    const newline = text.indexOf('\n');
    const equals = text.indexOf('=');
    const lineEnd = newline === -1 ? text.length : newline;
    if (newline === 0 || text[0] === '#') {
      text = text.slice(lineEnd + 1);
      continue;
    }
    if (equals === -1 || equals > lineEnd) {
      text = trimmed(text.slice(lineEnd + 1));
      continue;
    }
    let key = trimmed(text.slice(0, equals));
    text = text.slice(equals + 1);
    if (text === '' || text[0] === '\n') {
      variables[key] = '';
      text = text.slice(1);
      continue;
    }
    text = trimmed(text);
    if (key === '') continue;
    if (key.startsWith('export ')) key = trimmed(key.slice(7));
    const isQuoted = '"\'`'.includes(text[0] ?? ' ');
    const closing = isQuoted ? text.indexOf(text[0], 1) : -1;
    if (closing !== -1) {
      const value = text.slice(1, closing);
      variables[key] = text[0] === '"' ? value.replaceAll('\\n', '\n') : value;
      text = afterLine(text, closing + 1);
      continue;
    }
    const end = text.indexOf('\n');
    const line = end === -1 ? text : text.slice(0, end);
    variables[key] = isQuoted ? line : trimmed(line.replace(/#.*$/s, ''));
    text = trimmed(afterLine(text, 0));
  }
  return variables;
}

function afterLine(text, from) {
  const newline = text.indexOf('\n', from);
  return newline === -1 ? '' : text.slice(newline + 1);
}

module.exports = { parseEnv };
