//! What is in a `node_modules` besides what was planned, and does not stay there in a clean install.

use super::commit;
use super::journal::JOURNAL;
use super::location::{ISOLATED, is_isolated_entry};
use super::state_files::is_waiting;
use super::writer::{NODE_MODULES, NodeModulesWriter};
use crate::error::Result;
use crate::fs::Context;
use crate::remove::{names, remove_tree};
use std::ops::Bound;

impl NodeModulesWriter {
    /// Removes everything from a `node_modules` that was not planned: packages, files, caches, commands. After
    /// [`commit`](Self::commit).
    ///
    /// Errors: [`StoreError::FileSystem`].
    pub fn remove_unplanned(&self, node_modules: &str) -> Result<()> {
        let own = |name: &str| node_modules == NODE_MODULES && (name == JOURNAL || is_waiting(name));
        self.remove_others(node_modules, &|path, name| {
            own(name)
                || self.planned.contains_key(path)
                || name.starts_with('@') && self.has_planned_in(path)
                || name == ISOLATED && self.has_planned_below(path)
        })?;
        self.remove_unplanned_entries(&format!("{node_modules}/{ISOLATED}"))?;
        let scopes = self.planned.keys().filter_map(|location| {
            let (folder, _) = location.split();
            let (above, name) = folder.rsplit_once('/')?;
            (above == node_modules && name.starts_with('@')).then(|| folder.to_owned())
        });
        for scope in scopes.collect::<std::collections::BTreeSet<_>>() {
            self.remove_others(&scope, &|path, _| self.planned.contains_key(path))?;
        }
        commit::remove_if_empty(&self.parents, &format!("{node_modules}/."));
        Ok(())
    }

    /// Removes the entries of the isolated layout in which nothing was planned, and in others what was not.
    fn remove_unplanned_entries(&self, folder: &str) -> Result<()> {
        self.remove_others(folder, &|path, _| self.has_planned_below(path))?;
        let Some(open) = self.parents.find(folder)? else { return Ok(()) };
        for name in names(&open).context("read", self.parents.full_path(folder))? {
            let path = format!("{folder}/{}", name.to_string_lossy());
            if is_isolated_entry(&path) {
                self.remove_unplanned(&format!("{path}/{NODE_MODULES}"))?;
            } else {
                self.remove_unplanned_entries(&path)?;
            }
        }
        Ok(())
    }

    fn has_planned_below(&self, folder: &str) -> bool {
        let below = format!("{folder}/");
        let mut after = self.planned.range::<str, _>((Bound::Excluded(below.as_str()), Bound::Unbounded));
        after.next().is_some_and(|(location, _)| location.as_str().starts_with(&below))
    }

    fn has_planned_in(&self, folder: &str) -> bool {
        self.planned.keys().any(|location| location.split().0 == folder)
    }

    fn remove_others(&self, folder: &str, stays: &dyn Fn(&str, &str) -> bool) -> Result<()> {
        let Some(open) = self.parents.find(folder)? else { return Ok(()) };
        let full = self.parents.full_path(folder);
        for name in names(&open).context("read", &full)? {
            let text = name.to_string_lossy();
            if !stays(&format!("{folder}/{text}"), &text) {
                remove_tree(&open, &*name).context("remove", full.join(&*text))?;
            }
        }
        Ok(())
    }
}
