'use strict';
// What the command line and NODE_OPTIONS say, by Node's names of options. The table of
// options and their parsing are in Rust.

const { value, isGiven, allowedInEnvironment } = binding;

const known = new Map();

/** The value of an option, or its default; undefined for what is no option. */
function getOptionValue(name) {
  let found = known.get(name);
  if (found === undefined) {
    found = value(name);
    known.set(name, found);
  }
  return found;
}

module.exports = {
  getOptionValue,
  /** Whether an option was given at all, with whatever value. */
  isOptionGiven: isGiven,
  /** Names of options, other spellings included, that NODE_OPTIONS may hold. */
  allowedInEnvironment,
};
