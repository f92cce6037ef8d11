'use strict';
// The part of node:net that needs no socket: what an address is, and the defaults of connecting.
// Sockets and servers are absent; asking for one says so.

const {
  codes: { ERR_FEATURE_UNAVAILABLE_ON_PLATFORM },
} = require('internal/errors');
const { validateBoolean, validateInt32 } = require('internal/validators');

const octet = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const v4 = `(?:${octet}\\.){3}${octet}`;
const group = '[0-9a-fA-F]{1,4}';
const v6 = [
  `(?:${group}:){7}(?:${group}|:)`,
  `(?:${group}:){6}(?:${v4}|:${group}|:)`,
  `(?:${group}:){5}(?::${v4}|(?::${group}){1,2}|:)`,
  `(?:${group}:){4}(?:(?::${group}){0,1}:${v4}|(?::${group}){1,3}|:)`,
  `(?:${group}:){3}(?:(?::${group}){0,2}:${v4}|(?::${group}){1,4}|:)`,
  `(?:${group}:){2}(?:(?::${group}){0,3}:${v4}|(?::${group}){1,5}|:)`,
  `(?:${group}:){1}(?:(?::${group}){0,4}:${v4}|(?::${group}){1,6}|:)`,
  `(?::(?:(?::${group}){0,5}:${v4}|(?::${group}){1,7}|:))`,
].join('|');

let patterns;
function patternsOnce() {
  patterns ??= { v4: new RegExp(`^${v4}$`), v6: new RegExp(`^(?:${v6})(?:%[0-9a-zA-Z-.:]{1,})?$`) };
  return patterns;
}

const isIPv4 = (input) => patternsOnce().v4.test(`${input}`);
const isIPv6 = (input) => patternsOnce().v6.test(`${input}`);

function isIP(input) {
  if (isIPv4(input)) return 4;
  return isIPv6(input) ? 6 : 0;
}

let autoSelectFamily = true;
let attemptTimeout = 250;

const getDefaultAutoSelectFamily = () => autoSelectFamily;
function setDefaultAutoSelectFamily(value) {
  validateBoolean(value, 'value');
  autoSelectFamily = value;
}

const getDefaultAutoSelectFamilyAttemptTimeout = () => attemptTimeout;
function setDefaultAutoSelectFamilyAttemptTimeout(value) {
  validateInt32(value, 'value', 1);
  attemptTimeout = Math.max(value, 10);
}

const absent = (name) => ({
  [name]: function() {
    throw new ERR_FEATURE_UNAVAILABLE_ON_PLATFORM(`net.${name}`);
  },
})[name];

module.exports = {
  connect: absent('connect'),
  createConnection: absent('createConnection'),
  createServer: absent('createServer'),
  getDefaultAutoSelectFamily,
  getDefaultAutoSelectFamilyAttemptTimeout,
  isIP,
  isIPv4,
  isIPv6,
  Server: absent('Server'),
  setDefaultAutoSelectFamily,
  setDefaultAutoSelectFamilyAttemptTimeout,
  Socket: absent('Socket'),
  Stream: absent('Socket'),
};
