'use strict';
// Escape sequences for messages on standard error, empty where it shows no colours, and
// whether a stream shows any.

const process = require('process');

const sequences = {
  blue: '\u001b[34m',
  green: '\u001b[32m',
  white: '\u001b[39m',
  yellow: '\u001b[33m',
  red: '\u001b[31m',
  gray: '\u001b[90m',
  clear: '\u001bc',
  reset: '\u001b[0m',
};

const colors = {
  blue: '',
  green: '',
  white: '',
  yellow: '',
  red: '',
  gray: '',
  clear: '',
  reset: '',
  hasColors: false,
  shouldColorize(stream) {
    if (process.env.FORCE_COLOR !== undefined) {
      return require('tty').WriteStream.prototype.getColorDepth() > 2;
    }
    return Boolean(stream?.isTTY) &&
      (typeof stream.getColorDepth === 'function' ? stream.getColorDepth() > 2 : true);
  },
  refresh() {
    const has = colors.shouldColorize(process.stderr);
    if (has === colors.hasColors) return;
    colors.hasColors = has;
    for (const name of Object.keys(sequences)) colors[name] = has ? sequences[name] : '';
  },
};

colors.refresh();

module.exports = colors;
