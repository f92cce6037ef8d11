// A chain of awaits on settled values, on promises of async functions, and Promise.all.
async function step(value) {
  return value + 1;
}

require('./measure.js')('promises', async () => {
  let value = 0;
  for (let index = 0; index < 200_000; index++) value = await step(value);
  for (let index = 0; index < 200_000; index++) value += await 1;
  const all = await Promise.all(Array.from({ length: 100_000 }, (_, index) => step(index)));
  return value === 400_000 && all.length === 100_000;
}, true);
