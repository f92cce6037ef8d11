'use strict';

// `module.createRequire`: a `require` for a file that is no module.

const path = require('path');
const { codes: { ERR_INVALID_ARG_VALUE } } = require('internal/errors');
const { Module, detailsOf, makeRequire } = require('internal/modules/cjs');
const { fileURLToPath, isURL, URL } = require('internal/url');

function createRequire(filename) {
  let file;
  let href;
  if (isURL(filename) || (typeof filename === 'string' && !path.isAbsolute(filename))) {
    try {
      // what is no URL, or none of a file, is refused in the same words
      const url = new URL(filename);
      file = fileURLToPath(url);
      href = url.href;
    } catch {
      throw new ERR_INVALID_ARG_VALUE('filename', filename, mustBe);
    }
  } else if (typeof filename !== 'string') {
    throw new ERR_INVALID_ARG_VALUE('filename', filename, mustBe);
  } else {
    file = filename;
  }
  // a folder asks as a file in it would
  const isFolder = file.endsWith('/');
  const proxy = isFolder ? path.join(file, 'noop.js') : file;
  const module = new Module(proxy);
  module.filename = proxy;
  module.paths = Module._nodeModulePaths(path.dirname(proxy));
  if (href !== undefined) detailsOf(module).url = href;
  return makeRequire(module);
}

const mustBe = 'must be a file URL object, file URL string, or absolute path string';

module.exports = { createRequire };
