'use strict';
// path for Windows: two separators, drives, UNC shares and reserved device names.
// Nothing looks at the file system but resolve() and relative(), which ask for current directories.

const { validateString } = require('internal/validators');
const shared = require('internal/path');
const lazy = require('internal/lazy');

const process = require('process');
const getMatcher = lazy(() => require('internal/fs/glob_pattern'));

const SLASH = 47;
const BACKSLASH = 92;
const COLON = 58;

const RESERVED_NAME = /^(?:CON|PRN|AUX|NUL|(?:COM|LPT)[1-9\u00b9\u00b2\u00b3])$/i;

function isSeparator(code) {
  return code === SLASH || code === BACKSLASH;
}

function isDriveLetter(code) {
  return (code >= 65 && code <= 90) || (code >= 97 && code <= 122);
}

function startsWithDrive(path) {
  return path.length > 1 && path.charCodeAt(1) === COLON && isDriveLetter(path.charCodeAt(0));
}

// Whether what stands before the colon is a device. Without a colon (-1) the last character is left out, as Node does.
function isReservedName(path, colon) {
  return RESERVED_NAME.test(path.slice(0, colon));
}

function nameEnd(path, at) {
  while (at < path.length && !isSeparator(path.charCodeAt(at))) at++;
  return at;
}

function separatorsEnd(path, at) {
  while (at < path.length && isSeparator(path.charCodeAt(at))) at++;
  return at;
}

// The parts of `\\server\share`, with the index after it; undefined for paths that do not begin so.
function readShare(path) {
  if (path.length < 2 || !isSeparator(path.charCodeAt(0)) || !isSeparator(path.charCodeAt(1))) return undefined;
  const serverEnd = nameEnd(path, 2);
  const shareStart = separatorsEnd(path, serverEnd);
  if (serverEnd === 2 || shareStart === path.length) return undefined;
  const end = nameEnd(path, shareStart);
  return { server: path.slice(2, serverEnd), share: path.slice(shareStart, end), end };
}

// Splits a path in its device ('' when it names none), the index after the root, and whether a root directory follows.
function readRoot(path) {
  if (path.length > 0 && isSeparator(path.charCodeAt(0))) {
    const unc = readShare(path);
    if (unc === undefined) return { device: '', end: 1, isAbsolute: true, isShare: false };
    if (unc.server === '.' || unc.server === '?') {
      return { device: `\\\\${unc.server}`, end: 4, isAbsolute: true, isShare: false };
    }
    return { device: `\\\\${unc.server}\\${unc.share}`, end: unc.end, isAbsolute: true, isShare: true };
  }
  if (startsWithDrive(path)) {
    const isAbsolute = path.length > 2 && isSeparator(path.charCodeAt(2));
    return { device: path.slice(0, 2), end: isAbsolute ? 3 : 2, isAbsolute, isShare: false };
  }
  return { device: '', end: 0, isAbsolute: false, isShare: false };
}

function collapse(tail, mayPointAbove) {
  return shared.collapse(tail.replaceAll('/', '\\'), 0, mayPointAbove, '\\');
}

// The directory in which a path of `device` without a root begins. Windows keeps one a drive, in the environment.
function currentDirectory(device) {
  if (device === '') return process.cwd();
  const path = process.env[`=${device}`] || process.cwd();
  const onOtherDevice = path === undefined ||
    (path.slice(0, 2).toLowerCase() !== device.toLowerCase() && path.charCodeAt(2) === BACKSLASH);
  return onOtherDevice ? `${device}\\` : path;
}

// Whether nothing but the current directory was asked for, which then is the answer as it stands.
function meansCurrentDirectory(paths, cwd) {
  if (paths.length === 0) return true;
  return paths.length === 1 && (paths[0] === '' || paths[0] === '.') && isSeparator(cwd.charCodeAt(0));
}

function resolve(...paths) {
  let device = '';
  let tail = '';
  let isAbsolute = false;
  for (let i = paths.length - 1; i >= -1; i--) {
    let path;
    if (i >= 0) {
      path = paths[i];
      validateString(path, `paths[${i}]`);
      if (path === '') continue;
    } else {
      path = currentDirectory(device);
      if (device === '' && meansCurrentDirectory(paths, path)) {
        return process.platform === 'win32' ? path : path.replaceAll('/', '\\');
      }
    }
    const root = readRoot(path);
    if (root.device !== '') {
      if (device === '') device = root.device;
      else if (root.device.toLowerCase() !== device.toLowerCase()) continue;
    }
    if (!isAbsolute) {
      tail = `${path.slice(root.end)}\\${tail}`;
      isAbsolute = root.isAbsolute;
    }
    if (isAbsolute && device !== '') break;
  }
  tail = collapse(tail, !isAbsolute);
  return isAbsolute ? `${device}\\${tail}` : `${device}${tail}` || '.';
}

function normalize(path) {
  validateString(path, 'path');
  if (path === '') return '.';
  if (path.length === 1) return path === '/' ? '\\' : path;

  const root = readRoot(path);
  let { device, end } = root;
  const { isAbsolute } = root;
  if (root.isShare && end === path.length) return `${device}\\`;
  if (end === 4) {
    // \\?\COM1: and the like
    const name = path.slice(4, path.indexOf(':') + 1);
    if (isReservedName(name, name.length - 1)) {
      device = `\\\\?\\${name}`;
      end += name.length;
    }
  } else if (device === '' && !isAbsolute) {
    const colon = path.indexOf(':');
    if (colon > 0 && isReservedName(path, colon)) {
      device = path.slice(0, colon + 1);
      end = colon + 1;
    }
  }

  let tail = collapse(path.slice(end), !isAbsolute);
  if (tail === '' && !isAbsolute) tail = '.';
  if (tail !== '' && isSeparator(path.charCodeAt(path.length - 1))) tail += '\\';
  if (!isAbsolute && device === '' && couldBecomeDevice(path, tail)) return `.\\${tail}`;
  if (isReservedName(path, path.indexOf(':'))) return `.\\${device}${tail}`;
  return isAbsolute ? `${device}\\${tail}` : `${device}${tail}`;
}

// Whether collapsing a relative path may have brought a drive or a device to its front, so that Windows would no
// longer take it for relative (CVE-2024-36139).
function couldBecomeDevice(path, tail) {
  const first = path.indexOf(':');
  if (first === -1) return false;
  if (startsWithDrive(tail)) return true;
  for (let at = first; at !== -1; at = path.indexOf(':', at + 1)) {
    if (at === path.length - 1 || isSeparator(path.charCodeAt(at + 1))) return true;
  }
  return false;
}

function isAbsolute(path) {
  validateString(path, 'path');
  if (path.length > 0 && isSeparator(path.charCodeAt(0))) return true;
  return path.length > 2 && startsWithDrive(path) && isSeparator(path.charCodeAt(2));
}

function join(...paths) {
  let first = '';
  let joined = '';
  for (let i = 0; i < paths.length; i++) {
    const path = paths[i];
    validateString(path, 'path');
    if (path === '') continue;
    if (first === '') first = joined = path;
    else joined += `\\${path}`;
  }
  if (first === '') return '.';

  // Only a first argument that begins with exactly two separators means a share; no other may turn into one.
  const leading = separatorsEnd(first, 0);
  if (leading !== 2 || first.length === 2) {
    const end = separatorsEnd(joined, 0);
    if (end >= 2) joined = `\\${joined.slice(end)}`;
  }
  // Collapsing '..' after a reserved device name would change what is meant.
  const namesDevice = joined.split('\\').some((part) => part.includes(':') && isReservedName(part, part.indexOf(':')));
  return namesDevice ? joined.replaceAll('/', '\\') : normalize(joined);
}

// The segments of a resolved path, its device first; empty ones (before a share, after a root) left out.
function segmentsOf(path) {
  return path.split('\\').filter((segment) => segment !== '');
}

function relative(from, to) {
  validateString(from, 'from');
  validateString(to, 'to');
  if (from === to) return '';
  from = resolve(from);
  to = resolve(to);
  if (from.toLowerCase() === to.toLowerCase()) return '';

  const source = segmentsOf(from);
  const target = segmentsOf(to);
  const shorter = Math.min(source.length, target.length);
  let common = 0;
  while (common < shorter && source[common].toLowerCase() === target[common].toLowerCase()) common++;
  // Nothing leads from one device to another.
  if (common === 0 && source.length > 0 && target.length > 0) return to;
  const up = new Array(source.length - common).fill('..');
  return up.concat(target.slice(common)).join('\\');
}

function toNamespacedPath(path) {
  if (typeof path !== 'string' || path === '') return path;
  const resolved = resolve(path);
  if (resolved.length <= 2) return path;
  if (resolved.startsWith('\\\\')) {
    return resolved[2] === '?' || resolved[2] === '.' ? resolved : `\\\\?\\UNC\\${resolved.slice(2)}`;
  }
  return startsWithDrive(resolved) && resolved[2] === '\\' ? `\\\\?\\${resolved}` : resolved;
}

// Index after the root as it is written, the separator that follows a share included.
function writtenRootEnd(path) {
  if (path.length > 0 && isSeparator(path.charCodeAt(0))) {
    const unc = readShare(path);
    if (unc === undefined) return 1;
    return unc.end === path.length ? unc.end : unc.end + 1;
  }
  if (!startsWithDrive(path)) return 0;
  return path.length > 2 && isSeparator(path.charCodeAt(2)) ? 3 : 2;
}

// Where the last segment behind `from` begins and ends, separators at the end left out; both `from` if there is none.
function lastSegment(path, from) {
  let end = path.length;
  while (end > from && isSeparator(path.charCodeAt(end - 1))) end--;
  let start = end;
  while (start > from && !isSeparator(path.charCodeAt(start - 1))) start--;
  return { start, end };
}

function baseSegment(path) {
  return lastSegment(path, startsWithDrive(path) ? 2 : 0);
}

function dirname(path) {
  validateString(path, 'path');
  if (path === '') return '.';
  if (path.length === 1) return isSeparator(path.charCodeAt(0)) ? path : '.';
  const rootEnd = writtenRootEnd(path);
  if (rootEnd === path.length) return path;
  const { start } = lastSegment(path, rootEnd);
  if (start > rootEnd) return path.slice(0, start - 1);
  return rootEnd === 0 ? '.' : path.slice(0, rootEnd);
}

function basename(path, suffix) {
  if (suffix !== undefined) validateString(suffix, 'suffix');
  validateString(path, 'path');
  const { start, end } = baseSegment(path);
  if (suffix === undefined || suffix === '') return path.slice(start, end);
  return shared.withoutSuffix(path, start, end, suffix);
}

function extname(path) {
  validateString(path, 'path');
  const { start, end } = baseSegment(path);
  const base = path.slice(start, end);
  const dot = shared.extensionStart(base);
  return dot === -1 ? '' : base.slice(dot);
}

function format(pathObject) {
  return shared.format('\\', pathObject);
}

function parse(path) {
  validateString(path, 'path');
  const rootEnd = writtenRootEnd(path);
  const root = path.slice(0, rootEnd);
  const { start, end } = lastSegment(path, rootEnd);
  const base = path.slice(start, end);
  const dot = shared.extensionStart(base);
  return {
    root,
    dir: start > rootEnd ? path.slice(0, start - 1) : root,
    base,
    ext: dot === -1 ? '' : base.slice(dot),
    name: dot === -1 ? base : base.slice(0, dot),
  };
}

function matchesGlob(path, pattern) {
  return getMatcher().matchesGlob(path, pattern, true);
}

module.exports = {
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
  sep: '\\',
  delimiter: ';',
  win32: null,
  posix: null,
  _makeLong: toNamespacedPath,
};

module.exports.win32 = module.exports;
module.exports.posix = require('path/posix');
