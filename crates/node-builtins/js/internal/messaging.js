'use strict';
// Clones of values and the ports that carry them, as the engine's side knows them. It decides nothing.

module.exports = binding;
