'use strict';
// One call of a stack as V8's stack trace API shows it to Error.prepareStackTrace.
// Made from what the engine kept: name, file and position. Receivers and functions are
// not kept, so getThis and getFunction say undefined, as V8 does for strict code.

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

class CallSite {
  #name;
  #file;
  #line;
  #column;
  #origin;
  #isAsync;

  constructor(name, file, line, column, origin, isAsync) {
    this.#name = name;
    this.#file = file;
    this.#line = line;
    this.#column = column;
    this.#origin = origin;
    this.#isAsync = isAsync;
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
    const dot = this.#name === null ? -1 : this.#name.lastIndexOf('.');
    return dot === -1 ? null : this.#name.slice(dot + 1);
  }

  getPosition() { return 0; }
  getPromiseIndex() { return null; }
  getScriptNameOrSourceURL() { return this.#file; }
  getScriptHash() { return ''; }
  getThis() { return undefined; }

  getTypeName() {
    const dot = this.#name === null ? -1 : this.#name.lastIndexOf('.');
    return dot === -1 ? null : this.#name.slice(0, dot);
  }

  isAsync() { return this.#isAsync; }
  isConstructor() { return false; }
  isEval() { return this.#origin !== undefined; }
  isNative() { return false; }
  isPromiseAll() { return false; }
  isToplevel() { return this.getTypeName() === null; }

  toString() {
    const file = this.#file ?? (this.#origin === undefined ? '<anonymous>' : `${this.#origin}, <anonymous>`);
    const place = this.#line > 0 ? `${file}:${this.#line}:${this.#column}` : file;
    const name = this.getFunctionName();
    const prefix = this.#isAsync ? 'async ' : '';
    return name === null ? `${prefix}${place}` : `${prefix}${name} (${place})`;
  }
}

/** Promise.all, or one of its like, that waits for an element. */
class CombinatorCallSite extends CallSite {
  #index;

  constructor(name, index) {
    super(name, undefined, null, null, undefined, true);
    this.#index = index;
  }

  getFunctionName() { return this.getMethodName(); }
  getPromiseIndex() { return this.#index; }
  isPromiseAll() { return this.getMethodName() === 'all'; }
  toString() { return `async ${this.getTypeName()}.${this.getMethodName()} (index ${this.#index})`; }
}

// Calls of these are the runtime's own business and are shown to nobody.
const plumbing = new Set(['node:internal/stack', 'node:internal/bootstrap', 'node:internal/builtins']);

// What builtins call functions of the program on, by the builtin's function: V8 names it.
const receivers = {
  '__proto__': null,
  'node:internal/test_runner/test': { __proto__: null, runInTest: 'TestContext', runInSuite: 'SuiteContext' },
  'node:internal/timers': { __proto__: null, runTimer: 'Timeout', runImmediate: 'Immediate' },
};

/** Of each frame in a row. */
const fieldCount = 5;

/** A function's name, after that of the object that it was called on where that is known by the caller. */
function nameWithReceiver(row, i) {
  const name = nameOf(row[i]);
  const caller = row[i + fieldCount + 1];
  if (caller === undefined || !caller.startsWith('node:')) return name;
  if (row[i] === '' && caller.startsWith('node:internal/modules/cjs')) return 'Object.<anonymous>';
  const receiver = receivers[caller]?.[row[i + fieldCount]];
  if (receiver === undefined || row[i + 1].startsWith('node:')) return name;
  if (receiver !== 'Timeout') return `${receiver}.${name ?? '<anonymous>'}`;
  return name === null ? 'Timeout._onTimeout' : `Timeout.${name} [as _onTimeout]`;
}

/** The call sites of a row of frames: name, file, line, column and whether it waits of each, youngest first. */
function callSitesOf(row) {
  const sites = [];
  for (let i = 0; i < row.length; i += fieldCount) {
    const file = row[i + 1];
    const isAsync = row[i + 4];
    if (plumbing.has(file)) {
      if (row[i] === 'parse') sites.push(new CallSite('JSON.parse', undefined, 0, 0, undefined, false));
      continue;
    }
    if (isAsync && file === '') {
      sites.push(new CombinatorCallSite(row[i], row[i + 3] - 1));
      continue;
    }
    const origin = evaluated.exec(file);
    if (origin === null) {
      sites.push(new CallSite(nameWithReceiver(row, i), file, row[i + 2], row[i + 3], undefined, isAsync));
      continue;
    }
    // The name that `new Function` gives is no name in V8.
    const name = origin[3] === 'Function' && row[i] === 'anonymous' ? null : nameOf(row[i]);
    sites.push(new CallSite(name, undefined, row[i + 2], row[i + 3], originOf(origin, row, i + fieldCount), isAsync));
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
