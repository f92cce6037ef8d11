'use strict';
// Files that a program consists of, and who hears when they change. Which files these are is told from outside.

const EventEmitter = require('events');
const path = require('path');
const lazy = require('internal/lazy');
const { clearTimeout, setTimeout } = require('timers');
const { kEmptyObject } = require('internal/util');
const { validateAbortSignal, validateNumber, validateOneOf } = require('internal/validators');

const getFs = lazy(() => require('fs'));
const getUrl = lazy(() => require('internal/url'));

const isInside = (file, folder) => file.startsWith(folder.endsWith(path.sep) ? folder : folder + path.sep);

/**
 * Emits 'changed' with `{ owners, eventType }`: for what belongs to files named with filterFile(), or in mode 'all'
 * for everything in the watched paths.
 */
class FilesWatcher extends EventEmitter {
  /** Path -> { handle, recursive, isForFile } */
  #watchers = new Map();
  #filtered = new Set();
  #ownersOf = new Map();
  #ownedBy = new Map();
  #changedOwners = new Set();
  #delay;
  #mode;
  #signal;
  #timer;
  #channels = new Map();

  constructor({ debounce = 200, mode = 'filter', signal } = kEmptyObject) {
    super({ __proto__: null, captureRejections: true });
    validateNumber(debounce, 'options.debounce', 0, 0x7fffffff);
    validateOneOf(mode, 'options.mode', ['filter', 'all']);
    this.#delay = debounce;
    this.#mode = mode;
    this.#signal = signal;
    if (signal === undefined) return;
    validateAbortSignal(signal, 'options.signal');
    if (signal.aborted) return;
    signal.addEventListener('abort', () => { this.clear(); }, { __proto__: null, once: true });
  }

  get watchedPaths() {
    return [...this.#watchers.keys()];
  }

  #isWatched(file) {
    if (this.#watchers.has(file)) return true;
    for (const [watched, { recursive }] of this.#watchers) {
      if (recursive && isInside(file, watched)) return true;
    }
    return false;
  }

  /** Watches a file or folder; a recursive watch takes over those inside of it. */
  watchPath(file, recursive = true, isForFile = false) {
    if (this.#isWatched(file) || this.#signal?.aborted) return;
    const isFolder = getFs().statSync(file).isDirectory();
    const handle = getFs().watch(file, { recursive: recursive && isFolder });
    handle.on('change', (eventType, name) => {
      // names are relative to folders; a file is told of by its own
      const changed = isFolder && name !== null ? path.resolve(file, `${name}`) : file;
      this.#onChange(changed, eventType);
    });
    handle.on('error', () => {});
    this.#watchers.set(file, { handle, recursive, isForFile });
    if (!recursive) return;
    for (const [watched, { handle: inner }] of this.#watchers) {
      if (watched === file || !isInside(watched, file)) continue;
      inner.close();
      this.#watchers.delete(watched);
    }
  }

  #onChange(changed, eventType) {
    if (this.#mode === 'filter' && !this.#filtered.has(changed)) return;
    for (const owner of this.#ownersOf.get(changed) ?? []) this.#changedOwners.add(owner);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.emit('changed', { owners: this.#changedOwners, eventType });
      this.#changedOwners = new Set();
    }, this.#delay);
    this.#timer.unref();
  }

  /** From now on changes of a file count; one that is not there yet may come. */
  filterFile(file, owner) {
    if (!file) return;
    try {
      this.watchPath(file, false, true);
    } catch (error) {
      if (error.code !== 'ENOENT') return;
      try {
        this.watchPath(path.dirname(file), false, true);
      } catch {
        // not even its folder is there
      }
    }
    this.#filtered.add(file);
    if (owner === undefined) return;
    append(this.#ownersOf, file, owner);
    append(this.#ownedBy, owner, file);
  }

  /** Files that a child process reports to load; with `key`, they belong to it. */
  watchChildProcessModules(child, key) {
    const onMessage = (message) => {
      try {
        if (Array.isArray(message['watch:require'])) {
          for (const file of message['watch:require']) this.filterFile(file, key);
        }
        if (Array.isArray(message['watch:import'])) {
          for (const url of message['watch:import']) this.filterFile(fileOf(url), key);
        }
      } catch {
        // a message of the program's own
      }
    };
    child.on('message', onMessage);
    this.#channels.set(child, onMessage);
  }

  /** No longer listens to a child process. */
  forgetChildProcess(child) {
    const onMessage = this.#channels.get(child);
    if (onMessage === undefined) return;
    child.off('message', onMessage);
    this.#channels.delete(child);
  }

  unfilterFilesOwnedBy(owners) {
    for (const owner of owners) {
      for (const file of this.#ownedBy.get(owner) ?? []) {
        const others = this.#ownersOf.get(file);
        others?.delete(owner);
        if (others === undefined || others.size === 0) {
          this.#ownersOf.delete(file);
          this.#filtered.delete(file);
        }
      }
      this.#filtered.delete(owner);
      this.#ownersOf.delete(owner);
      this.#ownedBy.delete(owner);
    }
  }

  clearFileFilters() {
    this.#filtered.clear();
    // a file that was replaced meanwhile is another one under the same name
    for (const [watched, { handle, isForFile }] of this.#watchers) {
      if (!isForFile) continue;
      handle.close();
      this.#watchers.delete(watched);
    }
  }

  clear() {
    for (const { handle } of this.#watchers.values()) handle.close();
    this.#watchers.clear();
    this.#filtered.clear();
    this.#ownersOf.clear();
    this.#ownedBy.clear();
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

function append(map, key, value) {
  const known = map.get(key);
  if (known === undefined) map.set(key, new Set([value]));
  else known.add(value);
}

function fileOf(url) {
  const { URL, fileURLToPath } = getUrl();
  const parsed = new URL(url);
  return parsed.protocol === 'file:' ? fileURLToPath(parsed) : undefined;
}

module.exports = { FilesWatcher };
