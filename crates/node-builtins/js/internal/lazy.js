'use strict';
// Puts off a computation (mostly a `require`) until its first use, so that a builtin's
// top level loads only what it needs. Owns nothing else.

module.exports = function lazy(compute) {
  let value;
  let pending = compute;
  return () => {
    if (pending !== undefined) {
      value = pending();
      pending = undefined;
    }
    return value;
  };
};
