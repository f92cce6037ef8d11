'use strict';
// Ctrl-C while a script runs that it shall end: the program's own listeners wait meanwhile, and whether there are any
// decides what becomes of the signal afterwards.

const engine = require('internal/vm/engine');
const process = require('process');

let depth = 0;
let watched = false;
let waiting = [];

function tell() {
  engine.setSigintHandled(process.listenerCount('SIGINT') > 0);
}

function watch() {
  watched = true;
  process.on('newListener', (name) => {
    if (name === 'SIGINT') engine.setSigintHandled(true);
  });
  process.on('removeListener', (name) => {
    if (name === 'SIGINT') tell();
  });
}

function begin() {
  if (!watched) watch();
  if (depth++ === 0) {
    waiting = process.rawListeners('SIGINT');
    process.removeAllListeners('SIGINT');
  }
}

function end() {
  if (--depth > 0) return;
  for (const listener of waiting) process.on('SIGINT', listener);
  waiting = [];
  tell();
}

/** The script was ended by a signal, which nobody else is to hear of. */
function interrupted() {
  require('internal/process/signals').ignoreNext('SIGINT');
}

module.exports = { begin, end, interrupted };
