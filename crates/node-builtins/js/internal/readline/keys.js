'use strict';
// Owns the reading of keys: which key a terminal means by the characters it
// sends, as 'keypress' events { sequence, name, ctrl, meta, shift, code }.

const { StringDecoder } = require('string_decoder');
const { clearTimeout, setTimeout } = require('timers');
const { CSI: { kEscape }, charLengthAt } = require('internal/readline/utils');

const kKeypressDecoder = Symbol('keypress-decoder');
const kEscapeDecoder = Symbol('escape-decoder');

// How long after an escape character it is taken for the key itself.
const ESCAPE_CODE_TIMEOUT = 500;

const DIGIT = /^[0-9]$/;
// "24;5~" as key 24, modifier 5; "200~" around pasted text.
const NUMBERED = /^(?:(\d\d?)(?:;(\d))?([~^$])|(\d{3}~))$/;
// "1;5H" or "5H" as key H, modifier 5.
const LETTERED = /^((\d;)?(\d))?([A-Za-z])$/;

/** Keys by their code: the sequence without escape character and modifier. */
const NAMES = {
  '__proto__': null,
  // xterm, gnome: ESC [ letter (with modifier) and ESC O letter (without)
  '[P': 'f1', '[Q': 'f2', '[R': 'f3', '[S': 'f4',
  'OP': 'f1', 'OQ': 'f2', 'OR': 'f3', 'OS': 'f4',
  // xterm, rxvt: ESC [ number ~
  '[11~': 'f1', '[12~': 'f2', '[13~': 'f3', '[14~': 'f4',
  // Pasted text, in bracketed mode
  '[200~': 'paste-start', '[201~': 'paste-end',
  // Cygwin
  '[[A': 'f1', '[[B': 'f2', '[[C': 'f3', '[[D': 'f4', '[[E': 'f5',
  // Common
  '[15~': 'f5', '[17~': 'f6', '[18~': 'f7', '[19~': 'f8', '[20~': 'f9', '[21~': 'f10',
  '[23~': 'f11', '[24~': 'f12',
  // xterm: ESC [ letter
  '[A': 'up', '[B': 'down', '[C': 'right', '[D': 'left', '[E': 'clear', '[F': 'end', '[H': 'home',
  // xterm, gnome: ESC O letter
  'OA': 'up', 'OB': 'down', 'OC': 'right', 'OD': 'left', 'OE': 'clear', 'OF': 'end', 'OH': 'home',
  // xterm, rxvt: ESC [ number ~
  '[1~': 'home', '[2~': 'insert', '[3~': 'delete', '[4~': 'end', '[5~': 'pageup',
  '[6~': 'pagedown',
  // putty
  '[[5~': 'pageup', '[[6~': 'pagedown',
  // rxvt
  '[7~': 'home', '[8~': 'end',
};

/** Keys of rxvt that have their modifier in the code. */
const SHIFTED = {
  '__proto__': null,
  '[a': 'up', '[b': 'down', '[c': 'right', '[d': 'left', '[e': 'clear',
  '[2$': 'insert', '[3$': 'delete', '[5$': 'pageup', '[6$': 'pagedown', '[7$': 'home', '[8$': 'end',
  '[Z': 'tab',
};
const CONTROLLED = {
  '__proto__': null,
  'Oa': 'up', 'Ob': 'down', 'Oc': 'right', 'Od': 'left', 'Oe': 'clear',
  '[2^': 'insert', '[3^': 'delete', '[5^': 'pageup', '[6^': 'pagedown', '[7^': 'home', '[8^': 'end',
};

function nameByCode(key, code) {
  if (NAMES[code] !== undefined) {
    key.name = NAMES[code];
  } else if (SHIFTED[code] !== undefined) {
    key.name = SHIFTED[code];
    key.shift = true;
  } else if (CONTROLLED[code] !== undefined) {
    key.name = CONTROLLED[code];
    key.ctrl = true;
  } else {
    key.name = 'undefined';
  }
}

function nameByCharacter(key, character, escaped) {
  switch (character) {
    case '\r': key.name = 'return'; break;
    case '\n': key.name = 'enter'; break;
    case '\t': key.name = 'tab'; break;
    case '\b':
    case '\x7f': key.name = 'backspace'; break;
    case kEscape: key.name = 'escape'; break;
    case ' ': key.name = 'space'; break;
    default:
      if (!escaped && character <= '\x1a') {
        key.name = String.fromCharCode(character.charCodeAt(0) + 96);
        key.ctrl = true;
      } else if (/^[0-9A-Za-z]$/.test(character)) {
        key.name = character.toLowerCase();
        key.shift = /^[A-Z]$/.test(character);
      } else if (escaped) {
        // No character: none has followed the escape character in time.
        key.name = character.length > 0 ? undefined : 'escape';
      } else {
        return;
      }
  }
  key.meta = escaped;
}

/** Takes characters one by one by next(), '' for an escape character that stays alone. */
function* emitKeys(stream) {
  for (;;) {
    let character = yield;
    let sequence = character;
    let escaped = false;
    const key = { sequence: null, name: undefined, ctrl: false, meta: false, shift: false };

    if (character === kEscape) {
      escaped = true;
      sequence += character = yield;
      if (character === kEscape) sequence += character = yield;
    }

    if (escaped && (character === 'O' || character === '[')) {
      let code = character;
      let modifier = 0;
      if (character === 'O') {
        sequence += character = yield;
        if (DIGIT.test(character)) {
          modifier = Number(character) - 1;
          sequence += character = yield;
        }
        code += character;
      } else {
        sequence += character = yield;
        if (character === '[') {
          code += character;
          sequence += character = yield;
        }
        // Just enough for a whole sequence: up to three digits, a semicolon and a digit, a letter.
        const start = sequence.length - 1;
        for (let digits = 0; digits < 3 && DIGIT.test(character); digits++) {
          sequence += character = yield;
        }
        if (character === ';') {
          sequence += character = yield;
          if (DIGIT.test(character)) sequence += yield;
        }
        const command = sequence.slice(start);
        let match = NUMBERED.exec(command);
        if (match !== null) {
          if (match[4]) {
            code += match[4];
          } else {
            code += match[1] + match[3];
            modifier = (match[2] || 1) - 1;
          }
        } else if ((match = LETTERED.exec(command)) !== null) {
          code += match[4];
          modifier = (match[3] || 1) - 1;
        } else {
          code += command;
        }
      }
      key.ctrl = (modifier & 4) !== 0;
      key.meta = (modifier & 10) !== 0;
      key.shift = (modifier & 1) !== 0;
      key.code = code;
      nameByCode(key, code);
    } else {
      nameByCharacter(key, character, escaped);
    }

    key.sequence = sequence;
    if (sequence.length !== 0 && (key.name !== undefined || escaped)) {
      stream.emit('keypress', escaped ? undefined : sequence, key);
    } else if (charLengthAt(sequence, 0) === sequence.length) {
      stream.emit('keypress', sequence, key);
    }
    // Else a broken sequence, of which nobody hears.
  }
}

function startDecoder(stream) {
  stream[kEscapeDecoder] = emitKeys(stream);
  stream[kEscapeDecoder].next();
}

/** Has the stream emit 'keypress' for what is typed, as long as somebody listens. */
function emitKeypressEvents(stream, iface = {}) {
  if (stream[kKeypressDecoder]) return;
  stream[kKeypressDecoder] = new StringDecoder('utf8');
  startDecoder(stream);

  const { escapeCodeTimeout = ESCAPE_CODE_TIMEOUT } = iface;
  const triggerEscape = () => { stream[kEscapeDecoder].next(''); };
  let timeout;

  function onData(input) {
    if (stream.listenerCount('keypress') === 0) {
      stream.removeListener('data', onData);
      stream.on('newListener', onNewListener);
      return;
    }
    const text = stream[kKeypressDecoder].write(input);
    if (!text) return;
    clearTimeout(timeout);
    // Typed, not pasted? Then it is one character.
    iface._sawKeyPress = charLengthAt(text, 0) === text.length;
    iface.isCompletionEnabled = false;
    let length = 0;
    for (const character of text) {
      length += character.length;
      if (length === text.length) iface.isCompletionEnabled = true;
      try {
        stream[kEscapeDecoder].next(character);
      } catch (error) {
        // Thrown by a listener, which ends the generator.
        startDecoder(stream);
        throw error;
      }
      if (length === text.length && character === kEscape) {
        timeout = setTimeout(triggerEscape, escapeCodeTimeout);
      }
    }
  }

  function onNewListener(event) {
    if (event === 'keypress') {
      stream.on('data', onData);
      stream.removeListener('newListener', onNewListener);
    }
  }

  if (stream.listenerCount('keypress') > 0) stream.on('data', onData);
  else stream.on('newListener', onNewListener);
}

module.exports = { emitKeypressEvents, ESCAPE_CODE_TIMEOUT };
