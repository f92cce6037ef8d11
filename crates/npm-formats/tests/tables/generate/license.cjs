// Rows: [license, whether npm takes it for a new package]. The first row is npm's whole list, joined with spaces.
const { dirname, join } = require('node:path')
const { npm, write } = require('./table.cjs')
const valid = require(join(dirname(npm.path('@npmcli/package-json')), 'license.js'))

const texts = [
  'MIT', 'mit', ' MIT', 'MIT ', 'MIT+', 'MIT +', 'Apache-2.0', 'Apache 2.0', 'GPL-2.0', 'GPL-2.0+', 'GPL-2.0-or-later', 'GPL-2.0-only',
  'GPL-2.0 WITH Classpath-exception-2.0', 'GPL-2.0 with Classpath-exception-2.0', 'MIT WITH MIT', 'Classpath-exception-2.0',
  'MIT OR Apache-2.0', '(MIT OR Apache-2.0)', '(MIT or Apache-2.0)', 'MIT AND (BSD-3-Clause OR ISC)', 'MIT/X11', 'MIT, ISC', 'MIT OR', 'OR MIT',
  '(MIT', 'MIT)', '()', '((MIT))', 'MIT ISC', 'MIT AND ISC OR BSD-2-Clause AND 0BSD', 'LicenseRef-x', 'DocumentRef-a:LicenseRef-b',
  'DocumentRef-a', 'MIT OR LicenseRef-x', 'LicenseRef-', 'UNLICENSED', 'UNLICENCED', 'unlicensed', 'UNLICENSED ', 'Unlicense',
  'SEE LICENSE IN LICENSE', 'SEE LICENCE IN x', 'SEE LICENSE IN ', 'SEE LICENSE IN', 'see license in x', 'SEE LICENSE IN a b', 'SEE LICENSE IN \n',
  '', ' ', 'BSD', 'BSD-3-Clause', 'Public Domain', 'WTFPL', 'none', 'Proprietary', 'MITWITHISC', 'MITORISC', '(MIT)OR(ISC)', 'MIT\tOR ISC',
  'MIT\n', 'é', 'MIT é', 'NOASSERTION', 'GFDL-1.1-invariants', 'GFDL-1.1-invariants-only', 'GPL-2.0+ WITH Classpath-exception-2.0', 'ISC:MIT', 'CC0-1.0',
]
const list = [...npm('spdx-license-ids'), ...npm('spdx-license-ids/deprecated')]
write('license', [[list.join(' '), true], ...texts.map(text => [text, valid(text)])])
