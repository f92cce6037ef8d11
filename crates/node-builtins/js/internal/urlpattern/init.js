'use strict';
// What a pattern's or an input's components are made into before they are compiled or matched
// (URL Pattern Standard, sections 1.6 and 3): inheritance from a base URL, and canonical forms.

const { URL, domainToASCII } = require('internal/url');
const { escapePattern } = require('internal/urlpattern/component');

const defaultPorts = { __proto__: null, http: '80', https: '443', ws: '80', wss: '443', ftp: '21', file: '' };

function isSpecial(protocol) {
  return defaultPorts[protocol] !== undefined;
}

function invalid(what) {
  return new TypeError(`Invalid ${what} in URL pattern`);
}

// ---- Canonical forms. The setters of dummy URLs run the URL parser's states.

function canonicalProtocol(value) {
  if (value === '') return value;
  const url = URL.parse(`${value}://dummy.test`);
  if (url === null) throw invalid('protocol');
  return url.protocol.slice(0, -1);
}

function canonicalUsername(value) {
  const url = new URL('https://dummy.test');
  url.username = value;
  return url.username;
}

function canonicalPassword(value) {
  const url = new URL('https://dummy.test');
  url.password = value;
  return url.password;
}

function canonicalHostname(value) {
  if (value === '') return value;
  const host = domainToASCII(value);
  if (host === '') throw invalid('hostname');
  return host;
}

function canonicalIpv6Hostname(value) {
  if (!/^[0-9a-fA-F[\]:]*$/.test(value)) throw invalid('hostname');
  return value.toLowerCase();
}

function canonicalPort(value, protocol) {
  if (value === '') return value;
  const digits = /^[0-9]+/.exec(value.replace(/[\t\n\r]/g, ''))?.[0];
  if (digits === undefined || Number(digits) > 65535) throw invalid('port');
  const port = `${Number(digits)}`;
  return defaultPorts[protocol] === port ? '' : port;
}

function canonicalPathname(value) {
  if (value === '') return value;
  const url = new URL('fake://dummy.test');
  if (value[0] === '/') {
    url.pathname = value;
    return url.pathname;
  }
  // so that no slash is put in front
  url.pathname = `/-${value}`;
  return url.pathname.slice(2);
}

function canonicalOpaquePathname(value) {
  return value.replace(/[\t\n\r]/g, '').toWellFormed().replace(/[^\x20-\x7e]+/g, (run) => encodeURIComponent(run));
}

function canonicalSearch(value) {
  if (value === '') return value;
  const url = new URL('fake://dummy.test');
  url.search = `?${value}`;
  return url.search.slice(1);
}

function canonicalHash(value) {
  if (value === '') return value;
  const url = new URL('fake://dummy.test');
  url.hash = `#${value}`;
  return url.hash.slice(1);
}

// ---- Processing an init. `isPattern` tells patterns, whose values stay as they are, from URLs' values.

function isAbsolutePathname(value, isPattern) {
  return value[0] === '/' || (isPattern && (value.startsWith('\\/') || value.startsWith('{/')));
}

function inheritFromBase(result, init, isPattern) {
  const base = URL.parse(init.baseURL);
  if (base === null) throw invalid('base URL');
  const take = (value) => (isPattern ? escapePattern(value) : value);
  // whether `init` says nothing of these components
  const none = (...names) => names.every((name) => init[name] === undefined);

  if (none('protocol')) result.protocol = take(base.protocol.slice(0, -1));
  if (!isPattern && none('protocol', 'hostname', 'port', 'username')) result.username = base.username;
  if (!isPattern && none('protocol', 'hostname', 'port', 'username', 'password')) result.password = base.password;
  if (none('protocol', 'hostname')) result.hostname = take(base.hostname);
  if (none('protocol', 'hostname', 'port')) result.port = base.port;
  if (none('protocol', 'hostname', 'port', 'pathname')) result.pathname = take(base.pathname);
  if (none('protocol', 'hostname', 'port', 'pathname', 'search')) result.search = take(base.search.slice(1));
  if (none('protocol', 'hostname', 'port', 'pathname', 'search', 'hash')) result.hash = take(base.hash.slice(1));
  return base;
}

function resolvePathname(pathname, base, isPattern) {
  const opaque = base.host === '' && base.pathname[0] !== '/';
  if (opaque || isAbsolutePathname(pathname, isPattern)) return pathname;
  const basePath = isPattern ? escapePattern(base.pathname) : base.pathname;
  const slash = basePath.lastIndexOf('/');
  return slash === -1 ? pathname : basePath.slice(0, slash + 1) + pathname;
}

function processInit(init, isPattern, result) {
  const base = init.baseURL === undefined ? undefined : inheritFromBase(result, init, isPattern);
  const form = (canonical, value, protocol) => (isPattern ? value : canonical(value, protocol));

  if (init.protocol !== undefined) result.protocol = form(canonicalProtocol, init.protocol.replace(/:$/, ''));
  if (init.username !== undefined) result.username = form(canonicalUsername, init.username);
  if (init.password !== undefined) result.password = form(canonicalPassword, init.password);
  if (init.hostname !== undefined) result.hostname = form(canonicalHostname, init.hostname);
  const protocol = result.protocol ?? '';
  if (init.port !== undefined) result.port = form(canonicalPort, init.port, protocol);
  if (init.pathname !== undefined) {
    const pathname = base === undefined ? init.pathname : resolvePathname(init.pathname, base, isPattern);
    const canonical = protocol === '' || isSpecial(protocol) ? canonicalPathname : canonicalOpaquePathname;
    result.pathname = form(canonical, pathname);
  }
  if (init.search !== undefined) result.search = form(canonicalSearch, init.search.replace(/^\?/, ''));
  if (init.hash !== undefined) result.hash = form(canonicalHash, init.hash.replace(/^#/, ''));
  return result;
}

module.exports = {
  canonicalHash,
  canonicalHostname,
  canonicalIpv6Hostname,
  canonicalOpaquePathname,
  canonicalPassword,
  canonicalPathname,
  canonicalPort,
  canonicalProtocol,
  canonicalSearch,
  canonicalUsername,
  defaultPorts,
  isSpecial,
  processInit,
};
