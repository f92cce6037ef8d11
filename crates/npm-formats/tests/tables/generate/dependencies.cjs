// Rows: { text, add, saveType, bundle | remove, members, saved }: arborist's change to the normalised manifest, and the file it leaves.
const { mkdtempSync, readFileSync, rmSync, writeFileSync } = require('node:fs')
const { tmpdir } = require('node:os')
const { join } = require('node:path')
const { npm, write } = require('./table.cjs')
const PackageJson = npm('@npmcli/package-json')
const { add, rm } = npm('@npmcli/arborist/lib/add-rm-pkg-deps.js')

const files = [
  '{}', '{\n\t"name": "a",\n\t"dependencies": {\n\t\t"z": "1"\n\t}\n}',
  JSON.stringify({ dependencies: { z: '1', x: '1', y: '1' }, devDependencies: { d: '1' }, name: 'a', peerDependencies: { p: '1', x: '2' }, peerDependenciesMeta: { p: { optional: true }, q: { optional: true } } }, null, 2) + '\n',
  JSON.stringify({ name: 'a', optionalDependencies: { o: '1' }, dependencies: { o: '1', x: '1' }, bundledDependencies: ['x', 'b'] }, null, 4),
  JSON.stringify({ name: 'a', peerDependencies: { x: '1' }, dependencies: { x: '1' }, devDependencies: { x: '1' }, bundleDependencies: false }),
  JSON.stringify({ name: 'a', peerDependencies: { x: '1' }, peerDependenciesMeta: { x: { optional: true } }, devDependencies: { x: '1' } }, null, 2),
]
const changes = []
for (const saveType of [undefined, 'prod', 'dev', 'optional', 'peer', 'peerOptional']) {
  changes.push({ add: [{ name: 'x', rawSpec: '^2.0.0' }, { name: '@s/n', rawSpec: '*' }], saveType })
}
changes.push({ add: [{ name: 'x', rawSpec: '*' }] }, { add: [{ name: 'b', rawSpec: '1' }, { name: 'C', rawSpec: '1' }], saveBundle: true }, { add: [{ name: 'b', rawSpec: '1' }], saveType: 'peer', saveBundle: true })
changes.push({ remove: ['x'] }, { remove: ['x', 'z', 'nothing', 'o'] }, { remove: ['p', 'd'] }, { remove: [] })

const folder = mkdtempSync(join(tmpdir(), 'dependencies-'))
const path = join(folder, 'package.json')
process.on('log', () => {})
const main = async () => {
  const rows = []
  for (const text of files) {
    for (const change of changes) {
      writeFileSync(path, text)
      const { content: pkg } = await PackageJson.normalize(folder)
      change.remove ? rm(pkg, change.remove) : add({ pkg, ...change })
      const members = JSON.stringify(pkg)
      const { dependencies = {}, devDependencies = {}, optionalDependencies = {}, peerDependencies = {}, bundleDependencies } = pkg
      const file = await PackageJson.load(folder)
      await file.update({ dependencies, devDependencies, optionalDependencies, peerDependencies, bundleDependencies }).save()
      rows.push({ text, ...change, members: JSON.parse(members), saved: readFileSync(path, 'utf8') })
    }
  }
  rmSync(folder, { recursive: true })
  write('dependencies', rows)
}
main()
