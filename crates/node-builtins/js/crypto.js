'use strict';
// node:crypto, as far as random values and the comparison of secrets go. What is not here is not exported.

const lazy = require('internal/lazy');
const {
  getRandomValues, randomBytes, randomFill, randomFillSync, randomInt, randomUUID, timingSafeEqual,
} = require('internal/crypto/random');

const getWebCrypto = lazy(() => require('internal/crypto/webcrypto').crypto);

module.exports = {
  randomBytes,
  randomFill,
  randomFillSync,
  randomInt,
  timingSafeEqual,
  randomUUID,
};

Object.defineProperties(module.exports, {
  webcrypto: { __proto__: null, configurable: false, enumerable: true, get: () => getWebCrypto(), set: undefined },
  getRandomValues: { __proto__: null, configurable: false, enumerable: true, get: () => getRandomValues, set: undefined },
});

// Names that randomBytes once had.
for (const name of ['pseudoRandomBytes', 'prng', 'rng']) {
  const settle = (value) => {
    Object.defineProperty(module.exports, name, {
      __proto__: null, value, configurable: true, enumerable: false, writable: true,
    });
    return value;
  };
  Object.defineProperty(module.exports, name, {
    __proto__: null, configurable: true, enumerable: false, get: () => settle(formerName(name)), set: settle,
  });
}

function formerName(name) {
  if (!require('internal/options').getOptionValue('--pending-deprecation')) return randomBytes;
  return require('internal/util').deprecate(randomBytes, `crypto.${name} is deprecated.`, 'DEP0115');
}
