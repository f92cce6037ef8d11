'use strict';
// What other builtins need of Buffer without its public surface: the class that all Buffers are instances of,
// its size limit, and the marks on objects that must not be transferred to another thread.

// As Node 25 on 64-bit machines. The engine allocates less (8 GiB), which shows when allocating.
const kMaxLength = Number.MAX_SAFE_INTEGER;

class FastBuffer extends Uint8Array {
  // Spelled out: the implicit constructor would iterate its arguments.
  constructor(bufferOrLength, byteOffset, length) {
    super(bufferOrLength, byteOffset, length);
  }
}

const untransferable = new WeakSet();

function markAsUntransferable(value) {
  if ((typeof value === 'object' && value !== null) || typeof value === 'function') untransferable.add(value);
}

function isMarkedAsUntransferable(value) {
  return ((typeof value === 'object' && value !== null) || typeof value === 'function') && untransferable.has(value);
}

module.exports = { FastBuffer, isMarkedAsUntransferable, kMaxLength, markAsUntransferable };
