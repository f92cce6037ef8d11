'use strict';
// What path's two flavours share: collapsing '.' and '..' segments, splitting a base name at its extension,
// and putting a parsed path together. Roots and separators are the flavours' own business.

const { validateObject } = require('internal/validators');

const DOT = 46;

// What stands behind `start`, without empty segments and '.', each '..' taking back the segment before it.
// A '..' with nothing before it stays only where a path may point above its start.
// Read from the end, where a '..' is met before what it takes back, this is one pass.
function collapse(path, start, mayPointAbove, separator) {
  let result = '';
  let up = 0;
  for (let end = path.length; end > start;) {
    const before = Math.max(path.lastIndexOf(separator, end - 1), start - 1);
    const size = end - before - 1;
    const dots = size > 0 && size < 3 && path.charCodeAt(before + 1) === DOT && path.charCodeAt(end - 1) === DOT;
    if (dots) {
      up += size - 1;
    } else if (size > 0) {
      const segment = path.slice(before + 1, end);
      if (up > 0) up--;
      else result = result === '' ? segment : `${segment}${separator}${result}`;
    }
    end = before;
  }
  if (mayPointAbove) {
    for (; up > 0; up--) result = result === '' ? '..' : `..${separator}${result}`;
  }
  return result;
}

// Index of the dot at which a base name's extension begins, or -1: neither '.profile' nor '..' has one.
function extensionStart(base) {
  const dot = base.lastIndexOf('.');
  return dot > 0 && base !== '..' ? dot : -1;
}

// The base name `path.slice(start, end)` without `suffix`, unless that is all there is.
function withoutSuffix(path, start, end, suffix) {
  if (suffix === path) return '';
  const base = path.slice(start, end);
  if (base.length > suffix.length) return base.endsWith(suffix) ? base.slice(0, base.length - suffix.length) : base;
  // Node compares backwards, and forgets where the name ends when the name does before the suffix.
  const runsOut = suffix.length > base.length && suffix.length <= path.length && suffix.endsWith(base);
  return runsOut ? path.slice(start) : base;
}

function withDot(extension) {
  return extension ? (extension[0] === '.' ? extension : `.${extension}`) : '';
}

function format(separator, parts) {
  validateObject(parts, 'pathObject');
  const dir = parts.dir || parts.root;
  const base = parts.base || `${parts.name || ''}${withDot(parts.ext)}`;
  if (!dir) return base;
  return dir === parts.root ? `${dir}${base}` : `${dir}${separator}${base}`;
}

module.exports = { collapse, extensionStart, withoutSuffix, format };
