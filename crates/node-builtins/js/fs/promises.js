'use strict';
// fs/promises, which is what fs.promises is.

module.exports = require('internal/fs/promises').exports;
