'use strict';
// JavaScript text as a list of tokens, for what a REPL wants to know of code that may be incomplete: it never fails.
// What is valid and what a text means is the engine's business.

const NAME = 1;
const NUMBER = 2;
const STRING = 3;
const TEMPLATE = 4;
const REGEXP = 5;
const PUNCTUATOR = 6;

const kinds = { NAME, NUMBER, STRING, TEMPLATE, REGEXP, PUNCTUATOR };

class Token {
  constructor(kind, text, start, afterNewline) {
    this.kind = kind;
    this.text = text;
    this.start = start;
    this.end = start + text.length;
    /** Whether a line ends between the token before and this one. */
    this.afterNewline = afterNewline;
    /** Of brackets: the index of the other one, or -1. Templates have `${` and `}` as tokens of their own. */
    this.match = -1;
  }
}

const space = /(?:\s|\/\/.*|\/\*[^]*?\*\/)+/y;
const name = /#?(?:[\p{ID_Start}$_]|\\u(?:[\da-fA-F]{4}|\{[\da-fA-F]+\}))(?:[\p{ID_Continue}$\u200c\u200d]|\\u(?:[\da-fA-F]{4}|\{[\da-fA-F]+\}))*/uy;
const number = /(?:0[xXoObB][\da-fA-F_]+n?|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?[\d_]*)?n?)/y;
const string = /'(?:[^'\\\n\r]|\\(?:\r\n|[^]))*'?|"(?:[^"\\\n\r]|\\(?:\r\n|[^]))*"?/y;
const templatePart = /(?:[^`\\$]|\\[^]|\$(?!\{))*(?:`|\$\{)?/y;
const regexp = /\/(?:[^/\\[\n\r]|\\.|\[(?:[^\]\\\n\r]|\\.)*\]?)*\/?[\p{ID_Continue}$]*/uy;
const punctuator = />>>=|\.\.\.|===|!==|\*\*=|<<=|>>=|>>>|&&=|\|\|=|\?\?=|=>|==|!=|<=|>=|&&|\|\||\?\?|\?\.(?!\d)|\+\+|--|\*\*|<<|>>|[-+*/%&|^]=|[^]/uy;

function matchAt(pattern, text, at) {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

const beforeExpression = new Set([
  'return', 'typeof', 'instanceof', 'in', 'of', 'new', 'delete', 'void', 'throw', 'case', 'do', 'else', 'yield', 'await',
  'extends', 'default',
]);
const withHead = new Set(['if', 'while', 'for', 'with']);

/** Whether an expression may end with a token. */
function endsExpression(token) {
  if (token.kind === NAME) return !beforeExpression.has(token.text);
  if (token.kind !== PUNCTUATOR) return token.kind !== TEMPLATE || token.text.endsWith('`');
  return token.text === ')' || token.text === ']' || token.text === '}' || token.text === '++' || token.text === '--';
}

/** Whether a slash after these tokens divides. A closing brace is taken for that of a block: seldom is an object divided. */
function divides(tokens) {
  const last = tokens.at(-1);
  if (last === undefined) return false;
  if (last.kind === PUNCTUATOR && last.text === '}') return false;
  if (last.kind === PUNCTUATOR && last.text === ')' && last.match > 0) {
    const before = tokens[last.match - 1];
    return !(before.kind === NAME && withHead.has(before.text));
  }
  return endsExpression(last);
}

/**
 * `{ tokens, balanced, unterminated }`: `balanced` is false when a bracket closes what was not opened;
 * `unterminated` is what the text ends in the middle of: 'comment', 'string', 'template', 'bracket' or undefined.
 */
function tokenize(text) {
  const tokens = [];
  const open = [];
  let balanced = true;
  let unterminated;
  let at = 0;
  let afterNewline = false;

  const add = (kind, found) => {
    const token = new Token(kind, found, at, afterNewline);
    tokens.push(token);
    at = token.end;
    afterNewline = false;
    return token;
  };
  const close = (token) => {
    const index = open.pop();
    if (index === undefined) {
      balanced = false;
      return undefined;
    }
    const opening = tokens[index];
    opening.match = tokens.length - 1;
    token.match = index;
    const expected = { '(': ')', '[': ']', '{': '}' }[opening.text.at(-1)];
    if (expected !== token.text[0]) balanced = false;
    return opening;
  };
  const continueTemplate = (prefix) => {
    const part = prefix + matchAt(templatePart, text, at + prefix.length);
    const token = add(TEMPLATE, part);
    if (prefix === '}') close(token);
    if (part.endsWith('${')) open.push(tokens.length - 1);
    else if (!part.endsWith('`') || part.length === prefix.length) unterminated = 'template';
  };

  while (at < text.length) {
    const skipped = matchAt(space, text, at);
    if (skipped !== undefined) {
      at += skipped.length;
      if (/[\n\r\u2028\u2029]/.test(skipped)) afterNewline = true;
      continue;
    }
    const char = text[at];
    let found;
    if (char === '/' && text[at + 1] === '*') {
      unterminated = 'comment';
      break;
    } else if (char === '#' && at === 0 && text[1] === '!') {
      at += /^.*/.exec(text)[0].length;
    } else if ((found = matchAt(name, text, at)) !== undefined) {
      add(NAME, found);
    } else if ((char === '.' || (char >= '0' && char <= '9')) && (found = matchAt(number, text, at)) !== undefined) {
      add(NUMBER, found);
    } else if (char === "'" || char === '"') {
      found = matchAt(string, text, at);
      add(STRING, found);
      if (found.length === 1 || found.at(-1) !== char) unterminated = 'string';
    } else if (char === '`') {
      continueTemplate('`');
    } else if (char === '/' && !divides(tokens)) {
      add(REGEXP, matchAt(regexp, text, at));
    } else if (char === '}' && open.length > 0 && tokens[open.at(-1)].kind === TEMPLATE) {
      continueTemplate('}');
    } else {
      const token = add(PUNCTUATOR, matchAt(punctuator, text, at));
      if (char === '(' || char === '[' || char === '{') open.push(tokens.length - 1);
      else if (char === ')' || char === ']' || char === '}') close(token);
    }
  }
  if (open.length > 0) unterminated ??= 'bracket';
  return { tokens, balanced, unterminated };
}

module.exports = { endsExpression, kinds, tokenize };
