// Rows in ascending order of localeCompare('en'), each a group of strings that compare equal.
const { write } = require('./table.cjs')

const words = [
  '', 'a', 'A', 'b', 'B', 'aa', 'aA', 'Aa', 'AA', 'ab', 'aB', 'Ab', 'a-b', 'a_b', 'a.b', 'a b', 'a/b', 'a@b',
  'a1', 'a10', 'a2', '1', '10', '2', '02', '@a/b', '@a-b/c', '@a/b-c', '@ab/c', '@a_b/c', '@babel/core',
  '@babel/helper-plugin-utils', '@babel-x/core', 'node_modules/a', 'node_modules/a/node_modules/b',
  'node_modules/a-b', 'node_modules/a.b', 'node_modules/@types/node', 'node_modules/.store', 'packages/a',
  'JSONStream', 'jsonstream', 'JSONstream', 'json-stream', 'string_decoder', 'string-width', 'string.prototype',
  'lodash', 'lodash.merge', 'lodash_merge', 'Lodash', '$', '~', '!', '_', '__', '-', '.', '..', '^1', '>=1',
  '=1', '<1', '\t', '\n', ' ', 'a\u0001b', 'a\u0000', '\u007f', 'z', 'Z', 'é', 'e', 'É', 'E', 'f', 'eé', 'ée',
  'e\u0301', 'ß', 'ss', 'SS', 'æ', 'ae', 'ø', 'o', 'ñ', 'n', 'ö', 'oe', 'я', 'Я', 'ж', '中', '文', 'あ', 'ア',
  '가', '😀', '🎉', '\u200b', 'a\u200bb', '½', '²', '2²', '–', '—', '…', '·', 'l·', 'l', '€', '£', '¥', '\u00a0',
  'co-op', 'coop', 'CO-OP', 'a\u00ad', '\u0301', '\ufeff', 'ﬁ', 'fi', 'Ａ', 'ａ', '١', '٢', '\u{1d400}',
]

const rows = []
for (const word of words.sort((a, b) => a.localeCompare(b, 'en'))) {
  const last = rows.at(-1)
  if (last && last[0].localeCompare(word, 'en') === 0) {
    last.push(word)
  } else {
    rows.push([word])
  }
}
write('collation', rows)
