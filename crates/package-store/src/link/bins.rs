//! `node_modules/.bin`: a relative symbolic link for each command of each package.
//!
//! Source: npm 11.19.1, bin-links.

use super::commit;
use super::location::Location;
use super::writer::NodeModulesWriter;
use crate::bin::Bin;
use crate::error::Result;
use crate::fs::{self, Context};
use crate::remove::{names, remove_tree};
use rustix::fs::{AtFlags, FileType, Mode, OFlags};
use rustix::io::Errno;
use std::os::fd::AsFd;
use std::path::Path;
use std::sync::PoisonError;

const BIN: &str = ".bin";

impl NodeModulesWriter {
    /// Links a package's commands, after [`commit`](Self::commit).
    ///
    /// A file that the package does not have is passed over, as npm does. Of packages that want the same command in
    /// one `node_modules`, the first to ask gets it; whatever else has the name gives way. Targets become executable.
    ///
    /// Errors: [`StoreError::Location`](crate::StoreError::Location),
    /// [`StoreError::FileSystem`](crate::StoreError::FileSystem).
    pub fn link_bins(&self, location: &str, bins: &[Bin]) -> Result<()> {
        if bins.is_empty() {
            return Ok(());
        }
        let location = Location::parse(location)?;
        let path = format!("{}/{BIN}", location.node_modules());
        let full = self.parents.full_path(&path);
        let mut directory = None;
        for bin in bins {
            // Made by hand or not: from here on it is a plain name and a path inside the package.
            let Some(bin) = Bin::new(&bin.name, &bin.target) else { continue };
            let claim = format!("{path}/{}", bin.name);
            if !self.taken_bins.lock().unwrap_or_else(PoisonError::into_inner).insert(claim) {
                continue;
            }
            let target = format!("../{}/{}", location.package_name(), bin.target);
            let at = match &directory {
                Some(open) => open,
                None => &*directory.insert(self.parents.ensure(&path)?),
            };
            if is_missing(at, &target).context("examine", full.join(&target))? {
                continue;
            }
            put_link(at, &bin.name, &target).context("create", full.join(&bin.name))?;
            make_executable(at, &target).context("make executable", full.join(&target))?;
        }
        Ok(())
    }

    /// Removes what is left in the `.bin` of a `node_modules` from packages that are gone or have other commands now:
    /// links into that `node_modules` that no package has taken. To be called when all have been linked.
    ///
    /// Errors: as [`Self::link_bins`].
    pub fn remove_stale_bins(&self, node_modules: &str) -> Result<()> {
        let path = format!("{node_modules}/{BIN}");
        let Some(directory) = self.parents.find_real(&path)? else { return Ok(()) };
        let full = self.parents.full_path(&path);
        let mut is_empty = true;
        for name in names(&directory).context("read", &full)? {
            let text = name.to_string_lossy();
            let is_taken = || {
                let claim = format!("{path}/{text}");
                self.taken_bins.lock().unwrap_or_else(PoisonError::into_inner).contains(&claim)
            };
            let target = rustix::fs::readlinkat(&directory, &*name, Vec::new());
            let is_ours = target.is_ok_and(|target| {
                target.as_bytes().strip_prefix(b"../").is_some_and(|rest| !rest.starts_with(b".."))
            });
            if is_ours && !is_taken() {
                fs::remove_file(&directory, &*name).context("remove", full.join(&*text))?;
            } else {
                is_empty = false;
            }
        }
        if is_empty
            && let Some(above) = self.parents.find(node_modules)?
            && rustix::fs::unlinkat(&above, BIN, AtFlags::REMOVEDIR).is_ok()
        {
            self.parents.forget();
            commit::remove_if_empty(&self.parents, &path);
        }
        Ok(())
    }

    /// Removes a package's commands, where they are still its own.
    ///
    /// Errors: as [`Self::link_bins`].
    pub fn unlink_bins(&self, location: &str, bins: &[Bin]) -> Result<()> {
        let location = Location::parse(location)?;
        let path = format!("{}/{BIN}", location.node_modules());
        let Some(directory) = self.parents.find_real(&path)? else { return Ok(()) };
        let own = format!("../{}/", location.package_name());
        for bin in bins.iter().filter_map(|bin| Bin::new(&bin.name, &bin.target)) {
            let is_own = rustix::fs::readlinkat(&directory, &*bin.name, Vec::new())
                .is_ok_and(|target| target.as_bytes().starts_with(own.as_bytes()));
            if is_own {
                let full = self.parents.full_path(&path).join(&bin.name);
                fs::remove_file(&directory, &*bin.name).context("remove", full)?;
            }
        }
        Ok(())
    }
}

/// Looks at the target itself, as npm does, so that a link that leads nowhere counts as there.
pub(super) fn is_missing(at: impl AsFd, target: &str) -> Result<bool, Errno> {
    match rustix::fs::statat(at, target, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(_) => Ok(false),
        Err(Errno::NOENT | Errno::NOTDIR) => Ok(true),
        Err(errno) => Err(errno),
    }
}

/// Makes the link, in place of whatever has its name.
fn put_link(at: impl AsFd, name: &str, target: &str) -> Result<(), Errno> {
    match rustix::fs::symlinkat(target, at.as_fd(), name) {
        Err(Errno::EXIST) => {}
        other => return other,
    }
    let current = rustix::fs::readlinkat(at.as_fd(), name, Vec::new());
    if current.is_ok_and(|current| current.as_bytes() == target.as_bytes()) {
        return Ok(());
    }
    // A link is replaced without a moment in which it is missing.
    let staged = unfinished(name);
    remove_tree(at.as_fd(), &*staged)?;
    rustix::fs::symlinkat(target, at.as_fd(), &*staged)?;
    match rustix::fs::renameat(at.as_fd(), &*staged, at.as_fd(), name) {
        Err(Errno::ISDIR | Errno::EXIST | Errno::NOTEMPTY) => {
            remove_tree(at.as_fd(), name)?;
            rustix::fs::renameat(at.as_fd(), &*staged, at.as_fd(), name)
        }
        other => other,
    }
}

/// What is to take a name is made under this one first. It is always the same, so that what is left of it by a process
/// that was killed is gone once it has been done again.
fn unfinished(name: &str) -> String {
    format!(".knit-{name}")
}

/// Makes a file executable and gives its shebang line a Unix end. Files that are shared with the store had both when
/// they were kept; one that had not, because the registry names other commands than the manifest, is copied first.
pub(super) fn make_executable(at: impl AsFd, target: &str) -> Result<(), Errno> {
    let at = at.as_fd();
    let stat = match rustix::fs::statat(at, target, AtFlags::empty()) {
        Err(Errno::NOENT | Errno::LOOP) => return Ok(()),
        other => other?,
    };
    if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
        return Ok(());
    }
    // Whoever may read it may run it: 0777 without the umask, for any umask.
    let mode = (stat.st_mode & 0o777) | (stat.st_mode & 0o444) >> 2;
    let is_executable = mode == stat.st_mode & 0o777;
    let is_shared = stat.st_nlink > 1;
    if is_executable && is_shared {
        return Ok(());
    }
    let file = rustix::fs::openat(at, target, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())?;
    let fixed = crate::bin::unix_shebang(&file)?;
    if fixed.is_none() && !is_shared {
        return match is_executable {
            true => Ok(()),
            false => rustix::fs::fchmod(&file, Mode::from_raw_mode(mode)),
        };
    }
    let contents = match fixed {
        Some(fixed) => fixed,
        None => fs::read_open(&file, u64::MAX)?,
    };
    let (above, name) = target.rsplit_once('/').unwrap_or((".", target));
    let staged = format!("{above}/{}", unfinished(name));
    remove_tree(at, &*staged)?;
    let written = fs::create_file(at, &*staged, mode)?;
    fs::write_all(&written, &contents)?;
    rustix::fs::fchmod(&written, Mode::from_raw_mode(mode))?;
    rustix::fs::renameat(at, &*staged, at, target)
}

/// Where a symbolic link leads, as it is written.
pub(super) fn link_target(path: &Path) -> Result<Option<std::path::PathBuf>, Errno> {
    match rustix::fs::readlinkat(rustix::fs::CWD, path, Vec::new()) {
        Ok(target) => Ok(Some(target.to_string_lossy().into_owned().into())),
        Err(Errno::NOENT) => Ok(None),
        Err(errno) => Err(errno),
    }
}
