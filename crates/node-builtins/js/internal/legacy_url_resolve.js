'use strict';
// How a legacy URL resolves against another (url.resolve). Follows browsers of 2011, quirks included:
// protocols that take no slashes keep their host in the path, and paths may climb up to it.

// Turns `result`, a copy of the base, into what `relative` means there; `href` is the caller's.
module.exports.resolve = function resolve(result, relative, { isHostless, isSlashed }) {
  result.hash = relative.hash;
  if (relative.href === '') return;

  if (relative.slashes && !relative.protocol) {
    Object.assign(result, relative, { protocol: result.protocol });
    if (isSlashed(result.protocol) && result.hostname && !result.pathname) result.path = result.pathname = '/';
    return;
  }
  if (relative.protocol && relative.protocol !== result.protocol) {
    resolveOtherProtocol(result, relative, isHostless, isSlashed);
    return;
  }
  resolveSameProtocol(result, relative, isSlashed);
};

function setPath(result) {
  result.path = (result.pathname || '') + (result.search || '');
}

function resolveOtherProtocol(result, relative, isHostless, isSlashed) {
  if (!isSlashed(relative.protocol)) {
    Object.assign(result, relative);
    return;
  }
  result.protocol = relative.protocol;
  if (relative.host || /^file:?$/.test(relative.protocol) || isHostless(relative.protocol)) {
    result.pathname = relative.pathname;
  } else {
    // There must be a host: the first part of the path that is not empty.
    const parts = (relative.pathname || '').split('/');
    let host = '';
    while (parts.length > 0 && !host) host = parts.shift();
    relative.host = host || '';
    relative.hostname ||= '';
    if (parts[0] !== '') parts.unshift('');
    if (parts.length < 2) parts.unshift('');
    result.pathname = parts.join('/');
  }
  result.search = relative.search;
  result.query = relative.query;
  result.host = relative.host || '';
  result.auth = relative.auth;
  result.hostname = relative.hostname || relative.host;
  result.port = relative.port;
  if (result.pathname || result.search) setPath(result);
  result.slashes ||= relative.slashes;
}

// Puts a host in front of the parts, in place of an empty first one.
function prepend(parts, host) {
  if (parts[0] === '') parts[0] = host;
  else parts.unshift(host);
}

// The host back from the path; credentials may stick to it.
function restoreHost(result, host) {
  result.hostname = result.host = host;
  const [auth, rest] = result.host && result.host.indexOf('@') > 0 ? result.host.split('@') : [];
  if (rest !== undefined) {
    result.auth = auth;
    result.host = result.hostname = rest;
  }
}

function resolveSameProtocol(result, relative, isSlashed) {
  const baseIsAbsolute = result.pathname && result.pathname[0] === '/';
  const isAbsolute = relative.host || (relative.pathname && relative.pathname[0] === '/');
  let mustEndAbsolute = isAbsolute || baseIsAbsolute || (result.host && relative.pathname);
  const removeAllDots = mustEndAbsolute;
  let parts = (result.pathname && result.pathname.split('/')) || [];
  const relativeParts = (relative.pathname && relative.pathname.split('/')) || [];
  const hostInPath = result.protocol && !isSlashed(result.protocol);

  if (hostInPath) {
    result.hostname = '';
    result.port = null;
    if (result.host) prepend(parts, result.host);
    result.host = '';
    if (relative.protocol) {
      relative.hostname = null;
      relative.port = null;
      result.auth = null;
      if (relative.host) prepend(relativeParts, relative.host);
      relative.host = null;
    }
    mustEndAbsolute &&= relativeParts[0] === '' || parts[0] === '';
  }

  if (isAbsolute) {
    if (relative.host || relative.host === '') {
      if (result.host !== relative.host) result.auth = null;
      result.host = relative.host;
      result.port = relative.port;
    }
    if (relative.hostname || relative.hostname === '') {
      if (result.hostname !== relative.hostname) result.auth = null;
      result.hostname = relative.hostname;
    }
    result.search = relative.search;
    result.query = relative.query;
    parts = relativeParts;
  } else if (relativeParts.length > 0) {
    parts.pop();
    parts = parts.concat(relativeParts);
    result.search = relative.search;
    result.query = relative.query;
  } else if (relative.search !== null && relative.search !== undefined) {
    if (hostInPath) restoreHost(result, parts.shift());
    result.search = relative.search;
    result.query = relative.query;
    if (result.pathname !== null || result.search !== null) setPath(result);
    return;
  }

  if (parts.length === 0) {
    result.pathname = null;
    result.path = result.search ? `/${result.search}` : null;
    return;
  }
  finishPath(result, relative, parts, { mustEndAbsolute, removeAllDots, hostInPath });
}

// Resolves the dots; those above the root are kept where the path may climb.
function removeDots(parts, keepAbove) {
  let up = 0;
  for (let i = parts.length - 1; i >= 0; i--) {
    if (parts[i] === '.') {
      parts.splice(i, 1);
    } else if (parts[i] === '..') {
      parts.splice(i, 1);
      up++;
    } else if (up > 0) {
      parts.splice(i, 1);
      up--;
    }
  }
  if (keepAbove) while (up-- > 0) parts.unshift('..');
}

function finishPath(result, relative, parts, { mustEndAbsolute, removeAllDots, hostInPath }) {
  const last = parts.at(-1);
  const endsInDots = (result.host || relative.host || parts.length > 1) && (last === '.' || last === '..');
  const slashAtEnd = endsInDots || last === '';

  removeDots(parts, !mustEndAbsolute && !removeAllDots);
  if (mustEndAbsolute && parts[0] !== '' && (!parts[0] || parts[0][0] !== '/')) parts.unshift('');
  if (slashAtEnd && parts.join('/').at(-1) !== '/') parts.push('');

  const isAbsolute = parts[0] === '' || (parts[0] && parts[0][0] === '/');
  if (hostInPath) restoreHost(result, isAbsolute ? '' : parts.length > 0 ? parts.shift() : '');
  mustEndAbsolute ||= result.host && parts.length > 0;
  if (mustEndAbsolute && !isAbsolute) parts.unshift('');

  if (parts.length === 0) {
    result.pathname = null;
    result.path = null;
  } else {
    result.pathname = parts.join('/');
  }
  if (result.pathname !== null || result.search !== null) setPath(result);
  result.auth = relative.auth || result.auth;
  result.slashes ||= relative.slashes;
}
