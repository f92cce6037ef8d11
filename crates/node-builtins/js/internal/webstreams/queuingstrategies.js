'use strict';
// Owns the two queuing strategies of the Streams Standard.

const { codes: { ERR_MISSING_OPTION } } = require('internal/errors');
const { customInspectSymbol } = require('internal/util');
const { validateObject } = require('internal/validators');
const { customInspect, notDeclared, defineInterface } = require('internal/webstreams/util');

// One function each for all instances, and neither a constructor.
const { size: countSize } = { size() { return 1; } };
const { size: byteLengthSize } = { size(chunk) { return chunk.byteLength; } };

function highWaterMarkOf(init) {
  validateObject(init, 'init');
  if (init.highWaterMark === undefined) throw new ERR_MISSING_OPTION('init.highWaterMark');
  return +init.highWaterMark;
}

class ByteLengthQueuingStrategy {
  #highWaterMark;

  constructor(init) {
    this.#highWaterMark = highWaterMarkOf(init);
  }

  get highWaterMark() {
    if (!(#highWaterMark in Object(this))) throw notDeclared('#highWaterMark');
    return this.#highWaterMark;
  }

  get size() {
    if (!(#highWaterMark in Object(this))) throw notDeclared('#highWaterMark');
    return byteLengthSize;
  }

  [customInspectSymbol](depth, options) {
    return customInspect(this, depth, options, 'ByteLengthQueuingStrategy', {
      highWaterMark: this.highWaterMark,
    });
  }
}

class CountQueuingStrategy {
  #highWaterMark;

  constructor(init) {
    this.#highWaterMark = highWaterMarkOf(init);
  }

  get highWaterMark() {
    if (!(#highWaterMark in Object(this))) throw notDeclared('#highWaterMark');
    return this.#highWaterMark;
  }

  get size() {
    if (!(#highWaterMark in Object(this))) throw notDeclared('#highWaterMark');
    return countSize;
  }

  [customInspectSymbol](depth, options) {
    return customInspect(this, depth, options, 'CountQueuingStrategy', {
      highWaterMark: this.highWaterMark,
    });
  }
}

defineInterface(ByteLengthQueuingStrategy, ['highWaterMark', 'size']);
defineInterface(CountQueuingStrategy, ['highWaterMark', 'size']);

module.exports = { ByteLengthQueuingStrategy, CountQueuingStrategy };
