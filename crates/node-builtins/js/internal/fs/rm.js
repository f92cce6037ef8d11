'use strict';
// rm: whether it may remove what it is given. The removal itself is one op.

const { codes: { ERR_FS_EISDIR } } = require('internal/errors');
const ops = require('internal/fs/binding');
const { promised } = require('internal/fs/callback');
const { modeOf } = require('internal/fs/sync');

const S_IFMT = 0o170000;
const S_IFDIR = 0o040000;
const EISDIR = 21;

// Directories are removed on request only.
function refuseDirectory(mode, path) {
  if ((mode & S_IFMT) !== S_IFDIR) return;
  throw new ERR_FS_EISDIR({ code: 'EISDIR', message: 'is a directory', path, syscall: 'rm', errno: EISDIR });
}

function rmSync(path, { recursive, force, maxRetries, retryDelay }) {
  if (!force || !recursive) {
    const mode = force ? modeOf(path) : ops.lstat(path)[1];
    if (mode === undefined) return;
    if (!recursive) refuseDirectory(mode, path);
  }
  ops.rm(path, recursive, force, maxRetries, retryDelay);
}

async function rm(path, { recursive, force, maxRetries, retryDelay }) {
  if (!force || !recursive) {
    let fields;
    try {
      fields = await promised((done) => ops.lstat(path, done));
    } catch (error) {
      if (force && error.code === 'ENOENT') return;
      throw error;
    }
    if (!recursive) refuseDirectory(fields[1], path);
  }
  await promised((done) => ops.rm(path, recursive, force, maxRetries, retryDelay, done));
}

module.exports = { rm, rmSync };
