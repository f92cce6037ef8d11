//! The names of entries: `name@version-key`.
//!
//! The key is a digest of the package and all that can be reached from it, so that it changes with any of that. It is
//! npm's: every package in the order of a walk in depth, each with the way to it, sorted.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use dependency_resolver::NodeId;
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};
use sha3::Shake256;
use sha3::digest::{ExtendableOutput, Update, XofReader};

use super::graph::{Graph, package_name};
use crate::settings::Settings;

const KEY_BYTES: usize = 16;
/// What file systems allow in one name.
const LONGEST_NAME: usize = 255;

/// The name of every package's entry.
pub(super) fn entries(graph: &Graph<'_>, settings: &Settings) -> FxHashMap<NodeId, String> {
    let nodes: Vec<NodeId> = graph.reached().collect();
    let numbers: FxHashMap<NodeId, usize> = nodes.iter().enumerate().map(|(at, &node)| (node, at)).collect();
    let steps = nodes.iter().map(|&node| Step::of(graph, node, &numbers, settings)).collect();
    let walk = Walk { steps };
    let tree = graph.tree();
    let packages = graph.packages().iter();
    let packages =
        packages.map(|&node| (node, numbers[&node], package_name(tree, node), tree.node(node).version()));
    let packages: Vec<_> = packages.collect();
    packages
        .into_par_iter()
        .map(|(node, number, name, version)| (node, entry_name(&name, version, &walk.key(number))))
        .collect()
}

/// How a package appears in keys, and what comes after it.
struct Step {
    /// `name@version`
    id: String,
    resolved: String,
    /// Numbers of what it depends on.
    next: Vec<usize>,
}

impl Step {
    fn of(graph: &Graph<'_>, node: NodeId, numbers: &FxHashMap<NodeId, usize>, settings: &Settings) -> Self {
        let tree = graph.tree();
        let known = tree.node(node);
        let name = package_name(tree, node);
        let is_folder = known.parent().is_none();
        // npm has no version of folders in its keys
        let version = if is_folder { "undefined" } else { known.version() };
        let is_recorded =
            !(settings.install.omit_lockfile_registry_resolved && tree.is_registry_dependency(node));
        let resolved = known.resolved().filter(|_| !is_folder && is_recorded).unwrap_or("null");
        let next = graph.dependencies(node).iter();
        let next = next.filter_map(|each| numbers.get(&tree.followed(each.to)).copied()).collect();
        Self { id: format!("{name}@{version}"), resolved: resolved.to_owned(), next }
    }
}

/// What keys are made from.
struct Walk {
    steps: Vec<Step>,
}

impl Walk {
    fn key(&self, start: usize) -> String {
        let mut ways = self.ways(start);
        if ways.iter().all(|way| way.is_ascii()) {
            ways.sort_unstable();
        } else {
            // JavaScript compares UTF-16
            ways.sort_by_cached_key(|way| way.encode_utf16().collect::<Vec<_>>());
        }
        let mut hasher = Shake256::default();
        for (at, way) in ways.iter().enumerate() {
            if at > 0 {
                hasher.update(b",");
            }
            hasher.update(way.as_bytes());
        }
        let mut digest = [0; KEY_BYTES];
        hasher.finalize_xof().read(&mut digest);
        URL_SAFE_NO_PAD.encode(digest)
    }

    /// `a@1.0.0->b@2.0.0::<where b comes from>` for everything that is reached, by the first way to it.
    fn ways(&self, start: usize) -> Vec<String> {
        let mut ways = Vec::new();
        let mut seen = FxHashSet::default();
        let mut branch = String::new();
        // a step, how many of the next ones are done, how long the branch was before it
        let mut path: Vec<(&Step, usize, usize)> = Vec::new();
        let mut enter = Some(start);
        loop {
            if let Some(step) = enter.take().filter(|&at| seen.insert(at)).map(|at| &self.steps[at]) {
                path.push((step, 0, branch.len()));
                if !branch.is_empty() {
                    branch.push_str("->");
                }
                branch.push_str(&step.id);
                ways.push(format!("{branch}::{}", step.resolved));
            }
            let Some((step, done, before)) = path.last_mut() else { return ways };
            match step.next.get(*done) {
                Some(&next) => {
                    *done += 1;
                    enter = Some(next);
                }
                None => {
                    branch.truncate(*before);
                    path.pop();
                }
            }
        }
    }
}

/// One name of a directory, or two where the package has a scope.
fn entry_name(name: &str, version: &str, key: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '+' | '_');
    let mut version: String = version.chars().map(|c| if is_plain(c) { c } else { '+' }).collect();
    let base = name.rsplit('/').next().unwrap_or(name);
    version.truncate(LONGEST_NAME.saturating_sub(base.len() + key.len() + 2));
    format!("{name}@{version}-{key}")
}
