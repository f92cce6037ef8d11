//! A package in the store, as normalisation of its package.json looks into it.

use std::collections::BTreeSet;

use npm_formats::manifest::PackageFolder;
use package_store::Entry;

/// The files of an entry as a folder.
#[derive(Debug)]
pub struct EntryFolder<'a> {
    entry: &'a Entry,
}

impl<'a> EntryFolder<'a> {
    /// The folder of an entry.
    pub fn new(entry: &'a Entry) -> Self {
        Self { entry }
    }
}

impl PackageFolder for EntryFolder<'_> {
    fn list(&self, folder: &str) -> Vec<String> {
        let prefix =
            if folder.is_empty() { String::new() } else { format!("{}/", folder.trim_end_matches('/')) };
        let mut names = BTreeSet::new();
        for file in self.entry.files() {
            let Some(rest) = file.path.strip_prefix(&prefix) else { continue };
            names.insert(match rest.split_once('/') {
                Some((name, _)) => format!("{name}/"),
                None => rest.to_owned(),
            });
        }
        names.into_iter().collect()
    }

    fn read(&self, path: &str) -> Option<String> {
        self.entry.read(path).ok().map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
    }

    fn git_head(&self) -> Option<String> {
        None
    }
}
