'use strict';
// What `import()` means in code that node:vm compiled: a callback of the program, the loader of the main context,
// or an error. The engine keeps the answer with the code, in the form of internal/modules/engine.

const path = require('path');
const lazy = require('internal/lazy');
const {
  codes: {
    ERR_VM_DYNAMIC_IMPORT_CALLBACK_MISSING,
    ERR_VM_DYNAMIC_IMPORT_CALLBACK_MISSING_FLAG,
    ERR_VM_MODULE_NOT_MODULE,
  },
} = require('internal/errors');
const { getOptionValue } = require('internal/options');
const { isModuleNamespaceObject } = require('internal/util/types');
const { validateFunction } = require('internal/validators');

const getURL = lazy(() => require('internal/url').URL);
const getUtil = lazy(() => require('internal/util'));

const USE_MAIN_CONTEXT_DEFAULT_LOADER = Symbol('vm_dynamic_import_main_context_default');

/** What the engine keeps with code, and gives back when that imports. */
class CodeOwner {
  constructor(hostData) {
    this.hostData = hostData;
    // of modules: `specifier\0type` -> module
    this.resolved = undefined;
    // of modules made of values: what their generated text calls
    this.evaluate = undefined;
  }
}

const withoutCallback = new CodeOwner({
  async importModuleDynamically() {
    throw new ERR_VM_DYNAMIC_IMPORT_CALLBACK_MISSING();
  },
});

function validate(callback, name) {
  if (callback !== undefined && callback !== USE_MAIN_CONTEXT_DEFAULT_LOADER) validateFunction(callback, name);
}

function areModulesEnabled() {
  return getOptionValue('--experimental-vm-modules') === true;
}

async function namespaceOf(found, phase) {
  const module = await found;
  // modules of the program have none
  if (phase === 'source') throw require('internal/modules/errors').sourcePhaseError(module?.identifier);
  if (isModuleNamespaceObject(module)) return module;
  if (!require('internal/vm/module').isModule(module)) throw new ERR_VM_MODULE_NOT_MODULE();
  if (module.status === 'errored') throw module.error;
  return module.namespace;
}

/** `referrer()`: what the callback gets as the importing code. */
function callbackOwner(callback, referrer, initializeImportMeta) {
  return new CodeOwner({
    async importModuleDynamically(specifier, attributes, phase = 'evaluation') {
      if (!areModulesEnabled()) throw new ERR_VM_DYNAMIC_IMPORT_CALLBACK_MISSING_FLAG();
      return namespaceOf(callback(specifier, referrer(), attributes, phase), phase);
    },
    initializeImportMeta,
  });
}

// Names that are neither paths nor URLs stand for the working directory.
function baseOf(filename) {
  if (path.isAbsolute(filename)) return filename;
  return filename.startsWith('file:') || getURL().canParse(filename) ? filename : '';
}

let warned = false;

/** The owner of a script or function by its `importModuleDynamically` option. */
function ownerOf(callback, filename, referrer) {
  if (callback === undefined) return withoutCallback;
  if (callback === USE_MAIN_CONTEXT_DEFAULT_LOADER) {
    if (!warned) {
      warned = true;
      getUtil().emitExperimentalWarning('vm.USE_MAIN_CONTEXT_DEFAULT_LOADER');
    }
    return new CodeOwner(baseOf(filename));
  }
  return callbackOwner(callback, referrer);
}

/** Of a module, which besides may fill `import.meta`. */
function moduleOwnerOf(callback, module, initializeImportMeta) {
  const initialize = initializeImportMeta && ((meta) => initializeImportMeta(meta, module));
  if (callback === undefined) {
    const { importModuleDynamically } = withoutCallback.hostData;
    return new CodeOwner({ importModuleDynamically, initializeImportMeta: initialize });
  }
  return callbackOwner(callback, () => module, initialize);
}

module.exports = {
  CodeOwner,
  USE_MAIN_CONTEXT_DEFAULT_LOADER,
  isLasting: (owner) => owner === withoutCallback || typeof owner.hostData === 'string',
  moduleOwnerOf,
  ownerOf,
  validate,
};
