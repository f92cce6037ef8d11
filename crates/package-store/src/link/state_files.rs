//! The files in `node_modules` that describe it. While a tree is being changed, those of the tree before wait under
//! another name: an install that is undone puts them back.

use super::writer::{NODE_MODULES, NodeModulesWriter};
use crate::error::Result;
use crate::fs::{self, Context};
use rustix::io::Errno;

/// The state files of the tree before, until its successor is committed.
pub(super) const ASIDE: &str = ".knit-before";

impl NodeModulesWriter {
    pub(super) fn remove_state_files(&self) -> Result<()> {
        self.remove_files(str::to_owned)?;
        self.remove_state_files_aside()
    }

    /// Forgets those of the tree before.
    pub(super) fn remove_state_files_aside(&self) -> Result<()> {
        self.remove_files(aside)
    }

    /// Removes a file for each state file.
    fn remove_files(&self, name_of: impl Fn(&str) -> String) -> Result<()> {
        self.state_files.iter().try_for_each(|name| {
            let name = name_of(name);
            let path = || self.parents.full_path(NODE_MODULES).join(&name);
            fs::remove_file(&self.node_modules, name.as_str()).context("remove", path())
        })
    }

    pub(super) fn set_state_files_aside(&self) -> Result<()> {
        self.rename_state_files(|name| (name.to_owned(), aside(name)))
    }

    pub(super) fn restore_state_files(&self) -> Result<()> {
        self.rename_state_files(|name| (aside(name), name.to_owned()))
    }

    fn rename_state_files(&self, names_of: impl Fn(&str) -> (String, String)) -> Result<()> {
        self.state_files.iter().try_for_each(|name| {
            let (from, to) = names_of(name);
            match rustix::fs::renameat(&self.node_modules, &*from, &self.node_modules, &*to) {
                Ok(()) | Err(Errno::NOENT) => Ok(()),
                Err(errno) => Err(errno).context("rename", self.parents.full_path(NODE_MODULES).join(from)),
            }
        })
    }
}

/// Where a state file waits while its tree is being changed.
fn aside(name: &str) -> String {
    format!("{ASIDE}{name}")
}
