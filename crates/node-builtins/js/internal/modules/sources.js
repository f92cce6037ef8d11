'use strict';

// The text of modules: reading it, and making functions of it that run as CommonJS modules do.

const engine = require('internal/modules/engine');
const lazy = require('internal/lazy');
const { changed, patchedFs } = require('internal/builtins');

/** The text of a file; `fs.readFileSync` is used where a program has replaced it. */
function readText(path) {
  const fs = patchedFs();
  return fs === undefined ? binding.readText(path) : fs.readFileSync(path, 'utf8');
}

/** The bytes of a file. */
function readBytes(path) {
  const fs = patchedFs();
  return fs === undefined ? binding.readBytes(path) : fs.readFileSync(path);
}

function stripByteOrderMark(text) {
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}

let decoder;

/** Text of what a load hook may return as source. */
function sourceToString(source) {
  if (typeof source === 'string') return source;
  decoder ??= new (require('internal/encoding').TextDecoder)('utf-8', { ignoreBOM: false });
  return decoder.decode(source);
}

const getCompileCache = lazy(() => require('internal/modules/compile_cache'));

/** From now on compiled code comes from, and goes to, the cache that the program asked for. */
function useCompileCache() {
  changed.compileCache = getCompileCache().isEnabled();
}

/** The function of a CommonJS text. */
function compileWrapper(text, filename) {
  return changed.compileCache ? getCompileCache().compileWrapper(text, filename) : engine.compileWrapper(text, filename);
}

/** The engine module of an ES module text. */
function compileModule(text, url) {
  return changed.compileCache ? getCompileCache().compileModule(text, url, url) : engine.compileModule(text, url, url);
}

/** Whether text that is not valid in a CommonJS module is valid as an ES module. */
function hasModuleSyntax(source) {
  return binding.hasModuleSyntax(source);
}

/** `[exports, reexports]` of a CommonJS text; undefined for what is an ES module. */
function lexText(text) {
  return binding.lexText(text);
}

/** The same of a file. */
function lexFile(path) {
  const fs = patchedFs();
  return fs === undefined ? binding.lexFile(path) : binding.lexText(fs.readFileSync(path, 'utf8'));
}

module.exports = {
  checkScript: engine.checkScript,
  compileFile: engine.compileWrapperFile,
  compileModule,
  compileWrapper,
  hasModuleSyntax,
  lexFile,
  lexText,
  readBytes,
  readText,
  runScript: engine.runScript,
  sourceToString,
  stripByteOrderMark,
  useCompileCache,
};
