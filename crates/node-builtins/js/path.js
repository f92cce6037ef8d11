'use strict';
// The path module of the platform knit runs on; each flavour is a file of its own.

module.exports = require('process').platform === 'win32' ? require('path/win32') : require('path/posix');
