'use strict';
// The web's crypto, as far as random values go. There is no SubtleCrypto.

const { codes: { ERR_ILLEGAL_CONSTRUCTOR, ERR_INVALID_THIS, ERR_MISSING_ARGS } } = require('internal/errors');
const { kEnumerableProperty } = require('internal/util');
const random = require('internal/crypto/random');

const kMake = Symbol('kMake');

class Crypto {
  #isCrypto = true;

  constructor(key = undefined) {
    if (key !== kMake) throw new ERR_ILLEGAL_CONSTRUCTOR();
  }

  static #check(crypto) {
    if (typeof crypto !== 'object' || crypto === null || !(#isCrypto in crypto)) throw new ERR_INVALID_THIS('Crypto');
  }

  getRandomValues(array) {
    Crypto.#check(this);
    if (arguments.length === 0) {
      const error = new ERR_MISSING_ARGS('array');
      error.message =
        "Failed to execute 'getRandomValues' on 'Crypto': 1 argument required, but only 0 present.";
      throw error;
    }
    return random.getRandomValues(array);
  }

  randomUUID() {
    Crypto.#check(this);
    return random.randomUUID();
  }
}

Object.defineProperties(Crypto.prototype, {
  getRandomValues: kEnumerableProperty,
  randomUUID: kEnumerableProperty,
  [Symbol.toStringTag]: { __proto__: null, configurable: true, value: 'Crypto' },
});

module.exports = { Crypto, crypto: new Crypto(kMake) };
