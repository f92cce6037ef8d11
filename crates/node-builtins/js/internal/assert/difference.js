'use strict';
// The messages of AssertionError that Node writes itself: what was expected, and how the values
// differ.

const { inspect } = require('internal/util/inspect');
const { isError } = require('internal/util');
const colors = require('internal/util/colors');
const {
  myersDiff,
  printMyersDiff,
  printSimpleMyersDiff,
} = require('internal/assert/myers_diff');
const lazy = require('internal/lazy');

const getProcess = lazy(() => require('process'));

const headlines = {
  deepStrictEqual: 'Expected values to be strictly deep-equal:',
  partialDeepStrictEqual: 'Expected values to be partially and strictly deep-equal:',
  strictEqual: 'Expected values to be strictly equal:',
  strictEqualObject: 'Expected "actual" to be reference-equal to "expected":',
  deepEqual: 'Expected values to be loosely deep-equal:',
  notDeepStrictEqual: 'Expected "actual" not to be strictly deep-equal to:',
  notStrictEqual: 'Expected "actual" to be strictly unequal to:',
  notStrictEqualObject: 'Expected "actual" not to be reference-equal to "expected":',
  notDeepEqual: 'Expected "actual" not to be loosely deep-equal to:',
  notIdentical: 'Values have same structure but are not reference-equal:',
  notDeepEqualUnequal: 'Expected values not to be loosely deep-equal:',
};

// Two values this short, together, are shown on one line.
const longestShort = 12;
const mostLines = 50;
// Of one value where two stand beside each other, and alone.
const longestBeside = 512;
const longestAlone = 1024;

function isObject(value) {
  return typeof value === 'object' && value !== null;
}

function inspectValue(value) {
  return inspect(value, {
    compact: false,
    customInspect: false,
    depth: 1000,
    maxArrayLength: Infinity,
    showHidden: false,
    showProxy: false,
    sorted: true, // properties in the same order do not look different
    getters: true,
  });
}

// Without its stack: that of two errors always differs.
function copyError(source) {
  const copy = Object.assign({ __proto__: Object.getPrototypeOf(source) }, source);
  Object.defineProperty(copy, 'message', { __proto__: null, value: source.message });
  if (Object.hasOwn(source, 'cause')) {
    const { cause } = source;
    Object.defineProperty(copy, 'cause', {
      __proto__: null, value: isError(cause) ? copyError(cause) : cause,
    });
  }
  return copy;
}

// ---- Values that should be equal ----

function isSimple(actual, actualLines, expected, expectedLines) {
  if (actualLines.length > 1 || actualLines.length !== expectedLines.length) return false;
  return !isObject(actual) || !isObject(expected);
}

// Where two lines begin to differ, unless that is apparent or they are too long for a terminal.
function indicator(actual, expected) {
  const { stderr } = getProcess();
  const columns = stderr.isTTY ? stderr.columns : 80;
  if (actual.length + expected.length > columns) return '';
  let i = 0;
  while (i < actual.length && actual[i] === expected[i]) i++;
  return i >= 3 && i < actual.length ? `\n${' '.repeat(i + 2)}^` : '';
}

function simpleDifference(actual, shownActual, expected, shownExpected) {
  let length = shownActual.length + shownExpected.length;
  if (typeof actual === 'string') length -= 2; // the quotes
  if (typeof expected === 'string') length -= 2;
  if (length <= longestShort && (actual !== 0 || expected !== 0)) {
    return { header: '', message: `${shownActual} !== ${shownExpected}` };
  }
  if (typeof actual === 'string' && typeof expected === 'string' && colors.green !== '') {
    return {
      header: `${colors.green}actual${colors.white} ${colors.red}expected${colors.white}`,
      message: printSimpleMyersDiff(myersDiff(shownActual, shownExpected)),
    };
  }
  const message = `\n${colors.green}+${colors.white} ${shownActual}\n` +
                  `${colors.red}- ${colors.white}${shownExpected}` +
                  indicator(shownActual, shownExpected);
  return { message };
}

function equalityMessage({ actual, expected, operator, message: custom, diff }) {
  const shownActual = inspectValue(actual);
  const shownExpected = inspectValue(expected);
  const actualLines = shownActual.split('\n');
  const expectedLines = shownExpected.split('\n');
  if (operator === 'strictEqual' &&
      ((isObject(actual) && isObject(expected)) ||
       (typeof actual === 'function' && typeof expected === 'function'))) {
    operator = 'strictEqualObject';
  }

  const { gray, green, red, white } = colors;
  let header = `${green}+ actual${white} ${red}- expected${white}`;
  let message;
  let skipped = false;
  if (isSimple(actual, actualLines, expected, expectedLines)) {
    const simple = simpleDifference(actual, shownActual, expected, shownExpected);
    message = simple.message;
    header = simple.header ?? header;
  } else if (shownActual === shownExpected) {
    operator = 'notIdentical';
    header = '';
    message = shownActual;
    if (actualLines.length > mostLines && diff !== 'full') {
      message = `${actualLines.slice(0, mostLines).join('\n')}\n...}`;
      skipped = true;
    }
  } else {
    const partial = operator === 'partialDeepStrictEqual';
    if (partial && gray !== '') header = `${gray}actual${white} ${red}- expected${white}`;
    const steps = myersDiff(actualLines, expectedLines, isObject(actual));
    ({ message, skipped } = printMyersDiff(steps, partial));
  }
  const headline = custom ? String(custom) : headlines[operator];
  return `${headline}\n${header}${skipped ? '\n... Skipped lines' : ''}\n${message}\n`;
}

// ---- Values that should not be equal, and all other operators ----

function inequalityMessage({ actual, operator, diff }) {
  const isReference = isObject(actual) || typeof actual === 'function';
  const headline = headlines[operator === 'notStrictEqual' && isReference ?
    'notStrictEqualObject' : operator];
  const lines = inspectValue(actual).split('\n');
  if (lines.length > mostLines && diff !== 'full') {
    lines.length = mostLines - 3;
    lines[mostLines - 4] = `${colors.blue}...${colors.white}`;
  }
  if (lines.length === 1) {
    return `${headline}${lines[0].length > 5 ? '\n\n' : ' '}${lines[0]}`;
  }
  return `${headline}\n\n${lines.join('\n')}\n`;
}

function shorten(text, longest, diff) {
  return text.length > longest && diff !== 'full' ? `${text.slice(0, longest - 3)}...` : text;
}

function otherMessage({ actual, expected, operator, diff }) {
  const shownActual = inspectValue(actual);
  const shownExpected = inspectValue(expected);
  if (operator === 'notDeepEqual' && shownActual === shownExpected) {
    return shorten(`${headlines.notDeepEqual}\n\n${shownActual}`, longestAlone, diff);
  }
  const left = shorten(shownActual, longestBeside, diff);
  const right = shorten(shownExpected, longestBeside, diff);
  if (operator === 'deepEqual') {
    return `${headlines.deepEqual}\n\n${left}\n\nshould loosely deep-equal\n\n${right}`;
  }
  if (operator === 'notDeepEqual') {
    return `${headlines.notDeepEqualUnequal}\n\n${left}\n\n` +
           `should not loosely deep-equal\n\n${right}`;
  }
  return `${left} ${operator} ${right}`;
}

const comparesWithDiff = new Set(['deepStrictEqual', 'strictEqual', 'partialDeepStrictEqual']);

// The text for the options of AssertionError: with a difference even below the caller's own
// message where the operator has one.
function differenceMessage(options) {
  const { message, operator } = options;
  const hasOwnMessage = message !== undefined && message !== null;
  if (hasOwnMessage && !comparesWithDiff.has(operator)) return String(message);

  if (getProcess().stderr.isTTY) colors.refresh(); // it may have changed since
  let { actual, expected } = options;
  if (isError(actual) && isError(expected) && 'stack' in actual && 'stack' in expected) {
    actual = copyError(actual);
    expected = copyError(expected);
  }
  const described = { ...options, actual, expected };
  if (comparesWithDiff.has(operator)) return equalityMessage(described);
  if (operator === 'notDeepStrictEqual' || operator === 'notStrictEqual') {
    return inequalityMessage(described);
  }
  return otherMessage(described);
}

module.exports = { differenceMessage };
