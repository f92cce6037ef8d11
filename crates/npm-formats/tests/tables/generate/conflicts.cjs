// Rows: { text, merged } | { text, error: true }: what npm makes of conflicts that git itself leaves.
const { spawnSync } = require('node:child_process')
const { mkdtempSync, writeFileSync } = require('node:fs')
const { tmpdir } = require('node:os')
const { join } = require('node:path')
const { npm, write, attempt } = require('./table.cjs')
const parse = npm('parse-conflict-json')

const folder = mkdtempSync(join(tmpdir(), 'conflicts-'))
const conflict = (versions, style) => {
  const files = versions.map((value, index) => {
    const file = join(folder, `${index}`)
    writeFileSync(file, JSON.stringify(value, null, 2) + '\n')
    return file
  })
  const labels = ['-L', 'HEAD', '-L', 'base', '-L', 'feature']
  return spawnSync('git', ['merge-file', '-p', ...style, ...labels, ...files], { encoding: 'utf8' }).stdout
}

// A generator with a fixed seed, so that the table does not change from run to run.
let seed = Number(process.argv[2] || 1)
const random = n => {
  seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff
  return (seed >> 8) % n
}
const pick = list => list[random(list.length)]
const value = depth => {
  const kind = random(depth > 2 ? 4 : 8)
  return kind === 0 ? random(4) : kind === 1 ? pick(['a', 'b', '1', '']) : kind === 2 ? null : kind === 3 ? pick([true, false])
    : kind < 6 ? Array.from({ length: random(4) }, () => value(depth + 1)) : object(depth + 1)
}
const object = depth => {
  const result = {}
  for (let i = random(5); i >= 0; i--) {
    result[pick(['a', 'b', 'c', 'node_modules/d', 'constructor', 'prototype', '1', '0', 'é'])] = value(depth)
  }
  return result
}
const mutate = node => {
  if (node === null || typeof node !== 'object' || random(8) === 0) {
    return value(2)
  }
  const copy = structuredClone(node)
  const keys = Object.keys(copy)
  for (let i = random(3); i >= 0; i--) {
    const key = keys.length ? pick(keys) : 'z'
    const action = random(4)
    if (Array.isArray(copy)) {
      action === 0 ? copy.splice(random(copy.length + 1), 1) : action === 1 ? copy.splice(random(copy.length + 1), 0, value(2))
        : copy.length && (copy[random(copy.length)] = mutate(copy[random(copy.length)]))
    } else if (action === 0) {
      delete copy[key]
    } else if (action === 1) {
      copy[pick(['a', 'b', 'x', 'y'])] = value(1)
    } else {
      copy[key] = mutate(copy[key] ?? null)
    }
  }
  return copy
}
const lock = entries => ({ name: 'x', version: '1.0.0', lockfileVersion: 3, requires: true, packages: entries })
const entry = (version, more) => ({ version, resolved: `https://registry.example/${version}.tgz`, ...more })
const hand = [
  [lock({ '': {}, 'node_modules/a': entry('1.0.0') }), lock({ '': {}, 'node_modules/a': entry('1.0.1') }), lock({ '': {}, 'node_modules/a': entry('1.1.0') })],
  [lock({ '': {}, 'node_modules/a': entry('1.0.0'), 'node_modules/c': entry('3.0.0') }),
    lock({ '': {}, 'node_modules/a': entry('1.0.0'), 'node_modules/b': entry('2.0.0'), 'node_modules/c': entry('3.0.0') }),
    lock({ '': {}, 'node_modules/a': entry('1.0.0'), 'node_modules/bb': entry('2.0.1', { dev: true }), 'node_modules/c': entry('3.0.0') })],
  [lock({ '': { dependencies: { a: '1' } }, 'node_modules/a': entry('1.0.0') }), lock({ '': { dependencies: { b: '1' } }, 'node_modules/b': entry('1.0.1') }),
    lock({ '': { dependencies: { a: '1', c: '1' } }, 'node_modules/a': entry('1.1.0'), 'node_modules/c': entry('1.1.0') })],
]
const rows = []
const add = (base, ours, theirs) => {
  for (const style of [[], ['--diff3']]) {
    const text = conflict([ours, base, theirs], style)
    if (!text.includes('<<<<<<<')) {
      continue
    }
    const result = attempt(() => parse(text))
    if (!result.error || (!style.length && rows.filter(row => row.error).length < 5)) {
      rows.push({ text, ...(result.error ? { error: true } : { merged: JSON.stringify(result.ok) }) })
    }
  }
}
for (const [base, ours, theirs] of hand) {
  add(base, ours, theirs)
}
while (rows.length < Number(process.argv[3] || 60)) {
  const base = { top: 1, ...object(0), packages: object(0), end: 1 }
  const change = () => ({ ...base, packages: mutate(base.packages), [pick(['top', 'end', 'b', 'x'])]: mutate(base.b ?? 1) })
  add(base, change(), change())
}
write('conflicts', rows)
