'use strict';
// process.emitWarning, and how warnings are printed.

const process = require('process');
const { codes: { ERR_INVALID_ARG_TYPE } } = require('internal/errors');
const { validateString } = require('internal/validators');
const { getOptionValue } = require('internal/options');

let disabled;
let file;
let hasShownHint = false;

function isDisabled(warning) {
  disabled ??= new Set(getOptionValue('--disable-warning'));
  return (warning?.code && disabled.has(warning.code)) || disabled.has(warning?.name);
}

/** Where warnings go instead of standard error; '' when nowhere else. */
function fileOf() {
  file ??= getOptionValue('--redirect-warnings') || process.env.NODE_REDIRECT_WARNINGS || '';
  return file;
}

function textOf(warning) {
  const isDeprecation = warning.name === 'DeprecationWarning';
  const isTraced = process.traceProcessWarnings || (isDeprecation && process.traceDeprecation);
  let text = `(${process.release.name}:${process.pid}) `;
  if (warning.code) text += `[${warning.code}] `;
  if (isTraced && warning.stack) text += warning.stack;
  else if (typeof warning.toString === 'function') text += warning.toString();
  else text += Error.prototype.toString.call(warning);
  if (typeof warning.detail === 'string') text += `\n${warning.detail}`;
  if (!isTraced && !hasShownHint) {
    hasShownHint = true;
    const option = isDeprecation ? '--trace-deprecation' : '--trace-warnings';
    const name = require('path').basename(process.argv0 || 'node', '.exe');
    text += `\n(Use \`${name} ${option} ...\` to show where the warning was created)`;
  }
  return text;
}

// By way of the console, whose streams programs replace to see it.
function write(text) {
  require('console').error(text);
}

/** What a program does with warnings unless it is told otherwise. */
function print(warning) {
  if (isDisabled(warning) || !(warning instanceof Error)) return;
  if (warning.name === 'DeprecationWarning' && process.noDeprecation) return;
  const text = textOf(warning);
  if (fileOf() === '') {
    write(text);
    return;
  }
  require('fs').appendFile(fileOf(), `${text}\n`, (error) => {
    if (error) write(text);
  });
}

function emitWarning(warning, type, code, ctor) {
  let detail;
  if (type !== null && typeof type === 'object' && !Array.isArray(type)) {
    ctor = type.ctor;
    code = type.code;
    if (typeof type.detail === 'string') detail = type.detail;
    type = type.type || 'Warning';
  } else if (typeof type === 'function') {
    ctor = type;
    code = undefined;
    type = 'Warning';
  }
  if (type !== undefined) validateString(type, 'type');
  if (typeof code === 'function') {
    ctor = code;
    code = undefined;
  } else if (code !== undefined) {
    validateString(code, 'code');
  }
  if (typeof warning === 'string') {
    warning = makeWarning(warning, type, code, ctor, detail);
  } else if (!(warning instanceof Error)) {
    throw new ERR_INVALID_ARG_TYPE('warning', ['Error', 'string'], warning);
  }
  if (warning.name === 'DeprecationWarning') {
    if (process.noDeprecation) return;
    if (process.throwDeprecation) {
      process.nextTick(() => { throw warning; });
      return;
    }
  }
  process.nextTick(() => { process.emit('warning', warning); });
}

function makeWarning(text, type, code, ctor, detail) {
  const warning = new Error(text);
  warning.name = String(type || 'Warning');
  if (code !== undefined) warning.code = code;
  if (detail !== undefined) warning.detail = detail;
  Error.captureStackTrace(warning, ctor || process.emitWarning);
  return warning;
}

/** Tells of a warning at once: an error that ends the program follows. */
function emitWarningSync(warning, type, code) {
  process.emit('warning', makeWarning(warning, type, code, emitWarningSync));
}

module.exports = { emitWarning, emitWarningSync, print };
