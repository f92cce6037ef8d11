//! `query`: packages by npm's dependency selectors. Source: npm 11.19.1.
//!
//! `:root` and `:scope` mean in `:not()` and `:is()` what they mean elsewhere, where npm finds nothing for them.
//! Not here: `:outdated` and `:vuln`, which ask a registry.

mod attributes;
mod evaluate;
mod parse;
mod versions;

use std::borrow::Cow;
use std::collections::HashSet;

use dependency_resolver::NodeId;
use npm_formats::collation;
use serde_json::{Map, Value};

use super::{ProjectTree, Source, TreeError};
use crate::settings::Settings;
pub(super) use attributes::is_truthy;
use evaluate::{Evaluation, Item};
pub use parse::SelectorError;

/// Why a query has no answer.
#[derive(Debug, thiserror::Error)]
pub enum QueryError {
    #[error(transparent)]
    Selector(#[from] SelectorError),
    #[error(transparent)]
    Tree(#[from] TreeError),
}

impl diagnostics::Report for QueryError {
    fn code(&self) -> Cow<'static, str> {
        match self {
            Self::Selector(error) => error.code().into(),
            Self::Tree(error) => error.code(),
        }
    }

    fn hints(&self) -> Vec<String> {
        match self {
            Self::Selector(error) => error.hint().into_iter().collect(),
            Self::Tree(error) => error.hints(),
        }
    }
}

/// A package that a selector means.
#[derive(Debug, Clone)]
pub struct Match {
    /// Its package.json, or its lockfile entry.
    pub package: Map<String, Value>,
    /// `name@version`
    pub package_id: String,
    /// Its location; `None` for a package that is missing.
    pub location: Option<String>,
    /// Its absolute path.
    pub path: Option<String>,
    /// Its folder, links followed.
    pub realpath: Option<String>,
    /// Where it comes from.
    pub resolved: Option<String>,
    /// The locations of its dependents.
    pub from: Vec<String>,
    /// The locations of its dependencies.
    pub to: Vec<String>,
    /// Only for development.
    pub dev: bool,
    /// It came in another package's tarball.
    pub bundled: bool,
    /// Its version is an override's.
    pub overridden: bool,
}

/// The packages that a selector means, sorted by location; what links lead to stands for the links.
///
/// *Errors*: [`QueryError`].
pub fn query(settings: &Settings, selector: &str, lockfile_only: bool) -> Result<Vec<Match>, QueryError> {
    let source = if lockfile_only { Source::Lockfile } else { Source::Folders };
    let project = ProjectTree::load(settings, source)?;
    let scopes = scopes(&project, settings)?;
    let mut seen = HashSet::new();
    let mut matches = Vec::new();
    for scope in scopes {
        for item in select(&project, selector, scope)? {
            let is_new = match item {
                Item::Node(node) => seen.insert(project.tree.followed(node)),
                Item::Missing(_) => true,
            };
            if is_new {
                matches.push(describe(&project, item));
            }
        }
    }
    Ok(matches)
}

/// The packages that a selector means, sorted by location, links beside what they lead to.
pub(super) fn select_nodes(project: &ProjectTree, selector: &str) -> Result<Vec<NodeId>, SelectorError> {
    let items = select(project, selector, project.root)?;
    Ok(items
        .into_iter()
        .filter_map(|item| match item {
            Item::Node(node) => Some(node),
            Item::Missing(_) => None,
        })
        .collect())
}

fn select(project: &ProjectTree, selector: &str, scope: NodeId) -> Result<Vec<Item>, SelectorError> {
    let selectors = parse::parse(selector)?;
    let mut items = Evaluation::new(project, scope).select(&selectors)?;
    let place = |item: &Item| match *item {
        Item::Node(node) => project.tree.node(node).location(),
        Item::Missing(_) => "undefined",
    };
    items.sort_by(|a, b| collation::compare(place(a), place(b)));
    Ok(items)
}

/// What `:scope` means, once for each workspace that is selected.
fn scopes(project: &ProjectTree, settings: &Settings) -> Result<Vec<NodeId>, TreeError> {
    let mut scopes = project.selected_workspaces(settings)?;
    if scopes.is_empty() || settings.workspaces.include_root {
        scopes.insert(0, project.root);
    }
    Ok(scopes)
}

fn describe(project: &ProjectTree, item: Item) -> Match {
    let tree = &project.tree;
    let location = |node: NodeId| tree.node(node).location().to_owned();
    match item {
        Item::Missing(edge) => {
            let package = evaluate::missing_package(project, edge);
            Match {
                package_id: package.get("_id").and_then(Value::as_str).unwrap_or_default().to_owned(),
                package,
                location: None,
                path: None,
                realpath: None,
                resolved: None,
                from: vec![location(tree.edge_from(edge))],
                to: Vec::new(),
                // nothing has shown yet what it is needed for
                dev: true,
                bundled: false,
                overridden: false,
            }
        }
        Item::Node(found) => {
            let node = tree.followed(found);
            let known = tree.node(node);
            Match {
                package: known.package().json.clone(),
                package_id: project.package_id(node),
                location: Some(location(node)),
                path: known.path().map(str::to_owned),
                realpath: known.realpath().map(str::to_owned),
                resolved: project.resolved(node),
                from: known.edges_in().map(|edge| location(tree.edge_from(edge))).collect(),
                to: known.edges_out().filter_map(|edge| tree.edge_to(edge)).map(location).collect(),
                dev: known.flags().dev,
                bundled: tree.bundler(node).is_some(),
                overridden: tree.is_overridden(found),
            }
        }
    }
}
