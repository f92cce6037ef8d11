'use strict';
// os.constants: the numbers of the system's signals, errors, priorities and loader flags. These are Linux's.

function frozen(numbers) {
  return Object.freeze(Object.assign({ __proto__: null }, numbers));
}

// Numbers that run from `first` on, by the order of their names.
function consecutive(first, names) {
  const numbers = {};
  names.split(' ').forEach((name, i) => {
    numbers[name] = first + i;
  });
  return numbers;
}

function sorted(numbers) {
  return Object.fromEntries(Object.entries(numbers).sort(([a], [b]) => (a < b ? -1 : 1)));
}

const errno = sorted({
  ...consecutive(1, 'EPERM ENOENT ESRCH EINTR EIO ENXIO E2BIG ENOEXEC EBADF ECHILD EAGAIN ENOMEM EACCES EFAULT'),
  ...consecutive(16, 'EBUSY EEXIST EXDEV ENODEV ENOTDIR EISDIR EINVAL ENFILE EMFILE ENOTTY ETXTBSY EFBIG ENOSPC ESPIPE ' +
    'EROFS EMLINK EPIPE EDOM ERANGE EDEADLK ENAMETOOLONG ENOLCK ENOSYS ENOTEMPTY ELOOP'),
  ...consecutive(42, 'ENOMSG EIDRM'),
  ...consecutive(60, 'ENOSTR ENODATA ETIME ENOSR'),
  ...consecutive(71, 'EPROTO EMULTIHOP'),
  ...consecutive(74, 'EBADMSG EOVERFLOW'),
  ...consecutive(88, 'ENOTSOCK EDESTADDRREQ EMSGSIZE EPROTOTYPE ENOPROTOOPT EPROTONOSUPPORT'),
  ...consecutive(97, 'EAFNOSUPPORT EADDRINUSE EADDRNOTAVAIL ENETDOWN ENETUNREACH ENETRESET ECONNABORTED ECONNRESET ' +
    'ENOBUFS EISCONN ENOTCONN'),
  ...consecutive(110, 'ETIMEDOUT ECONNREFUSED'),
  ...consecutive(113, 'EHOSTUNREACH EALREADY EINPROGRESS ESTALE'),
  ECANCELED: 125,
  EDQUOT: 122,
  EILSEQ: 84,
  ENOLINK: 67,
  ENOTSUP: 95,
  EOPNOTSUPP: 95,
  EWOULDBLOCK: 11,
});

const signals = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGILL: 4,
  SIGTRAP: 5,
  SIGABRT: 6,
  SIGIOT: 6,
  SIGBUS: 7,
  SIGFPE: 8,
  SIGKILL: 9,
  SIGUSR1: 10,
  SIGSEGV: 11,
  SIGUSR2: 12,
  SIGPIPE: 13,
  SIGALRM: 14,
  SIGTERM: 15,
  SIGCHLD: 17,
  SIGSTKFLT: 16,
  SIGCONT: 18,
  SIGSTOP: 19,
  SIGTSTP: 20,
  SIGTTIN: 21,
  SIGTTOU: 22,
  SIGURG: 23,
  SIGXCPU: 24,
  SIGXFSZ: 25,
  SIGVTALRM: 26,
  SIGPROF: 27,
  SIGWINCH: 28,
  SIGIO: 29,
  SIGPOLL: 29,
  SIGPWR: 30,
  SIGSYS: 31,
};

module.exports = Object.assign({ __proto__: null }, {
  UV_UDP_REUSEADDR: 4,
  dlopen: frozen({ RTLD_LAZY: 1, RTLD_NOW: 2, RTLD_GLOBAL: 256, RTLD_LOCAL: 0, RTLD_DEEPBIND: 8 }),
  errno: frozen(errno),
  signals: frozen(signals),
  priority: frozen({
    PRIORITY_LOW: 19,
    PRIORITY_BELOW_NORMAL: 10,
    PRIORITY_NORMAL: 0,
    PRIORITY_ABOVE_NORMAL: -7,
    PRIORITY_HIGH: -14,
    PRIORITY_HIGHEST: -20,
  }),
});
