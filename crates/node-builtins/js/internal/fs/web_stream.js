'use strict';
// The web stream of a FileHandle's bytes. It uses the handle until it ends, and ends when the handle is closed.

const process = require('process');
const { validateBoolean, validateObject } = require('internal/validators');
const { ReadableStream } = require('internal/webstreams/readablestream');

const CHUNK = 16384;

module.exports = function readableWebStream(handle, options, kRef, kUnref) {
  validateObject(options, 'options');
  const { type = 'bytes', autoClose = false } = options;
  validateBoolean(autoClose, 'options.autoClose');
  if (type !== 'bytes') {
    process.emitWarning(
      'A non-"bytes" options.type has no effect. A byte-oriented steam is always created.', 'ExperimentalWarning');
  }

  let source;
  let done = false;
  async function finish() {
    if (done) return;
    done = true;
    handle[kUnref]();
    if (autoClose) await handle.close();
  }

  const stream = new ReadableStream({
    type: 'bytes',
    autoAllocateChunkSize: CHUNK,
    start(controller) {
      source = controller;
    },
    async pull(controller) {
      const { view } = controller.byobRequest;
      const { bytesRead } = await handle.read(view, 0, view.byteLength);
      if (bytesRead === 0) {
        controller.close();
        await finish();
      }
      controller.byobRequest?.respond(bytesRead);
    },
    cancel: finish,
  });
  handle[kRef]();
  handle.once('close', () => {
    if (done) return;
    source.close();
    finish();
  });
  return stream;
};
