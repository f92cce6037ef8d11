// Rows: { members, files, steps, result | error }: what @npmcli/package-json makes of a package.json in a folder.
// `files` maps paths to contents; a path that ends in / is an empty folder.
const { mkdirSync, mkdtempSync, writeFileSync, rmSync } = require('node:fs')
const { tmpdir } = require('node:os')
const { dirname, join } = require('node:path')
const { npm, write } = require('./table.cjs')
const PackageJson = npm('@npmcli/package-json')

const sets = {
  installed: PackageJson.normalizeSteps,
  registry: PackageJson.normalizeSteps.filter(step => step !== '_attributes'),
  publish: PackageJson.prepareSteps,
  fix: PackageJson.fixSteps,
  data: ['normalizeData'],
}
const everywhere = [
  {}, { name: 'a', version: '1.0.0' }, { name: 'a', version: '1.0.0', _id: 'x', _from: 'y', 'a_b': 1 }, { _: 1, version: 'v1.0' },
  // names and versions
  { name: ' a ', version: ' =v1.2.3 ' }, { name: '@a/b', version: '1.0.0-beta.1+build' }, { name: 'A' }, { name: '.a' }, { name: 'a/b' },
  { name: '@a' }, { name: '@/a' }, { name: 'a b' }, { name: 'node_modules' }, { name: 'favicon.ico' }, { name: 'é' }, { name: 5 }, { name: '   ' },
  { name: "~'!()*" }, { name: 'fs', version: '1.0.0' }, { version: 'x' }, { version: 1 }, { version: '' }, { version: '1.2.3beta' }, { version: '01.2.3' }, { name: null, version: null },
  // bin
  { name: 'a', bin: './cli.js' }, { name: '@a/b', bin: 'cli.js' }, { bin: 'cli.js' }, { name: 'a', bin: { a: 'x', b: './y', c: '../../z' } },
  { name: 'a', bin: { '../../x': 'x', '/etc/y': 'y', 'C:\\z': 'z', '..': 'q', '': 'e', 'a/b/c': 'abc', '.': 'dot' } },
  { name: 'a', bin: { x: 5, y: null, z: '', w: '.', v: '..', u: '/', t: '/etc/passwd', s: 'C:\\windows\\cmd.exe', r: 'dir/' } },
  { name: 'a', bin: ['x.js', 'd/y.js', '../z'] }, { name: 'a', bin: {} }, { name: 'a', bin: [] }, { name: 'a', bin: true }, { name: 'a', bin: 7 }, { name: 'a', bin: '' },
  { name: 'a', bin: { b: 'one', 'x/b': 'two' } }, { name: 'a', bin: { 'x/b': 'two', b: 'one' } }, { name: 'a', bin: { '2': 'x', '1': 'y', b: 'z' } }, { name: 'a', bin: null },
  // directories.bin, man
  { name: 'a', directories: { bin: 'bin' } }, { name: 'a', directories: { bin: './bin/' } }, { name: 'a', directories: { bin: '../bin' } }, { name: 'a', directories: { bin: 'none' } },
  { name: 'a', directories: { bin: 'bin' }, bin: 'cli.js' }, { name: 'a', directories: { bin: 'bin' }, bin: {} }, { name: 'a', directories: { man: 'man' } }, { name: 'a', directories: { man: './man/', bin: '' }, man: '' },
  { name: 'a', directories: {} }, { name: 'a', directories: 'x' }, { name: 'a', man: './man/a.1' }, { name: 'a', man: ['../../x.1', 'y.1', 5] }, { name: 'a', man: [] }, { name: 'a', man: [5] }, { name: 'a', man: {} },
  // bundled dependencies
  { bundledDependencies: ['a'] }, { bundledDependencies: ['a'], bundleDependencies: ['b'] }, { bundleDependencies: true, dependencies: { a: '1', b: '2' } }, { bundleDependencies: true }, { bundleDependencies: false },
  { bundleDependencies: { a: '1', c: '2' } }, { bundleDependencies: 'a' }, { bundleDependencies: null }, { bundleDependencies: 5 }, { bundleDependencies: [] }, { bundleDependencies: ['a', 5, '', 'b'], dependencies: { a: '^1' } },
  { bundledDependencies: true, dependencies: { z: '1' } }, { bundledDependencies: false }, { bundledDependencies: { q: '1' } }, { bundleDependencies: null, bundledDependencies: ['a'] }, { bundleDependencies: 0 },
  // optional dependencies
  { dependencies: { a: '1', b: '1' }, optionalDependencies: { b: '2', c: '3' } }, { dependencies: { a: '1' }, optionalDependencies: { a: '1' } }, { dependencies: {}, optionalDependencies: {} },
  { dependencies: {}, optionalDependencies: { a: '1' } }, { dependencies: { a: '1' }, optionalDependencies: 'a' }, { dependencies: {} }, { optionalDependencies: { a: '1' } }, { dependencies: 'a@1 b@2', optionalDependencies: { a: '1' } },
  // dependency sections in odd forms
  { dependencies: 'a, b@1.0.0 c>=2 @d/e@1 f:@x ,' }, { dependencies: ['a', 'b@1', 'c 2.0', 5, 'd >=1 <2', '@s/n@1', ''] }, { devDependencies: 'x' }, { devDependencies: ['y@1'], optionalDependencies: ['z@2'] },
  { dependencies: 5, devDependencies: true }, { dependencies: null, devDependencies: '' }, { dependencies: { a: 1, b: null, c: {}, d: '1', e: '' } }, { dependencies: [] }, { peerDependencies: 'x' }, { dependencies: ' , a , ' },
  // scripts
  { scripts: { test: 'x', bad: 5, worse: null, a: 'node_modules/.bin/mocha', b: './node_modules/.bin/mocha -x', c: '.\\node_modules\\.bin\\x', d: 'x && node_modules/.bin/y', e: 'node_modules/_bin/z', f: './/node_modules/.bin/q' } },
  { scripts: 'x' }, { scripts: null }, { scripts: [] }, { scripts: 5 }, { scripts: {} }, { scripts: { install: 'x' } }, { scripts: { start: '' } }, { gypfile: false }, { scripts: { preinstall: 'x' } },
  // funding
  { funding: 'https://a.example' }, { funding: '' }, { funding: ['https://a.example', { url: 'x' }] }, { funding: { type: 'x', url: 'y' } }, { funding: 5 },
  // texts
  { description: 5 }, { description: '' }, { description: 'x', readme: '# h\n\np' }, { readme: '# Title\n\nFirst line\nsecond line\n\nlater' }, { readme: '\n\n# t\n## u\ntext' }, { readme: '# only' }, { readme: 'ERROR: No README data found!' },
  { modules: { a: 'b' } }, { modules: '' }, { files: 'x' }, { files: ['a', '', 5, null, 'b'] }, { files: [] }, { files: {} },
  // bugs
  { bugs: 'https://a.example/x' }, { bugs: 'a@b.example' }, { bugs: 'nothing' }, { bugs: { url: 'https://a.example', email: 'a@b.example', extra: 1 } }, { bugs: { web: 'https://a.example' } }, { bugs: { name: 'x', url: 'https://a.example' } },
  { bugs: { url: 'x' } }, { bugs: { email: 'x' } }, { bugs: { email: 5 } }, { bugs: {} }, { bugs: 5 }, { bugs: '' }, { bugs: ['https://a.example'] }, { bugs: { url: 5 } }, { bugs: { email: 'a.b@c' } },
  // keywords
  { keywords: 'a, b,c,  d' }, { keywords: 'a,, b' }, { keywords: '' }, { keywords: ['a', '', 5, 'b'] }, { keywords: { a: 1 } }, { keywords: 5 }, { keywords: ' a b ' }, { keywords: 'a, , b' },
  // homepage, license
  { homepage: 'a.example' }, { homepage: 'https://a.example' }, { homepage: 5 }, { homepage: '' }, { homepage: 'mailto:x' }, { license: 'MIT' }, { license: 'Apache' }, { license: { type: 'MIT' } }, { licence: 'MIT' }, { license: '' },
  // people
  { author: 'A B <a@b.example> (https://a.example)' }, { author: 'A' }, { author: '<a@b>' }, { author: '(u)' }, { author: '' }, { author: {} }, { author: { name: 'N', email: 'e', url: 'u', x: 1 } }, { author: { name: 'N', mail: 'm', web: 'w' } },
  { author: { name: 'N <x>' } }, { author: ' A  <  > ( ) ' }, { author: 'A (u) <m>' }, { author: 'A ((u))' }, { author: 5 }, { author: { name: 5, email: true } }, { author: 'A <<m>> (u' },
  { contributors: ['A <a@b>', { name: 'B' }], maintainers: [{ email: 'x' }, 'C'] }, { contributors: 'A <b>' }, { contributors: { name: 'A' } }, { contributors: [] }, { maintainers: ['(u)'] },
  // misspellings, types
  { dependancies: {}, autohr: 'x', script: {}, repo: 'x' }, { main: 'lib/index.js' }, { main: './lib/index' }, { main: 'lib' }, { main: 5 }, { main: '' }, { main: 'lib/index.js', types: 'x' }, { main: 'lib/index.js', typings: 'x' }, { main: '.hidden' }, { main: 'lib/../index.js' },
  // repository without a known host
  { repository: 'https://git.example/a/b' }, { repository: { type: 'git', url: 'https://git.example/a.git' } }, { repositories: ['https://git.example/x', 'https://git.example/y'] }, { repository: {} }, { repository: '' }, { repository: 5 }, { repository: { url: '' } },
  { repositories: [], repository: 'https://git.example/z' }, { repositories: [{ type: 'svn', url: 'https://svn.example' }] },
]
const hosted = [
  'a/b', 'github:a/b', 'https://github.com/a/b', 'https://github.com/a/b.git', 'git://github.com/a/b.git', 'git+https://github.com/a/b.git', 'git@github.com:a/b.git', 'git+ssh://git@github.com/a/b.git',
  'gist:abc123', 'https://gist.github.com/a/abc123', 'gitlab:a/b', 'https://gitlab.com/a/b/c', 'bitbucket:a/b', 'https://bitbucket.org/a/b', 'https://github.com/a/b/tree/main', 'https://github.com/a/b#main', 'a/b#x', 'sourcehut:~a/b',
  'http://github.com/a/b', 'www.github.com/a/b', 'github.com/a/b', 'https://user:pass@github.com/a/b.git',
].flatMap(url => [{ repository: url }, { repository: { type: 'git', url, directory: 'packages/x' }, homepage: 'https://a.example', bugs: 'https://b.example' }])
hosted.push({ dependencies: { a: 'b/c', d: 'github:e/f', g: 'git://github.com/h/i.git#v1', j: '^1.0.0', k: 'https://github.com/l/m/archive/x.tgz', n: 'git+ssh://git@github.com:o/p.git' }, devDependencies: { q: 'gist:abc', r: 'gitlab:s/t' } })
const withFiles = [
  [{ name: 'a', directories: { bin: 'bin' } }, { 'bin/one': '', 'bin/two.js': '', 'bin/.hidden': '', 'bin/sub/three': '' }],
  [{ name: 'a', directories: { bin: './bin/' } }, { 'bin/one': '' }], [{ name: 'a', directories: { bin: '.' } }, { 'x.js': '' }], [{ name: 'a', directories: { bin: '../bin' } }, { 'bin/in': '' }],
  [{ name: 'a', directories: { bin: 'bin' }, bin: { b: 'x' } }, { 'bin/one': '' }], [{ name: 'a', directories: { bin: 'bin' } }, { 'bin/': '' }], [{ name: 'a', directories: { man: 'man' } }, { 'man/a.1': '', 'man/c.txt': '', 'man/sub/d.5': '', 'man/.e.1': '' }],
  [{ name: 'a' }, { 'binding.gyp': '' }], [{ name: 'a', scripts: { install: 'x' } }, { 'binding.gyp': '' }], [{ name: 'a', scripts: { test: 'x' } }, { 'other.gyp': '' }], [{ name: 'a', gypfile: false }, { 'binding.gyp': '' }], [{ name: 'a', scripts: { install: '' } }, { 'binding.gyp': '' }],
  [{ name: 'a' }, { '.gyp': '', 'sub/x.gyp': '' }], [{ name: 'a' }, { 'server.js': '' }], [{ name: 'a', scripts: { start: 'x' } }, { 'server.js': '' }], [{ name: 'a', scripts: { start: '' } }, { 'server.js': '', 'x.gyp': '' }],
  [{ name: 'a' }, { AUTHORS: '# comment\nA <a@b>\n\n  B (u)  \r\n  # c\nC' }], [{ name: 'a', contributors: ['x'] }, { AUTHORS: 'A' }], [{ name: 'a' }, { AUTHORS: '' }],
  [{ name: 'a' }, { 'README.md': '# T\n\nText of it.\nmore\n\nend' }], [{ name: 'a' }, { README: 'plain' }], [{ name: 'a' }, { 'readme.txt': 'x' }], [{ name: 'a' }, { 'README.markdown': 'x' }], [{ name: 'a' }, { 'Readme.mdown': 'x' }], [{ name: 'a', readme: 'own' }, { 'README.md': 'x' }],
  [{ name: 'a' }, { 'README.md/x': '', 'README': 'y' }], [{ name: 'a', description: 'd' }, { 'README.md': '' }], [{ name: 'a' }, { 'README.mkd': 'x' }], [{ name: 'a' }, { 'readme': 'x' }],
  [{ name: 'a' }, { 'index.d.ts': '' }], [{ name: 'a', main: './lib/x.js' }, { 'lib/x.d.ts': '' }], [{ name: 'a', main: 'lib/x.min.js' }, { 'lib/x.min.d.ts': '' }], [{ name: 'a', main: 'lib' }, { 'lib.d.ts': '' }], [{ name: 'a', main: './' }, { 'index.d.ts': '' }], [{ name: 'a', typings: 'z' }, { 'index.d.ts': '' }],
]

const rows = []
const folder = mkdtempSync(join(tmpdir(), 'manifest-'))
const run = async (members, files, steps) => {
  rmSync(folder, { recursive: true })
  mkdirSync(folder)
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(folder, path.endsWith('/') ? path : dirname(path)), { recursive: true })
    path.endsWith('/') || writeFileSync(join(folder, path), content)
  }
  writeFileSync(join(folder, 'package.json'), JSON.stringify(members))
  const row = { members, ...(Object.keys(files).length ? { files } : {}), steps }
  try {
    const pkg = await new PackageJson().load(folder)
    await pkg.normalize({ steps: sets[steps] })
    const result = JSON.stringify(pkg.content)
    rows.push(result === JSON.stringify(members) ? { ...row, same: true } : { ...row, result: JSON.parse(result) })
  } catch (error) {
    rows.push({ ...row, error: error.message })
  }
}
process.on('log', () => {})
const main = async () => {
  for (const members of everywhere) {
    for (const steps of ['installed', 'publish', 'fix']) {
      await run(members, {}, steps)
    }
  }
  for (const [members, files] of withFiles) {
    for (const steps of ['installed', 'publish']) {
      await run(members, files, steps)
    }
  }
  for (const members of [{ name: 'a', version: '1.0.0', _id: 'x', _from: 'y' }, { name: 'a', bin: 'x', _resolved: 'z' }]) {
    await run(members, {}, 'registry')
  }
  for (const members of hosted) {
    await run(members, {}, 'data')
  }
  rmSync(folder, { recursive: true })
  write('manifest', rows)
}
main()
