'use strict';
// The ops of child processes.

module.exports = binding;
