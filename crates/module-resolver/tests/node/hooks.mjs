// Resolve hooks that ask Node's own resolver on behalf of another importer and hand its answer back as a module.
const warnings = [];
process.on('warning', (warning) => {
  if (warning.code?.startsWith('DEP0') && warning.code !== 'DEP0205') warnings.push({ code: warning.code, message: warning.message });
});

export function describe(error) {
  const { name, code, message, url, path, requestPath, requireStack } = error;
  return { name, code, message, url, path, requestPath, requireStack };
}

export async function resolve(specifier, context, next) {
  const ask = specifier.startsWith('ask:');
  if (!ask && !specifier.startsWith('load:')) return next(specifier, context);
  const asked = JSON.parse(decodeURIComponent(specifier.slice(specifier.indexOf(':') + 1)));
  const inner = { ...context, parentURL: asked.parentURL };
  if (!ask) return next(asked.specifier, inner);
  let answer;
  warnings.length = 0;
  try {
    const { url, format } = await next(asked.specifier, inner);
    answer = { url, format: format ?? null };
  } catch (error) {
    answer = { error: describe(error) };
  }
  await new Promise((done) => setImmediate(done));
  if (warnings.length > 0) answer.warnings = [...warnings];
  return { url: `data:text/javascript,export default ${encodeURIComponent(JSON.stringify(answer))}#${Math.random()}`, shortCircuit: true };
}
