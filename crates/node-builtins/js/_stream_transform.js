'use strict';
// Owns nothing: the name under which stream.Transform was known once.

const process = require('process');

process.emitWarning(
  'The _stream_transform module is deprecated. Use `node:stream` instead.',
  'DeprecationWarning',
  'DEP0193');

module.exports = require('stream').Transform;
