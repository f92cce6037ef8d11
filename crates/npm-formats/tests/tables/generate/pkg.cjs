// Rows: { text, get, result } | { text, set | delete, value, force, saved } | { ..., error: code }: what `npm pkg` does to a file.
const { mkdtempSync, readFileSync, rmSync, writeFileSync } = require('node:fs')
const { tmpdir } = require('node:os')
const { dirname, join } = require('node:path')
const { npm, write, root } = require('./table.cjs')
const PackageJson = npm('@npmcli/package-json')
const Queryable = require(join(root, 'lib/utils/queryable.js'))

const file = {
  name: 'a', version: '1.0.0', private: true, keywords: ['x', 'y'], one: ['only'], none: [], authors: [{ name: 'A', tags: ['t'] }, { name: 'B' }, {}],
  scripts: { test: 'x', 'a.b': 'y' }, nested: { deep: { er: 1 }, null: null, list: [[1, 2], [3]] }, dependencies: { z: '1', a: '2', B: '3' },
  optionalDependencies: { z: '4' }, devDependencies: {}, peerDependencies: { a: '9' }, exports: { './x': { import: './x.mjs' }, '.': './i.js' }, empty: '',
}
const text = JSON.stringify(file, null, 2) + '\n'
const texts = ['{\n\t"name": "a"\n}', '{"name":"a"}', '{\r\n  "name": "a",\r\n  "scripts": {}\r\n}\r\n', '{}', '{\n\n  "b": 1,\n  "a": {"10": 1, "2": 2}\n}', '\ufeff{\n "a": 1\n}\n\n']
const paths = [
  'name', 'missing', 'keywords', 'keywords[0]', 'keywords[1]', 'keywords.1', 'keywords[2]', 'keywords[01]', 'one', 'none', 'authors.name', 'authors[0].name', 'authors[0]',
  'authors[9].name', 'authors.tags', 'authors[0].tags', 'authors.x.y', 'scripts.test', 'scripts[a.b]', 'scripts.a.b', 'nested.deep.er', 'nested.deep', 'nested.null', 'nested.list', 'nested.list[0]',
  'nested.list[0][1]', 'nested[list][1]', 'exports[./x].import', 'exports[.]', 'exports.', 'keywords[]', 'empty', ' name ', '[name]', 'private.x', 'nested..deep', '', 'keywords.x',
  'nested.deep.er.x', 'dependencies.z', 'toString', 'scripts.toString',
]
const edits = [
  ['name', 'b'], ['new', 'x'], ['new.a.b', 'x'], ['keywords[0]', 'k'], ['keywords[]', 'k'], ['keywords[].x', 'k'], ['keywords[5]', 'k'], ['keywords.x', 'k'], ['keywords', 'k'], ['fresh[]', 'k'], ['fresh[0]', 'k'],
  ['fresh[2]', 'k'], ['fresh[].a', 'k'], ['fresh[0].a.b', 'k'], ['name.x', 'k'], ['name[]', 'k'], ['name[0]', 'k'], ['scripts.test', 'k'], ['scripts[x.y]', 'k'], ['scripts.x.y', 'k'], ['nested.null.x', 'k'],
  ['nested.list[0][0]', 'k'], ['nested.list[][0]', 'k'], ['nested.list[].0', 'k'], ['a[b][c]', 'k'], ['a[b.c].d', 'k'], ['exports[./y]', 'k'], ['__proto__.x', 'k'], ['a.constructor', 'k'], ['prototype', 'k'],
  ['version.1', 'k'], ['authors[0].name', 'k'], ['authors[].name', 'k'], ['authors.name', 'k'], ['dependencies.b', '1'], ['dependencies.A', '1'], ['devDependencies.x', '1'], ['optionalDependencies.a', '1'],
  ['peerDependencies.a', '10'], ['peerDependencies.z', '1'], ['dependencies.a', '5'], ['workspaces[]', 'packages/*'], ['x.01', 'k'], ['x[1.10]', 'k'], ['x.1.0.0', 'k'], ['x[1.0.0]', 'k'], ['a..b', 'k'], ['', 'k'],
  ['scripts', { a: 'b' }], ['scripts', { a: 1 }], ['workspaces', []], ['workspaces', ['a', 1]], ['workspaces', ['p']], ['private', false], ['keywords', null], ['dependencies', {}], ['dependencies', { q: '1', b: '2' }],
  ['empty.x', 'k'], ['nested.deep', 5], ['[0]', 'k'], ['[]', 'k'], ['a[]b', 'k'], ['a[][]', 'k'], ['keywords[][]', 'k'], ['keywords[-1]', 'k'], ['keywords[0x1]', 'k'], ['x.0x10', 'k'], ['none[0]', 'k'], ['none.a', 'k'], ['none[].a', 'k'],
]
const deletions = [
  'name', 'missing', 'missing.a.b', 'keywords[0]', 'keywords[1]', 'keywords[7]', 'keywords', 'scripts.test', 'scripts[a.b]', 'nested.deep.er', 'nested.deep', 'authors[0].name', 'authors[1]', 'dependencies.a', 'dependencies',
  'devDependencies', 'optionalDependencies.z', 'optionalDependencies', 'peerDependencies.a', 'peerDependencies', 'exports[.]', 'name.x', 'nested.null.x', 'scripts', '__proto__', 'nested.list[0][1]',
]
const folder = mkdtempSync(join(tmpdir(), 'pkg-'))
const path = join(folder, 'package.json')
const rows = []
const run = async (row, action) => {
  writeFileSync(path, row.text)
  const short = row.text === text ? { ...row, text: undefined } : row
  try {
    const pkg = await PackageJson.load(folder)
    rows.push({ ...short, ...(await action(pkg)) })
  } catch (error) {
    rows.push({ ...short, error: error.code || true })
  }
}
const save = async (pkg, change) => {
  const before = readFileSync(path, 'utf8')
  const q = new Queryable(pkg.content)
  change(q)
  await pkg.update(q.toJSON()).save()
  const saved = readFileSync(path, 'utf8')
  // The first file's formatting says nothing new a hundred times over.
  return { saved: before === text ? JSON.parse(saved) : saved }
}
const main = async () => {
  rows.push({ file: text })
  for (const get of paths) {
    await run({ text, get }, pkg => ({ result: new Queryable(pkg.content).query([get]) }))
  }
  await run({ text, get: ['name', 'authors.name', 'missing'] }, pkg => ({ result: new Queryable(pkg.content).query(['name', 'authors.name', 'missing']) }))
  for (const [set, value] of edits) {
    await run({ text, set, value }, pkg => save(pkg, q => q.set(set, value, {})))
    const { saved, error } = rows.at(-1)
    await run({ text, set, value, force: true }, pkg => save(pkg, q => q.set(set, value, { force: true })))
    if (JSON.stringify([saved, error]) === JSON.stringify([rows.at(-1).saved, rows.at(-1).error])) {
      rows.pop()
    }
  }
  for (const deleted of deletions) {
    await run({ text, delete: deleted }, pkg => save(pkg, q => q.delete(deleted)))
  }
  for (const other of texts) {
    await run({ text: other, set: 'z.y', value: 1 }, pkg => save(pkg, q => q.set('z.y', 1, {})))
    await run({ text: other, delete: 'name' }, pkg => save(pkg, q => q.delete('name')))
  }
  rmSync(folder, { recursive: true })
  write('pkg', rows)
}
main()
