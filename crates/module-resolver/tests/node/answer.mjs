// Run by expect.mjs, once for each folder and set of flags: answers the requests on standard input.
import { readFileSync } from 'node:fs';
import { createRequire, register } from 'node:module';
import { pathToFileURL } from 'node:url';
import { describe } from './hooks.mjs';

const requests = JSON.parse(readFileSync(0, 'utf8'));
register('./hooks.mjs', import.meta.url);
const warnings = [];
process.on('warning', ({ code, message }) => {
  if (code?.startsWith('DEP0') && code !== 'DEP0205') warnings.push({ code, message });
});

const answers = [];
for (const { kind, importer, specifier } of requests) {
  warnings.length = 0;
  let answer;
  try {
    if (kind === 'import' || kind === 'load') {
      const asked = encodeURIComponent(JSON.stringify({ specifier, parentURL: pathToFileURL(importer).href }));
      const module = await import(`${kind === 'import' ? 'ask' : 'load'}:${asked}`);
      answer = kind === 'import' ? module.default : { loaded: true };
    } else if (kind === 'resolve') {
      answer = { path: createRequire(importer).resolve(specifier) };
    } else {
      createRequire(importer)(specifier);
      answer = { loaded: true };
    }
  } catch (error) {
    answer = { error: describe(error) };
  }
  await new Promise((done) => setImmediate(done));
  if (warnings.length > 0) answer.warnings = [...warnings];
  answers.push(answer);
}
console.log(JSON.stringify(answers));
