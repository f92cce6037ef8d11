'use strict';
// The shortest reporter: a dot or an X for each result, then what failed.

const process = require('process');
const colors = require('internal/util/colors');
const { formatResult } = require('internal/test_runner/reporter/format');

const lineLength = () => Math.max(process.stdout.columns ?? 20, 20);

module.exports = async function* dot(source) {
  let count = 0;
  let columns = lineLength();
  const failed = [];
  colors.refresh();
  for await (const { type, data } of source) {
    const isFailure = type === 'test:fail';
    if (!isFailure && type !== 'test:pass') continue;
    if (isFailure) failed.push(data);
    yield isFailure ? `${colors.red}X${colors.reset}` : `${colors.green}.${colors.reset}`;
    if (++count === columns) {
      yield '\n';
      // the terminal may have another size by now
      columns = lineLength();
      count = 0;
    }
  }
  yield '\n';
  if (failed.length === 0) return;
  yield `\n${colors.red}Failed tests:${colors.white}\n\n`;
  for (const test of failed) yield formatResult('test:fail', test);
};
