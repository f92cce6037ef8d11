'use strict';
// How the already formatted entries of one object are put on lines: on a single line where
// they fit, long arrays in columns, else one entry a line.

const { stripControlSequences, stringWidth } = require('internal/util/inspect/text');

const shownLength = (text, colors) => (colors ? stripControlSequences(text).length : text.length);

// Long arrays of short entries become rows of aligned columns. `value` is the array, where its
// elements decide the alignment: numbers go to the right.
function groupEntries(state, output, value) {
  const hasRest = state.maxArrayLength < output.length;
  const count = hasRest ? output.length - 1 : output.length;
  const gap = 2;
  const lengths = new Array(count);
  let total = 0;
  let longest = 0;
  for (let i = 0; i < count; i++) {
    const length = stringWidth(output[i], state.colors);
    lengths[i] = length;
    total += length + gap;
    if (length > longest) longest = length;
  }
  const widest = longest + gap;
  if (widest * 3 + state.indentation >= state.breakLength ||
      (total / widest <= 5 && longest > 6)) {
    return output;
  }
  // About 2.5 times as wide as high, with more columns where most entries are shorter than
  // the longest.
  const bias = Math.sqrt(widest - total / output.length);
  const biasedWidth = Math.max(widest - 3 - bias, 1);
  const columns = Math.min(
    Math.round(Math.sqrt(2.5 * biasedWidth * count) / biasedWidth),
    Math.floor((state.breakLength - state.indentation) / widest),
    state.compact * 4,
    15);
  if (columns <= 1) return output;

  const widths = [];
  for (let column = 0; column < columns; column++) {
    let width = 0;
    for (let i = column; i < count; i += columns) {
      if (lengths[i] > width) width = lengths[i];
    }
    widths.push(width + gap);
  }
  let alignRight = value !== undefined;
  for (let i = 0; alignRight && i < output.length; i++) {
    alignRight = typeof value[i] === 'number' || typeof value[i] === 'bigint';
  }
  const rows = [];
  for (let start = 0; start < count; start += columns) {
    const end = Math.min(start + columns, count);
    let row = '';
    for (let i = start; i < end; i++) {
      const last = i === end - 1;
      const padding = ' '.repeat(widths[i - start] - gap - lengths[i]);
      const text = last ? output[i] : `${output[i]}, `;
      row += alignRight ? padding + text : last ? text : text + padding;
    }
    rows.push(row);
  }
  if (hasRest) rows.push(output[count]);
  return rows;
}

function fitsOnLine(state, output, start, base) {
  let total = output.length + start;
  if (total + output.length > state.breakLength) return false;
  for (let i = 0; i < output.length; i++) {
    total += shownLength(output[i], state.colors);
    if (total > state.breakLength) return false;
  }
  return base === '' || !base.includes('\n');
}

// Built up by concatenation: deep pictures share their parts as ropes instead of copying them
// at every level.
function join(output, separator) {
  let joined = output.length > 0 ? output[0] : '';
  for (let i = 1; i < output.length; i++) joined += separator + output[i];
  return joined;
}

// `base` stands before (compact: behind) the opening brace: a function, a date, an error.
function joinEntries(state, output, base, open, close, isArray, depth, value) {
  const newline = `\n${' '.repeat(state.indentation)}`;
  if (state.compact !== true) {
    const start = base === '' ? open : `${base} ${open}`;
    if (typeof state.compact === 'number' && state.compact >= 1) {
      const entries = output.length;
      if (isArray && entries > 6) output = groupEntries(state, output, value);
      // The innermost `compact` levels are combined, unless entries were put in columns.
      if (state.currentDepth - depth < state.compact && entries === output.length) {
        const used = output.length + state.indentation + open.length + base.length + 10;
        if (fitsOnLine(state, output, used, base)) {
          const joined = join(output, ', ');
          if (!joined.includes('\n')) return `${start} ${joined} ${close}`;
        }
      }
    }
    return `${start}${newline}  ${join(output, `,${newline}  `)}${newline}${close}`;
  }
  const behind = base === '' ? '' : ` ${base}`;
  if (fitsOnLine(state, output, 0, base)) {
    return `${open}${behind} ${join(output, ', ')} ${close}`;
  }
  const first = base === '' && open.length === 1 ? ' ' : `${behind}${newline}  `;
  return `${open}${first}${join(output, `,${newline}  `)} ${close}`;
}

module.exports = { joinEntries, groupEntries };
