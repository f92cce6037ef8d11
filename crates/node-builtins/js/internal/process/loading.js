'use strict';
// What process brings into the program: builtins by name, variables from .env files. Native
// modules and Node's own bindings are not to be had here.

const process = require('process');
const { codes } = require('internal/errors');
const { validateString } = require('internal/validators');
const { getOptionValue } = require('internal/options');

const noSuchBinding = (name) => Object.assign(new Error(`No such module: ${name}`), { code: 'ERR_INVALID_MODULE' });

/** Node's bindings are not there; what some old programs asked of them is elsewhere now. */
function binding(name) {
  throw noSuchBinding(`${name}`);
}

function _linkedBinding(name) {
  throw new codes.ERR_INVALID_MODULE(`No such binding was linked: ${name}`);
}

function dlopen(module, filename) {
  if (arguments.length < 2) throw new codes.ERR_MISSING_ARGS.TypeError('process.dlopen needs at least 2 arguments');
  throw new codes.ERR_DLOPEN_FAILED(`${filename}: native modules cannot be loaded`);
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
  for (const file of getOptionValue('--env-file')) load(file, false);
  for (const file of getOptionValue('--env-file-if-exists')) load(file, true);
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
