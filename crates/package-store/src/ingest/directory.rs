//! A packed directory (`file:` with installed links, a prepared git checkout) as an entry, without a tarball between.

use super::archive::{ModeOf, NewFile, Sink};
use super::tree::TreeWriter;
use super::{Ingested, Limits, UnpackError, archive_path};
use crate::error::{Limit, Result, StoreError};
use crate::fs::{self, Context};
use crate::key::EntryKey;
use crate::store::Store;
use ring::digest::{self, Context as Digest};
use rustix::fs::{CWD, FileType, OFlags};
use rustix::io::Errno;
use std::path::PathBuf;

/// A directory to be kept as a package.
#[derive(Debug, Clone)]
pub struct DirectoryRequest {
    /// Names the package in errors, such as `left-pad@1.3.0`.
    pub package: String,
    /// The directory.
    pub root: PathBuf,
    /// What of it belongs to the package, relative to it, with `/`: the list that packing it would take.
    pub files: Vec<String>,
    /// What it may hold.
    pub limits: Limits,
}

impl Store {
    /// Takes in a directory. The entry's key is a SHA-512 over paths, executability and contents, so the same files
    /// are kept once; it is not the integrity of any tarball. [`Store::alias`] gives it a name to be found by.
    ///
    /// Symbolic links, also on the way to a file, are refused: they could name any file of this machine.
    ///
    /// Errors: [`StoreError::FileSystem`] when a file cannot be read or is no file; else as
    /// [`Store::ingest_tarball`].
    pub fn ingest_directory(&self, request: &DirectoryRequest) -> Result<Ingested> {
        let root = fs::open_directory(CWD, &request.root).context("open", &request.root)?;
        let mut tree = TreeWriter::begin(self, request.limits.files)?;
        let mut digest = Digest::new(&digest::SHA512);
        digest.update(b"knit directory 1\0");
        let mut files: Vec<_> = request.files.iter().collect();
        files.sort_unstable();
        files.dedup();
        let mut left = request.limits.unpacked_bytes;
        for path in files {
            let full = request.root.join(path);
            // The archive's leading folder does not exist here.
            let inside = archive_path::inside_package(&format!("package/{path}"));
            if inside != Ok(Ok(path.clone())) {
                return Err(Errno::INVAL).context("pack", full);
            }
            let file = fs::open_beneath(&root, path, OFlags::RDONLY).context("open", &full)?;
            let stat = rustix::fs::fstat(&file).context("examine", &full)?;
            if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
                return Err(Errno::INVAL).context("pack", full);
            }
            let contents = fs::read_open(&file, left).context("read", &full)?;
            let size = contents.len() as u64;
            left = left.checked_sub(size).ok_or_else(|| request.limit())?;
            let mode = if stat.st_mode & 0o111 == 0 { 0o666 } else { 0o777 };
            digest.update(&(path.len() as u64).to_le_bytes());
            digest.update(path.as_bytes());
            digest.update(&[u8::from(mode == 0o777)]);
            digest.update(&size.to_le_bytes());
            digest.update(&contents);
            let file = NewFile { path: path.clone(), mode, size, mode_of: ModeOf::Later };
            let written = tree.file(file).and_then(|wanted| {
                if wanted {
                    tree.data(&contents)?;
                    tree.end_file()?;
                }
                Ok(())
            });
            written.map_err(|error| request.explain(error))?;
        }
        let mut sha512 = [0; 64];
        sha512.copy_from_slice(digest.finish().as_ref());
        let key = EntryKey::from_sha512(sha512);
        let (entry, skipped) = tree.publish(self, &key)?;
        Ok(Ingested { entry, integrity: key.integrity(), skipped })
    }
}

impl DirectoryRequest {
    fn limit(&self) -> StoreError {
        self.passed(Limit::UnpackedBytes(self.limits.unpacked_bytes))
    }

    fn passed(&self, limit: Limit) -> StoreError {
        StoreError::Limit { package: self.package.clone(), origin: self.root.display().to_string(), limit }
    }

    fn explain(&self, error: UnpackError) -> StoreError {
        match error {
            UnpackError::Store(error) => error,
            UnpackError::Limit(limit) => self.passed(limit),
            UnpackError::Fault(reason) => StoreError::Archive {
                package: self.package.clone(),
                origin: self.root.display().to_string(),
                reason,
            },
        }
    }
}
