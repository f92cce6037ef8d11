// Answers rows of calls with what npm's own semver answers. Used by tests that need node and npm, and to note the
// results in tests/data.
//
//   node oracle.cjs again FILE...           answers the rows of tables anew and writes them back
//   node oracle.cjs random COUNT SEED       as many rows of random calls with their results
//   node oracle.cjs fixtures FOLDER         the cases of node-semver's own test/fixtures as calls, for data/node_semver.json

const { execFileSync } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')

const root = execFileSync('npm', ['root', '--global'], { encoding: 'utf8' }).trim()
const semver = require(path.join(root, 'npm/node_modules/semver'))

const operations = {
  parts: (version, options) => {
    const parsed = semver.parse(version, options)
    return parsed && [parsed.major, parsed.minor, parsed.patch, parsed.prerelease, parsed.build]
  },
  coerce: (text, options) => semver.coerce(text, options)?.version ?? null,
  minVersion: (range, options) => semver.minVersion(range, options)?.version ?? null,
  // Of two equal texts node-semver says yes without reading them.
  subset: (left, right, options) =>
    semver.subset(new semver.Range(left, options), new semver.Range(right, options), options),
  simplifyRange: (versions, range, options) => semver.simplifyRange([...versions], range, options),
  selects: (versions, range, options) => versions.filter(version => semver.satisfies(version, range, options)),
  comparatorIntersects: (left, right, options) =>
    new semver.Comparator(left, options).intersects(new semver.Comparator(right, options), options),
}

function answer ([operation, ...args]) {
  try {
    // A null stands for an argument that is not given.
    return (operations[operation] ?? semver[operation])(...args.map(arg => arg ?? undefined)) ?? null
  } catch {
    return null
  }
}

function * random (count, seed) {
  let state = BigInt(seed)
  const below = n => {
    state = (state * 6364136223846793005n + 1442695040888963407n) & 0xffffffffffffffffn
    return Number((state >> 33n) % BigInt(n))
  }
  const pick = list => list[below(list.length)]
  const maybe = (make, odds = 3) => below(odds) ? '' : make()
  const number = () => pick(['0', '0', '1', '1', '2', '3', '10', '01', '00', 'x', '*', 'X', '9007199254740991',
    '9007199254740992', '99999999999999999999999'].slice(0, pick([7, 7, 7, 12, 15])))
  const identifier = () => pick(['0', '1', '2', '10', 'a', 'b', 'alpha', 'x', '1a', '-', '01', 'A-1'])
  const identifiers = () => Array.from({ length: 1 + below(3) }, identifier).join('.')
  const plain = () => Array.from({ length: 3 }, () => String(below(3))).join('.')
  const version = () => pick([plain, plain, () => Array.from({ length: pick([3, 3, 3, 2, 1, 4]) }, number).join('.')])() +
    maybe(() => pick(['-', '-', '-', '']) + identifiers()) + maybe(() => '+' + identifiers(), 8)
  const prefixed = () => pick(['', '', '', '', 'v', '=', ' ', 'v ', '= v']) + version() + pick(['', '', '', ' '])
  const operator = () => pick(['', '', '^', '~', '>', '>=', '<', '<=', '=', '~>', '==', '^=', '>*', '<>', '*'])
  const word = () => pick([() => operator() + pick(['', '', '', ' ', 'v', '  ']) + version(), () => pick(['*', 'x', '', 'latest', '||', '|',
    '-', '+a', 'foo', '>', '~', '^', '\t', '*.1', 'x.2.1', '1.*.2', '>=*', '<*', '<x', '>X'])].slice(0, pick([1, 1, 2])))()
  const words = () => Array.from({ length: pick([1, 1, 1, 2, 2, 3]) }, word).join(' ')
  const hyphen = () => prefixed() + pick([' - ', ' - ', ' -', '- ', '  -  ']) + prefixed()
  const alternative = () => pick([words, words, words, hyphen])()
  const range = () => Array.from({ length: pick([1, 1, 1, 2, 3]) }, alternative).join(pick(['||', ' || ', ' ||']))
  const options = () => pick([{}, {}, { loose: true }, { includePrerelease: true }, { loose: true, includePrerelease: true }])
  const versions = () => Array.from({ length: 6 }, prefixed)
  const text = () => Array.from({ length: 1 + below(6) }, () => pick([version, number, () => pick(['.', '-', ' ', 'v', 'a', '12345678901234567', '+', '..'])])()).join('')
  const calls = [
    () => ['parts', prefixed(), options()],
    () => ['valid', text(), options()],
    () => ['clean', prefixed(), options()],
    () => ['compare', version(), version(), options()],
    () => ['compareBuild', version(), version(), options()],
    () => ['diff', version(), version()],
    () => ['inc', version(), pick(['major', 'minor', 'patch', 'premajor', 'preminor', 'prepatch', 'prerelease', 'pre', 'release']),
      options(), pick([undefined, '', 'a', 'alpha', '1', 'a.b', '!']) ?? null, pick([null, '0', '1', false])],
    () => ['truncate', version(), pick(['major', 'minor', 'patch', 'prerelease', 'pre', 'release']), options()],
    () => ['coerce', text(), pick([{}, { rtl: true }, { includePrerelease: true }, { rtl: true, includePrerelease: true }, { loose: true }])],
    () => ['validRange', range(), options()],
    () => ['validRange', range(), options()],
    () => ['satisfies', version(), range(), options()],
    () => ['satisfies', version(), range(), options()],
    () => ['intersects', range(), range(), options()],
    () => ['subset', range(), range(), options()],
    () => ['minVersion', range(), options()],
    () => ['gtr', version(), range(), options()],
    () => ['ltr', version(), range(), options()],
    () => ['maxSatisfying', versions(), range(), options()],
    () => ['minSatisfying', versions(), range(), options()],
    () => ['simplifyRange', Array.from({ length: 6 }, plain), range(), options()],
    () => ['comparatorIntersects', operator() + version(), operator() + version(), options()],
  ]
  for (let i = 0; i < count; i++) {
    const call = pick(calls)()
    yield [...call, answer(call)]
  }
}

// How the rows of each file are to be read, as the tests beside them read them.
const readers = {
  'comparator-intersection': ([a, b, result, includePrerelease]) => [
    ['comparatorIntersects', a, b, { includePrerelease }, result], ['intersects', b, a, { includePrerelease }, result]],
  comparisons: ([a, b, options]) => [['compare', a, b, options ?? null, 1], ['compare', b, a, options ?? null, -1]],
  equality: ([a, b, options]) => [['compare', a, b, options ?? null, 0]],
  increments: ([version, release, result, options, identifier, base]) => [
    ['inc', version, release, options ?? null, identifier ?? null, base ?? null, result]],
  'invalid-versions': ([version, , options]) => [['valid', typeof version === 'string' ? version : '', options ?? null, null]],
  'range-exclude': ([range, version, options]) => [['satisfies', version, range, options ?? null, false]],
  'range-include': ([range, version, options]) => [['satisfies', version, range, options ?? null, true]],
  'range-intersection': ([a, b, result]) => [['intersects', a, b, result], ['intersects', b, a, result]],
  'range-parse': ([range, result, options]) => [['validRange', range, options ?? null, result]],
  truncations: ([version, release, result]) => [['truncate', version, release, null, result]],
  'valid-versions': ([version, ...parts]) => [['parts', version, null, parts]],
  'version-gt-range': ([range, version, options]) => [['gtr', version, range, options ?? null, true]],
  'version-lt-range': ([range, version, options]) => [['ltr', version, range, options ?? null, true]],
  'version-not-gt-range': ([range, version, options]) => [['gtr', version, range, options ?? null, false]],
  'version-not-lt-range': ([range, version, options]) => [['ltr', version, range, options ?? null, false]],
}

function fixtures (folder) {
  const result = {}
  for (const file of fs.readdirSync(folder)) {
    const name = path.basename(file, '.js')
    result[name] = require(path.resolve(folder, file)).map(readers[name])
  }
  return result
}

const [mode, ...args] = process.argv.slice(2)
const print = value => process.stdout.write(JSON.stringify(value))
if (mode === 'again') {
  for (const file of args) {
    const rows = JSON.parse(fs.readFileSync(file, 'utf8')).map(row => row.slice(0, -1)).map(call => [...call, answer(call)])
    fs.writeFileSync(file, `[\n${rows.map(row => JSON.stringify(row)).join(',\n')}\n]\n`)
  }
} else if (mode === 'random') {
  print([...random(Number(args[0]), args[1])])
} else if (mode === 'fixtures') {
  const groups = Object.entries(fixtures(args[0])).map(([name, cases]) =>
    `${JSON.stringify(name)}: [\n${cases.map(calls => JSON.stringify(calls)).join(',\n')}\n]`)
  process.stdout.write(`{\n${groups.join(',\n')}\n}\n`)
} else {
  throw new Error(`unknown mode ${mode}`)
}
