// A test suite as mocha runs them: many small asynchronous functions, strings compared and printed.
const assert = require('assert');
for (let group = 0; group < 20; group++) {
  describe(`group ${group}`, () => {
    for (let row = 0; row < 50; row++) {
      it(`adds ${row}`, async () => {
        const sum = await Promise.all([group, row].map(async (value) => value));
        assert.deepStrictEqual(sum, [group, row]);
      });
    }
  });
}
