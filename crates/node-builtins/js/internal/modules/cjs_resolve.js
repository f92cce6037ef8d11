'use strict';

// How CommonJS resolves: the static members of Module that programs call and replace. While none of them is
// replaced the Rust resolver answers whole requests; otherwise the replaced piece is used among the others.

const process = require('process');
const lazy = require('internal/lazy');
const { Module, parents, refresh } = require('internal/modules/cjs');
const { builtinOf, patchedFs } = require('internal/builtins');
const resolver = require('internal/modules/resolver');
const { absolutePath, folderOf, isAbsolute } = resolver;
const getCodes = lazy(() => require('internal/errors').codes);
const getSearch = lazy(() => require('internal/modules/cjs_search'));

/** NODE_PATH and the folders that are searched last. */
let globalFolders = [];
let stat = resolver.stat;
let isStatReplaced = false;

Object.defineProperty(Module, '_stat', {
  __proto__: null,
  get() { return stat; },
  set(value) {
    require('internal/util').emitExperimentalWarning('Module._stat');
    stat = value;
    isStatReplaced = true;
  },
  configurable: true,
});

function below(folder, name) {
  return folder.endsWith('/') ? `${folder}${name}` : `${folder}/${name}`;
}

Module._initPaths = function() {
  setPaths(process.env);
};

function setPaths({ HOME, NODE_PATH }) {
  const folders = [];
  if (NODE_PATH) folders.push(...NODE_PATH.split(require('path').delimiter).filter(Boolean));
  if (HOME) {
    const home = absolutePath(HOME);
    folders.push(below(home, '.node_modules'), below(home, '.node_libraries'));
  }
  folders.push(below(folderOf(folderOf(absolutePath(process.execPath))), 'lib/node'));
  globalFolders = folders;
  Module.globalPaths = folders.slice();
  resolver.setGlobalFolders(folders);
}

// what the program did to its environment before it first needed CommonJS is not meant
setPaths(resolver.startVariables() ?? process.env);

const foldersAbove = new Map();

/** node_modules of a folder and of all above it, as one array that nobody may change. */
function nodeModulesAbove(from) {
  let folders = foldersAbove.get(from);
  if (folders !== undefined) return folders;
  folders = [];
  for (let end = from.length; end > 0 && from !== '/'; end = from.lastIndexOf('/', end - 1)) {
    if (!from.endsWith('/node_modules', end)) folders.push(`${from.slice(0, end)}/node_modules`);
  }
  folders.push('/node_modules');
  foldersAbove.set(from, folders);
  return folders;
}

Module._nodeModulePaths = function(from) {
  return nodeModulesAbove(absolutePath(from)).slice();
};

function isRelative(request) {
  if (request.charCodeAt(0) !== 46 /* . */) return false;
  const second = request.charCodeAt(1);
  return request.length === 1 || second === 47 /* / */ ||
    (second === 46 && (request.length === 2 || request.charCodeAt(2) === 47));
}

Module._resolveLookupPaths = function(request, parent) {
  if (builtinOf(request) !== undefined) return null;
  if (!isRelative(request)) {
    const own = parent?.paths;
    const folders = own?.length ? own.concat(globalFolders) : globalFolders.slice();
    return folders.length > 0 ? folders : null;
  }
  // with a module that no file belongs to, as in `--eval`, the working directory is meant
  if (!parent?.id || !parent.filename) return ['.'];
  return [folderOf(parent.filename)];
};

const standardExtensions = '.js .json .node';

/** The endings to try, or undefined for the standard ones. */
function extensions() {
  const keys = Object.keys(Module._extensions);
  return keys.length === 3 && keys.join(' ') === standardExtensions ? undefined : keys;
}

Module._findPath = function(request, paths, isMain) {
  const isWhole = isAbsolute(request);
  if (isWhole) paths = [''];
  else if (!paths || paths.length === 0) return false;
  const key = `${request}\x00${paths.length === 1 ? paths[0] : paths.join('\x00')}`;
  const known = Module._pathCache[key];
  if (known) return known;
  let found;
  if (isStatReplaced || patchedFs() !== undefined) {
    found = getSearch().findPath(request, isWhole ? undefined : paths, isMain, Object.keys(Module._extensions));
  } else {
    const folders = isWhole ? [] : paths.map((folder) => absolutePath(folder));
    found = resolver.findPath(request, Boolean(isMain), folders, extensions());
  }
  if (found === undefined) return false;
  Module._pathCache[key] = found;
  return found;
};

const own = {
  findPath: Module._findPath,
  lookupPaths: Module._resolveLookupPaths,
  nodeModulePaths: Module._nodeModulePaths,
};

/** Whether every piece of the algorithm is still Node's. */
function isOwn() {
  return Module._findPath === own.findPath && Module._resolveLookupPaths === own.lookupPaths &&
    Module._nodeModulePaths === own.nodeModulePaths && !isStatReplaced;
}

function sameStrings(a, b) {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

Module._resolveFilename = function(request, parent, isMain, options) {
  if (typeof request !== 'string') require('internal/validators').validateString(request, 'request');
  if (builtinOf(request) !== undefined) return request;
  const conditions = options?.conditions;
  const conditionList = conditions === undefined ? undefined : Array.from(conditions);
  refresh();
  if (!isOwn()) return resolveInPieces(request, parent, isMain, options, conditionList);

  const { filename } = parent ?? {};
  let importer = typeof filename === 'string' && filename[0] === '/' ? filename : undefined;
  let paths;
  if (typeof options === 'object' && options !== null && options.paths !== undefined) {
    paths = pathsOfOptions(request, options);
    importer ??= `${resolver.workingFolder()}/`;
  } else if (isRelative(request)) {
    importer = parent?.id && importer !== undefined ? importer : `${resolver.workingFolder()}/`;
  } else if (importer === undefined || !Array.isArray(parent.paths) ||
             !sameStrings(parent.paths, nodeModulesAbove(folderOf(importer)))) {
    paths = isAbsolute(request) ? undefined : Module._resolveLookupPaths(request, parent) ?? [];
    importer ??= ownPackageFolder(parent);
  }
  try {
    // `node:nothing` is refused by who loads it, and by nobody who only asks
    return resolver.resolveRequire(
      request, importer, true, Boolean(isMain), paths?.map(absolute), extensions(), conditionList,
    );
  } catch (error) {
    throw withRequireStack(error, request, parent);
  }
};

function absolute(folder) {
  return isAbsolute(folder) ? folder : absolutePath(folder);
}

/** Where "imports" and references to itself are looked up for a module without a file: only the REPL has a place. */
function ownPackageFolder(parent) {
  const hasPlace = parent?.id === '<repl>' || parent?.id === 'internal/preload';
  return hasPlace ? `${resolver.workingFolder()}/` : '/';
}

/** The folders of `require.resolve`'s option `paths`. */
function pathsOfOptions(request, options) {
  const { paths } = options;
  if (!Array.isArray(paths)) throw new (getCodes().ERR_INVALID_ARG_VALUE)('options.paths', paths);
  for (let i = 0; i < paths.length; i++) {
    if (typeof paths[i] !== 'string') throw new (getCodes().ERR_INVALID_ARG_TYPE)(`paths[${i}]`, 'string', paths[i]);
  }
  if (isRelative(request)) return paths;
  const folders = new Set();
  const asker = new Module('', null);
  for (const folder of paths) {
    asker.paths = Module._nodeModulePaths(folder);
    for (const one of Module._resolveLookupPaths(request, asker) ?? []) folders.add(one);
  }
  return Array.from(folders);
}

function resolveInPieces(request, parent, isMain, options, conditions) {
  let paths;
  if (typeof options === 'object' && options !== null && options.paths !== undefined) {
    paths = pathsOfOptions(request, options);
  } else {
    paths = Module._resolveLookupPaths(request, parent);
  }
  const { filename } = parent ?? {};
  try {
    if (typeof filename === 'string' && filename[0] === '/') {
      const found = resolver.resolveOwn(request, filename, conditions);
      if (found !== undefined) return found;
    }
    const found = Module._findPath(request, paths, isMain);
    if (found) return found;
  } catch (error) {
    throw withRequireStack(error, request, parent);
  }
  throw notFound(request, parent);
}

function notFound(request, parent) {
  const { codedError } = require('internal/modules/errors');
  return withRequireStack(codedError('Error', 'MODULE_NOT_FOUND', `Cannot find module '${request}'`), request, parent);
}

/** Completes "Cannot find module" by the files that led there. */
function withRequireStack(error, request, parent) {
  if (error.code !== 'MODULE_NOT_FOUND' || error.message !== `Cannot find module '${request}'` ||
      error.path !== undefined) {
    return error;
  }
  if (process.env.WATCH_REPORT_DEPENDENCIES) {
    require('internal/watch_mode/report').missing(request, parent, Object.keys(Module._extensions));
  }
  const requireStack = [];
  for (let at = parent; at; at = parents.get(at)) requireStack.push(at.filename || at.id);
  let message = error.message;
  if (requireStack.length > 0) message += `\nRequire stack:\n- ${requireStack.join('\n- ')}`;
  const { codedError } = require('internal/modules/errors');
  const complete = codedError('Error', 'MODULE_NOT_FOUND', message);
  complete.requireStack = requireStack;
  if (Error.captureStackTrace) Error.captureStackTrace(complete, Module._resolveFilename);
  return complete;
}

module.exports = { isRelative };
