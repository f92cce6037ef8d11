'use strict';
// Lines that reporters for people share: a result with its symbol and colours, and the error below it.

const process = require('process');
const colors = require('internal/util/colors');
const { inspect } = require('internal/util/inspect');

const symbols = {
  '__proto__': null,
  'test:fail': '\u2716 ',
  'test:pass': '\u2714 ',
  'test:diagnostic': '\u2139 ',
  'skipped': '\uFE63 ',
  'parent': '\u25B6 ',
  'alert': '\u26A0 ',
};

/** The colour of an event, or of a diagnostic's level. */
function colorOf(kind) {
  switch (kind) {
    case 'test:fail':
    case 'error':
      return colors.red;
    case 'test:pass':
      return colors.green;
    case 'test:diagnostic':
    case 'info':
    case 'debug':
      return colors.blue;
    case 'warn':
      return colors.yellow;
    default:
      return colors.white;
  }
}

const indents = [];
function indent(nesting) {
  return indents[nesting] ??= '  '.repeat(nesting);
}

/** A value whose own way to be shown may throw. */
function inspectPlainly(value, options) {
  try {
    return inspect(value, options);
  } catch {
    return inspect(value, { ...options, customInspect: false });
  }
}

function formatError(error, space) {
  const shown = error.code === 'ERR_TEST_FAILURE' ? error.cause : error;
  const options = { __proto__: null, colors: colors.shouldColorize(process.stdout), breakLength: Infinity };
  const text = inspectPlainly(shown, options).split(/\r?\n/).join(`\n${space}  `);
  return `\n${space}  ${text}\n`;
}

const words = (value, fallback) => (typeof value === 'string' && value.length > 0 ? value : fallback);

/** A result as one line, and the error behind it. */
function formatResult(type, data, prefix = '', space = '', showsError = true) {
  const { details, expectFailure, skip, todo } = data;
  let color = colorOf(type);
  let symbol = symbols[type];
  let title = data.name;
  if (details?.duration_ms) title += ` ${colors.gray}(${details.duration_ms}ms)${colors.white}`;
  if (skip !== undefined) {
    title += ` # ${words(skip, 'SKIP')}`;
    color = colors.gray;
    symbol = symbols.skipped;
  } else if (todo !== undefined) {
    title += ` # ${words(todo, 'TODO')}`;
    if (type === 'test:fail') {
      color = colors.yellow;
      symbol = symbols.alert;
    }
  } else if (expectFailure !== undefined) {
    title += ' # EXPECTED FAILURE';
  }
  const error = showsError && details?.error ? formatError(details.error, space) : '';
  return `${prefix}${space}${color}${symbol}${title}${colors.white}${error}`;
}

module.exports = { colorOf, formatResult, indent, inspectPlainly, symbols };
