'use strict';
// The URL class (URL Standard). Parsing and changing are the binding's work: it returns the normalised URL and writes
// where its components begin and end, so that the getters only slice. File URLs are in internal/file_url.

const { ERR_INVALID_ARG_TYPE, ERR_MISSING_ARGS } = require('internal/errors').codes;
const { customInspectSymbol, kEnumerableProperty } = require('internal/util');
const { URLSearchParams, cloneError, createLinked, replaceList, toText } = require('internal/url_search_params');
const { kClone } = require('internal/structured_clone/symbols');
const lazy = require('internal/lazy');

const getInspect = lazy(() => require('internal/util/inspect').inspect);
const getFileUrl = lazy(() => require('internal/file_url'));
const getBlob = lazy(() => require('internal/blob'));

// What the binding's `update` can change; its Rust enum has the same order.
const PROTOCOL = 0;
const HOST = 1;
const HOSTNAME = 2;
const PORT = 3;
const USERNAME = 4;
const PASSWORD = 5;
const PATHNAME = 6;
const SEARCH = 7;
const HASH = 8;

const OMITTED = 0xffffffff;

// The last of nine components is the kind of scheme; the others are URLContext's first eight numbers.
const components = new Uint32Array(9);
const componentBytes = new Uint8Array(components.buffer);
const HTTP = 0;
const NOT_SPECIAL = 1;
const HTTPS = 2;
const FILE = 6;

// A URL and the offsets of its parts. The names are Node's: inspecting a URL with showHidden prints them.
class URLContext {
  href = '';
  protocol_end = 0;
  username_end = 0;
  host_start = 0;
  host_end = 0;
  pathname_start = 0;
  search_start = 0;
  hash_start = 0;
  port = 0;
  scheme_type = 1;

  get hasPort() {
    return this.port !== OMITTED;
  }

  get hasSearch() {
    return this.search_start !== OMITTED;
  }

  get hasHash() {
    return this.hash_start !== OMITTED;
  }
}

// Takes over what the binding left in `components`.
function updateContext(context, href) {
  context.href = href;
  context.protocol_end = components[0];
  context.username_end = components[1];
  context.host_start = components[2];
  context.host_end = components[3];
  context.port = components[4];
  context.pathname_start = components[5];
  context.search_start = components[6];
  context.hash_start = components[7];
  context.scheme_type = components[8];
}

function parse(input, base) {
  const href = binding.parse(input, base, componentBytes);
  if (href === undefined) return undefined;
  const context = new URLContext();
  // the binding returns nothing new for a URL that is normal already
  updateContext(context, href === '' ? input : href);
  return context;
}

// A plain TypeError with a code, unlike other errors of Node: programs print it as "TypeError: Invalid URL".
function invalidUrl(input, base) {
  const error = Object.assign(new TypeError('Invalid URL'), { code: 'ERR_INVALID_URL', input });
  if (base !== undefined) error.base = base;
  return error;
}

function receiverError() {
  return new TypeError('Receiver must be an instance of class URL');
}

function memberError() {
  return new TypeError('Cannot read private member #context from an object whose class did not declare it');
}

// In the order in which inspection shows them.
const SHOWN = [
  'href', 'origin', 'protocol', 'username', 'password', 'host', 'hostname', 'port', 'pathname', 'search',
  'searchParams', 'hash',
];

// Given to the constructor in place of a text, with a context.
const kParsed = Symbol('parsed');

let isInstance;

class URL {
  #context;
  #searchParams = undefined;
  // Whether searchParams changed since the context was made.
  #searchParamsModified = false;

  static {
    isInstance = (value) => typeof value === 'object' && value !== null && #context in value;
  }

  constructor(input, base = undefined) {
    if (arguments.length === 0) throw new ERR_MISSING_ARGS('url');
    if (input === kParsed) {
      this.#context = base;
      return;
    }
    input = toText(input);
    if (base !== undefined) base = toText(base);
    const context = parse(input, base);
    if (context === undefined) throw invalidUrl(input, base);
    this.#context = context;
  }

  static parse(input, base = undefined) {
    if (arguments.length === 0) throw new ERR_MISSING_ARGS('url');
    const context = parse(toText(input), base === undefined ? undefined : toText(base));
    return context === undefined ? null : new URL(kParsed, context);
  }

  static canParse(url, base = undefined) {
    if (arguments.length === 0) throw new ERR_MISSING_ARGS('url');
    return binding.canParse(toText(url), base === undefined ? undefined : toText(base));
  }

  static createObjectURL(obj) {
    return getBlob().createObjectURL(obj);
  }

  static revokeObjectURL(url) {
    if (arguments.length === 0) throw new ERR_MISSING_ARGS('url');
    getBlob().revokeObjectURL(toText(url));
  }

  [kClone]() {
    throw cloneError();
  }

  [customInspectSymbol](depth, options) {
    if (typeof depth === 'number' && depth < 0) return this;
    const shown = {};
    for (const name of SHOWN) shown[name] = this[name];
    if (options.showHidden) shown[Symbol('context')] = this.#context;
    return `${this.constructor.name} ${getInspect()(shown, options)}`;
  }

  #followSearchParams() {
    this.#searchParamsModified = false;
    this.#change(SEARCH, this.#searchParams.toString());
  }

  // The context, after changes made through searchParams.
  #current() {
    if (this.#searchParamsModified) this.#followSearchParams();
    return this.#context;
  }

  #change(part, value) {
    const context = this.#context;
    const href = binding.update(context.href, part, value, componentBytes);
    if (href === undefined) return false;
    updateContext(context, href);
    return true;
  }

  #query() {
    const { href, search_start, hash_start } = this.#context;
    // omitted, the end is above any length
    return search_start === OMITTED ? '' : href.slice(search_start + 1, hash_start);
  }

  toString() {
    if (!isInstance(this)) throw receiverError();
    return this.#current().href;
  }

  get href() {
    if (!isInstance(this)) throw receiverError();
    return this.#current().href;
  }

  set href(value) {
    if (!isInstance(this)) throw memberError();
    value = toText(value);
    const context = parse(value, undefined);
    if (context === undefined) throw invalidUrl(value);
    this.#context = context;
    this.#searchParamsModified = false;
    if (this.#searchParams !== undefined) replaceList(this.#searchParams, this.#query());
  }

  get origin() {
    if (!isInstance(this)) throw memberError();
    const { href, scheme_type: scheme, protocol_end, pathname_start } = this.#context;
    if (scheme === NOT_SPECIAL) {
      if (!href.startsWith('blob:')) return 'null';
      // A blob's origin is that of the URL in its path.
      const inner = parse(this.pathname, undefined);
      if (inner === undefined || (inner.scheme_type !== HTTP && inner.scheme_type !== HTTPS)) return 'null';
      return new URL(kParsed, inner).origin;
    }
    if (scheme === FILE) return 'null';
    return `${href.slice(0, protocol_end)}//${href.slice(hostStart(this.#context), pathname_start)}`;
  }

  get protocol() {
    if (!isInstance(this)) throw memberError();
    return this.#context.href.slice(0, this.#context.protocol_end);
  }

  set protocol(value) {
    if (!isInstance(this)) throw memberError();
    this.#current();
    this.#change(PROTOCOL, toText(value));
  }

  get username() {
    if (!isInstance(this)) throw memberError();
    const { href, protocol_end, username_end } = this.#context;
    return protocol_end + 2 < username_end ? href.slice(protocol_end + 2, username_end) : '';
  }

  set username(value) {
    if (!isInstance(this)) throw memberError();
    this.#current();
    this.#change(USERNAME, toText(value));
  }

  get password() {
    if (!isInstance(this)) throw memberError();
    const { href, username_end, host_start } = this.#context;
    return host_start > username_end ? href.slice(username_end + 1, host_start) : '';
  }

  set password(value) {
    if (!isInstance(this)) throw memberError();
    this.#current();
    this.#change(PASSWORD, toText(value));
  }

  get host() {
    if (!isInstance(this)) throw memberError();
    const context = this.#context;
    // without a port the path may begin after an extra "/."
    return context.href.slice(hostStart(context), context.port === OMITTED ? context.host_end : context.pathname_start);
  }

  set host(value) {
    if (!isInstance(this)) throw memberError();
    this.#current();
    this.#change(HOST, toText(value));
  }

  get hostname() {
    if (!isInstance(this)) throw memberError();
    return this.#context.href.slice(hostStart(this.#context), this.#context.host_end);
  }

  set hostname(value) {
    if (!isInstance(this)) throw memberError();
    this.#current();
    this.#change(HOSTNAME, toText(value));
  }

  get port() {
    if (!isInstance(this)) throw memberError();
    return this.#context.port === OMITTED ? '' : `${this.#context.port}`;
  }

  set port(value) {
    if (!isInstance(this)) throw memberError();
    this.#current();
    this.#change(PORT, toText(value));
  }

  get pathname() {
    if (!isInstance(this)) throw memberError();
    const { href, pathname_start, search_start, hash_start } = this.#context;
    // both are above any length where omitted
    return href.slice(pathname_start, Math.min(search_start, hash_start));
  }

  set pathname(value) {
    if (!isInstance(this)) throw memberError();
    this.#current();
    this.#change(PATHNAME, toText(value));
  }

  get search() {
    if (!isInstance(this)) throw receiverError();
    this.#current();
    const query = this.#query();
    return query === '' ? '' : `?${query}`;
  }

  set search(value) {
    if (!isInstance(this)) throw memberError();
    this.#searchParamsModified = false;
    this.#change(SEARCH, toText(value));
    if (this.#searchParams !== undefined) replaceList(this.#searchParams, this.#query());
  }

  get searchParams() {
    if (!isInstance(this)) throw memberError();
    this.#searchParams ??= createLinked(this.#query(), () => {
      this.#searchParamsModified = true;
    });
    return this.#searchParams;
  }

  get hash() {
    if (!isInstance(this)) throw memberError();
    this.#current();
    const { href, hash_start } = this.#context;
    return href.length - hash_start <= 1 ? '' : href.slice(hash_start);
  }

  set hash(value) {
    if (!isInstance(this)) throw memberError();
    this.#current();
    this.#change(HASH, toText(value));
  }

  toJSON() {
    if (!isInstance(this)) throw receiverError();
    return this.#current().href;
  }
}

// Credentials end in an "@", which host_start points to.
function hostStart(context) {
  return context.href.charCodeAt(context.host_start) === 64 ? context.host_start + 1 : context.host_start;
}

Object.defineProperties(URL, {
  parse: kEnumerableProperty,
  canParse: kEnumerableProperty,
  createObjectURL: kEnumerableProperty,
  revokeObjectURL: kEnumerableProperty,
});

Object.defineProperties(URL.prototype, {
  [customInspectSymbol]: { __proto__: null, enumerable: false },
  [Symbol.toStringTag]: { __proto__: null, configurable: true, value: 'URL' },
  toString: kEnumerableProperty,
  href: kEnumerableProperty,
  origin: kEnumerableProperty,
  protocol: kEnumerableProperty,
  username: kEnumerableProperty,
  password: kEnumerableProperty,
  host: kEnumerableProperty,
  hostname: kEnumerableProperty,
  port: kEnumerableProperty,
  pathname: kEnumerableProperty,
  search: kEnumerableProperty,
  searchParams: kEnumerableProperty,
  hash: kEnumerableProperty,
  toJSON: kEnumerableProperty,
});

// True also for other implementations' URLs, and never for what url.parse returns.
function isURL(value) {
  return Boolean(value?.href && value.protocol && value.auth === undefined && value.path === undefined);
}

function domainToASCII(domain) {
  if (arguments.length < 1) throw new ERR_MISSING_ARGS('domain');
  return binding.domainToAscii(toText(domain));
}

function domainToUnicode(domain) {
  if (arguments.length < 1) throw new ERR_MISSING_ARGS('domain');
  return binding.domainToUnicode(toText(domain));
}

// Of names that are no hosts of URLs yet: nothing is taken for an IPv4 address. Empty if the name is not valid.
function idnaToASCII(name) {
  return binding.idnaToAscii(name);
}

function idnaToUnicode(name) {
  return binding.idnaToUnicode(name);
}

// The options of http.request for a URL.
function urlToHttpOptions(url) {
  if (typeof url !== 'object' || url === null) throw new ERR_INVALID_ARG_TYPE('url', 'object', url);
  const { hostname, pathname, port, username, password, search } = url;
  const options = {
    __proto__: null,
    ...url,
    protocol: url.protocol,
    hostname: hostname && hostname[0] === '[' ? hostname.slice(1, -1) : hostname,
    hash: url.hash,
    search,
    pathname,
    path: `${pathname || ''}${search || ''}`,
    href: url.href,
  };
  if (port !== '') options.port = Number(port);
  if (username || password) options.auth = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return options;
}

function fileURLToPath(path, options) {
  return getFileUrl().fileURLToPath(path, options);
}

function fileURLToPathBuffer(path, options) {
  return getFileUrl().fileURLToPathBuffer(path, options);
}

function pathToFileURL(path, options) {
  return getFileUrl().pathToFileURL(path, options);
}

// What a function of node:fs makes of its path argument.
function toPathIfFileURL(fileURLOrPath) {
  return isURL(fileURLOrPath) ? fileURLToPath(fileURLOrPath) : fileURLOrPath;
}

module.exports = {
  /** Whether it is a URL of this class. */
  hasContext: isInstance,
  URL,
  URLSearchParams,
  domainToASCII,
  domainToUnicode,
  fileURLToPath,
  fileURLToPathBuffer,
  idnaToASCII,
  idnaToUnicode,
  invalidUrl,
  isURL,
  pathToFileURL,
  toPathIfFileURL,
  urlToHttpOptions,
};
