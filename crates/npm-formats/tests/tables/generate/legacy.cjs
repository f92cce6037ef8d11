// Rows: { packages, dependencies }: the section of version 2 that arborist makes of a version 3 lockfile in /project.
const { mkdirSync, mkdtempSync, rmSync, writeFileSync } = require('node:fs')
const { tmpdir } = require('node:os')
const { join } = require('node:path')
const { npm, write } = require('./table.cjs')
const Arborist = npm('@npmcli/arborist')

const host = 'https://registry.example'
const tgz = (name, version) => `${host}/${name}/-/${name.split('/').pop()}-${version}.tgz`
const plain = (name, version, more) => ({ version, resolved: tgz(name, version), integrity: 'sha512-a', ...more })
const sha = '0123456789012345678901234567890123456789'
const git = `git+ssh://git@github.com/u/p.git#${sha}`
const sets = [
  { '': { dependencies: { a: '^1.0.0' } }, 'node_modules/a': plain('a', '1.0.0') },
  { '': { dependencies: { a: '^1.0.0' } }, 'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' } },
  { '': { dependencies: { a: '1' }, devDependencies: { b: '1' }, optionalDependencies: { c: '1' }, peerDependencies: { d: '1' } }, 'node_modules/a': plain('a', '1.0.0', { dependencies: { b: '1', e: '2' }, peerDependencies: { d: '1', q: '1' }, peerDependenciesMeta: { q: { optional: true } }, optionalDependencies: { c: '1' } }),
    'node_modules/b': plain('b', '1.0.0', { peerDependencies: { a: '1' } }), 'node_modules/c': plain('c', '1.0.0', { optional: true }), 'node_modules/d': plain('d', '1.0.0', { peer: true }), 'node_modules/e': plain('e', '1.0.0', { dev: true }), 'node_modules/a/node_modules/e': plain('e', '2.0.0', { devOptional: true }) },
  { '': { dependencies: { a: 'npm:b@^1', '@s/c': 'npm:@t/d@1' } }, 'node_modules/a': plain('b', '1.2.0', { name: 'b' }), 'node_modules/@s/c': plain('@t/d', '1.0.0', { name: '@t/d' }) },
  { '': { dependencies: { a: 'u/p' } }, 'node_modules/a': { version: '1.0.0', resolved: git, license: 'MIT' } },
  { '': { dependencies: { a: 'github:u/p#semver:^1.0.0' } }, 'node_modules/a': { version: '1.0.0', resolved: git, dependencies: { a: '1' } } },
  { '': { dependencies: { b: '1' } }, 'node_modules/a': { version: '1.0.0', resolved: git, extraneous: true }, 'node_modules/b': plain('b', '1.0.0', { dependencies: { a: 'git+https://git.example/x.git' } }), 'node_modules/b/node_modules/a': { version: '1.0.0', resolved: `git+https://git.example/x.git#${sha}`, integrity: 'sha512-g' } },
  { '': { dependencies: { a: 'file:a-1.0.0.tgz', b: 'https://files.example/b.tgz', c: 'file:../up/c.tgz' } }, 'node_modules/a': { version: '1.0.0', resolved: 'file:a-1.0.0.tgz', integrity: 'sha512-a' }, 'node_modules/b': { version: '2.0.0', resolved: 'https://files.example/b.tgz' }, 'node_modules/c': { version: '3.0.0', resolved: 'file:../up/c.tgz' } },
  { '': { dependencies: { a: 'file:lib/a', b: 'file:../b' } }, 'node_modules/a': { resolved: 'lib/a', link: true }, 'lib/a': { version: '1.0.0', dependencies: { c: '1', b: 'file:../../../b', d: 'file:../d' }, devDependencies: { e: '1' } }, 'node_modules/b': { resolved: '../b', link: true }, '../b': { version: '1.0.0' },
    'lib/a/node_modules/c': plain('c', '1.0.0'), 'node_modules/e': plain('e', '1.0.0', { dev: true }), 'lib/a/node_modules/d': { resolved: 'lib/d', link: true }, 'lib/d': {}, 'node_modules/c': plain('c', '2.0.0', { extraneous: true }) },
  { '': { workspaces: ['packages/*'] }, 'node_modules/w': { resolved: 'packages/w', link: true }, 'packages/w': { version: '1.0.0', dependencies: { x: '1', a: '1' }, devDependencies: { y: '1' } }, 'node_modules/x': { resolved: 'packages/x', link: true }, 'packages/x': { name: 'x', version: '1.0.0', dependencies: { w: '1' } },
    'node_modules/a': plain('a', '1.0.0'), 'packages/w/node_modules/y': plain('y', '1.0.0', { dev: true }), 'packages/x/node_modules/w': { resolved: 'packages/w', link: true } },
  { '': { dependencies: { a: '1' } }, 'node_modules/a': plain('a', '1.0.0', { bundleDependencies: ['b'], dependencies: { b: '1' } }), 'node_modules/a/node_modules/b': { version: '1.0.0', inBundle: true, dependencies: { c: '1' } }, 'node_modules/a/node_modules/b/node_modules/c': { version: '1.0.0', inBundle: true } },
  { '': { dependencies: { a: '1' }, bundleDependencies: ['a'] }, 'node_modules/a': plain('a', '1.0.0', { inBundle: true, dependencies: { b: '1' } }), 'node_modules/b': plain('b', '1.0.0', { inBundle: true }) },
  { '': { dependencies: { a: '1', b: 'latest', c: 'x || y' } }, 'node_modules/a': plain('a', '2.0.0'), 'node_modules/b': plain('b', '1.0.0'), 'node_modules/c': plain('c', '1.0.0', { dependencies: {}, peerDependencies: { a: '*' } }) },
  { '': {} },
]
const folder = mkdtempSync(join(tmpdir(), 'legacy-'))
const project = join(folder, 'project')
process.on('log', () => {})
const main = async () => {
  const rows = []
  for (const packages of sets) {
    rmSync(project, { recursive: true, force: true })
    mkdirSync(project)
    const root = { name: 'project', version: '1.0.0', ...packages[''] }
    packages[''] = root
    writeFileSync(join(project, 'package.json'), JSON.stringify(root))
    for (const name of ['w', 'x']) {
      if (packages[`packages/${name}`]) {
        mkdirSync(join(project, 'packages', name), { recursive: true })
        writeFileSync(join(project, 'packages', name, 'package.json'), JSON.stringify({ name, ...packages[`packages/${name}`] }))
      }
    }
    const before = JSON.stringify(packages)
    writeFileSync(join(project, 'package-lock.json'), JSON.stringify({ name: 'project', lockfileVersion: 3, requires: true, packages }))
    const tree = await new Arborist({ path: project, lockfileVersion: 2 }).loadVirtual()
    const { dependencies = {} } = JSON.parse(tree.meta.toString().replaceAll(folder, ''))
    rows.push({ packages: JSON.parse(before), dependencies })
  }
  rmSync(folder, { recursive: true })
  write('legacy', rows)
}
main()
