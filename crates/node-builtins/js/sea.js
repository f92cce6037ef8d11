'use strict';
// node:sea: programs that are one executable file. This runtime makes none, so that there are no assets.

const { codes: { ERR_NOT_IN_SINGLE_EXECUTABLE_APPLICATION } } = require('internal/errors');
const { validateString } = require('internal/validators');

const isSea = { isSea() { return false; } }.isSea;

function refuse(key) {
  validateString(key, 'key');
  throw new ERR_NOT_IN_SINGLE_EXECUTABLE_APPLICATION();
}

function getAsset(key, encoding) {
  if (encoding !== undefined) validateString(encoding, 'encoding');
  refuse(key);
}

function getRawAsset(key) {
  refuse(key);
}

function getAssetAsBlob(key, options) {
  refuse(key);
}

function getAssetKeys() {
  throw new ERR_NOT_IN_SINGLE_EXECUTABLE_APPLICATION();
}

module.exports = { isSea, getAsset, getRawAsset, getAssetAsBlob, getAssetKeys };
