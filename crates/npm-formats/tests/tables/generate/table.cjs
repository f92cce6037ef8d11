// Loads npm's own modules and writes a table beside this folder.
const { execFileSync } = require('node:child_process')
const { writeFileSync, realpathSync } = require('node:fs')
const { join } = require('node:path')

const root = join(execFileSync('npm', ['root', '-g'], { encoding: 'utf8' }).trim(), 'npm')

const find = name => require.resolve(name, { paths: [realpathSync(root)] })
exports.root = root
exports.npm = name => require(find(name))
exports.npm.path = find
exports.attempt = action => {
  try {
    return { ok: action() }
  } catch (error) {
    return { error: error.message }
  }
}
exports.write = (name, rows) => {
  const lines = rows.map(row => JSON.stringify(row)).join(',\n')
  writeFileSync(join(__dirname, '..', `${name}.json`), `[\n${lines}\n]\n`)
}
