'use strict';

// Modules imported by `https:` URL: allowed by flag or configuration, pinned in a lock beside the project.

const lazy = require('internal/lazy');
const process = require('process');
const { getOptionValue } = require('internal/options');
const { codedError, refusal } = require('internal/modules/errors');
const resolver = require('internal/modules/resolver');

const isAllowed = lazy(() => getOptionValue('--network-imports') || binding.isConfigured(projectFolder()));

function isNetworkUrl(url) {
  return url.startsWith('https:') || url.startsWith('http:');
}

/** Whether a URL is one that is imported from the network here. */
function isImported(url) {
  return isNetworkUrl(url) && isAllowed();
}

/** The project is that of the program, not that of the file that happens to import first. */
function projectFolder() {
  const main = process.argv[1];
  const folder = resolver.workingFolder();
  if (main === undefined || isNetworkUrl(main)) return folder;
  const path = require('path');
  return path.dirname(path.resolve(folder, main));
}

const imports = lazy(() => {
  const { 0: opened, 1: answer } = binding.open(
    projectFolder(), getOptionValue('--frozen-imports'), getOptionValue('--reload-imports'),
  );
  if (opened === undefined) throw refusal(answer);
  return opened;
});

const formatOfMediaType = {
  '__proto__': null,
  'application/ecmascript': 'module',
  'application/javascript': 'module',
  'application/json': 'json',
  'application/typescript': 'module-typescript',
  'application/wasm': 'wasm',
  'application/x-javascript': 'module',
  'application/x-typescript': 'module-typescript',
  'text/ecmascript': 'module',
  'text/javascript': 'module',
  'text/json': 'json',
  'text/typescript': 'module-typescript',
  'text/x-typescript': 'module-typescript',
};

const formatOfExtension = {
  '__proto__': null,
  'js': 'module',
  'json': 'json',
  'mjs': 'module',
  'mts': 'module-typescript',
  'ts': 'module-typescript',
  'wasm': 'wasm',
};

/** Servers that know no better, and those that take TypeScript for films, are asked for the extension. */
const saysNothing = new Set(['', 'application/octet-stream', 'binary/octet-stream', 'text/plain', 'video/mp2t',
  'video/vnd.dlna.mpeg-tts']);

function formatOf(url, mediaType) {
  const known = formatOfMediaType[mediaType];
  if (known !== undefined) return known;
  if (mediaType.endsWith('+json')) return 'json';
  const extension = /\.(\w+)$/.exec(url.replace(/[?#].*$/s, ''));
  const format = saysNothing.has(mediaType) && extension !== null ? formatOfExtension[extension[1]] : undefined;
  if (format !== undefined) return format;
  const { ERR_UNKNOWN_MODULE_FORMAT } = require('internal/errors').codes;
  throw new ERR_UNKNOWN_MODULE_FORMAT(mediaType || 'unknown', url);
}

/** Errors that do not say yet who imports. */
const failures = new WeakSet();

/** Whether an error is of a module that could not be had. Once: who asks tells who imports it. */
function isFailure(error) {
  return typeof error === 'object' && failures.delete(error);
}

function disallowed(specifier, parent, reason) {
  const message = `import of '${specifier}' by ${parent} is not supported: ${reason}`;
  return codedError('TypeError', 'ERR_NETWORK_IMPORT_DISALLOWED', message);
}

/** What modules of the network import comes from the network, too, or from the runtime. */
function checkTarget(specifier, parent, url) {
  if (url.startsWith('file:')) {
    throw disallowed(specifier, parent, 'what comes from the network has no say over files');
  }
}

/** The error of a specifier that would need a folder to be looked up from. */
function onlyUrls(specifier, parent) {
  return disallowed(specifier, parent, 'only relative and absolute specifiers are');
}

/** `{ url, format, source }`; the URL is where the module was found in the end. */
function load(url, format) {
  const { 0: answer, 1: source } = binding.load(imports(), url);
  if (answer[0] === '') {
    const error = refusal(answer);
    error.url = url;
    failures.add(error);
    throw error;
  }
  // a fragment makes a module of its own
  const hash = url.indexOf('#');
  const found = hash === -1 ? answer[0] : answer[0] + url.slice(hash);
  return { url: found, format: format ?? formatOf(answer[0], answer[1]), source };
}

/** Fetches what `load` will want. Undefined where there is nothing to wait for. */
function fetchAhead(url) {
  const opened = imports();
  if (binding.isAtHand(opened, url)) return undefined;
  return new Promise((resolve) => { binding.fetch(opened, url, resolve); });
}

module.exports = { checkTarget, fetchAhead, isFailure, isImported, isNetworkUrl, load, onlyUrls };
