'use strict';
// process.umask and the users and groups that the process runs as.

const { codes: { ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, ERR_UNKNOWN_CREDENTIAL } } =
  require('internal/errors');
const { validateArray, validateUint32 } = require('internal/validators');

function umask(mask) {
  if (mask === undefined) return binding.exchangeUmask();
  let value = mask;
  if (typeof mask === 'string') {
    if (!/^[0-7]+$/.test(mask)) {
      throw new ERR_INVALID_ARG_VALUE('mask', mask, 'must be a 32-bit unsigned integer or an octal string');
    }
    value = Number.parseInt(mask, 8);
  } else {
    validateUint32(mask, 'mask');
  }
  return binding.exchangeUmask(value & 0o777);
}

const getuid = () => binding.userIds()[0];
const geteuid = () => binding.userIds()[1];
const getgid = () => binding.userIds()[2];
const getegid = () => binding.userIds()[3];
const getgroups = () => binding.groups();

/** A number or a name, as text. */
function idOf(id, name = 'id') {
  if (typeof id === 'number') validateUint32(id, name);
  else if (typeof id !== 'string') throw new ERR_INVALID_ARG_TYPE(name, ['number', 'string'], id);
  return `${id}`;
}

const setter = (syscall, kind) => ({
  [syscall](id) {
    if (!binding.setId(syscall, idOf(id))) throw new ERR_UNKNOWN_CREDENTIAL(kind, id);
  },
})[syscall];

function setgroups(groups) {
  validateArray(groups, 'groups');
  const ids = groups.map((group, index) => idOf(group, `groups[${index}]`));
  const unknown = binding.setGroups(ids);
  if (unknown >= 0) throw new ERR_UNKNOWN_CREDENTIAL('Group', groups[unknown]);
}

function initgroups(user, extraGroup) {
  const result = binding.initializeGroups(idOf(user, 'user'), idOf(extraGroup, 'extraGroup'));
  if (result === 1) throw new ERR_UNKNOWN_CREDENTIAL('User', user);
  if (result === 2) throw new ERR_UNKNOWN_CREDENTIAL('Group', extraGroup);
}

module.exports = {
  umask,
  getuid,
  geteuid,
  getgid,
  getegid,
  getgroups,
  initgroups,
  setgroups,
  setegid: setter('setegid', 'Group'),
  seteuid: setter('seteuid', 'User'),
  setgid: setter('setgid', 'Group'),
  setuid: setter('setuid', 'User'),
};
