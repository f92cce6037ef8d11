'use strict';
// Loads builtins: the first one to run, and the `require` that all others get.
// Which of them programs may require is decided here too, and noted when they get one, because a program that holds `fs`
// may replace parts of it, and one that holds `diagnostics_channel` may listen. So is what else takes the loading of
// modules off its usual way, for loaders to see at a glance. As small as it is, `internal/lazy` is here as well: every
// program would load it.

// no Map, whose methods programs may replace
const cache = { __proto__: null };

// Reachable only with the scheme.
const schemeOnlyIds = ['sea', 'sqlite', 'test', 'test/reporters'];

// Public builtins; what is not built yet is not listed, so that requiring it says so.
const publicNames = [
  '_http_agent', '_http_client', '_http_common', '_http_incoming', '_http_outgoing', '_http_server', '_stream_duplex',
  '_stream_passthrough', '_stream_readable', '_stream_transform', '_stream_wrap', '_stream_writable', '_tls_common',
  '_tls_wrap', 'assert', 'assert/strict', 'async_hooks', 'buffer', 'child_process', 'cluster', 'console', 'constants', 'crypto',
  'dgram', 'diagnostics_channel', 'dns', 'dns/promises', 'domain', 'events', 'fs', 'fs/promises', 'http', 'http2',
  'https', 'inspector', 'inspector/promises', 'module', 'net', 'os', 'path', 'path/posix', 'path/win32',
  'perf_hooks', 'process', 'punycode', 'querystring', 'readline', 'readline/promises', 'repl', 'stream',
  'stream/consumers', 'stream/promises', 'stream/web', 'string_decoder', 'sys', 'timers', 'timers/promises', 'tls',
  'trace_events', 'tty', 'url', 'util', 'util/types', 'v8', 'vm', 'wasi', 'worker_threads', 'zlib',
];

function exists(id) {
  return id === 'internal/lazy' || binding.exists(id);
}

function load(id) {
  const known = cache[id];
  if (known !== undefined) return known.exports;
  const module = { id, exports: {}, loaded: false };
  cache[id] = module;
  const body = binding.compile(id);
  if (body === undefined) {
    delete cache[id];
    throw new Error(`knit has no builtin module '${id}' yet`);
  }
  try {
    body(module.exports, load, module, binding.bindingFor(id));
  } catch (error) {
    delete cache[id];
    throw error;
  }
  module.loaded = true;
  return module.exports;
}

/** Of each public name whether it is built; null until somebody asks. */
let publicTable;

function isPublic(id) {
  // most of what programs ask for, and their own file, is a path
  const first = id.charCodeAt(0);
  if (first === 47 /* / */ || first === 46 /* . */) return false;
  if (publicTable === undefined) {
    publicTable = { __proto__: null };
    // it may be made after a program has patched what is iterated
    for (let i = 0; i < publicNames.length; i++) publicTable[publicNames[i]] = null;
  }
  const isBuilt = publicTable[id];
  if (isBuilt === undefined) return false;
  return isBuilt ?? (publicTable[id] = exists(id));
}

function canBeRequiredWithoutScheme(id) {
  return isPublic(id) || isExposed(id);
}

/** What is private, for who tests it: `--expose-internals`. */
function isExposed(id) {
  return id.startsWith('internal/') && load('internal/options').getOptionValue('--expose-internals') === true &&
    exists(id);
}

function canBeRequiredByUsers(id) {
  return isPublic(id) || isExposed(id) || (schemeOnlyIds.includes(id) && exists(id));
}

/** Ids as node:module lists them in builtinModules. */
function publicIds() {
  const found = (ids) => ids.filter((id) => exists(id));
  return [...found(publicNames), ...found(schemeOnlyIds).map((id) => `node:${id}`)];
}

/** What programs have changed. */
const changed = {
  /** Hooks on this thread, in internal/modules/hooks. */
  resolveHooks: false,
  loadHooks: false,
  /** Compiled code is kept where the program asked for it. */
  compileCache: false,
  sourceMaps: false,
  /** `Module.wrap` or `Module.wrapper`. */
  wrapper: false,
};

let fs;
let readFileSync;
let channels;

/** A builtin's exports, by its name without `node:`. */
function loadBuiltin(id) {
  const exports = load(id);
  if (fs === undefined && (id === 'fs' || id === 'fs/promises')) {
    fs = id === 'fs' ? exports : load('fs');
    readFileSync = fs.readFileSync;
  } else if (id === 'diagnostics_channel') {
    channels ??= {
      require: exports.tracingChannel('module.require'),
      import: exports.tracingChannel('module.import'),
    };
  }
  return exports;
}

/** `fs`, if the program may have replaced how it reads files. */
function patchedFs() {
  return fs !== undefined && fs.readFileSync !== readFileSync ? fs : undefined;
}

/** The channel that loads are told on, if anybody listens; `kind` is `require` or `import`. */
function loadChannel(kind) {
  const channel = channels?.[kind];
  return channel?.hasSubscribers ? channel : undefined;
}

/** The name without `node:` of a builtin that a specifier names; undefined if it names none. */
function builtinOf(specifier) {
  if (specifier.startsWith('node:')) {
    const id = specifier.slice(5);
    return canBeRequiredByUsers(id) ? id : undefined;
  }
  return canBeRequiredWithoutScheme(specifier) ? specifier : undefined;
}

/** Puts off a computation (mostly a `require`) until its first use: what all builtins get as `internal/lazy`. */
function lazy(compute) {
  let value;
  let pending = compute;
  return () => {
    if (pending !== undefined) {
      value = pending();
      pending = undefined;
    }
    return value;
  };
}

cache['internal/builtins'] = { id: 'internal/builtins', exports: module.exports, loaded: true };
cache['internal/lazy'] = { id: 'internal/lazy', exports: lazy, loaded: true };

Object.assign(module.exports, {
  builtinOf,
  canBeRequiredByUsers,
  canBeRequiredWithoutScheme,
  changed,
  exists,
  isLoaded: (id) => cache[id]?.loaded === true,
  load,
  loadBuiltin,
  loadChannel,
  loadedIds: () => Object.keys(cache),
  patchedFs,
  publicIds,
  schemeOnlyIds,
});
