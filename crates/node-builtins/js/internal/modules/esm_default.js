'use strict';

// What `import` does without hooks: resolving by Node's rules, finding the format, reading the source. These are
// also the last steps of chains of hooks.

const lazy = require('internal/lazy');
const process = require('process');
const { canBeRequiredByUsers } = require('internal/builtins');
const resolver = require('internal/modules/resolver');
const sources = require('internal/modules/sources');
const { getOptionValue } = require('internal/options');
const getCodes = lazy(() => require('internal/errors').codes);
const getAttributes = lazy(() => require('internal/modules/import_attributes'));
const getBuffer = lazy(() => require('buffer').Buffer);
const getTypeScript = lazy(() => require('internal/modules/typescript'));

/** `{ url, format }`. The entry point is resolved from nowhere. */
function resolve(specifier, context) {
  const { parentURL, conditions } = context;
  const own = resolver.conditionsOf(true);
  if (conditions !== undefined && conditions !== null && !Array.isArray(conditions)) {
    throw new (getCodes().ERR_INVALID_ARG_VALUE)('conditions', conditions, 'expected an array');
  }
  const isOwn = conditions === undefined || conditions === null || conditions === own ||
    (conditions.length === own.length && conditions.every((name, i) => name === own[i]));
  const isEntry = parentURL === undefined;
  const parent = parentURL ?? resolver.workingFolderUrl();
  const key = isOwn && !isEntry ? `${parent}\x00${specifier}` : undefined;
  let found = key === undefined ? undefined : resolved.get(key);
  if (found === undefined) {
    found = resolveAnew(`${specifier}`, parent, isEntry, isOwn ? undefined : [...conditions]);
    if (key !== undefined) resolved.set(key, found);
  }
  // a URL of a builtin is as good as its format
  const format = found.format ?? null;
  return { __proto__: null, url: found.url, format: isBuiltinUrl(specifier) ? undefined : format };
}

function isBuiltinUrl(specifier) {
  return typeof specifier === 'string' && specifier.startsWith('node:');
}

/** What was found once stays: a specifier means the same to an importer as long as the program runs. */
const resolved = new Map();

function resolveAnew(specifier, parent, isEntry, conditions) {
  try {
    const found = resolver.resolveImport(specifier, parent, isEntry, conditions);
    if (isFromNetwork(parent)) getNetwork().checkTarget(specifier, parent, found.url);
    return found;
  } catch (error) {
    if (error.code === 'ERR_INVALID_FILE_URL_HOST') {
      error.input = specifier;
      error.base = parent;
    } else if (error.code === 'ERR_UNSUPPORTED_RESOLVE_REQUEST') {
      if (isFromNetwork(parent)) throw getNetwork().onlyUrls(specifier, parent);
      error.cause = invalidUrl(specifier, parent);
    }
    throw error;
  }
}

/** The error of the URL that was tried. */
function invalidUrl(specifier, parent) {
  const { URL } = require('internal/url');
  const isRelative = /^\.{0,2}\//.test(specifier);
  try {
    return new URL(specifier, isRelative ? parent : undefined);
  } catch (error) {
    return error;
  }
}

const dataUrl = /^data:[^,]*?(;base64)?,([^]*)$/;

function readData(url) {
  const found = dataUrl.exec(url);
  if (found === null) throw new (getCodes().ERR_INVALID_URL)(url);
  const hash = found[2].indexOf('#');
  const body = percentDecode(hash === -1 ? found[2] : found[2].slice(0, hash));
  return found[1] ? getBuffer().from(body.latin1Slice(), 'base64') : body;
}

/** The bytes of percent-encoded text; what is no encoding stands for itself. */
function percentDecode(text) {
  const Buffer = getBuffer();
  if (!text.includes('%')) return Buffer.from(text);
  const bytes = Buffer.from(text);
  let length = 0;
  for (let i = 0; i < bytes.length; i++) {
    const value = bytes[i] === 37 /* % */ ? parseInt(text.slice(i + 1, i + 3), 16) : NaN;
    const isEncoded = !Number.isNaN(value) && /^[\da-f]{2}$/i.test(text.slice(i + 1, i + 3));
    bytes[length++] = isEncoded ? value : bytes[i];
    if (isEncoded) i += 2;
  }
  return bytes.subarray(0, length);
}

function schemeOf(url) {
  return url.slice(0, url.indexOf(':') + 1);
}

function checkScheme(url) {
  const scheme = schemeOf(url);
  if (scheme === 'file:' || scheme === 'data:' || scheme === 'node:') return;
  const supported = ['file', 'data'];
  const isNetwork = getNetwork().isNetworkUrl(url);
  if (!isNetwork) supported.push('node');
  const error = new (getCodes().ERR_UNSUPPORTED_ESM_URL_SCHEME)(new URLLike(url, scheme), supported);
  if (isNetwork) error.message += '. To import from the network, run with --network-imports';
  throw error;
}

/** As much of a URL as the error looks at. */
class URLLike {
  constructor(href, protocol) {
    this.href = href;
    this.protocol = protocol;
  }
}

const formatOfMediaType = {
  '__proto__': null,
  'text/javascript': 'module',
  'application/javascript': 'module',
  'application/json': 'json',
  'application/wasm': 'wasm',
};

function mediaTypeOf(url) {
  return /^data:([^/]+\/[^;,]+)(?:[^,]*?)(?:;base64)?,/.exec(url)?.[1] ?? null;
}

/** The format by the URL alone; undefined where the source decides. */
function formatOfUrl(url) {
  switch (schemeOf(url)) {
    case 'node:': return 'builtin';
    case 'data:': {
      const mediaType = mediaTypeOf(url);
      return formatOfMediaType[mediaType] ?? String(mediaType);
    }
    case 'file:': {
      const path = resolver.filePath(url);
      const { format } = resolver.fileFormat(path, true);
      if (format === 'ambiguous' || format === 'ambiguous-typescript') return undefined;
      if (format !== 'unknown') return format;
      throw new (getCodes().ERR_UNKNOWN_FILE_EXTENSION)(extensionOf(path), path);
    }
    default: return undefined;
  }
}

function extensionOf(path) {
  const dot = path.lastIndexOf('.');
  return dot > path.lastIndexOf('/') + 1 ? path.slice(dot) : '';
}

/** The bytes at a URL. */
function readUrl(url) {
  if (url.startsWith('data:')) return readData(url);
  return asBuffer(sources.readBytes(resolver.filePath(url)));
}

/** The same as text, where nobody looks at bytes. */
function readText(url) {
  return url.startsWith('data:') ? readData(url) : sources.readText(resolver.filePath(url));
}

function asBuffer(bytes) {
  const Buffer = getBuffer();
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The format of a source whose package says nothing. */
function detectFormat(url, source) {
  if (source === undefined || source === null) return 'commonjs';
  const text = sources.sourceToString(source);
  const isTypeScript = url.startsWith('file:') && /\.ts$/.test(resolver.filePath(url));
  if (!getOptionValue('--experimental-detect-module')) return isTypeScript ? 'commonjs-typescript' : 'commonjs';
  const javascript = isTypeScript ? getTypeScript().stripForDetection(text, url) : text;
  if (!sources.hasModuleSyntax(javascript)) return isTypeScript ? 'commonjs-typescript' : 'commonjs';
  warnTypeless(url);
  return isTypeScript ? 'module-typescript' : 'module';
}

let warned;

/** Says once for each package that a declared type would spare parsing twice. */
function warnTypeless(url) {
  if (!url.startsWith('file:')) return;
  const scope = resolver.packageScope(resolver.filePath(url));
  if (scope === undefined || url.includes('/node_modules/')) return;
  warned ??= new Set();
  if (warned.has(scope.path)) return;
  warned.add(scope.path);
  process.emitWarning(
    `Module type of ${url} is not specified and it doesn't parse as CommonJS.\n` +
    'Reparsing as ES module because module syntax was detected. This incurs a performance overhead.\n' +
    `To eliminate this warning, add "type": "module" to ${scope.path}.`,
    { code: 'MODULE_TYPELESS_PACKAGE_JSON' },
  );
}

function checkKeys(url, attributes) {
  if (Object.keys(attributes).length > 0) getAttributes().checkKeys(url, attributes);
}

function checkAttributes(url, format, attributes) {
  // without a type most formats are fine
  if (attributes.type !== undefined || format === 'json') getAttributes().check(url, format, attributes);
}

/** `{ format, source, responseURL }`. Where no hook sees it, the source of CommonJS is left to who runs it. */
function load(url, context, isSeen = true) {
  const importAttributes = context.importAttributes ?? {};
  if (isFromNetwork(url)) return loadFromNetwork(url, context, importAttributes);
  checkScheme(url);
  if (url.startsWith('node:')) {
    if (!canBeRequiredByUsers(url.slice(5))) throw new (getCodes().ERR_UNKNOWN_BUILTIN_MODULE)(url);
    checkKeys(url, importAttributes);
    checkAttributes(url, 'builtin', importAttributes);
    return { __proto__: null, format: 'builtin', responseURL: url, source: null };
  }
  let { format, source } = context;
  checkKeys(url, importAttributes);
  format ??= formatOfUrl(url);
  if (format !== undefined && isUnknownMediaType(url, format)) {
    throw new (getCodes().ERR_UNKNOWN_MODULE_FORMAT)(format, url);
  }
  if (format !== undefined) checkAttributes(url, format, importAttributes);
  const isReadLater = format === 'commonjs' && url.startsWith('file:') && !isSeen;
  if (format !== 'addon' && !isReadLater && (source === undefined || source === null)) {
    source = isSeen || format === 'wasm' ? readUrl(url) : readText(url);
  }
  if (format === undefined || format === null) {
    format = detectFormat(url, source);
    checkAttributes(url, format, importAttributes);
  }
  const result = { __proto__: null, format, responseURL: url, source };
  if (format === 'commonjs') unchanged.add(result);
  return result;
}

let network;

function getNetwork() {
  return network ??= require('internal/modules/network');
}

function isFromNetwork(url) {
  return url.startsWith('http') && getNetwork().isImported(url);
}

function loadFromNetwork(url, { format, source }, importAttributes) {
  checkKeys(url, importAttributes);
  if (source !== undefined && source !== null && format) {
    return { __proto__: null, format, responseURL: url, source };
  }
  const found = getNetwork().load(url, format);
  checkAttributes(url, found.format, importAttributes);
  return { __proto__: null, format: found.format, responseURL: found.url, source: source ?? asBuffer(found.source) };
}

/** What an `import()` of a URL waits for before it is loaded, so that the program goes on meanwhile. */
function fetchAhead(url) {
  return isFromNetwork(url) ? getNetwork().fetchAhead(url) : undefined;
}

function isNetworkFailure(error) {
  return network !== undefined && network.isFailure(error);
}

/** Results for CommonJS that no hook has touched: who runs the module reads it anew. */
const unchanged = new WeakSet();

function isUnchanged(result) {
  return unchanged.has(result);
}

function isUnknownMediaType(url, format) {
  return url.startsWith('data:') && (format === 'null' || format.includes('/'));
}

/** The default step of load hooks for `require`: source as text. */
function loadForRequire(url, context) {
  let { format } = context;
  if (url.startsWith('node:')) return { __proto__: null, source: null, format: format ?? 'builtin' };
  checkScheme(url);
  if (url.startsWith('data:')) {
    format ??= formatOfUrl(url);
    return { __proto__: null, source: readData(url).toString(), format };
  }
  const path = resolver.filePath(url);
  if (format === 'addon') return { __proto__: null, source: null, format };
  if (format === 'wasm') return { __proto__: null, source: sources.readBytes(path), format };
  return { __proto__: null, source: sources.readText(path), format };
}

module.exports = { detectFormat, fetchAhead, formatOfUrl, isFromNetwork, isNetworkFailure, isUnchanged, load, loadForRequire, resolve, warnTypeless };
