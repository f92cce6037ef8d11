'use strict';

// `Module._findPath` in JavaScript, for programs that replaced `Module._stat` or how files are read, so that what
// they make up is found. Looks for nothing that the Rust resolver finds without it.

const path = require('path');
const { Module } = require('internal/modules/cjs');
const resolver = require('internal/modules/resolver');
const lazy = require('internal/lazy');
const getFs = lazy(() => require('fs'));

function realPath(file) {
  return getFs().realpathSync(file);
}

function tryFile(file) {
  return Module._stat(file) === 0 ? realPath(file) : undefined;
}

function tryExtensions(base, extensions) {
  for (const extension of extensions) {
    const found = tryFile(base + extension);
    if (found !== undefined) return found;
  }
  return undefined;
}

function tryFolder(folder, request, isMain, extensions) {
  const main = resolver.packageIn(folder)?.main;
  if (main !== undefined) {
    const target = path.resolve(folder, main);
    const found = tryFile(target) ?? tryExtensions(target, extensions) ??
      tryExtensions(path.resolve(target, 'index'), extensions);
    if (found !== undefined) return found;
  }
  return tryExtensions(path.resolve(folder, 'index'), extensions);
}

function findPath(request, paths, isMain, extensions) {
  const wantsFolder = /(?:^|\/)\.{0,2}$/.test(request) && request !== '';
  for (const folder of paths ?? ['']) {
    if (folder !== '' && Module._stat(folder) < 1) continue;
    if (folder !== '') {
      const name = /^(?:@[^/]+\/)?[^./\\%@][^/]*/.exec(request)?.[0];
      const home = name === undefined ? undefined : path.resolve(folder, name);
      if (home !== undefined && resolver.packageIn(home)?.exports !== undefined) {
        return resolver.findPath(request, Boolean(isMain), [folder], extensions);
      }
    }
    const base = path.resolve(folder, request);
    const kind = Module._stat(base);
    let found;
    if (!wantsFolder) found = kind === 0 ? realPath(base) : tryExtensions(base, extensions);
    if (found === undefined && kind === 1) found = tryFolder(base, request, isMain, extensions);
    if (found !== undefined) return found;
  }
  return undefined;
}

module.exports = { findPath };
