'use strict';
// node:repl: a session on streams in which texts are read, run and answered. How texts are run, completed, kept and
// what errors look like is in internal/repl/*; editing a line is readline's.

const process = require('process');
const EventEmitter = require('events');
const lazy = require('internal/lazy');
const { Interface } = require('readline');
const { inspect } = require('internal/util/inspect');
const { deprecate } = require('internal/util');
const { shouldColorize } = require('internal/util/colors');
const { AsyncLocalStorage } = require('internal/async_local_storage');
const { getOptionValue } = require('internal/options');
const { codes: { ERR_INVALID_REPL_EVAL_CONFIG, ERR_INVALID_REPL_INPUT } } = require('internal/errors');
const { validateFunction, validateObject } = require('internal/validators');
const { Recoverable, evaluate } = require('internal/repl/evaluation');
const { defineCommands } = require('internal/repl/commands');
const {
  REPL_MODE_SLOPPY,
  REPL_MODE_STRICT,
  getREPLResourceName,
  getReplBuiltinLibs,
  isValidSyntax,
  kStandaloneREPL,
  setReplBuiltinLibs,
} = require('internal/repl/utils');

const getCompletion = lazy(() => require('internal/repl/completion'));
const getContext = lazy(() => require('internal/repl/context'));
const getErrors = lazy(() => require('internal/repl/errors'));
const getHistory = lazy(() => require('internal/repl/history').ReplHistory);
const getSearch = lazy(() => require('internal/repl/reverse_search').ReverseSearch);
const getUncaught = lazy(() => require('internal/process/uncaught'));

const kContinuationPrompt = '| ';
const kEditing = Symbol('what was edited when the line was entered');

function writer(value) {
  return inspect(value, writer.options);
}
writer.options = { ...inspect.defaultOptions, showProxy: true };

/** The session whose code runs, or has begun what runs. */
const session = new AsyncLocalStorage();
let sessions = 0;
let standalone;
let takesErrors = false;

/** Errors that nobody catches belong to the session that they come from. */
function takeError(error) {
  const repl = session.getStore() ?? standalone;
  if (repl === undefined) return false;
  repl._domain.emit('error', error);
  return true;
}

function refuseListener(event) {
  if (event === 'uncaughtException' && session.getStore() !== undefined) {
    throw new ERR_INVALID_REPL_INPUT('Listeners for `uncaughtException` cannot be used in the REPL');
  }
}

function optionsOf(prompt, stream, evaluator, useGlobal, ignoreUndefined, replMode) {
  let options;
  if (prompt !== null && typeof prompt === 'object') {
    options = { ...prompt };
    stream = options.stream || options.socket;
  } else {
    options = { prompt, eval: evaluator, useGlobal, ignoreUndefined, replMode };
  }
  if (!options.input && !options.output) {
    // one stream for both, or an object that has the two, as process has
    stream ||= process;
    options.input = stream.stdin || stream;
    options.output = stream.stdout || stream;
  }
  options.terminal = !!(options.terminal === undefined ? options.output.isTTY : options.terminal);
  if (options.terminal && options.useColors === undefined) options.useColors = shouldColorize(options.output);
  if (options.breakEvalOnSigint && options.eval) throw new ERR_INVALID_REPL_EVAL_CONFIG();
  options.prompt = options.prompt === undefined ? '> ' : `${options.prompt}`;
  return options;
}

class REPLServer extends Interface {
  #isStandalone;
  #bufferedCommand = '';
  #sawSIGINT = false;
  #sawCtrlD = false;
  #isClosingOnFlush = false;
  /** Input that came while a text is waited for; undefined when none is. */
  #held;
  #search;
  #lastCommandErrored = false;
  /** What Ctrl-C ends in place of the session. */
  interrupts = new Set();

  constructor(prompt, stream, evaluator, useGlobal, ignoreUndefined, replMode) {
    const options = optionsOf(prompt, stream, evaluator, useGlobal, ignoreUndefined, replMode);
    let self;
    const completer = options.completer ?? function completer(text, callback) {
      getCompletion().complete(self, text, self.editorMode ? self.completeOnEditorMode(callback) : callback);
    };
    super({
      input: options.input,
      output: options.output,
      completer,
      terminal: options.terminal,
      historySize: options.historySize,
      prompt: options.prompt,
    });
    self = this;
    this.#isStandalone = !!options[kStandaloneREPL];
    Object.defineProperty(this, 'inputStream', deprecatedStream('input'));
    Object.defineProperty(this, 'outputStream', deprecatedStream('output'));
    this._initialPrompt = options.prompt;
    this.allowBlockingCompletions = !!options.allowBlockingCompletions;
    this.useColors = !!options.useColors;
    this._domain = options.domain || new EventEmitter();
    this.useGlobal = !!options.useGlobal;
    this.ignoreUndefined = !!options.ignoreUndefined;
    this.replMode = options.replMode || REPL_MODE_SLOPPY;
    this.underscoreAssigned = false;
    this.last = undefined;
    this.underscoreErrAssigned = false;
    this.lastError = undefined;
    this.breakEvalOnSigint = !!options.breakEvalOnSigint;
    this.editorMode = false;
    this.isLoading = false;
    this.lines = [];
    this.lines.level = [];
    this.commands = { __proto__: null };
    this.writer = options.writer || writer;
    if (options.useColors && this.writer === writer) {
      this.writer = (value) => inspect(value, this.writer.options);
      this.writer.options = { ...writer.options, colors: true };
    }
    this.eval = this.#inSession(options.eval || function(code, context, file, callback) {
      evaluate(self, code, context, file, callback);
    });
    if (this.terminal && process.env.TERM !== 'dumb') this._multilinePrompt = kContinuationPrompt;
    this.#listen();
    this.resetContext();
    defineCommands(this);
    this.#editKeys();
    if (this.#isStandalone) module.exports.repl = standalone = this;
    this.displayPrompt();
  }

  /** The history as an object, with the file that it may be kept in. */
  get historyManager() {
    return this._history;
  }

  get isStandalone() {
    return this.#isStandalone;
  }

  // ---- Errors

  /** Runs `evaluator` so that everything it begins is known to belong here. */
  #inSession(evaluator) {
    return (code, context, file, callback) => session.run(this, () => {
      try {
        Reflect.apply(evaluator, this, [code, context, file, callback]);
      } catch (error) {
        this._domain.emit('error', error);
      }
    });
  }

  #listen() {
    if (!takesErrors) {
      takesErrors = true;
      getUncaught().addUncaughtExceptionCaptureCallback(takeError);
    }
    if (!this.#isStandalone) {
      if (sessions++ === 0) process.prependListener('newListener', refuseListener);
      this.once('exit', () => {
        if (--sessions === 0) process.removeListener('newListener', refuseListener);
      });
    }
    this._domain.on('error', (error) => { this.#onError(error); });
    this.on('line', (line) => {
      if (this.#held === undefined) this.#onLine(line);
      else this.#held.push(() => { this.#onLine(line); });
    });
    this.on('close', () => {
      if (this.#held === undefined) this.emit('exit');
      else this.#held.push(() => { this.emit('exit'); });
    });
    this.on('SIGINT', () => { this.#onSIGINT(); });
    // where others write the stopped line again, this one also knows of texts of several lines
    this.on('SIGCONT', () => {
      if (this.editorMode) {
        this.output.write(`${this._initialPrompt}.editor\n`);
        this.output.write('// Entering editor mode (Ctrl+D to finish, Ctrl+C to cancel)\n');
        this.output.write(`${this.#bufferedCommand}\n`);
        this.prompt(true);
      } else {
        this.displayPrompt(true);
      }
    });
  }

  #onError(error) {
    const text = getErrors().textOfError(this, error);
    if (!this.underscoreErrAssigned) this.lastError = error;
    this.#lastCommandErrored = true;
    if (this.#isStandalone && process.listenerCount('uncaughtException') !== 0) {
      process.nextTick(() => {
        process.emit('uncaughtException', error);
        this.#afterError();
      });
      return;
    }
    this.output.write(text);
    this.#afterError();
  }

  #afterError() {
    this.clearBufferedCommand();
    this.lines.level = [];
    if (!this.closed) this.displayPrompt();
  }

  // ---- Lines

  #onLine(line) {
    line ||= '';
    this.#sawSIGINT = false;
    const editing = this[kEditing];
    this[kEditing] = undefined;

    if (this.editorMode) {
      this.#bufferedCommand += `${line}\n`;
      // the next line begins as this one did, for who types
      const indent = this._sawKeyPress && !this.isLoading ? /^\s+/.exec(line)?.[0] : undefined;
      if (indent !== undefined) {
        this.write(indent);
        this.line = indent;
        this.cursor = indent.length;
      }
      this.lines.push(line);
      return;
    }

    const lastLine = line.slice(line.lastIndexOf('\n') + 1);
    const trimmed = lastLine.trim();
    if (trimmed[0] === '.' && trimmed[1] !== '.' && Number.isNaN(Number.parseFloat(trimmed))) {
      const [, keyword, rest] = /^\.([^\s]+)\s*(.*)$/.exec(trimmed) ?? [];
      const isContinued = lastLine.length < line.length;
      if (keyword !== undefined && this.commands[keyword] !== undefined) {
        if (isContinued) this.#bufferedCommand = line.slice(0, -lastLine.length);
        Reflect.apply(this.commands[keyword].action, this, [rest]);
        if (isContinued && this.#bufferedCommand !== '') this.#editAgain(this.#bufferedCommand.slice(0, -1));
        return;
      }
      if (keyword !== undefined && this.#bufferedCommand === '' && !isContinued) {
        this.output.write('Invalid REPL keyword\n');
        this.#finish(line, editing, null);
        return;
      }
    }
    const code = `${this.#bufferedCommand}${line}\n`;
    const finish = (...answer) => { this.#finish(line, editing, ...answer); };
    this.eval(code, this.context, getREPLResourceName(), finish);
  }

  /** `answer`: the value of the text, if it has one. */
  #finish(line, editing, error, ...answer) {
    const isIncomplete = error instanceof Recoverable && !this.#sawCtrlD;
    if (isIncomplete && editing !== undefined) {
      this.#continueEditing(editing);
      return;
    }
    if (!isIncomplete || line !== '') this.lines.push(line);
    if (error && this.#bufferedCommand === '' && line.trim().startsWith('npm ') && !isIncomplete) {
      this.output.write('npm should be run outside of the Node.js REPL, in your normal shell.\n' +
        '(Press Ctrl+D to exit.)\n');
      this.displayPrompt();
      return;
    }
    if (isIncomplete) {
      this.#bufferedCommand += `${line}\n`;
      this.displayPrompt();
      return;
    }
    this.#sawCtrlD = false;
    if (error) {
      this._domain.emit('error', error instanceof Recoverable ? error.err ?? error : error);
      return;
    }
    this.clearBufferedCommand();
    this.#lastCommandErrored = false;
    if (answer.length > 0 && (!this.ignoreUndefined || answer[0] !== undefined)) {
      const value = answer[0];
      if (!this.underscoreAssigned) this.last = value;
      this.output.write(`${this.writer(value)}\n`);
    }
    if (!this.closed) this.displayPrompt();
  }

  // ---- Texts of several lines on a terminal: they stay one line, which is edited until it is whole.

  _line() {
    if (this._multilinePrompt !== undefined && !this.editorMode) {
      const { line, cursor, history } = this;
      // a text that failed gives way to what is made of it
      if (this.#lastCommandErrored && this.historyIndex === 0 && history[0]?.includes('\r')) history.shift();
      this[kEditing] = { line, cursor, history: history.slice(), rows: this._getDisplayPos(this._shown(line)).rows };
    }
    super._line();
  }

  #continueEditing({ line, cursor, history, rows }) {
    this._history.lines = history;
    const rest = line.slice(cursor);
    this.line = `${line.slice(0, cursor)}\n${rest}`;
    this.cursor = cursor + 1;
    if (rest === '') {
      this.prevRows = rows + 1;
      this._writeToOutput(kContinuationPrompt);
      return;
    }
    // the line was left by its end; all of it is written anew
    this.prevRows = rows + 1;
    this._refreshLine();
  }

  #editAgain(text) {
    this.#bufferedCommand = '';
    this.line = text;
    this.cursor = text.length;
    super.setPrompt(this._initialPrompt);
    this.prevRows = 0;
    this.#continueEditing({ line: text, cursor: text.length, history: this.history, rows: 0 });
    this._refreshLine();
  }

  enterEditorMode() {
    this.editorMode = true;
    super.setPrompt('');
  }

  leaveEditorMode() {
    this.editorMode = false;
    this.setPrompt(this._initialPrompt);
  }

  // ---- Keys

  #onSIGINT() {
    if (this.interrupts.size > 0) {
      for (const interrupt of this.interrupts) interrupt();
      return;
    }
    const isEmpty = this.line.length === 0 && this.#bufferedCommand === '';
    this.clearLine();
    if (this.editorMode) this.leaveEditorMode();
    if (isEmpty) {
      if (this.#sawSIGINT) {
        this.close();
        this.#sawSIGINT = false;
        return;
      }
      this.output.write('(To exit, press Ctrl+C again or Ctrl+D or type .exit)\n');
    }
    this.#sawSIGINT = isEmpty;
    this.clearBufferedCommand();
    this.lines.level = [];
    this.displayPrompt();
  }

  #editKeys() {
    const write = this._ttyWrite.bind(this);
    this._ttyWrite = (text, key) => {
      key ||= {};
      if (this.#held !== undefined && !(this.breakEvalOnSigint && key.ctrl && key.name === 'c')) {
        const { isCompletionEnabled } = this;
        this.#held.push(() => {
          this.isCompletionEnabled = isCompletionEnabled;
          this._ttyWrite(text, key);
        });
      } else if (this.editorMode && this.terminal) {
        this.#editorKey(write, text, key);
      } else {
        if (key.ctrl && key.name === 'd' && this.cursor === 0 && this.line.length === 0) this.clearLine();
        if (!this.#searchesFor(text, key)) write(text, key);
      }
    };
  }

  #searchesFor(text, key) {
    if (this.#search === undefined) {
      if (!key.ctrl || (key.name !== 'r' && key.name !== 's') || !this.terminal || process.env.TERM === 'dumb') {
        return false;
      }
      this.#search = new (getSearch())(this);
    }
    return this.#search.takes(text, key);
  }

  #editorKey(write, text, key) {
    if (key.ctrl && !key.shift) {
      if (key.name === 'd') {
        this.leaveEditorMode();
        this.#sawCtrlD = true;
        write(text, { name: 'return' });
      } else if (key.name !== 'n' && key.name !== 'p') {
        write(text, key);
      }
      return;
    }
    if (key.name === 'up' || key.name === 'down') return;
    // each tab is the first one
    if (key.name === 'tab') this._previousKey = null;
    write(text, key);
  }

  /** From now on input waits until releaseInput(). */
  holdInput() {
    this.#held ??= [];
  }

  releaseInput() {
    const held = this.#held;
    this.#held = undefined;
    const { isCompletionEnabled } = this;
    while (held?.length > 0) {
      held.shift()();
      if (this.#held !== undefined) {
        this.#held.push(...held);
        break;
      }
    }
    this.isCompletionEnabled = isCompletionEnabled;
  }

  // ---- What programs call

  setupHistory(options = {}, callback) {
    if (typeof options === 'function') {
      callback = options;
      options = {};
    }
    if (options === null || typeof options !== 'object') options = { filePath: options };
    const ReplHistory = getHistory();
    const { size } = options;
    this._history = new ReplHistory(this, {
      filePath: options.filePath,
      size: size === undefined ? this.historySize : Number(size),
      removeHistoryDuplicates: options.removeHistoryDuplicates,
      history: this.history,
    });
    this._history.initialize(callback ?? options.onHistoryFileLoaded);
  }

  clearBufferedCommand() {
    this.#bufferedCommand = '';
  }

  close() {
    if (this.terminal && this.historyManager.isFlushing && !this.#isClosingOnFlush) {
      this.#isClosingOnFlush = true;
      this.once('flushHistory', () => { super.close(); });
      return;
    }
    process.nextTick(() => { super.close(); });
  }

  createContext() {
    return getContext().createContext(this.output, this.useGlobal);
  }

  resetContext() {
    this.context = this.createContext();
    this.underscoreAssigned = false;
    this.underscoreErrAssigned = false;
    this.lines = [];
    this.lines.level = [];
    this.#defineLast('_', 'last', 'underscoreAssigned');
    this.#defineLast('_error', 'lastError', 'underscoreErrAssigned');
    this.emit('reset', this.context);
  }

  #defineLast(name, key, assignedKey) {
    Object.defineProperty(this.context, name, {
      __proto__: null,
      configurable: true,
      get: () => this[key],
      set: (value) => {
        this[key] = value;
        if (!this[assignedKey]) {
          this[assignedKey] = true;
          this.output.write(`Expression assignment to ${name} now disabled.\n`);
        }
      },
    });
  }

  displayPrompt(preserveCursor) {
    super.setPrompt(this.#bufferedCommand.length > 0 ? kContinuationPrompt : this._initialPrompt);
    this.prompt(preserveCursor);
  }

  setPrompt(prompt) {
    this._initialPrompt = prompt;
    super.setPrompt(prompt);
  }

  complete(...args) {
    Reflect.apply(this.completer, this, args);
  }

  /** In the editor a list of completions would be in the way: only what they have in common is used. */
  completeOnEditorMode(callback) {
    return (error, results) => {
      if (error) {
        callback(error);
        return;
      }
      const [completions, completeOn = ''] = results;
      let result = completions.filter(Boolean);
      if (completeOn && result.length > 0) {
        const { commonPrefix } = require('internal/readline/utils');
        result = [commonPrefix(result)];
      }
      callback(null, [result, completeOn]);
    };
  }

  defineCommand(keyword, command) {
    if (typeof command === 'function') command = { action: command };
    else validateFunction(command.action, 'cmd.action');
    this.commands[keyword] = command;
  }
}

/** REPLServer's streams by their names of old. */
function deprecatedStream(name) {
  const get = function() { return this[name]; };
  const set = function(value) { this[name] = value; };
  const warned = (fn) => (getOptionValue('--pending-deprecation') ?
    deprecate(fn, 'repl.inputStream and repl.outputStream are deprecated. Use repl.input and repl.output instead',
      'DEP0141') : fn);
  return { __proto__: null, get: warned(get), set: warned(set), enumerable: false, configurable: true };
}

function start(prompt, source, evaluator, useGlobal, ignoreUndefined, replMode) {
  return new REPLServer(prompt, source, evaluator, useGlobal, ignoreUndefined, replMode);
}

Object.defineProperty(inspect, 'replDefaults', {
  __proto__: null,
  configurable: true,
  enumerable: true,
  get() {
    return writer.options;
  },
  set(options) {
    validateObject(options, 'options');
    Object.assign(writer.options, options);
  },
});

module.exports = {
  start,
  writer,
  REPLServer,
  REPL_MODE_SLOPPY,
  REPL_MODE_STRICT,
  Recoverable,
  isValidSyntax,
};

function deprecatedNames(name, code) {
  const get = () => getReplBuiltinLibs();
  const set = (value) => { setReplBuiltinLibs(value); };
  const warned = (fn) => (getOptionValue('--pending-deprecation') ?
    deprecate(fn, `repl.${name} is deprecated. Check module.builtinModules instead`, code) : fn);
  Object.defineProperty(module.exports, name, {
    __proto__: null, get: warned(get), set: warned(set), enumerable: false, configurable: true,
  });
}
deprecatedNames('builtinModules', 'DEP0191');
deprecatedNames('_builtinLibs', 'DEP0142');
