//! `query`: packages by npm's dependency selectors. Source: npm 11.19.1.
//!
//! `:root` and `:scope` mean in `:not()` and `:is()` what they mean elsewhere, where npm finds nothing for them.
//! Aliased packages are looked up for `:outdated` and `:vuln` by their own names, where npm takes the alias for one.

mod attributes;
mod evaluate;
mod parse;
mod registry;
mod versions;

use std::borrow::Cow;
use std::collections::HashSet;

use dependency_resolver::NodeId;
use diagnostics::Diagnostic;
use npm_formats::collation;
use registry_client::{ClientOptions, RegistryError};
use serde_json::{Map, Value};

use super::{ProjectTree, Source, TreeError};
use crate::settings::Settings;
pub(super) use attributes::is_truthy;
use evaluate::{Evaluation, Item};
use parse::Selector;
pub use parse::SelectorError;
use registry::RegistryFacts;

/// Why a query has no answer.
#[derive(Debug, thiserror::Error)]
pub enum QueryError {
    #[error(transparent)]
    Selector(#[from] SelectorError),
    #[error(transparent)]
    Tree(#[from] TreeError),
    #[error(transparent)]
    Registry(#[from] RegistryError),
}

impl diagnostics::Report for QueryError {
    fn code(&self) -> Cow<'static, str> {
        match self {
            Self::Selector(error) => error.code().into(),
            Self::Tree(error) => error.code(),
            Self::Registry(error) => error.code().into(),
        }
    }

    fn hints(&self) -> Vec<String> {
        match self {
            Self::Selector(error) => error.hint().into_iter().collect(),
            Self::Tree(error) => error.hints(),
            Self::Registry(error) => error.hint().into_iter().collect(),
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
    /// What a registry said of it, as far as it was asked.
    pub context: Map<String, Value>,
}

/// The answer to a query.
#[derive(Debug, Clone, Default)]
pub struct Answer {
    pub matches: Vec<Match>,
    /// Packages about which the registry could not be asked.
    pub warnings: Vec<Diagnostic>,
}

/// The packages that a selector means, sorted by location; what links lead to stands for the links. `registry` is
/// only called where the selector asks one.
///
/// *Errors*: [`QueryError`], and those of `registry`.
pub fn query(
    settings: &Settings,
    selector: &str,
    lockfile_only: bool,
    registry: impl FnOnce() -> Result<ClientOptions, Diagnostic>,
) -> Result<Answer, Diagnostic> {
    let selectors = parse::parse(selector).map_err(QueryError::from)?;
    let facts = match parse::asks_registry(&selectors) {
        true => Some(RegistryFacts::new(settings, registry()?).map_err(QueryError::from)?),
        false => None,
    };
    let matches = matches(settings, &selectors, lockfile_only, facts.as_ref())?;
    Ok(Answer { matches, warnings: facts.map(RegistryFacts::into_warnings).unwrap_or_default() })
}

fn matches(
    settings: &Settings,
    selectors: &[Selector],
    lockfile_only: bool,
    facts: Option<&RegistryFacts<'_>>,
) -> Result<Vec<Match>, QueryError> {
    let source = if lockfile_only { Source::Lockfile } else { Source::Folders };
    let project = ProjectTree::load(settings, source)?;
    let mut seen = HashSet::new();
    let mut matches = Vec::new();
    for scope in scopes(&project, settings)? {
        let evaluation = Evaluation::new(&project, scope, facts);
        for item in select(&project, selectors, &evaluation)? {
            let is_new = match item {
                Item::Node(node) => seen.insert(project.tree.followed(node)),
                Item::Missing(_) => true,
            };
            if is_new {
                matches.push(Match { context: evaluation.context(item), ..describe(&project, item) });
            }
        }
    }
    Ok(matches)
}

/// The packages that a selector means, sorted by location, links beside what they lead to.
///
/// *Errors*: [`QueryError`]; no registry is asked here.
pub(super) fn select_nodes(project: &ProjectTree, selector: &str) -> Result<Vec<NodeId>, QueryError> {
    let selectors = parse::parse(selector)?;
    let items = select(project, &selectors, &Evaluation::new(project, project.root, None))?;
    Ok(items
        .into_iter()
        .filter_map(|item| match item {
            Item::Node(node) => Some(node),
            Item::Missing(_) => None,
        })
        .collect())
}

fn select(
    project: &ProjectTree,
    selectors: &[Selector],
    evaluation: &Evaluation<'_>,
) -> Result<Vec<Item>, QueryError> {
    let mut items = evaluation.select(selectors)?;
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
                context: Map::new(),
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
                context: Map::new(),
            }
        }
    }
}
