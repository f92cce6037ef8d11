'use strict';
// os: what the system tells of itself, its processors, memory, networks and users.

const process = require('process');
const { codes: { ERR_SYSTEM_ERROR } } = require('internal/errors');
const { validateInt32 } = require('internal/validators');
const lazy = require('internal/lazy');

const getBuffer = lazy(() => require('buffer').Buffer);
const getConstants = lazy(() => require('internal/os_constants'));
const uname = lazy(() => binding.uname());

const isWindows = process.platform === 'win32';

// The errors of this module are of one kind, with what the system said beneath.
function asSystemError(error, thrower) {
  const message = /^[^:]*: (.*), [^,]*$/.exec(error.message)?.[1] ?? error.message;
  const { code, errno, syscall } = error;
  const wrapped = new ERR_SYSTEM_ERROR({ errno, code, message, syscall });
  Error.captureStackTrace(wrapped, thrower);
  return wrapped;
}

function type() {
  return uname()[0];
}

function hostname() {
  // It may change while a program runs.
  return binding.uname()[1];
}

function release() {
  return uname()[2];
}

function version() {
  return uname()[3];
}

function machine() {
  return uname()[4];
}

function arch() {
  return process.arch;
}

function platform() {
  return process.platform;
}

function endianness() {
  return new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? 'LE' : 'BE';
}

function availableParallelism() {
  return binding.availableParallelism();
}

function cpus() {
  return binding.cpus().map(([model, speed, times]) => {
    const [user, nice, sys, idle, irq] = times;
    return { model, speed, times: { user, nice, sys, idle, irq } };
  });
}

function loadavg() {
  return [...binding.loadAverages()];
}

function uptime() {
  return binding.uptime();
}

function freemem() {
  return binding.memory()[1];
}

function totalmem() {
  return binding.memory()[0];
}

function homedir() {
  const home = process.env[isWindows ? 'USERPROFILE' : 'HOME'];
  if (home !== undefined && home !== '') return home;
  try {
    return toBuffer(binding.userInfo()[3]).toString();
  } catch (error) {
    throw asSystemError(error, homedir);
  }
}

function toBuffer(bytes) {
  return getBuffer().from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function withoutTrailingSlash(path) {
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
}

function tmpdir() {
  const { env } = process;
  return withoutTrailingSlash(env.TMPDIR || env.TMP || env.TEMP || '/tmp');
}

function userInfo(options) {
  if (typeof options !== 'object') options = null;
  const encoding = options?.encoding;
  let found;
  try {
    found = binding.userInfo();
  } catch (error) {
    throw asSystemError(error, userInfo);
  }
  const [uid, gid, ...texts] = found;
  const [username, homedir, shell] = texts.map((bytes) => {
    const buffer = toBuffer(bytes);
    return encoding === 'buffer' ? buffer : buffer.toString(getBuffer().isEncoding(encoding) ? encoding : 'utf8');
  });
  return { __proto__: null, uid, gid, username, homedir, shell };
}

function getPriority(pid) {
  if (pid === undefined) pid = 0;
  else validateInt32(pid, 'pid');
  try {
    return binding.getPriority(pid);
  } catch (error) {
    throw asSystemError(error, getPriority);
  }
}

function setPriority(pid, priority) {
  if (priority === undefined) {
    priority = pid;
    pid = 0;
  }
  validateInt32(pid, 'pid');
  validateInt32(priority, 'priority', -20, 19);
  try {
    binding.setPriority(pid, priority);
  } catch (error) {
    throw asSystemError(error, setPriority);
  }
}

// How many leading bits of a mask are set: of '255.0.0.0' 8. None if others are set, too.
function prefixLength(netmask, family) {
  const isIPv6 = family === 'IPv6';
  const groups = isIPv6 ? expandIPv6(netmask) : netmask.split('.').map(Number);
  const width = isIPv6 ? 16 : 8;
  const bits = groups.map((group) => group.toString(2).padStart(width, '0')).join('');
  return /^1*0*$/.test(bits) ? bits.lastIndexOf('1') + 1 : undefined;
}

function expandIPv6(address) {
  const [head, tail] = address.split('::').map((part) => (part === '' ? [] : part.split(':')));
  const zeros = tail === undefined ? 0 : 8 - head.length - tail.length;
  return [...head, ...new Array(zeros).fill('0'), ...(tail ?? [])].map((group) => parseInt(group, 16));
}

function networkInterfaces() {
  let found;
  try {
    found = binding.networkInterfaces();
  } catch (error) {
    throw asSystemError(error, networkInterfaces);
  }
  const interfaces = {};
  for (const [name, address, netmask, mac, internal, scopeid] of found) {
    const family = address.includes(':') ? 'IPv6' : 'IPv4';
    const prefix = prefixLength(netmask, family);
    const cidr = prefix === undefined ? null : `${address}/${prefix}`;
    const entry = { address, netmask, family, mac, internal, cidr };
    if (family === 'IPv6') entry.scopeid = scopeid;
    (interfaces[name] ??= []).push(entry);
  }
  return interfaces;
}

module.exports = {
  arch,
  availableParallelism,
  cpus,
  endianness,
  freemem,
  getPriority,
  homedir,
  hostname,
  loadavg,
  networkInterfaces,
  platform,
  release,
  setPriority,
  tmpdir,
  totalmem,
  type,
  userInfo,
  uptime,
  version,
  machine,
};

// Functions without arguments stand for their value in templates and sums.
for (const value of [arch, availableParallelism, endianness, freemem, homedir, hostname, platform, release, tmpdir,
                     totalmem, type, uptime, version, machine]) {
  value[Symbol.toPrimitive] = () => value();
}

Object.defineProperties(module.exports, {
  constants: {
    configurable: false,
    enumerable: true,
    get: getConstants,
  },
  EOL: {
    configurable: true,
    enumerable: true,
    writable: false,
    value: isWindows ? '\r\n' : '\n',
  },
  devNull: {
    configurable: true,
    enumerable: true,
    writable: false,
    value: isWindows ? '\\\\.\\nul' : '/dev/null',
  },
});
