'use strict';
// Myers' algorithm (the greedy, O(ND) one) over lines or characters, and its result as text.

const { codes: { ERR_OUT_OF_RANGE } } = require('internal/errors');
const colors = require('internal/util/colors');

// Unchanged lines shown before a run of them is folded.
const shownUnchanged = 5;

// With `ignoreCommas` a line equals itself with a comma at its end: the last property of an
// object has none.
function areEqual(actual, expected, ignoreCommas) {
  if (actual === expected) return true;
  return ignoreCommas && (`${actual},` === expected || actual === `${expected},`);
}

// Steps from `actual` to `expected`, the last one first: { type, value } where type is 'insert'
// (only in actual), 'delete' (only in expected) or 'nop'.
function myersDiff(actual, expected, ignoreCommas = false) {
  const most = actual.length + expected.length;
  if (most >= 2 ** 31 - 1) throw new ERR_OUT_OF_RANGE('myersDiff input size', '< 2^31', most);

  // furthest[k + most]: how far in `actual` the best path on diagonal k (x - y) has come.
  const furthest = new Int32Array(2 * most + 1);
  const rounds = []; // the part of `furthest` that each round started from
  for (let distance = 0; distance <= most; distance++) {
    const low = Math.max(0, most - distance - 1);
    rounds.push({ low, values: furthest.slice(low, most + distance + 2) });
    for (let diagonal = -distance; diagonal <= distance; diagonal += 2) {
      const at = diagonal + most;
      const down = diagonal === -distance ||
                   (diagonal !== distance && furthest[at - 1] < furthest[at + 1]);
      let x = down ? furthest[at + 1] : furthest[at - 1] + 1;
      let y = x - diagonal;
      while (x < actual.length && y < expected.length &&
             areEqual(actual[x], expected[y], ignoreCommas)) {
        x++;
        y++;
      }
      furthest[at] = x;
      if (x >= actual.length && y >= expected.length) {
        return stepsBack(rounds, actual, expected, ignoreCommas);
      }
    }
  }
  return [];
}

function stepsBack(rounds, actual, expected, ignoreCommas) {
  const most = actual.length + expected.length;
  const steps = [];
  let x = actual.length;
  let y = expected.length;
  for (let distance = rounds.length - 1; distance >= 0; distance--) {
    const { low, values } = rounds[distance];
    const reached = (diagonal) => values[diagonal + most - low];
    const diagonal = x - y;
    const down = diagonal === -distance ||
                 (diagonal !== distance && reached(diagonal - 1) < reached(diagonal + 1));
    const from = down ? diagonal + 1 : diagonal - 1;
    const fromX = reached(from);
    const fromY = fromX - from;
    while (x > fromX && y > fromY) {
      x--;
      y--;
      const value = !ignoreCommas || actual[x].endsWith(',') ? actual[x] : expected[y];
      steps.push({ type: 'nop', value });
    }
    if (distance > 0) {
      if (x > fromX) steps.push({ type: 'insert', value: actual[--x] });
      else steps.push({ type: 'delete', value: expected[--y] });
    }
  }
  return steps;
}

// Lines with their signs. `skipped` says whether something was folded to '...'. With `partial`
// what only `actual` has is no fault: gray where there are colours.
function printMyersDiff(steps, partial = false) {
  const { green, red, white, blue, gray } = colors;
  const inserted = partial && gray !== '' ?
    (value) => `${gray}  ${value}${white}\n` :
    (value) => `${green}+${white} ${value}\n`;
  let message = '';
  let skipped = false;
  let unchanged = 0;
  for (let i = steps.length - 1; i >= 0; i--) {
    const { type, value } = steps[i];
    if (type === 'nop') {
      if (unchanged < shownUnchanged) message += `${white}  ${value}\n`;
      unchanged++;
      continue;
    }
    // A change after unchanged lines: the last of them are its context. One or two are not
    // worth folding.
    const hidden = unchanged - shownUnchanged;
    if (hidden === 1) {
      message += `${white}  ${steps[i + 1].value}\n`;
    } else if (hidden === 2) {
      message += `${white}  ${steps[i + 2].value}\n${white}  ${steps[i + 1].value}\n`;
    } else if (hidden > 2) {
      message += `${blue}...${white}\n${white}  ${steps[i + 1].value}\n`;
      skipped = true;
    }
    unchanged = 0;
    message += type === 'insert' ? inserted(value) : `${red}-${white} ${value}\n`;
  }
  return { message: `\n${message.trimEnd()}`, skipped };
}

// One line of characters, told apart by colour alone.
function printSimpleMyersDiff(steps) {
  const { green, red, white } = colors;
  let message = '';
  for (let i = steps.length - 1; i >= 0; i--) {
    const { type, value } = steps[i];
    const color = type === 'insert' ? green : type === 'delete' ? red : white;
    message += `${color}${value}${white}`;
  }
  return `\n${message}`;
}

module.exports = { myersDiff, printMyersDiff, printSimpleMyersDiff };
