//! The files of a package while they are being written to the staging directory.
//!
//! No link is ever made here, so no path can lead out; every file is new, so nothing is written through.

use super::archive::{ModeOf, NewFile, Sink};
use super::{SkipReason, Skipped, UnpackError, manifest};
use crate::bin::unix_shebang;
use crate::entry::{Entry, bundled_location};
use crate::error::{Limit, Result, StoreError};
use crate::fs::{self, Context};
use crate::index::{EntryFlags, FileRecord, INDEX_NAME, Index, IndexContents, PACKAGE_NAME};
use crate::key::EntryKey;
use crate::staging::StagedDirectory;
use crate::store::Store;
use rustc_hash::{FxHashMap, FxHashSet};
use rustix::fs::{AtFlags, Mode, OFlags};
use rustix::io::Errno;
use std::os::fd::OwnedFd;

/// Files get this on top of what the archive says, then the umask applies. Source: npm 11.19.1, pacote.
const FILE_MODE: u32 = 0o666;
const PACKAGE_JSON: &str = "package.json";

pub(super) struct TreeWriter {
    staged: StagedDirectory,
    package: OwnedFd,
    directories: Vec<String>,
    known_directories: FxHashSet<String>,
    /// Files; those that a later one replaced are `None`.
    files: Vec<Option<WrittenFile>>,
    positions: FxHashMap<String, usize>,
    open: Option<OwnedFd>,
    package_json: Vec<u8>,
    skipped: Vec<Skipped>,
    max_files: u64,
}

pub(super) struct WrittenFile {
    pub(super) path: String,
    pub(super) size: u64,
    pub(super) mode: u32,
}

impl TreeWriter {
    pub(super) fn begin(store: &Store, max_files: u64) -> Result<Self> {
        let staged = StagedDirectory::create(store.root.session()?)?;
        let path = || staged.path().join(PACKAGE_NAME);
        rustix::fs::mkdirat(&staged.directory, PACKAGE_NAME, fs::DIRECTORY_MODE).context("create", path())?;
        let package = fs::open_directory(&staged.directory, PACKAGE_NAME).context("open", path())?;
        Ok(Self {
            staged,
            package,
            directories: Vec::new(),
            known_directories: FxHashSet::default(),
            files: Vec::new(),
            positions: FxHashMap::default(),
            open: None,
            package_json: Vec::new(),
            skipped: Vec::new(),
            max_files,
        })
    }

    /// Writes the index and publishes the entry.
    pub(super) fn publish(mut self, store: &Store, key: &EntryKey) -> Result<(Entry, Vec<Skipped>)> {
        let facts = manifest::read(&self.package_json);
        for bin in facts.bins(self.files.iter().flatten().map(|file| file.path.as_str())) {
            self.make_executable(&bin)?;
        }
        let has = |path: &str| self.positions.contains_key(path);
        let flags = EntryFlags {
            install_script: facts.has_install_script,
            binding_gyp: has("binding.gyp"),
            bundled: self.positions.keys().any(|path| bundled_location(path).is_some()),
        };
        // The manifest is linked last, so that a package that has one is whole.
        let mut files: Vec<_> = self.files.iter().flatten().collect();
        if let Some(at) = files.iter().position(|file| file.path == PACKAGE_JSON) {
            let manifest = files.remove(at);
            files.push(manifest);
        }
        let files: Vec<_> = files
            .into_iter()
            .map(|file| FileRecord { path: &file.path, size: file.size, mode: file.mode })
            .collect();
        let directories: Vec<_> = self.directories.iter().map(String::as_str).collect();
        let package_json = &self.package_json;
        let boot = crate::boot::current();
        let contents =
            IndexContents { key: *key, boot, flags, directories: &directories, files: &files, package_json };
        let path = || self.staged.path().join(INDEX_NAME);
        let index = contents.encode().ok_or(Errno::FBIG).context("write", path())?;
        let file = fs::create_file(&self.staged.directory, INDEX_NAME, 0o666).context("create", path())?;
        fs::write_all(&file, &index).context("write", path())?;
        let index = Index::decode(index, key).ok_or(Errno::INVAL).context("read", path())?;
        let entry = store.publish(key, &self.staged, index)?;
        Ok((entry, std::mem::take(&mut self.skipped)))
    }

    /// What npm does to an executable when it links it, done once and for all: its mode, and the end of its first
    /// line if that is a Windows one, which no Unix can run. Source: npm 11.19.1, bin-links (fix-bin).
    fn make_executable(&mut self, path: &str) -> Result<()> {
        let Some(position) = self.positions.get(path).copied() else { return Ok(()) };
        let full = self.staged.path().join(PACKAGE_NAME).join(path);
        let mode = self.staged.session.executable_mode;
        let Some(file) = self.files.get_mut(position).and_then(Option::as_mut) else { return Ok(()) };
        if file.mode != mode {
            let raw = Mode::from_raw_mode(mode);
            rustix::fs::chmodat(&self.package, path, raw, AtFlags::empty())
                .context("change the mode of", &full)?;
            file.mode = mode;
        }
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let opened = rustix::fs::openat(&self.package, path, flags, Mode::empty()).context("open", &full)?;
        let Some(fixed) = unix_shebang(&opened).context("read", &full)? else { return Ok(()) };
        fs::remove_file(&self.package, path).context("remove", &full)?;
        let written = fs::create_file(&self.package, path, mode).context("create", &full)?;
        fs::write_all(&written, &fixed).context("write", &full)?;
        file.size = fixed.len() as u64;
        Ok(())
    }

    fn full_path(&self, path: &str) -> std::path::PathBuf {
        self.staged.path().join(PACKAGE_NAME).join(path)
    }

    /// Makes a directory and its parents. `false` when a file is in the way.
    fn ensure_directory(&mut self, path: &str) -> Result<bool> {
        if path.is_empty() || self.known_directories.contains(path) {
            return Ok(true);
        }
        if self.positions.contains_key(path) {
            return Ok(false);
        }
        let parent = path.rsplit_once('/').map_or("", |(parent, _)| parent);
        if !self.ensure_directory(parent)? {
            return Ok(false);
        }
        match rustix::fs::mkdirat(&self.package, path, fs::DIRECTORY_MODE) {
            Ok(()) => {}
            // On a file system that ignores case, something of another spelling.
            Err(Errno::EXIST) if fs::open_real_directory(&self.package, path).is_ok() => {}
            Err(Errno::EXIST | Errno::NOTDIR) => return Ok(false),
            Err(errno) => return Err(errno).context("create", self.full_path(path)),
        }
        self.known_directories.insert(path.to_owned());
        self.directories.push(path.to_owned());
        Ok(true)
    }

    /// Makes the file, in place of an earlier one of that path. `None` when a directory is in the way.
    fn create(&mut self, path: &str, mode: &mut u32, mode_of: ModeOf) -> Result<Option<OwnedFd>> {
        let created = match fs::create_file(&self.package, path, *mode) {
            Err(Errno::EXIST) if self.known_directories.contains(path) => return Ok(None),
            Err(Errno::EXIST) => {
                let earlier = self.forget(path);
                *mode = earlier.filter(|_| mode_of == ModeOf::Earlier).unwrap_or(*mode);
                fs::remove_file(&self.package, path).context("replace", self.full_path(path))?;
                fs::create_file(&self.package, path, *mode)
            }
            other => other,
        };
        created.map(Some).context("create", self.full_path(path))
    }

    /// Drops the earlier file of that path, or on a file system that ignores case, of one like it. Returns its mode.
    fn forget(&mut self, path: &str) -> Option<u32> {
        let position = self.positions.remove(path).or_else(|| {
            let folded = path.to_lowercase();
            let like = self.positions.keys().find(|known| known.to_lowercase() == folded)?.clone();
            self.positions.remove(&like)
        });
        self.files.get_mut(position?)?.take().map(|file| file.mode)
    }

    fn check_limit(&self) -> Result<(), UnpackError> {
        let count = self.files.len() as u64 + self.directories.len() as u64;
        if count > self.max_files { Err(UnpackError::Limit(Limit::Files(self.max_files))) } else { Ok(()) }
    }
}

impl Sink for TreeWriter {
    type Error = UnpackError;

    fn file(&mut self, file: NewFile) -> Result<bool, UnpackError> {
        let NewFile { path, mode, size, mode_of } = file;
        let parent = path.rsplit_once('/').map_or("", |(parent, _)| parent);
        // Neither the set-user-id bits that npm would let pass, nor less than its owner needs.
        let mut mode = (mode & 0o777) | FILE_MODE;
        let created =
            if self.ensure_directory(parent)? { self.create(&path, &mut mode, mode_of)? } else { None };
        let Some(file) = created else {
            self.skipped(path, SkipReason::Conflict);
            return Ok(false);
        };
        if path == PACKAGE_JSON {
            self.package_json.clear();
        }
        self.open = Some(file);
        let mode = mode & self.staged.session.executable_mode;
        self.positions.insert(path.clone(), self.files.len());
        self.files.push(Some(WrittenFile { path, size, mode }));
        self.check_limit()?;
        Ok(true)
    }

    fn data(&mut self, bytes: &[u8]) -> Result<(), UnpackError> {
        let path = self.files.last().and_then(Option::as_ref).map_or("", |file| &file.path);
        if path == PACKAGE_JSON {
            self.package_json.extend(bytes);
        }
        if let Some(file) = &self.open {
            fs::write_all(file, bytes)
                .map_err(|errno| StoreError::system("write", self.full_path(path), errno))?;
        }
        Ok(())
    }

    fn end_file(&mut self) -> Result<(), UnpackError> {
        self.open = None;
        Ok(())
    }

    fn skipped(&mut self, path: String, reason: SkipReason) {
        self.skipped.push(Skipped { path, reason });
    }
}
