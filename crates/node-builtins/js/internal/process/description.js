'use strict';
// What this runtime says about itself: process.config, process.features, and the options
// that NODE_OPTIONS may hold.

const process = require('process');
const { getOptionValue, allowedInEnvironment } = require('internal/options');

function deepFreeze(object) {
  for (const value of Object.values(object)) {
    if (typeof value === 'object' && value !== null) deepFreeze(value);
  }
  return Object.freeze(object);
}

/** Of the values that a build of Node has, those that programs ask for. */
function config() {
  return deepFreeze({
    target_defaults: {
      cflags: [],
      configurations: { Release: {}, Debug: {} },
      default_configuration: 'Release',
      defines: [],
      include_dirs: [],
      libraries: [],
    },
    variables: {
      asan: 0,
      coverage: false,
      host_arch: process.arch,
      is_debug: 0,
      napi_build_version: process.versions.napi,
      node_builtin_shareable_builtins: [],
      node_byteorder: 'little',
      node_module_version: Number(process.versions.modules),
      node_prefix: '/usr/local',
      node_shared: false,
      node_shared_openssl: false,
      node_use_amaro: true,
      node_use_openssl: process.versions.openssl !== undefined,
      node_without_node_options: false,
      openssl_is_fips: false,
      openssl_quic: false,
      shlib_suffix: 'so',
      target_arch: process.arch,
      ubsan: 0,
      v8_enable_i18n_support: 1,
      v8_enable_inspector: 0,
      v8_enable_webassembly: 1,
    },
  });
}

function features() {
  const has = (name) => require('internal/builtins').canBeRequiredByUsers(name);
  const hasTLS = has('tls');
  let typescript = false;
  if (getOptionValue('--experimental-transform-types')) typescript = 'transform';
  else if (getOptionValue('--strip-types')) typescript = 'strip';
  const object = {
    inspector: has('inspector'),
    debug: false,
    uv: true,
    ipv6: true,
    tls_alpn: hasTLS,
    tls_sni: hasTLS,
    tls_ocsp: hasTLS,
    tls: hasTLS,
    openssl_is_boringssl: false,
  };
  const computed = {
    cached_builtins: true,
    require_module: getOptionValue('--require-module') === true,
    quic: false,
    typescript,
  };
  for (const name in computed) {
    const { get } = Object.getOwnPropertyDescriptor({ get [name]() { return computed[name]; } }, name);
    Object.defineProperty(object, name, { __proto__: null, get, set: undefined, enumerable: true, configurable: true });
  }
  return object;
}

/** A set that nobody changes, and that knows other spellings of what it holds. */
class NodeEnvironmentFlagsSet extends Set {
  #flags;

  constructor(flags) {
    super();
    this.#flags = flags;
    Object.freeze(this);
  }

  add() {
    return this;
  }

  delete() {
    return false;
  }

  clear() {}

  has(key) {
    if (typeof key !== 'string') return false;
    const name = key.replaceAll('_', '-');
    if (!name.startsWith('-')) return this.#flags.includes(`-${name}`) || this.#flags.includes(`--${name}`);
    return this.#flags.includes(name.startsWith('--') ? name.replace(/=.*$/s, '') : name);
  }

  forEach(callback, thisArg) {
    for (const flag of this.#flags) Reflect.apply(callback, thisArg, [flag, flag, this]);
  }

  get size() {
    return this.#flags.length;
  }

  entries() {
    return new Set(this.#flags).entries();
  }

  keys() {
    return this.#flags.values();
  }

  values() {
    return this.#flags.values();
  }

  [Symbol.iterator]() {
    return this.#flags.values();
  }
}
for (const name of ['add', 'delete', 'clear']) {
  Object.defineProperty(NodeEnvironmentFlagsSet.prototype, name, { __proto__: null, writable: false });
}
Object.freeze(NodeEnvironmentFlagsSet.prototype);

const allowedFlags = () => new NodeEnvironmentFlagsSet(allowedInEnvironment().filter((name) => !name.includes(' ')));

module.exports = { allowedFlags, config, features };
