//! The files in `node_modules` that describe it. While a tree is being changed, those of the tree before wait under
//! another name, and an install that is undone puts them back; those of the new tree wait for its commit.

use super::writer::{NODE_MODULES, NodeModulesWriter};
use crate::error::Result;
use crate::fs::{self, Context};
use crate::remove::remove_tree;
use rustix::fs::{AtFlags, Timespec, Timestamps, UTIME_NOW};
use rustix::io::Errno;

/// Begins the names of the state files of the tree before, until its successor is committed.
const BEFORE: &str = ".knit-before";
/// Begins the names of those of the tree to come.
const AFTER: &str = ".knit-after";
/// One that is being written. Always the same name: there is one writer, and what it leaves when it is killed is
/// written over, or removed, by the next.
const UNFINISHED: &str = ".knit-unfinished";

/// Whether a name in `node_modules` is that of a state file that waits or is being written.
pub(super) fn is_waiting(name: &str) -> bool {
    name.starts_with(BEFORE) || name.starts_with(AFTER) || name == UNFINISHED
}

impl NodeModulesWriter {
    /// Takes those of the present tree away, as it is going to change.
    pub(super) fn set_state_files_aside(&self) -> Result<()> {
        self.rename_state_files("", BEFORE)
    }

    /// Makes those of the tree before the present ones.
    pub(super) fn restore_state_files(&self) -> Result<()> {
        self.rename_state_files(BEFORE, "")?;
        self.remove_state_files(AFTER)?;
        self.remove_unfinished()
    }

    /// Makes those that were written for the new tree the present ones. Whoever was killed while doing this, or at
    /// the very end of an install, has left present ones of the new tree: those stay.
    pub(super) fn promote_state_files(&self) -> Result<()> {
        self.rename_state_files(AFTER, "")?;
        self.remove_state_files(BEFORE)?;
        // They must be newer than the directories that they describe.
        let now = Timespec { tv_sec: 0, tv_nsec: UTIME_NOW };
        let now = Timestamps { last_access: now, last_modification: now };
        self.state_files.iter().try_for_each(|name| {
            match rustix::fs::utimensat(&self.node_modules, name.as_str(), &now, AtFlags::SYMLINK_NOFOLLOW) {
                Ok(()) | Err(Errno::NOENT) => Ok(()),
                Err(errno) => Err(errno).context("touch", self.state_path(name)),
            }
        })
    }

    /// Removes all that wait.
    pub(super) fn remove_waiting_state_files(&self) -> Result<()> {
        self.remove_state_files(BEFORE)?;
        self.remove_state_files(AFTER)?;
        self.remove_unfinished()
    }

    /// Writes one for the tree to come.
    pub(super) fn write_state_file_ahead(&self, name: &str, contents: &[u8]) -> Result<()> {
        self.write_state_file(&format!("{AFTER}{name}"), contents)
    }

    pub(super) fn write_state_file(&self, name: &str, contents: &[u8]) -> Result<()> {
        let path = self.state_path(name);
        self.remove_unfinished()?;
        let file = fs::create_file(&self.node_modules, UNFINISHED, 0o666).context("create", &path)?;
        let written = fs::write_all(&file, contents)
            .and_then(|()| rustix::fs::renameat(&self.node_modules, UNFINISHED, &self.node_modules, name));
        if written.is_err() {
            // What cannot be removed on a full disk is named so that nobody takes it for anything.
            let _ = self.remove_unfinished();
        }
        written.context("write", path)
    }

    fn remove_unfinished(&self) -> Result<()> {
        remove_tree(&self.node_modules, UNFINISHED).context("remove", self.state_path(UNFINISHED))
    }

    fn remove_state_files(&self, prefix: &str) -> Result<()> {
        self.state_files.iter().try_for_each(|name| {
            let name = format!("{prefix}{name}");
            fs::remove_file(&self.node_modules, name.as_str()).context("remove", self.state_path(&name))
        })
    }

    fn rename_state_files(&self, from: &str, to: &str) -> Result<()> {
        self.state_files.iter().try_for_each(|name| {
            let (from, to) = (format!("{from}{name}"), format!("{to}{name}"));
            match rustix::fs::renameat(&self.node_modules, &*from, &self.node_modules, &*to) {
                Ok(()) | Err(Errno::NOENT) => Ok(()),
                Err(errno) => Err(errno).context("rename", self.state_path(&from)),
            }
        })
    }

    fn state_path(&self, name: &str) -> std::path::PathBuf {
        self.parents.full_path(NODE_MODULES).join(name)
    }
}
