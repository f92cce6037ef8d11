'use strict';
// What a program that is watched tells the process that watches it: the files that it loads, and those that it
// looked for.

const path = require('path');
const process = require('process');

function send(message) {
  if (!process.connected) return;
  // who watches may be gone
  process.send(message, undefined, undefined, () => {});
}

function loaded(filename) {
  send({ 'watch:require': [filename] });
}

function imported(url) {
  if (url.startsWith('file:')) send({ 'watch:import': [url] });
}

/** A request that found nothing: what it would have found. */
function missing(request, parent, extensions) {
  if (!path.isAbsolute(request) && !/^\.\.?(?:\/|$)/.test(request)) return;
  const folder = typeof parent?.filename === 'string' ? path.dirname(parent.filename) : process.cwd();
  const file = path.resolve(folder, request);
  send({ 'watch:require': [file, ...extensions.map((extension) => file + extension)] });
}

module.exports = { imported, loaded, missing };
