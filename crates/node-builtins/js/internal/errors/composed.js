'use strict';
// The error codes whose text is put together from their arguments, or that carry further
// properties, grouped as in internal/errors/messages. Each entry is called with the new
// error as `this` and returns its message. Also the wording these texts share:
// "Received type string ('x')" and "a, b, or c".

const lazy = require('internal/lazy');
const getInspect = lazy(() => require('internal/util/inspect').inspect);
const getFormat = lazy(() => require('internal/util/inspect').format);

const inspectPlainly = (value) => {
  try {
    return getInspect()(value);
  } catch {
    return getInspect()(value, { customInspect: false });
  }
};

function determineSpecificType(value) {
  if (value === null || value === undefined) return String(value);
  switch (typeof value) {
    case 'string': {
      const shown = value.length > 28 ? `${value.slice(0, 25)}...` : value;
      return `type string (${shown.includes("'") ? JSON.stringify(shown) : `'${shown}'`})`;
    }
    case 'number':
      return `type number (${Object.is(value, -0) ? '-0' : value})`;
    case 'bigint':
      return `type bigint (${value}n)`;
    case 'function':
      return `function ${value.name}`;
    case 'object':
      if (value.constructor && 'name' in value.constructor) {
        return `an instance of ${value.constructor.name}`;
      }
      return getInspect()(value, { depth: -1 });
    default:
      return `type ${typeof value} (${String(value)})`;
  }
}

function formatList(items, word = 'and') {
  if (items.length < 2) return items.join('');
  if (items.length === 2) return `${items[0]} ${word} ${items[1]}`;
  return `${items.slice(0, -1).join(', ')}, ${word} ${items[items.length - 1]}`;
}

const primitiveTypes = new Set([
  'string', 'function', 'number', 'object', 'Function', 'Object', 'boolean', 'bigint', 'symbol',
]);

// "of type string or an instance of Buffer": primitives first, then classes, then the rest.
function expectedTypes(expected) {
  let types = [];
  const classes = [];
  const others = [];
  for (const name of Array.isArray(expected) ? expected : [expected]) {
    if (primitiveTypes.has(name)) types.push(name.toLowerCase());
    else if (/^[A-Z][a-zA-Z0-9]*$/.test(name)) classes.push(name);
    else others.push(name);
  }
  if (classes.length > 0 && types.includes('object')) {
    types = types.toSpliced(types.indexOf('object'), 1);
    classes.push('Object');
  }
  const parts = [];
  if (types.length > 0) {
    parts.push(`${types.length > 1 ? 'one of type' : 'of type'} ${formatList(types, 'or')}`);
  }
  if (classes.length > 0) parts.push(`an instance of ${formatList(classes, 'or')}`);
  if (others.length > 1) parts.push(`one of ${formatList(others, 'or')}`);
  else if (others.length === 1) {
    parts.push(others[0].toLowerCase() === others[0] ? others[0] : `an ${others[0]}`);
  }
  return parts.join(' or ');
}

const argumentOrProperty = (name) => (name.includes('.') ? 'property' : 'argument');

function groupDigits(digits) {
  const start = digits[0] === '-' ? 1 : 0;
  let grouped = '';
  let end = digits.length;
  for (; end >= start + 4; end -= 3) grouped = `_${digits.slice(end - 3, end)}${grouped}`;
  return digits.slice(0, end) + grouped;
}

function receivedInRange(value) {
  if (Number.isInteger(value) && Math.abs(value) > 2 ** 32) return groupDigits(String(value));
  if (typeof value === 'bigint') {
    const digits = String(value);
    return `${value > 2n ** 32n || value < -(2n ** 32n) ? groupDigits(digits) : digits}n`;
  }
  return inspectPlainly(value);
}

function shortened(value) {
  const text = inspectPlainly(value);
  return text.length > 128 ? `${text.slice(0, 128)}...` : text;
}

const packageFile = (folder) => `${folder}package.json`;
const importedFrom = (base) => (base ? ` imported from ${base}` : '');
const quotedIfString = (value) => (typeof value === 'string' ? `"${value}"` : String(value));
const baseName = (path) => path.slice(path.lastIndexOf('/') + 1);

const ofError = {
  ERR_ACCESS_DENIED(message, permission = '', resource = '') {
    this.permission = permission;
    this.resource = resource;
    return message;
  },
  ERR_FALSY_VALUE_REJECTION(reason) {
    this.reason = reason;
    return 'Promise was rejected with falsy value';
  },
  ERR_HTTP2_STREAM_CANCEL(cause) {
    if (!cause) return 'The pending stream has been canceled';
    this.cause = cause;
    const detail = typeof cause.message === 'string' ? ` (caused by: ${cause.message})` : '';
    return `The pending stream has been canceled${detail}`;
  },
  ERR_INVALID_PACKAGE_CONFIG(path, base, message) {
    return `Invalid package config ${path}${base ? ` while importing ${base}` : ''}` +
      `${message ? `. ${message}` : ''}`;
  },
  ERR_INVALID_PACKAGE_TARGET(folder, key, target, isImport = false, base = undefined) {
    const hint = typeof target === 'string' && !isImport && target.length > 0 &&
      !target.startsWith('./') ? '; targets must start with "./"' : '';
    const what = key === '.' ?
      `Invalid "exports" main target ${JSON.stringify(target)} defined` :
      `Invalid "${isImport ? 'imports' : 'exports'}" target ${JSON.stringify(target)} ` +
        `defined for '${key}'`;
    return `${what} in the package config ${packageFile(folder)}${importedFrom(base)}${hint}`;
  },
  ERR_MODULE_NOT_FOUND(path, base, url) {
    if (url) this.url = `${url}`;
    return `Cannot find module '${path}'${importedFrom(base)}`;
  },
  ERR_PACKAGE_PATH_NOT_EXPORTED(folder, subpath, base = undefined) {
    const what = subpath === '.' ?
      'No "exports" main defined' :
      `Package subpath '${subpath}' is not defined by "exports"`;
    return `${what} in ${packageFile(folder)}${importedFrom(base)}`;
  },
  ERR_REQUIRE_ASYNC_MODULE(filename, parentFilename) {
    return 'require() cannot be used on an ESM graph with top-level await. Use import() ' +
      'instead. To see where the top-level await comes from, use ' +
      '--experimental-print-required-tla.' +
      `${parentFilename ? `\n  From ${parentFilename} ` : ''}` +
      `${filename ? `\n  Requiring ${filename} ` : ''}`;
  },
  ERR_REQUIRE_ESM(filename, hasEsmSyntax, parentPath = null, packageJsonPath = null) {
    const message = `require() of ES Module ${filename}` +
      `${parentPath ? ` from ${parentPath}` : ''} not supported.`;
    if (!packageJsonPath) {
      return filename.endsWith('.mjs') ? `${message}\nInstead change the require of ${filename} to a dynamic ` +
        'import() which is available in all CommonJS modules.' : message;
    }
    const name = parentPath && baseName(filename) === baseName(parentPath) ?
      filename : baseName(filename);
    if (hasEsmSyntax) {
      return `${message}\nInstead change the require of ${name} in ${parentPath} to a dynamic ` +
        'import() which is available in all CommonJS modules.';
    }
    return `${message}\n${name} is treated as an ES module file as it is a .js file whose ` +
      'nearest parent package.json contains "type": "module" which declares all .js files in ' +
      `that package scope as ES modules.\nInstead either rename ${name} to end in .cjs, change ` +
      'the requiring code to use dynamic import() which is available in all CommonJS modules, ' +
      `or change "type": "module" to "type": "commonjs" in ${packageJsonPath} to treat all .js ` +
      'files as CommonJS (using .mjs for all ES modules instead).\n';
  },
  ERR_TEST_FAILURE(cause, failureType) {
    this.failureType = failureType;
    this.cause = cause;
    const message = cause?.message ?? cause;
    return typeof message === 'string' ? message : inspectPlainly(message);
  },
  ERR_TLS_CERT_ALTNAME_INVALID(reason, host, cert) {
    this.reason = reason;
    this.host = host;
    this.cert = cert;
    return `Hostname/IP does not match certificate's altnames: ${reason}`;
  },
  ERR_UNHANDLED_ERROR(value) {
    return value === undefined ? 'Unhandled error.' : `Unhandled error. (${value})`;
  },
  ERR_UNSUPPORTED_DIR_IMPORT(path, base, url) {
    this.url = url;
    return `Directory import '${path}' is not supported resolving ES modules` +
      importedFrom(base);
  },
  ERR_UNSUPPORTED_ESM_URL_SCHEME(url, supported) {
    const windows = require('process').platform === 'win32' && url.protocol.length === 2 ?
      'On Windows, absolute paths must be valid file:// URLs. ' : '';
    return `Only URLs with a scheme in: ${formatList(supported)} are supported by the default ` +
      `ESM loader. ${windows}Received protocol '${url.protocol}'`;
  },
  ERR_VM_MODULE_LINK_FAILURE(message, cause) {
    this.cause = cause;
    return message;
  },
  ERR_WORKER_INVALID_EXEC_ARGV(flags, what = 'invalid execArgv flags') {
    return `Initiated Worker with ${what}: ${flags.join(', ')}`;
  },
};

const ofTypeError = {
  ERR_ENCODING_INVALID_ENCODED_DATA(encoding, errno) {
    this.errno = errno;
    return `The encoded data was not valid for encoding ${encoding}`;
  },
  ERR_HTTP2_INVALID_SETTING_VALUE(name, actual, min = undefined, max = undefined) {
    this.actual = actual;
    if (min !== undefined) {
      this.min = min;
      this.max = max;
    }
    return getFormat()('Invalid value for setting "%s": %s', name, actual);
  },
  ERR_IMPORT_ATTRIBUTE_UNSUPPORTED(name, value, url = undefined) {
    return `Import attribute "${name}" with value "${value}" is not supported` +
      `${url === undefined ? '' : ` in ${url}`}`;
  },
  ERR_INVALID_ARG_TYPE(name, expected, actual) {
    const subject = name.endsWith(' argument') ?
      name : `"${name}" ${argumentOrProperty(name)}`;
    return `The ${subject} must be ${expectedTypes(expected)}. ` +
      `Received ${determineSpecificType(actual)}`;
  },
  ERR_INVALID_ARG_VALUE(name, value, reason = 'is invalid') {
    return `The ${argumentOrProperty(name)} '${name}' ${reason}. Received ${shortened(value)}`;
  },
  ERR_INVALID_CHAR(name, field = undefined) {
    return `Invalid character in ${name}${field === undefined ? '' : ` ["${field}"]`}`;
  },
  ERR_INVALID_FILE_URL_PATH(reason, input) {
    this.input = input;
    return `File URL path ${reason}`;
  },
  ERR_INVALID_MIME_SYNTAX(production, text, index) {
    return `The MIME syntax for a ${production} in "${text}" is invalid` +
      `${index === -1 ? '' : ` at ${index}`}`;
  },
  ERR_INVALID_MODULE_SPECIFIER(specifier, reason, base = undefined) {
    return `Invalid module "${specifier}" ${reason}${importedFrom(base)}`;
  },
  ERR_INVALID_RETURN_PROPERTY(expected, hook, property, value) {
    return `Expected a valid ${expected} to be returned for the "${property}" from the ` +
      `"${hook}" hook but got ${determineSpecificType(value)}.`;
  },
  ERR_INVALID_RETURN_PROPERTY_VALUE(expected, hook, property, value) {
    return `Expected ${expected} to be returned for the "${property}" from the "${hook}" ` +
      `hook but got ${determineSpecificType(value)}.`;
  },
  ERR_INVALID_RETURN_VALUE(expected, name, value) {
    return `Expected ${expected} to be returned from the "${name}" function but got ` +
      `${determineSpecificType(value)}.`;
  },
  ERR_INVALID_URL(input, base = null) {
    this.input = input;
    if (base != null) this.base = base;
    return 'Invalid URL';
  },
  ERR_INVALID_URL_SCHEME(expected) {
    const schemes = [expected].flat();
    return `The URL must be ${schemes.length > 1 ? 'one of' : 'of'} scheme ` +
      formatList(schemes, 'or');
  },
  ERR_MISSING_ARGS(...names) {
    const quoted = names.map((name) => (Array.isArray(name) ?
      name.map((one) => `"${one}"`).join(' or ') : `"${name}"`));
    return `The ${formatList(quoted)} argument${names.length > 1 ? 's' : ''} must be specified`;
  },
  ERR_PACKAGE_IMPORT_NOT_DEFINED(specifier, folder, base) {
    return `Package import specifier "${specifier}" is not defined` +
      `${folder ? ` in package ${packageFile(folder)}` : ''}${importedFrom(base)}`;
  },
  ERR_PARSE_ARGS_UNKNOWN_OPTION(option, allowPositionals) {
    const hint = allowPositionals ?
      ". To specify a positional argument starting with a '-', place it at the end of the " +
        `command after '--', as in '-- "${option}"` : '';
    return `Unknown option '${option}'${hint}`;
  },
  ERR_TLS_ALPN_CALLBACK_INVALID_RESULT(value, protocols) {
    return `ALPN callback returned a value (${value}) that did not match any of the client's ` +
      `offered protocols (${protocols.join(', ')})`;
  },
  ERR_TLS_INVALID_PROTOCOL_VERSION(version, bound) {
    return `${quotedIfString(version)} is not a valid ${bound} TLS protocol version`;
  },
  ERR_TLS_PROTOCOL_VERSION_CONFLICT(version, secureProtocol) {
    return `TLS protocol version ${quotedIfString(version)} conflicts with secureProtocol ` +
      quotedIfString(secureProtocol);
  },
  ERR_UNKNOWN_SIGNAL(signal) {
    const { signals } = require('os').constants;
    const hint = typeof signal === 'string' && signals[signal.toUpperCase()] !== undefined ?
      ' (signals must use all capital letters)' : '';
    return getFormat()('Unknown signal: %s%s', signal, hint);
  },
  ERR_WORKER_PATH(filename) {
    const hint = String(filename).startsWith('file://') ?
      'Wrap file:// URLs with `new URL`. ' : '';
    return 'The worker script or module filename must be an absolute path or a relative path ' +
      `starting with './' or '../'. ${hint}Received "${filename}"`;
  },
};

const ofRangeError = {
  ERR_BUFFER_OUT_OF_BOUNDS(name = undefined) {
    return name ?
      `"${name}" is outside of buffer bounds` : 'Attempt to access memory outside buffer bounds';
  },
  ERR_INVALID_ADDRESS_FAMILY(family, host, port) {
    this.host = host;
    this.port = port;
    return `Invalid address family: ${family} ${host}:${port}`;
  },
  ERR_OUT_OF_RANGE(name, range, value, replaceDefault = false) {
    const what = replaceDefault ? name : `The value of "${name}" is out of range.`;
    return `${what} It must be ${range}. Received ${receivedInRange(value)}`;
  },
  ERR_SOCKET_BAD_PORT(name, port, allowZero = true) {
    return `${name} should be ${allowZero ? '>=' : '>'} 0 and < 65536. ` +
      `Received ${determineSpecificType(port)}.`;
  },
};

module.exports = {
  determineSpecificType,
  formatList,
  composed: { __proto__: null, Error: ofError, TypeError: ofTypeError, RangeError: ofRangeError },
};
