// Map and Set with strings and numbers as keys.
const keys = Array.from({ length: 200_000 }, (_, index) => `key-${(index * 7919) % 200_000}`);

require('./measure.js')('Map and Set', () => {
  const counts = new Map();
  for (let round = 0; round < 3; round++) for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  const numbers = new Set();
  for (let index = 0; index < 600_000; index++) numbers.add((index * 31) % 300_007);
  let sum = 0;
  for (const [, count] of counts) sum += count;
  for (const number of numbers) sum += number & 1;
  return sum > 600_000;
}, true);
