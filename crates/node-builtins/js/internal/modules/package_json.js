'use strict';

// package.json files for programs: `module.findPackageJSON` and `Module._readPackage`.

const lazy = require('internal/lazy');
const path = require('path');
const { codes: { ERR_INVALID_ARG_TYPE, ERR_MISSING_ARGS } } = require('internal/errors');
const resolver = require('internal/modules/resolver');
const getUrl = lazy(() => require('internal/url'));

function readPackage(folder) {
  const found = resolver.packageIn(path.resolve(folder));
  const pjsonPath = path.resolve(folder, 'package.json');
  if (found === undefined) return { __proto__: null, exists: false, pjsonPath, type: 'none' };
  const { exports, imports, main, name, type } = found;
  return { __proto__: null, exists: true, pjsonPath, name, main, type, exports, imports };
}

function isUrlOrString(value) {
  return typeof value === 'string' || getUrl().isURL(value);
}

/** A URL of a base that is a URL or an absolute path. */
function urlOf(base) {
  return typeof base === 'string' && path.isAbsolute(base) ? resolver.fileUrl(base) : `${base}`;
}

function findPackageJSON(specifier, base, argumentCount) {
  if (argumentCount === 0) throw new ERR_MISSING_ARGS('specifier');
  if (!isUrlOrString(specifier)) throw new ERR_INVALID_ARG_TYPE('specifier', ['string', 'URL'], specifier);
  if (base !== undefined && !isUrlOrString(base)) throw new ERR_INVALID_ARG_TYPE('base', ['string', 'URL'], base);
  const { URL } = getUrl();
  const baseUrl = base === undefined ? resolver.workingFolderUrl() : urlOf(base);
  const text = urlOf(specifier);
  const isPath = /^\.{0,2}\//.test(text) || text === '.' || text === '..' || URL.canParse(text);
  if (!isPath) return resolver.packageOfSpecifier(text, resolver.filePath(baseUrl));
  const url = new URL(text, baseUrl);
  if (url.protocol !== 'file:') return undefined;
  return resolver.packageScope(resolver.filePath(url.href))?.path;
}

module.exports = { findPackageJSON, readPackage };
