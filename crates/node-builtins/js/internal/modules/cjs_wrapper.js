'use strict';

// `Module.wrap` and `Module.wrapper`, which programs may replace or change; from then on the text of modules is run in
// what they make of it. Until then no text is wrapped.

const { changed } = require('internal/builtins');
const { Module } = require('internal/modules/cjs');
const sources = require('internal/modules/sources');

let wrapper = new Proxy(['(function (exports, require, module, __filename, __dirname) { ', '\n});'], {
  set(target, name, value, receiver) {
    changed.wrapper = true;
    return Reflect.set(target, name, value, receiver);
  },
  defineProperty(target, name, descriptor) {
    changed.wrapper = true;
    return Object.defineProperty(target, name, descriptor) !== undefined;
  },
});
let wrap = function(script) {
  return wrapper[0] + script + wrapper[1];
};

function setWrap(value) {
  changed.wrapper = true;
  wrap = value;
}

function setWrapper(value) {
  changed.wrapper = true;
  wrapper = value;
}

/** What runs in the place of a text's function. */
function compile(text, filename) {
  return sources.runScript(Module.wrap(text), filename);
}

/** Throws the SyntaxError of such text. */
function check(text, filename) {
  sources.checkScript(Module.wrap(text), filename);
}

module.exports = { check, compile, getWrap: () => wrap, getWrapper: () => wrapper, setWrap, setWrapper };
