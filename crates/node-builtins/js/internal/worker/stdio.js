'use strict';
// Standard streams of a worker: in its thread they write messages to the thread that started it, where other streams
// make bytes of them again.

const process = require('process');
const { Readable, Writable } = require('stream');

/**
 * Gives what it gets in messages; asks for more when it was read. `post(message)` speaks to the other thread;
 * `hold(isHeld)` keeps this thread alive while somebody reads.
 */
class ReadableMessages extends Readable {
  #post;
  #name;
  #hold;
  #isHeld = false;

  constructor(name, post, hold) {
    super({ highWaterMark: 65536 });
    this.#name = name;
    this.#post = post;
    this.#hold = hold;
  }

  _read() {
    if (this.#hold !== undefined && !this.#isHeld) {
      this.#isHeld = true;
      this.#hold(true);
      this.once('end', () => this.#hold(false));
    }
    this.#post({ type: 'more', name: this.#name });
  }

  receive(chunks) {
    for (const { chunk, encoding } of chunks) this.push(chunk, encoding);
  }
}

/** Sends what is written, and goes on when the other side read it. */
class WritableMessages extends Writable {
  #post;
  #name;
  #hold;
  #callbacks = [];

  constructor(name, post, hold) {
    super({ decodeStrings: false });
    this.#name = name;
    this.#post = post;
    this.#hold = hold;
  }

  _writev(chunks, callback) {
    this.#send(chunks.map(({ chunk, encoding }) => ({ chunk, encoding })), callback);
  }

  _final(callback) {
    this.#send([{ chunk: null, encoding: '' }], callback);
  }

  #send(chunks, callback) {
    this.#post({ type: 'stdio', name: this.#name, chunks });
    // there is no time left to hear from the other side
    if (process._exiting) callback();
    else if (this.#callbacks.push(callback) === 1) this.#hold?.(true);
  }

  wantsMore() {
    const callbacks = this.#callbacks;
    if (callbacks.length === 0) return;
    this.#callbacks = [];
    this.#hold?.(false);
    for (const callback of callbacks) callback();
  }
}

module.exports = { ReadableMessages, WritableMessages };
