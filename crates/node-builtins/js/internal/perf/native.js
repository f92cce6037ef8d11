'use strict';
// The clock of `performance` and the event loop's own numbers.

module.exports = binding;
