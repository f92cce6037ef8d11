// Runs a kernel until it is warm and prints its least time of several rounds in milliseconds, so that what is compared is
// the engine and its embedding, not the noise of the machine.
module.exports = async function measure(name, kernel, expected) {
  let least = Infinity;
  for (let round = 0; round < 5; round++) {
    const start = performance.now();
    const result = await kernel();
    least = Math.min(least, performance.now() - start);
    if (result !== expected) throw new Error(`${name} gives ${result} instead of ${expected}`);
  }
  console.log(`${name}\t${least.toFixed(3)}`);
};
