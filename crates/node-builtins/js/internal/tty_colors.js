'use strict';
// Owns the answer to how many colors a terminal shows, judged by the
// environment alone.

const process = require('process');
const { validateInteger } = require('internal/validators');

// Bits per color, as getColorDepth() tells them.
const COLORS_2 = 1;
const COLORS_16 = 4;
const COLORS_256 = 8;
const COLORS_16M = 24;

/** By the whole value of TERM. Most are told by their pattern below. */
const TERMINALS = {
  '__proto__': null,
  'eterm': COLORS_16,
  'cons25': COLORS_16,
  'console': COLORS_16,
  'cygwin': COLORS_16,
  'dtterm': COLORS_16,
  'gnome': COLORS_16,
  'hurd': COLORS_16,
  'jfbterm': COLORS_16,
  'konsole': COLORS_16,
  'kterm': COLORS_16,
  'mlterm': COLORS_16,
  'mosh': COLORS_16M,
  'putty': COLORS_16,
  'st': COLORS_16,
  'rxvt-unicode-24bit': COLORS_16M,
  'terminator': COLORS_16M,
  'xterm-kitty': COLORS_16M,
};

const COLORED_TERMINAL =
  /ansi|color|linux|direct|^con[0-9]*x[0-9]|^rxvt|^screen|^xterm|^vt100|^vt220/;

/** By the variable that a service for continuous integration sets, the first one counting. */
const SERVICES = [
  ['APPVEYOR', COLORS_256],
  ['BUILDKITE', COLORS_256],
  ['CIRCLECI', COLORS_16M],
  ['DRONE', COLORS_256],
  ['GITEA_ACTIONS', COLORS_16M],
  ['GITHUB_ACTIONS', COLORS_16M],
  ['GITLAB_CI', COLORS_256],
  ['TRAVIS', COLORS_256],
];

function isSet(value) {
  return value !== undefined && value !== '';
}

let warned = false;
function warnOfContradiction(env) {
  if (warned) return;
  const names = ['NODE_DISABLE_COLORS', 'NO_COLOR'].filter((name) => isSet(env[name]));
  if (names.length === 0) return;
  process.emitWarning(
    `The '${names.join("' and '")}' env is ignored due to the 'FORCE_COLOR' env being set.`,
    'Warning');
  warned = true;
}

function forcedDepth(env) {
  switch (env.FORCE_COLOR) {
    case '':
    case '1':
    case 'true':
      warnOfContradiction(env);
      return COLORS_16;
    case '2':
      warnOfContradiction(env);
      return COLORS_256;
    case '3':
      warnOfContradiction(env);
      return COLORS_16M;
    default:
      return COLORS_2;
  }
}

function depthOfService(env) {
  for (const [name, depth] of SERVICES) {
    if (name in env) return depth;
  }
  return env.CI_NAME === 'codeship' ? COLORS_256 : COLORS_2;
}

function depthOfProgram(env) {
  switch (env.TERM_PROGRAM) {
    case 'iTerm.app':
      return !env.TERM_PROGRAM_VERSION || /^[0-2]\./.test(env.TERM_PROGRAM_VERSION) ?
        COLORS_256 : COLORS_16M;
    case 'HyperTerm':
    case 'MacTerm':
      return COLORS_16M;
    case 'Apple_Terminal':
      return COLORS_256;
    default:
      return undefined;
  }
}

function depthOfTerminal(term) {
  if (/truecolor/.test(term)) return COLORS_16M;
  if (/^xterm-256/.test(term)) return COLORS_256;
  const name = term.toLowerCase();
  if (TERMINALS[name]) return TERMINALS[name];
  return COLORED_TERMINAL.test(name) ? COLORS_16 : undefined;
}

function getColorDepth(env = process.env) {
  if (env.FORCE_COLOR !== undefined) return forcedDepth(env);
  if (isSet(env.NODE_DISABLE_COLORS) || isSet(env.NO_COLOR) || env.TERM === 'dumb') {
    return COLORS_2;
  }
  if (env.TMUX) return COLORS_16M;
  if ('TF_BUILD' in env && 'AGENT_NAME' in env) return COLORS_16;
  if ('CI' in env) return depthOfService(env);
  if ('TEAMCITY_VERSION' in env) {
    return /^(9\.(0*[1-9]\d*)\.|\d{2,}\.)/.test(env.TEAMCITY_VERSION) ? COLORS_16 : COLORS_2;
  }
  const ofProgram = depthOfProgram(env);
  if (ofProgram !== undefined) return ofProgram;
  if (env.COLORTERM === 'truecolor' || env.COLORTERM === '24bit') return COLORS_16M;
  if (env.TERM) {
    const ofTerminal = depthOfTerminal(env.TERM);
    if (ofTerminal !== undefined) return ofTerminal;
  }
  return env.COLORTERM ? COLORS_16 : COLORS_2;
}

/** hasColors(count, env), hasColors(env): whether there are at least `count` colors, or 16. */
function hasColors(count, env) {
  if (env === undefined &&
      (count === undefined || (typeof count === 'object' && count !== null))) {
    env = count;
    count = 16;
  } else {
    validateInteger(count, 'count', 2);
  }
  return count <= 2 ** this.getColorDepth(env);
}

module.exports = { getColorDepth, hasColors };
