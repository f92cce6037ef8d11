'use strict';
// util.parseArgs: command line arguments as options and positionals. First the arguments become
// tokens, then the tokens are checked (where strict) and become values.

const {
  codes: {
    ERR_INVALID_ARG_VALUE,
    ERR_PARSE_ARGS_INVALID_OPTION_VALUE,
    ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL,
    ERR_PARSE_ARGS_UNKNOWN_OPTION,
  },
} = require('internal/errors');
const process = require('process');
const {
  validateArray,
  validateBoolean,
  validateBooleanArray,
  validateObject,
  validateString,
  validateStringArray,
  validateUnion,
} = require('internal/validators');

const evalFlag = /^(-e|--eval|-p|--print|-pe)$/;

// Without a script the arguments begin one place earlier.
function programArguments() {
  const { argv, execArgv } = process;
  return argv.slice(execArgv.some((flag) => evalFlag.test(flag)) ? 1 : 2);
}

const ownValue = (object, key) => (Object.hasOwn(object, key) ? object[key] : undefined);
const typeOf = (options, name) => ownValue(ownValue(options, name) ?? {}, 'type');

function longNameOf(options, short) {
  for (const [name, option] of Object.entries(options)) {
    if (ownValue(option, 'short') === short) return name;
  }
  return short;
}

function validateOptions(options) {
  for (const [name, option] of Object.entries(options)) {
    const path = `options.${name}`;
    validateObject(option, path);
    const type = ownValue(option, 'type');
    validateUnion(type, `${path}.type`, ['string', 'boolean']);
    if (Object.hasOwn(option, 'short')) {
      validateString(option.short, `${path}.short`);
      if (option.short.length !== 1) {
        throw new ERR_INVALID_ARG_VALUE(
          `${path}.short`, option.short, 'must be a single character');
      }
    }
    const multiple = ownValue(option, 'multiple');
    if (Object.hasOwn(option, 'multiple')) validateBoolean(multiple, `${path}.multiple`);
    const value = ownValue(option, 'default');
    if (value === undefined) continue;
    const validate = type === 'string' ?
      (multiple ? validateStringArray : validateString) :
      (multiple ? validateBooleanArray : validateBoolean);
    validate(value, `${path}.default`);
  }
}

// "-abc": single letters up to the first that takes the rest as its value.
function splitGroup(arg, options) {
  const parts = [];
  for (let i = 1; i < arg.length; i++) {
    if (typeOf(options, longNameOf(options, arg[i])) === 'string' && i < arg.length - 1) {
      parts.push(`-${arg.slice(i)}`);
      break;
    }
    parts.push(`-${arg[i]}`);
  }
  return parts;
}

function tokenize(args, options) {
  const tokens = [];
  const remaining = args.slice();
  let index = -1;
  // Members of a group of short options have the index of the group.
  let inGroup = 0;

  const pushOption = (name, rawName, value, inlineValue) => {
    tokens.push({ kind: 'option', name, rawName, index, value, inlineValue });
  };
  const pushWithNext = (name, rawName) => {
    if (typeOf(options, name) === 'string' && remaining.length > 0) {
      pushOption(name, rawName, remaining.shift(), false);
      index++;
    } else {
      pushOption(name, rawName, undefined, undefined);
    }
  };

  while (remaining.length > 0) {
    const arg = remaining.shift();
    if (inGroup > 0) inGroup--;
    else index++;
    if (arg === '--') {
      tokens.push({ kind: 'option-terminator', index });
      for (const value of remaining) tokens.push({ kind: 'positional', index: ++index, value });
      break;
    }
    if (arg.length < 2 || arg[0] !== '-') {
      tokens.push({ kind: 'positional', index, value: arg });
    } else if (arg[1] === '-') {
      const equals = arg.indexOf('=', 3);
      if (equals === -1) {
        pushWithNext(arg.slice(2), arg);
      } else {
        const name = arg.slice(2, equals);
        pushOption(name, `--${name}`, arg.slice(equals + 1), true);
      }
    } else {
      const name = longNameOf(options, arg[1]);
      if (arg.length === 2) {
        pushWithNext(name, arg);
      } else if (typeOf(options, name) === 'string') {
        pushOption(name, arg.slice(0, 2), arg.slice(2), true);
      } else {
        const parts = splitGroup(arg, options);
        remaining.unshift(...parts);
        inGroup = parts.length;
      }
    }
  }
  return tokens;
}

// A value that looks like an option was probably forgotten.
function checkValue({ name, rawName, value, inlineValue }) {
  if (inlineValue || typeof value !== 'string' || value.length < 2 || value[0] !== '-') return;
  const example = rawName.startsWith('--') ?
    `'${rawName}=-XYZ'` : `'--${name}=-XYZ' or '${rawName}-XYZ'`;
  throw new ERR_PARSE_ARGS_INVALID_OPTION_VALUE(
    `Option '${rawName}' argument is ambiguous.\n` +
    `Did you forget to specify the option argument for '${rawName}'?\n` +
    `To specify an option argument starting with a dash use ${example}.`);
}

// "--no-color" turns the boolean option "color" off.
function negated(name, options, allowNegative) {
  if (!allowNegative || !name.startsWith('no-')) return undefined;
  const positive = name.slice(3);
  return typeOf(options, positive) === 'boolean' ? positive : undefined;
}

function checkUsage({ name, rawName, value }, { options, allowPositionals, allowNegative }) {
  const known = Object.hasOwn(options, name) ? name : negated(name, options, allowNegative);
  if (known === undefined) {
    throw new ERR_PARSE_ARGS_UNKNOWN_OPTION(rawName, allowPositionals);
  }
  const short = ownValue(options[known], 'short');
  const shown = `${short ? `-${short}, ` : ''}--${known}`;
  const type = typeOf(options, known);
  if (type === 'string' && typeof value !== 'string') {
    throw new ERR_PARSE_ARGS_INVALID_OPTION_VALUE(`Option '${shown} <value>' argument missing`);
  }
  if (type === 'boolean' && value != null) {
    throw new ERR_PARSE_ARGS_INVALID_OPTION_VALUE(
      `Option '${shown}' does not take an argument`);
  }
}

function store(values, { name, value }, { options, allowNegative }) {
  let stored = value ?? true;
  if (allowNegative && value === undefined && name.startsWith('no-')) {
    name = name.slice(3);
    stored = false;
  }
  if (name === '__proto__') return;
  if (ownValue(ownValue(options, name) ?? {}, 'multiple')) {
    (values[name] ??= []).push(stored);
  } else {
    values[name] = stored;
  }
}

function parseArgs(config = { __proto__: null }) {
  const settings = {
    args: ownValue(config, 'args') ?? programArguments(),
    strict: ownValue(config, 'strict') ?? true,
    tokens: ownValue(config, 'tokens') ?? false,
    options: ownValue(config, 'options') ?? { __proto__: null },
    allowNegative: ownValue(config, 'allowNegative') ?? false,
  };
  const { args, strict, options } = settings;
  settings.allowPositionals = ownValue(config, 'allowPositionals') ?? !strict;
  validateArray(args, 'args');
  validateBoolean(strict, 'strict');
  validateBoolean(settings.allowPositionals, 'allowPositionals');
  validateBoolean(settings.tokens, 'tokens');
  validateBoolean(settings.allowNegative, 'allowNegative');
  validateObject(options, 'options');
  validateOptions(options);

  const tokens = tokenize(args, options);
  const result = { values: { __proto__: null }, positionals: [] };
  if (settings.tokens) result.tokens = tokens;
  for (const token of tokens) {
    if (token.kind === 'option') {
      if (strict) {
        checkUsage(token, settings);
        checkValue(token);
      }
      store(result.values, token, settings);
    } else if (token.kind === 'positional') {
      if (!settings.allowPositionals) {
        throw new ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL(token.value);
      }
      result.positionals.push(token.value);
    }
  }
  for (const [name, option] of Object.entries(options)) {
    const value = ownValue(option, 'default');
    if (value !== undefined && result.values[name] === undefined && name !== '__proto__') {
      result.values[name] = value;
    }
  }
  return result;
}

module.exports = { parseArgs };
