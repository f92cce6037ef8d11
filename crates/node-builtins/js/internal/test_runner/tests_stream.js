'use strict';
// The stream of events that tests send to reporters and to whoever called run().

const Readable = require('stream').Readable;
const { assignLocation } = require('internal/test_runner/location');

class TestsStream extends Readable {
  #waiting = [];
  #wantsMore = true;

  constructor() {
    super({ __proto__: null, objectMode: true, highWaterMark: Number.MAX_SAFE_INTEGER });
  }

  _read() {
    this.#wantsMore = true;
    while (this.#waiting.length > 0 && this.#wantsMore) this.#wantsMore = this.push(this.#waiting.shift());
  }

  /** Sends an event: to listeners for its type at once, to readers of the stream in turn. */
  send(type, data) {
    this.emit(type, data);
    this.#put({ __proto__: null, type, data });
  }

  #put(item) {
    if (this.#wantsMore) this.#wantsMore = this.push(item);
    else this.#waiting.push(item);
  }

  end() {
    this.#put(null);
  }

  #result(type, test, details, directive) {
    const { name, nesting, testNumber } = test;
    const data = { __proto__: null, name, nesting, testNumber, details };
    assignLocation(data, test.location);
    if (directive !== undefined) Object.assign(data, directive);
    this.send(type, data);
  }

  pass(test, details, directive) { this.#result('test:pass', test, details, directive); }
  fail(test, details, directive) { this.#result('test:fail', test, details, directive); }
  complete(test, details, directive) { this.#result('test:complete', test, details, directive); }

  #stage(stage, { nesting, name, location }, type) {
    const data = { __proto__: null, nesting, name, type };
    assignLocation(data, location);
    this.send(stage, data);
  }

  enqueue(test) { this.#stage('test:enqueue', test, test.type); }
  dequeue(test, type) { this.#stage('test:dequeue', test, type); }

  started({ nesting, name, location }) {
    const data = { __proto__: null, nesting, name };
    assignLocation(data, location);
    this.send('test:start', data);
  }

  plan(nesting, location, count) {
    const data = { __proto__: null, nesting, count };
    assignLocation(data, location);
    this.send('test:plan', data);
  }

  diagnostic(nesting, location, message, level = 'info') {
    const data = { __proto__: null, nesting, message, level };
    assignLocation(data, location);
    this.send('test:diagnostic', data);
  }

  summary(file, success, counts, duration_ms) {
    this.send('test:summary', { __proto__: null, success, counts, duration_ms, file });
  }

  interrupted(tests) {
    this.send('test:interrupted', { __proto__: null, tests });
  }

  stdout(location, message) { this.#output('test:stdout', location, message); }
  stderr(location, message) { this.#output('test:stderr', location, message); }

  #output(type, location, message) {
    this.send(type, { __proto__: null, file: location.file, message });
  }
}

/** For tests that are not to be heard of. */
class SilentStream extends TestsStream {
  send() {}
}

module.exports = { SilentStream, TestsStream };
