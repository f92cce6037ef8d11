'use strict';

// What errors of linking and running ES modules say beyond the engine's words: hints for names that CommonJS does
// not export, for CommonJS variables in ES modules, and where top-level await stands.

const engine = require('internal/modules/engine');
const path = require('path');
const process = require('process');
const resolver = require('internal/modules/resolver');
const sources = require('internal/modules/sources');
const { isNetworkFailure } = require('internal/modules/esm_default');
const { notePlaceOfImport, placeOfImport } = require('internal/modules/errors');
const { refineSyntaxError } = require('internal/modules/syntax_errors');

const missing = /^The requested module '(.*)' does not provide an export named '(.*)'$/s;

/** The error of `link`, with a hint where the missing name is looked for in CommonJS. */
function explainLinkError(error, root, graph) {
  if (!engine.isSyntaxError(error)) return error;
  refineSyntaxError(error);
  const found = missing.exec(error.message);
  if (found === null) return error;
  const [, url, name] = found;
  const importer = importerOf(error, url, name, graph) ?? root;
  // the engine names the module, Node what it was asked for by
  const index = importer.links?.findIndex((link) => link.url === url) ?? -1;
  if (index === -1) return error;
  const [specifier] = importer.requests[index];
  const imported = importer.links[index];
  const message = error.message.replace(url, () => specifier);
  // TypeScript's types look like names that are missing
  const isCommonJs = imported.isCommonJs && imported.format === 'commonjs';
  rewrite(error, isCommonJs ? commonJsHint(specifier, name, importer, imported) : message);
  return error;
}

/** The module whose import fails: the one that the error points at, else the first that asks for it. */
function importerOf(error, url, name, graph) {
  const place = typeof error.fileName === 'string' ? error.fileName : /^(.+?):\d+\r?\n/.exec(`${error.stack}`)?.[1];
  const asking = [];
  for (const job of graph) {
    if (job.links?.some((link) => link.url === url)) asking.push(job);
  }
  return asking.find((job) => job.url === place) ?? asking.find((job) => namesIn(job, name)) ?? asking[0];
}

function textOf(job) {
  if (job.text !== undefined) return job.text;
  if (!job.url.startsWith('file:')) return undefined;
  try {
    return sources.readText(resolver.filePath(job.url));
  } catch {
    return undefined;
  }
}

function namesIn(job, name) {
  return textOf(job)?.includes(name) ?? false;
}

function rewrite(error, message) {
  const { stack } = error;
  const before = error.message;
  error.message = message;
  if (typeof stack === 'string') error.stack = stack.replace(before, () => message);
}

/** Has an error of loading a module point at the import that asked for it. */
function withImporter(error, job, { 0: specifier, 3: line, 4: column }) {
  if (typeof error !== 'object' || error === null || placeOfImport(error) !== undefined) return error;
  notePlaceOfImport(error, { file: job.url, line, column, length: specifier.length + 2 });
  // those of resolving it name who asks
  if (isNetworkFailure(error)) {
    const importer = job.url.startsWith('file:') ? resolver.filePath(job.url) : job.url;
    rewrite(error, `${error.message}\nimported from ${importer}:${line}`);
  }
  return error;
}

/** How the same can be had from the default export. */
function commonJsHint(specifier, missingName, importer, imported) {
  const clause = importClause(textOf(importer) ?? '', specifier, missingName);
  // the first that is missing in the order of the text, which the engine does not keep to
  const known = engine.syntheticNames(imported.module);
  const wanted = clause?.slice(1, -1).split(',').map((one) => one.trim().split(/\s+as\s+/)[0]).filter(Boolean) ?? [];
  const name = wanted.find((one) => !known.includes(one)) ?? missingName;
  let message = `Named export '${name}' not found. The requested module '${specifier}' is a CommonJS module, which ` +
    'may not support all module.exports as named exports.\nCommonJS modules can always be imported via the default ' +
    `export, for example using:\n\nimport pkg from '${specifier}';\n`;
  if (clause !== undefined && !clause.includes('\n')) message += `const ${clause.replace(/\s+as\s+/g, ': ')} = pkg;\n`;
  return message;
}

/** `{ a, b as c }` of the statement. */
function importClause(text, specifier, name) {
  const statements = /(?:^|[;\n])[ \t]*(?:import\s*(?:[\w$]+\s*,\s*)?|export\s*)(\{[^{}]*\})\s*from\s*(['"])(.*?)\2/g;
  for (const [, names, , from] of text.matchAll(statements)) {
    if (from === specifier && names.includes(name)) return names;
  }
  return undefined;
}

const commonJsVariables = ['require', 'module', 'exports', '__filename', '__dirname'];

/** The error of running, with a hint where a variable of CommonJS is not there. */
function explainRunError(error, graph) {
  if (error === undefined && process._exiting) leave();
  if (typeof error !== 'object' || error === null || error.name !== 'ReferenceError') return error;
  const { message } = error;
  const variable = commonJsVariables.find((name) => message === `${name} is not defined`);
  if (variable === undefined) return error;
  const file = fileOfStack(error, graph);
  if (hasTopLevelAwait(graph, error)) {
    rewrite(error, ambiguous(variable));
    error.code = 'ERR_AMBIGUOUS_MODULE_SYNTAX';
    return error;
  }
  let hint = `${message} in ES module scope`;
  if (variable === 'require') hint += ', you can use import instead';
  if (file !== undefined && path.extname(file) === '.js') {
    const scope = resolver.packageScope(file);
    if (scope?.type === 'module') {
      hint += "\nThis file is being treated as an ES module because it has a '.js' file extension and " +
        `'${scope.path}' contains "type": "module". To treat it as a CommonJS script, rename it to use the '.cjs' ` +
        'file extension.';
    }
  }
  rewrite(error, hint);
  return error;
}

/** What process.exit() unwinds looks to an importing module like an error without a value: on with it. */
function leave() {
  const { finalCode, reallyExit } = require('internal/process/exit');
  reallyExit(finalCode());
}

const advice = {
  __proto__: null,
  __dirname: 'use import.meta.dirname instead',
  __filename: 'use import.meta.filename instead',
  exports: 'use export instead of module.exports/exports',
  module: 'use export instead of module.exports/exports',
  require: 'replace require() with import',
};

/** Variables of CommonJS beside top-level await: nobody can tell what was meant. */
function ambiguous(variable) {
  return `Cannot determine intended module format because both '${variable}' and top-level await are present. If the ` +
    'code is intended to be CommonJS, wrap await in an async function. If the code is intended to be an ES module, ' +
    `${advice[variable]}.`;
}

function hasTopLevelAwait(graph, error) {
  const place = urlOfStack(error);
  for (const job of graph) {
    if (job.url === place && !job.isCommonJs) return engine.hasTopLevelAwait(job.module);
  }
  return false;
}

function urlOfStack(error) {
  const { stack } = error;
  return typeof stack === 'string' ? /file:\/\/[^\s)]*?(?=:\d+(?::\d+)?\)?$)/m.exec(stack)?.[0] : undefined;
}

function fileOfStack(error, graph) {
  const place = urlOfStack(error);
  if (place === undefined) return undefined;
  for (const job of graph) if (job.url === place) return resolver.filePath(place);
  return undefined;
}

/** Tells where the top-level awaits of a graph are that cannot be required. */
function printTopLevelAwaits(graph) {
  for (const job of graph) {
    if (!engine.hasTopLevelAwait(job.module)) continue;
    const text = textOf(job);
    if (text === undefined) continue;
    const lines = text.split('\n');
    const index = lines.findIndex((line) => /\bawait\b/.test(line));
    if (index === -1) continue;
    const column = lines[index].search(/\bawait\b/);
    const place = `${job.url}:${index + 1}`;
    process._rawDebug(`Error: unexpected top-level await at ${place}\n${lines[index]}\n${' '.repeat(column)}^\n`);
  }
}

/** Says of an entry point that never comes to its end where it waits. */
function warnUnsettled(graph) {
  for (const job of graph) {
    if (engine.status(job.module) !== 'evaluating-async' || !engine.hasTopLevelAwait(job.module)) continue;
    const text = textOf(job);
    const lines = text?.split('\n') ?? [];
    const index = lines.findIndex((line) => /\bawait\b/.test(line));
    const place = index === -1 ? job.url : `${job.url}:${index + 1}`;
    let message = `Warning: Detected unsettled top-level await at ${place}\n`;
    if (index !== -1) message += `${lines[index]}\n${' '.repeat(lines[index].search(/\bawait\b/))}^\n\n`;
    process._rawDebug(message);
  }
}

module.exports = { explainLinkError, explainRunError, printTopLevelAwaits, warnUnsettled, withImporter };
