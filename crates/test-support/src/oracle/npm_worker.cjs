// Runs npm's commands one after another in one process, as npm's own entry point would in one process each:
// starting Node for every command would take most of the time.
//
// Argument: npm's folder. Reads a job a line from standard input, {cwd, home, registry, args, lockfileOnly} for a command or
// {unpack, into, home} for a tarball, and answers each with a line on standard output, {code, message}; code is null where
// it succeeded.
'use strict'
const { basename, join } = require('node:path')
const { createInterface } = require('node:readline')
const { Writable } = require('node:stream')

const root = process.argv[process.argv.length - 1]
const Npm = require(join(root, 'lib', 'npm.js'))
const answer = process.stdout.write.bind(process.stdout)
const isVerbose = process.env.ORACLE_VERBOSE !== undefined
const sink = () => new Writable({
  write: (chunk, encoding, done) => {
    const placements = String(chunk).split('\n').filter(line => isVerbose && /placeDep|fetch manifest|idealTree/.test(line))
    placements.forEach(line => process.stderr.write(`${line}\n`))
    done()
  },
})
process.setMaxListeners(0)

async function run (job) {
  for (const key of Object.keys(process.env)) {
    if (/^npm_/i.test(key)) {
      delete process.env[key]
    }
  }
  Object.assign(process.env, {
    HOME: job.home,
    NO_COLOR: '1',
    npm_config_cache: join(job.home, 'cache'),
    npm_config_userconfig: join(job.home, '.npmrc'),
    npm_config_globalconfig: join(job.home, 'globalrc'),
    npm_config_registry: job.registry,
    npm_config_loglevel: isVerbose ? 'silly' : 'silent',
    npm_config_audit: 'false',
    npm_config_fund: 'false',
    npm_config_update_notifier: 'false',
    npm_config_logs_max: '0',
    npm_config_ignore_scripts: 'true',
    npm_config_package_lock_only: String(job.lockfileOnly),
    npm_config_fetch_retries: '0',
  })
  process.chdir(job.cwd)
  process.argv = [process.execPath, join(root, 'bin', 'npm-cli.js'), ...job.args]
  const npm = new Npm({ stdout: sink(), stderr: sink(), npmRoot: root })
  try {
    const { exec, command, args } = await npm.load()
    if (exec) {
      await npm.exec(command, args)
    }
    return { code: null }
  } catch (error) {
    return { code: error.code || error.name || 'Error', message: String(error.message) }
  } finally {
    process.exitCode = 0
    npm.unload()
  }
}

async function unpack (job) {
  const pacote = require(join(root, 'node_modules', 'pacote'))
  try {
    await pacote.extract(`file:${job.unpack}`, job.into, { cache: join(job.home, 'cache') })
    return { code: null }
  } catch (error) {
    // it looks for executables in what it has unpacked
    const isUnpacked = ['EISDIR', 'EJSONPARSE'].includes(error.code) || basename(error.path || '') === 'package.json'
    return isUnpacked ? { code: null } : { code: error.code || error.name || 'Error', message: String(error.message) }
  }
}

async function main () {
  for await (const line of createInterface({ input: process.stdin })) {
    const job = JSON.parse(line)
    answer(JSON.stringify(await (job.unpack ? unpack(job) : run(job))) + '\n')
  }
  process.exit(0)
}
main()
