// Patterns over a log of 40,000 lines.
const lines = Array.from({ length: 40_000 }, (_, index) =>
  `2026-11-${String(index % 28 + 1).padStart(2, '0')} 12:${String(index % 60).padStart(2, '0')}:07 host-${index % 50} ` +
  `GET /items/${index}?q=${index * 7} ${index % 5 === 0 ? 500 : 200} ${index % 911}ms`);
const log = lines.join('\n');

require('./measure.js')('RegExp', () => {
  let found = 0;
  for (const match of log.matchAll(/^(\d{4})-(\d\d)-(\d\d) [\d:]+ (\S+) GET \/items\/(\d+)\?q=\d+ (5\d\d) (\d+)ms$/gm)) {
    found += match[6].length;
  }
  const replaced = log.replace(/host-(\d+)/g, (_, number) => `h${number}`);
  const words = log.split(/[\s/?=]+/).length;
  return found === 24_000 && replaced.length < log.length && words > 100_000;
}, true);
