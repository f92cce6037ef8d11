'use strict';
// process.report: its settings, and when and where reports are written. What they say is in
// internal/process/report_content.

const process = require('process');
const lazy = require('internal/lazy');
const { codes: { ERR_INVALID_ARG_TYPE, ERR_UNKNOWN_SIGNAL } } = require('internal/errors');
const { validateBoolean, validateString } = require('internal/validators');
const { getOptionValue } = require('internal/options');

const getContent = lazy(() => require('internal/process/report_content').contentOf);

const settings = {
  directory: getOptionValue('--report-dir'),
  filename: getOptionValue('--report-filename'),
  compact: getOptionValue('--report-compact'),
  excludeNetwork: getOptionValue('--report-exclude-network'),
  signal: getOptionValue('--report-signal'),
  reportOnFatalError: getOptionValue('--report-on-fatalerror'),
  reportOnSignal: getOptionValue('--report-on-signal'),
  reportOnUncaughtException: getOptionValue('--report-uncaught-exception'),
  excludeEnv: getOptionValue('--report-exclude-env'),
};

let count = 0;

function defaultName() {
  const now = new Date();
  const two = (number) => `${number}`.padStart(2, '0');
  const day = `${now.getFullYear()}${two(now.getMonth() + 1)}${two(now.getDate())}`;
  const time = `${two(now.getHours())}${two(now.getMinutes())}${two(now.getSeconds())}`;
  const { threadId } = require('worker_threads');
  return `report.${day}.${time}.${process.pid}.${threadId}.${`${++count}`.padStart(3, '0')}.json`;
}

/** Writes a report and says so; the name of its file, '' where that failed. */
function write(event, trigger, file, error) {
  const name = file ?? (settings.filename || defaultName());
  const text = `${JSON.stringify(getContent()(event, trigger, name, error, settings), null, settings.compact ? 0 : 2)}\n`;
  if (name === 'stdout' || name === 'stderr') {
    require('fs').writeSync(name === 'stdout' ? 1 : 2, text);
    return name;
  }
  const path = settings.directory === '' ? name : require('path').join(settings.directory, name);
  try {
    require('fs').writeFileSync(path, text);
  } catch (failure) {
    process._rawDebug('%s', `\nFailed to open Node.js report file: ${name} directory: ${settings.directory} ` +
      `(errno: ${-failure.errno})`);
    return '';
  }
  process._rawDebug('%s', `\nWriting Node.js report to file: ${name}\nNode.js report completed`);
  return name;
}

function checkError(error) {
  if (typeof error !== 'object' || error === null) throw new ERR_INVALID_ARG_TYPE('err', 'Object', error);
  return error;
}

const onSignal = (signal) => { write(signal, 'Signal', undefined, synthetic(onSignal)); };

/** An error for the stack of whoever called. */
function synthetic(caller) {
  const error = Object.assign(new Error('JavaScript Callstack'), { code: 'ERR_SYNTHETIC' });
  error.name = 'Error [ERR_SYNTHETIC]';
  Error.captureStackTrace(error, caller);
  return error;
}

const report = {
  writeReport(file, error) {
    if (typeof file === 'object' && file !== null) {
      error = file;
      file = undefined;
    } else if (file !== undefined) {
      validateString(file, 'file');
    }
    const shown = error === undefined ? synthetic(report.writeReport) : checkError(error);
    return write('JavaScript API', 'API', file, shown);
  },
  getReport(error) {
    const shown = error === undefined ? synthetic(report.getReport) : checkError(error);
    return getContent()('JavaScript API', 'GetReport', null, shown, settings);
  },
};

function define(name, check, change = () => {}) {
  const accessor = {
    get [name]() { return settings[name]; },
    set [name](value) {
      check(value, name);
      change(value);
      settings[name] = value;
    },
  };
  Object.defineProperty(report, name, Object.getOwnPropertyDescriptor(accessor, name));
}

function checkSignal(value, name) {
  validateString(value, name);
  if (require('os').constants.signals[value] !== undefined) return;
  const isLowerCase = require('os').constants.signals[value.toUpperCase()] !== undefined;
  throw new ERR_UNKNOWN_SIGNAL(value, isLowerCase);
}

define('directory', validateString);
define('filename', validateString);
define('compact', validateBoolean);
define('excludeNetwork', validateBoolean);
define('signal', checkSignal, (signal) => {
  if (!settings.reportOnSignal) return;
  process.removeListener(settings.signal, onSignal);
  process.on(signal, onSignal);
});
define('reportOnFatalError', validateBoolean);
define('reportOnSignal', validateBoolean, (isOn) => {
  process.removeListener(settings.signal, onSignal);
  if (isOn) process.on(settings.signal, onSignal);
});
define('reportOnUncaughtException', validateBoolean);
define('excludeEnv', validateBoolean);

if (settings.reportOnSignal) process.on(settings.signal, onSignal);

/** Called for an error that ends the program. */
function reportUncaught(error) {
  if (settings.reportOnUncaughtException) write('Exception', 'Exception', undefined, error);
}

module.exports = { report, reportUncaught };
