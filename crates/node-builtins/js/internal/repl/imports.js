'use strict';
// An import statement as the `import()` that a REPL takes in its place.

const { kinds: { NAME, STRING }, tokenize } = require('internal/repl/tokens');

/** Of the first import statement in a text. */
function toDynamicImport(text) {
  const { tokens } = tokenize(text);
  const first = tokens.findIndex((token) => token.kind === NAME && token.text === 'import');
  const source = tokens.findIndex((token, index) => index > first && token.kind === STRING &&
    (index === first + 1 || tokens[index - 1].text === 'from'));
  if (first === -1 || source === -1) return '';
  const call = `await import(${JSON.stringify(tokens[source].text.slice(1, -1))});`;
  const properties = [];
  for (let at = first + 1; at < source - 1; at++) {
    const { text: name } = tokens[at];
    if (name === '*') return `const ${tokens[at + 2].text} = ${call}`;
    if (name === '{' || name === '}' || name === ',') continue;
    if (tokens[at + 1].text === 'as') {
      properties.push(`${name}: ${tokens[at + 2].text}`);
      at += 2;
    } else {
      properties.push(at === first + 1 ? `default: ${name}` : name);
    }
  }
  return source === first + 1 ? call : `const { ${properties.join(', ')} } = ${call}`;
}

module.exports = { toDynamicImport };
