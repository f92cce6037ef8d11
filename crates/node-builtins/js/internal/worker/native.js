'use strict';
// Threads as the engine's side knows them. It decides nothing.

module.exports = binding;
