'use strict';

// Where specifiers lead: the Rust resolver's answers as JavaScript has them, its refusals thrown, its deprecations
// told once each. Owns no algorithm and no cache.

const lazy = require('internal/lazy');
const getUrl = lazy(() => require('internal/url'));
const getPath = lazy(() => require('path'));

let requireConditions;
let importConditions;

/** What of the environment says where packages are, as it was when the program began. */
let startVariables;

/** Reads the command line; once, before the first resolution. */
function configure() {
  const { getOptionValue } = require('internal/options');
  const flags = [];
  const mark = (option, wanted, name) => {
    if (getOptionValue(option) === wanted) flags.push(name);
  };
  const { env } = process();
  const { HOME, NODE_PATH } = env;
  startVariables = { HOME, NODE_PATH };
  if (env.NODE_PRESERVE_SYMLINKS === '1') flags.push('preserve-symlinks');
  if (env.NODE_PRESERVE_SYMLINKS_MAIN === '1') flags.push('preserve-symlinks-main');
  mark('--preserve-symlinks', true, 'preserve-symlinks');
  mark('--preserve-symlinks-main', true, 'preserve-symlinks-main');
  mark('--addons', false, 'no-addons');
  mark('--require-module', false, 'no-require-module');
  mark('--strip-types', false, 'no-strip-types');
  mark('--experimental-addon-modules', false, 'no-addon-modules');
  binding.configure(getOptionValue('--conditions') ?? [], flags);
  requireConditions = undefined;
  importConditions = undefined;
}

function conditionsOf(isImport) {
  if (isImport) return importConditions ??= Object.freeze(binding.conditions(true));
  return requireConditions ??= Object.freeze(binding.conditions(false));
}

/** The error of an answer that is none. */
function refused(answer) {
  return require('internal/modules/errors').refusal(answer, tellDeprecation);
}

let told;

/** Slashes at the end are told of once for each package and pattern, the others whenever they are met. */
function tellDeprecations(answer, start) {
  for (let i = start; i < answer.length; i += 2) tellDeprecation(answer[i], answer[i + 1]);
}

function tellDeprecation(code, message) {
  if (code === 'DEP0155') {
    const key = message.replace(/ imported from .*?(?=\. Mapping)/s, '');
    told ??= new Set();
    if (told.has(key)) return;
    told.add(key);
  }
  process().emitWarning(message, 'DeprecationWarning', code);
}

const process = lazy(() => require('process'));

/** The path, or `node:NAME`, of a `require`; undefined where only a piece was asked for and it says nothing. */
function fileAnswer(answer) {
  const location = answer[0];
  if (location === undefined) return undefined;
  if (location === '') throw refused(answer);
  if (answer.length > 1) tellDeprecations(answer, 1);
  return location;
}

function resolveRequire(specifier, importer, onlyResolve, isMain, paths, extensions, conditions) {
  return fileAnswer(
    binding.resolveRequire(specifier, importer, onlyResolve, isMain, paths, extensions, conditions),
  );
}

/** "imports" of the importer's package and references to itself. */
function resolveOwn(specifier, importer, conditions) {
  return fileAnswer(binding.resolveOwn(specifier, importer, conditions));
}

function findPath(specifier, isMain, paths, extensions) {
  return fileAnswer(binding.findPath(specifier, isMain, paths, extensions));
}

/** `{ url, format, path }`; format undefined where the source or nobody decides. */
function resolveImport(specifier, importerUrl, isMain, conditions) {
  const answer = binding.resolveImport(specifier, importerUrl, isMain, conditions);
  if (answer[0] === '') throw refused(answer);
  if (answer.length > 3) tellDeprecations(answer, 3);
  return { __proto__: null, url: answer[0], format: answer[1] || undefined, path: answer[2] || undefined };
}

/** `{ format, packageJson, packageType }` of a file; format may be `ambiguous`, `ambiguous-typescript`, `unknown`. */
function fileFormat(path, isImport) {
  const answer = binding.fileFormat(isImport, path);
  if (answer[0] === '') throw refused(answer);
  return { format: answer[0], packageJson: answer[1] || undefined, packageType: answer[2] };
}

function packageAnswer(answer) {
  if (answer.length === 0) return undefined;
  if (answer[0] === '') throw refused(answer);
  return {
    path: answer[0],
    name: answer[1] || undefined,
    type: answer[2],
    main: answer[3] || undefined,
    get exports() { return answer[4] === '' ? undefined : JSON.parse(answer[4]); },
    get imports() { return answer[5] === '' ? undefined : JSON.parse(answer[5]); },
  };
}

/** The package.json that a file, or a folder with a slash at its end, belongs to. */
function packageScope(path) {
  return packageAnswer(binding.packageScope(path));
}

/** The package.json in a folder. */
function packageIn(folder) {
  return packageAnswer(binding.packageIn(folder));
}

function packageOfSpecifier(specifier, importer) {
  const answer = binding.packageOfSpecifier(specifier, importer);
  if (answer[0] === '') throw refused(answer);
  return answer[0];
}

/** Where the process works; the executable's folder where that is gone. */
function workingFolder() {
  try {
    return process().cwd();
  } catch (error) {
    if (error?.code !== 'ENOENT') throw error;
    return getPath().dirname(process().execPath);
  }
}

/** Its URL, with a slash at the end. */
function workingFolderUrl() {
  return `${fileUrl(workingFolder())}/`;
}

const urls = new Map();

/** `pathToFileURL(path).href`, remembered. */
function fileUrl(path) {
  let url = urls.get(path);
  if (url === undefined) {
    url = isPlainPath(path) ? `file://${path}` : getUrl().pathToFileURL(path).href;
    urls.set(path, url);
  }
  return url;
}

const SLASH = 47;
const DOT = 46;

/** Whether a path is absolute and has nothing to collapse. */
function isCollapsed(path) {
  if (path.charCodeAt(0) !== SLASH || path.charCodeAt(path.length - 1) === SLASH || path.includes('//')) return false;
  for (let at = path.indexOf('/.'); at !== -1; at = path.indexOf('/.', at + 2)) {
    const end = path.charCodeAt(at + 2) === DOT ? at + 3 : at + 2;
    if (end >= path.length || path.charCodeAt(end) === SLASH) return false;
  }
  return true;
}

/** `path.resolve(path)`, which programs that name no odd paths start without. */
function absolutePath(path) {
  if (typeof path !== 'string' || path === '') return getPath().resolve(path);
  if (isCollapsed(path)) return path;
  if (path.charCodeAt(0) !== SLASH) {
    const absolute = `${process().cwd()}/${path.startsWith('./') ? path.slice(2) : path}`;
    if (isCollapsed(absolute)) return absolute;
  }
  return getPath().resolve(path);
}

/** `path.dirname(path)` in the same way. */
function folderOf(path) {
  if (typeof path !== 'string') return getPath().dirname(path);
  const slash = path.lastIndexOf('/');
  if (slash === -1) return '.';
  if (slash === 0 && path.length > 1) return '/';
  if (slash > 1 && slash < path.length - 1 && path.charCodeAt(slash - 1) !== SLASH) return path.slice(0, slash);
  return getPath().dirname(path);
}

/** `path.isAbsolute(path)` in the same way. */
function isAbsolute(path) {
  return typeof path === 'string' ? path.charCodeAt(0) === SLASH : getPath().isAbsolute(path);
}

function isPlainPath(path) {
  return /^\/(?:[\w@+.-]+\/)*[\w@+-][\w@+.-]*$/.test(path) && !/\/\.{1,2}\//.test(path);
}

/** The path of a `file:` URL, without query and fragment. */
function filePath(url) {
  if (url.startsWith('file:///') && isPlainPath(url.slice(7))) return url.slice(7);
  return getUrl().fileURLToPath(url);
}

module.exports = {
  absolutePath,
  configure,
  conditionsOf,
  fileFormat,
  filePath,
  fileUrl,
  findPath,
  folderOf,
  forget: binding.forget,
  isAbsolute,
  packageIn,
  packageOfSpecifier,
  packageScope,
  resolveImport,
  resolveOwn,
  resolveRequire,
  setGlobalFolders: binding.setGlobalFolders,
  startVariables: () => startVariables,
  stat: binding.stat,
  workingFolder,
  workingFolderUrl,
};
