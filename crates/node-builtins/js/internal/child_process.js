'use strict';
// ChildProcess: a process that was started, its streams and its end. And spawnSync, which waits for one.

const EventEmitter = require('events');
const process = require('process');
const { ErrnoException, codes } = require('internal/errors');
const { validateArray, validateObject, validateOneOf, validateString } = require('internal/validators');
const { convertToValidSignal } = require('internal/util');
const { beginResource, callInResource, endResource } = require('internal/async_hooks');
const { setCallReferenced } = require('internal/event_loop');
const ops = require('internal/child_process/binding');
const { toEnvironmentPairs } = require('internal/child_process/options');
const { getValidStdio, toDescriptors } = require('internal/child_process/stdio');
const { PipeHandle, PipeStream } = require('internal/pipe');
const { Buffer } = require('buffer');
const diagnostics = require('diagnostics_channel');
const lazy = require('internal/lazy');

const { ERR_INVALID_ARG_TYPE } = codes;

const getConstants = lazy(() => require('os').constants);
const setupChannel = lazy(() => require('internal/child_process/channel').setupChannel);

// Failures that are the program's, not the caller's: they are told by an event.
const LATE_FAILURES = new Set(['EACCES', 'EAGAIN', 'EMFILE', 'ENFILE', 'ENOENT']);

const created = diagnostics.channel('child_process');
const spawning = diagnostics.tracingChannel('child_process.spawn');

function signalName(number) {
  const { signals } = getConstants();
  for (const name in signals) if (signals[name] === number) return name;
  return null;
}

// Whether a detached child leads its own session, then user and group, as the ops take it.
function toSettings({ detached, gid, uid }) {
  return [detached ? 1 : 0, uid ?? -1, gid ?? -1];
}

class ChildProcess extends EventEmitter {
  #process;
  #wait;
  /** What hooks know of it. */
  #resource;
  #referenced = true;
  // 'close' comes when the process and all its streams have ended.
  #closesNeeded = 1;
  #closesGot = 0;

  constructor() {
    super();
    this.connected = false;
    this.signalCode = null;
    this.exitCode = null;
    this.killed = false;
    this.spawnfile = null;
    if (created.hasSubscribers) created.publish({ process: this });
  }

  spawn(options) {
    validateObject(options, 'options');
    let { stdio, ipc, ipcFd } = getValidStdio(options.stdio || 'pipe', false);
    validateOneOf(options.serialization, 'options.serialization', [undefined, 'json', 'advanced']);
    const mode = options.serialization || 'json';
    let { args, envPairs } = options;
    if (ipc !== undefined) {
      if (envPairs === undefined) envPairs = [];
      else validateArray(envPairs, 'options.envPairs');
      envPairs = [...envPairs, `NODE_CHANNEL_FD=${ipcFd}`, `NODE_CHANNEL_SERIALIZATION_MODE=${mode}`];
    }
    validateString(options.file, 'options.file');
    if (args === undefined) args = [];
    else validateArray(args, 'options.args');
    this.spawnfile = options.file;
    this.spawnargs = args;

    if (spawning.hasSubscribers) spawning.start.publish({ process: this, options });
    const error = this.#start({ __proto__: null, ...options, args, envPairs, stdio });
    if (error !== undefined) {
      if (spawning.hasSubscribers) spawning.error.publish({ process: this, options, error });
      this.#failToStart(error, stdio);
      return error.errno;
    }
    if (spawning.hasSubscribers) spawning.end.publish({ process: this, options });

    process.nextTick(() => {
      this.emit('spawn');
    });
    this.#connect(stdio);
    if (ipc !== undefined) {
      setupChannel()(this, new PipeHandle(ops.pipe(this.#process, ipcFd)), mode, () => this.#countClose());
    }
    return 0;
  }

  // The error, if the process could not be started.
  #start({ args, cwd, detached, envPairs, file, gid, stdio, uid }) {
    const environment = envPairs ?? toEnvironmentPairs(process.env);
    try {
      this.#process = ops.spawn(
        file, args.map(String), environment, cwd, toDescriptors(stdio), toSettings({ detached, gid, uid }));
    } catch (error) {
      if (typeof error.errno !== 'number') throw error;
      const { code, errno } = error;
      const described = new ErrnoException(errno, LATE_FAILURES.has(code) ? `spawn ${file}` : 'spawn');
      described.path = file;
      described.spawnargs = args.slice(1);
      return described;
    }
    this.#resource = beginResource('PROCESSWRAP', this);
    this.pid = ops.pid(this.#process);
    this.#wait = ops.wait(this.#process, (error, status) => {
      if (error !== null) throw error;
      const signal = status[1] === undefined ? null : signalName(status[1]);
      callInResource(this.#resource, this.#ended, this, status[0] ?? null, signal);
    });
    if (!this.#referenced) setCallReferenced(this.#wait, false);
    return undefined;
  }

  #failToStart(error, stdio) {
    if (!LATE_FAILURES.has(error.code)) {
      const { errno } = error;
      throw new ErrnoException(errno, 'spawn');
    }
    // Streams of a process that never was: they end at once.
    this.pid = undefined;
    this.#setStreams(stdio.map((item, i) => {
      if (item.type !== 'pipe' || item.ipc) return null;
      const stream = new PipeStream(new PipeHandle(), { readable: i > 0, writable: item.readable });
      stream.destroy();
      return stream;
    }));
    process.nextTick(() => {
      this.exitCode = error.errno;
      this.emit('error', error);
      this.#countClose();
    });
  }

  #connect(stdio) {
    this.#setStreams(stdio.map((item, i) => {
      // What a child reads now nobody else should.
      if (item.stream instanceof PipeStream) item.stream.suspend();
      if (item.type === 'ignore' || item.fd !== undefined) return null;
      // 'close' waits for the channel, too.
      if (item.ipc) {
        this.#closesNeeded++;
        return null;
      }
      const handle = new PipeHandle(ops.pipe(this.#process, i));
      beginResource('PIPEWRAP', handle);
      const stream = new PipeStream(handle, { readable: i > 0, writable: i === 0 || i > 2 });
      if (i > 0) {
        this.#closesNeeded++;
        stream.on('close', () => this.#countClose());
      }
      return stream;
    }));
  }

  #setStreams(streams) {
    [this.stdin, this.stdout, this.stderr] = streams;
    this.stdio = streams;
  }

  #ended(exitCode, signalCode) {
    this.#process = undefined;
    endResource(this.#resource);
    if (signalCode !== null) this.signalCode = signalCode;
    else this.exitCode = exitCode;
    this.stdin?.destroy();
    this.emit('exit', this.exitCode, this.signalCode);
    // What nobody reads would keep the streams from ending.
    process.nextTick(() => this.#flush());
    this.#countClose();
  }

  #flush() {
    for (const stream of this.stdio ?? []) {
      if (stream?.readable && !stream.isSuspended) stream.resume();
    }
  }

  #countClose() {
    this.#closesGot++;
    if (this.#closesGot === this.#closesNeeded) this.emit('close', this.exitCode, this.signalCode);
  }

  kill(signal) {
    const number = signal === 0 ? 0 : convertToValidSignal(signal === undefined ? 'SIGTERM' : signal);
    if (this.#process === undefined) return false;
    const errno = ops.kill(this.#process, number);
    if (errno === 0) {
      this.killed = true;
      return true;
    }
    const error = new ErrnoException(errno, 'kill');
    if (error.code === 'ESRCH') return false;
    if (error.code === 'EINVAL' || error.code === 'ENOSYS') throw error;
    this.emit('error', error);
    return false;
  }

  [Symbol.dispose]() {
    if (!this.killed) this.kill();
  }

  ref() {
    this.#setReferenced(true);
  }

  unref() {
    this.#setReferenced(false);
  }

  #setReferenced(referenced) {
    this.#referenced = referenced;
    if (this.#wait !== undefined) setCallReferenced(this.#wait, referenced);
  }
}

// ---- waiting for a process

function toInput(input, name, encoding) {
  if (ArrayBuffer.isView(input)) return new Uint8Array(input.buffer, input.byteOffset, input.byteLength);
  if (typeof input === 'string') return Buffer.from(input, encoding);
  throw new ERR_INVALID_ARG_TYPE(name, ['Buffer', 'TypedArray', 'DataView', 'string'], input);
}

function spawnSync(options) {
  const { args, cwd, encoding, envPairs, file, killSignal, maxBuffer, stdio, timeout } = options;
  const inputs = stdio.map(({ input }, i) => {
    return input == null ? undefined : toInput(input, `options.stdio[${i}]`, encoding);
  });
  const settings = toSettings(options);
  settings.push(timeout > 0 ? timeout : -1, Number.isFinite(maxBuffer) ? maxBuffer : -1, killSignal ?? -1);
  const [pid, status, signal, errno, outputs] = ops.spawnSync(
    file, args.map(String), envPairs, cwd, toDescriptors(stdio), settings, inputs[0] ?? new Uint8Array(0));

  const decode = encoding && encoding !== 'buffer';
  const output = pid === 0 ? null : outputs.map(([isPipe, bytes], i) => {
    if (!isPipe || i === 0) return null;
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return decode ? buffer.toString(encoding) : buffer;
  });
  const result = {
    status: status ?? null,
    signal: signal === undefined ? null : signalName(signal),
    output,
    pid,
    stdout: output?.[1],
    stderr: output?.[2],
  };
  if (errno === 0) return result;
  const error = new ErrnoException(-errno, `spawnSync ${file}`);
  error.path = file;
  error.spawnargs = args.slice(1);
  return { error, ...result };
}

module.exports = { ChildProcess, spawnSync };
