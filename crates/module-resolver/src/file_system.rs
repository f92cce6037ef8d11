//! The little that resolution asks of a disk, and the disk of this machine.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// What a path leads to, symbolic links followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum FileKind {
    /// Whatever is neither a folder nor missing: Node asks no more.
    File,
    Directory,
    Missing,
}

/// One look at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Glimpse {
    pub kind: FileKind,
    /// Whether the last segment is itself a symbolic link.
    pub is_link: bool,
}

/// Where modules lie. Paths are absolute.
pub trait FileSystem {
    /// What is there; anything that keeps from looking counts as missing, as it does in Node.
    fn look(&self, path: &Path) -> Glimpse;

    /// Where a symbolic link points, as it is written there.
    fn read_link(&self, path: &Path) -> io::Result<PathBuf>;

    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;

    /// At most `length` bytes from the start of a file.
    fn read_start(&self, path: &Path, length: usize) -> io::Result<Vec<u8>>;
}

impl<T: FileSystem + ?Sized> FileSystem for &T {
    fn look(&self, path: &Path) -> Glimpse {
        (**self).look(path)
    }

    fn read_link(&self, path: &Path) -> io::Result<PathBuf> {
        (**self).read_link(path)
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        (**self).read(path)
    }

    fn read_start(&self, path: &Path, length: usize) -> io::Result<Vec<u8>> {
        (**self).read_start(path, length)
    }
}

/// The disk.
#[derive(Clone, Copy, Debug, Default)]
pub struct OsFileSystem;

impl FileSystem for OsFileSystem {
    fn look(&self, path: &Path) -> Glimpse {
        let kind = |metadata: &fs::Metadata| {
            if metadata.is_dir() { FileKind::Directory } else { FileKind::File }
        };
        match fs::symlink_metadata(path) {
            Err(_) => Glimpse { kind: FileKind::Missing, is_link: false },
            Ok(metadata) if metadata.is_symlink() => Glimpse {
                kind: fs::metadata(path).map_or(FileKind::Missing, |metadata| kind(&metadata)),
                is_link: true,
            },
            Ok(metadata) => Glimpse { kind: kind(&metadata), is_link: false },
        }
    }

    fn read_link(&self, path: &Path) -> io::Result<PathBuf> {
        fs::read_link(path)
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        fs::read(path)
    }

    fn read_start(&self, path: &Path, length: usize) -> io::Result<Vec<u8>> {
        let mut start = Vec::with_capacity(length);
        fs::File::open(path)?.take(length as u64).read_to_end(&mut start)?;
        Ok(start)
    }
}
