'use strict';
// Deep comparison of Sets and Maps, whose order does not count: first what both have as it is,
// then each of the rest of one against the rest of the other. See internal/util/comparisons.

const { equal, kLoose, kPartial } = require('internal/util/comparisons');

const { has: setHas, forEach: forEachInSet } = Set.prototype;
const { has: mapHas, get: mapGet, forEach: forEachInMap } = Map.prototype;

const isObject = (value) => typeof value === 'object' && value !== null;

// Whether each of `rest` can have a candidate of its own. Strict equality is transitive, so the
// first that matches will do; otherwise one that is taken may have to make way.
function allMatch(rest, candidates, mode, matches) {
  if (candidates.length < rest.length ||
      (mode !== kPartial && candidates.length !== rest.length)) {
    return false;
  }
  const isTransitive = mode !== kPartial && mode !== kLoose;
  const takenBy = new Array(candidates.length).fill(-1);
  const place = (wanted, tried) => {
    for (let i = 0; i < candidates.length; i++) {
      if (tried.has(i) || (isTransitive && takenBy[i] !== -1)) continue;
      if (!matches(candidates[i], rest[wanted])) continue;
      tried.add(i);
      if (takenBy[i] === -1 || place(takenBy[i], tried)) {
        takenBy[i] = wanted;
        return true;
      }
    }
    return false;
  };
  for (let i = 0; i < rest.length; i++) {
    if (!place(i, new Set())) return false;
  }
  return true;
}

function equalSets(a, b, mode, trail) {
  const rest = [];
  let impossible = false;
  Reflect.apply(forEachInSet, b, [(value) => {
    if (Reflect.apply(setHas, a, [value])) return;
    // Strictly, primitives and functions are equal only to themselves.
    if (!isObject(value) && mode !== kLoose) impossible = true;
    rest.push(value);
  }]);
  if (impossible) return false;
  if (rest.length === 0) return true;
  const candidates = [];
  Reflect.apply(forEachInSet, a, [(value) => {
    if ((isObject(value) || mode === kLoose) && !Reflect.apply(setHas, b, [value])) {
      candidates.push(value);
    }
  }]);
  return allMatch(rest, candidates, mode,
                  (candidate, value) => equal(candidate, value, mode, trail));
}

function equalMaps(a, b, mode, trail) {
  const rest = [];
  const matched = new Set();
  let impossible = false;
  Reflect.apply(forEachInMap, b, [(value, key) => {
    if (impossible) return;
    if (Reflect.apply(mapHas, a, [key]) &&
        equal(Reflect.apply(mapGet, a, [key]), value, mode, trail)) {
      matched.add(key);
    } else if (!isObject(key) && mode !== kLoose) {
      impossible = true;
    } else {
      rest.push([key, value]);
    }
  }]);
  if (impossible) return false;
  if (rest.length === 0) return true;
  const candidates = [];
  Reflect.apply(forEachInMap, a, [(value, key) => {
    if (!matched.has(key)) candidates.push([key, value]);
  }]);
  return allMatch(rest, candidates, mode, (candidate, wanted) =>
    equal(candidate[0], wanted[0], mode, trail) && equal(candidate[1], wanted[1], mode, trail));
}

module.exports = { equalSets, equalMaps };
