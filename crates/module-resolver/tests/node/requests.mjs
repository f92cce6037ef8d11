// What is asked of Node and of the resolver: importers below ../fixtures, specifiers, flags.
const everywhere = ['import', 'resolve'];

export const groups = [
  {
    from: 'app/src/deep/inner.js',
    specifiers: [
      './inner.js', '../feature.js', '../feature', '../one', './missing.js', '.', './', '..', '../', '../folder', '../folder/',
      '../both', '../both/', '../with-main', '../data', '../data.json', '../native', '../native.node', '../thing.unknown',
      '../mod.wasm', '../typo', '../a b.js', '../a%20b.js', '../a%2fb.js', '../a%5Cb.js', '../per%cent.js', '../per%25cent.js',
      '../quest?ion.js', '../quest%3Fion.js', '../ha#sh.js', '../ha%23sh.js', '../%C3%BC.js', '../ü.js', '../feature.js?q=1#f',
      '../feature.js?', '../feature.js#', '../feature.js/', './../../src/./feature.js', '..//feature.js', '...', '..foo', '.foo',
      '../%ff.js', '\\x', './a\\b', '../fea\ture.js', ' ../feature.js', '../../../../../../../../../../../../nope.js',
    ],
  },
  {
    from: 'app/src/deep/inner.js',
    specifiers: [
      'fs', 'node:fs', 'fs/promises', 'fs/', 'node:nope', 'node:', 'node:test', 'test', 'sqlite', 'node:sqlite', 'sys',
      'fs/sub.js', 'http://', 'https://example.com/x.js', 'http://example.com/x.js', 'data:text/javascript,1',
      'data:text/javascript;charset=utf-8,1', 'data:application/json,{}', 'data:application/wasm,', 'data:text/plain,', 'data:,',
      'data:TEXT/JavaScript;base64,MQ==', 'foo:bar', 'file:', 'file:///', 'file://host/x.js', 'file:///nope.js', 'blob:x', '1a:b',
      '//host/x.js', '/nope.js', '/',
    ],
  },
  {
    from: 'app/src/deep/inner.js',
    specifiers: [
      '', '@', '@scope', '@scope/', '@scope/none', '%', 'a%20b', 'a\\b', 'none', 'none/x', '@none/x/y', 'pkg?x', '#', '#/', '#none',
      '#plain', '#cond', '#dep', '#main', '#builtin', '#node-builtin', '#up', '#abs', '#url', '#null', '#glob/one', '#glob/one.mjs',
      '#glob/internal/x', '#glob/none', '#glob/', '#glob/../main', '#glob/a//b', '#ext/one', '#ext/none', '#/root/one', '#/exact',
      '#/none', '#array', '#empty', '#num', '#numeric', '#missing-dep', '#missing-file', '#no-main', '#undefined', '#slash/',
      '#slash/one.js', '#dots', '#not-exported', '#bad-name', '#glob/*', '#plain/', '#glob/a%2fb', '#glob/one?q',
      'app', 'app/feature', 'app/missing', 'app/none', 'app/encoded', 'app/', 'app/space', 'application',
    ],
  },
  {
    from: 'app/src/deep/inner.js',
    specifiers: [
      '', '/', '/sub', '/sub.js', '/sub/one', '/sub/one.json', '/sub/none', '/sub/private/x', '/sub/', '/sub/private/',
      '/sub/one/', '/a/one/z', '/a/one', '/a/z', '/two/one/one', '/folder/one.js', '/folder/', '/folder/one.js/', '/folder/a//b',
      '/folder/../x', '/folder/%2e%2e/x', '/folder/node_modules/x', '/folder/a%2fb', '/folder/sp ace.js', '/folder/sp%20ace.js',
      '/folder/one.js?q', '/lead//one.js', '/bad-target', '/up', '/nm', '/nm-case', '/dots', '/tab', '/double', '/trail',
      '/only-dot', '/false', '/number', '/empty-array', '/array', '/array-null', '/array-bad', '/array-then-null',
      '/array-then-undefined', '/array-numeric', '/object', '/empty-object', '/nested', '/null-stops', '/null', '/missing',
      '/a-folder', '/encoded', '/encoded-separator', '/query', '/custom', '/module-sync', '/addons', '/index-key',
      '/default-first', '/string-empty', '/package.json', '/hidden', '/*', '/sub/*', '/.', '//sub', '/back\\slash',
    ].map((rest) => `exporter${rest}`),
  },
  {
    from: 'app/src/deep/inner.js',
    specifiers: [
      'sugar-string', 'sugar-string/x', 'sugar-conditions', 'sugar-array', 'sugar-bad', 'mixed', 'mixed/x', 'mixed-other',
      'exports-null', 'exports-null/sub.js', 'exports-null/sub', 'exports-false', 'exports-empty', 'exports-empty/main.js',
      'main-file', 'main-noext', 'main-folder', 'main-typo', 'main-missing', 'main-absolute', 'main-number', 'main-empty',
      'main-json', 'main-module', 'main-mjs', 'main-up', 'index-module', 'no-main', 'no-main/other.mjs', 'no-main/other',
      'no-main/sub', 'no-main/sub/', 'no-main/none', 'no-main/index.js?q=1', 'no-main/', 'no-main//index.js', 'no-main/./index.js',
      'no-main/../no-main/index.js', 'no-main/package.json', 'no-index', 'index-node', 'no-package', 'no-package/lib/x.js',
      'no-package/lib/x', 'broken-json', 'broken-json/x.js', 'bad-name', 'bad-type', 'odd-type', 'not-an-object', 'bom', 'twice',
      '@scope/plain', '@scope/plain/y', '@scope/plain/y.js', '@scope/exporter', '@scope/exporter/y', '@scope/exporter/z',
      'file-in-folder.js', 'file-in-folder', 'hoisted', 'hoisted/x', 'linked', 'linked/lib/entry.js', 'linked/lib/entry',
      'linked-file.js', 'dangling', 'dangling/x', 'loop', 'only-global', '.bin/x',
    ],
  },
  {
    from: 'app/cjs/nested/deep.js',
    specifiers: ['#plain', 'app', 'exporter', '../file', '../file.js', 'linked', 'none', '#none', '#'],
  },
  {
    from: 'app/node_modules/no-main/index.js',
    specifiers: ['exporter', 'no-main', '../exporter/sub.js', 'hoisted', '#x', 'main-file'],
  },
  { from: 'app/node_modules/file-in-folder.js', specifiers: ['#x', 'exporter', './no-main/index.js', 'app'] },
  { from: 'linked/lib/entry.js', specifiers: ['exporter', 'hoisted', 'linked', './entry.js'] },
  { from: 'app/main.js', specifiers: ['exporter/custom', 'exporter/module-sync', 'exporter/addons', '#cond'], flags: ['-C', 'custom'] },
  { from: 'app/main.js', specifiers: ['exporter/custom', 'exporter/nested'], flags: ['-C', 'production', '-C', 'development'] },
  { from: 'app/main.js', specifiers: ['exporter/addons'], flags: ['--no-addons'] },
  {
    from: 'app/main.js',
    specifiers: ['linked', 'linked/lib/entry.js', './node_modules/linked-file.js', 'linked-file.js', 'dangling'],
    flags: ['--preserve-symlinks'],
  },
  {
    from: 'app/main.js',
    specifiers: ['only-global', 'global-exporter/x', 'global-exporter/y', 'exporter', 'none'],
    nodePath: ['global', 'none'],
  },
  { from: 'app/folder-of-nothing/', specifiers: ['../main.js', 'exporter', './x.js', 'none', '#plain'] },
  ...['none', 'commonjs', 'module'].flatMap((type) => {
    const names = [
      'a.js', 'a.mjs', 'a.cjs', 'a.json', 'a.wasm', 'a.node', 'a.txt', 'a.JS', 'a.ts', 'a.mts', 'a.cts', 'a.tsx', 'noext', 'noext.',
      'wasm-noext', '.dotfile', 'a.b.js', '.js',
    ];
    return [{ from: `formats/${type}/a.js`, specifiers: names.map((name) => `./${name}`), kinds: ['import'] }];
  }),
  {
    from: 'app/src/deep/inner.js',
    kinds: ['load'],
    specifiers: [
      '../thing.unknown', 'node:nope', 'https://example.com/x.js', 'foo:bar', 'data:text/plain,', 'data:,',
      'node:fs', '../feature.js',
    ],
  },
  { from: 'app/src/deep/inner.js', kinds: ['require'], specifiers: ['node:nope', 'node:fs', 'node:test', 'fs', 'none', '../feature.js'] },
];

export const requests = groups.flatMap(({ from, specifiers, kinds = everywhere, flags = [], nodePath = [] }) =>
  kinds.flatMap((kind) => specifiers.map((specifier) => ({ kind, from, specifier, flags, nodePath }))));
