//! How results of the system become results of ops: the errno, the system call as Node names it, and the paths.

use std::path::Path;

use js_engine::OpError;

/// An error that the system numbered.
pub(super) trait Numbered {
    fn errno(&self) -> i32;
}

impl Numbered for rustix::io::Errno {
    fn errno(&self) -> i32 {
        self.raw_os_error()
    }
}

impl Numbered for std::io::Error {
    fn errno(&self) -> i32 {
        self.raw_os_error().unwrap_or(rustix::io::Errno::IO.raw_os_error())
    }
}

/// Says which system call failed, and on what.
pub(super) trait During<T> {
    fn during(self, syscall: &'static str) -> Result<T, OpError>;
    fn during_on(self, syscall: &'static str, path: &Path) -> Result<T, OpError>;
    fn during_between(self, syscall: &'static str, path: &Path, dest: &Path) -> Result<T, OpError>;
}

impl<T, E: Numbered> During<T> for Result<T, E> {
    fn during(self, syscall: &'static str) -> Result<T, OpError> {
        self.map_err(|error| OpError::system(error.errno(), syscall))
    }

    fn during_on(self, syscall: &'static str, path: &Path) -> Result<T, OpError> {
        self.map_err(|error| OpError::system(error.errno(), syscall).path(path.display()))
    }

    fn during_between(self, syscall: &'static str, path: &Path, dest: &Path) -> Result<T, OpError> {
        self.map_err(|error| {
            OpError::system(error.errno(), syscall).path(path.display()).dest(dest.display())
        })
    }
}
