'use strict';

// How a program begins: preloads, the entry point and which loader runs it, `--eval`, standard input and `--check`.

const lazy = require('internal/lazy');
const process = require('process');
const { getOptionValue } = require('internal/options');
const resolver = require('internal/modules/resolver');
const { Module, loadTraced } = require('internal/modules/cjs');
const getEsm = lazy(() => require('internal/modules/esm'));
const getUrl = lazy(() => require('internal/url'));

/** Reads what the command line and the environment say about modules. */
function initialize() {
  resolver.configure();
  Module._initPaths();
  if (process.env.NODE_COMPILE_CACHE) require('internal/modules/compile_cache').enableFromEnvironment();
}

/** `--require`, then hooks, which have to be there before `--import` and the entry point. */
function loadPreloads() {
  const requests = getOptionValue('--require');
  if (requests?.length > 0) Module._preloadModules(requests);
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
  const file = Module._findPath(resolver.absolutePath(main), null, true);
  return file || undefined;
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
function runMain(main = process.argv[1]) {
  if (getOptionValue('--input-type')) throw new (require('internal/errors').codes.ERR_INPUT_TYPE_NOT_ALLOWED)();
  if (getOptionValue('--entry-url')) return runEntryUrl(main);
  const file = resolveMain(main);
  if (!isForEsm(file)) {
    loadTraced(main, null, true);
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

/** The entry point as programs may replace it. */
Module.runMain = function executeUserEntryPoint(main = process.argv[1]) {
  return runMain(main);
};

module.exports = {
  exitCodeIfUnsettled,
  initialize,
  loadPreloads,
  runAfterPreloads,
  runAsEntry,
  /** What Node calls `require('internal/modules/run_main_entry_point')`. */
  runEntryPoint() {
    loadPreloads();
    return Module.runMain(process.argv[1]);
  },
};
