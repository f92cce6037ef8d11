'use strict';
// URLPattern (URL Pattern Standard). The parts of its work are in internal/urlpattern/.

const { kEnumerableProperty } = require('internal/util');
const { URL } = require('internal/url');
const { Component, defaultOptions, hostnameOptions, pathnameOptions } = require('internal/urlpattern/component');
const { matchesSpecialScheme, parseConstructorString } = require('internal/urlpattern/constructor_string');
const canonical = require('internal/urlpattern/init');

const COMPONENTS = ['protocol', 'username', 'password', 'hostname', 'port', 'pathname', 'search', 'hash'];

// Node's implementation is native, and these errors have words and classes of their own there.
function typeError(code, message) {
  return Object.assign(new TypeError(message), { code });
}

function argumentError(message) {
  return typeError('ERR_INVALID_ARG_TYPE', message);
}

function isObject(value) {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

// The members of a dictionary URLPatternInit, in the order in which Web IDL reads them.
const MEMBERS = ['baseURL', 'hash', 'hostname', 'password', 'pathname', 'port', 'protocol', 'search', 'username'];

function readInit(input) {
  const init = {};
  for (const name of MEMBERS) {
    const value = input[name];
    if (value !== undefined) init[name] = `${value}`.toWellFormed();
  }
  return init;
}

function readIgnoreCase(options) {
  if (options === undefined) return false;
  if (!isObject(options)) throw argumentError('options must be an object');
  const { ignoreCase = false } = options;
  if (typeof ignoreCase !== 'boolean') throw argumentError('options.ignoreCase must be a boolean');
  return ignoreCase;
}

function makeInit(input, baseURL) {
  if (typeof input !== 'string') {
    if (baseURL !== undefined) throw new TypeError('A base URL needs a pattern that is a string');
    return input;
  }
  const init = parseConstructorString(input.toWellFormed());
  if (baseURL !== undefined) init.baseURL = baseURL.toWellFormed();
  else if (init.protocol === undefined) throw new TypeError('A relative pattern needs a base URL');
  return init;
}

function isIpv6Pattern(hostname) {
  return hostname.length >= 2 && (hostname[0] === '[' || hostname.startsWith('{[') || hostname.startsWith('\\['));
}

function compile(input, baseURL, ignoreCase) {
  const init = canonical.processInit(makeInit(input, baseURL), true, {});
  for (const name of COMPONENTS) init[name] ??= '*';
  if (canonical.isSpecial(init.protocol) && canonical.defaultPorts[init.protocol] === init.port) init.port = '';

  const protocol = new Component(init.protocol, canonical.canonicalProtocol, defaultOptions);
  const options = { ...defaultOptions, ignoreCase };
  const canonicalHostname =
    isIpv6Pattern(init.hostname) ? canonical.canonicalIpv6Hostname : canonical.canonicalHostname;
  return {
    protocol,
    username: new Component(init.username, canonical.canonicalUsername, defaultOptions),
    password: new Component(init.password, canonical.canonicalPassword, defaultOptions),
    hostname: new Component(init.hostname, canonicalHostname, hostnameOptions),
    port: new Component(init.port, canonical.canonicalPort, defaultOptions),
    pathname: matchesSpecialScheme(protocol) ?
      new Component(init.pathname, canonical.canonicalPathname, { ...pathnameOptions, ignoreCase }) :
      new Component(init.pathname, canonical.canonicalOpaquePathname, options),
    search: new Component(init.search, canonical.canonicalSearch, options),
    hash: new Component(init.hash, canonical.canonicalHash, options),
  };
}

// The components of what is matched; undefined if it is no URL.
function inputComponents(input, baseURL) {
  if (typeof input !== 'string') {
    const empty = Object.fromEntries(COMPONENTS.map((name) => [name, '']));
    try {
      return canonical.processInit(input, false, empty);
    } catch {
      return undefined;
    }
  }
  const url = URL.parse(input, baseURL);
  return url && {
    protocol: url.protocol.slice(0, -1),
    username: url.username,
    password: url.password,
    hostname: url.hostname,
    port: url.port,
    pathname: url.pathname,
    search: url.search.slice(1),
    hash: url.hash.slice(1),
  };
}

class Implementation {
  #components;

  constructor(input = {}, baseURLOrOptions = undefined, options = undefined) {
    if (typeof input !== 'string' && !isObject(input)) throw argumentError('Input must be an object or a string');
    let baseURL;
    if (typeof baseURLOrOptions === 'string') {
      baseURL = baseURLOrOptions;
    } else if (baseURLOrOptions !== undefined) {
      if (!isObject(baseURLOrOptions)) throw argumentError('second argument must be a string or object');
      options = baseURLOrOptions;
    }
    const ignoreCase = readIgnoreCase(options);
    const init = typeof input === 'string' ? input : readInit(input);
    try {
      this.#components = compile(init, baseURL, ignoreCase);
    } catch {
      throw typeError('ERR_INVALID_URL_PATTERN', 'Failed to construct URLPattern');
    }
  }

  static #check(pattern) {
    if (!isObject(pattern) || !(#components in pattern)) throw new TypeError('Illegal invocation');
    return pattern.#components;
  }

  get protocol() {
    return Implementation.#check(this).protocol.pattern;
  }

  get username() {
    return Implementation.#check(this).username.pattern;
  }

  get password() {
    return Implementation.#check(this).password.pattern;
  }

  get hostname() {
    return Implementation.#check(this).hostname.pattern;
  }

  get port() {
    return Implementation.#check(this).port.pattern;
  }

  get pathname() {
    return Implementation.#check(this).pathname.pattern;
  }

  get search() {
    return Implementation.#check(this).search.pattern;
  }

  get hash() {
    return Implementation.#check(this).hash.pattern;
  }

  get hasRegExpGroups() {
    const components = Implementation.#check(this);
    return COMPONENTS.some((name) => components[name].hasRegExpGroups);
  }

  exec(input = {}, baseURL = undefined) {
    return Implementation.#match(Implementation.#check(this), input, baseURL, 'exec');
  }

  test(input = {}, baseURL = undefined) {
    return Implementation.#match(Implementation.#check(this), input, baseURL, 'test') !== null;
  }

  static #match(components, input, baseURL, operation) {
    if (typeof input !== 'string' && !isObject(input)) {
      throw argumentError('URLPattern input needs to be a string or an object');
    }
    if (baseURL !== undefined && typeof baseURL !== 'string') throw argumentError('baseURL must be a string');
    const inputs = [input];
    if (typeof input === 'string') input = input.toWellFormed();
    else if (baseURL !== undefined) throw typeError('ERR_OPERATION_FAILED', `Failed to ${operation} URLPattern`);
    else inputs[0] = input = readInit(input);
    if (baseURL !== undefined) inputs.push(baseURL);

    const values = inputComponents(input, baseURL);
    if (!values) return null;
    const result = { __proto__: null, inputs };
    for (const name of COMPONENTS) {
      const match = components[name].match(values[name]);
      if (match === undefined) return null;
      result[name] = match;
    }
    return result;
  }
}

// A function, because a class called without `new` throws an error without Node's code.
function URLPattern() {
  if (new.target === undefined) throw typeError('ERR_CONSTRUCT_CALL_REQUIRED', 'Cannot call constructor without `new`');
  return Reflect.construct(Implementation, arguments, new.target);
}

Object.defineProperty(URLPattern, 'prototype', { __proto__: null, value: Implementation.prototype, writable: false });
Object.defineProperties(URLPattern.prototype, {
  constructor: { __proto__: null, value: URLPattern, writable: true, configurable: true },
  protocol: kEnumerableProperty,
  username: kEnumerableProperty,
  password: kEnumerableProperty,
  hostname: kEnumerableProperty,
  port: kEnumerableProperty,
  pathname: kEnumerableProperty,
  search: kEnumerableProperty,
  hash: kEnumerableProperty,
  hasRegExpGroups: kEnumerableProperty,
  exec: kEnumerableProperty,
  test: kEnumerableProperty,
  [Symbol.toStringTag]: { __proto__: null, configurable: true, value: 'URLPattern' },
});

module.exports = { URLPattern };
