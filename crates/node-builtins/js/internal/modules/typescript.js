'use strict';

// TypeScript modules as JavaScript: types are blanked out, or with --experimental-transform-types transformed, and
// errors show the line they are about. The work itself is Rust's.

const lazy = require('internal/lazy');
const { emitExperimentalWarning } = require('internal/util');
const { validateBoolean, validateObject, validateOneOf, validateString } = require('internal/validators');
const { codes: { ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING } } = require('internal/errors');
const { codedError } = require('internal/modules/errors');
const { getOptionValue } = require('internal/options');
const { changed } = require('internal/builtins');
const resolver = require('internal/modules/resolver');
const sources = require('internal/modules/sources');
const getBuffer = lazy(() => require('buffer').Buffer);

/** An answer is `["js", code, source map]` or `["", error code, message, line number, line, carets]`. */
function unwrap(answer, filename) {
  if (answer[0] !== '') return answer;
  const [, code, message, number, line, carets] = answer;
  const error = codedError('SyntaxError', code, message);
  error.stack = `${filename}:${number}\n${line}\n${carets === '' ? '' : `${carets}\n`}\n${error.stack}`;
  throw error;
}

function sourceMapComment(map) {
  return `\n\n//# sourceMappingURL=data:application/json;base64,${getBuffer().from(map).toString('base64')}`;
}

/** `module.stripTypeScriptTypes` */
function stripTypeScriptTypes(code, options = { __proto__: null }) {
  emitExperimentalWarning('stripTypeScriptTypes');
  validateString(code, 'code');
  validateObject(options, 'options');
  const { sourceMap = false, sourceUrl = '', mode = 'strip' } = options;
  validateOneOf(mode, 'options.mode', ['strip', 'transform']);
  validateString(sourceUrl, 'options.sourceUrl');
  if (mode === 'strip') {
    validateOneOf(sourceMap, 'options.sourceMap', [false, undefined]);
    const [, stripped] = unwrap(binding.strip(code), sourceUrl);
    return sourceUrl === '' ? stripped : `${stripped}\n\n//# sourceURL=${sourceUrl}`;
  }
  validateBoolean(sourceMap, 'options.sourceMap');
  const [, transformed, map] = unwrap(binding.transform(code, sourceMap ? sourceUrl : undefined), sourceUrl);
  if (map !== undefined) return transformed + sourceMapComment(map);
  return sourceUrl === '' ? transformed : `${transformed}\n\n//# sourceURL=${sourceUrl}`;
}

/** The JavaScript of a module. `isEval`: it is no file, so it is in no node_modules. */
function stripModule(source, filename, isEval = false) {
  if (!isEval && /[\\/]node_modules[\\/]/.test(filename)) {
    throw new ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING(filename);
  }
  const text = source.charCodeAt(0) === 0xfeff ? source.slice(1) : source;
  if (!getOptionValue('--experimental-transform-types')) {
    return cached('StrippedTypeScript', filename, text, isEval, () => unwrap(binding.strip(text), filename)[1]);
  }
  emitExperimentalWarning('Transform Types');
  const withMap = require('internal/modules/source_map_cache').isEnabled();
  const type = withMap ? 'TransformedTypeScriptWithSourceMaps' : 'TransformedTypeScript';
  return cached(type, filename, text, isEval, () => {
    const [, code, map] = unwrap(binding.transform(text, withMap ? filename : undefined), filename);
    return map === undefined ? code : code + sourceMapComment(map);
  });
}

function cached(type, filename, text, isEval, make) {
  if (isEval || !changed.compileCache) return make();
  const name = filename.startsWith('/') ? resolver.fileUrl(filename) : filename;
  return require('internal/modules/compile_cache').transpile(type, name, text, make);
}

/** JavaScript to look for module syntax in; text that is no TypeScript stays as it is. */
function stripForDetection(source, filename) {
  try {
    return stripModule(source, filename, true);
  } catch {
    return source;
  }
}

module.exports = { stripForDetection, stripModule, stripTypeScriptTypes };
