'use strict';
// What process brings into the program: builtins by name, variables from .env files. Native
// modules and Node's own bindings are not to be had here.

const process = require('process');
const { codes } = require('internal/errors');
const { validateString } = require('internal/validators');
const { getOptionValue } = require('internal/options');

const noSuchBinding = (name) => Object.assign(new Error(`No such module: ${name}`), { code: 'ERR_INVALID_MODULE' });

// What `util` had of these in Node 10.
const utilNames = [
  'isAnyArrayBuffer', 'isArrayBuffer', 'isArrayBufferView', 'isAsyncFunction', 'isDataView', 'isDate', 'isExternal',
  'isMap', 'isMapIterator', 'isNativeError', 'isPromise', 'isRegExp', 'isSet', 'isSetIterator', 'isTypedArray',
  'isUint8Array',
];

// Of Node's bindings only what old programs ask for and other builtins have as well.
const bindings = {
  __proto__: null,
  config: () => ({}),
  constants() {
    const os = require('os').constants;
    return { os, fs: require('fs').constants, trace: {} };
  },
  util() {
    const types = require('internal/util/types');
    return Object.fromEntries(utilNames.map((name) => [name, types[name]]));
  },
  uv() {
    const { getSystemErrorMap } = require('util');
    const errors = getSystemErrorMap();
    const constants = [...errors].map(([number, [name]]) => [`UV_${name}`, number]);
    return {
      errname: (number) => errors.get(number)?.[0] ?? `Unknown system error ${number}`,
      getErrorMap: () => errors,
      ...Object.fromEntries(constants),
    };
  },
};

function binding(name) {
  if (getOptionValue('--pending-deprecation')) {
    warnOfBinding ??= require('internal/util/deprecate').deprecate(
      () => {}, 'Access to process.binding() is deprecated.', 'DEP0111');
    warnOfBinding();
  }
  const make = bindings[`${name}`];
  if (make === undefined) throw noSuchBinding(`${name}`);
  return make();
}

let warnOfBinding;

function _linkedBinding(name) {
  throw new codes.ERR_INVALID_MODULE(`No such binding was linked: ${name}`);
}

function dlopen(module, filename) {
  if (arguments.length < 2) throw new codes.ERR_MISSING_ARGS.TypeError('process.dlopen needs at least 2 arguments');
  throw new codes.ERR_DLOPEN_FAILED(`${filename}: ${reasonAgainst(filename)}`);
}

/** The loader's words about what is no library; ours about what is one. */
function reasonAgainst(filename) {
  const elfHeader = 64;
  let start;
  try {
    start = require('fs').readFileSync(filename).subarray(0, elfHeader);
  } catch (error) {
    return error.code === 'ENOENT' ? 'cannot open shared object file: No such file or directory' : error.message;
  }
  if (start.length < elfHeader) return 'file too short';
  return start.latin1Slice(0, 4) === '\x7fELF' ? 'native modules cannot be loaded' : 'invalid ELF header';
}

function getBuiltinModule(id) {
  validateString(id, 'id');
  const { canBeRequiredByUsers, canBeRequiredWithoutScheme, load } = require('internal/builtins');
  if (id.startsWith('node:')) {
    const name = id.slice(5);
    return canBeRequiredByUsers(name) ? load(name) : undefined;
  }
  return canBeRequiredWithoutScheme(id) ? load(id) : undefined;
}

function setSourceMapsEnabled(enabled) {
  const { setSourceMapsSupport } = require('internal/modules/source_map_cache');
  require('internal/validators').validateBoolean(enabled, 'enabled');
  setSourceMapsSupport(enabled, { __proto__: null, nodeModules: enabled, generatedCode: enabled });
}

// Variables that are there already count more.
function addVariables(text) {
  const variables = require('internal/util/parse_env').parseEnv(text);
  for (const name of Object.keys(variables)) {
    if (!Object.hasOwn(process.env, name)) process.env[name] = variables[name];
  }
}

function loadEnvFile(path = undefined) {
  const fs = require('fs');
  const file = path === undefined ? '.env' : require('internal/fs/utils').getValidatedPath(path);
  addVariables(fs.readFileSync(file, 'utf8'));
}

/** The values of both options in the order of the command line, which is not kept elsewhere. */
function inOrder(required, optional) {
  const rows = [];
  const lists = [[...required], [...optional]];
  for (const argument of process.execArgv) {
    const found = /^--env-file(-if-exists)?(?:=|$)/.exec(argument);
    if (found === null) continue;
    const isOptional = found[1] !== undefined;
    const file = lists[Number(isOptional)].shift();
    if (file !== undefined) rows.push([file, isOptional]);
  }
  return rows.concat(lists[0].map((file) => [file, false]), lists[1].map((file) => [file, true]));
}

/** `--env-file` and `--env-file-if-exists`: later files count more. */
function loadEnvironmentFiles() {
  const { readFileSync } = require('fs');
  const earlier = { ...process.env };
  const load = (file, isOptional) => {
    let text;
    try {
      text = readFileSync(file, 'utf8');
    } catch {
      process._rawDebug('%s', isOptional ?
        `${file} not found. Continuing without it.` : `${process.argv0}: ${file}: not found`);
      if (!isOptional) process.reallyExit(9);
      return;
    }
    const variables = require('internal/util/parse_env').parseEnv(text);
    for (const name of Object.keys(variables)) {
      if (!Object.hasOwn(earlier, name)) process.env[name] = variables[name];
    }
  };
  for (const [file, isOptional] of inOrder(getOptionValue('--env-file'), getOptionValue('--env-file-if-exists'))) {
    load(file, isOptional);
  }
}

module.exports = {
  _linkedBinding,
  binding,
  dlopen,
  getBuiltinModule,
  loadEnvFile,
  loadEnvironmentFiles,
  setSourceMapsEnabled,
};
