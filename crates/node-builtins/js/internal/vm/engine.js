'use strict';
// Scripts, functions, modules and realms as the engine knows them, for node:vm. It decides nothing.

module.exports = binding;
