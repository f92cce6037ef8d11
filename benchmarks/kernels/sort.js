// Array.prototype.sort with a comparison, numbers and objects.
const numbers = Array.from({ length: 200_000 }, (_, index) => (index * 1103515245 + 12345) % 2147483648);
const objects = numbers.slice(0, 100_000).map((value, index) => ({ value, name: `n${value % 1000}`, index }));

require('./measure.js')('sort', () => {
  const sorted = numbers.slice().sort((a, b) => a - b);
  const named = objects.slice().sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.index - b.index));
  return sorted[0] <= sorted[1] && named[0].name <= named[1].name;
}, true);
