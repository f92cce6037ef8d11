//! The end of building: why each node is there, what goes, and what does not fit this machine.

use npm_formats::config::OmitSet;
use serde_json::Value;

use super::{Builder, Warning};
use crate::error::ResolveError;
use crate::flags::{calculate_flags, optional_set, reset_flags};
use crate::package::Package;
use crate::pick_manifest::runs_on;
use crate::tree::{Flags, NodeId, Tree};

impl Builder<'_> {
    pub(super) fn finish(&mut self) -> Result<(), ResolveError> {
        if self.started_from_disk && self.tree_changed {
            reset_flags(&mut self.tree, self.root);
        }
        if !self.started_from_disk || self.tree_changed {
            calculate_flags(&mut self.tree, self.root, true);
        } else {
            self.tree.node_mut(self.root).flags = Flags::UNSET;
        }
        // what was found installed is left alone as long as nothing changes
        let is_suspect = self.tree_changed || self.started_from_lockfile;
        if self.options.prune && self.started_from_disk && is_suspect {
            prune_extraneous(&mut self.tree, self.root);
        }
        self.settle_failures()?;
        self.check_engines_and_platforms()
    }

    /// What could not be loaded ends the installation, unless it is optional.
    fn settle_failures(&mut self) -> Result<(), ResolveError> {
        for node in std::mem::take(&mut self.load_failures) {
            let known = self.tree.node(node);
            if known.root != self.root {
                continue;
            }
            if !known.flags.optional {
                match known.errors.first() {
                    Some(error) => return Err(ResolveError::Load(Box::new(error.clone()))),
                    None => continue,
                }
            }
            for member in optional_set(&self.tree, node) {
                self.tree.node_mut(member).inert = true;
            }
        }
        Ok(())
    }

    fn check_engines_and_platforms(&mut self) -> Result<(), ResolveError> {
        let platform = self.options.platform.clone();
        for node in self.tree.inventory(self.root) {
            let known = self.tree.node(node);
            let package = known.package.clone();
            if !known.flags.optional {
                let is_root_with_dev_engines = node == self.root && package.flag("devEngines");
                let node_version = (!self.options.force).then_some(&platform.node_version);
                if should_omit(&self.tree, node, self.options.omit) {
                    continue;
                }
                if !is_root_with_dev_engines && !fits_engines(&package, node_version, &platform.npm_version) {
                    self.report_engine(node, &package)?;
                }
                if !self.options.force && !fits_platform(&package, &platform) {
                    return Err(ResolveError::Platform {
                        package: package_id(&self.tree, node),
                        required: wanted_platform(&package),
                        current: current_platform(&platform),
                    });
                }
            } else if !known.inert
                && (!fits_engines(&package, Some(&platform.node_version), &platform.npm_version)
                    || !fits_platform(&package, &platform))
            {
                for member in optional_set(&self.tree, node) {
                    self.tree.node_mut(member).inert = true;
                }
            }
        }
        Ok(())
    }

    fn report_engine(&mut self, node: NodeId, package: &Package) -> Result<(), ResolveError> {
        let id = package_id(&self.tree, node);
        let required = package.json.get("engines").map(Value::to_string).unwrap_or_default();
        let current = self.options.platform.node_version.to_string();
        if self.options.engine_strict {
            return Err(ResolveError::Engine { package: id, required, node: current });
        }
        self.warnings.push(Warning::Engine { package: id, required, node: current });
        Ok(())
    }
}

/// Takes every extraneous node out of the tree.
pub(crate) fn prune_extraneous(tree: &mut Tree, root: NodeId) {
    for node in tree.inventory(root) {
        if tree.node(node).flags.extraneous && tree.root(node) == root {
            tree.set_parent(node, None);
        }
    }
}

/// Whether a node is of a kind that is left out.
pub fn should_omit(tree: &Tree, node: NodeId, omit: OmitSet) -> bool {
    if omit == OmitSet::default() {
        return false;
    }
    let top = tree.top(node);
    if !tree.is_project_root(top) && !tree.is_workspace(top) {
        return false;
    }
    let flags = tree.node(node).flags;
    (flags.peer && omit.peer)
        || (flags.dev && omit.dev)
        || (flags.optional && omit.optional)
        || (flags.dev_optional && omit.optional && omit.dev)
}

fn package_id(tree: &Tree, node: NodeId) -> String {
    let package = &tree.node(node).package;
    let name = package.name().unwrap_or(tree.name(node));
    format!("{name}@{}", tree.node(node).version())
}

fn fits_engines(package: &Package, node: Option<&npm_semver::Version>, npm: &npm_semver::Version) -> bool {
    let engines = package.json.get("engines");
    let range = |engine: &str| engines.and_then(|engines| engines.get(engine)).and_then(Value::as_str);
    node.is_none_or(|version| runs_on(range("node"), version)) && runs_on(range("npm"), npm)
}

/// Whether a package's `os`, `cpu` and `libc` allow a platform.
pub fn fits_platform(package: &Package, platform: &crate::options::Platform) -> bool {
    let allows = |key: &str, value: Option<&str>| match package.json.get(key) {
        Some(list) if crate::package::is_truthy(list) => value.is_some_and(|value| list_allows(list, value)),
        _ => true,
    };
    allows("os", Some(&platform.os))
        && allows("cpu", Some(&platform.cpu))
        && allows("libc", platform.libc.as_deref())
}

/// Whether a list of names, some of them negated by `!`, allows a value.
fn list_allows(list: &Value, value: &str) -> bool {
    let names: Vec<&str> = match list {
        Value::String(name) => vec![name],
        Value::Array(names) => names.iter().filter_map(Value::as_str).collect(),
        _ => return true,
    };
    if names == ["any"] {
        return true;
    }
    let (negated, named): (Vec<&str>, Vec<&str>) = names.iter().partition(|name| name.starts_with('!'));
    if negated.iter().any(|name| &name[1..] == value) {
        return false;
    }
    named.contains(&value) || named.is_empty()
}

fn wanted_platform(package: &Package) -> String {
    let parts = ["os", "cpu", "libc"]
        .into_iter()
        .filter_map(|key| package.json.get(key).map(|value| format!("{key} {value}")));
    parts.collect::<Vec<_>>().join(", ")
}

fn current_platform(platform: &crate::options::Platform) -> String {
    let libc = platform.libc.as_deref().map(|libc| format!(", libc {libc}")).unwrap_or_default();
    format!("os {}, cpu {}{libc}", platform.os, platform.cpu)
}
