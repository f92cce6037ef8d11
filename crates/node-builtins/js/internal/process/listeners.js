'use strict';
// Listeners of process that need more than being kept: those of signals.

const lazy = require('internal/lazy');

const getSignals = lazy(() => require('internal/process/signals'));

/** Watches signals as long as somebody listens to them. */
function watchListeners(process) {
  // Names of events begin with SIG only for signals: nothing is loaded for any other.
  process.on('newListener', function startListeningIfSignal(type) {
    if (typeof type === 'string' && type.startsWith('SIG')) getSignals().start(type);
  });
  process.on('removeListener', function stopListeningIfSignal(type) {
    if (typeof type === 'string' && type.startsWith('SIG') && process.listenerCount(type) === 0) {
      getSignals().stop(type);
    }
  });
}

module.exports = { watchListeners };
