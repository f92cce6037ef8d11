//! The files of a tarball without a store: what would be unpacked, in memory.

use super::archive::{Archive, ModeOf, NewFile, Sink};
use super::inflate::{Inflate, Stopped};
use super::{READ_CHUNK, SkipReason, TarballRequest, UnpackError};
use crate::error::{Limit, Result, StoreError};
use rustc_hash::{FxHashMap, FxHashSet};
use std::io::Read;

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
    read_files(request, tarball, u64::MAX, |_| true)
}

/// The same for some of the files, from a tarball that need not fit into memory. Of each file no more than `longest`
/// bytes are kept.
///
/// Errors: as [`unpacked_files`], and [`StoreError::FileSystem`] where the tarball cannot be read.
pub fn read_files(
    request: &TarballRequest,
    mut tarball: impl Read,
    longest: u64,
    is_wanted: impl Fn(&str) -> bool,
) -> Result<Vec<UnpackedFile>> {
    let mut files = Files::new(request.limits.files, longest, is_wanted);
    let mut archive = Archive::new(request.gitignore);
    let mut inflate = Inflate::new(request.limits);
    let mut chunk = vec![0; READ_CHUNK];
    loop {
        let read = match tarball.read(&mut chunk) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(source) => {
                return Err(StoreError::FileSystem {
                    action: "read",
                    path: request.origin.clone().into(),
                    source,
                });
            }
        };
        let bytes = chunk.get(..read).unwrap_or_default();
        let fed = inflate.feed(bytes, |bytes| archive.feed(bytes, &mut files));
        fed.map_err(|stopped| match stopped {
            Stopped::Fault(fault) => request.archive(fault),
            Stopped::Limit(limit) => request.limit(limit),
            Stopped::Receiver(error) => request.explain(error),
        })?;
    }
    inflate.finish().and_then(|()| archive.finish()).map_err(|fault| request.archive(fault))?;
    let Files { files, is_wanted, .. } = files;
    Ok(files.into_iter().flatten().filter(|file| is_wanted(&file.path)).collect())
}

struct Files<W> {
    is_wanted: W,
    /// Bytes of a file that are kept.
    longest: u64,
    /// Those that a later one replaced are `None`.
    files: Vec<Option<UnpackedFile>>,
    positions: FxHashMap<String, usize>,
    directories: FxHashSet<String>,
    max_files: u64,
}

impl<W: Fn(&str) -> bool> Files<W> {
    fn new(max_files: u64, longest: u64, is_wanted: W) -> Self {
        Self {
            is_wanted,
            longest,
            files: Vec::new(),
            positions: FxHashMap::default(),
            directories: FxHashSet::default(),
            max_files,
        }
    }

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

impl<W: Fn(&str) -> bool> Sink for Files<W> {
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
        let is_wanted = (self.is_wanted)(&path);
        self.files.push(Some(UnpackedFile { path, mode, content: Vec::new() }));
        if (self.files.len() + self.directories.len()) as u64 > self.max_files {
            return Err(UnpackError::Limit(Limit::Files(self.max_files)));
        }
        Ok(is_wanted)
    }

    fn data(&mut self, bytes: &[u8]) -> Result<(), UnpackError> {
        if let Some(Some(file)) = self.files.last_mut() {
            let room = self.longest.saturating_sub(file.content.len() as u64);
            let kept = usize::try_from(room).map_or(bytes.len(), |room| room.min(bytes.len()));
            file.content.extend_from_slice(bytes.get(..kept).unwrap_or_default());
        }
        Ok(())
    }

    fn end_file(&mut self) -> Result<(), UnpackError> {
        Ok(())
    }

    fn skipped(&mut self, _: String, _: SkipReason) {}
}
