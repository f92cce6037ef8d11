'use strict';

// Builtins as programs get them: which names they may use, and what is noted when they get one, because a program
// that holds `fs` may replace parts of it, and one that holds `diagnostics_channel` may listen. So is what else takes
// loading off its usual way, for loaders to see at a glance.

const builtins = require('internal/builtins');

/** What programs have changed. */
const changed = {
  /** Hooks on this thread, in internal/modules/hooks. */
  resolveHooks: false,
  loadHooks: false,
  /** Compiled code is kept where the program asked for it. */
  compileCache: false,
  sourceMaps: false,
  /** `Module.wrap` or `Module.wrapper`. */
  wrapper: false,
};

let fs;
let readFileSync;
let channels;

/** A builtin's exports, by its name without `node:`. */
function loadBuiltin(id) {
  const exports = builtins.load(id);
  if (fs === undefined && (id === 'fs' || id === 'fs/promises')) {
    fs = id === 'fs' ? exports : builtins.load('fs');
    readFileSync = fs.readFileSync;
  } else if (id === 'diagnostics_channel') {
    channels ??= {
      require: exports.tracingChannel('module.require'),
      import: exports.tracingChannel('module.import'),
    };
  }
  return exports;
}

/** `fs`, if the program may have replaced how it reads files. */
function patchedFs() {
  return fs !== undefined && fs.readFileSync !== readFileSync ? fs : undefined;
}

/** The channel that loads are told on, if anybody listens; `kind` is `require` or `import`. */
function loadChannel(kind) {
  const channel = channels?.[kind];
  return channel?.hasSubscribers ? channel : undefined;
}

/** The name without `node:` of a builtin that a specifier names; undefined if it names none. */
function builtinOf(specifier) {
  if (specifier.startsWith('node:')) {
    const id = specifier.slice(5);
    return builtins.canBeRequiredByUsers(id) ? id : undefined;
  }
  return builtins.canBeRequiredWithoutScheme(specifier) ? specifier : undefined;
}

module.exports = {
  builtinOf,
  changed,
  canBeRequiredByUsers: builtins.canBeRequiredByUsers,
  canBeRequiredWithoutScheme: builtins.canBeRequiredWithoutScheme,
  loadBuiltin,
  loadChannel,
  patchedFs,
};
