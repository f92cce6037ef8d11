'use strict';
// Owns tty: the streams of a terminal. Reading and writing are those of net's
// sockets; what is special is here: raw mode, size and colors.

const { codes: { ERR_INVALID_FD, ERR_TTY_INIT_FAILED } } = require('internal/errors');
