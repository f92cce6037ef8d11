'use strict';
// Owns the Interface of readline: lines from a stream, or from a terminal on
// which they are edited. Which key does what is here; editing itself and the
// history have files of their own.
//
// The methods with an underscore are how it works inside, and also what
// programs override or call: everything goes through them.

const process = require('process');
const EventEmitter = require('events');
const { StringDecoder } = require('string_decoder');
const lazy = require('internal/lazy');
const {
  AbortError,
  codes: { ERR_INVALID_ARG_VALUE, ERR_USE_AFTER_CLOSE },
} = require('internal/errors');
const { kEmptyObject } = require('internal/util');
const {
  validateAbortSignal,
  validateArray,
  validateNumber,
  validateUint32,
} = require('internal/validators');
const { kFirstEventParam } = require('internal/events/symbols');
const { charLengthAt, charLengthLeft } = require('internal/readline/utils');
const { clearScreenDown, cursorTo } = require('internal/readline/callbacks');
const { emitKeypressEvents, ESCAPE_CODE_TIMEOUT } = require('internal/readline/keys');
const History = require('internal/readline/history');
const LineEditor = require('internal/readline/editor');

const getAddAbortListener =
  lazy(() => require('internal/events/abort_listener').addAbortListener);

const kLineObjectStream = Symbol('line object stream');

const MIN_CRLF_DELAY = 100;
const HISTORY_SIZE = 30;

// \r\n, \n, \r, and the separators of Unicode.
const LINE_ENDING = /\r?\n|\r(?!\n)|\u2028|\u2029/g;

/** Makes `self`, an EventEmitter already, an Interface. */
function initialize(self, input, output, completer, terminal) {
  self._sawReturnAt = 0;
  self.isCompletionEnabled = true;
  self._sawKeyPress = false;
  self._previousKey = null;
  self._wantedColumn = undefined;
  self._multilinePrompt = undefined;
  self.escapeCodeTimeout = ESCAPE_CODE_TIMEOUT;
  self.tabSize = 8;

  let options = kEmptyObject;
  if (input?.input) {
    options = input;
    ({ input, output, completer, terminal } = options);
    if (options.tabSize !== undefined) {
      validateUint32(options.tabSize, 'tabSize', true);
      self.tabSize = options.tabSize;
    }
    if (options.escapeCodeTimeout !== undefined) {
      if (!Number.isFinite(options.escapeCodeTimeout)) {
        throw new ERR_INVALID_ARG_VALUE('input.escapeCodeTimeout', self.escapeCodeTimeout);
      }
      self.escapeCodeTimeout = options.escapeCodeTimeout;
    }
    if (options.signal) validateAbortSignal(options.signal, 'options.signal');
  }
  if (completer !== undefined && typeof completer !== 'function') {
    throw new ERR_INVALID_ARG_VALUE('completer', completer);
  }
  const { history = [], historySize = HISTORY_SIZE } = options;
  validateArray(history, 'history');
  validateNumber(historySize, 'size', 0);
  if (terminal === undefined && output !== null && output !== undefined) {
    terminal = !!output.isTTY;
  }

  self.line = '';
  self._substringSearch = null;
  self.output = output;
  self.input = input;
  self._undoStack = [];
  self._redoStack = [];
  self._history = new History(history, historySize, options.removeHistoryDuplicates);
  // Deleted text, for yanking.
  self._killRing = [];
  self._killRingCursor = 0;
  self._yanking = false;
  const { crlfDelay } = options;
  self.crlfDelay = crlfDelay ? Math.max(MIN_CRLF_DELAY, crlfDelay) : MIN_CRLF_DELAY;
  self.completer = completer;
  self.setPrompt(options.prompt === undefined ? '> ' : options.prompt);
  self.terminal = !!terminal;
  self[kLineObjectStream] = undefined;

  if (self.terminal) listenToTerminal(self, input, output);
  else listenToStream(self, input);
  if (options.signal) closeWithSignal(self, options.signal);
  input.resume();
}

function listenToStream(self, input) {
  self._decoder = new StringDecoder('utf8');
  self._line_buffer = undefined;
  const onerror = (error) => { self.emit('error', error); };
  const ondata = (data) => { self._normalWrite(data); };
  const onend = () => {
    if (typeof self._line_buffer === 'string' && self._line_buffer.length > 0) {
      self.emit('line', self._line_buffer);
    }
    self.close();
  };
  input.on('error', onerror);
  input.on('data', ondata);
  input.on('end', onend);
  self.once('close', () => {
    input.removeListener('data', ondata);
    input.removeListener('error', onerror);
    input.removeListener('end', onend);
  });
}

function listenToTerminal(self, input, output) {
  const onerror = (error) => { self.emit('error', error); };
  const onend = () => {
    if (typeof self.line === 'string' && self.line.length > 0) self.emit('line', self.line);
    self.close();
  };
  const onkeypress = (text, key) => {
    self._ttyWrite(text, key);
    if (key?.sequence) {
      // Half of a surrogate pair: only with its other half it shows.
      const unit = key.sequence.codePointAt(0);
      if (unit >= 0xd800 && unit <= 0xdfff) self._refreshLine();
    }
  };
  const onresize = () => { self._refreshLine(); };

  input.on('error', onerror);
  emitKeypressEvents(input, self);
  input.on('keypress', onkeypress);
  input.on('end', onend);
  self._setRawMode(true);
  // Where on the line, in code units.
  self.cursor = 0;
  if (output !== null && output !== undefined) output.on('resize', onresize);
  self.once('close', () => {
    input.removeListener('keypress', onkeypress);
    input.removeListener('error', onerror);
    input.removeListener('end', onend);
    if (output !== null && output !== undefined) output.removeListener('resize', onresize);
  });
}

function closeWithSignal(self, signal) {
  const onAborted = () => { self.close(); };
  if (signal.aborted) {
    process.nextTick(onAborted);
  } else {
    const listener = getAddAbortListener()(signal, onAborted);
    self.once('close', () => { listener[Symbol.dispose](); });
  }
}

/** The base of both Interfaces, with callbacks and with promises. */
class InterfaceBase extends LineEditor {
  constructor(input, output, completer, terminal) {
    super();
    initialize(this, input, output, completer, terminal);
  }

  get history() {
    return this._history.lines;
  }

  set history(lines) {
    this._history.lines = lines;
  }

  get historyIndex() {
    return this._history.index;
  }

  set historyIndex(index) {
    this._history.index = index;
  }

  get historySize() {
    return this._history.size;
  }

  set historySize(size) {
    this._history.size = size;
  }

  setPrompt(prompt) {
    this._prompt = prompt;
  }

  getPrompt() {
    return this._prompt;
  }

  _setRawMode(mode) {
    const before = this.input.isRaw;
    if (typeof this.input.setRawMode === 'function') this.input.setRawMode(mode);
    return before;
  }

  prompt(preserveCursor) {
    if (this.paused) this.resume();
    if (this.terminal && process.env.TERM !== 'dumb') {
      if (!preserveCursor) this.cursor = 0;
      this._refreshLine();
    } else {
      this._writeToOutput(this._prompt);
    }
  }

  _ask(query, callback) {
    if (this.closed) throw new ERR_USE_AFTER_CLOSE('readline');
    if (this._questionCallback) {
      this.prompt();
    } else {
      this._oldPrompt = this._prompt;
      this.setPrompt(query);
      this._questionCallback = callback;
      this.prompt();
    }
  }

  _cancelQuestion() {
    if (this._questionCallback) {
      this._questionCallback = null;
      this.setPrompt(this._oldPrompt);
      this.clearLine();
    }
  }

  _onLine(line) {
    if (this._questionCallback) {
      const callback = this._questionCallback;
      this._questionCallback = null;
      this.setPrompt(this._oldPrompt);
      callback(line);
    } else {
      this.emit('line', line);
    }
  }

  close() {
    if (this.closed) return;
    this.pause();
    if (this.terminal) this._setRawMode(false);
    this.closed = true;
    this.emit('close');
  }

  pause() {
    if (this.closed) throw new ERR_USE_AFTER_CLOSE('readline');
    if (this.paused) return;
    this.input.pause();
    this.paused = true;
    this.emit('pause');
    return this;
  }

  resume() {
    if (this.closed) throw new ERR_USE_AFTER_CLOSE('readline');
    if (!this.paused) return;
    this.input.resume();
    this.paused = false;
    this.emit('resume');
    return this;
  }

  /** As if `data` had been typed; with `key`, as if that key had. */
  write(data, key) {
    if (this.closed) throw new ERR_USE_AFTER_CLOSE('readline');
    if (this.paused) this.resume();
    if (this.terminal) this._ttyWrite(data, key);
    else this._normalWrite(data);
  }

  /** Splits what comes from something that is no terminal into lines. */
  _normalWrite(data) {
    if (data === undefined) return;
    let text = this._decoder.write(data);
    if (this._sawReturnAt && Date.now() - this._sawReturnAt <= this.crlfDelay) {
      if (text.codePointAt(0) === 10) text = text.slice(1);
      this._sawReturnAt = 0;
    }

    // Only the new part is searched: a very long line may come in many parts.
    LINE_ENDING.lastIndex = 0;
    let match = LINE_ENDING.exec(text);
    if (match === null) {
      if (text) this._line_buffer = this._line_buffer ? this._line_buffer + text : text;
      return;
    }
    this._sawReturnAt = text.endsWith('\r') ? Date.now() : 0;
    const lines = [];
    let start = 0;
    for (; match !== null; match = LINE_ENDING.exec(text)) {
      lines.push(text.slice(start, match.index));
      start = LINE_ENDING.lastIndex;
    }
    if (this._line_buffer) lines[0] = this._line_buffer + lines[0];
    this._line_buffer = text.slice(start);
    for (let i = 0; i < lines.length; i++) this._onLine(lines[i]);
  }

  // ---- Lines and history

  _line() {
    const line = this._addHistory();
    this._undoStack = [];
    this._redoStack = [];
    this.clearLine();
    this._onLine(line);
  }

  /** Answers with the line that counts: a listener of 'history' may have changed it. */
  _addHistory() {
    if (!this._history.add(this.line)) return this.line;
    const line = this._history.textAt(0);
    this.emit('history', this._history.lines);
    return line;
  }

  _historyNext() {
    this._showHistory(this._history.next(this._substringSearch, this.line));
  }

  _historyPrev() {
    this._showHistory(this._history.previous(this._substringSearch, this.line));
  }

  _showHistory(line) {
    if (line !== null) this._edit(line, line.length);
  }

  // ---- Keys

  _ttyWrite(text, key) {
    const previousKey = this._previousKey;
    key ||= kEmptyObject;
    this._previousKey = key;

    if (!key.meta || key.name !== 'y') this._yanking = false;
    if (key.name !== 'up' && key.name !== 'down') this._wantedColumn = undefined;

    // Up and down search the history for what stands before the cursor.
    if ((key.name === 'up' || key.name === 'down') && !key.ctrl && !key.meta && !key.shift) {
      if (this._substringSearch === null) {
        this._substringSearch = this.line.includes('\n') ? '' : this.line.slice(0, this.cursor);
      }
    } else if (this._substringSearch !== null) {
      this._substringSearch = null;
      // Beyond the last line, without a match.
      if (this.history.length === this.historyIndex) this.historyIndex = -1;
    }

    if (typeof key.sequence === 'string') {
      const code = key.sequence.codePointAt(0);
      if (code === 0x1f) {
        this._undo();
        return;
      }
      if (code === 0x1e) {
        this._redo();
        return;
      }
    }
    if (key.name === 'escape') return;

    if (key.ctrl && key.shift) {
      if (key.name === 'backspace') this._deleteLineLeft();
      else if (key.name === 'delete') this._deleteLineRight();
    } else if (key.ctrl) {
      this._controlKey(key.name);
    } else if (key.meta) {
      this._metaKey(key.name);
    } else {
      this._plainKey(text, key.name, previousKey);
    }
  }

  _controlKey(name) {
    switch (name) {
      case 'c':
        if (this.listenerCount('SIGINT') > 0) this.emit('SIGINT');
        else this._leave('Aborted with Ctrl+C');
        break;
      case 'd':
        if (this.cursor === 0 && this.line.length === 0) this._leave('Aborted with Ctrl+D');
        else if (this.cursor < this.line.length) this._deleteRight();
        break;
      case 'h': this._deleteLeft(); break;
      case 'u': this._deleteLineLeft(); break;
      case 'k': this._deleteLineRight(); break;
      case 'a': this._moveCursor(-Infinity); break;
      case 'e': this._moveCursor(+Infinity); break;
      case 'b': this._moveCursor(-charLengthLeft(this.line, this.cursor)); break;
      case 'f': this._moveCursor(+charLengthAt(this.line, this.cursor)); break;
      case 'l':
        cursorTo(this.output, 0, 0);
        clearScreenDown(this.output);
        this._refreshLine();
        break;
      case 'n': this._historyNext(); break;
      case 'p': this._historyPrev(); break;
      case 'y': this._yank(); break;
      case 'z':
        if (process.platform !== 'win32') this._suspend();
        break;
      case 'w':
      case 'backspace': this._deleteWordLeft(); break;
      case 'delete': this._deleteWordRight(); break;
      case 'left': this._wordLeft(); break;
      case 'right': this._wordRight(); break;
    }
  }

  /** The user goes, without an answer to what was asked. */
  _leave(message) {
    this._rejectQuestion?.(new AbortError(message));
    this.close();
  }

  /** Stops the process as other programs do at ctrl-z, and takes over the terminal afterwards. */
  _suspend() {
    if (this.listenerCount('SIGTSTP') > 0) {
      this.emit('SIGTSTP');
      return;
    }
    process.once('SIGCONT', () => {
      // Abandoned meanwhile? Then without a word.
      if (!this.paused) {
        // Paused and resumed to go on hearing of ctrl-c, ctrl-z and the end.
        this.pause();
        this.emit('SIGCONT');
      }
      this._setRawMode(true);
      this._refreshLine();
    });
    this._setRawMode(false);
    process.kill(process.pid, 'SIGTSTP');
  }

  _metaKey(name) {
    switch (name) {
      case 'b': this._wordLeft(); break;
      case 'f': this._wordRight(); break;
      case 'd':
      case 'delete': this._deleteWordRight(); break;
      case 'backspace': this._deleteWordLeft(); break;
      case 'y': this._yankPop(); break;
    }
  }

  _plainKey(text, name, previousKey) {
    // What \r means depends on a \n directly behind it.
    if (this._sawReturnAt && name !== 'enter') this._sawReturnAt = 0;

    switch (name) {
      case 'return':
        this._sawReturnAt = Date.now();
        this._line();
        break;
      case 'enter':
        if (this._sawReturnAt === 0 || Date.now() - this._sawReturnAt > this.crlfDelay) {
          this._line();
        }
        this._sawReturnAt = 0;
        break;
      case 'backspace': this._deleteLeft(); break;
      case 'delete': this._deleteRight(); break;
      case 'left': this._moveCursor(-charLengthLeft(this.line, this.cursor)); break;
      case 'right': this._moveCursor(+charLengthAt(this.line, this.cursor)); break;
      case 'home': this._moveCursor(-Infinity); break;
      case 'end': this._moveCursor(+Infinity); break;
      case 'up':
        if (!this._moveLine(-1)) this._historyPrev();
        break;
      case 'down':
        if (!this._moveLine(1)) this._historyNext();
        break;
      case 'tab':
        if (typeof this.completer === 'function' && this.isCompletionEnabled) {
          this._tabComplete(previousKey && previousKey.name === 'tab');
          break;
        }
        // falls through
      default:
        if (typeof text === 'string' && text) this._insertLines(text);
    }
  }

  /** Text that may hold several lines, as when something is pasted. */
  _insertLines(text) {
    let start = 0;
    LINE_ENDING.lastIndex = 0;
    for (let match; (match = LINE_ENDING.exec(text)) !== null;) {
      const next = LINE_ENDING.lastIndex;
      this._insertString(text.slice(start, match.index));
      this._line();
      // Listeners may have used the expression.
      start = LINE_ENDING.lastIndex = next;
    }
    this._insertString(text.slice(start));
  }

  /** The lines to come; the same iterator each time. */
  [Symbol.asyncIterator]() {
    if (this[kLineObjectStream] === undefined) {
      this[kLineObjectStream] = EventEmitter.on(this, 'line', {
        close: ['close'],
        highWaterMark: 1024,
        [kFirstEventParam]: true,
      });
    }
    return this[kLineObjectStream];
  }

  [Symbol.dispose]() {
    this.close();
  }
}

module.exports = { InterfaceBase, initialize };
