// Rows: { lockfile, project, packages }: what arborist makes of version 1 lockfiles in /project.
const { execFileSync } = require('node:child_process')
const { mkdirSync, mkdtempSync, rmSync, writeFileSync } = require('node:fs')
const { tmpdir } = require('node:os')
const { join } = require('node:path')
const { npm, write } = require('./table.cjs')
const Shrinkwrap = npm('@npmcli/arborist/lib/shrinkwrap.js')

const host = 'https://registry.example'
const tgz = (name, version) => `${host}/${name}/-/${name.split('/').pop()}-${version}.tgz`
const plain = (name, version, more) => ({ version, resolved: tgz(name, version), integrity: 'sha512-a', ...more })
const entries = [
  { a: plain('a', '1.0.0') }, { '@s/a': plain('@s/a', '1.0.0', { dev: true, optional: true }) }, { a: { version: '1.0.0' } }, { a: { version: '1.0.0', resolved: tgz('a', '1.0.0') } },
  { a: { version: '1.0.0', integrity: 'sha512-a' } }, { a: plain('a', '1.0.0', { bundled: true, requires: { b: '1' } }), b: plain('b', '1.0.0') },
  { a: plain('a', '1.0.0', { requires: { b: '1', c: '2', d: '3', e: '4' }, dependencies: { b: plain('b', '2.0.0', { optional: true, requires: { c: '1' } }) } }), c: plain('c', '1.0.0', { dev: true }), d: plain('d', '1.0.0') },
  { a: plain('a', '1.0.0', { dev: true, optional: true, requires: { b: '1' } }), b: plain('b', '1.0.0', { dev: true, optional: true }) },
  { a: { version: 'npm:b@1.2.3', resolved: tgz('b', '1.2.3'), integrity: 'sha512-b' } }, { a: { version: 'npm:@s/b@1.2.3' } }, { a: { version: 'npm:b@^1' , integrity: 'sha512-b' } },
  { a: { version: 'github:u/p#abc', from: 'github:u/p' } }, { a: { version: 'git+ssh://git@github.com/u/p.git#0123456789012345678901234567890123456789', from: 'git+ssh://git@github.com/u/p.git' } },
  { a: { version: 'git+https://x:y@github.com/u/p.git#abc', from: 'u/p' } }, { a: { version: 'git+https://git.example/u/p.git#abc', from: 'git+https://git.example/u/p.git' } }, { a: { version: 'git://git.example/p#x', integrity: 'sha512-a' } },
  { a: { version: 'file:../b' } }, { a: { version: 'file:b', requires: { c: '1' }, dependencies: { c: plain('c', '1.0.0') } } }, { a: { version: 'file:b', dev: true, optional: true }, b: plain('b', '1.0.0') }, { a: { version: 'file:.' } },
  { a: { version: 'file:a-1.0.0.tgz', integrity: 'sha512-a' } }, { a: { version: 'file:../x/b-1.0.0.tgz' } }, { '@s/a': { version: 'file:a-2.0.0.tgz' } }, { a: { version: 'file:a.tgz', integrity: 'sha512-a' } },
  { a: { version: 'https://files.example/a-1.0.0.tgz', integrity: 'sha512-a' } }, { a: { version: 'https://files.example/x.tgz' } }, { a: { version: tgz('b', '3.0.0'), integrity: 'sha512-a' } }, { a: { version: tgz('@s/b', '3.0.0') } },
  { a: { version: 'https://files.example/@s%2fb/-/b-1.0.0.tgz' } }, { a: { version: 'https://files.example/p/-/b/-/b-1.0.0.tgz' } }, { a: { version: '1.0.0', from: 'a@^1', resolved: tgz('a', '1.0.0') } }, { a: { version: '1.0.0', from: 'a@^1' } },
  { a: { from: 'a@^1', resolved: tgz('a', '1.0.0') } }, { a: { from: 'file:b' } }, { a: { resolved: tgz('a', '9.0.0') } }, { a: {} }, { a: { version: '' } }, { a: { version: 'latest', integrity: 'x' } }, { a: { version: '^1.0.0', integrity: 'x' } }, { a: { version: 'a b c' } },
  { a: { version: '1.0.0', extraneous: true, requires: true } }, { a: { version: '1.0.0', optional: true, requires: { b: '1' } }, b: { version: '1.0.0', optional: true, dev: true } },
  { a: { version: 'file:b' }, c: { version: 'file:b' } },
]
const projects = [{}, { name: 'root', version: '2.0.0', dependencies: { a: '^1' }, devDependencies: { c: '1' }, license: { type: 'MIT' }, engines: {}, bin: { x: 'y' }, os: [], _hasShrinkwrap: true, workspaces: ['p'] }]
const heads = [{ name: 'root', version: '1.0.0', lockfileVersion: 1, requires: true }, { lockfileVersion: 1 }, { name: 'x', requires: true, version: 'v' }]

const folder = mkdtempSync(join(tmpdir(), 'upgrade-'))
const project = join(folder, 'project')
const main = async () => {
  const rows = []
  let index = 0
  for (const dependencies of entries) {
    for (const manifest of index === 0 ? projects : [projects[index % 2]]) {
      const lockfile = { ...heads[index % heads.length], dependencies }
      rmSync(project, { recursive: true, force: true })
      mkdirSync(project)
      writeFileSync(join(project, 'package.json'), JSON.stringify(manifest))
      writeFileSync(join(project, 'package-lock.json'), JSON.stringify(lockfile))
      const { data } = await Shrinkwrap.load({ path: project })
      const text = JSON.stringify(data.packages).replaceAll(folder, '')
      rows.push({ lockfile, project: manifest, packages: JSON.parse(text) })
    }
    index++
  }
  rmSync(folder, { recursive: true })
  write('upgrade', rows)
}
main()
