//! `outdated`: dependencies for which a registry has something newer. Source: npm 11.19.1.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use dependency_resolver::{
    EdgeId, FetchError, NodeId, PickOptions, Platform, Requirement, name_matches, pick_manifest,
};
use npm_formats::collation;
use npm_formats::packument::Packument;
use registry_client::{PackumentKind, RegistryClient, RegistryError};
use serde_json::Value;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::{NodeSet, ProjectTree, Source, TreeError};
use crate::settings::Settings;

/// Packuments asked for at a time; the client bounds its connections besides.
const CONCURRENCY: usize = 64;

/// Why it cannot be told what is outdated.
#[derive(Debug, thiserror::Error)]
pub enum OutdatedError {
    #[error(transparent)]
    Tree(#[from] TreeError),
    #[error(transparent)]
    Registry(#[from] RegistryError),
    #[error(transparent)]
    Choice(#[from] FetchError),
}

impl diagnostics::Report for OutdatedError {
    fn code(&self) -> Cow<'static, str> {
        match self {
            Self::Tree(error) => error.code(),
            Self::Registry(error) => error.code().into(),
            Self::Choice(error) => error.code.clone().into(),
        }
    }

    fn hints(&self) -> Vec<String> {
        match self {
            Self::Tree(error) => error.hints(),
            Self::Registry(error) => error.hint().into_iter().collect(),
            Self::Choice(error) => error.hint.clone().into_iter().collect(),
        }
    }
}

/// What to look at.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// Names under which packages stand; none for what the project and its workspaces depend on.
    pub names: Vec<String>,
    /// `--all`: what packages depend on too.
    pub all: bool,
    /// Whether home pages are wanted, for which the whole packument is needed.
    pub long: bool,
}

/// A dependency that is not at the latest version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outdated {
    /// The name it is depended on by; of an alias `alias:name@spec`.
    pub name: String,
    /// The absolute path of the package; `None` where it is missing.
    pub path: Option<String>,
    /// Its location.
    pub location: Option<String>,
    /// The section that has the dependency.
    pub section: &'static str,
    /// The version that is installed.
    pub current: Option<String>,
    /// The version that the spec asks for.
    pub wanted: String,
    /// The version that is released.
    pub latest: String,
    /// The name of the dependent; `global` for global packages.
    pub dependent: String,
    /// `name@version` of the dependent where it is a workspace.
    pub workspace: Option<String>,
    /// The location of the dependent; empty for the root, `global` for global packages.
    pub dependent_location: String,
    /// The home page of the package, where it was asked for.
    pub homepage: Option<String>,
}

/// One dependency to be looked up.
struct Candidate {
    name: String,
    node: Option<NodeId>,
    section: &'static str,
    registry_name: String,
    requirement: Requirement,
    from: Option<NodeId>,
}

/// Finds what is outdated, sorted by name and dependent. What the registry does not have is left out.
///
/// *Errors*: [`OutdatedError`].
pub async fn outdated(
    settings: &Settings,
    request: &Request,
    client: &RegistryClient,
    platform: &Platform,
) -> Result<Vec<Outdated>, OutdatedError> {
    let project = ProjectTree::load(settings, Source::Installed)?;
    let filter = project.workspace_filter(settings, settings.workspaces.include_root)?;
    let candidates = candidates(&project, settings, request, &filter);
    let is_full = request.long || settings.install.before.is_some();
    let kind = if is_full { PackumentKind::Full } else { PackumentKind::Abbreviated };
    let names = candidates.iter().map(|candidate| candidate.registry_name.clone());
    let mut packuments = packuments(client, names.collect(), kind).await;
    // what the registry refuses or does not have is left out
    packuments.retain(
        |_, answer| !matches!(answer, Err(error) if matches!(error.code().as_str(), "E404" | "E403")),
    );
    let mut found = Vec::new();
    for candidate in &candidates {
        let packument = match packuments.get(&candidate.registry_name) {
            Some(Ok(packument)) => packument,
            Some(Err(error)) => return Err(error.clone().into()),
            None => continue,
        };
        found.extend(compare(&project, settings, request, platform, candidate, packument)?);
    }
    found.sort_by(|a, b| {
        collation::compare(&a.name, &b.name).then_with(|| collation::compare(&a.dependent, &b.dependent))
    });
    Ok(found)
}

fn candidates(
    project: &ProjectTree,
    settings: &Settings,
    request: &Request,
    filter: &NodeSet,
) -> Vec<Candidate> {
    let tree = &project.tree;
    if project.is_global {
        let children = tree.node(project.root).children();
        let wanted = children.filter(|&child| {
            let name: &str = tree.name(child);
            request.names.is_empty() || request.names.iter().any(|asked| asked == name)
        });
        return wanted.map(|child| global_candidate(project, child)).collect();
    }
    let mut edges: Vec<EdgeId> = Vec::new();
    let of = |node: NodeId| tree.node(node).edges_out();
    if request.names.is_empty() {
        let is_workspace = |&node: &NodeId| tree.is_workspace(node) && !tree.node(node).is_link();
        let all = tree.inventory(project.root);
        let dependents: Vec<NodeId> = if request.all {
            all
        } else {
            std::iter::once(project.root).chain(all.into_iter().filter(is_workspace)).collect()
        };
        edges.extend(dependents.into_iter().flat_map(of));
    } else {
        for name in &request.names {
            edges.extend(
                tree.with_name(project.root, name).into_iter().flat_map(|node| tree.node(node).edges_in()),
            );
        }
    }
    edges.retain(|&edge| filter.as_ref().is_none_or(|filter| filter.contains(&tree.edge_from(edge))));
    edges.into_iter().filter_map(|edge| candidate(project, settings, edge)).collect()
}

/// A global package is not asked for by anything: the latest version is what is wanted.
fn global_candidate(project: &ProjectTree, node: NodeId) -> Candidate {
    let name = project.tree.name(node).to_string();
    Candidate {
        node: Some(node),
        section: "dependencies",
        registry_name: name.clone(),
        requirement: Requirement::parse(&name, "*"),
        from: None,
        name,
    }
}

fn candidate(project: &ProjectTree, settings: &Settings, edge: EdgeId) -> Option<Candidate> {
    let tree = &project.tree;
    let (kind, node, name, spec) =
        (tree.edge_kind(edge), tree.edge_to(edge), tree.edge_name(edge), tree.edge_spec(edge));
    let section = match kind {
        _ if kind.is_optional() => "optionalDependencies",
        _ if kind.is_peer() => "peerDependencies",
        dependency_resolver::EdgeKind::Dev => "devDependencies",
        _ => "dependencies",
    };
    let omit = settings.install.omit;
    let (is_dev, is_optional, is_peer) = match node.map(|node| tree.node(node).flags()) {
        Some(flags) => (flags.dev, flags.optional, flags.peer),
        None => (section == "devDependencies", kind.is_optional(), kind.is_peer()),
    };
    if (omit.dev && is_dev) || (omit.optional && is_optional) || (omit.peer && is_peer) {
        return None;
    }
    // what is not installed is reported only of dependencies proper, and of optional ones
    if project.is_missing(edge) && section != "dependencies" {
        return None;
    }
    let requirement = Requirement::parse(name, &spec);
    if !requirement.is_registry() {
        return None;
    }
    let (registry_name, _) = requirement.registry_request(name)?;
    let is_alias = matches!(requirement, Requirement::Alias { .. });
    let name = if is_alias { spec.replacen("npm", name, 1) } else { name.to_string() };
    Some(Candidate { name, node, section, registry_name, requirement, from: Some(tree.edge_from(edge)) })
}

/// The packuments of these names, fetched beside each other, or why there is none.
pub(crate) async fn packuments(
    client: &RegistryClient,
    mut names: Vec<String>,
    kind: PackumentKind,
) -> HashMap<String, Result<Packument, RegistryError>> {
    names.sort_unstable();
    names.dedup();
    let places = Arc::new(Semaphore::new(CONCURRENCY));
    let mut asking = JoinSet::new();
    for name in names {
        let (client, places) = (client.clone(), places.clone());
        asking.spawn(async move {
            let _place = places.acquire().await;
            let answer = client.packument(&name, kind).await;
            (name, answer)
        });
    }
    let mut packuments = HashMap::new();
    while let Some(finished) = asking.join_next().await {
        // a task that panicked has nothing to say; that it did was reported
        packuments.extend(finished);
    }
    packuments
}

fn compare(
    project: &ProjectTree,
    settings: &Settings,
    request: &Request,
    platform: &Platform,
    candidate: &Candidate,
    packument: &Packument,
) -> Result<Option<Outdated>, FetchError> {
    let tree = &project.tree;
    let excluded = &settings.install.before_exclude;
    let is_exempt = excluded.iter().any(|pattern| name_matches(pattern, packument.name()));
    let options = PickOptions {
        default_tag: &settings.install.tag,
        before: settings.install.before.filter(|_| !is_exempt),
        node_version: &platform.node_version,
        npm_version: &platform.npm_version,
        avoid: None,
    };
    let pick = |requirement: &Requirement| match pick_manifest(packument, requirement, &options) {
        Ok(version) => Ok(Some(version.text().to_owned())),
        Err(error) if matches!(error.code.as_str(), "ETARGET" | "E403" | "E404") => Ok(None),
        Err(error) => Err(error),
    };
    let (Some(wanted), Some(latest)) =
        (pick(&candidate.requirement)?, pick(&Requirement::parse(packument.name(), "*"))?)
    else {
        return Ok(None);
    };
    let node = candidate.node.map(|node| tree.node(node));
    let current = node.map(|node| node.version().to_owned()).filter(|version| !version.is_empty());
    if current.as_ref() == Some(&wanted) && wanted == latest {
        return Ok(None);
    }
    let global = || "global".to_owned();
    Ok(Some(Outdated {
        name: candidate.name.clone(),
        path: node.and_then(|node| node.path()).map(str::to_owned),
        location: node.map(|node| node.location().to_owned()),
        section: candidate.section,
        current,
        wanted,
        latest,
        dependent: candidate.from.map_or_else(global, |from| tree.name(from).to_string()),
        workspace: candidate
            .from
            .filter(|&from| tree.is_workspace(from))
            .map(|from| project.package_id(from)),
        dependent_location: candidate.from.map_or_else(global, |from| tree.node(from).location().to_owned()),
        homepage: if request.long { homepage(packument) } else { None },
    }))
}

fn homepage(packument: &Packument) -> Option<String> {
    let document: Value = serde_json::from_slice(&packument.text()).ok()?;
    document.get("homepage")?.as_str().map(str::to_owned)
}
