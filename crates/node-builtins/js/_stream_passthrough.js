'use strict';
// Owns nothing: the name under which stream.PassThrough was known once.

const process = require('process');

process.emitWarning(
  'The _stream_passthrough module is deprecated. Use `node:stream` instead.',
  'DeprecationWarning',
  'DEP0193');

module.exports = require('stream').PassThrough;
