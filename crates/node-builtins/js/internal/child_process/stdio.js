'use strict';
// Reads the option `stdio`: one description for each descriptor of a child.

const { codes } = require('internal/errors');
const lazy = require('internal/lazy');

const {
  ERR_INVALID_ARG_VALUE,
  ERR_INVALID_SYNC_FORK_INPUT,
  ERR_IPC_ONE_PIPE,
  ERR_IPC_SYNC_FORK,
} = codes;

const getInspect = lazy(() => require('internal/util/inspect').inspect);

// `channel`, if given, stands behind the standard streams.
function stdioStringToArray(stdio, channel) {
  let items;
  switch (stdio) {
    case 'ignore':
    case 'overlapped':
    case 'pipe':
      items = [stdio, stdio, stdio];
      break;
    case 'inherit':
      items = [0, 1, 2];
      break;
    default:
      throw new ERR_INVALID_ARG_VALUE('stdio', stdio);
  }
  if (channel) items.push(channel);
  return items;
}

function numberOf(item) {
  if (typeof item === 'number') return item;
  if (typeof item?.fd === 'number') return item.fd;
  return typeof item?._handle?.fd === 'number' ? item._handle.fd : undefined;
}

// Answers { stdio, ipc, ipcFd }; the number of the item that is the channel, if there is one, is `ipcFd`.
function getValidStdio(stdio, sync) {
  if (typeof stdio === 'string') stdio = stdioStringToArray(stdio);
  else if (!Array.isArray(stdio)) throw new ERR_INVALID_ARG_VALUE('stdio', stdio);
  while (stdio.length < 3) stdio.push(undefined);

  let ipc;
  let ipcFd;
  const items = stdio.map((item, i) => {
    item ??= i < 3 ? 'pipe' : 'ignore';
    if (item === 'ignore') return { type: 'ignore' };
    if (item === 'pipe' || item === 'overlapped' || (typeof item === 'number' && item < 0)) {
      return { type: item === 'overlapped' ? 'overlapped' : 'pipe', readable: i === 0, writable: i !== 0 };
    }
    if (item === 'ipc') {
      if (sync) throw new ERR_IPC_SYNC_FORK();
      if (ipc !== undefined) throw new ERR_IPC_ONE_PIPE();
      ipc = { type: 'pipe', ipc: true };
      ipcFd = i;
      return ipc;
    }
    if (item === 'inherit') return { type: 'inherit', fd: i };
    const fd = numberOf(item);
    if (fd !== undefined) return typeof item === 'object' ? { type: 'fd', fd, stream: item } : { type: 'fd', fd };
    if (ArrayBuffer.isView(item) || typeof item === 'string') {
      if (!sync) throw new ERR_INVALID_SYNC_FORK_INPUT(getInspect()(item));
      return { type: 'pipe', readable: i === 0, writable: i !== 0, input: item };
    }
    throw new ERR_INVALID_ARG_VALUE('stdio', item);
  });
  return { stdio: items, ipc, ipcFd };
}

// As the ops take it: -1 nothing, -2 a pipe, else a number of ours.
function toDescriptors(items) {
  return items.map(({ type, fd }) => (type === 'ignore' ? -1 : fd ?? -2));
}

module.exports = { getValidStdio, stdioStringToArray, toDescriptors };
