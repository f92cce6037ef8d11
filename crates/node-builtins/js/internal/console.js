'use strict';
// The Console class: formatting, groups, counters and timers over two streams. The global console
// is made in `console`.

const {
  codes: { ERR_CONSOLE_WRITABLE_STREAM, ERR_INCOMPATIBLE_OPTION_PAIR },
} = require('internal/errors');
const {
  validateArray,
  validateInteger,
  validateObject,
  validateOneOf,
} = require('internal/validators');
const { formatWithOptions, inspect } = require('internal/util/inspect');
const { isMap } = require('internal/util/types');
const lazy = require('internal/lazy');

const getProcess = lazy(() => require('process'));
const getColors = lazy(() => require('internal/util/colors'));
const getTable = lazy(() => require('internal/console/table'));
const getFormatTime = lazy(() => require('internal/console/time').formatTime);
const getChannels = lazy(() => {
  const { channel } = require('diagnostics_channel');
  return {
    __proto__: null,
    log: channel('console.log'),
    info: channel('console.info'),
    debug: channel('console.debug'),
    warn: channel('console.warn'),
    error: channel('console.error'),
  };
});

const kIsConsole = Symbol('kIsConsole');
const kColorMode = Symbol('kColorMode');
const kCounts = Symbol('counts');
const kGroupIndentWidth = Symbol('kGroupIndentWidth');
const kGroupIndentation = Symbol('kGroupIndentationString');
const kInspectOptions = Symbol('kInspectOptions');

const widestIndentation = 1000;
const colored = { __proto__: null, colors: true };
const plain = { __proto__: null };

function isWritable(stream) {
  return stream && typeof stream.write === 'function';
}

function Console(options /* or: stdout, stderr, ignoreErrors = true */) {
  if (!new.target) return Reflect.construct(Console, arguments);
  if (!options || typeof options.write === 'function') {
    options = { stdout: options, stderr: arguments[1], ignoreErrors: arguments[2] };
  }
  const {
    stdout, stderr = stdout, ignoreErrors = true, colorMode = 'auto', inspectOptions,
    groupIndentation,
  } = options;
  if (!isWritable(stdout)) throw new ERR_CONSOLE_WRITABLE_STREAM('stdout');
  if (!isWritable(stderr)) throw new ERR_CONSOLE_WRITABLE_STREAM('stderr');
  validateOneOf(colorMode, 'colorMode', ['auto', true, false]);
  if (groupIndentation !== undefined) {
    validateInteger(groupIndentation, 'groupIndentation', 0, widestIndentation);
  }
  let byStream;
  if (inspectOptions !== undefined) {
    validateObject(inspectOptions, 'options.inspectOptions');
    byStream = isMap(inspectOptions) ?
      inspectOptions :
      new Map([[stdout, inspectOptions], [stderr, inspectOptions]]);
    for (const stream of [stdout, stderr]) {
      if (byStream.get(stream)?.colors !== undefined && options.colorMode !== undefined) {
        throw new ERR_INCOMPATIBLE_OPTION_PAIR('options.inspectOptions.color', 'colorMode');
      }
    }
  }

  bindMethods(this, this);
  hide(this, '_stdout', stdout);
  hide(this, '_stderr', stderr);
  initialize(this, { ignoreErrors, colorMode, groupIndentation, inspectOptions: byStream });
}

// Methods work when taken off their console: they are bound, also those of subclasses.
function bindMethods(console, source) {
  for (const key of Object.keys(Console.prototype)) {
    const bound = source[key].bind(console);
    Object.defineProperty(bound, 'name', { __proto__: null, value: source[key].name });
    console[key] = bound;
  }
}

function hide(object, key, value) {
  Object.defineProperty(object, key, {
    __proto__: null, value, writable: true, enumerable: false, configurable: true,
  });
}

function initialize(console, { ignoreErrors, colorMode, groupIndentation = 2, inspectOptions }) {
  hide(console, '_stdoutErrorHandler', errorHandler(console, '_stdout'));
  hide(console, '_stderrErrorHandler', errorHandler(console, '_stderr'));
  hide(console, '_ignoreErrors', Boolean(ignoreErrors));
  hide(console, '_times', new Map());
  hide(console, kCounts, new Map());
  hide(console, kColorMode, colorMode);
  hide(console, kIsConsole, true);
  hide(console, kGroupIndentWidth, groupIndentation);
  hide(console, kGroupIndentation, '');
  hide(console, kInspectOptions, inspectOptions);
  Object.defineProperty(console, Symbol.toStringTag, {
    __proto__: null, value: 'console', writable: false, enumerable: false, configurable: true,
  });
}

// ---- Writing ----

function noop() {}

// A failed write would emit 'error': with nobody to hear it, that would end the program.
function errorHandler(console, streamKey) {
  return (error) => {
    const stream = console[streamKey];
    if (error !== null && error !== undefined && !stream._writableState?.errorEmitted &&
        stream.listenerCount('error') === 0) {
      stream.once('error', noop);
    }
  };
}

function isStackOverflow(error) {
  return error instanceof Error &&
         /call stack size exceeded|too much recursion/.test(error.message);
}

function writeTo(console, streamKey, text) {
  const indentation = console[kGroupIndentation];
  if (indentation.length !== 0) {
    if (text.includes('\n')) text = text.replaceAll('\n', `\n${indentation}`);
    text = indentation + text;
  }
  text += '\n';

  const stream = console[streamKey];
  if (!console._ignoreErrors) {
    stream.write(text);
    return;
  }
  const handler = streamKey === '_stdout' ?
    console._stdoutErrorHandler :
    console._stderrErrorHandler;
  // Errors may come at once (files, terminals) or later (pipes, sockets).
  try {
    if (stream.listenerCount('error') === 0) stream.once('error', noop);
    stream.write(text, handler);
  } catch (error) {
    // What a debugging aid cannot write is lost, but an endless recursion is a fault to show.
    if (isStackOverflow(error)) throw error;
  } finally {
    stream.removeListener('error', noop);
  }
}

function inspectOptionsFor(console, stream) {
  let color = console[kColorMode];
  if (color === 'auto') color = getColors().shouldColorize(stream);
  const options = console[kInspectOptions]?.get(stream);
  if (options) {
    if (options.colors === undefined) options.colors = color;
    return options;
  }
  return color ? colored : plain;
}

function formatFor(console, stream, args) {
  if (args.length === 1 && typeof args[0] === 'string') return args[0];
  return formatWithOptions(inspectOptionsFor(console, stream), ...args);
}

function publish(method, args) {
  const channel = getChannels()[method];
  if (channel.hasSubscribers) channel.publish(args);
}

function toStdout(console, args) {
  writeTo(console, '_stdout', formatFor(console, console._stdout, args));
}

function toStderr(console, args) {
  writeTo(console, '_stderr', formatFor(console, console._stderr, args));
}

// ---- Timers ----

function elapsed(console, method, label) {
  const started = console._times.get(label);
  if (started === undefined) {
    getProcess().emitWarning(`No such label '${label}' for console.${method}()`);
    return undefined;
  }
  const [seconds, nanoseconds] = getProcess().hrtime(started);
  return getFormatTime()(seconds * 1000 + nanoseconds / 1e6);
}

// ---- Methods ----

const methods = {
  log(...args) {
    publish('log', args);
    toStdout(this, args);
  },

  info(...args) {
    publish('info', args);
    toStdout(this, args);
  },

  debug(...args) {
    publish('debug', args);
    toStdout(this, args);
  },

  warn(...args) {
    publish('warn', args);
    toStderr(this, args);
  },

  error(...args) {
    publish('error', args);
    toStderr(this, args);
  },

  dir(object, options) {
    writeTo(this, '_stdout', inspect(object, {
      customInspect: false,
      ...inspectOptionsFor(this, this._stdout),
      ...options,
    }));
  },

  time(label = 'default') {
    label = `${label}`;
    if (this._times.has(label)) {
      getProcess().emitWarning(`Label '${label}' already exists for console.time()`);
      return;
    }
    this._times.set(label, getProcess().hrtime());
  },

  timeEnd(label = 'default') {
    label = `${label}`;
    const time = elapsed(this, 'timeEnd', label);
    if (time === undefined) return;
    this._times.delete(label);
    this.log('%s: %s', label, time);
  },

  timeLog(label = 'default', ...data) {
    label = `${label}`;
    const time = elapsed(this, 'timeLog', label);
    if (time !== undefined) this.log('%s: %s', label, time, ...data);
  },

  trace(...args) {
    const trace = new Error(formatFor(this, this._stderr, args));
    trace.name = 'Trace';
    Error.captureStackTrace(trace, this.trace);
    this.error(trace.stack);
  },

  assert(expression, ...args) {
    if (expression) return;
    if (typeof args[0] === 'string') args[0] = `Assertion failed: ${args[0]}`;
    else args.unshift('Assertion failed');
    this.warn(...args);
  },

  clear() {
    if (this._stdout.isTTY && getProcess().env.TERM !== 'dumb') {
      this._stdout.write('\x1b[1;1H'); // to the first line and column
      this._stdout.write('\x1b[0J'); // everything from there
    }
  },

  count(label = 'default') {
    label = `${label}`;
    const count = (this[kCounts].get(label) ?? 0) + 1;
    this[kCounts].set(label, count);
    this.log(`${label}: ${count}`);
  },

  countReset(label = 'default') {
    if (!this[kCounts].delete(`${label}`)) {
      getProcess().emitWarning(`Count for '${label}' does not exist`);
    }
  },

  group(...data) {
    if (data.length > 0) this.log(...data);
    this[kGroupIndentation] += ' '.repeat(this[kGroupIndentWidth]);
  },

  groupEnd() {
    const indentation = this[kGroupIndentation];
    this[kGroupIndentation] =
      indentation.slice(0, Math.max(0, indentation.length - this[kGroupIndentWidth]));
  },

  table(data, properties) {
    if (data === null || typeof data !== 'object') {
      this.log(data);
      return;
    }
    if (properties !== undefined) validateArray(properties, 'properties');
    const options = inspectOptionsFor(this, this._stdout);
    this.log(getTable().tableOf(data, properties, options));
  },

  dirxml(...args) {
    publish('log', args);
    toStdout(this, args);
  },

  groupCollapsed(...data) {
    if (data.length > 0) this.log(...data);
    this[kGroupIndentation] += ' '.repeat(this[kGroupIndentWidth]);
  },
};

Object.assign(Console.prototype, methods);

// The global console is none of its instances, yet counts as one.
Object.defineProperty(Console, Symbol.hasInstance, {
  __proto__: null,
  value(instance) {
    return instance?.[kIsConsole] === true;
  },
});

module.exports = { Console, bindMethods, initialize };
