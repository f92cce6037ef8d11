//! What can go wrong between a tarball and a package in `node_modules`.

use rustix::io::Errno;
use std::io;
use std::path::{Path, PathBuf};

/// Result of this crate.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;

/// Why a package could not be verified, unpacked, kept or linked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The tarball is not the one that was asked for.
    #[error("{package} from {origin} has integrity {actual}, expected {expected}")]
    Integrity {
        /// `name@version`, or whatever names the package to the user.
        package: String,
        /// Where the bytes came from.
        origin: String,
        /// The integrity asked for, in the algorithm that was compared.
        expected: String,
        /// The integrity found.
        actual: String,
    },
    /// The integrity asked for holds no algorithm that is verified here.
    #[error("{package} has integrity {expected}, and none of its algorithms can be verified")]
    UnsupportedIntegrity {
        /// `name@version`.
        package: String,
        /// The integrity asked for.
        expected: String,
    },
    /// The bytes are no tarball, or a damaged one.
    #[error("{package} from {origin} is not a usable tarball: {reason}")]
    Archive {
        /// `name@version`.
        package: String,
        /// Where the bytes came from.
        origin: String,
        /// What is wrong with it.
        reason: ArchiveFault,
    },
    /// The package is larger than the limits allow.
    #[error("{package} from {origin} exceeds the limit of {limit}")]
    Limit {
        /// `name@version`.
        package: String,
        /// Where the bytes came from.
        origin: String,
        /// The limit that was passed.
        limit: Limit,
    },
    /// No space, or no quota, left.
    #[error("no space is left on the disk that holds {}", path.display())]
    DiskFull {
        /// What was being written.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// Any other failure of the file system.
    #[error("cannot {action} {}", path.display())]
    FileSystem {
        /// What was tried, as a verb.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// A place in the tree that is no place for a package.
    #[error("\"{location}\" is not a location inside node_modules")]
    Location {
        /// The location as given.
        location: String,
    },
    /// A location that was linked without having been planned.
    #[error("\"{location}\" is not part of the plan")]
    NotPlanned {
        /// The location as given.
        location: String,
    },
    /// A planned location that was neither linked nor given up.
    #[error("\"{location}\" was planned and has not been linked")]
    NotLinked {
        /// The location as planned.
        location: String,
    },
    /// Something that must be a real directory is a symbolic link or a file.
    #[error("{} is not a directory, so nothing can be installed below it", path.display())]
    NotADirectory {
        /// The path in question.
        path: PathBuf,
    },
    /// Another process is installing here.
    #[error("another process is installing into {}", root.display())]
    InUse {
        /// The project.
        root: PathBuf,
    },
    /// A global executable or manual page would overwrite something that is not ours.
    #[error("{} already exists and does not belong to {package}", path.display())]
    Exists {
        /// What is in the way.
        path: PathBuf,
        /// The package that wanted the place.
        package: String,
    },
    /// A manual page whose name says no section.
    #[error("\"{page}\" of {package} is not the name of a manual page, which ends in a section number")]
    ManualPage {
        /// The page as the manifest names it.
        page: String,
        /// The package.
        package: String,
    },
}

impl StoreError {
    /// npm's code for the error, or the system's.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Integrity { .. } | Self::UnsupportedIntegrity { .. } => "EINTEGRITY",
            Self::Archive { .. } => "TAR_BAD_ARCHIVE",
            Self::Limit { .. } => "ETOOLARGE",
            Self::DiskFull { .. } => "ENOSPC",
            Self::FileSystem { source, .. } => system_code(source),
            Self::Location { .. } | Self::NotPlanned { .. } | Self::NotLinked { .. } => "EINVALIDLOCATION",
            Self::NotADirectory { .. } => "ENOTDIR",
            Self::InUse { .. } => "EINUSE",
            Self::Exists { .. } => "EEXIST",
            Self::ManualPage { .. } => "EBADMAN",
        }
    }

    /// Whether fetching the tarball again may help.
    pub fn is_corrupt_data(&self) -> bool {
        matches!(self, Self::Integrity { .. } | Self::Archive { .. })
    }

    pub(crate) fn system(action: &'static str, path: impl AsRef<Path>, errno: Errno) -> Self {
        let path = path.as_ref().to_owned();
        match errno {
            Errno::NOSPC | Errno::DQUOT => Self::DiskFull { path, source: errno.into() },
            _ => Self::FileSystem { action, path, source: errno.into() },
        }
    }
}

fn system_code(source: &io::Error) -> &'static str {
    match source.raw_os_error().map(Errno::from_raw_os_error) {
        Some(Errno::ACCESS) => "EACCES",
        Some(Errno::PERM) => "EPERM",
        Some(Errno::NOENT) => "ENOENT",
        Some(Errno::EXIST) => "EEXIST",
        Some(Errno::NOTDIR) => "ENOTDIR",
        Some(Errno::ISDIR) => "EISDIR",
        Some(Errno::ROFS) => "EROFS",
        Some(Errno::MFILE) => "EMFILE",
        Some(Errno::NFILE) => "ENFILE",
        Some(Errno::XDEV) => "EXDEV",
        Some(Errno::NAMETOOLONG) => "ENAMETOOLONG",
        Some(Errno::LOOP) => "ELOOP",
        Some(Errno::FBIG) => "EFBIG",
        _ => "EIO",
    }
}

/// What is wrong with an archive.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ArchiveFault {
    /// Neither gzip nor tar.
    #[error("it holds no tar entry")]
    NoEntries,
    /// The archive ends inside an entry.
    #[error("it ends {missing} bytes early")]
    Truncated {
        /// Bytes that should have followed.
        missing: u64,
    },
    /// The compressed stream ends early.
    #[error("its compressed data ends early")]
    TruncatedCompression,
    /// The compressed stream is damaged.
    #[error("its compressed data is damaged")]
    Compression,
    /// Compressed, but not with gzip.
    #[error("it is compressed with something other than gzip")]
    UnknownCompression,
    /// Something follows the compressed data.
    #[error("there is something behind its compressed data")]
    BehindCompression,
    /// A path that readers would take for different ones, or that not every disk takes.
    #[error("the path \"{}\" in it is too long, too deep or has a NUL in it", path.escape_debug())]
    Path {
        /// The path as written, or its beginning.
        path: String,
    },
    /// An extended header makes a link of what is a file.
    #[error("an extended header gives the file \"{}\" the target of a link", path.escape_debug())]
    Target {
        /// The path of the file, or its beginning.
        path: String,
    },
    /// A size in an extended header that two readers could understand differently.
    #[error("an extended header gives the size \"{text}\"")]
    ExtendedSize {
        /// The size as written.
        text: String,
    },
}

/// A limit on what a tarball may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Limit {
    /// Bytes as they came.
    #[error("{0} bytes packed")]
    PackedBytes(u64),
    /// Bytes unpacked, headers included.
    #[error("{0} bytes unpacked")]
    UnpackedBytes(u64),
    /// Files and directories.
    #[error("{0} files")]
    Files(u64),
    /// Unpacked bytes for one packed byte.
    #[error("{0} bytes unpacked for each byte packed")]
    Ratio(u64),
}
