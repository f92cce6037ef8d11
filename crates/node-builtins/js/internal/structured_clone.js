'use strict';
// structuredClone(): the algorithm is the engine's; its errors are the web's.

const {
  codes: { ERR_MISSING_ARGS },
} = require('internal/errors');

function structuredClone(value, options) {
  if (arguments.length === 0) throw new ERR_MISSING_ARGS('The "value" argument must be specified');
  const transfer = options?.transfer;
  try {
    return binding.clone(value, transfer === undefined ? undefined : [...transfer]);
  } catch (error) {
    if (error?.code !== 'ERR_DATA_CLONE') throw error;
    const { DOMException } = require('internal/domexception');
    throw new DOMException(error.message, 'DataCloneError');
  }
}

module.exports = { structuredClone };
