// Rows: { value, preferred, indent, text }.
const { npm, write } = require('./table.cjs')
const stringify = npm('json-stringify-nice')

const order = ['name', 'version', 'lockfileVersion', 'resolved', 'integrity', 'requires', 'packages', 'dependencies']
const values = [
  {}, [], 1, 'a', null, { a: 1 }, { b: {}, a: {}, c: [], d: null, e: 'x' },
  { packages: { z: { version: '1' }, '': {}, 'node_modules/b': { dev: true, version: '1', dependencies: {} } }, requires: true,
    dependencies: {}, name: 'x', lockfileVersion: 3, zeta: 1, alpha: { version: 1, a: 1, name: 2 } },
  { engines: {}, os: ['b', 'a'], bin: { b: 'x', a: 'y' }, license: 'MIT', cpu: [{ b: 1, a: 2 }], resolved: 'u', integrity: 'i' },
  { 10: 1, 9: { z: 1 }, b: 1, 8: 1, a: {} }, JSON.parse('{"b":1,"__proto__":{"x":1},"a":2}'), JSON.parse('{"__proto__":1,"a":2}'),
  { 'node_modules/@a/b': {}, 'node_modules/a': {}, 'node_modules/A': {}, 'node_modules/a/node_modules/b': {}, 'node_modules/a-b': {},
    'node_modules/a.b': {}, 'node_modules/a_b': {}, 'node_modules/é': {}, 'packages/a': {} },
]
const rows = []
for (const value of values) {
  for (const preferred of [[], order]) {
    for (const indent of ['  ', '\t', '']) {
      rows.push({ value: JSON.stringify(value), preferred, indent, text: stringify(value, preferred, indent) })
    }
  }
}
write('json_nice', rows)
