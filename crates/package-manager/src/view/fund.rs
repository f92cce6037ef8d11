//! `fund`: which of the installed packages ask for money, and where. Source: npm 11.19.1 (`libnpmfund`).

use std::collections::HashSet;
use std::path::Path;

use dependency_resolver::{FetchError, NodeId, PickOptions, Platform, Requirement, pick_manifest};
use npm_formats::specifier::{Specifier, SpecifierKind};
use registry_client::{PackumentKind, RegistryClient};
use serde_json::{Map, Value};
use url::Url;

use super::{NodeSet, ProjectTree, Source, TreeError};
use crate::settings::Settings;

/// A package and those below it that ask for money.
#[derive(Debug, Default, Clone)]
pub struct Funding {
    /// Its name.
    pub name: String,
    /// Its version, if it has one.
    pub version: Option<String>,
    /// Where money is asked for: an object with a `url`, or a list of them.
    pub funding: Option<Value>,
    /// What it depends on; packages without funding are left out in favour of what is below them.
    pub dependencies: Vec<Funding>,
}

/// What `fund` found.
#[derive(Debug, Clone)]
pub struct Report {
    /// How many packages ask, the project itself not counted.
    pub count: usize,
    /// The project.
    pub root: Funding,
}

/// One address at which money is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FundingSource {
    /// `individual`, `patreon`, ...; free text.
    pub kind: Option<String>,
    /// An address of http or https.
    pub url: String,
}

/// Looks at everything that is installed, or at what the selected workspaces depend on.
///
/// *Errors*: [`TreeError`].
pub fn report(settings: &Settings) -> Result<Report, TreeError> {
    let project = ProjectTree::load(settings, Source::Installed)?;
    let selected = project.selected_workspaces(settings)?;
    let filter = if selected.is_empty() { None } else { project.workspace_filter(settings, false)? };
    let mut collector = Collector { project: &project, filter, seen: HashSet::new(), count: 0 };
    let dependencies = collector.below(project.root).merged();
    let name = project.package_name(project.root).unwrap_or(project.tree.name(project.root));
    let root = Funding {
        name: name.to_owned(),
        version: version(&project, project.root),
        funding: project.field(project.root, "funding").filter(|value| !value.is_null()).map(normalized),
        dependencies,
    };
    Ok(Report { count: collector.count, root })
}

/// The sources of an installed package: the newest of that name, or the one in a folder. `None` if there is none.
///
/// *Errors*: [`TreeError`], and an argument that is no specifier.
pub fn installed_sources(
    settings: &Settings,
    argument: &str,
) -> Result<Option<Vec<FundingSource>>, TreeError> {
    let project = ProjectTree::load(settings, Source::Installed)?;
    let place = project.directory.to_string_lossy();
    let specifier = Specifier::parse(argument, &*place).map_err(|source| TreeError::Filter { source })?;
    let inventory = project.tree.inventory(project.root);
    let node = if matches!(specifier.kind(), SpecifierKind::Directory) {
        let folder = specifier.fetch_spec().map(Path::new);
        inventory.into_iter().find(|&node| project.tree.node(node).path().map(Path::new) == folder)
    } else {
        let version = |node: NodeId| project.tree.node(node).package().parsed_version();
        let named =
            inventory.into_iter().filter(|&node| Some(&**project.tree.name(node)) == specifier.name());
        named
            .filter(|&node| version(node).is_some())
            .reduce(|best, next| if version(next) > version(best) { next } else { best })
    };
    Ok(node.map(|node| sources(project.field(node, "funding"))))
}

/// The sources of a package that a registry has.
///
/// *Errors*: what the registry says, and a spec that no version satisfies.
pub async fn registry_sources(
    settings: &Settings,
    argument: &str,
    client: &RegistryClient,
    platform: &Platform,
) -> Result<Vec<FundingSource>, FetchError> {
    let (name, spec) = match Specifier::parse(argument, "/") {
        Ok(specifier) => (specifier.name().unwrap_or_default().to_owned(), specifier.raw_spec().to_owned()),
        Err(_) => return Ok(Vec::new()),
    };
    let requirement = Requirement::parse(&name, &spec);
    let Some((name, _)) = requirement.registry_request(&name) else { return Ok(Vec::new()) };
    let answer = client.packument(&name, PackumentKind::Full).await;
    let packument = answer.map_err(|error| {
        let mut failure = FetchError::new(&error.code(), error.to_string());
        failure.hint = error.hint();
        failure
    })?;
    let options = PickOptions {
        default_tag: &settings.install.tag,
        before: settings.install.before,
        node_version: &platform.node_version,
        npm_version: &platform.npm_version,
        avoid: None,
    };
    let version = pick_manifest(&packument, &requirement, &options)?;
    let manifest = packument.manifest(version).unwrap_or_default();
    Ok(sources(manifest.get("funding")))
}

/// The addresses of a `funding` field that can be shown.
pub fn sources(funding: Option<&Value>) -> Vec<FundingSource> {
    let items: &[Value] = match funding {
        Some(Value::Array(items)) => items,
        Some(item) => std::slice::from_ref(item),
        None => &[],
    };
    let source = |item: &Value| {
        let url = address(item)?.to_owned();
        let kind = item.get("type").and_then(Value::as_str).filter(|kind| !kind.is_empty());
        Some(FundingSource { kind: kind.map(str::to_owned), url })
    };
    items.iter().filter_map(source).collect()
}

/// The address of one entry, if it is one of the web.
fn address(item: &Value) -> Option<&str> {
    let text = item.get("url").and_then(Value::as_str).or_else(|| item.as_str())?;
    let url = Url::parse(text).ok()?;
    (matches!(url.scheme(), "https" | "http") && url.has_host()).then_some(text)
}

fn is_valid(funding: &Value) -> bool {
    match funding {
        Value::Array(items) => items.iter().all(|item| !item.is_array() && is_valid(item)),
        item => address(item).is_some(),
    }
}

/// Texts become objects.
fn normalized(funding: &Value) -> Value {
    let object = |item: &Value| match item {
        Value::String(url) => Value::Object(Map::from_iter([("url".to_owned(), url.clone().into())])),
        item => item.clone(),
    };
    match funding {
        Value::Array(items) => items.iter().map(object).collect(),
        item => object(item),
    }
}

fn version(project: &ProjectTree, node: NodeId) -> Option<String> {
    Some(project.tree.node(node).version()).filter(|version| !version.is_empty()).map(str::to_owned)
}

/// Dependencies with funding, and behind them those that came up from packages without.
#[derive(Default)]
struct Found {
    own: Vec<Funding>,
    risen: Vec<Funding>,
}

impl Found {
    fn merged(self) -> Vec<Funding> {
        let mut all = self.own;
        self.risen.into_iter().for_each(|item| put(&mut all, item));
        all
    }
}

/// Adds an item, or puts it in the place of the one of that name.
fn put(items: &mut Vec<Funding>, item: Funding) {
    match items.iter_mut().find(|known| known.name == item.name) {
        Some(known) => *known = item,
        None => items.push(item),
    }
}

struct Collector<'a> {
    project: &'a ProjectTree,
    filter: NodeSet,
    /// Names with versions; each is told once.
    seen: HashSet<(String, String)>,
    count: usize,
}

impl Collector<'_> {
    fn below(&mut self, node: NodeId) -> Found {
        let tree = &self.project.tree;
        let reached = tree.node(node).edges_out().filter_map(|edge| tree.edge_to(edge));
        let reached: Vec<NodeId> = reached.map(|to| tree.followed(to)).collect();
        // all direct ones come before what is below any of them
        let direct: Vec<(NodeId, Funding)> =
            reached.into_iter().filter_map(|node| self.item(node).map(|item| (node, item))).collect();
        let mut found = Found::default();
        for (node, mut item) in direct {
            item.dependencies = self.below(node).merged();
            if item.funding.is_some() {
                put(&mut found.own, item);
            } else {
                item.dependencies.into_iter().for_each(|below| put(&mut found.risen, below));
            }
        }
        found
    }

    fn item(&mut self, node: NodeId) -> Option<Funding> {
        if self.filter.as_ref().is_some_and(|filter| !filter.contains(&node)) {
            return None;
        }
        let name = self.project.package_name(node).unwrap_or_default().to_owned();
        let version = version(self.project, node);
        if !self.seen.insert((name.clone(), version.clone().unwrap_or_default())) {
            return None;
        }
        let funding = self.project.field(node, "funding").filter(|funding| is_valid(funding)).map(normalized);
        self.count += usize::from(funding.is_some());
        Some(Funding { name, version, funding, dependencies: Vec::new() })
    }
}
