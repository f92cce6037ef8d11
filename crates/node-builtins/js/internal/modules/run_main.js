'use strict';

// How a program begins: what the command line and the environment change about the process (warnings, variables from
// files, the prototype's accessor, the channel to a parent process), preloads, the entry point and which loader runs it.

const lazy = require('internal/lazy');
const process = require('process');
const { getOptionValue } = require('internal/options');
const resolver = require('internal/modules/resolver');
const getCjs = lazy(() => require('internal/modules/cjs'));
const getEsm = lazy(() => require('internal/modules/esm'));
const getUrl = lazy(() => require('internal/url'));

/** Whether this process only watches the program, which is its child. That one may have the option from NODE_OPTIONS. */
function onlyWatches() {
  if (getOptionValue('--watch') !== true) return false;
  const { env, execArgv } = process;
  return env.WATCH_REPORT_DEPENDENCIES === undefined || execArgv.some((word) => /^--watch(?:$|=|-path)/.test(word));
}

/** Done once, right before the program. */
function prepareProgram() {
  // the program reads them itself, each time it is run
  if (!onlyWatches()) loadEnvironmentFiles();
  const { env } = process;
  if (getOptionValue('--warnings') && env.NODE_NO_WARNINGS !== '1') {
    process.on('warning', function onWarning(warning) {
      require('internal/process/warning').print(warning);
    });
  }
  const limit = getOptionValue('--stack-trace-limit');
  if (limit !== undefined) Error.stackTraceLimit = Number(limit);
  const title = getOptionValue('--title');
  if (title !== '') process.title = title;
  limitPrototypeAccess(getOptionValue('--disable-proto'));
  if (getOptionValue('--expose-gc') === true) require('internal/process/usage').exposeGarbageCollector();
  if (getOptionValue('--report-on-signal')) require('internal/process/report');
  if (env.NODE_CHANNEL_FD !== undefined && isMainThread()) openChannel(env);
}

function isMainThread() {
  return require('internal/worker/self').isMainThread;
}

function loadEnvironmentFiles() {
  const isGiven = (name) => getOptionValue(name).length > 0;
  if (!isGiven('--env-file') && !isGiven('--env-file-if-exists')) return;
  require('internal/process/loading').loadEnvironmentFiles(process);
}

function limitPrototypeAccess(mode) {
  if (mode === '') return;
  if (mode === 'delete') {
    delete Object.prototype.__proto__;
    return;
  }
  if (mode !== 'throw') {
    process._rawDebug(`${process.execPath}: invalid mode passed to --disable-proto`);
    process.reallyExit(12);
  }
  const refuse = () => {
    const { codes: { ERR_PROTO_ACCESS } } = require('internal/errors');
    throw new ERR_PROTO_ACCESS();
  };
  Object.defineProperty(Object.prototype, '__proto__', {
    __proto__: null, get: refuse, set: refuse, enumerable: false, configurable: true,
  });
}

function openChannel(env) {
  const descriptor = Number.parseInt(env.NODE_CHANNEL_FD, 10);
  const mode = env.NODE_CHANNEL_SERIALIZATION_MODE || 'json';
  delete env.NODE_CHANNEL_FD;
  delete env.NODE_CHANNEL_SERIALIZATION_MODE;
  require('child_process')._forkChild(descriptor, mode);
}

/** Reads what the command line and the environment say about modules. */
function initialize() {
  resolver.configure();
  if (process.env.NODE_COMPILE_CACHE) require('internal/modules/compile_cache').enableFromEnvironment();
}

/** `--require`, then hooks, which have to be there before `--import` and the entry point. */
function loadPreloads() {
  const requests = getOptionValue('--require');
  if (requests?.length > 0) getCjs().Module._preloadModules(requests);
  if (getOptionValue('--frozen-intrinsics')) require('internal/freeze_intrinsics').freezeIntrinsics();
}

function hasImports() {
  return getOptionValue('--import')?.length > 0 || getOptionValue('--experimental-loader')?.length > 0;
}

async function importPreloads() {
  const loaders = getOptionValue('--experimental-loader') ?? [];
  if (loaders.length > 0) {
    const { registerLoaders } = require('internal/modules/customization');
    await registerLoaders(loaders);
  }
  const cwd = resolver.workingFolderUrl();
  for (const specifier of getOptionValue('--import') ?? []) await getEsm().importModule(specifier, cwd);
}

const unsettledExitCode = 13;
/** How many entry points are under way. */
let entries = 0;

/** Runs what makes the program with ES modules; until it is done, an empty loop means that it never will be. */
async function runAsEntry(callback) {
  entries++;
  try {
    await callback();
  } catch (error) {
    // whatever was thrown ends the program as it is, without words about promises
    require('internal/process/uncaught').triggerUncaughtException(error, true);
  } finally {
    entries--;
  }
}

/**
 * For who ends the process when the loop is empty and no exit code was set: 13 if an entry point still waits for a
 * promise that nobody can settle any more, and says so; else undefined.
 */
function exitCodeIfUnsettled() {
  if (entries === 0) return undefined;
  const { entryJob, graphOf } = getEsm();
  const job = entryJob();
  if (job !== undefined && getOptionValue('--warnings')) {
    require('internal/modules/esm_errors').warnUnsettled(graphOf(job));
  }
  return unsettledExitCode;
}

/** With `--import` and loaders, everything runs after them. */
function runAfterPreloads(callback) {
  if (!hasImports()) return callback();
  return runAsEntry(async () => {
    await importPreloads();
    return callback();
  });
}

function resolveMain(main) {
  const path = resolver.absolutePath(main);
  // only with the CommonJS loader there are preloads that may have replaced how it finds files
  if (!isCjsLoaded()) return resolver.findPath(path, true, [], undefined);
  return getCjs().Module._findPath(path, null, true) || undefined;
}

function isCjsLoaded() {
  return require('internal/builtins').isLoaded('internal/modules/cjs');
}

/** Whether the entry point is for the ES module loader. */
function isForEsm(file) {
  if (hasImports()) return true;
  if (file === undefined || file.endsWith('.cjs')) return false;
  if (file.endsWith('.mjs') || file.endsWith('.wasm')) return true;
  if (getOptionValue('--strip-types')) {
    if (file.endsWith('.cts')) return false;
    if (file.endsWith('.mts')) return true;
  }
  if (!file.endsWith('.js') && !file.endsWith('.ts') && require('path').extname(file) !== '') return false;
  return resolver.packageScope(file)?.type === 'module';
}

/** Runs the program's file, as the command line names it. */
function executeUserEntryPoint(main = process.argv[1]) {
  if (getOptionValue('--input-type')) throw new (require('internal/errors').codes.ERR_INPUT_TYPE_NOT_ALLOWED)();
  if (getOptionValue('--entry-url')) return runEntryUrl(main);
  const file = resolveMain(main);
  if (!isForEsm(file)) {
    getCjs().loadTraced(main, null, true);
    return undefined;
  }
  const url = file === undefined ? getUrl().pathToFileURL(resolver.absolutePath(main)).href : resolver.fileUrl(file);
  return runAsEntry(async () => {
    await importPreloads();
    await getEsm().importModule(url, undefined, undefined, undefined, true);
  });
}

function runEntryUrl(main) {
  require('internal/util').emitExperimentalWarning('--entry-url');
  const { URL } = getUrl();
  const url = new URL(main, resolver.workingFolderUrl()).href;
  return runAsEntry(async () => {
    await importPreloads();
    await getEsm().importModule(url, undefined, undefined, undefined, true);
  });
}

module.exports = {
  exitCodeIfUnsettled,
  initialize,
  loadPreloads,
  onlyWatches,
  prepareProgram,
  runAfterPreloads,
  runAsEntry,
  runMain: executeUserEntryPoint,
  /** What Node calls `require('internal/modules/run_main_entry_point')`. */
  runEntryPoint() {
    loadPreloads();
    return isCjsLoaded() ? getCjs().Module.runMain(process.argv[1]) : executeUserEntryPoint(process.argv[1]);
  },
};
