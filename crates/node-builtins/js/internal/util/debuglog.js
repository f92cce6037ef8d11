'use strict';
// util.debuglog: messages on standard error for the sections that NODE_DEBUG names.

const process = require('process');
const { inspect, formatWithOptions } = require('internal/util/inspect');

let sections;

// NODE_DEBUG is a list of section names in any case, in which * stands for anything.
function isEnabled(section) {
  if (sections === undefined) {
    const list = process.env.NODE_DEBUG;
    const pattern = list ? list.replace(/[|\\{}()[\]^$+?.]/g, '\\$&')
      .replaceAll('*', '.*').replaceAll(',', '$|^') : undefined;
    sections = pattern === undefined ? /$^/ : new RegExp(`^${pattern}$`, 'i');
  }
  return sections.test(section);
}

function warnOfSecrets(section) {
  if (section !== 'HTTP' && section !== 'HTTP2') return;
  process.emitWarning(
    `Setting the NODE_DEBUG environment variable to '${section.toLowerCase()}' can expose ` +
    'sensitive data (such as passwords, tokens and authentication headers) in the resulting log.');
}

// `onFirst` is called with the final function when the first message comes.
function debuglog(section, onFirst) {
  const name = section.toUpperCase();
  let enabled;
  let log = (...args) => {
    log = isOn() ? write : () => {};
    if (typeof onFirst === 'function') onFirst(withState(log));
    log(...args);
  };
  const isOn = () => {
    if (enabled === undefined) {
      enabled = isEnabled(name);
      if (enabled) warnOfSecrets(name);
    }
    return enabled;
  };
  const write = (...args) => {
    const colors = require('internal/util/colors').shouldColorize(process.stderr);
    process.stderr.write(`${name} ${inspect(process.pid, { colors })}: ` +
      `${formatWithOptions({ colors }, ...args)}\n`);
  };

  const withState = (logger) => Object.defineProperty(logger, 'enabled', {
    __proto__: null, get: isOn, configurable: true, enumerable: true,
  });
  return withState((...args) => log(...args));
}

module.exports = { debuglog };
