'use strict';
// `await` outside of functions: rewrites a text so that an asynchronous function runs it, and so that what it declares
// is declared outside of that function. The text's own characters stay in their order; lines keep their numbers.

const { endsExpression, kinds: { NAME, PUNCTUATOR, TEMPLATE }, tokenize } = require('internal/repl/tokens');

class Rewriter {
  constructor(text) {
    this.text = text;
    this.tokens = tokenize(text).tokens;
    this.awaits = false;
    this.returns = false;
    this.hoisted = '';
    /** `[position, text to insert, how many characters it replaces]` */
    this.edits = [];
    /** Of the last statement that does something, when it is an expression: its first token, and the one behind it. */
    this.lastExpression = undefined;
  }

  is(at, text) {
    const token = this.tokens[at];
    return token !== undefined && token.text === text && (token.kind === PUNCTUATOR || token.kind === NAME);
  }

  isName(at) {
    return this.tokens[at]?.kind === NAME;
  }

  insert(position, text, replaced = 0) {
    this.edits.push([position, text, replaced]);
  }

  /** Behind the bracket that closes the one at `at`. */
  behind(at) {
    const { match } = this.tokens[at];
    return match === -1 ? this.tokens.length : match + 1;
  }

  rewritten() {
    const { text, tokens } = this;
    for (let at = 0; at < tokens.length;) {
      const start = at;
      if (!this.is(at, ';')) this.lastExpression = undefined;
      at = this.statement(at, true);
      if (at <= start) at = start + 1;
    }
    if (!this.awaits || this.returns) return null;
    if (this.lastExpression !== undefined) this.answerWith(...this.lastExpression);
    let result = '';
    let position = 0;
    // those at one position stay in their order
    this.edits.sort((a, b) => a[0] - b[0]);
    for (const [from, inserted, replaced] of this.edits) {
      result += text.slice(position, from) + inserted;
      position = from + replaced;
    }
    return `${this.hoisted}(async () => { ${result}${text.slice(position)} })()`;
  }

  answerWith(first, behind) {
    const { tokens } = this;
    const start = tokens[first].start;
    let last = behind - 1;
    // inside of brackets that are around all of it
    while (this.is(first, '(') && tokens[first].match === last) {
      first++;
      last--;
    }
    this.insert(start, 'return ');
    this.insert(tokens[first].start, '{ value: (');
    this.insert(tokens[last].end, ') }');
  }

  // ---- Statements. Each method answers where the next one begins.

  statement(at, isTop) {
    const token = this.tokens[at];
    if (token === undefined) return at;
    if (token.kind === PUNCTUATOR) {
      if (token.text === ';') return at + 1;
      if (token.text === '{') return this.block(at);
    } else if (token.kind === NAME) {
      if (this.is(at + 1, ':')) return this.statement(at + 2, false);
      switch (token.text) {
        case 'var': case 'const': return this.declaration(at, isTop);
        case 'let':
          if (this.isName(at + 1) ? !this.is(at + 1, 'in') && !this.is(at + 1, 'instanceof') :
            this.is(at + 1, '{') || this.is(at + 1, '[')) {
            return this.declaration(at, isTop);
          }
          break;
        case 'async':
          if (this.is(at + 1, 'function') && !this.tokens[at + 1].afterNewline) {
            return this.functionDeclaration(at, at + 1);
          }
          break;
        case 'function': return this.functionDeclaration(at, at);
        case 'class': return this.classDeclaration(at, isTop);
        case 'if': return this.ifStatement(at);
        case 'for': return this.forStatement(at);
        case 'while': case 'with': return this.statement(this.group(at + 1), false);
        case 'do': return this.doStatement(at);
        case 'switch': return this.switchStatement(at);
        case 'try': return this.tryStatement(at);
        case 'return':
          this.returns = true;
          return this.toEnd(at + 1);
        case 'throw': return this.toEnd(at + 1);
        case 'break': case 'continue':
          at++;
          if (this.isName(at) && !this.tokens[at].afterNewline) at++;
          return this.is(at, ';') ? at + 1 : at;
      }
    }
    const behind = this.expression(at);
    if (isTop && behind > at) this.lastExpression = [at, behind];
    return this.is(behind, ';') ? behind + 1 : behind;
  }

  block(at) {
    const end = this.behind(at);
    for (let inner = at + 1; inner < end - 1;) inner = Math.max(this.statement(inner, false), inner + 1);
    return end;
  }

  toEnd(at) {
    const behind = this.tokens[at]?.afterNewline ? at : this.expression(at);
    return this.is(behind, ';') ? behind + 1 : behind;
  }

  ifStatement(at) {
    at = this.statement(this.group(at + 1), false);
    return this.is(at, 'else') ? this.statement(at + 1, false) : at;
  }

  doStatement(at) {
    at = this.statement(at + 1, false);
    if (this.is(at, 'while')) at = this.group(at + 1);
    return this.is(at, ';') ? at + 1 : at;
  }

  tryStatement(at) {
    at = this.block(at + 1);
    if (this.is(at, 'catch')) {
      at++;
      if (this.is(at, '(')) at = this.behind(at);
      at = this.is(at, '{') ? this.block(at) : at;
    }
    return this.is(at, 'finally') && this.is(at + 1, '{') ? this.block(at + 1) : at;
  }

  switchStatement(at) {
    at = this.group(at + 1);
    if (!this.is(at, '{')) return at;
    const end = this.behind(at);
    for (let inner = at + 1; inner < end - 1;) {
      if (this.is(inner, 'case')) {
        inner = this.expression(inner + 1, ':') + 1;
      } else if (this.is(inner, 'default') && this.is(inner + 1, ':')) {
        inner += 2;
      } else {
        inner = Math.max(this.statement(inner, false), inner + 1);
      }
    }
    return end;
  }

  forStatement(at) {
    at++;
    if (this.is(at, 'await')) {
      this.awaits = true;
      at++;
    }
    if (!this.is(at, '(')) return at;
    const end = this.behind(at);
    let inner = at + 1;
    if (this.is(inner, 'var')) inner = this.forVariables(inner);
    while (inner < end - 1) inner = Math.max(this.expression(inner), inner + 1);
    return this.statement(end, false);
  }

  /** Those of `for (var ...`: a variable that takes the elements has no value of its own. */
  forVariables(at) {
    let next = at + 1;
    if (this.is(next, '[') || this.is(next, '{')) next = this.behind(next);
    else next++;
    if (!this.is(next, 'of') && !this.is(next, 'in')) return this.declaration(at, false);
    this.hoist('var', this.namesOf(at + 1, next));
    this.insert(this.tokens[at].start, '', this.tokens[at].text.length + 1);
    return next + 1;
  }

  // ---- Declarations

  hoist(kind, names) {
    if (names.length > 0) this.hoisted += `${kind} ${names.join(', ')}; `;
  }

  declaration(at, isTop) {
    const keyword = this.tokens[at];
    const isHoisted = isTop || keyword.text === 'var';
    const names = [];
    const declarators = [];
    let next = at + 1;
    for (;;) {
      const start = next;
      if (this.is(next, '[') || this.is(next, '{')) next = this.behind(next);
      else next++;
      names.push(...this.namesOf(start, next));
      const hasValue = this.is(next, '=');
      if (hasValue) next = this.expression(next + 1, ',');
      declarators.push([start, next, hasValue]);
      if (!this.is(next, ',')) break;
      next++;
    }
    if (isHoisted) {
      this.hoist(keyword.text === 'var' ? 'var' : 'let', names);
      const isSingle = declarators.length === 1;
      if (isSingle) this.insert(keyword.start, 'void ', keyword.text.length + 1);
      else this.insert(keyword.start, 'void (', keyword.text.length);
      for (const [first, behind, hasValue] of declarators) {
        if (first >= this.tokens.length) continue;
        this.insert(this.tokens[first].start, '(');
        this.insert(this.tokens[behind - 1].end, hasValue ? ')' : '=undefined)');
      }
      if (!isSingle) this.insert(this.tokens[Math.min(next, this.tokens.length) - 1].end, ')');
    }
    return this.is(next, ';') ? next + 1 : next;
  }

  /** What a variable or pattern between two tokens declares. */
  namesOf(at, end) {
    const { tokens } = this;
    if (this.isName(at)) return [tokens[at].text];
    const names = [];
    if (end > tokens.length || !(this.is(at, '[') || this.is(at, '{'))) return names;
    const isObject = this.is(at, '{');
    for (at++; at < end - 1;) {
      if (this.is(at, ',')) {
        at++;
        continue;
      }
      if (this.is(at, '...')) at++;
      if (isObject) {
        // what the property is called, unless the variable is called the same
        if (this.is(at, '[')) at = this.behind(at) + 1;
        else if (this.is(at + 1, ':')) at += 2;
      }
      const start = at;
      at = this.is(at, '[') || this.is(at, '{') ? this.behind(at) : at + 1;
      names.push(...this.namesOf(start, at));
      if (this.is(at, '=')) at = this.expression(at + 1, ',');
    }
    return names;
  }

  functionDeclaration(start, at) {
    let next = at + 1;
    if (this.is(next, '*')) next++;
    const name = this.isName(next) ? this.tokens[next].text : undefined;
    const end = this.functionEnd(at);
    if (name !== undefined) {
      this.hoisted += `var ${name}; `;
      this.insert(this.tokens[start].start, `this.${name} = ${name}; `);
    }
    return end;
  }

  classDeclaration(at, isTop) {
    const name = this.isName(at + 1) && !this.is(at + 1, 'extends') ? this.tokens[at + 1].text : undefined;
    if (isTop && name !== undefined) {
      this.hoisted += `let ${name}; `;
      this.insert(this.tokens[at].start, `${name}=`);
    }
    return this.classEnd(at);
  }

  // ---- Expressions

  functionEnd(at) {
    while (at < this.tokens.length && !this.is(at, '(')) at++;
    if (at >= this.tokens.length) return at;
    at = this.behind(at);
    return this.is(at, '{') ? this.behind(at) : at;
  }

  classEnd(at) {
    at++;
    while (at < this.tokens.length && !this.is(at, '{')) at = this.operand(at);
    return at < this.tokens.length ? this.behind(at) : at;
  }

  /** A head in round brackets. */
  group(at) {
    return this.is(at, '(') ? this.operand(at) : at;
  }

  /** The end of the expression that begins at `at`; `stop`: ',' and ':' end it where they are asked for. */
  expression(at, stop) {
    const { tokens } = this;
    let conditions = 0;
    let before;
    while (at < tokens.length) {
      const token = tokens[at];
      if (before !== undefined && token.afterNewline && endsExpression(before) && !continues(token)) return at;
      if (token.kind === PUNCTUATOR) {
        const { text } = token;
        if (text === ';' || text === ')' || text === ']' || text === '}') return at;
        if (text === stop && !(text === ':' && conditions > 0)) return at;
        if (text === '?') conditions++;
        else if (text === ':') conditions--;
      } else if (token.kind === TEMPLATE && token.text[0] === '}') {
        return at;
      }
      at = this.operand(at);
      before = tokens[at - 1];
    }
    return at;
  }

  /** Past a token, with all that it opens. */
  operand(at) {
    const { tokens } = this;
    const token = tokens[at];
    if (token.kind === NAME && !this.isProperty(at)) {
      if (token.text === 'function') return this.functionEnd(at);
      if (token.text === 'class') return this.classEnd(at);
      if (token.text === 'await') this.awaits = true;
    }
    if (token.kind === PUNCTUATOR && token.text === '=>') return this.arrowBody(at + 1);
    const opens = token.kind === TEMPLATE ? token.text.endsWith('${') :
      token.kind === PUNCTUATOR && (token.text === '(' || token.text === '[' || token.text === '{');
    if (!opens) return at + 1;
    const end = token.match === -1 ? tokens.length : token.match;
    const isObject = token.text === '{';
    for (let inner = at + 1; inner < end;) {
      inner = isObject && this.is(inner, '(') && this.is(this.behind(inner), '{') ?
        this.behind(this.behind(inner)) : this.operand(inner);
    }
    // what closes a part of a template may open the next
    return tokens[end]?.kind === TEMPLATE ? this.operand(end) : Math.min(end + 1, tokens.length);
  }

  isProperty(at) {
    return this.is(at - 1, '.') || this.is(at - 1, '?.') || (this.is(at + 1, ':') && !this.is(at - 1, '?'));
  }

  arrowBody(at) {
    if (this.is(at, '{')) return this.behind(at);
    const { awaits } = this;
    const end = this.expression(at, ',');
    this.awaits = awaits;
    return end;
  }
}

/** Whether a token on a new line goes on with the expression on the line before. */
function continues(token) {
  if (token.kind === TEMPLATE) return true;
  if (token.kind === NAME) return token.text === 'in' || token.text === 'instanceof';
  if (token.kind !== PUNCTUATOR) return false;
  return !['{', '!', '~', '++', '--', '@'].includes(token.text);
}

/** The text with its `await`s in an asynchronous function; null if it needs none. */
function processTopLevelAwait(text) {
  return new Rewriter(text).rewritten();
}

module.exports = { processTopLevelAwait };
