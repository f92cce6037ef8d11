'use strict';
// Paths as file URLs and back, for either family of operating systems.

const {
  ERR_INVALID_ARG_TYPE,
  ERR_INVALID_ARG_VALUE,
  ERR_INVALID_FILE_URL_HOST,
  ERR_INVALID_FILE_URL_PATH,
  ERR_INVALID_URL_SCHEME,
} = require('internal/errors').codes;
const { validateString } = require('internal/validators');
const { URL, domainToUnicode, isURL } = require('internal/url');
const path = require('path');
const process = require('process');

const isWindows = process.platform === 'win32';

function fileUrlOf(input) {
  if (typeof input === 'string') input = new URL(input);
  else if (!isURL(input)) throw new ERR_INVALID_ARG_TYPE('path', ['string', 'URL'], input);
  if (input.protocol !== 'file:') throw new ERR_INVALID_URL_SCHEME('file');
  return input;
}

function checkHost(url) {
  if (url.hostname !== '') throw new ERR_INVALID_FILE_URL_HOST(process.platform);
}

// "/C:/x" becomes "C:\x"; `start` is its first three characters.
function checkDrive(start, url) {
  if (!/^[\\/][a-zA-Z]:/.test(start)) throw new ERR_INVALID_FILE_URL_PATH('must be absolute', url);
}

function fileURLToPath(input, options = undefined) {
  const url = fileUrlOf(input);
  const { hostname, pathname } = url;
  if (!(options?.windows ?? isWindows)) {
    checkHost(url);
    if (/%2f/i.test(pathname)) throw new ERR_INVALID_FILE_URL_PATH('must not include encoded / characters', url);
    return decodeURIComponent(pathname);
  }
  if (/%2f|%5c/i.test(pathname)) {
    throw new ERR_INVALID_FILE_URL_PATH('must not include encoded \\ or / characters', url);
  }
  const decoded = decodeURIComponent(pathname.replaceAll('/', '\\'));
  if (hostname !== '') return `\\\\${domainToUnicode(hostname)}${decoded}`;
  checkDrive(decoded, url);
  return decoded.slice(1);
}

// For paths that are no UTF-8; escapes that are none stay.
function fileURLToPathBuffer(input, options = undefined) {
  const { Buffer } = require('buffer');
  const { unescapeBuffer } = require('querystring');
  const url = fileUrlOf(input);
  const { hostname, pathname } = url;
  if (!(options?.windows ?? isWindows)) {
    checkHost(url);
    return unescapeBuffer(pathname);
  }
  const decoded = unescapeBuffer(pathname.replaceAll('/', '\\'));
  if (hostname !== '') return Buffer.concat([Buffer.from(`\\\\${domainToUnicode(hostname)}`), decoded]);
  checkDrive(decoded.latin1Slice(0, Math.min(3, decoded.length)), url);
  return decoded.subarray(1);
}

// What the parser would drop, take for the end of the path, or leave though other tools escape it.
const TO_ESCAPE = /[\0\t\n\r "#%?[\]^|~]/g;
const TO_ESCAPE_POSIX = /[\0\t\n\r "#%?[\]^|~\\]/g;

function toUrl(filename, windows, hostname) {
  const escaped = filename.replace(windows ? TO_ESCAPE : TO_ESCAPE_POSIX, encodeURIComponentOf);
  const url = new URL(`file://${escaped}`);
  if (hostname !== undefined) url.hostname = hostname;
  return url;
}

function encodeURIComponentOf(char) {
  return `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
}

const EXTENDED_UNC = '\\\\?\\UNC\\';

function pathToFileURL(filepath, options = undefined) {
  validateString(filepath, 'path');
  const windows = options?.windows ?? isWindows;
  const unc = windows && filepath.startsWith('\\\\');
  let resolved = unc ? filepath : windows ? path.win32.resolve(filepath) : path.posix.resolve(filepath);
  if (unc || (windows && resolved.startsWith('\\\\'))) {
    const start = resolved.startsWith(EXTENDED_UNC) ? EXTENDED_UNC.length : 2;
    const end = resolved.indexOf('\\', start);
    if (end === -1) throw new ERR_INVALID_ARG_VALUE('path', resolved, 'Missing UNC resource path');
    if (end === 2) throw new ERR_INVALID_ARG_VALUE('path', resolved, 'Empty UNC servername');
    return toUrl(resolved.slice(end), windows, resolved.slice(start, end));
  }
  // resolving drops a slash at the end, which matters in a URL
  const last = filepath.at(-1);
  if ((last === '/' || (windows && last === '\\')) && !resolved.endsWith(windows ? '\\' : '/')) resolved += '/';
  return toUrl(resolved, windows, undefined);
}

module.exports = { fileURLToPath, fileURLToPathBuffer, pathToFileURL };
