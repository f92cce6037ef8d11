//! How Rust fails towards JavaScript.

use crate::scope::Scope;
use crate::value::Value;
use std::fmt;

/// An exception is pending in the context (or execution is being terminated): unwind to whoever handles it.
#[derive(Debug)]
#[must_use]
pub struct Thrown(());

impl Thrown {
    pub(crate) fn new() -> Thrown {
        Thrown(())
    }
}

/// JavaScript's error classes, in the order that the shim knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum ErrorClass {
    Error = 0,
    TypeError = 1,
    RangeError = 2,
    SyntaxError = 3,
    ReferenceError = 4,
    EvalError = 5,
    UriError = 6,
}

/// What an op fails with: the class, message and properties of the error that JavaScript sees.
#[derive(Debug)]
pub struct OpError(Box<Failure>);

#[derive(Debug)]
enum Failure {
    Pending,
    New { class: ErrorClass, message: String, properties: Vec<(&'static str, Property)> },
}

#[derive(Debug)]
enum Property {
    Text(String),
    Number(f64),
}

impl OpError {
    pub fn new(class: ErrorClass, message: impl Into<String>) -> OpError {
        OpError(Box::new(Failure::New { class, message: message.into(), properties: Vec::new() }))
    }

    pub fn error(message: impl Into<String>) -> OpError {
        OpError::new(ErrorClass::Error, message)
    }

    pub fn type_error(message: impl Into<String>) -> OpError {
        OpError::new(ErrorClass::TypeError, message)
    }

    pub fn range_error(message: impl Into<String>) -> OpError {
        OpError::new(ErrorClass::RangeError, message)
    }

    /// A failed system call: `errno` as the system numbers it, positive; message, `errno`, `code` and `syscall` as
    /// libuv and Node give them.
    pub fn system(errno: i32, syscall: &'static str) -> OpError {
        let (code, text) = crate::error::errno(errno);
        OpError::error(format!("{code}: {text}, {syscall}"))
            .number("errno", f64::from(-errno))
            .property("code", code)
            .property("syscall", syscall)
    }

    /// The same from an I/O error of the standard library.
    pub fn io(error: &std::io::Error, syscall: &'static str) -> OpError {
        OpError::system(error.raw_os_error().unwrap_or(libc::EIO), syscall)
    }

    /// The `code` property.
    pub fn code(self, code: impl Into<String>) -> OpError {
        self.property("code", code)
    }

    /// The path that the system call was about; becomes part of the message.
    pub fn path(self, path: impl fmt::Display) -> OpError {
        let path = path.to_string();
        self.extend(&format!(" '{path}'")).property("path", path)
    }

    /// The second path, of renames and links.
    pub fn dest(self, path: impl fmt::Display) -> OpError {
        let path = path.to_string();
        self.extend(&format!(" -> '{path}'")).property("dest", path)
    }

    pub fn property(mut self, name: &'static str, value: impl Into<String>) -> OpError {
        if let Failure::New { properties, .. } = &mut *self.0 {
            properties.push((name, Property::Text(value.into())));
        }
        self
    }

    pub fn number(mut self, name: &'static str, value: f64) -> OpError {
        if let Failure::New { properties, .. } = &mut *self.0 {
            properties.push((name, Property::Number(value)));
        }
        self
    }

    fn extend(mut self, more: &str) -> OpError {
        if let Failure::New { message, .. } = &mut *self.0 {
            message.push_str(more);
        }
        self
    }

    /// The error object; the exception itself where one is pending. None when execution is being terminated.
    pub fn into_value<'s>(self, scope: &mut Scope<'s>) -> Option<Value<'s>> {
        match *self.0 {
            Failure::Pending => scope.take_exception(),
            Failure::New { class, message, properties } => {
                let made = scope.error(class, &message).and_then(|error| {
                    for (name, value) in properties {
                        let value = match value {
                            Property::Text(text) => scope.string(&text)?.value(),
                            Property::Number(number) => scope.number(number),
                        };
                        error.set(scope, name, value)?;
                    }
                    Ok(error.value())
                });
                made.ok().or_else(|| scope.take_exception())
            }
        }
    }

    /// Makes it the pending exception.
    pub fn throw(self, scope: &mut Scope<'_>) -> Thrown {
        if matches!(*self.0, Failure::Pending) {
            return Thrown::new();
        }
        scope.nest(|scope| match self.into_value(scope) {
            Some(error) => scope.throw(error),
            None => Thrown::new(),
        })
    }
}

impl From<Thrown> for OpError {
    fn from(_: Thrown) -> OpError {
        OpError(Box::new(Failure::Pending))
    }
}

/// libuv's name and text of a system error.
pub fn errno(errno: i32) -> (&'static str, &'static str) {
    match errno {
        libc::E2BIG => ("E2BIG", "argument list too long"),
        libc::EACCES => ("EACCES", "permission denied"),
        libc::EADDRINUSE => ("EADDRINUSE", "address already in use"),
        libc::EADDRNOTAVAIL => ("EADDRNOTAVAIL", "address not available"),
        libc::EAGAIN => ("EAGAIN", "resource temporarily unavailable"),
        libc::EALREADY => ("EALREADY", "connection already in progress"),
        libc::EBADF => ("EBADF", "bad file descriptor"),
        libc::EBUSY => ("EBUSY", "resource busy or locked"),
        libc::ECANCELED => ("ECANCELED", "operation canceled"),
        libc::ECONNABORTED => ("ECONNABORTED", "software caused connection abort"),
        libc::ECONNREFUSED => ("ECONNREFUSED", "connection refused"),
        libc::ECONNRESET => ("ECONNRESET", "connection reset by peer"),
        libc::EDESTADDRREQ => ("EDESTADDRREQ", "destination address required"),
        libc::EEXIST => ("EEXIST", "file already exists"),
        libc::EFAULT => ("EFAULT", "bad address in system call argument"),
        libc::EFBIG => ("EFBIG", "file too large"),
        libc::EHOSTUNREACH => ("EHOSTUNREACH", "host is unreachable"),
        libc::EINTR => ("EINTR", "interrupted system call"),
        libc::EINVAL => ("EINVAL", "invalid argument"),
        libc::EIO => ("EIO", "i/o error"),
        libc::EISCONN => ("EISCONN", "socket is already connected"),
        libc::EISDIR => ("EISDIR", "illegal operation on a directory"),
        libc::ELOOP => ("ELOOP", "too many symbolic links encountered"),
        libc::EMFILE => ("EMFILE", "too many open files"),
        libc::EMSGSIZE => ("EMSGSIZE", "message too long"),
        libc::ENAMETOOLONG => ("ENAMETOOLONG", "name too long"),
        libc::ENETDOWN => ("ENETDOWN", "network is down"),
        libc::ENETUNREACH => ("ENETUNREACH", "network is unreachable"),
        libc::ENFILE => ("ENFILE", "file table overflow"),
        libc::ENOBUFS => ("ENOBUFS", "no buffer space available"),
        libc::ENODEV => ("ENODEV", "no such device"),
        libc::ENOENT => ("ENOENT", "no such file or directory"),
        libc::ENOMEM => ("ENOMEM", "not enough memory"),
        libc::ENOPROTOOPT => ("ENOPROTOOPT", "protocol not available"),
        libc::ENOSPC => ("ENOSPC", "no space left on device"),
        libc::ENOSYS => ("ENOSYS", "function not implemented"),
        libc::ENOTCONN => ("ENOTCONN", "socket is not connected"),
        libc::ENOTDIR => ("ENOTDIR", "not a directory"),
        libc::ENOTEMPTY => ("ENOTEMPTY", "directory not empty"),
        libc::ENOTSOCK => ("ENOTSOCK", "socket operation on non-socket"),
        libc::ENOTSUP => ("ENOTSUP", "operation not supported on socket"),
        libc::EPERM => ("EPERM", "operation not permitted"),
        libc::EPIPE => ("EPIPE", "broken pipe"),
        libc::EPROTO => ("EPROTO", "protocol error"),
        libc::ERANGE => ("ERANGE", "result too large"),
        libc::EROFS => ("EROFS", "read-only file system"),
        libc::ESPIPE => ("ESPIPE", "invalid seek"),
        libc::ESRCH => ("ESRCH", "no such process"),
        libc::ETIMEDOUT => ("ETIMEDOUT", "connection timed out"),
        libc::ETXTBSY => ("ETXTBSY", "text file is busy"),
        libc::EXDEV => ("EXDEV", "cross-device link not permitted"),
        libc::EMLINK => ("EMLINK", "too many links"),
        libc::ENXIO => ("ENXIO", "no such device or address"),
        libc::ENOTTY => ("ENOTTY", "inappropriate ioctl for device"),
        libc::EILSEQ => ("EILSEQ", "illegal byte sequence"),
        libc::EOVERFLOW => ("EOVERFLOW", "value too large for defined data type"),
        libc::ENODATA => ("ENODATA", "no data available"),
        _ => ("UNKNOWN", "unknown error"),
    }
}
