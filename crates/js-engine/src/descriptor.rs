//! Descriptors that a program holds as numbers.

use crate::convert::FromJs;
use crate::error::OpError;
use crate::scope::Scope;
use crate::value::Value;
use std::io;
use std::os::fd::{BorrowedFd, RawFd};

/// An open file of the program's, named by its number, as an argument of an op.
///
/// Rust does not own it: the program opened it and will close it, and until then any op may use it. A number that means
/// nothing gives EBADF, as it does in C.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fd(RawFd);

impl Fd {
    pub fn number(self) -> RawFd {
        self.0
    }

    /// For the length of one system call.
    pub fn as_fd(&self) -> BorrowedFd<'_> {
        // -1 is what `BorrowedFd` cannot hold; the largest number is as little open.
        let fd = if self.0 < 0 { RawFd::MAX } else { self.0 };
        // SAFETY: programs name descriptors by number, so nobody can prove that this one is open. The system checks it
        // in every call; no memory hangs on it, and what Rust owns itself is not among the numbers it hands out.
        unsafe { BorrowedFd::borrow_raw(fd) }
    }

    pub fn close(self) -> io::Result<()> {
        // SAFETY: as in `as_fd`: the number is the program's to close.
        if unsafe { libc::close(self.0) } == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
    }
}

impl From<RawFd> for Fd {
    fn from(number: RawFd) -> Fd {
        Fd(number)
    }
}

impl<'s> FromJs<'s> for Fd {
    fn from_js(scope: &mut Scope<'s>, value: Value<'s>) -> Result<Self, OpError> {
        i32::from_js(scope, value).map(Fd)
    }
}
