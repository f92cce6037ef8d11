// Calls and small integers.
function fib(n) {
  return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

require('./measure.js')('fib(32)', () => fib(32), 2178309);
