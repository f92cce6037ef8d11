'use strict';
// What a REPL offers for the end of a line: commands, modules, files, names and properties. Nothing that the program
// would notice happens for it: getters and proxies are left alone.

const path = require('path');
const process = require('process');
const lazy = require('internal/lazy');
const { isIdentifier, ownNames, propertyOf } = require('internal/repl/properties');
const { endsExpression, kinds: { NAME, NUMBER, PUNCTUATOR, TEMPLATE }, tokenize } = require('internal/repl/tokens');
const { getREPLResourceName, getReplBuiltinLibs } = require('internal/repl/utils');

const getFs = lazy(() => require('fs'));
const getModule = lazy(() => require('internal/modules/cjs').Module);

const commandRE = /^\s*\.(\w*)$/;
const requireRE = /\brequire\s*\(\s*['"`](([\w@./:-]+\/)?(?:[\w@./:-]*))(?![^'"`])$/;
const importRE = /\bimport\s*\(\s*['"`](([\w@./:-]+\/)?(?:[\w@./:-]*))(?![^'"`])$/;
const fileRE = /fs(?:\.promises)?\.\s*[a-z][a-zA-Z]+\(\s*["'](.*)/;
const versionRE = /-\d+\.\d+/;

const words = [
  'async', 'await', 'break', 'case', 'catch', 'const', 'continue', 'debugger', 'default', 'delete', 'do', 'else',
  'export', 'false', 'finally', 'for', 'function', 'if', 'import', 'in', 'instanceof', 'let', 'new', 'null', 'return',
  'switch', 'this', 'throw', 'true', 'try', 'typeof', 'var', 'void', 'while', 'with', 'yield',
];

/** `callback(null, [completions, what of the line they complete])`. */
function complete(repl, line, callback) {
  line = line.trimStart();
  let match;
  if ((match = commandRE.exec(line)) !== null) {
    answer([Object.keys(repl.commands)], match[1], callback, match[1].length > 0);
  } else if ((match = requireRE.exec(line)) !== null) {
    answer([...modulePaths(repl, match[1], match[2] ?? '', false), ...builtinGroups()], match[1], callback);
  } else if ((match = importRE.exec(line)) !== null) {
    answer([...modulePaths(repl, match[1], match[2] ?? '', true), ...builtinGroups()], match[1], callback);
  } else if (repl.allowBlockingCompletions && (match = fileRE.exec(line)) !== null) {
    const [files, completeOn] = fileNames(match[1]);
    answer([files], completeOn, callback, false);
  } else {
    completeExpression(repl, line, callback);
  }
}

/** The nearest group is the last one; groups are apart by an empty entry. */
function answer(groups, completeOn, callback, filters = true) {
  const filter = filters ? completeOn.toLowerCase() : '';
  const found = new Set(['']);
  const completions = [];
  for (const group of groups) {
    const before = found.size;
    const entries = filter === '' ? group : group.filter((entry) => entry.toLowerCase().startsWith(filter));
    const sorted = entries.toSorted((a, b) => (b > a ? 1 : -1));
    for (const entry of sorted) {
      if (found.has(entry)) continue;
      found.add(entry);
      completions.unshift(entry);
    }
    if (found.size !== before) completions.unshift('');
  }
  if (completions[0] === '') completions.shift();
  callback(null, [completions, completeOn]);
}

// ---- Modules and files

let schemes;

function builtinGroups() {
  const names = getReplBuiltinLibs();
  schemes ??= names.map((name) => (name.startsWith('node:') ? name : `node:${name}`));
  return [names.filter((name) => !name.startsWith('node:')), schemes];
}

function entriesOf(folder) {
  try {
    return getFs().readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

function foldersFor(repl, specifier) {
  if (/^\.\.?\//.test(specifier)) return [process.cwd()];
  return [...(repl.context.module?.paths ?? []), ...(getModule().globalPaths ?? [])];
}

function modulePaths(repl, specifier, folder, isImport) {
  if (specifier === '.') return [['./', '../']];
  if (specifier === '..') return [['../']];
  const extensions = Object.keys(getModule()._extensions);
  const indexes = new Set([...extensions.map((extension) => `index${extension}`), 'package.json', 'index']);
  const group = [];
  for (const base of foldersFor(repl, specifier)) {
    const directory = path.resolve(base, folder);
    for (const entry of entriesOf(directory)) {
      const { name } = entry;
      // what npm keeps beside packages
      if (versionRE.test(name) || name === '.npm') continue;
      if (entry.isDirectory()) {
        group.push(`${folder}${name}/`);
        const isPackage = entriesOf(path.join(directory, name)).some((inner) => indexes.has(inner.name));
        if (isPackage) group.push(`${folder}${name}`);
        continue;
      }
      const extension = path.extname(name);
      if (!extensions.includes(extension) && !(isImport && extension === '.mjs')) continue;
      const stem = name.slice(0, -extension.length);
      if (isImport) group.push(`${folder}${name}`);
      else if (folder === '' || stem !== 'index') group.push(`${folder}${stem}`);
    }
  }
  return [group];
}

function fileNames(start) {
  const [folder, name] = start.endsWith('/') ? [start, ''] : [path.dirname(start), path.basename(start)];
  let directory = path.resolve(folder);
  let filter = name;
  // a folder that is there is looked into
  if (name !== '' && entriesOf(path.resolve(start)).length > 0) {
    directory = path.resolve(start);
    filter = '';
  }
  const names = entriesOf(directory).map((entry) => entry.name).filter((entry) => entry.startsWith(filter));
  return [names, filter];
}

// ---- Expressions

/** The end of a text as `{ base, steps, filter, start }`; undefined when it is not of that form. */
function chainAtEnd(line) {
  const { tokens, unterminated } = tokenize(line);
  if (unterminated === 'string' || unterminated === 'comment' || unterminated === 'template') return undefined;
  let at = tokens.length - 1;
  const last = tokens[at];
  if (last === undefined || last.end < line.length) {
    return last === undefined || !endsExpression(last) ? { filter: '', start: line.length } : undefined;
  }
  const isDot = (token) => token?.kind === PUNCTUATOR && (token.text === '.' || token.text === '?.');
  let filter = '';
  if (last.kind === NAME) {
    filter = last.text;
    at--;
    if (!isDot(tokens[at])) {
      const before = tokens[at];
      const declares = before?.kind === NAME && ['let', 'const', 'var', 'function', 'class'].includes(before.text);
      return declares ? undefined : { filter, start: last.start };
    }
  } else if (!isDot(last)) {
    // `a[` or an operator: whatever name there is
    return endsExpression(last) || last.kind === NUMBER ? undefined : { filter: '', start: line.length };
  }
  const steps = [];
  let dot = at;
  for (;;) {
    at = dot - 1;
    // what stands before this dot, with its computed properties
    while (tokens[at]?.text === ']' && tokens[at].match > 0 && endsExpression(tokens[tokens[at].match - 1])) {
      const open = tokens[at].match;
      steps.unshift({ key: line.slice(tokens[open].end, tokens[at].start) });
      at = open - 1;
      if (isDot(tokens[at]) && tokens[at].text === '?.') at--;
    }
    const operand = tokens[at];
    if (operand === undefined) return undefined;
    if (operand.kind === NAME && isDot(tokens[at - 1])) {
      steps.unshift({ name: operand.text });
      dot = at - 1;
      continue;
    }
    const begin = baseOf(tokens, at);
    if (begin === undefined || isDot(tokens[begin - 1])) return undefined;
    const { start } = tokens[begin];
    return {
      base: line.slice(start, operand.end),
      steps,
      filter,
      start,
      text: line.slice(start, last.kind === NAME ? last.start : last.end),
    };
  }
}

/** The token that begins what can be looked at without running anything, and ends at `at`. */
function baseOf(tokens, at) {
  const token = tokens[at];
  if (token.kind === NAME) return endsExpression(token) ? at : undefined;
  if (token.kind === TEMPLATE) return token.text[0] === '`' && !endsBefore(tokens, at) ? at : undefined;
  if (token.kind !== PUNCTUATOR) return at;
  if ((token.text !== ')' && token.text !== ']') || token.match === -1) return undefined;
  // calls, and elements of what is no chain
  if (endsBefore(tokens, token.match)) return undefined;
  return isHarmless(tokens.slice(token.match + 1, at)) ? token.match : undefined;
}

function endsBefore(tokens, at) {
  return at > 0 && endsExpression(tokens[at - 1]) && !isKeywordWithHead(tokens, at);
}

function isKeywordWithHead(tokens, at) {
  return tokens[at - 1].kind === NAME && ['if', 'while', 'for', 'with'].includes(tokens[at - 1].text);
}

const doing = new Set([
  'new', 'delete', 'await', 'yield', 'function', 'class', 'import', 'async', 'super', 'of', 'in',
]);

/** Whether evaluating tokens calls and changes nothing; looking at a property may. */
function isHarmless(tokens) {
  return tokens.every((token, index) => {
    if (token.kind === NAME) return !doing.has(token.text);
    if (token.kind === TEMPLATE) return token.text.length > 1 && token.text.endsWith('`') && !endsBefore(tokens, index);
    if (token.kind !== PUNCTUATOR) return true;
    if (token.text === '(' || token.text === '[') return !endsBefore(tokens, index);
    return !['.', '?.', '++', '--', '=>', '...'].includes(token.text) && !/^(?!=?==|[<>!]=)[^=]*=$/.test(token.text);
  });
}

function evaluateText(repl, text, callback) {
  repl.eval(`try { ${text} } catch {}`, repl.context, getREPLResourceName(), (error, value) => {
    callback(error ? undefined : value);
  });
}

/** The value of a chain; `callback(undefined)` also where a getter or a proxy would have to say it. */
function valueOfChain(repl, { base, steps }, callback) {
  evaluateText(repl, `(${base})`, (value) => {
    follow(repl, value, steps, 0, callback);
  });
}

function follow(repl, value, steps, at, callback) {
  if (at === steps.length || value === undefined || value === null) {
    callback(value);
    return;
  }
  const { name, key } = steps[at];
  const next = (property) => {
    const isKey = typeof property === 'string' || typeof property === 'number' || typeof property === 'symbol';
    follow(repl, isKey ? propertyOf(value, property) : undefined, steps, at + 1, callback);
  };
  if (name !== undefined) next(name);
  else valueOfKey(repl, key, next);
}

function valueOfKey(repl, key, callback) {
  // `.x` behind it makes it the chain that it may be
  const chain = chainAtEnd(`${key.trim()}.`);
  if (chain?.base !== undefined && chain.start === 0) {
    valueOfChain(repl, chain, callback);
    return;
  }
  const { tokens, balanced } = tokenize(key);
  if (balanced && isHarmless(tokens)) evaluateText(repl, `(${key})`, callback);
  else callback(undefined);
}

function completeExpression(repl, line, callback) {
  const chain = chainAtEnd(line);
  if (chain === undefined) {
    callback(null, [[], undefined]);
    return;
  }
  const { base, filter, text } = chain;
  if (base === undefined) {
    answer(globalGroups(repl, filter), filter, callback);
    return;
  }
  valueOfChain(repl, chain, (value) => {
    let groups;
    try {
      groups = value === undefined || value === null ? [] : memberGroups(value);
    } catch {
      groups = [];
    }
    answer(groups.map((group) => group.map((name) => text + name)), text + filter, callback);
  });
}

function globalGroups(repl, filter) {
  const groups = [];
  for (let object = repl.context; (object = Object.getPrototypeOf(object)) !== null;) groups.push(ownNames(object));
  const own = ownNames(repl.context);
  // another realm's own names are not properties of its sandbox
  if (!repl.useGlobal) own.push(...languageNames(repl));
  groups.push(own);
  if (filter !== '') groups.push(words);
  return groups;
}

let known;

function languageNames(repl) {
  known ??= require('vm').runInContext('Object.getOwnPropertyNames(globalThis)', repl.context);
  return [...known].filter(isIdentifier);
}

// Prototypes that refer to each other are left at some time.
const MAX_DEPTH = 5;

function memberGroups(value) {
  const isObject = typeof value === 'object' || typeof value === 'function';
  const groups = [];
  let holder = value;
  if (isObject) {
    if (require('internal/util/types').isProxy(value)) return groups;
    groups.push(ownNames(value));
    holder = Object.getPrototypeOf(value);
  } else {
    holder = value.constructor?.prototype ?? null;
  }
  for (let depth = 0; holder !== null && depth < MAX_DEPTH; depth++) {
    groups.push(ownNames(holder));
    holder = Object.getPrototypeOf(holder);
  }
  return groups;
}

module.exports = { complete };
