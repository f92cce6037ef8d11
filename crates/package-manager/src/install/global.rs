//! Global packages: a node_modules in which nothing depends on anything else.

use std::path::Path;

use dependency_resolver::Update;
use serde_json::{Map, Value};

use crate::installed::Installed;

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
