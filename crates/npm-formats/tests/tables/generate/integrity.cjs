// Rows: { parse, text, algorithm, hex } | { parse, empty } | { match: [a, b], found } | { merge: [a, b], text | error } |
// { concat: [a, b], text } | { hex, algorithm, text }.
const { npm, write, attempt } = require('./table.cjs')
const ssri = npm('ssri')

const sha1 = 'sha1-qZk+NkcGgWq6PiVxeFDCbJzQ2J0='
const sha1b = 'sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk='
const sha512 = 'sha512-3a81oZNherrMQXNJriBBMRLm+k6JqX6iCp7u5ktV05ohkpkqJ0/BqDa6PCOj/uu9RU1EI2Q86A4qmslPpUyknw=='
const texts = [
  '', ' ', 'x', 'sha1', 'sha1-', '-x', 'sha512-a', sha1, sha512, `${sha1} ${sha512}`, `${sha512} ${sha1}`, `  ${sha1}\n\t${sha512} `,
  `${sha1} ${sha512} ${sha1b}`, `${sha512}?a?b`, `${sha512}?`, `${sha512}??x`, 'SHA512-abc', 'sha-512-abc', 'sha3-abc', 'foo-bar sha1-x',
  'md5-x sm3-y ripemd-z', 'sm3-y ripemd-z', 'ripemd-z sm3-y', 'sha384-x sha256-y', 'sha224-x sha1-y', 'sha512-a-b', 'sha512-a=b',
  'sha512-é', 'whirlpool-abc', 'rmd160-x md5-y', `${sha512} ${sha512}`, 'sha1-a?sha512-b', 'blake2b512-x', 'sha512-_-_-',
]
const pairs = []
for (const a of ['sha1-a', 'sha1-b', 'sha256-a', 'sha512-a', 'sha1-a sha512-a', 'sha1-a sha512-b', 'sha512-a sha512-b', 'sha512-a?x', 'sm3-a md5-b', 'sm3-a']) {
  for (const b of ['sha1-a', 'sha512-a', 'sha1-b sha512-a', 'sha1-a sha512-b', 'sha512-b sha256-a', 'sha1-a sha1-b', 'sm3-a md5-c']) {
    pairs.push([a, b])
  }
}
const rows = texts.map(text => {
  const sri = ssri.parse(text)
  return sri ? { parse: text, text: `${sri}`, algorithm: sri.pickAlgorithm() } : { parse: text, empty: true }
})
for (const [a, b] of pairs) {
  rows.push({ match: [a, b], found: `${ssri.parse(a).match(b) || ''}` })
  const merged = ssri.parse(a)
  const result = attempt(() => merged.merge(b))
  rows.push({ merge: [a, b], ...(result.error ? { error: true } : { text: `${merged}` }) })
  rows.push({ concat: [a, b], text: `${ssri.parse(a).concat(b)}` })
}
rows.push({ hex: 'a9993e364706816aba3e25717850c26c9cd0d89d', algorithm: 'sha1', text: `${ssri.fromHex('a9993e364706816aba3e25717850c26c9cd0d89d', 'sha1')}` })
write('integrity', rows)
