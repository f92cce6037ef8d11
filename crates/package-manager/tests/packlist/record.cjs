// Records what npm packs of folders: `node record.cjs <npm's folder> <how many random ones> <seed>` writes cases
// as JSON lines. A case is its files (path: text, or null for a folder, or {link: target}) and npm's list.
'use strict'
const [, , npm, count, seed] = process.argv
const fs = require('node:fs'), path = require('node:path'), os = require('node:os')
const { createRequire } = require('node:module')
const need = createRequire(path.join(npm, 'package.json'))
const Arborist = need('@npmcli/arborist')
const packlist = need('npm-packlist')

let state = Number(seed || 1)
const random = (below) => {
  state = (state * 1103515245 + 12345) & 0x7fffffff
  return (state >> 8) % below
}
const one = (list) => list[random(list.length)]
const some = (list, most) => Array.from({ length: random(most + 1) }, () => one(list))

const folders = ['', 'lib/', 'lib/deep/', 'test/', '.hidden/', 'dist/', 'lib/node_modules/x/', '@types/', 'A/b/c/', 'build/', 'CVS/', 'archived-packages/']
const names = ['index.js', 'a.js', 'b.JS', 'c.d.ts', 'README.md', 'readme', 'LICENSE', 'LICENCE.txt', 'license~', 'COPYING', '.npmrc', '.env', '.DS_Store', 'x.orig', '.a.swp', '._x', 'npm-debug.log', 'package-lock.json', 'yarn.lock', 'config.gypi', 'notes.txt', 'a b.txt', 'ä.txt', 'NOTICE', 'changelog.md', '.git', 'pnpm-lock.yaml', 'bun.lockb', 'x[1].js', 'star*.js', 'a.test.js', 'foo', 'package.json']
const patterns = ['*', '**', '*.js', '*.md', '**/*.js', 'lib', 'lib/', '/lib', './lib', 'lib/*', 'lib/**', 'lib/**/*.js', 'lib/deep', 'deep', '**/deep', 'test', 'test/', '/test/', 'dist', 'dist/**/a.js', 'a.js', '/a.js', './a.js', 'lib/a.js', '.env', '**/.env', '.hidden', '.hidden/**', '*.d.ts', '*.{js,ts}', '{lib,test}/*', '{lib,dist}', '[ab].js', '[!a].js', '?.js', '!(a).js', '+(a|b).*', '*.test.js', 'README.md', 'readme', 'LICENSE', 'package.json', 'foo', 'foo/', 'A', 'a', 'a/B', 'A/**/index.js', '@types', '@types/*', '**/b/**', 'lib/../test', 'lib//a.js', '*/', '**/', '/*', '/**', '*/*', 'node_modules', '**/node_modules', '.npmrc', '.git', '#comment', '\\#x', ' lib ', 'x[1].js', 'x\\[1\\].js', '**/a.js', '**/lib/**/a.js', '.', './', '..', 'lib/.', '']
const rule = () => (random(3) === 0 ? '!' : '') + (random(20) === 0 ? '!' : '') + one(patterns)

const generate = () => {
  const files = {}
  const paths = new Set()
  for (let i = 0, n = 4 + random(22); i < n; i++) paths.add(one(folders) + one(names))
  for (const file of paths) {
    if (file !== 'package.json' && ![...paths].some((other) => other.startsWith(file + '/'))) files[file] = file.endsWith('package.json') ? '{"x":\n"lib"\n}' : ''
  }
  const manifest = { name: 'p', version: '1.0.0' }
  if (random(2)) manifest.files = Array.from({ length: random(5) }, rule)
  if (random(3) === 0) manifest.main = one(['index.js', './lib/a.js', 'lib/deep/index.js', 'lib', 'missing.js', '', 'dist/a'])
  if (random(4) === 0) manifest.browser = one(['a.js', 'lib/a.js', './a.js'])
  if (random(4) === 0) manifest.bin = one([{ p: './lib/a.js' }, 'test/index.js', { p: 'a.js', q: 'dist/foo' }])
  for (const folder of ['', 'lib/', 'test/', 'lib/deep/']) {
    const inside = folder === '' || Object.keys(files).some((file) => file.startsWith(folder))
    for (const [file, odds] of [['.npmignore', 3], ['.gitignore', 3]]) {
      if (inside && random(odds + (folder ? 3 : 0)) === 0) files[folder + file] = Array.from({ length: random(6) }, rule).join(one(['\n', '\r\n'])) + one(['', '\n'])
    }
  }
  if (random(6) === 0) files['lib/link.js'] = { link: '../a.js' }
  if (random(4) === 0) bundle(files, manifest)
  if (random(10) === 0) {
    manifest.workspaces = ['ws/*']
    files['ws/one/package.json'] = '{"name":"one","version":"1.0.0","files":["a.js"]}'
    for (const file of some(['a.js', 'b.js', '.npmignore', 'lib/a.js'], 4)) files['ws/one/' + file] = file === '.npmignore' ? 'b.js' : ''
  }
  files['package.json'] = JSON.stringify(manifest)
  return files
}

const bundle = (files, manifest) => {
  manifest.dependencies = { d: '1', e: '1' }
  manifest.devDependencies = { f: '1' }
  manifest.bundleDependencies = some(['d', 'e', 'f', '@s/g', 'missing'], 3)
  manifest.dependencies['@s/g'] = '1'
  const add = (at, document) => {
    files[at + '/package.json'] = JSON.stringify({ version: '1.0.0', ...document })
    for (const file of some(['index.js', '.npmignore', '.gitignore', 'lib/a.js', 'lib/.npmignore', 'test/x.js', '.npmrc', 'x.orig'], 6)) files[at + '/' + file] = /ignore$/.test(file) ? 'test\na.js' : ''
  }
  if (random(5)) add('node_modules/d', { name: 'd', dependencies: { e: '1', h: '1' }, files: random(2) ? ['lib'] : undefined })
  if (random(5)) add('node_modules/e', { name: 'e', optionalDependencies: { d: '1' } })
  if (random(5)) add('node_modules/f', { name: 'f' })
  if (random(5)) add('node_modules/@s/g', { name: '@s/g', peerDependencies: { f: '1' } })
  if (random(2)) add('node_modules/d/node_modules/h', { name: 'h' })
}

const record = async (files) => {
  const root = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'packlist-')))
  try {
    for (const [file, text] of Object.entries(files)) {
      const at = path.join(root, file)
      fs.mkdirSync(path.dirname(at), { recursive: true })
      if (typeof text !== 'string') fs.symlinkSync(text.link, at)
      else fs.writeFileSync(at, text)
    }
    const tree = await new Arborist({ path: root }).loadActual()
    const list = await packlist(tree, { path: root })
    return list.map((file) => file.replace(/^\.\//, ''))
  } finally {
    fs.rmSync(root, { recursive: true })
  }
}

const main = async () => {
  const given = process.stdin.isTTY ? '' : fs.readFileSync(0, 'utf8')
  const cases = given.trim() ? given.trim().split('\n').map((line) => JSON.parse(line).files) : []
  for (let i = 0; i < Number(count || 0); i++) cases.push(generate())
  for (const files of cases) process.stdout.write(JSON.stringify({ files, packed: await record(files) }) + '\n')
}
main()
