'use strict';
// A binary min-heap of timer lists, ordered by `expiry`, then `id`. Each entry
// remembers its place in `heapIndex` (-1: not in the heap), so that removing
// one from the middle takes logarithmic time.

class ExpiryHeap {
  #entries = [];

  peek() {
    return this.#entries[0];
  }

  insert(entry) {
    const entries = this.#entries;
    entry.heapIndex = entries.length;
    entries.push(entry);
    this.#rise(entry);
  }

  remove(entry) {
    const entries = this.#entries;
    const { heapIndex } = entry;
    entry.heapIndex = -1;
    const last = entries.pop();
    if (last === entry) return;
    entries[heapIndex] = last;
    last.heapIndex = heapIndex;
    this.#rise(last);
    this.sink(last);
  }

  /** Puts an entry right whose expiry has grown. */
  sink(entry) {
    const entries = this.#entries;
    let index = entry.heapIndex;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= entries.length) break;
      if (child + 1 < entries.length && before(entries[child + 1], entries[child])) child++;
      const other = entries[child];
      if (!before(other, entry)) break;
      entries[index] = other;
      other.heapIndex = index;
      index = child;
    }
    entries[index] = entry;
    entry.heapIndex = index;
  }

  #rise(entry) {
    const entries = this.#entries;
    let index = entry.heapIndex;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const other = entries[parent];
      if (!before(entry, other)) break;
      entries[index] = other;
      other.heapIndex = index;
      index = parent;
    }
    entries[index] = entry;
    entry.heapIndex = index;
  }
}

function before(a, b) {
  return a.expiry < b.expiry || (a.expiry === b.expiry && a.id < b.id);
}

module.exports = ExpiryHeap;
