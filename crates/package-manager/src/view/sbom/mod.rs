//! `sbom`: a bill of materials of what is installed, as CycloneDX 1.5 or SPDX 2.3. Source: npm 11.19.1.

mod cyclonedx;
mod spdx;

use std::borrow::Cow;
use std::collections::HashSet;

use dependency_resolver::{EdgeId, EdgeKind, NodeId};
use npm_formats::integrity::{Algorithm, Integrity};
use serde_json::{Map, Value};

use super::query::{QueryError, select_nodes};
use super::{ProjectTree, Source, TreeError};
use crate::settings::Settings;

/// Why there is no bill of materials.
#[derive(Debug, thiserror::Error)]
pub enum SbomError {
    #[error(transparent)]
    Tree(#[from] TreeError),
    #[error(transparent)]
    Selector(#[from] QueryError),
    /// Dependencies that are missing or do not fit, one a line.
    #[error("{}", .problems.join("\n"))]
    Problems { problems: Vec<String> },
}

impl diagnostics::Report for SbomError {
    fn code(&self) -> Cow<'static, str> {
        match self {
            Self::Tree(error) => error.code(),
            Self::Selector(error) => error.code(),
            Self::Problems { .. } => "ESBOMPROBLEMS".into(),
        }
    }

    fn hints(&self) -> Vec<String> {
        match self {
            Self::Tree(error) => error.hints(),
            Self::Selector(error) => error.hints(),
            Self::Problems { .. } => {
                vec!["run `knit install` to bring node_modules in line with package.json".to_owned()]
            }
        }
    }
}

/// The format of a bill of materials.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// CycloneDX 1.5
    CycloneDx,
    /// SPDX 2.3
    Spdx,
}

/// What is to be made.
#[derive(Debug, Clone)]
pub struct Request {
    /// `--sbom-format`
    pub format: Format,
    /// `--sbom-type`: `library`, `application` or `framework`.
    pub package_type: String,
    /// `--package-lock-only`
    pub lockfile_only: bool,
    /// The version of knit that is named as the tool.
    pub tool_version: String,
    /// A UUID that no other document has.
    pub uuid: String,
    /// Now, as ISO 8601 in UTC with milliseconds.
    pub timestamp: String,
}

/// The document.
///
/// *Errors*: [`SbomError`]; a tree with missing or invalid dependencies has no bill.
pub fn sbom(settings: &Settings, request: &Request) -> Result<Value, SbomError> {
    let source = if request.lockfile_only { Source::Lockfile } else { Source::Folders };
    let project = ProjectTree::load(settings, source)?;
    let nodes = select_nodes(&project, &selector(&project, settings)?)?;
    let problems = problems(&project, &nodes);
    if !problems.is_empty() {
        return Err(SbomError::Problems { problems });
    }
    let bill = Bill { project: &project, request, nodes };
    Ok(match request.format {
        Format::CycloneDx => cyclonedx::document(&bill),
        Format::Spdx => spdx::document(&bill),
    })
}

/// npm's selector for what belongs into the bill.
fn selector(project: &ProjectTree, settings: &Settings) -> Result<String, TreeError> {
    let omit = settings.install.omit;
    let omitted: String = [("dev", omit.dev), ("optional", omit.optional), ("peer", omit.peer)]
        .into_iter()
        .filter(|(_, is_omitted)| *is_omitted)
        .map(|(kind, _)| format!(":not(.{kind})"))
        .collect();
    if !settings.workspaces.enabled {
        let own = ":root > :not(.workspace)";
        return Ok(format!(":root,{own}{omitted},{own} *{omitted},:extraneous"));
    }
    let selected = project.selected_workspaces(settings)?;
    if selected.is_empty() {
        return Ok(format!(":root,:root *{omitted},:extraneous"));
    }
    let workspaces: Vec<String> = selected
        .into_iter()
        .map(|node| project.package_name(node).unwrap_or(project.tree.name(node)).replace('.', "\\."))
        .map(|name| format!("#{name},#{name} *{omitted}"))
        .collect();
    Ok(format!(":root,{}", workspaces.join(",")))
}

fn problems(project: &ProjectTree, nodes: &[NodeId]) -> Vec<String> {
    let tree = &project.tree;
    let mut problems: Vec<String> = Vec::new();
    let mut tell = |problem: String| {
        if !problems.contains(&problem) {
            problems.push(problem);
        }
    };
    for edge in nodes.iter().flat_map(|&node| tree.node(node).edges_out()) {
        let (spec, from) = (tree.edge_spec(edge), project.package_id(tree.edge_from(edge)));
        if project.is_missing(edge) {
            tell(format!("missing: {}@{spec}, required by {from}", tree.edge_name(edge)));
        }
        if let Some(to) = tree.edge_to(edge).filter(|_| project.is_invalid(edge)) {
            let spec = if spec.is_empty() { "*" } else { &spec };
            tell(format!("invalid: {}, {spec} required by {from}", project.package_id(to)));
        }
    }
    problems
}

/// What a document is made from.
struct Bill<'a> {
    project: &'a ProjectTree,
    request: &'a Request,
    /// The nodes that belong into it, sorted by location; the root among them.
    nodes: Vec<NodeId>,
}

impl Bill<'_> {
    /// The packages besides the project: no links, and each identifier once.
    fn packages(&self, identifier: impl Fn(NodeId) -> String) -> Vec<NodeId> {
        let mut seen = HashSet::new();
        let tree = &self.project.tree;
        let others = self.nodes.iter().copied();
        let others = others.filter(|&node| node != self.project.root && !tree.node(node).is_link());
        others.filter(|&node| seen.insert(identifier(node))).collect()
    }

    /// Edges of a node that lead to what is in the bill, and where they lead.
    fn edges(&self, node: NodeId) -> impl Iterator<Item = (EdgeId, EdgeKind, NodeId)> {
        let tree = &self.project.tree;
        let edges = tree.node(node).edges_out();
        edges
            .filter_map(|edge| Some((edge, tree.edge_kind(edge), tree.edge_to(edge)?)))
            .filter(|(_, _, to)| self.nodes.contains(to))
    }

    fn package_name(&self, node: NodeId) -> &str {
        self.project.package_name(node).unwrap_or_default()
    }

    /// The package document. npm means to bring it into the form that registries show, but does not wait for it.
    fn document(&self, node: NodeId) -> &Map<String, Value> {
        &self.project.tree.node(node).package().json
    }

    /// The package URL.
    fn purl(&self, node: NodeId) -> String {
        let name = match self.package_name(node) {
            "" => self.project.tree.name(node),
            name => name,
        };
        let name = name.strip_prefix('@').map_or_else(|| name.to_owned(), |name| format!("%40{name}"));
        let version = self.project.tree.node(node).version();
        let at = if version.is_empty() { "" } else { "@" };
        let source = self.project.resolved(node).filter(|_| self.project.is_from_git(node));
        let source = source.map(|url| format!("?vcs_url={}", encoded(&url))).unwrap_or_default();
        format!("pkg:npm/{name}{at}{version}{source}")
    }

    /// The digest of a package's tarball in hexadecimal, and its algorithm.
    fn digest(&self, node: NodeId) -> Option<(Algorithm, String)> {
        let integrity = Integrity::parse(self.project.tree.node(node).integrity()?).ok()?;
        let hash = integrity.hashes().first()?;
        Some((hash.algorithm(), hash.hex()?))
    }
}

/// The license that a document declares; several of them as alternatives.
fn license(document: &Map<String, Value>) -> Option<String> {
    let name = |license: &Value| match license {
        Value::Object(license) => license.get("type").and_then(Value::as_str).map(str::to_owned),
        license => license.as_str().map(str::to_owned),
    };
    match (document.get("license"), document.get("licenses")) {
        (Some(license), _) if super::query::is_truthy(license) => name(license),
        (_, Some(Value::Array(licenses))) => {
            let names: Vec<String> =
                licenses.iter().filter_map(name).filter(|name| !name.is_empty()).collect();
            Some(names.join(" OR "))
        }
        _ => None,
    }
}

/// A member that is a text and not empty.
fn text<'d>(document: &'d Map<String, Value>, key: &str) -> Option<&'d str> {
    document.get(key).and_then(Value::as_str).filter(|text| !text.is_empty())
}

/// A text as part of a URL, as `encodeURIComponent` has it.
fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' => out.push(char::from(byte)),
            b'-' | b'_' | b'.' | b'!' | b'~' | b'*' | b'\'' | b'(' | b')' => out.push(char::from(byte)),
            byte => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}
