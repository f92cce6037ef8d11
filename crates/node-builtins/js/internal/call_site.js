'use strict';
// One call of a stack as V8's stack trace API shows it to Error.prepareStackTrace. Made from what was kept: name, place and
// how the function was called. Receivers and functions are not kept, so getThis and getFunction say undefined, as V8 does
// for strict code.

// Where the engine says "FILE line 3 > eval", V8 says where eval was called.
const evaluated = /^(.*) line (\d+) > (eval|Function)$/s;

// The engine names functions without a name after their surroundings: "outer/<" is an
// anonymous function in outer, "outer/this.run" what outer assigned to this.run.
function nameOf(engineName) {
  if (engineName === '') return null;
  let name = engineName;
  if (name.endsWith('<')) return null;
  const slash = name.lastIndexOf('/');
  if (slash !== -1 && !name.startsWith('[')) name = name.slice(slash + 1);
  if (name.startsWith('this.')) name = name.slice(5);
  return name.replace('.prototype.', '.') || null;
}

// What V8 names after the class whose object it was called on; names that say so themselves stay as they are.
const plainName = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;

class CallSite {
  #name;
  #file;
  #line;
  #column;
  #origin;
  #isAsync;
  #call;

  /** `call`: true for `new`, the name of a class for a call on an object, else null. */
  constructor(name, file, line, column, origin, isAsync, call) {
    this.#name = name;
    this.#file = file;
    this.#line = line;
    this.#column = column;
    this.#origin = origin;
    this.#isAsync = isAsync;
    this.#call = call;
  }

  getColumnNumber() { return this.#column; }
  getEnclosingColumnNumber() { return 1; }
  getEnclosingLineNumber() { return 1; }
  getEvalOrigin() { return this.#origin; }
  getFileName() { return this.#file; }
  getFunction() { return undefined; }
  getFunctionName() { return this.#origin !== undefined && this.#name === null ? 'eval' : this.#name; }
  getLineNumber() { return this.#line; }

  getMethodName() {
    if (typeof this.#call !== 'string') return null;
    if (this.#call === 'Timeout' && this.#file?.startsWith('node:') !== true) return '_onTimeout';
    if (this.#name === null || this.#name.startsWith('#')) return null;
    return /[\w$]*$/.exec(this.#name)[0] || null;
  }

  getPosition() { return 0; }
  getPromiseIndex() { return null; }
  getScriptNameOrSourceURL() { return this.#file; }
  getScriptHash() { return ''; }
  getThis() { return undefined; }
  getTypeName() { return typeof this.#call === 'string' ? this.#call : null; }
  isAsync() { return this.#isAsync; }
  isConstructor() { return this.#call === true; }
  isEval() { return this.#origin !== undefined; }
  isNative() { return false; }
  isPromiseAll() { return false; }
  isToplevel() { return this.#call === null; }

  toString() {
    const file = this.#file ?? (this.#origin === undefined ? '<anonymous>' : `${this.#origin}, <anonymous>`);
    const place = this.#line > 0 ? `${file}:${this.#line}:${this.#column}` : file;
    const name = this.#qualifiedName();
    const prefix = this.#isAsync ? 'async ' : '';
    return name === null ? `${prefix}${place}` : `${prefix}${name} (${place})`;
  }

  #qualifiedName() {
    const name = this.getFunctionName();
    if (this.isConstructor()) return `new ${name ?? '<anonymous>'}`;
    const type = this.getTypeName();
    if (type === null) return name;
    const method = this.getMethodName();
    if (name === null) return `${type}.${method ?? '<anonymous>'}`;
    const qualified = plainName.test(name) && !name.startsWith(type) ? `${type}.${name}` : name;
    return method === null || name.endsWith(method) ? qualified : `${qualified} [as ${method}]`;
  }
}

/** Promise.all, or one of its like, that waits for an element. */
class CombinatorCallSite extends CallSite {
  #index;

  constructor(name, index) {
    super(name, undefined, null, null, undefined, true, 'Promise');
    this.#index = index;
  }

  getFunctionName() { return this.getMethodName(); }
  getPromiseIndex() { return this.#index; }
  isPromiseAll() { return this.getMethodName() === 'all'; }
  toString() { return `async Promise.${this.getMethodName()} (index ${this.#index})`; }
}

// Calls of these are the runtime's own business and are shown to nobody.
const plumbing = new Set(['node:internal/stack', 'node:internal/bootstrap', 'node:internal/builtins']);

/** Of each frame in a row. */
const fieldCount = 6;

/** The call sites of a row of frames, youngest first, as the binding's `frames` gives them. */
function callSitesOf(row) {
  const sites = [];
  for (let i = 0; i < row.length; i += fieldCount) {
    const engineName = row[i];
    const file = row[i + 1];
    const line = row[i + 2];
    const column = row[i + 3];
    const isAsync = row[i + 4];
    const call = row[i + 5];
    if (plumbing.has(file)) {
      if (engineName === 'parse') sites.push(new CallSite('JSON.parse', undefined, 0, 0, undefined, false, null));
      continue;
    }
    if (isAsync && file === '') {
      sites.push(new CombinatorCallSite(engineName, column - 1));
      continue;
    }
    const origin = evaluated.exec(file);
    if (origin === null) {
      sites.push(new CallSite(nameOf(engineName), file, line, column, undefined, isAsync, call));
      continue;
    }
    // The name that `new Function` gives is no name in V8.
    const name = origin[3] === 'Function' && engineName === 'anonymous' ? null : nameOf(engineName);
    const outer = originOf(origin, row, i + fieldCount);
    sites.push(new CallSite(name, undefined, line, column, outer, isAsync, call));
  }
  return sites;
}

// "eval at caller (file:1:2)"; name and column are known where the caller is the next frame.
function originOf([, file, line], row, next) {
  const isCaller = row[next + 1] === file && row[next + 2] === +line;
  const name = isCaller ? nameOf(row[next]) : null;
  const outer = evaluated.exec(file);
  const where = outer === null ?
    `${file}:${line}${isCaller ? `:${row[next + 3]}` : ''}` :
    `${originOf(outer, row, isCaller ? next + fieldCount : row.length)}, <anonymous>:${line}`;
  return `eval at ${name ?? '<anonymous>'} (${where})`;
}

module.exports = { CallSite, callSitesOf };
