'use strict';
// The fs ops.

module.exports = binding;
