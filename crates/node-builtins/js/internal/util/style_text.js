'use strict';
// util.styleText: text between the codes of one or more styles of util.inspect.colors.

const { codes: { ERR_INVALID_ARG_TYPE } } = require('internal/errors');
const lazy = require('internal/lazy');
const process = require('process');
const { inspect } = require('internal/util/inspect');
const colors = require('internal/util/colors');
const {
  validateBoolean,
  validateObject,
  validateOneOf,
  validateString,
} = require('internal/validators');

const getStreams = lazy(() => require('internal/streams/utils'));

function validateStream(stream) {
  const { isReadableStream, isWritableStream, isNodeStream } = getStreams();
  if (!isReadableStream(stream) && !isWritableStream(stream) && !isNodeStream(stream)) {
    throw new ERR_INVALID_ARG_TYPE(
      'stream', ['ReadableStream', 'WritableStream', 'Stream'], stream);
  }
}

// Styles within the text that end with the same code would end this one, too: it starts again
// behind them, unless nothing follows.
function reopened(text, open, close, keepClose) {
  if (!text.includes(close)) return text;
  const again = keepClose ? close + open : open;
  let output = '';
  let start = 0;
  for (let at = text.indexOf(close); at !== -1 && at + close.length < text.length;
    at = text.indexOf(close, start)) {
    output += text.slice(start, at) + again;
    start = at + close.length;
  }
  return output + text.slice(start);
}

function styleText(format, text, options) {
  const { validateStream: checksStream = true, stream = process.stdout } = options ?? {};
  if (options !== undefined) validateObject(options, 'options');
  validateString(text, 'text');
  validateBoolean(checksStream, 'options.validateStream');
  let colorize = true;
  if (checksStream) {
    validateStream(stream);
    colorize = colors.shouldColorize(stream);
  }
  let styled = text;
  const formats = Array.isArray(format) ? format : [format];
  for (let i = formats.length - 1; i >= 0; i--) {
    const name = formats[i];
    if (name === 'none') continue;
    validateOneOf(name, 'format', Object.keys(inspect.colors));
    const codes = inspect.colors[name];
    const open = `\u001b[${codes[0]}m`;
    const close = `\u001b[${codes[1]}m`;
    // Bold and dim end with one code; going from one to the other takes it.
    const keepClose = codes[1] === 22;
    styled = open + reopened(styled, open, close, keepClose) + close;
  }
  return colorize ? styled : text;
}

module.exports = { styleText };
