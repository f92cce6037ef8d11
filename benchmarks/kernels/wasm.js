// WebAssembly: an inner loop over integers, and 2,000,000 calls from JavaScript.
// (module (func (export "sum") (param i32) (result i32) (local i32) loop ... end) (func (export "add") ...))
const bytes = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0,
  1, 12, 2, 96, 1, 127, 1, 127, 96, 2, 127, 127, 1, 127,
  3, 3, 2, 0, 1,
  7, 13, 2, 3, 115, 117, 109, 0, 0, 3, 97, 100, 100, 0, 1,
  10, 38, 2,
  28, 1, 1, 127, 3, 64, 32, 1, 32, 0, 65, 3, 108, 115, 33, 1, 32, 0, 65, 1, 107, 34, 0, 13, 0, 11, 32, 1, 11,
  7, 0, 32, 0, 32, 1, 106, 11,
]);

require('./measure.js')('WebAssembly', () => {
  const { sum, add } = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports;
  let total = sum(100_000_000);
  for (let index = 0; index < 2_000_000; index++) total = add(total, index);
  return Number.isInteger(total);
}, true);
