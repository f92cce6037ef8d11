'use strict';
// node:url: the WHATWG classes' exports, and the legacy API (url.parse, url.format, url.resolve), whose results are
// fixed by what programs have come to expect of them rather than by any standard.

const { ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE } = require('internal/errors').codes;
const { validateObject, validateString } = require('internal/validators');
const { escapeString } = require('internal/querystring');
const {
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
  urlToHttpOptions,
} = require('internal/url');
const lazy = require('internal/lazy');

const getQuerystring = lazy(() => require('querystring'));
const getUtil = lazy(() => require('internal/util'));
const getResolve = lazy(() => require('internal/legacy_url_resolve').resolve);

function Url() {
  this.protocol = null;
  this.slashes = null;
  this.auth = null;
  this.host = null;
  this.port = null;
  this.hostname = null;
  this.hash = null;
  this.search = null;
  this.query = null;
  this.pathname = null;
  this.path = null;
  this.href = null;
}

// Neither escaped nor given a host.
function isHostless(protocol) {
  return protocol === 'javascript' || protocol === 'javascript:';
}

const SLASHED = /^(?:https?|ftp|gopher|file|wss?):?$/;

// Always followed by two slashes.
function isSlashed(protocol) {
  return typeof protocol === 'string' && SLASHED.test(protocol);
}

// ---- Parsing

let warned = false;

function urlParse(url, parseQueryString, slashesDenoteHost) {
  if (!warned && !getUtil().isInsideNodeModules()) {
    warned = true;
    require('process').emitWarning(
      '`url.parse()` behavior is not standardized and prone to errors that have security implications. ' +
      'Use the WHATWG URL API instead. CVEs are not issued for `url.parse()` vulnerabilities.',
      'DeprecationWarning', 'DEP0169');
  }
  if (url instanceof Url) return url;
  const parsed = new Url();
  parsed.parse(url, parseQueryString, slashesDenoteHost);
  return parsed;
}

const WHITE_AROUND = /^[\0- \u00a0\ufeff]+|[\0- \u00a0\ufeff]+$/g;
const PROTOCOL = /^[a-z0-9.+-]+:/i;
const PORT = /:[0-9]*$/;
const CREDENTIALS = /^\/\/[^@/]+@[^@/]+/;
const PATH_ONLY = /^(\/\/?(?!\/)[^?\s]*)(\?[^\s]*)?$/;
const NEVER_IN_HOST = /[\0\t\n\r #%/:<>?@[\\\]^|]/;
const NEVER_IN_IPV6_HOST = /[\0\t\n\r #%/<>?@\\^|]/;
const MAX_HOSTNAME = 255;

// Browsers take backslashes for slashes, up to the query.
function normalizeSlashes(text) {
  if (!text.includes('\\')) return text;
  const end = text.search(/[?#]/);
  return end === -1 ? text.replaceAll('\\', '/') : text.slice(0, end).replaceAll('\\', '/') + text.slice(end);
}

Url.prototype.parse = function(url, parseQueryString, slashesDenoteHost) {
  validateString(url, 'url');
  let rest = normalizeSlashes(url.replace(WHITE_AROUND, ''));

  if (!slashesDenoteHost && !/^[^?]*@|#/.test(rest)) {
    const simple = PATH_ONLY.exec(rest);
    if (simple !== null) {
      this.path = rest;
      this.href = rest;
      this.pathname = simple[1];
      if (simple[2]) {
        this.search = simple[2];
        this.query = parseQueryString ? getQuerystring().parse(this.search.slice(1)) : this.search.slice(1);
      } else if (parseQueryString) {
        this.search = null;
        this.query = { __proto__: null };
      }
      return this;
    }
  }

  const protocol = PROTOCOL.exec(rest)?.[0];
  if (protocol !== undefined) {
    rest = rest.slice(protocol.length);
    this.protocol = protocol.toLowerCase();
  }
  const hostless = isHostless(this.protocol);
  let slashes = false;
  if (slashesDenoteHost || protocol !== undefined || CREDENTIALS.test(rest)) {
    slashes = rest.startsWith('//');
    if (slashes && !hostless) {
      rest = rest.slice(2);
      this.slashes = true;
    }
  }
  // as written: only in lower case do these protocols need their slashes
  if (!hostless && (slashes || (protocol !== undefined && !isSlashed(protocol)))) {
    rest = parseAuthority(this, rest, url);
  }

  if (!hostless) rest = escapeUnwise(rest);
  parsePath(this, rest, parseQueryString);
  if (isSlashed(this.protocol) && this.hostname && !this.pathname) this.pathname = '/';

  if (this.pathname || this.search) this.path = (this.pathname || '') + (this.search || '');
  this.href = this.format();
  return this;
};

// Takes credentials and host off the beginning of `rest`; returns the rest.
function parseAuthority(target, rest, url) {
  let at = -1;
  let hostEnd = -1;
  scan: for (let i = 0; i < rest.length; i++) {
    switch (rest[i]) {
      case '\t':
      case '\n':
      case '\r':
        // dropped, as WHATWG URLs do
        rest = rest.slice(0, i) + rest.slice(i + 1);
        i--;
        break;
      case ' ':
      case '"':
      case '%':
      case "'":
      case ';':
      case '<':
      case '>':
      case '\\':
      case '^':
      case '`':
      case '{':
      case '|':
      case '}':
        // never allowed in a host name, but perhaps in credentials
        if (hostEnd === -1) hostEnd = i;
        break;
      case '#':
      case '/':
      case '?':
        if (hostEnd === -1) hostEnd = i;
        break scan;
      case '@':
        // the last one counts
        at = i;
        hostEnd = -1;
        break;
    }
  }
  if (at !== -1) target.auth = decodeURIComponent(rest.slice(0, at));
  if (hostEnd === -1) hostEnd = rest.length;
  target.host = rest.slice(at + 1, hostEnd);
  rest = rest.slice(hostEnd);

  target.parseHost();
  if (typeof target.hostname !== 'string') target.hostname = '';
  const ipv6 = isIpv6Hostname(target.hostname);
  if (!ipv6) rest = cutHostname(target, rest, url);

  const hostname = target.hostname.length > MAX_HOSTNAME ? '' : target.hostname.toLowerCase();
  target.hostname = hostname;
  if (hostname !== '') {
    if (ipv6) {
      if (NEVER_IN_IPV6_HOST.test(hostname)) throw invalidUrl(url);
    } else {
      target.hostname = toASCII(hostname);
      // Forbidden characters that were not there before are spoofing: an error, not a path.
      if (target.hostname === '' || NEVER_IN_HOST.test(target.hostname)) throw invalidUrl(url);
    }
  }
  target.host = target.hostname + (target.port ? `:${target.port}` : '');
  if (ipv6) {
    target.hostname = target.hostname.slice(1, -1);
    if (rest[0] !== '/') rest = `/${rest}`;
  }
  return rest;
}

Url.prototype.parseHost = function() {
  let { host } = this;
  const port = PORT.exec(host)?.[0];
  if (port !== undefined) {
    if (port !== ':') this.port = port.slice(1);
    host = host.slice(0, host.length - port.length);
  }
  if (host) this.hostname = host;
};

function isIpv6Hostname(hostname) {
  return hostname[0] === '[' && hostname.at(-1) === ']';
}

// What follows a character that no host name has becomes part of the path.
function cutHostname(target, rest, url) {
  const { hostname } = target;
  const end = hostname.search(/[/\\#?:]/);
  if (end === -1) return rest;
  if (hostname[end] === ':') throw new ERR_INVALID_ARG_VALUE('url', 'Invalid port in url', url);
  target.hostname = hostname.slice(0, end);
  return `/${hostname.slice(end)}${rest}`;
}

function toASCII(hostname) {
  return /^[\0-\x7f]*$/.test(hostname) && !hostname.includes('xn--') ? hostname : idnaToASCII(hostname);
}

const unwise = /[\t\n\r "'<>\\^`{|}]/g;

function escapeUnwise(text) {
  return text.replace(unwise, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);
}

function parsePath(target, rest, parseQueryString) {
  const hash = rest.indexOf('#');
  if (hash !== -1) {
    target.hash = rest.slice(hash);
    rest = rest.slice(0, hash);
  }
  const question = rest.indexOf('?');
  if (question !== -1) {
    target.search = rest.slice(question);
    target.query = rest.slice(question + 1);
    if (parseQueryString) target.query = getQuerystring().parse(target.query);
    rest = rest.slice(0, question);
  } else if (parseQueryString) {
    target.search = null;
    target.query = { __proto__: null };
  }
  if (rest.length > 0) target.pathname = rest;
}

// ---- Formatting

function urlFormat(urlObject, options) {
  if (typeof urlObject === 'string') {
    urlObject = urlParse(urlObject);
  } else if (typeof urlObject !== 'object' || urlObject === null) {
    throw new ERR_INVALID_ARG_TYPE('urlObject', ['Object', 'string'], urlObject);
  } else if (isURL(urlObject)) {
    return formatWhatwg(urlObject, options);
  }
  return Url.prototype.format.call(urlObject);
}

function formatWhatwg(urlObject, options) {
  if (options) validateObject(options, 'options');
  const { fragment, unicode, search, auth } = options ?? {};
  const url = new URL(urlObject.href);
  const { href, protocol, hostname } = url;
  // In a normalised URL these characters stand for nothing else.
  const hash = href.indexOf('#') === -1 ? href.length : href.indexOf('#');
  const query = href.lastIndexOf('?', hash) === -1 ? hash : Math.min(hash, href.indexOf('?'));
  let text = href.slice(protocol.length, query);
  let start = protocol;
  if (text.startsWith('//')) {
    start += '//';
    text = text.slice(2);
    if (url.username || url.password) {
      const end = text.indexOf('@') + 1;
      if (!isOff(auth)) start += text.slice(0, end);
      text = text.slice(end);
    }
    if (isOn(unicode) && hostname !== '') text = idnaToUnicode(hostname) + text.slice(hostname.length);
  }
  return start + text + (isOff(search) ? '' : href.slice(query, hash)) + (isOff(fragment) ? '' : href.slice(hash));
}

function isOn(option) {
  return option !== undefined && option !== null && Boolean(option);
}

function isOff(option) {
  return option !== undefined && option !== null && !option;
}

Url.prototype.format = function format() {
  let { protocol, pathname, hash } = this;
  protocol ||= '';
  pathname ||= '';
  hash ||= '';
  const auth = this.auth ? `${escapeString(this.auth).replace(/%3A/gi, ':')}@` : '';
  let host = '';
  if (this.host) {
    host = auth + this.host;
  } else if (this.hostname) {
    const { hostname } = this;
    host = auth + (hostname.includes(':') && !isIpv6Hostname(hostname) ? `[${hostname}]` : hostname);
    if (this.port) host += `:${this.port}`;
  }
  const query = this.query !== null && typeof this.query === 'object' ? getQuerystring().stringify(this.query) : '';
  let search = this.search || (query && `?${query}`) || '';

  if (protocol && !protocol.endsWith(':')) protocol += ':';
  pathname = pathname.replace(/[#?]/g, (char) => (char === '#' ? '%23' : '%3F'));
  if (this.slashes || isSlashed(protocol)) {
    if (this.slashes || host) {
      if (pathname && pathname[0] !== '/') pathname = `/${pathname}`;
      host = `//${host}`;
    } else if (protocol.startsWith('file')) {
      host = '//';
    }
  }
  search = search.replaceAll('#', '%23');
  if (hash && hash[0] !== '#') hash = `#${hash}`;
  if (search && search[0] !== '?') search = `?${search}`;
  return protocol + host + pathname + search + hash;
};

// ---- Resolving

function urlResolve(source, relative) {
  return urlParse(source, false, true).resolve(relative);
}

Url.prototype.resolve = function resolve(relative) {
  return this.resolveObject(urlParse(relative, false, true)).format();
};

function urlResolveObject(source, relative) {
  return source ? urlParse(source, false, true).resolveObject(relative) : relative;
}

Url.prototype.resolveObject = function resolveObject(relative) {
  if (typeof relative === 'string') {
    const parsed = new Url();
    parsed.parse(relative, false, true);
    relative = parsed;
  }
  const result = Object.assign(new Url(), this);
  getResolve()(result, relative, { isHostless, isSlashed });
  result.href = result.format();
  return result;
};

module.exports = {
  Url,
  parse: urlParse,
  resolve: urlResolve,
  resolveObject: urlResolveObject,
  format: urlFormat,
  URL,
  URLSearchParams,
  domainToASCII,
  domainToUnicode,
  pathToFileURL,
  fileURLToPath,
  fileURLToPathBuffer,
  urlToHttpOptions,
};

Object.defineProperty(module.exports, 'URLPattern', {
  __proto__: null, configurable: true, enumerable: true, get() { return require('internal/urlpattern').URLPattern; },
});
