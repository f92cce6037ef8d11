// Asks Node every request of requests.mjs and writes ../expectations.json.
//
//   node expect.mjs NODE [OLDER_NODE]
//   node expect.mjs --print NODE
//
// NODE (26) gives the expectations; where OLDER_NODE (20) answers otherwise, its answer stands beside. With --print
// nothing is written: the answers are printed in the order of the rows.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { requests } from './requests.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const fixtures = realpathSync(join(here, '../fixtures'));
const home = mkdtempSync(join(tmpdir(), 'home-'));

function ask(node) {
  const groups = new Map();
  requests.forEach((request, index) => {
    const key = JSON.stringify([request.from, request.flags, request.nodePath]);
    groups.set(key, [...(groups.get(key) ?? []), { ...request, index }]);
  });
  const answers = [];
  for (const group of groups.values()) {
    const { from, flags, nodePath } = group[0];
    const importer = join(fixtures, from);
    const folder = from.endsWith('/') ? importer : dirname(importer);
    const input = JSON.stringify(group.map(({ kind, specifier }) => ({ kind, specifier, importer })));
    const { stdout, stderr, status } = spawnSync(node, ['--no-warnings', ...flags, join(here, 'answer.mjs')], {
      input, encoding: 'utf8', cwd: existsSync(folder) ? folder : fixtures,
      env: { HOME: home, NODE_PATH: nodePath.map((path) => join(fixtures, path)).join(':') },
    });
    if (status !== 0) throw new Error(`${node} ${flags} for ${from}: ${stderr}`);
    JSON.parse(stdout).forEach((answer, at) => { answers[group[at].index] = answer; });
  }
  return answers.map((answer) => JSON.parse(JSON.stringify(answer).replaceAll(fixtures, '{root}')));
}

function write(current, older) {
  const now = ask(current);
  const before = older === undefined ? now : ask(older);
  const rows = requests.map(({ kind, from, specifier, flags, nodePath }, at) => {
    const row = { kind, from, specifier };
    if (flags.length > 0) row.flags = flags;
    if (nodePath.length > 0) row.nodePath = nodePath;
    row.expect = now[at];
    if (JSON.stringify(before[at]) !== JSON.stringify(now[at])) row.node20 = before[at];
    return row;
  });
  writeFileSync(join(here, '../expectations.json'), `[\n${rows.map((row) => JSON.stringify(row)).join(',\n')}\n]\n`);
  console.log(`${rows.length} rows, ${rows.filter((row) => row.node20).length} of them different in the older Node`);
}

const [, , first, second] = process.argv;
if (first === '--print') {
  console.log(JSON.stringify(ask(second)));
} else {
  write(first, second);
}
