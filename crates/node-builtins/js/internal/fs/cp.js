'use strict';
// cp in its three forms. The algorithm is written once, as a generator that yields what it wants of the file system;
// who runs it answers at once or later.

const process = require('process');
const { codes } = require('internal/errors');
const { kEmptyObject } = require('internal/util');
const { validateBoolean, validateFunction, validateInteger, validateObject } = require('internal/validators');
const { getValidatedPath } = require('internal/fs/utils');
const ops = require('internal/fs/binding');
const { promised, voidCallback } = require('internal/fs/callback');
const { dirname, isAbsolute, join, parse, resolve, sep } = require('path');

const {
  ERR_FS_CP_DIR_TO_NON_DIR,
  ERR_FS_CP_EEXIST,
  ERR_FS_CP_EINVAL,
  ERR_FS_CP_FIFO_PIPE,
  ERR_FS_CP_NON_DIR_TO_DIR,
  ERR_FS_CP_SOCKET,
  ERR_FS_CP_SYMLINK_TO_SUBDIRECTORY,
  ERR_FS_CP_UNKNOWN,
  ERR_FS_EISDIR,
  ERR_INCOMPATIBLE_OPTION_PAIR,
  ERR_INVALID_RETURN_VALUE,
} = codes;

const ERRNO = { EEXIST: 17, EISDIR: 21, EINVAL: 22, ENOTDIR: 20 };

const DIRECTORY = 0o04;
const FILE = 0o10;
const LINK = 0o12;
const SOCKET = 0o14;
const FIFO = 0o01;
const CHARACTER_DEVICE = 0o02;
const BLOCK_DEVICE = 0o06;

// ---- what went wrong

function failure(Class, code, path, message) {
  return new Class({ message, path, syscall: 'cp', errno: ERRNO[code], code });
}

function intoItself(src, dest, path) {
  return failure(ERR_FS_CP_EINVAL, 'EINVAL', path, `cannot copy ${src} to a subdirectory of self ${dest}`);
}

// ---- metadata, as the ops give it in bigints

function modeOf(fields) {
  return Number(fields[1]);
}

function kindOf(fields) {
  return modeOf(fields) >> 12;
}

function isDirectory(fields) {
  return kindOf(fields) === DIRECTORY;
}

function areIdentical(a, b) {
  return a[0] === b[0] && a[7] === b[7];
}

function* look(path, { dereference }) {
  return yield [dereference ? 'statBigint' : 'lstatBigint', path];
}

function* ifThere(request) {
  try {
    return yield request;
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function isInside(path, directory) {
  const names = (path) => resolve(path).split(sep).filter(Boolean);
  const [inner, outer] = [names(path), names(directory)];
  return outer.every((name, i) => inner[i] === name);
}

// ---- the algorithm

function* copy(src, dest, options) {
  if (options.filter && !(yield ['filter', src, dest])) return;
  const [source, target] = yield* lookAtPair(src, dest, options);
  yield* refuseParents(src, source, dest);
  const parent = dirname(dest);
  if ((yield* ifThere(['statBigint', parent])) === undefined) yield ['mkdirRecursive', parent, 0o777];
  yield* copyOne(source, target, src, dest, options);
}

// Both ends' metadata, once it is sure that one may be copied over the other.
function* lookAtPair(src, dest, options) {
  const source = yield* look(src, options);
  const target = yield* ifThere([options.dereference ? 'statBigint' : 'lstatBigint', dest]);
  if (target !== undefined) {
    if (areIdentical(source, target)) {
      throw failure(ERR_FS_CP_EINVAL, 'EINVAL', dest, 'src and dest cannot be the same');
    }
    if (isDirectory(source) && !isDirectory(target)) {
      const message = `cannot overwrite non-directory ${dest} with directory ${src}`;
      throw failure(ERR_FS_CP_DIR_TO_NON_DIR, 'EISDIR', dest, message);
    }
    if (!isDirectory(source) && isDirectory(target)) {
      const message = `cannot overwrite directory ${dest} with non-directory ${src}`;
      throw failure(ERR_FS_CP_NON_DIR_TO_DIR, 'ENOTDIR', dest, message);
    }
  }
  if (isDirectory(source) && isInside(dest, src)) throw intoItself(src, dest, dest);
  return [source, target];
}

// No directory above the destination may be the source, whatever links lead there.
function* refuseParents(src, source, dest) {
  const sourceParent = resolve(dirname(src));
  const { root } = parse(resolve(dest));
  for (let parent = resolve(dirname(dest)); parent !== sourceParent && parent !== root; parent = dirname(parent)) {
    const fields = yield* ifThere(['statBigint', parent]);
    if (fields === undefined) return;
    if (areIdentical(source, fields)) throw intoItself(src, dest, dest);
  }
}

function* copyOne(source, target, src, dest, options) {
  switch (kindOf(source)) {
    case DIRECTORY:
      if (!options.recursive) {
        throw failure(ERR_FS_EISDIR, 'EISDIR', src, `${src} is a directory (not copied)`);
      }
      yield* copyDirectory(source, target, src, dest, options);
      return;
    case FILE:
    case CHARACTER_DEVICE:
    case BLOCK_DEVICE:
      yield* copyFile(source, target, src, dest, options);
      return;
    case LINK:
      yield* copyLink(target, src, dest, options);
      return;
    case SOCKET:
      throw failure(ERR_FS_CP_SOCKET, 'EINVAL', dest, `cannot copy a socket file: ${dest}`);
    case FIFO:
      throw failure(ERR_FS_CP_FIFO_PIPE, 'EINVAL', dest, `cannot copy a FIFO pipe: ${dest}`);
    default:
      throw failure(ERR_FS_CP_UNKNOWN, 'EINVAL', dest, `cannot copy an unknown file type: ${dest}`);
  }
}

function alreadyThere(dest) {
  return failure(ERR_FS_CP_EEXIST, 'EEXIST', dest, `${dest} already exists`);
}

function* copyFile(source, target, src, dest, { errorOnExist, force, mode, preserveTimestamps }) {
  if (target !== undefined) {
    if (!force) {
      if (errorOnExist) throw alreadyThere(dest);
      return;
    }
    yield ['unlink', dest];
  }
  yield ['copyFile', src, dest, mode];
  const permissions = modeOf(source) & 0o7777;
  if (preserveTimestamps) {
    // Some systems let only a writable file have its times set.
    if ((permissions & 0o200) === 0) yield ['chmod', dest, permissions | 0o200];
    // Copying has read the source, which changed its access time.
    const fields = yield ['stat', src];
    yield ['utimes', dest, fields[10] + fields[11] / 1e9, fields[12] + fields[13] / 1e9];
  }
  yield ['chmod', dest, permissions];
}

function* copyDirectory(source, target, src, dest, options) {
  if (target === undefined) yield ['mkdir', dest, 0o777];
  else if (options.errorOnExist && !options.force) throw alreadyThere(dest);
  for (const name of yield ['readdir', src]) {
    const from = join(src, name);
    const to = join(dest, name);
    if (options.filter && !(yield ['filter', from, to])) continue;
    const [inner, existing] = yield* lookAtPair(from, to, options);
    yield* copyOne(inner, existing, from, to, options);
  }
  if (target === undefined) yield ['chmod', dest, modeOf(source) & 0o7777];
}

function* copyLink(target, src, dest, { verbatimSymlinks }) {
  let source = yield ['readlink', src];
  if (!verbatimSymlinks && !isAbsolute(source)) source = resolve(dirname(src), source);
  if (target === undefined) {
    yield ['symlink', source, dest];
    return;
  }
  let existing;
  try {
    existing = yield ['readlink', dest];
  } catch (error) {
    // No link: then making one tells what is in the way.
    if (error.code !== 'EINVAL') throw error;
    yield ['symlink', source, dest];
    return;
  }
  existing = resolve(dirname(dest), existing);
  const pointsTo = yield* ifThere(['statBigint', src]);
  if (pointsTo !== undefined && isDirectory(pointsTo)) {
    if (isInside(existing, source)) throw intoItself(source, existing, dest);
    // Removing what is there would remove what is copied.
    if (isInside(source, existing)) {
      throw failure(ERR_FS_CP_SYMLINK_TO_SUBDIRECTORY, 'EINVAL', dest, `cannot overwrite ${existing} with ${source}`);
    }
  }
  yield ['unlink', dest];
  yield ['symlink', source, dest];
}

// ---- who runs it

function runSync(steps, filter) {
  for (let step = steps.next(); !step.done;) {
    const [name, ...args] = step.value;
    let answer;
    try {
      answer = name === 'filter' ? filterSync(filter, args[0], args[1]) : ops[name](...args);
    } catch (error) {
      step = steps.throw(error);
      continue;
    }
    step = steps.next(answer);
  }
}

function filterSync(filter, src, dest) {
  const wanted = filter(src, dest);
  if (typeof wanted?.then === 'function') throw new ERR_INVALID_RETURN_VALUE('boolean', 'filter', wanted);
  return wanted;
}

async function run(steps, filter) {
  for (let step = steps.next(); !step.done;) {
    const [name, ...args] = step.value;
    let answer;
    try {
      answer = name === 'filter' ?
        await filter(args[0], args[1]) :
        await promised((done) => ops[name](...args, done));
    } catch (error) {
      step = steps.throw(error);
      continue;
    }
    step = steps.next(answer);
  }
}

const defaults = {
  dereference: false,
  errorOnExist: false,
  filter: undefined,
  force: true,
  mode: 0,
  preserveTimestamps: false,
  recursive: false,
  verbatimSymlinks: false,
};

function getOptions(options) {
  if (options === undefined) return defaults;
  validateObject(options, 'options');
  options = { ...defaults, ...options };
  validateBoolean(options.dereference, 'options.dereference');
  validateBoolean(options.errorOnExist, 'options.errorOnExist');
  validateBoolean(options.force, 'options.force');
  validateBoolean(options.preserveTimestamps, 'options.preserveTimestamps');
  validateBoolean(options.recursive, 'options.recursive');
  validateBoolean(options.verbatimSymlinks, 'options.verbatimSymlinks');
  options.mode ??= 0;
  validateInteger(options.mode, 'mode', 0, 7);
  if (options.dereference && options.verbatimSymlinks) {
    throw new ERR_INCOMPATIBLE_OPTION_PAIR('dereference', 'verbatimSymlinks');
  }
  if (options.filter !== undefined) validateFunction(options.filter, 'options.filter');
  return options;
}

// Paths are taken apart here, so they are text.
function getPath(path, name) {
  return `${getValidatedPath(path, name)}`;
}

function cpSync(src, dest, options) {
  options = getOptions(options);
  src = getPath(src, 'src');
  dest = getPath(dest, 'dest');
  try {
    runSync(copy(src, dest, options), options.filter);
  } catch (error) {
    throw refusal(error, src);
  }
}

// What is refused before anything is copied, in the words of Node's synchronous form, whose errors are plain ones.
function refusal(error, src) {
  const { code } = error;
  const { message } = error.info ?? kEmptyObject;
  if (message === undefined || code === 'ERR_FS_CP_EEXIST' || code === 'ERR_FS_CP_SYMLINK_TO_SUBDIRECTORY') return error;
  const directory = src.endsWith(sep) ? src : src + sep;
  let text;
  if (code === 'ERR_FS_EISDIR') text = `Recursive option not enabled, cannot copy a directory: ${directory}`;
  else if (message.startsWith('src')) text = `${message} ${error.path}`;
  else text = `C${message.slice(1)}`.replace(`${src} to a subdirectory`, () => `${directory} to a subdirectory`);
  const plain = new Error(text);
  plain.code = code;
  return plain;
}

async function cp(src, dest, options) {
  options = getOptions(options);
  src = getPath(src, 'src');
  dest = getPath(dest, 'dest');
  await run(copy(src, dest, options), options.filter);
}

function cpCallback(src, dest, options, callback) {
  if (typeof options === 'function') {
    callback = options;
    options = undefined;
  }
  const done = voidCallback(callback);
  options = getOptions(options);
  src = getPath(src, 'src');
  dest = getPath(dest, 'dest');
  run(copy(src, dest, options), options.filter).then(
    () => process.nextTick(done, null), (error) => process.nextTick(done, error));
}

module.exports = { cp, cpCallback, cpSync };
