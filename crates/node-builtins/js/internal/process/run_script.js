'use strict';
// `--run NAME`: a script of the nearest package.json, in that file's folder, with the folders of installed commands in
// PATH. None of what the package manager adds: no scripts before and after, no configuration.

const path = require('path');
const process = require('process');
const { existsSync, readFileSync, statSync } = require('fs');

function fail(text) {
  process._rawDebug('%s', text);
  process.reallyExit(1);
}

/** The folder and all above it, nearest first. */
function foldersFrom(folder) {
  const folders = [folder];
  while (path.dirname(folder) !== folder) folders.push(folder = path.dirname(folder));
  return folders;
}

function isFile(file) {
  return statSync(file, { throwIfNoEntry: false })?.isFile() === true;
}

function readScripts(file) {
  let content;
  try {
    content = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    fail(`Can't parse ${file}`);
  }
  const scripts = content?.scripts;
  if (typeof scripts !== 'object' || scripts === null) fail(`Can't find "scripts" field in ${file}`);
  return scripts;
}

function commandOf(scripts, name, file) {
  if (!Object.hasOwn(scripts, name)) {
    const lines = Object.keys(scripts).filter((key) => typeof scripts[key] === 'string')
      .map((key) => `\n  ${key}: ${scripts[key]}`);
    fail(`Missing script: "${name}" for ${file}\n\nAvailable scripts are:${lines.join('')}`);
  }
  const command = scripts[name];
  if (typeof command !== 'string') fail(`Script "${name}" is unexpectedly not a string for ${file}\n`);
  return command;
}

/** A word that the shell takes as it is. */
function quoted(word) {
  return /^[\w.@%+=:,/-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

function runScript(name) {
  const folders = foldersFrom(process.cwd());
  const file = folders.map((folder) => path.join(folder, 'package.json')).find(isFile);
  if (file === undefined) fail(`Can't find package.json for directory ${process.cwd()}\n`);
  const command = commandOf(readScripts(file), name, file);
  const commands = folders.map((folder) => path.join(folder, 'node_modules', '.bin')).filter(existsSync);
  const { status, signal } = require('child_process').spawnSync(
    '/bin/sh', ['-c', [command, ...process.argv.slice(1).map(quoted)].join(' ')], {
      cwd: path.dirname(file),
      env: {
        ...process.env,
        PATH: [...commands, process.env.PATH].filter(Boolean).join(path.delimiter),
        NODE_RUN_SCRIPT_NAME: name,
        NODE_RUN_PACKAGE_JSON_PATH: file,
      },
      stdio: 'inherit',
    },
  );
  process.reallyExit(status ?? 128 + (require('os').constants.signals[signal] ?? 0));
}

module.exports = { runScript };
