'use strict';

// The engine's operations on modules and compiled text, as the module loaders use them. A module handle is opaque;
// what was said when it was compiled comes back as `hostData` in the two hooks.
//
// compileWrapper(source, filename)     the function (exports, require, module, __filename, __dirname) of CommonJS
// compileWrapperFile(filename)         the same of a file, perhaps from the cache of compiled code
// checkScript(source, filename)        compiles a script and throws its SyntaxError
// runScript(source, filename)          the value of a script
// compileModule(source, url, hostData) a module handle; SyntaxError where it is none
// moduleRequests(module)               [[specifier, attributes, phase, line, column], ...]
// setResolvedRequests(module, modules) one handle for each request
// link(module), evaluate(module)       evaluate returns a promise
// namespace(module), moduleError(module), hasTopLevelAwait(module)
// status(module)                       unlinked linking linked evaluating evaluating-async evaluated errored
// syntheticModule(names, url, evaluate) evaluate(module) is called once, in the module's turn
// setSyntheticExport(module, name, value)
// setDynamicImportHook(fn(hostData, specifier, attributes, phase)) returns a promise of the namespace
// setImportMetaHook(fn(hostData, meta))

module.exports = binding;
