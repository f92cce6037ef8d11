//! Global packages: a node_modules in which nothing depends on anything else, and of which a command changes
//! only what it names.

use std::collections::BTreeSet;
use std::path::Path;

use dependency_resolver::{IdealTree, Request, Update};
use serde_json::{Map, Value};

use crate::installed::Installed;

/// The part of node_modules that an installation may change.
#[derive(Debug)]
pub(super) enum Scope {
    /// All of it.
    Whole,
    /// Packages of these names at the top, with what is nested in them.
    Names(BTreeSet<String>),
}

impl Scope {
    /// What a global request names.
    pub(super) fn of_global(ideal: &IdealTree, request: &Request) -> Self {
        let mut names: BTreeSet<String> = ideal.requested.iter().map(|each| each.name.clone()).collect();
        names.extend(request.remove.iter().cloned());
        match &request.update {
            Update::Nothing => {}
            Update::Names(updated) => names.extend(updated.iter().cloned()),
            Update::All => return Self::Whole,
        }
        Self::Names(names)
    }

    /// Whether a location may be changed.
    pub(super) fn contains(&self, location: &str) -> bool {
        let Self::Names(names) = self else { return true };
        let below = location.strip_prefix("node_modules/").unwrap_or(location);
        let name = below.split("/node_modules/").next().unwrap_or(below);
        names.contains(name)
    }
}

/// The document of the folder of global packages: it depends on what is to be brought up to date.
pub(super) fn document(installed: &Installed, folder: &Path, update: &Update) -> Map<String, Value> {
    let mut dependencies = Map::new();
    for package in &installed.packages {
        let Some(name) = package.location.strip_prefix("node_modules/") else { continue };
        let is_wanted = match update {
            Update::Nothing => false,
            Update::All => true,
            Update::Names(names) => names.iter().any(|wanted| wanted == name),
        };
        if name.contains("/node_modules/") || !is_wanted {
            continue;
        }
        let spec = match &package.link_target {
            Some(target) => {
                let target = crate::workspaces::lexical_join(folder, target);
                format!("file:{}", target.to_string_lossy())
            }
            None => "*".to_owned(),
        };
        dependencies.insert(name.to_owned(), spec.into());
    }
    Map::from_iter([("dependencies".to_owned(), Value::Object(dependencies))])
}
