// Runs `npm pack --dry-run --json` for one folder after another, in one process: starting Node for each would take
// most of the time. Argument: npm's folder. Reads a job a line, {cwd, home, workspace}, and answers each with a line:
// the paths of the files, or null where npm failed.
'use strict'
const { join } = require('node:path')
const { createInterface } = require('node:readline')
const { Writable } = require('node:stream')

const root = process.argv[2]
const Npm = require(join(root, 'lib', 'npm.js'))
const answer = process.stdout.write.bind(process.stdout)
process.setMaxListeners(0)

async function run ({ cwd, home, workspace }) {
  for (const key of Object.keys(process.env).filter(key => /^npm_/i.test(key))) {
    delete process.env[key]
  }
  Object.assign(process.env, {
    HOME: home,
    NO_COLOR: '1',
    npm_config_cache: join(home, 'cache'),
    npm_config_userconfig: join(home, '.npmrc'),
    npm_config_globalconfig: join(home, 'globalrc'),
    npm_config_update_notifier: 'false',
    npm_config_logs_max: '0',
    npm_config_offline: 'true',
  })
  process.chdir(cwd)
  const line = ['pack', '--dry-run', '--json', '--ignore-scripts', ...(workspace ? ['-w', workspace] : [])]
  process.argv = [process.execPath, join(root, 'bin', 'npm-cli.js'), ...line]
  let said = ''
  const stdout = new Writable({
    write: (chunk, encoding, done) => {
      said += chunk
      done()
    },
  })
  const stderr = new Writable({ write: (chunk, encoding, done) => done() })
  const npm = new Npm({ stdout, stderr, npmRoot: root })
  try {
    const { exec, command, args } = await npm.load()
    if (exec) {
      await npm.exec(command, args)
    }
  } catch {
    said = ''
  } finally {
    process.exitCode = 0
    npm.finish?.()
    npm.unload()
  }
  return said ? JSON.parse(said)[0].files.map(file => file.path) : null
}

async function main () {
  for await (const line of createInterface({ input: process.stdin })) {
    answer(JSON.stringify(await run(JSON.parse(line))) + '\n')
  }
  process.exit(0)
}
main()
