'use strict';
// path for systems whose separator is '/'. Paths are strings here; nothing looks at the file system
// but resolve() and relative(), which ask for the current directory.

const { validateString } = require('internal/validators');
const shared = require('internal/path');
const lazy = require('internal/lazy');

const process = require('process');
const getMatcher = lazy(() => require('internal/fs/glob_pattern'));

const SLASH = 47;
const DOT = 46;

// True when each segment from `start` on stands for itself: none is empty, '.' or '..'.
// Most paths are like that, and then they need no splitting.
function isCollapsed(path, start) {
  let segmentStart = start;
  const { length } = path;
  for (let i = start; i <= length; i++) {
    if (i < length && path.charCodeAt(i) !== SLASH) continue;
    const size = i - segmentStart;
    if (size === 0 && i < length) return false;
    if ((size === 1 || size === 2) && path.charCodeAt(i - 1) === DOT && path.charCodeAt(segmentStart) === DOT) {
      return false;
    }
    segmentStart = i + 1;
  }
  return true;
}

function resolve(...paths) {
  let resolved = '';
  let isAbsolute = false;
  for (let i = paths.length - 1; i >= 0 && !isAbsolute; i--) {
    const path = paths[i];
    validateString(path, `paths[${i}]`);
    if (path === '') continue;
    resolved = resolved === '' ? path : `${path}/${resolved}`;
    isAbsolute = path.charCodeAt(0) === SLASH;
  }
  if (!isAbsolute) {
    const cwd = process.cwd();
    resolved = resolved === '' ? cwd : `${cwd}/${resolved}`;
    isAbsolute = cwd.charCodeAt(0) === SLASH;
  }
  if (isAbsolute) {
    if (resolved.length > 1 && resolved.charCodeAt(resolved.length - 1) !== SLASH && isCollapsed(resolved, 1)) {
      return resolved;
    }
    return `/${shared.collapse(resolved, 1, false, '/')}`;
  }
  return shared.collapse(resolved, 0, true, '/') || '.';
}

function normalize(path) {
  validateString(path, 'path');
  if (path === '') return '.';
  const isAbsolute = path.charCodeAt(0) === SLASH;
  if (isCollapsed(path, isAbsolute ? 1 : 0)) return path;
  const trailing = path.charCodeAt(path.length - 1) === SLASH;
  const collapsed = shared.collapse(path, 0, !isAbsolute, '/');
  if (collapsed === '') return isAbsolute ? '/' : trailing ? './' : '.';
  return `${isAbsolute ? '/' : ''}${collapsed}${trailing ? '/' : ''}`;
}

function isAbsolute(path) {
  validateString(path, 'path');
  return path.length > 0 && path.charCodeAt(0) === SLASH;
}

function join(...paths) {
  let joined = '';
  for (let i = 0; i < paths.length; i++) {
    const path = paths[i];
    validateString(path, 'path');
    if (path !== '') joined = joined === '' ? path : `${joined}/${path}`;
  }
  return normalize(joined);
}

function relative(from, to) {
  validateString(from, 'from');
  validateString(to, 'to');
  if (from === to) return '';
  from = resolve(from);
  to = resolve(to);
  if (from === to) return '';

  // Past the root both are bare segments; what they share ends at a separator or at the end of one.
  const fromEnd = from.length;
  const toEnd = to.length;
  const shorter = Math.min(fromEnd, toEnd);
  let i = 0;
  let common = 0;
  for (; i < shorter && from.charCodeAt(i) === to.charCodeAt(i); i++) {
    if (from.charCodeAt(i) === SLASH) common = i;
  }
  if (i === shorter) {
    if (fromEnd === toEnd) return '';
    const longer = fromEnd > toEnd ? from : to;
    if (longer.charCodeAt(i) === SLASH) common = i;
  }
  let up = '';
  for (let at = common; at !== -1 && at < fromEnd - 1; at = from.indexOf('/', at + 1)) up += up === '' ? '..' : '/..';
  if (up === '') return to.slice(common + 1);
  return common + 1 < toEnd ? `${up}/${to.slice(common + 1)}` : up;
}

function toNamespacedPath(path) {
  return path;
}

// Index after the last character that is no separator; 0 for a path of separators only.
function trimmedEnd(path) {
  let end = path.length;
  while (end > 0 && path.charCodeAt(end - 1) === SLASH) end--;
  return end;
}

// Where the last segment begins that ends at `end`.
function segmentStart(path, end) {
  return end === 0 ? 0 : path.lastIndexOf('/', end - 1) + 1;
}

function lastSegment(path) {
  const end = trimmedEnd(path);
  return path.slice(segmentStart(path, end), end);
}

function dirname(path) {
  validateString(path, 'path');
  if (path === '') return '.';
  const rooted = path.charCodeAt(0) === SLASH;
  const end = trimmedEnd(path);
  const slash = segmentStart(path, end) - 1;
  if (slash > 1) return path.slice(0, slash);
  if (slash === 1) return rooted ? '//' : path.slice(0, 1);
  return rooted ? '/' : '.';
}

function basename(path, suffix) {
  if (suffix !== undefined) validateString(suffix, 'suffix');
  validateString(path, 'path');
  if (suffix === undefined || suffix === '') return lastSegment(path);
  const end = trimmedEnd(path);
  return shared.withoutSuffix(path, segmentStart(path, end), end, suffix);
}

function extname(path) {
  validateString(path, 'path');
  const base = lastSegment(path);
  const dot = shared.extensionStart(base);
  return dot === -1 ? '' : base.slice(dot);
}

function format(pathObject) {
  return shared.format('/', pathObject);
}

function parse(path) {
  validateString(path, 'path');
  const root = path.length > 0 && path.charCodeAt(0) === SLASH ? '/' : '';
  const end = trimmedEnd(path);
  const start = segmentStart(path, end);
  const base = path.slice(start, end);
  const dot = shared.extensionStart(base);
  return {
    root,
    dir: start > 1 ? path.slice(0, start - 1) : root,
    base,
    ext: dot === -1 ? '' : base.slice(dot),
    name: dot === -1 ? base : base.slice(0, dot),
  };
}

function matchesGlob(path, pattern) {
  return getMatcher().matchesGlob(path, pattern, false);
}

const posix = module.exports = {
  resolve,
  normalize,
  isAbsolute,
  join,
  relative,
  toNamespacedPath,
  dirname,
  basename,
  extname,
  format,
  parse,
  matchesGlob,
  sep: '/',
  delimiter: ':',
  win32: null,
  posix: null,
  _makeLong: toNamespacedPath,
};

posix.posix = posix;
// The other flavour is compiled when somebody asks for it.
Object.defineProperty(posix, 'win32', {
  configurable: true,
  enumerable: true,
  get() {
    return this.win32 = require('path/win32');
  },
  set(value) {
    Object.defineProperty(this, 'win32', { configurable: true, enumerable: true, writable: true, value });
  },
});
