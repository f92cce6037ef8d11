'use strict';

// The engine's sentences about module syntax in other places, said as Node says them, because programs and people
// look for those.

const sentences = [
  [/^import declarations may only appear/, () => 'Cannot use import statement outside a module'],
  [/^export declarations may only appear/, () => "Unexpected token 'export'"],
  [/^import\.meta may only appear in a module/, () => "Cannot use 'import.meta' outside a module"],
  [/doesn't provide an export named: '(.*)'$/s, (found, error) => missingExport(error.message, found[1])],
  [/contains ambiguous star export: '(.*)'/s, (found, error) => ambiguousExport(error.message, found[1])],
];

function requestedModule(message) {
  return /^The requested module '(.*?)' (?:doesn't|contains)/s.exec(message)?.[1] ?? '';
}

function missingExport(message, name) {
  return `The requested module '${requestedModule(message)}' does not provide an export named '${name}'`;
}

function ambiguousExport(message, name) {
  return `The requested module '${requestedModule(message)}' contains conflicting star exports for name '${name}'`;
}

/** Rewrites the message of a SyntaxError that the engine made. */
function refineSyntaxError(error) {
  const { message } = error;
  for (const [pattern, say] of sentences) {
    const found = pattern.exec(message);
    if (found === null) continue;
    const { stack } = error;
    error.message = say(found, error);
    if (typeof stack === 'string' && stack.includes(message)) error.stack = stack.replace(message, () => error.message);
    break;
  }
  return error;
}

const moduleSyntax = new Set([
  'Cannot use import statement outside a module',
  "Unexpected token 'export'",
  "Cannot use 'import.meta' outside a module",
]);

/** Whether a refined error is about syntax that only ES modules have. */
function isAboutModuleSyntax(error) {
  return moduleSyntax.has(error.message);
}

/** The SyntaxError of a CommonJS file as the program gets it; a warning says when it may be meant as an ES module. */
function explain(error, filename) {
  refineSyntaxError(error);
  if (isAboutModuleSyntax(error)) {
    // the error may end the process before a warning that waits is told
    require('internal/process/warning').emitWarningSync(
      `Failed to load the ES module: ${filename}. Make sure to set "type": "module" in the nearest package.json ` +
      'file or use the .mjs extension.',
    );
  }
  return error;
}

module.exports = { explain, isAboutModuleSyntax, refineSyntaxError };
