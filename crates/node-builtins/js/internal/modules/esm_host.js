'use strict';

// What the engine asks of the module loader while code runs: `import()` wherever it stands, and `import.meta`.
//
// The host data of code is its URL or absolute path; code that `vm` compiles may have an object instead, whose
// methods answer: importModuleDynamically(specifier, attributes, phase), initializeImportMeta(meta).

const lazy = require('internal/lazy');
const resolver = require('internal/modules/resolver');
const { getOptionValue } = require('internal/options');
const getEsm = lazy(() => require('internal/modules/esm'));

function urlOfHostData(hostData) {
  if (typeof hostData === 'string') {
    if (hostData[0] === '/') return resolver.fileUrl(hostData);
    // `[eval]` and its like are in the working directory
    if (/^[a-z][\w+.-]*:/i.test(hostData)) return hostData;
  }
  return resolver.workingFolderUrl();
}

function importDynamically(hostData, specifier, attributes, phase) {
  if (typeof hostData === 'object' && hostData !== null) {
    return hostData.importModuleDynamically(specifier, attributes, phase);
  }
  return getEsm().importModule(`${specifier}`, urlOfHostData(hostData), attributes, phase);
}

function resolveFor(url) {
  return (specifier, parentURL = url) => {
    const parent = getOptionValue('--experimental-import-meta-resolve') ? `${parentURL}` : url;
    try {
      return getEsm().resolveSync(`${specifier}`, parent, { __proto__: null }).url;
    } catch (error) {
      // where it would be is an answer, too
      const isMissing = error?.code === 'ERR_MODULE_NOT_FOUND' || error?.code === 'ERR_UNSUPPORTED_DIR_IMPORT';
      if (isMissing && error.url) return error.url;
      throw error;
    }
  };
}

function checkParent(parentURL) {
  if (typeof parentURL === 'string' || require('internal/url').isURL(parentURL) || parentURL === undefined) return;
  const { ERR_INVALID_ARG_TYPE } = require('internal/errors').codes;
  throw new ERR_INVALID_ARG_TYPE('parent', ['string', 'URL'], parentURL);
}

let isHooksThread = false;

function initializeImportMeta(hostData, meta) {
  if (typeof hostData === 'object' && hostData !== null) {
    hostData.initializeImportMeta?.(meta);
    return;
  }
  const url = hostData;
  if (url.startsWith('file:')) {
    const filename = resolver.filePath(url);
    const slash = filename.lastIndexOf('/');
    meta.dirname = slash <= 0 ? '/' : filename.slice(0, slash);
    meta.filename = filename;
  }
  meta.main = getEsm().isEntryUrl(url);
  if (!isHooksThread) meta.resolve = makeResolve(url);
  meta.url = url;
}

function makeResolve(url) {
  const resolveOf = resolveFor(url);
  return function resolve(specifier, parentURL) {
    if (arguments.length > 1 && getOptionValue('--experimental-import-meta-resolve')) checkParent(parentURL);
    return resolveOf(specifier, parentURL);
  };
}

/** On the hooks thread there is no `import.meta.resolve`: it would wait for itself. */
function markHooksThread() {
  isHooksThread = true;
}

module.exports = { importDynamically, initializeImportMeta, markHooksThread, urlOfHostData };
