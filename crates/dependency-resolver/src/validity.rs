//! Whether a node is what a spec asks for.

use npm_formats::hosted_git::UrlOptions;
use npm_formats::specifier::Specifier;
use npm_semver::Range;

use crate::paths;
use crate::spec::Requirement;
use crate::tree::{EdgeId, NodeId, Tree};

/// Whether `child` satisfies `spec` as asked for by `requestor` (through `edge`, where there is one).
pub(crate) fn satisfies_spec(
    tree: &Tree,
    child: NodeId,
    spec: &str,
    requestor: NodeId,
    edge: Option<EdgeId>,
) -> bool {
    let spec = if spec.is_empty() { "*" } else { spec };
    let requirement = tree.specs.requirement(tree.name(child), spec);
    satisfies(tree, child, &requirement, spec, requestor, edge)
}

fn satisfies(
    tree: &Tree,
    child: NodeId,
    requirement: &Requirement,
    spec: &str,
    requestor: NodeId,
    edge: Option<EdgeId>,
) -> bool {
    let node = tree.node(child);
    match requirement {
        Requirement::Range { any: true, .. } => true,
        Requirement::Range { range, .. } => in_range(tree, child, range),
        Requirement::Alias { target, .. } => satisfies(tree, child, target, spec, requestor, edge),
        // it came from a registry and was tagged there at some point
        Requirement::Tag { .. } => node.resolved().is_some_and(is_remote),
        Requirement::Remote { url } => node.resolved() == Some(url),
        Requirement::Directory => {
            if tree.options.install_links && !tree.is_workspace(child) {
                return !node.is_link;
            }
            node.is_link && local_path(tree, child, spec, requestor, edge).as_deref() == node.realpath()
        }
        Requirement::File => {
            !node.is_link
                && node.resolved().is_some_and(|resolved| {
                    local_path(tree, child, spec, requestor, edge)
                        .is_some_and(|path| resolved.strip_prefix("file:") == Some(&path))
                })
        }
        Requirement::Git { spec: asked, range } => {
            is_same_repository(tree, child, asked, requestor)
                && range.as_ref().is_none_or(|range| in_range(tree, child, range))
        }
        Requirement::Invalid { .. } => false,
    }
}

fn in_range(tree: &Tree, child: NodeId, range: &Range) -> bool {
    let node = tree.node(child);
    let package = match node.target {
        Some(target) if node.is_link => &tree.node(target).package,
        _ => &node.package,
    };
    package.parsed_version().is_some_and(|version| range.satisfies(version))
}

fn is_remote(resolved: &str) -> bool {
    resolved.starts_with("https://") || resolved.starts_with("http://")
}

fn local_path(
    tree: &Tree,
    child: NodeId,
    spec: &str,
    requestor: NodeId,
    edge: Option<EdgeId>,
) -> Option<String> {
    let specifier = Specifier::resolve(tree.name(child), spec, &from_path(tree, requestor, edge)).ok()?;
    specifier.fetch_spec().map(str::to_owned)
}

fn is_same_repository(tree: &Tree, child: NodeId, asked: &Specifier, requestor: NodeId) -> bool {
    let Some(found) = tree.node(child).resolved().and_then(|resolved| Specifier::parse(resolved, "/").ok())
    else {
        return false;
    };
    let (Some(asked_git), Some(found_git)) = (asked.git(), found.git()) else { return false };
    let committish = asked_git.committish().unwrap_or_default();
    let is_commit =
        (40..=64).contains(&committish.len()) && committish.bytes().all(|byte| byte.is_ascii_hexdigit());
    let same = match (found_git.hosted(), asked_git.hosted()) {
        (Some(found), Some(asked)) => {
            let options = UrlOptions { no_committish: !is_commit, ..UrlOptions::default() };
            found.ssh(options) == asked.ssh(options)
        }
        (Some(_), None) => false,
        (None, _) => found.fetch_spec() == asked.fetch_spec(),
    };
    if !same || asked_git.range().is_some() || is_commit {
        return same;
    }
    // a branch or tag cannot be told from the commit it led to; the lockfile says what was asked for then
    let key = (tree.node(requestor).location.clone(), tree.name(child).clone());
    match tree.locked_git_specs.get(&key).and_then(|spec| Specifier::resolve(&key.1, spec, "/").ok()) {
        Some(locked) if locked.git().is_some() => {
            locked.git().and_then(|git| git.committish()).unwrap_or_default() == committish
        }
        _ => true,
    }
}

/// The folder that the relative paths in a node's specs start from.
pub(crate) fn from_path(tree: &Tree, node: NodeId, edge: Option<EdgeId>) -> String {
    let realpath = |id: NodeId| tree.node(id).realpath().unwrap_or("/").to_owned();
    if let Some(edge) = edge.map(|edge| tree.edge(edge))
        && let Some(rule) = edge.rule
        && tree.overrides.name(rule) == Some(edge.name)
    {
        return realpath(tree.root(tree.node(node).source.unwrap_or(node)));
    }
    match tree.node(node).resolved().and_then(|resolved| resolved.strip_prefix("file:")) {
        Some(path) if !tree.node(node).is_link => paths::dirname(path).to_owned(),
        _ => realpath(node),
    }
}
