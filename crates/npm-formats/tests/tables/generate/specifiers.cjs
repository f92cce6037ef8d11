// Rows: [operation, argument..., answer], of three tables. The arguments are taken from the tables as they stand and
// answered anew, so that a new row is written into a table with null as its answer.
//
// Operations: ["name", NAME], ["hosted", TEXT], ["repository", URL], ["parse", ARGUMENT], ["resolve", NAME, SPEC].
// Paths are relative to /project/app, and /home/someone is home.
process.env.HOME = '/home/someone'
const { npm, write } = require('./table.cjs')
const HostedGit = npm('hosted-git-info')
const npa = npm('npm-package-arg')
const validate = npm('validate-npm-package-name')

const directory = '/project/app'

function hosted (info) {
  if (!info) {
    return null
  }
  const drop = { noCommittish: true, noGitPlus: true }
  return {
    parts: [info.type, info.user, info.auth, info.project, info.committish || null, info.getDefaultRepresentation()],
    urls: [info.ssh(), info.sshurl(), info.https(), info.git(), info.shortcut(), info.path(), info.tarball(),
      info.browse(), info.docs(), info.bugs(), info.toString()],
    dropped: [info.ssh(drop), info.sshurl(drop), info.https(drop), info.git(drop), info.shortcut(drop), info.path(drop),
      info.browse(drop), info.docs(drop), info.toString(drop)],
    files: [info.browse('/lib/a.js', 'The First!'), info.browse('', ''), info.browseFile('lib/A b.js'), info.file('/lib/a.js'),
      info.file('x', drop), info.edit('/lib/a.js'), info.edit('', drop)],
  }
}

function specifier (make) {
  let spec
  try {
    spec = make()
  } catch (error) {
    return { error: error.code ?? 'EINVALIDSPEC' }
  }
  const git = spec.type === 'git'
  return {
    type: spec.type,
    raw: spec.raw,
    name: spec.name ?? null,
    scope: spec.scope ?? null,
    escapedName: spec.escapedName ?? null,
    rawSpec: spec.rawSpec,
    saveSpec: spec.saveSpec ?? null,
    fetchSpec: spec.fetchSpec ?? null,
    registry: !!spec.registry,
    text: spec.toString(),
    git: git ? [spec.gitCommittish || null, spec.gitRange || null, spec.gitSubdir ?? null, spec.hosted?.type ?? null] : null,
    target: spec.subSpec ? specifier(() => spec.subSpec) : null,
  }
}

const operations = {
  name: name => {
    const { errors = [], warnings = [] } = validate(name)
    return { errors, warnings }
  },
  hosted: text => hosted(HostedGit.fromUrl(text)),
  repository: url => {
    const link = HostedGit.fromManifest({ repository: { url } })
    return typeof link === 'string' ? link : link?.browse() ?? null
  },
  parse: argument => specifier(() => npa(argument, directory)),
  resolve: (name, spec) => specifier(() => npa.resolve(name, spec, directory)),
}

for (const table of ['package_names', 'hosted_git', 'specifiers']) {
  const calls = require(`../${table}.json`).map(row => row.slice(0, -1))
  write(table, calls.map(([operation, ...args]) => [operation, ...args, operations[operation](...args)]))
}
