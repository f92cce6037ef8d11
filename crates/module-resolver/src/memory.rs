//! A file system in memory, for tests and for what is not on a disk.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Component, Path, PathBuf};

use crate::file_system::{FileKind, FileSystem, Glimpse};

/// Longest chain of links followed before a path counts as missing; Linux's own limit.
const MOST_LINKS: usize = 40;

/// Files and symbolic links by absolute path; folders exist where something is in them.
#[derive(Clone, Debug, Default)]
pub struct MemoryFileSystem {
    entries: BTreeMap<PathBuf, Entry>,
    folders: BTreeSet<PathBuf>,
}

#[derive(Clone, Debug)]
enum Entry {
    File(Vec<u8>),
    Link(PathBuf),
}

impl MemoryFileSystem {
    /// Shape: pairs of absolute path and content.
    pub fn new<P: AsRef<Path>, C: AsRef<[u8]>>(files: impl IntoIterator<Item = (P, C)>) -> Self {
        let mut system = Self::default();
        for (path, content) in files {
            system.write(path, content);
        }
        system
    }

    /// Creates or replaces a file and the folders above it.
    pub fn write(&mut self, path: impl AsRef<Path>, content: impl AsRef<[u8]>) {
        self.insert(path.as_ref(), Entry::File(content.as_ref().to_vec()));
    }

    /// Creates or replaces a symbolic link.
    pub fn link(&mut self, path: impl AsRef<Path>, target: impl AsRef<Path>) {
        self.insert(path.as_ref(), Entry::Link(target.as_ref().to_path_buf()));
    }

    /// Removes a file or link; folders that it leaves empty stay.
    pub fn remove(&mut self, path: impl AsRef<Path>) {
        self.entries.remove(path.as_ref());
    }

    fn insert(&mut self, path: &Path, entry: Entry) {
        self.folders.extend(path.ancestors().skip(1).map(Path::to_path_buf));
        self.entries.insert(path.to_path_buf(), entry);
    }

    /// The path without links; `None` where a loop or a file stands in the way.
    fn real(&self, path: &Path, links: usize) -> Option<PathBuf> {
        if links > MOST_LINKS {
            return None;
        }
        let mut real = PathBuf::new();
        let mut rest = path.components();
        while let Some(component) = rest.next() {
            match component {
                Component::ParentDir => _ = real.pop(),
                Component::CurDir => {}
                other => real.push(other),
            }
            if let Some(Entry::Link(target)) = self.entries.get(&real) {
                let mut next = real.parent()?.join(target);
                next.push(rest.as_path());
                return self.real(&next, links + 1);
            }
        }
        Some(real)
    }

    fn file(&self, path: &Path) -> io::Result<&[u8]> {
        match self.real(path, 0).as_ref().and_then(|real| self.entries.get(real)) {
            Some(Entry::File(content)) => Ok(content),
            _ => Err(io::ErrorKind::NotFound.into()),
        }
    }
}

impl FileSystem for MemoryFileSystem {
    fn look(&self, path: &Path) -> Glimpse {
        let missing = Glimpse { kind: FileKind::Missing, is_link: false };
        let Some(real) = self.real(path, 0) else { return missing };
        let kind = match self.entries.get(&real) {
            Some(Entry::File(_)) if !path.to_string_lossy().ends_with('/') => FileKind::File,
            _ if self.folders.contains(&real) => FileKind::Directory,
            _ => FileKind::Missing,
        };
        let folder = path.parent().and_then(|folder| self.real(folder, 0));
        let own = folder.zip(path.file_name()).map(|(folder, name)| folder.join(name));
        let is_link = own.is_some_and(|own| matches!(self.entries.get(&own), Some(Entry::Link(_))));
        Glimpse { kind, is_link }
    }

    fn read_link(&self, path: &Path) -> io::Result<PathBuf> {
        let folder = path.parent().and_then(|folder| self.real(folder, 0));
        let own = folder.zip(path.file_name()).map(|(folder, name)| folder.join(name));
        match own.and_then(|own| self.entries.get(&own)) {
            Some(Entry::Link(target)) => Ok(target.clone()),
            _ => Err(io::ErrorKind::InvalidInput.into()),
        }
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.file(path).map(<[u8]>::to_vec)
    }

    fn read_start(&self, path: &Path, length: usize) -> io::Result<Vec<u8>> {
        self.file(path).map(|content| content[..content.len().min(length)].to_vec())
    }
}
