'use strict';
// The web's navigator: what a program may know of the machine it runs on.

const lazy = require('internal/lazy');
const { codes: { ERR_ILLEGAL_CONSTRUCTOR, ERR_INVALID_THIS } } = require('internal/errors');
const { kEnumerableProperty } = require('internal/util');

const getProcess = lazy(() => require('process'));
const getParallelism = lazy(() => require('os').availableParallelism());
const getLanguage = lazy(() => Intl.DateTimeFormat().resolvedOptions().locale || 'en-US');
const getLanguages = lazy(() => Object.freeze([getLanguage()]));

const kMake = Symbol('kMake');

/** The platform in the words of browsers. */
function getNavigatorPlatform(arch, platform) {
  switch (platform) {
    case 'darwin':
      return 'MacIntel';
    case 'win32':
      return 'Win32';
    case 'linux':
      if (arch === 'ia32') return 'Linux i686';
      return arch === 'x64' ? 'Linux x86_64' : `Linux ${arch}`;
    case 'freebsd':
      return `FreeBSD ${architectureOfBsd(arch)}`;
    case 'openbsd':
      return `OpenBSD ${architectureOfBsd(arch)}`;
    case 'sunos':
      return arch === 'ia32' ? 'SunOS i86pc' : `SunOS ${arch}`;
    case 'aix':
      return 'AIX';
    default:
      return `${platform[0].toUpperCase()}${platform.slice(1)} ${arch}`;
  }
}

function architectureOfBsd(arch) {
  if (arch === 'ia32') return 'i386';
  return arch === 'x64' ? 'amd64' : arch;
}

const getPlatform = lazy(() => getNavigatorPlatform(getProcess().arch, getProcess().platform));
const getUserAgent = lazy(() => `Node.js/${getProcess().version.slice(1).split('.', 1)[0]}`);

class Navigator {
  #isNavigator = true;

  constructor(key = undefined) {
    if (key !== kMake) throw new ERR_ILLEGAL_CONSTRUCTOR();
  }

  static #check(navigator) {
    if (typeof navigator !== 'object' || navigator === null || !(#isNavigator in navigator)) {
      throw new ERR_INVALID_THIS('Navigator');
    }
  }

  get hardwareConcurrency() {
    Navigator.#check(this);
    return getParallelism();
  }

  get language() {
    Navigator.#check(this);
    return getLanguage();
  }

  get languages() {
    Navigator.#check(this);
    return getLanguages();
  }

  get userAgent() {
    Navigator.#check(this);
    return getUserAgent();
  }

  get platform() {
    Navigator.#check(this);
    return getPlatform();
  }
}

Object.defineProperties(Navigator.prototype, {
  hardwareConcurrency: kEnumerableProperty,
  language: kEnumerableProperty,
  languages: kEnumerableProperty,
  userAgent: kEnumerableProperty,
  platform: kEnumerableProperty,
});

module.exports = { Navigator, getNavigatorPlatform, navigator: new Navigator(kMake) };
