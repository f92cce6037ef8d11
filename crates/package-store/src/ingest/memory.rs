//! The files of a tarball without a store: what would be unpacked, in memory.

use super::archive::{Archive, ModeOf, NewFile, Sink};
use super::inflate::{Inflate, Stopped};
use super::{SkipReason, TarballRequest, UnpackError};
use crate::error::{Limit, Result};
use rustc_hash::{FxHashMap, FxHashSet};

/// A file as it would be unpacked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnpackedFile {
    /// Path inside the package, with `/`.
    pub path: String,
    /// Permission bits as the archive has them.
    pub mode: u32,
    /// What is in it.
    pub content: Vec<u8>,
}

/// The files that [`crate::Store::ingest_tarball`] would unpack, in the order in which the last of each path came. The
/// integrity is not looked at.
///
/// Errors: as there, for what the tarball holds.
pub fn unpacked_files(request: &TarballRequest, tarball: &[u8]) -> Result<Vec<UnpackedFile>> {
    let mut files = Files { max_files: request.limits.files, ..Files::default() };
    let mut archive = Archive::new(request.gitignore);
    let mut inflate = Inflate::new(request.limits);
    let fed = inflate.feed(tarball, |bytes| archive.feed(bytes, &mut files));
    fed.map_err(|stopped| match stopped {
        Stopped::Fault(fault) => request.archive(fault),
        Stopped::Limit(limit) => request.limit(limit),
        Stopped::Receiver(error) => request.explain(error),
    })?;
    inflate.finish().and_then(|()| archive.finish()).map_err(|fault| request.archive(fault))?;
    Ok(files.files.into_iter().flatten().collect())
}

#[derive(Default)]
struct Files {
    /// Those that a later one replaced are `None`.
    files: Vec<Option<UnpackedFile>>,
    positions: FxHashMap<String, usize>,
    directories: FxHashSet<String>,
    max_files: u64,
}

impl Files {
    /// Notes the directories that a file lies in. `false` when a file is in the way.
    fn ensure_directories(&mut self, path: &str) -> bool {
        for (at, _) in path.match_indices('/') {
            let directory = path.get(..at).unwrap_or_default();
            if self.positions.contains_key(directory) {
                return false;
            }
            self.directories.insert(directory.to_owned());
        }
        true
    }
}

impl Sink for Files {
    type Error = UnpackError;

    fn file(&mut self, file: NewFile) -> Result<bool, UnpackError> {
        let NewFile { path, mut mode, mode_of, .. } = file;
        if !self.ensure_directories(&path) || self.directories.contains(&path) {
            return Ok(false);
        }
        let earlier = self.positions.insert(path.clone(), self.files.len());
        let earlier = earlier.and_then(|position| self.files.get_mut(position)?.take());
        if let Some(earlier) = earlier.filter(|_| mode_of == ModeOf::Earlier) {
            mode = earlier.mode;
        }
        self.files.push(Some(UnpackedFile { path, mode, content: Vec::new() }));
        if (self.files.len() + self.directories.len()) as u64 > self.max_files {
            return Err(UnpackError::Limit(Limit::Files(self.max_files)));
        }
        Ok(true)
    }

    fn data(&mut self, bytes: &[u8]) -> Result<(), UnpackError> {
        if let Some(Some(file)) = self.files.last_mut() {
            file.content.extend_from_slice(bytes);
        }
        Ok(())
    }

    fn end_file(&mut self) -> Result<(), UnpackError> {
        Ok(())
    }

    fn skipped(&mut self, _: String, _: SkipReason) {}
}
