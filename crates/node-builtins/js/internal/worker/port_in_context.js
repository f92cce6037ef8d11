'use strict';
// MessagePorts of a vm context: made of that context's own objects throughout, with `onmessage` as the only way to
// listen. What they receive is read in their realm.

const vmEngine = require('internal/vm/engine');
const messaging = require('internal/messaging');
const { contextOf } = require('internal/vm/context');
const { decode, encode } = require('internal/structured_clone');
const { Receiver, readTransfer } = require('internal/worker/io');

// Evaluated in the realm: a class over operations of this one.
const source = `((start, post, close, setReferenced, hasReference) => {
  class MessagePort {
    onmessage = undefined;
    onmessageerror = undefined;
    postMessage(message, transfer) { post(message, transfer, this); }
    start() { start(); }
    close() { close(); }
    ref() { setReferenced(true); }
    unref() { setReferenced(false); }
    hasRef() { return hasReference(); }
  }
  const port = new MessagePort();
  const receive = (type, data, ports) => {
    const listener = port['on' + type];
    if (typeof listener === 'function') listener.call(port, { type, target: port, data, ports: [...ports] });
  };
  const fail = (name, message, code) => {
    const error = new Error(message);
    Object.defineProperty(error, 'constructor', { value: class DOMException extends Error {} });
    Object.defineProperty(error, 'name', { value: name });
    error.code = code;
    throw error;
  };
  return { port, receive, fail };
})`;

let script;

/** The port of a native port in the realm of `sandbox`. */
function move(handle, sandbox) {
  const { global } = contextOf(sandbox);
  script ??= vmEngine.compileScript(source, 'node:internal/worker/port_in_context', 0, 0, undefined)[0];
  const make = vmEngine.runScript(script, global, undefined, false, undefined, false, false);
  let inRealm;
  // ports that a message brings belong to the same realm
  const realm = { global, createPort: (native) => move(native, sandbox) };
  const receiver = new Receiver(handle, (parts) => {
    try {
      const { value, transferred } = decode(parts, realm);
      inRealm.receive('message', value, transferred);
    } catch (error) {
      inRealm.receive('messageerror', error, []);
    }
  }, () => {});
  const post = (message, transfer, port) => {
    let parts;
    try {
      parts = encode(message, readTransfer(transfer), port);
    } catch (error) {
      inRealm.fail(error.name, error.message, error.code);
    }
    if (receiver.isOpen) messaging.post(receiver.handle, parts[0], parts[1]);
  };
  const start = () => {
    receiver.setReferenced(true);
    receiver.start();
  };
  inRealm = make(
    start, post, () => receiver.close(), (isReferenced) => receiver.setReferenced(isReferenced),
    () => receiver.isReferenced,
  );
  return inRealm.port;
}

module.exports = { move };
