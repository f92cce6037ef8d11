//! `explain`: why a package is installed. Source: npm 11.19.1.

use std::collections::{HashMap, VecDeque};
use std::path::Path;

use dependency_resolver::{Explanation, NodeId};
use npm_formats::package_name;
use npm_formats::specifier::{Specifier, SpecifierKind};

use super::{ProjectTree, Source, TreeError};
use crate::settings::Settings;
use crate::workspaces::{lexical_join, relative_path};

/// Why one package is installed.
#[derive(Debug)]
pub struct Reason {
    /// Who depends on it, up to the root.
    pub explanation: Explanation,
    /// Whether nothing does.
    pub extraneous: bool,
    /// Only for development.
    pub dev: bool,
    /// Only optionally.
    pub optional: bool,
    /// Only for development or optionally.
    pub dev_optional: bool,
    /// Only as a peer.
    pub peer: bool,
    /// It came in another package's tarball.
    pub bundled: bool,
    /// Its version is an override's.
    pub overridden: bool,
    /// The shortest way to it: `name@version` from a dependency of the root to the package itself. Empty for
    /// what the root does not reach.
    pub way: Vec<String>,
}

/// Explains every package that an argument means: by name, by `name@range`, by location or by path.
///
/// *Errors*: [`TreeError`]. An empty answer is none.
pub fn explain(settings: &Settings, arguments: &[String]) -> Result<Vec<Reason>, TreeError> {
    let project = ProjectTree::load(settings, Source::Installed)?;
    let filter = project.workspace_filter(settings, false)?;
    let mut nodes: Vec<NodeId> = Vec::new();
    for argument in arguments {
        for node in meant(&project, argument, &settings.places.working_directory) {
            if filter.as_ref().is_none_or(|filter| filter.contains(&node)) && !nodes.contains(&node) {
                nodes.push(node);
            }
        }
    }
    let ways = Ways::from_root(&project);
    Ok(nodes.into_iter().map(|node| reason(&project, &ways, node)).collect())
}

fn reason(project: &ProjectTree, ways: &Ways, node: NodeId) -> Reason {
    let flags = project.tree.node(node).flags();
    Reason {
        explanation: project.tree.explain(node, None),
        extraneous: flags.extraneous,
        dev: flags.dev,
        optional: flags.optional,
        dev_optional: flags.dev_optional,
        peer: flags.peer,
        bundled: project.tree.bundler(node).is_some(),
        overridden: project.tree.is_overridden(node),
        way: ways.to(project, node),
    }
}

fn meant(project: &ProjectTree, argument: &str, started_in: &Path) -> Vec<NodeId> {
    let named = |name: &str| {
        let all = project.tree.inventory(project.root).into_iter();
        all.filter(|&node| project.package_name(node) == Some(name)).collect::<Vec<_>>()
    };
    if package_name::validate(argument).is_valid_for_old_packages() {
        return named(argument);
    }
    let trimmed = argument.trim_end_matches('/');
    let path = relative_path(&project.directory, &lexical_join(started_in, trimmed));
    let found = [trimmed, &path].into_iter().find_map(|place| project.tree.at_location(project.root, place));
    if let Some(node) = found {
        return vec![node];
    }
    let place = project.directory.to_string_lossy();
    let Ok(specifier) = Specifier::parse(argument, &*place) else { return Vec::new() };
    if !matches!(specifier.kind(), SpecifierKind::Version | SpecifierKind::Range) {
        return Vec::new();
    }
    let (Some(name), Some(range)) = (specifier.name(), specifier.range()) else { return Vec::new() };
    let is_in_range = |&node: &NodeId| {
        let version = project.tree.node(node).package().parsed_version();
        version.is_some_and(|version| range.satisfies(version))
    };
    named(name).into_iter().filter(is_in_range).collect()
}

/// From whom each node is first reached, breadth first from the root.
struct Ways(HashMap<NodeId, NodeId>);

impl Ways {
    fn from_root(project: &ProjectTree) -> Self {
        let tree = &project.tree;
        let mut before = HashMap::new();
        let mut queue = VecDeque::from([project.root]);
        while let Some(node) = queue.pop_front() {
            let reached = tree.node(node).edges_out().filter(|&edge| tree.edge_is_valid(edge));
            let reached = reached.filter_map(|edge| tree.edge_to(edge)).chain(tree.node(node).target());
            for next in reached {
                if next != project.root && !before.contains_key(&next) {
                    before.insert(next, node);
                    queue.push_back(next);
                }
            }
        }
        Self(before)
    }

    fn to(&self, project: &ProjectTree, node: NodeId) -> Vec<String> {
        let mut way: Vec<String> = Vec::new();
        let mut at = node;
        while let Some(&before) = self.0.get(&at) {
            // a link and its folder are one package
            if !project.tree.node(at).is_link() || at == node {
                way.push(project.package_id(at));
            }
            at = before;
        }
        way.reverse();
        way
    }
}
