'use strict';

// The compile cache that programs turn on, by NODE_COMPILE_CACHE or `module.enableCompileCache`: compiled code and
// stripped TypeScript in a folder of their choice. The cache that the runtime keeps for itself is Rust's.
//
// An entry is a file: five numbers (magic, length and checksum of the source, length and checksum of the data) and
// the data. NODE_DEBUG_NATIVE=COMPILE_CACHE tells of every step.

const lazy = require('internal/lazy');
const path = require('path');
const process = require('process');
const { codes: { ERR_INVALID_ARG_TYPE } } = require('internal/errors');
const engine = require('internal/modules/engine');
const getFs = lazy(() => require('fs'));
const getBuffer = lazy(() => require('buffer').Buffer);

const status = { FAILED: 0, ENABLED: 1, ALREADY_ENABLED: 2, DISABLED: 3 };
const magic = 0x6b6e6974;
const headerLength = 20;

let cacheDirectory;
let isPortable = false;
let entries;
let isDebugging;

function debug(text) {
  isDebugging ??= (process.env.NODE_DEBUG_NATIVE ?? '').split(',').some((name) => name.trim() === 'COMPILE_CACHE');
  if (isDebugging) process._rawDebug(`[compile cache] ${text}`);
}

/** What compiled code depends on besides its source. */
function tag() {
  const user = process.getuid?.() ?? 0;
  return `${process.version}-${process.arch}-${binding.engineTag()}-${user}`;
}

/** `module.enableCompileCache` */
function enable(options) {
  let directory = options;
  let portable = process.env.NODE_COMPILE_CACHE_PORTABLE === '1';
  if (typeof options === 'object' && options !== null) {
    directory = options.directory;
    if (options.portable !== undefined) portable = Boolean(options.portable);
  } else if (options !== undefined && typeof options !== 'string') {
    throw new ERR_INVALID_ARG_TYPE('options', ['string', 'object', 'undefined'], options);
  }
  if (directory !== undefined && typeof directory !== 'string') {
    throw new ERR_INVALID_ARG_TYPE('options.directory', 'string', directory);
  }
  if (cacheDirectory !== undefined) {
    return { __proto__: null, status: status.ALREADY_ENABLED, directory: cacheDirectory };
  }
  if (process.env.NODE_DISABLE_COMPILE_CACHE) {
    debug('Disabled by NODE_DISABLE_COMPILE_CACHE.');
    return {
      __proto__: null, status: status.DISABLED, message: 'Disabled by NODE_DISABLE_COMPILE_CACHE',
    };
  }
  directory ??= process.env.NODE_COMPILE_CACHE || path.join(require('os').tmpdir(), 'node-compile-cache');
  const base = path.resolve(directory);
  const full = path.join(base, tag());
  debug(`resolved path ${base} + ${tag()} -> ${full}`);
  const refusal = permissionRefusal(base);
  if (refusal !== undefined) {
    debug(refusal);
    return { __proto__: null, status: status.FAILED, message: refusal };
  }
  try {
    getFs().mkdirSync(full, { recursive: true });
  } catch (error) {
    debug(`creating cache directory ${full}...${error.message}`);
    return { __proto__: null, status: status.FAILED, message: `Cannot create cache directory: ${error.code}` };
  }
  debug(`creating cache directory ${full}...success`);
  cacheDirectory = full;
  isPortable = portable;
  entries = new Map();
  process.on('exit', flush);
  require('internal/modules/sources').useCompileCache();
  return { __proto__: null, status: status.ENABLED, directory: full };
}

function permissionRefusal(directory) {
  const { permission } = process;
  if (permission === undefined) return undefined;
  for (const [kind, scope] of [['write', 'fs.write'], ['read', 'fs.read']]) {
    if (!permission.has(scope, directory)) {
      return `Skipping compile cache because ${kind} permission for ${directory} is not granted`;
    }
  }
  return undefined;
}

function isEnabled() {
  return cacheDirectory !== undefined;
}

function nameInKey(name) {
  if (!isPortable) return name;
  const file = name.startsWith('file:') ? require('internal/modules/resolver').filePath(name) : name;
  return path.isAbsolute(file) ? path.relative(path.dirname(cacheDirectory), file) : name;
}

/** The entry of a text: with data if the folder has some for exactly this text. */
function entryOf(type, name, text) {
  const key = `${type}:${name}`;
  const checksum = binding.checksum(text);
  const known = entries.get(key);
  if (known?.checksum === checksum) return known;
  const file = path.join(cacheDirectory, binding.checksum(`${type}:${nameInKey(name)}`).toString(16).padStart(8, '0'));
  const entry = { type, name, file, length: text.length, checksum, data: undefined, isSame: false, produce: undefined };
  entry.data = readData(entry);
  entry.isSame = entry.data !== undefined;
  entries.set(key, entry);
  return entry;
}

function readData({ type, name, file, length, checksum }) {
  const prefix = `reading cache from ${file} for ${type} ${name}...`;
  let bytes;
  try {
    bytes = getFs().readFileSync(file);
  } catch {
    debug(`${prefix} no such file or directory`);
    return undefined;
  }
  if (bytes.length < headerLength) {
    debug(`${prefix} the file is too short`);
    return undefined;
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, headerLength);
  const header = [0, 4, 8, 12, 16].map((offset) => view.getUint32(offset, true));
  const data = bytes.subarray(headerLength);
  const checks = [
    ['magic number', magic, header[0]],
    ['code size', length, header[1]],
    ['code hash', checksum, header[3]],
    ['cache size', data.length, header[2]],
    ['cache hash', binding.checksumBytes(data), header[4]],
  ];
  for (const [what, expected, actual] of checks) {
    if (expected === actual) continue;
    debug(`${prefix}[${header.join(' ')}]...${what} mismatch: expected ${expected}, actual ${actual}`);
    return undefined;
  }
  debug(`${prefix}[${header.join(' ')}]... success, size=${data.length}`);
  return data;
}

function told(entry, wasAccepted) {
  debug(`V8 code cache for ${entry.type} ${entry.name} was ` +
    (wasAccepted ? 'accepted, keeping the in-memory entry' : 'not initialized, initializing the in-memory entry'));
}

/** `engine.compileWrapper`, through the cache. */
function compileWrapper(text, filename) {
  const entry = entryOf('CommonJS', filename, text);
  const [compiled, wasAccepted, handle] = engine.compileWrapperCached(text, filename, entry.data);
  told(entry, wasAccepted);
  keep(entry, handle, wasAccepted);
  return compiled;
}

/** `engine.compileModule`, through the cache. */
function compileModule(text, url, hostData) {
  const entry = entryOf('ESM', url, text);
  const [module, wasAccepted, handle] = engine.compileModuleCached(text, url, hostData, entry.data);
  told(entry, wasAccepted);
  keep(entry, handle, wasAccepted);
  return module;
}

/** What has no handle cannot be kept. */
function keep(entry, handle, wasAccepted) {
  entry.isSame &&= wasAccepted;
  if (handle !== undefined) entry.produce = () => engine.encodeCompiled(handle);
}

/** TypeScript as JavaScript, through the cache; `type` says how it was made. */
function transpile(type, name, text, make) {
  const entry = entryOf(type, name, text);
  if (entry.data !== undefined) {
    debug(`retrieving transpile cache for ${type} ${name}...success`);
    return getBuffer().from(entry.data).toString();
  }
  debug(`no transpile cache for ${type} ${name}`);
  const code = make();
  debug(`saving transpilation cache for ${type} ${name}`);
  entry.produce = () => getBuffer().from(code);
  return code;
}

/** `module.flushCompileCache` */
function flushNow() {
  flush();
  debug('module.flushCompileCache() finished.');
}

/** Writes what the folder does not have yet. */
function flush() {
  if (cacheDirectory === undefined) return;
  for (const entry of entries.values()) {
    const { type, name } = entry;
    if (entry.isSame) {
      debug(`skip persisting ${type} ${name} because cache was the same`);
    } else if (entry.produce === undefined) {
      debug(`skip persisting ${type} ${name} because the cache was not initialized`);
    } else {
      write(entry);
    }
  }
}

function write(entry) {
  const { type, name, file, length, checksum } = entry;
  let data;
  try {
    data = entry.produce();
  } catch (error) {
    debug(`skip persisting ${type} ${name} because it could not be encoded: ${error.message}`);
    return;
  }
  const header = [magic, length, data.length, checksum, binding.checksumBytes(data)];
  const bytes = new Uint8Array(headerLength + data.length);
  const view = new DataView(bytes.buffer);
  header.forEach((value, i) => view.setUint32(i * 4, value, true));
  bytes.set(data, headerLength);
  const temporary = `${file}.${process.pid}-${process.hrtime.bigint().toString(36)}`;
  debug(`Creating temporary file for cache of ${name} (${type})... -> ${temporary}`);
  const told = `writing cache for ${type} ${name} to temporary file ${temporary} [${header.join(' ')}]...`;
  try {
    getFs().writeFileSync(temporary, bytes);
    debug(`${told}success`);
    getFs().renameSync(temporary, file);
    debug(`Renaming ${temporary} to ${file}...success`);
    entry.isSame = true;
  } catch (error) {
    debug(`${told}${error.message}`);
  }
}

function directory() {
  return cacheDirectory;
}

/** NODE_COMPILE_CACHE, at start. */
function enableFromEnvironment() {
  if (process.env.NODE_COMPILE_CACHE) enable();
}

module.exports = {
  compileModule,
  compileWrapper,
  directory,
  enable,
  enableFromEnvironment,
  flushNow,
  isEnabled,
  transpile,
};
