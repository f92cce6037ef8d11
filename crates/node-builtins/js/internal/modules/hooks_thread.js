'use strict';

// The hooks thread: registers modules of hooks and answers the requests of the thread that started it.
//
// An answer that can never come is recognised by the loop running empty, so while a request is under way the port
// does not keep the loop alive.

const process = require('process');
const esm = require('internal/modules/esm');
const { HookChain } = require('internal/modules/hooks_chain');
const { markHooksThread } = require('internal/modules/esm_host');
const { serialize } = require('internal/modules/hooks_messages');
const resolver = require('internal/modules/resolver');
const { initialize, loadPreloads } = require('internal/modules/run_main');
const { setRegisterHere } = require('internal/modules/customization');

const chain = new HookChain();
const underWay = new Set();
let port;
let lock;

function post(message) {
  port.postMessage(message);
  Atomics.add(lock, 0, 1);
  Atomics.notify(lock, 0);
}

function answer(id, status, body) {
  if (!underWay.delete(id)) return;
  try {
    post({ id, status, body });
  } catch (error) {
    post({ id, status: 'error', body: serialize(error) });
  }
  if (underWay.size === 0) port.ref();
}

async function handle({ id, method, args }) {
  underWay.add(id);
  port.unref();
  try {
    answer(id, 'success', await methods[method](...args));
  } catch (error) {
    answer(id, 'error', serialize(error));
  }
}

const methods = {
  resolve: (specifier, parentURL, importAttributes) => chain.resolve(specifier, parentURL, importAttributes),
  load: (url, context) => chain.load(url, context),
  register(specifier, parentURL, data) {
    const registration = registered.then(async () => {
      const { url, namespace } = await esm.importWithUrl(specifier, parentURL);
      await chain.add(url, namespace, data);
      customizeOwnLoader();
    });
    registered = registration.then(undefined, () => {});
    return registration;
  },
};

/** One registration after the other. */
let registered = Promise.resolve();

/** Hooks see how later hooks are loaded, too. */
function customizeOwnLoader() {
  const refuse = (what) => () => {
    throw new (require('internal/errors').codes.ERR_METHOD_NOT_IMPLEMENTED)(what);
  };
  esm.setCustomization({
    resolve: (specifier, parentURL, importAttributes) => chain.resolve(specifier, parentURL, { ...importAttributes }),
    load: (url, context) => chain.load(url, context),
    resolveSync: (specifier, parentURL, importAttributes) =>
      require('internal/modules/esm_default').resolve(specifier, { parentURL, importAttributes }),
    loadSync: refuse('loadSync()'),
  });
}

/** Runs on the new thread, with what the other one gave. */
async function main({ lock: sharedLock, port: ownPort, loaders, cwd }) {
  port = ownPort;
  lock = sharedLock;
  markHooksThread();
  initialize();
  setRegisterHere((specifier, parentURL, data) => methods.register(specifier, parentURL, data));
  process.exit = (code) => {
    post({ id: -1, status: 'exit', body: code ?? process.exitCode ?? 0 });
    // the other thread ends the process
    Atomics.wait(lock, 1, 0);
  };
  process.on('beforeExit', () => {
    for (const id of underWay) answer(id, 'never-settle');
  });
  underWay.add(0);
  port.on('message', handle);
  port.unref();
  try {
    loadPreloads();
    const parentURL = `${resolver.fileUrl(cwd)}/`;
    for (const loader of loaders) await methods.register(loader, parentURL, undefined);
    answer(0, 'success');
  } catch (error) {
    answer(0, 'error', serialize(error));
  }
}

module.exports = { main };
