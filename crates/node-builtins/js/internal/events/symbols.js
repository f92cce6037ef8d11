'use strict';
// Symbols by which builtins talk to events.on() and EventTarget.

module.exports = {
  // Option of events.on(): each event yields its first argument instead of an array of all.
  kFirstEventParam: Symbol('nodejs.kFirstEventParam'),
  // Property of the iterator of events.on(): how much it holds back.
  kWatermarkData: Symbol.for('nodejs.watermarkData'),
};
