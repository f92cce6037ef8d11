// Prints rows of values as Node prints them: node generate.cjs > table.json
'use strict'
const { inspect } = require('node:util')

let state = 20
const random = below => {
  state = (state * 1103515245 + 12345) & 0x7fffffff
  return Math.floor((state / 0x7fffffff) * below)
}
const word = longest => {
  const letters = "abcdefghij.-_'\"\n\\$"
  const length = 1 + random(longest)
  return Array.from({ length }, () => letters[random(random(4) ? 13 : letters.length)]).join('')
}
const any = depth => {
  const kind = random(depth > 7 ? 4 : 9)
  if (kind < 2) return word(random(3) ? 12 : 90)
  if (kind === 2) return random(100000) - 500
  if (kind === 3) return [true, false, null][random(3)]
  const count = random(kind < 6 ? 30 : 6)
  if (kind < 6) {
    const longest = [3, 8, 20, 60][random(4)]
    const numbers = !random(3)
    return Array.from({ length: count }, () => (random(9) ? (numbers ? random(3000) : word(longest)) : any(depth + 1)))
  }
  return Object.fromEntries(Array.from({ length: count }, () => [word(10), any(depth + 1)]))
}
const fits = value => value && typeof value === 'object' && JSON.stringify(value).length < 1200
const rows = Array.from({ length: 150 }, () => any(1)).filter(fits)
const print = value => inspect(value, { depth: 5, maxArrayLength: null })
process.stdout.write(`[\n${rows.map(value => JSON.stringify([value, print(value)])).join(',\n')}\n]\n`)
