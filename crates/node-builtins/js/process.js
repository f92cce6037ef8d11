'use strict';
// The process object: who and where the program is, and the names of everything else that
// programs expect on it. What the names do is in internal/process/*, loaded when first used.

const lazy = require('internal/lazy');

function process() {
  // Programs make objects of this kind through process.constructor; they are plain emitters.
  if (new.target === undefined) return undefined;
}
const self = module.exports = Object.create(Object.create(Object.prototype, {
  constructor: { __proto__: null, value: process, writable: true, enumerable: false, configurable: true },
}));
process.prototype = Object.getPrototypeOf(self);

Object.defineProperty(self, Symbol.toStringTag, {
  __proto__: null, value: 'process', writable: true, enumerable: false, configurable: false,
});

const { version, platform, arch } = binding;

function fixed(name, value) {
  Object.defineProperty(self, name, {
    __proto__: null, value, writable: false, enumerable: true, configurable: true,
  });
}

// what is inherited is writable, and has no setter as long as no program runs
function plain(name, value) {
  self[name] = value;
}

function replace(name, value) {
  Object.defineProperty(self, name, {
    __proto__: null, value, writable: true, enumerable: true, configurable: true,
  });
}

/** A property that is made when it is first read. */
function lazily(name, compute, isWritable = true) {
  Object.defineProperty(self, name, {
    __proto__: null,
    get() {
      const value = compute();
      Object.defineProperty(self, name, {
        __proto__: null, value, writable: isWritable, enumerable: true, configurable: true,
      });
      return value;
    },
    set: isWritable ? (value) => replace(name, value) : undefined,
    enumerable: true,
    configurable: true,
  });
}

/**
 * Functions whose code is loaded by their first call, under their names and lengths: as programs that replace or wrap
 * them look at the property first, they are there from the beginning.
 */
function from(id, methods) {
  for (const name in methods) {
    let code;
    const method = {
      [name](...args) {
        code ??= require(id)[name];
        return Reflect.apply(code, this, args);
      },
    }[name];
    if (methods[name] > 0) {
      Object.defineProperty(method, 'length', { __proto__: null, value: methods[name], configurable: true });
    }
    plain(name, method);
  }
}

// First what other builtins read while they load.
fixed('version', `v${version}`);
lazily('versions', () => Object.freeze(versions()), false);
fixed('arch', arch);
fixed('platform', platform);
fixed('release', Object.freeze({ name: 'node' }));

// Only what is true of this runtime; the engine's place is V8's to programs that look for it.
function versions() {
  const { canBeRequiredByUsers } = require('internal/builtins');
  const found = {
    node: version,
    knit: binding.knitVersion,
    modules: '141',
    napi: '10',
    spidermonkey: '153.6.0',
    unicode: '17.0',
    uv: '1.51.0',
    v8: '14.1.146.11-knit',
  };
  if (canBeRequiredByUsers('sqlite')) found.sqlite = '3.52.0';
  if (canBeRequiredByUsers('zlib')) found.zlib = '1.3.1';
  return found;
}

const EventEmitter = require('events');

Object.setPrototypeOf(process.prototype, EventEmitter.prototype);
EventEmitter.call(self);

// Where it came from

const commandLine = lazy(() => {
  const { 0: argv0, 1: executable, 2: script, 3: rest, 4: execArgv } = binding.commandLine();
  // It only ends the options.
  if (execArgv.at(-1) === '--') execArgv.pop();
  return { argv0, executable, script, rest, execArgv };
});

lazily('argv', () => {
  const { executable, script, rest } = commandLine();
  if (script === undefined) return [executable, ...rest];
  // who only watches the program names it as it was given
  const isFile = script !== '-' && !require('internal/options').getOptionValue('--entry-url') &&
    !require('internal/modules/run_main').onlyWatches();
  return [executable, isFile ? require('internal/modules/resolver').absolutePath(script) : script, ...rest];
});
lazily('execArgv', () => commandLine().execArgv);
lazily('execPath', () => commandLine().executable);
lazily('argv0', () => commandLine().argv0, false);
plain('debugPort', 9229);
plain('domain', null);
fixed('pid', binding.pid);
Object.defineProperty(self, 'ppid', {
  __proto__: null, get: () => binding.parentId(), set: undefined, enumerable: true, configurable: true,
});
lazily('env', () => require('internal/process/environment').createEnvironment());

let title;
Object.defineProperty(self, 'title', {
  __proto__: null,
  get: () => title ?? commandLine().argv0,
  set(value) {
    title = `${value}`;
    binding.setTitle(title);
  },
  enumerable: true,
  configurable: true,
});

// Folders and masks

let folder;
plain('cwd', function cwd() {
  folder ??= binding.cwd();
  return folder;
});
plain('chdir', function chdir(directory) {
  require('internal/validators').validateString(directory, 'directory');
  binding.chdir(directory);
  folder = undefined;
});
plain('umask', function umask(mask) {
  return require('internal/process/identity').umask(mask);
});

// Beginning and end

Object.defineProperty(self, 'exitCode', {
  __proto__: null,
  get: () => require('internal/process/exit').getExitCode(),
  set: (code) => require('internal/process/exit').setExitCode(code),
  enumerable: true,
  configurable: false,
});
plain('_exiting', false);
plain('exit', function exit(code) {
  if (arguments.length !== 0) self.exitCode = code;
  // Programs replace it to hear of the end.
  self.reallyExit(require('internal/process/exit').beginExit());
});
from('internal/process/exit', { reallyExit: 0, abort: 0, execve: 1 });
const usage = lazy(() => require('internal/process/usage'));
plain('uptime', function uptime() {
  return usage().uptime();
});
plain('hrtime', function hrtime(time) {
  return usage().hrtime(time);
});
self.hrtime.bigint = function hrtimeBigInt() {
  return usage().hrtimeBigInt();
};
plain('memoryUsage', function memoryUsage() {
  return usage().memoryUsage();
});
self.memoryUsage.rss = function rss() {
  return usage().residentMemory();
};
from('internal/process/usage', {
  cpuUsage: 1, threadCpuUsage: 1, resourceUsage: 0, constrainedMemory: 0, availableMemory: 0, getActiveResourcesInfo: 0,
  _getActiveRequests: 0,
});
lazily('finalization', () => require('internal/process/finalization').finalization);
from('internal/process/uncaught', {
  setUncaughtExceptionCaptureCallback: 1, hasUncaughtExceptionCaptureCallback: 0,
  addUncaughtExceptionCaptureCallback: 1, _fatalException: 2,
});
Object.defineProperty(self, 'report', {
  __proto__: null,
  get: lazy(() => require('internal/process/report').report),
  set: undefined,
  enumerable: true,
  configurable: true,
});

// Users, groups and signals

if (platform !== 'win32') {
  from('internal/process/identity', {
    getuid: 0, geteuid: 0, getgid: 0, getegid: 0, getgroups: 0, initgroups: 2, setgroups: 1, setegid: 1, seteuid: 1,
    setgid: 1, setuid: 1,
  });
}
from('internal/process/signals', { kill: 2, _kill: 0 });

// Signals are watched as long as somebody listens to them. Only names of signals begin with SIG: nothing is loaded for
// any other event.
const getSignals = lazy(() => require('internal/process/signals'));
self.on('newListener', function startListeningIfSignal(type) {
  if (typeof type === 'string' && type.startsWith('SIG')) getSignals().start(type);
});
self.on('removeListener', function stopListeningIfSignal(type) {
  if (typeof type === 'string' && type.startsWith('SIG') && self.listenerCount(type) === 0) getSignals().stop(type);
});

// Ticks and warnings

lazily('nextTick', () => require('internal/task_queues').nextTick);
plain('_tickCallback', function runNextTicks() {
  require('internal/task_queues').runNextTicks();
});
from('internal/process/warning', { emitWarning: 4 });
plain('_rawDebug', function _rawDebug(...args) {
  binding.writeRaw(`${Reflect.apply(require('internal/util/inspect').format, undefined, args)}\n`);
});

// Standard streams

for (const name of ['stdout', 'stderr', 'stdin']) {
  let stream;
  Object.defineProperty(self, name, {
    __proto__: null,
    get() {
      stream ??= require('internal/process/stdio').open(name);
      return stream;
    },
    set: undefined,
    enumerable: true,
    configurable: true,
  });
}
plain('openStdin', function openStdin() {
  self.stdin.resume();
  return self.stdin;
});

// What this runtime is able to do

lazily('config', () => require('internal/process/description').config(), false);
Object.defineProperty(self, 'features', {
  __proto__: null,
  get: lazy(() => require('internal/process/description').features()),
  set: undefined,
  enumerable: true,
  configurable: false,
});
lazily('_preload_modules', () => require('internal/options').getOptionValue('--require'), false);
lazily('allowedNodeEnvironmentFlags', () => require('internal/process/description').allowedFlags());
from('internal/process/loading', {
  binding: 1, _linkedBinding: 1, dlopen: 0, getBuiltinModule: 1, loadEnvFile: 0, setSourceMapsEnabled: 1,
});
Object.defineProperty(self, 'sourceMapsEnabled', {
  __proto__: null,
  get: () => require('internal/modules/source_map_cache').isEnabled(),
  set: undefined,
  enumerable: true,
  configurable: true,
});
Object.defineProperty(self, 'moduleLoadList', {
  __proto__: null,
  get: () => require('internal/builtins').loadedIds().map((id) => `NativeModule ${id}`),
  set: undefined,
  enumerable: true,
  configurable: true,
});
plain('ref', function ref(handle) {
  callIfThere(handle, Symbol.for('nodejs.ref'), 'ref');
});
plain('unref', function unref(handle) {
  callIfThere(handle, Symbol.for('nodejs.unref'), 'unref');
});

function callIfThere(handle, symbol, name) {
  const method = handle?.[symbol] ?? handle?.[name];
  if (typeof method === 'function') Reflect.apply(method, handle, []);
}

// What the command line says about warnings
const { getOptionValue } = require('internal/options');
if (!getOptionValue('--deprecation')) self.noDeprecation = true;
if (getOptionValue('--throw-deprecation')) self.throwDeprecation = true;
if (getOptionValue('--trace-deprecation')) self.traceDeprecation = true;
if (getOptionValue('--trace-warnings')) self.traceProcessWarnings = true;
