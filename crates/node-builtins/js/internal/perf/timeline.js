'use strict';
// What performance.getEntries() gives: marks, measures and resources, as long as nobody clears them.

const lazy = require('internal/lazy');
const getProcess = lazy(() => require('process'));

let marks = [];
let measures = [];
let resources = [];
let resourceLimit = 250;
let isFullReported = false;
// Resources that came while a listener of the full buffer may still make room.
let waiting = [];

const mostUserTimings = 1e6;
const warned = new Set();

function bufferUserTiming(entry) {
  const isMark = entry.entryType === 'mark';
  const buffer = isMark ? marks : measures;
  buffer.push(entry);
  if (buffer.length <= mostUserTimings || warned.has(entry.entryType)) return;
  warned.add(entry.entryType);
  const warning = new Error(
    `Possible perf_hooks memory leak detected. ${buffer.length} ${entry.entryType} entries added to the global ` +
    `performance entry buffer. Use performance.clear${isMark ? 'Marks' : 'Measures'} to clear the buffer.`);
  warning.name = 'MaxPerformanceEntryBufferExceededWarning';
  warning.entryType = entry.entryType;
  warning.count = buffer.length;
  getProcess().emitWarning(warning);
}

/** `onFull()` tells programs that there is no more room; they may make some. */
function bufferResource(entry, onFull) {
  if (resources.length < resourceLimit && !isFullReported) {
    resources.push(entry);
    return;
  }
  waiting.push(entry);
  if (isFullReported) return;
  isFullReported = true;
  require('timers').setImmediate(() => {
    while (waiting.length > 0) {
      const before = waiting.length;
      onFull();
      while (waiting.length > 0 && resources.length < resourceLimit) resources.push(waiting.shift());
      // nobody made room
      if (waiting.length >= before) waiting = [];
    }
    isFullReported = false;
  });
}

function setResourceLimit(limit) {
  resourceLimit = limit;
}

const byTime = (a, b) => a.startTime - b.startTime;

function entries(name, type) {
  let list;
  if (type === undefined) list = [...marks, ...measures, ...resources];
  else if (type === 'mark') list = [...marks];
  else if (type === 'measure') list = [...measures];
  else if (type === 'resource') list = [...resources];
  else return [];
  if (name !== undefined) list = list.filter((entry) => entry.name === name);
  return list.sort(byTime);
}

/** Entries of a type without a buffer are nobody's to keep. */
function clear(type, name) {
  const keep = (buffer) => (name === undefined ? [] : buffer.filter((entry) => entry.name !== name));
  if (type === 'mark') marks = keep(marks);
  else if (type === 'measure') measures = keep(measures);
  else if (type === 'resource') resources = keep(resources);
}

module.exports = { bufferResource, bufferUserTiming, clear, entries, setResourceLimit };
