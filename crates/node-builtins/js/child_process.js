'use strict';
// child_process: spawn and what is built of it. Processes themselves are in internal/child_process.

const process = require('process');
const { AbortError, codes, genericNodeError } = require('internal/errors');
const {
  validateAbortSignal,
  validateArray,
  validateFunction,
  validateObject,
  validateString,
} = require('internal/validators');
const { getSystemErrorName } = require('internal/util');
const { getValidatedPath } = require('internal/fs/utils');
const {
  normalizeSpawnArguments,
  sanitizeKillSignal,
  validateMaxBuffer,
  validateNullFree,
  validateTimeout,
} = require('internal/child_process/options');
const { getValidStdio, stdioStringToArray } = require('internal/child_process/stdio');
const child_process = require('internal/child_process');
const { Buffer } = require('buffer');
const { clearTimeout, setTimeout } = require('timers');

const { ERR_CHILD_PROCESS_IPC_REQUIRED, ERR_CHILD_PROCESS_STDIO_MAXBUFFER } = codes;
const { ChildProcess } = child_process;

const MAX_BUFFER = 1024 * 1024;

// ---- spawn

function spawn(file, args, options) {
  options = normalizeSpawnArguments(file, args, options);
  validateTimeout(options.timeout);
  validateAbortSignal(options.signal, 'options.signal');
  const killSignal = sanitizeKillSignal(options.killSignal);
  const child = new ChildProcess();
  child.spawn(options);
  if (options.timeout > 0) killAfter(child, options.timeout, killSignal);
  if (options.signal) killOnAbort(child, options.signal, killSignal);
  return child;
}

function killAfter(child, timeout, killSignal) {
  const timer = setTimeout(() => {
    try {
      child.kill(killSignal ?? undefined);
    } catch (error) {
      child.emit('error', error);
    }
  }, timeout);
  child.once('exit', () => clearTimeout(timer));
}

function killOnAbort(child, signal, killSignal) {
  const abort = () => {
    try {
      if (child.kill(killSignal ?? undefined)) {
        child.emit('error', new AbortError(undefined, { cause: signal.reason }));
      }
    } catch (error) {
      child.emit('error', error);
    }
  };
  if (signal.aborted) {
    process.nextTick(abort);
    return;
  }
  const { kResistStopPropagation } = require('internal/event_target');
  signal.addEventListener('abort', abort, { __proto__: null, once: true, [kResistStopPropagation]: true });
  child.once('exit', () => signal.removeEventListener('abort', abort));
}

function fork(modulePath, args = [], options) {
  modulePath = getValidatedPath(modulePath, 'modulePath');
  if (args == null) {
    args = [];
  } else if (typeof args === 'object' && !Array.isArray(args)) {
    options = args;
    args = [];
  } else {
    validateArray(args, 'args');
  }
  if (options != null) validateObject(options, 'options');
  options = { __proto__: null, ...options, shell: false };
  options.execPath ||= process.execPath;
  validateNullFree(options.execPath, 'options.execPath');

  let execArgv = options.execArgv || process.execArgv;
  execArgv.forEach((arg, i) => validateNullFree(arg, `options.execArgv[${i}]`));
  if (execArgv === process.execArgv && process._eval != null) {
    // A program given by -e would start itself again.
    const at = execArgv.lastIndexOf(process._eval);
    if (at > 0) execArgv = execArgv.toSpliced(at - 1, 2);
  }

  if (typeof options.stdio === 'string') {
    options.stdio = stdioStringToArray(options.stdio, 'ipc');
  } else if (!Array.isArray(options.stdio)) {
    options.stdio = stdioStringToArray(options.silent ? 'pipe' : 'inherit', 'ipc');
  } else if (!options.stdio.includes('ipc')) {
    throw new ERR_CHILD_PROCESS_IPC_REQUIRED('options.stdio');
  }
  return spawn(options.execPath, [...execArgv, modulePath, ...args], options);
}

// The child's half of fork(): called when the process starts, with what its environment says.
function _forkChild(fd, mode) {
  const { PipeHandle } = require('internal/pipe');
  const { setupChannel } = require('internal/child_process/channel');
  const pipe = PipeHandle.open(fd);
  pipe.unref();
  const control = setupChannel(process, pipe, mode);
  process.on('newListener', (name) => {
    if (name === 'message' || name === 'disconnect') control.refCounted();
  });
  process.on('removeListener', (name) => {
    if (name === 'message' || name === 'disconnect') control.unrefCounted();
  });
}

// ---- exec and execFile

function exec(command, options, callback) {
  validateString(command, 'command');
  validateNullFree(command, 'command');
  if (typeof options === 'function') {
    callback = options;
    options = undefined;
  }
  options = { __proto__: null, ...options };
  options.shell = typeof options.shell === 'string' ? options.shell : true;
  // Programs replace execFile.
  return module.exports.execFile(command, options, callback);
}

function execFile(file, args, options, callback) {
  if (Array.isArray(args)) {
    args = args.slice();
  } else if (args != null && typeof args === 'object') {
    callback = options;
    options = args;
    args = [];
  } else if (typeof args === 'function') {
    callback = args;
    options = null;
    args = [];
  }
  args ??= [];
  if (typeof options === 'function') callback = options;
  else if (options != null) validateObject(options, 'options');
  if (callback != null) validateFunction(callback, 'callback');
  if (options?.argv0 != null) {
    validateString(options.argv0, 'options.argv0');
    validateNullFree(options.argv0, 'options.argv0');
  }
  options = {
    __proto__: null,
    encoding: 'utf8',
    timeout: 0,
    maxBuffer: MAX_BUFFER,
    killSignal: 'SIGTERM',
    cwd: null,
    env: null,
    shell: false,
    ...(typeof options === 'function' ? null : options),
  };
  validateTimeout(options.timeout);
  validateMaxBuffer(options.maxBuffer);
  options.killSignal = sanitizeKillSignal(options.killSignal);

  const child = spawn(file, args, {
    __proto__: null,
    cwd: options.cwd,
    env: options.env,
    gid: options.gid,
    shell: options.shell,
    signal: options.signal,
    uid: options.uid,
    windowsHide: Boolean(options.windowsHide),
    windowsVerbatimArguments: Boolean(options.windowsVerbatimArguments),
  });
  new Execution(child, [file, ...args].join(' '), options, callback).begin();
  return child;
}

// What a child writes on one stream, up to a limit.
class Collector {
  #pieces = [];
  #length = 0;

  constructor(stream, encoding, maxBuffer, exceeded) {
    this.stream = stream;
    this.encoding = encoding;
    if (encoding) stream?.setEncoding(encoding);
    stream?.on('data', (piece) => {
      // The program may have set another encoding.
      const { readableEncoding } = stream;
      const size = readableEncoding ? Buffer.byteLength(piece, readableEncoding) : piece.length;
      const room = maxBuffer - this.#length;
      this.#length += size;
      this.#pieces.push(size > room ? piece.slice(0, room) : piece);
      if (size > room) exceeded();
    });
  }

  get contents() {
    const isText = this.encoding || this.stream?.readableEncoding;
    return isText ? this.#pieces.join('') : Buffer.concat(this.#pieces);
  }

  destroy() {
    this.stream?.destroy();
  }
}

// One call of execFile: gathers output until the child ends, or is ended.
class Execution {
  #child;
  #command;
  #options;
  #callback;
  #stdout;
  #stderr;
  #timer;
  #error;
  #killed = false;
  #done = false;

  constructor(child, command, options, callback) {
    this.#child = child;
    this.#command = command;
    this.#options = options;
    this.#callback = callback;
  }

  begin() {
    const { encoding, maxBuffer, timeout } = this.#options;
    const textual = encoding !== 'buffer' && Buffer.isEncoding(encoding) ? encoding : null;
    const collect = (name) => new Collector(this.#child[name], textual, maxBuffer, () => {
      this.#error = new ERR_CHILD_PROCESS_STDIO_MAXBUFFER(name);
      this.#kill();
    });
    this.#stdout = collect('stdout');
    this.#stderr = collect('stderr');
    if (timeout > 0) this.#timer = setTimeout(() => this.#kill(), timeout);
    this.#child.addListener('close', (code, signal) => this.#finish(code, signal));
    this.#child.addListener('error', (error) => {
      this.#error = error;
      this.#stopListening();
      this.#finish();
    });
  }

  #stopListening() {
    this.#stdout.destroy();
    this.#stderr.destroy();
  }

  #kill() {
    this.#stopListening();
    this.#killed = true;
    try {
      this.#child.kill(this.#options.killSignal ?? undefined);
    } catch (error) {
      this.#error = error;
      this.#finish();
    }
  }

  #finish(code, signal) {
    if (this.#done) return;
    this.#done = true;
    clearTimeout(this.#timer);
    if (!this.#callback) return;
    const stdout = this.#stdout.contents;
    const stderr = this.#stderr.contents;
    if (!this.#error && code === 0 && signal === null) {
      this.#callback(null, stdout, stderr);
      return;
    }
    this.#error ||= genericNodeError(`Command failed: ${this.#command}\n${stderr}`, {
      code: code < 0 ? getSystemErrorName(code) : code,
      killed: this.#child.killed || this.#killed,
      signal,
    });
    this.#error.cmd = this.#command;
    this.#callback(this.#error, stdout, stderr);
  }
}

// util.promisify: the output as one object, which is also the error's; the process is the promise's `child`.
for (const original of [exec, execFile]) {
  const promised = function(...args) {
    const { promise, reject, resolve } = Promise.withResolvers();
    promise.child = original(...args, (error, stdout, stderr) => {
      if (error === null) resolve({ stdout, stderr });
      else reject(Object.assign(error, { stdout, stderr }));
    });
    return promise;
  };
  Object.defineProperty(promised, 'name', { configurable: true, value: original.name });
  Object.defineProperty(original, Symbol.for('nodejs.util.promisify.custom'), { enumerable: false, value: promised });
}

// ---- the synchronous forms

function spawnSync(file, args, options) {
  options = { __proto__: null, maxBuffer: MAX_BUFFER, ...normalizeSpawnArguments(file, args, options) };
  validateTimeout(options.timeout);
  validateMaxBuffer(options.maxBuffer);
  options.killSignal = sanitizeKillSignal(options.killSignal);
  options.stdio = getValidStdio(options.stdio || 'pipe', true).stdio;
  if (options.input) options.stdio[0] = { ...options.stdio[0], input: options.input };
  return child_process.spawnSync(options);
}

// The error of a call that failed, with all that is known of it.
function toError(result, args, command) {
  if (result.error) return Object.assign(result.error, result);
  if (result.status === 0) return undefined;
  let message = `Command failed: ${command || args.join(' ')}`;
  if (result.stderr?.length > 0) message += `\n${result.stderr.toString()}`;
  return genericNodeError(message, result);
}

function finishSync(result, inheritsStderr, args, command) {
  if (inheritsStderr && result.stderr) process.stderr.write(result.stderr);
  const error = toError(result, args, command);
  if (error) throw error;
  return result.stdout;
}

function execFileSync(file, args, options) {
  if (args != null && typeof args === 'object' && !Array.isArray(args)) {
    options = args;
    args = [];
  }
  args ??= [];
  const result = spawnSync(file, args, options);
  return finishSync(result, !options?.stdio, [options?.argv0 || file, ...args]);
}

function execSync(command, options) {
  validateString(command, 'command');
  validateNullFree(command, 'command');
  options = { __proto__: null, ...(typeof options === 'function' ? null : options) };
  options.shell = typeof options.shell === 'string' ? options.shell : true;
  return finishSync(spawnSync(command, options), !options.stdio, undefined, command);
}

module.exports = {
  _forkChild,
  ChildProcess,
  exec,
  execFile,
  execFileSync,
  execSync,
  fork,
  spawn,
  spawnSync,
};
