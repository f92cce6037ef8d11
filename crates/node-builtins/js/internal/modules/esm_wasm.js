'use strict';

// WebAssembly modules as ES modules: their imports are imports of the graph, they are instantiated in their turn,
// and their exports are exports; globals export their values.

const engine = require('internal/modules/engine');
const resolver = require('internal/modules/resolver');
const { emitExperimentalWarning } = require('internal/util');
const { codes: { ERR_INVALID_RETURN_PROPERTY_VALUE } } = require('internal/errors');
const hooks = require('internal/modules/hooks');

// WebAssembly may be replaced by the program
const { Global, Instance, Module: WasmModule } = WebAssembly;
const { exports: exportsOf, imports: importsOf } = WasmModule;
const { LinkError } = WebAssembly;

/** What sources of modules have in common; there is no way to it but from `WebAssembly.Module`. */
class AbstractModuleSource {
  constructor() {
    throw new TypeError('Illegal constructor');
  }

  get [Symbol.toStringTag]() {
    try {
      exportsOf(this);
      return 'WebAssembly.Module';
    } catch {
      return undefined;
    }
  }
}
if (Object.getPrototypeOf(WasmModule.prototype) === Object.prototype && Object.isExtensible(WasmModule)) {
  Object.setPrototypeOf(WasmModule, AbstractModuleSource);
  Object.setPrototypeOf(WasmModule.prototype, AbstractModuleSource.prototype);
}

const reserved = /^wasm(?:-js)?:/;

function compile(url, source) {
  if (typeof source === 'string' || !hooks.isSource(source)) {
    throw new ERR_INVALID_RETURN_PROPERTY_VALUE('an ArrayBuffer or a TypedArray', 'load', 'source', source);
  }
  const options = { builtins: ['js-string'], importedStringConstants: 'wasm:js/string-constants' };
  try {
    return new WasmModule(source, options);
  } catch (error) {
    error.message = `${url.startsWith('file:') ? resolver.filePath(url) : url}: ${error.message}`;
    throw error;
  }
}

function checkNames(url, imports, exports) {
  for (const { module, name } of imports) {
    if (reserved.test(module)) throw new LinkError(`Invalid Wasm import "${module}" in ${url}`);
    if (reserved.test(name)) throw new LinkError(`Invalid Wasm import name "${module}" "${name}" in ${url}`);
  }
  for (const { name } of exports) {
    if (reserved.test(name)) throw new LinkError(`Invalid Wasm export "${name}" in ${url}`);
  }
}

function translate(url, source, job) {
  emitExperimentalWarning('Importing WebAssembly module instances');
  const compiled = compile(url, source);
  job.sourceObject = compiled;
  const imports = importsOf(compiled);
  const exports = exportsOf(compiled);
  checkNames(url, imports, exports);
  const specifiers = [...new Set(imports.map(({ module }) => module))];
  return engine.compileModule(textOf(specifiers, exports), url, {
    initializeImportMeta(meta) {
      meta.run = (...namespaces) => instantiate(job, compiled, specifiers, namespaces, exports);
    },
  });
}

/** A module with the same imports and exports, which gets its values from `import.meta.run`. */
function textOf(specifiers, exports) {
  const imports = specifiers.map((specifier, i) => `import * as i${i} from ${JSON.stringify(specifier)};\n`);
  const locals = exports.map((_, i) => `e${i}`);
  const names = exports.map(({ name }, i) => `e${i} as ${JSON.stringify(name)}`);
  const declared = locals.length === 0 ? '' : `let ${locals.join(', ')};\nexport { ${names.join(', ')} };\n`;
  return `${imports.join('')}${declared}[${locals.join(', ')}] = ` +
    `import.meta.run(${specifiers.map((_, i) => `i${i}`).join(', ')});`;
}

function instantiate(job, compiled, specifiers, namespaces, exports) {
  const given = { __proto__: null };
  for (let i = 0; i < specifiers.length; i++) {
    // a wasm module is imported with its globals, not with their values
    given[specifiers[i]] = job.links[i].wasmExports ?? namespaces[i];
  }
  const instance = new Instance(compiled, given);
  job.wasmExports = instance.exports;
  return exports.map(({ name }) => valueOf(instance.exports[name]));
}

/** Of a global its value, unless JavaScript has none for its type. */
function valueOf(value) {
  if (!(value instanceof Global)) return value;
  try {
    return value.value;
  } catch {
    return undefined;
  }
}

module.exports = { translate };
