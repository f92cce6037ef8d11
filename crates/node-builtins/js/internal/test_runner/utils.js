'use strict';
// Patterns of test names, from text and against tests.

const { codes: { ERR_INVALID_ARG_VALUE } } = require('internal/errors');

/** A pattern written as `/source/flags` or as plain source. */
function convertStringToRegExp(text, name) {
  const match = /^\/(.*)\/([a-z]*)$/.exec(text);
  const source = match?.[1] ?? text;
  const flags = match?.[2] ?? '';
  try {
    return new RegExp(source, flags);
  } catch (error) {
    // V8's words, which are about the whole pattern
    const reason = /flag/i.test(error.message) ?
      `Invalid flags supplied to RegExp constructor '${flags}'` : error.message;
    throw new ERR_INVALID_ARG_VALUE(name, text, `is an invalid regular expression. ${reason}.`.replace(/\.$/, ''));
  }
}

/** A test's name after those of the tests around it, but for the root. */
function fullNameWithSpaces(test) {
  let name = test.name;
  for (let outer = test.parent; outer !== null && outer.parent !== null; outer = outer.parent) {
    name = `${outer.name} ${name}`;
  }
  return name;
}

/** Whether one of the patterns is in the name of a test or of one around it, or in all of these names together. */
function matchesPattern(test, patterns) {
  const has = (name) => patterns.some((pattern) => pattern.exec(name) !== null);
  for (let outer = test; outer !== null && outer.parent !== null; outer = outer.parent) {
    if (has(outer.name)) return true;
  }
  return test.parent !== null && has(fullNameWithSpaces(test));
}

module.exports = { convertStringToRegExp, matchesPattern };
