'use strict';
// The colours terminals know (start and end code) and which of them util.inspect takes for
// what. Both objects may be changed by the user.

const foreground = 39;
const background = 49;

const colors = Object.assign({ __proto__: null }, {
  reset: [0, 0],
  bold: [1, 22],
  dim: [2, 22],
  italic: [3, 23],
  underline: [4, 24],
  blink: [5, 25],
  inverse: [7, 27],
  hidden: [8, 28],
  strikethrough: [9, 29],
  doubleunderline: [21, 24],
});
const hues = ['Black', 'Red', 'Green', 'Yellow', 'Blue', 'Magenta', 'Cyan', 'White'];
hues.forEach((hue, i) => { colors[hue.toLowerCase()] = [30 + i, foreground]; });
hues.forEach((hue, i) => { colors[`bg${hue}`] = [40 + i, background]; });
colors.framed = [51, 54];
colors.overlined = [53, 55];
colors.gray = [90, foreground];
hues.slice(1).forEach((hue, i) => { colors[`${hue.toLowerCase()}Bright`] = [91 + i, foreground]; });
colors.bgGray = [100, background];
hues.slice(1).forEach((hue, i) => { colors[`bg${hue}Bright`] = [101 + i, background]; });

const aliases = {
  __proto__: null,
  gray: ['grey', 'blackBright'],
  bgGray: ['bgGrey', 'bgBlackBright'],
  dim: ['faint'],
  strikethrough: ['strikeThrough', 'crossedout', 'crossedOut'],
  hidden: ['conceal'],
  inverse: ['swapcolors', 'swapColors'],
  doubleunderline: ['doubleUnderline'],
};
for (const name in aliases) {
  aliases[name].forEach((other) => {
    Object.defineProperty(colors, other, {
      __proto__: null,
      get() { return this[name]; },
      set(value) { this[name] = value; },
      configurable: true,
      enumerable: false,
    });
  });
}

const makeStyles = (regexp) => Object.assign({ __proto__: null }, {
  special: 'cyan',
  number: 'yellow',
  bigint: 'yellow',
  boolean: 'yellow',
  undefined: 'grey',
  null: 'bold',
  string: 'green',
  symbol: 'green',
  date: 'magenta',
  // "name" intentionally has no style.
  regexp,
  module: 'underline',
});

module.exports = { colors, makeStyles };
