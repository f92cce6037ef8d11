'use strict';
// mock.module(): other exports for a module. `require` gets them from Module._load, `import` from a module that is put
// together for it, which synchronous hooks resolve and load.

const {
  codes: { ERR_IMPORT_ATTRIBUTE_MISSING, ERR_INVALID_ARG_VALUE, ERR_INVALID_STATE },
} = require('internal/errors');
const { validateBoolean, validateObject, validateString } = require('internal/validators');
const { isBuiltin, Module, registerHooks } = require('module');
const { isURL, pathToFileURL } = require('internal/url');
const path = require('path');
const { resolveSync } = require('internal/modules/esm');

const parameter = 'node-test-mock';
const builtinScheme = `${parameter}:`;

/** Mocks by the URL of what they stand for. */
const mocks = new Map();
/** Those that a module put together for `import` belongs to, by its URL. */
const imported = new Map();
let lastVersion = 0;
let originalLoad;
/** While a module to mock is looked up, mocks are not seen. */
let isLookingUp = false;
let hooks;

class ModuleMock {
  #cached;
  #importUrl;

  constructor(url, format, { cache, defaultExport, hasDefaultExport, namedExports }) {
    this.url = url;
    this.format = format;
    this.cache = cache;
    this.defaultExport = defaultExport;
    this.hasDefaultExport = hasDefaultExport;
    this.namedExports = namedExports;
  }

  /** What `require` answers with. */
  get exports() {
    if (this.cache && this.#cached !== undefined) return this.#cached.exports;
    const exports = this.#merged();
    this.#cached = { exports };
    return exports;
  }

  #merged() {
    const { defaultExport, hasDefaultExport, namedExports } = this;
    const exports = hasDefaultExport ? defaultExport : {};
    const names = Object.keys(namedExports);
    if (names.length === 0) return exports;
    if ((typeof exports !== 'object' && typeof exports !== 'function') || exports === null) {
      throw new ERR_INVALID_STATE(
        'Cannot create mock because named exports cannot be applied to the provided default export.');
    }
    for (const name of names) {
      Object.defineProperty(exports, name, Object.getOwnPropertyDescriptor(namedExports, name));
    }
    return exports;
  }

  /** What `import` loads: the same module each time, or another one. */
  importUrl() {
    if (this.cache && this.#importUrl !== undefined) return this.#importUrl;
    const version = ++lastVersion;
    const { url } = this;
    this.#importUrl = url.startsWith('node:') ?
      `${builtinScheme}${version}` : `${url}${url.includes('?') ? '&' : '?'}${parameter}=${version}`;
    imported.set(this.#importUrl, this);
    return this.#importUrl;
  }

  /** A module with these exports; it finds them with the tracker of node:test. */
  load(url, { importAttributes }) {
    if (this.format === 'json') {
      if (importAttributes?.type !== 'json') throw new ERR_IMPORT_ATTRIBUTE_MISSING(this.url, 'type', 'json');
      return { format: 'json', source: JSON.stringify(this.defaultExport), shortCircuit: true };
    }
    const isCommonJs = this.format === 'commonjs' || this.format === 'builtin';
    const { namedExports } = this;
    // as a CommonJS module has them: on what is exported by default
    const byDefault = isCommonJs ? this.#merged() : this.defaultExport;
    const hasDefault = isCommonJs || this.hasDefaultExport;
    importedExports().set(url, { byDefault, namedExports });
    const names = Object.keys(namedExports).filter((name) => name !== 'default' || !hasDefault);
    const lines = [
      'import { mock } from \'node:test\';',
      `const { byDefault, namedExports } = mock._mockExports.get(${JSON.stringify(url)});`,
    ];
    if (hasDefault) lines.push('export default byDefault;');
    names.forEach((name, i) => {
      lines.push(`const export${i} = namedExports[${JSON.stringify(name)}];`);
      lines.push(`export { export${i} as ${JSON.stringify(name)} };`);
    });
    return { format: 'module', source: lines.join('\n'), shortCircuit: true };
  }
}

function importedExports() {
  const { mock } = require('test');
  if (mock._mockExports === undefined) {
    Object.defineProperty(mock, '_mockExports', { __proto__: null, value: new Map(), enumerable: false });
  }
  return mock._mockExports;
}

function install() {
  if (hooks !== undefined) return;
  hooks = registerHooks({
    resolve(specifier, context, nextResolve) {
      const resolved = nextResolve(specifier, context);
      if (isLookingUp || context.conditions?.includes('require')) return resolved;
      const mock = mocks.get(resolved.url);
      if (mock === undefined) return resolved;
      return { ...resolved, url: mock.importUrl(), format: mock.format === 'json' ? 'json' : 'module', shortCircuit: true };
    },
    load(url, context, nextLoad) {
      const mock = imported.get(url);
      return mock === undefined ? nextLoad(url, context) : mock.load(url, context);
    },
  });
  originalLoad = Module._load;
  Module._load = function mockedLoad(request, parent, isMain) {
    const mock = mocks.get(urlOfRequest(request, parent, isMain));
    return mock === undefined ? Reflect.apply(originalLoad, this, arguments) : mock.exports;
  };
}

function uninstall() {
  hooks.deregister();
  hooks = undefined;
  Module._load = originalLoad;
}

const withScheme = (name) => (name.startsWith('node:') ? name : `node:${name}`);

function urlOfRequest(request, parent, isMain) {
  if (isBuiltin(request)) return withScheme(request);
  const resolved = Module._resolveFilename(request, parent, isMain);
  return path.isAbsolute(resolved) ? pathToFileURL(resolved).href : resolved;
}

const formats = { '__proto__': null, '.json': 'json', '.cjs': 'commonjs', '.mjs': 'module' };

function formatOf({ format, url }) {
  if (url.startsWith('node:')) return 'builtin';
  return format ?? formats[path.extname(url)] ?? 'commonjs';
}

/** Lets a module that `caller`, a file, names have other exports. */
function mockModule(specifier, options, caller) {
  if (isURL(specifier)) specifier = specifier.href;
  else validateString(specifier, 'specifier');
  validateObject(options, 'options');
  const { cache = false, defaultExport, namedExports = {} } = options;
  validateBoolean(cache, 'options.cache');
  validateObject(namedExports, 'options.namedExports');
  const hasDefaultExport = 'defaultExport' in options;
  if (hasDefaultExport && 'default' in namedExports) {
    throw new ERR_INVALID_ARG_VALUE('options.namedExports', namedExports, 'must not have a default export, too');
  }
  const name = isBuiltin(specifier) ? withScheme(specifier) : specifier;
  isLookingUp = true;
  let resolved;
  try {
    resolved = resolveSync(name, pathToFileURL(caller).href, { __proto__: null });
  } finally {
    isLookingUp = false;
  }
  const { url } = resolved;
  if (mocks.has(url)) {
    throw new ERR_INVALID_STATE(`Cannot mock '${url}'. The module is already mocked.`);
  }
  const mock = new ModuleMock(url, formatOf(resolved), { cache, defaultExport, hasDefaultExport, namedExports });
  mocks.set(url, mock);
  install();
  return {
    restore() {
      if (mocks.get(url) !== mock) return;
      mocks.delete(url);
      if (mocks.size === 0) uninstall();
    },
  };
}

module.exports = { mockModule };
