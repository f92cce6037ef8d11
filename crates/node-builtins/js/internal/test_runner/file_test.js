'use strict';
// The test that a file run in its own process is: takes the events out of what the process writes, and reports them in
// its turn.

const { Buffer } = require('buffer');
const { resolve } = require('path');
const lazy = require('internal/lazy');
const { Test, kinds } = require('internal/test_runner/test');
const { deserializeError } = require('internal/worker/error_serdes');

const getDeserializer = lazy(() => require('v8').DefaultDeserializer);

// What begins a message, and again its value; its length stands between them.
const header = Buffer.from([0xff, 0x0f]);
const lengthSize = 4;

const cancelledKinds = new Set([kinds.cancelledByParent, kinds.aborted, kinds.timeout]);
const isSummary = (message) =>
  /^(?:tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) [\d.]+$/.test(message);

class FileTest extends Test {
  failedSubtests = false;
  /** Events that came before it was the file's turn. */
  #waiting = [];
  #bytes = Buffer.alloc(0);
  #reportedChildren = 0;

  constructor(options) {
    super({ __proto__: null, parent: null, ...options });
    this.location ??= { __proto__: null, line: 1, column: 1, file: resolve(this.name) };
  }

  /** Takes what the process has written. */
  parseMessage(data) {
    if (data.length === 0) return;
    let bytes = this.#bytes.length === 0 ? data : Buffer.concat([this.#bytes, data]);
    while (bytes.length > 0) {
      const start = bytes.indexOf(header);
      if (start === -1) {
        // the last byte may begin a header
        const end = bytes[bytes.length - 1] === header[0] ? bytes.length - 1 : bytes.length;
        this.#addText(bytes.subarray(0, end));
        bytes = bytes.subarray(end);
        break;
      }
      this.#addText(bytes.subarray(0, start));
      bytes = bytes.subarray(start);
      const valueStart = header.length + lengthSize;
      if (bytes.length < valueStart) break;
      const end = valueStart + bytes.readUInt32BE(header.length);
      if (bytes.length < end) break;
      const deserializer = new (getDeserializer())(bytes.subarray(valueStart, end));
      deserializer.readHeader();
      this.addToReport(deserializer.readValue());
      bytes = bytes.subarray(end);
    }
    this.#bytes = bytes;
  }

  #addText(bytes) {
    if (bytes.length === 0) return;
    this.addToReport({
      __proto__: null, type: 'test:stdout', data: { __proto__: null, file: this.name, message: bytes.toString('utf8') },
    });
  }

  addToReport(item) {
    if (item.type === 'test:pass' || item.type === 'test:fail') {
      this.#reportedChildren++;
      if (item.data.nesting === 0 && item.type === 'test:fail') this.failedSubtests = true;
    }
    if (!this.isClearToSend()) {
      this.#waiting.push(item);
      return;
    }
    this.#sendWaiting();
    this.#send(item);
  }

  #sendWaiting() {
    if (this.#waiting.length === 0) return;
    const items = this.#waiting;
    this.#waiting = [];
    for (const item of items) this.#send(item);
  }

  #send({ type, data }) {
    const isTopLevel = data.nesting === 0;
    // the file's plan and summary are part of the whole run's
    if (isTopLevel && (type === 'test:plan' || (type === 'test:diagnostic' && isSummary(data.message)))) return;
    const { details } = data;
    if (details?.error) details.error = deserializeError(details.error);
    if (type === 'test:pass' || type === 'test:fail') {
      const { harness } = this;
      if (isTopLevel) data.testNumber = harness.counters.topLevel + 1;
      harness.count({
        __proto__: null,
        type: details?.type,
        nesting: data.nesting,
        skipped: data.skip !== undefined,
        isTodo: data.todo !== undefined,
        passed: type === 'test:pass',
        cancelled: cancelledKinds.has(details?.error?.failureType),
      });
    }
    this.reporter.send(type, data);
  }

  /** Reports what is left of the process's output. */
  drain() {
    this.#sendWaiting();
    const rest = this.#bytes;
    this.#bytes = Buffer.alloc(0);
    this.#addText(rest);
  }

  /** A file's tests stand for it, unless something else went wrong with it. */
  #isRepresented() {
    return this.#reportedChildren > 0 && (this.error === null || this.error.failureType === kinds.subtests);
  }

  reportStarted() {
    // told when it is known whether its tests stand for it
  }

  report() {
    this.drain();
    if (this.#isRepresented()) return;
    super.reportStarted();
    super.report();
  }
}

module.exports = { FileTest };
