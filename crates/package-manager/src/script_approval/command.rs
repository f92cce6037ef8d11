//! `approve-scripts`, `deny-scripts` and `install-scripts`: looking at what is installed, and recording
//! decisions in the project's package.json.

use std::borrow::Cow;

use dependency_resolver::NodeId;
use diagnostics::{Diagnostic, Report};
use indexmap::IndexMap;
use npm_formats::specifier::{Specifier, SpecifierKind};
use npm_semver::{Range, RangeOptions, Version};
use serde_json::{Map, Value};

use super::identity::displayed;
use super::policy::{PolicyError, PolicyScope, ScriptPolicy};
use super::record::{self, Change, Ground, UnusedReason};
use super::scripts::{self, Unreviewed};
use crate::manifest_file::{ManifestError, ManifestFile};
use crate::reporter::{Event, Reporter};
use crate::settings::Settings;
use crate::view::{ProjectTree, Source, TreeError};

/// What is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// The scripts may run; with `pin` those of the installed versions only.
    Approve { pin: bool },
    /// They may not, in any version.
    Deny,
}

/// About which packages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named<'a> {
    /// All that nobody decided about.
    Pending,
    /// Those of these names, each perhaps with a version or range.
    Packages(&'a [String]),
}

/// What was recorded for a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecidedPackage {
    /// The key that stands for all of its versions.
    pub name: String,
    /// What was edited; nothing if the record said so already.
    pub changes: Vec<Change>,
}

/// Entries that were of no use.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PruneReport {
    /// What is gone, or would be.
    pub removed: Vec<PrunedEntry>,
}

/// An entry that was of no use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrunedEntry {
    /// Its key.
    pub key: String,
    /// What it said.
    pub value: Value,
    /// Why it was of no use.
    pub reason: UnusedReason,
}

/// Why nothing was decided.
#[derive(Debug, thiserror::Error)]
pub enum ApprovalError {
    #[error("global packages have no package.json to record decisions in")]
    Global,
    #[error("no installed package is {}", .arguments.join(", "))]
    NoMatch { arguments: Vec<String> },
    #[error(transparent)]
    Policy(#[from] PolicyError),
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    #[error(transparent)]
    Tree(#[from] TreeError),
}

impl Report for ApprovalError {
    fn code(&self) -> Cow<'static, str> {
        match self {
            Self::Global => "EGLOBAL".into(),
            Self::NoMatch { .. } => "ENOMATCH".into(),
            Self::Policy(error) => error.code(),
            Self::Manifest(error) => error.code(),
            Self::Tree(error) => error.code(),
        }
    }

    fn hints(&self) -> Vec<String> {
        match self {
            Self::Global => {
                vec!["run `knit config set allow-scripts=<packages> --location=user`".to_owned()]
            }
            Self::NoMatch { .. } => vec!["run `knit ls --all` to see what is installed".to_owned()],
            Self::Policy(error) => error.hints(),
            Self::Manifest(error) => error.hints(),
            Self::Tree(error) => error.hints(),
        }
    }
}

/// Packages whose install scripts nobody decided about. Nothing is run or written.
///
/// *Errors*: a project that cannot be read; global mode.
pub fn pending(settings: &Settings, reporter: &dyn Reporter) -> Result<Vec<Unreviewed>, ApprovalError> {
    let project = Decided::read(settings)?;
    project.pending(settings, reporter)
}

/// Records a decision in the project's package.json.
///
/// *Errors*: [`ApprovalError::NoMatch`]; a project that cannot be read or written. Nothing is written then.
pub fn decide(
    settings: &Settings,
    decision: Decision,
    named: Named<'_>,
    reporter: &dyn Reporter,
) -> Result<Vec<DecidedPackage>, ApprovalError> {
    let project = Decided::read(settings)?;
    let nodes = match named {
        Named::Pending => {
            let pending = project.pending(settings, reporter)?;
            let ProjectTree { tree, root, .. } = &project.installed;
            pending.iter().filter_map(|each| tree.at_location(*root, &each.location)).collect()
        }
        Named::Packages(arguments) => project.named(arguments)?,
    };
    let ground = project.ground();
    let mut groups: IndexMap<String, Vec<NodeId>> = IndexMap::new();
    for node in nodes {
        match ground.name_key(node) {
            Some(key) => groups.entry(key).or_default().push(node),
            None => {
                let name = project.installed.tree.name(node);
                let text = format!("{name} is passed over, as nothing tells reliably what it is");
                reporter.report(Event::Warning(&Diagnostic::warning("ENOIDENTITY", text)));
            }
        }
    }
    let mut manifest = project.manifest()?;
    let mut entries = allowed(&manifest);
    let mut decided = Vec::new();
    for (name, nodes) in groups {
        let changes = match decision {
            Decision::Approve { pin } => {
                let (changes, warning) = record::approve(ground, &mut entries, &nodes, pin);
                if let Some(warning) = warning {
                    reporter.report(Event::Warning(&warning));
                }
                changes
            }
            Decision::Deny => record::deny(ground, &mut entries, &nodes),
        };
        decided.push(DecidedPackage { name, changes });
    }
    if decided.iter().any(|package| !package.changes.is_empty()) || entries != allowed(&manifest) {
        manifest.content_mut().members_mut().insert("allowScripts".to_owned(), Value::Object(entries));
        manifest.write()?;
    }
    Ok(decided)
}

/// Removes entries that mean no installed package, or one without install scripts. With `dry_run` nothing is
/// written.
///
/// *Errors*: a project that cannot be read or written; global mode.
pub fn prune(settings: &Settings) -> Result<PruneReport, ApprovalError> {
    let project = Decided::read(settings)?;
    let mut manifest = project.manifest()?;
    let mut entries = allowed(&manifest);
    let ProjectTree { tree, root, directory, .. } = &project.installed;
    let candidates: Vec<(NodeId, bool)> = tree
        .inventory(*root)
        .into_iter()
        .filter(|&node| scripts::is_candidate(tree, *root, node))
        .map(|node| {
            let folder = directory.join(tree.node(node).location());
            (node, !scripts::install_scripts(tree, node, &folder).is_empty())
        })
        .collect();
    let mut removed = Vec::new();
    for (key, value) in allowed(&manifest) {
        if let Some(reason) = record::unused(project.ground(), &key, &candidates) {
            entries.shift_remove(&key);
            removed.push(PrunedEntry { key, value, reason });
        }
    }
    if !removed.is_empty() && !settings.dry_run {
        let members = manifest.content_mut().members_mut();
        if entries.is_empty() {
            members.shift_remove("allowScripts");
        } else {
            members.insert("allowScripts".to_owned(), Value::Object(entries));
        }
        manifest.write()?;
    }
    Ok(PruneReport { removed })
}

fn allowed(manifest: &ManifestFile) -> Map<String, Value> {
    manifest.members().get("allowScripts").and_then(Value::as_object).cloned().unwrap_or_default()
}

/// A project that decisions are made in.
struct Decided {
    installed: ProjectTree,
}

impl Decided {
    fn read(settings: &Settings) -> Result<Self, ApprovalError> {
        if settings.places.is_global {
            return Err(ApprovalError::Global);
        }
        Ok(Self { installed: ProjectTree::load(settings, Source::Installed)? })
    }

    fn ground(&self) -> Ground<'_> {
        Ground { tree: &self.installed.tree, project: &self.installed.directory }
    }

    fn manifest(&self) -> Result<ManifestFile, ManifestError> {
        ManifestFile::read(&self.installed.directory)
    }

    fn pending(
        &self,
        settings: &Settings,
        reporter: &dyn Reporter,
    ) -> Result<Vec<Unreviewed>, ApprovalError> {
        let ProjectTree { tree, root, directory, .. } = &self.installed;
        let members = &tree.node(*root).package().json;
        let (policy, warnings) = ScriptPolicy::resolve(settings, members, PolicyScope::Project)?;
        for warning in &warnings {
            reporter.report(Event::Warning(warning));
        }
        Ok(scripts::unreviewed(tree, *root, directory, &policy, |node| {
            Some(tree.node(node).location().to_owned())
        }))
    }

    /// The installed packages that arguments mean; of links to folders, the folders.
    fn named(&self, arguments: &[String]) -> Result<Vec<NodeId>, ApprovalError> {
        let ProjectTree { tree, root, .. } = &self.installed;
        let mut matched: Vec<NodeId> = Vec::new();
        let mut missing = Vec::new();
        for argument in arguments {
            let (name, range) = wanted(argument);
            let found: Vec<NodeId> = tree
                .inventory(*root)
                .into_iter()
                .filter(|&node| node != *root && !tree.in_dep_bundle(node))
                .filter(|&node| {
                    let (known, version) = displayed(tree, node);
                    let version = Version::parse_loose(&version).ok();
                    let is_meant = range
                        .as_ref()
                        .is_none_or(|range| version.as_ref().is_some_and(|version| range.satisfies(version)));
                    known == name && is_meant
                })
                .filter_map(
                    |node| if tree.node(node).is_link() { tree.node(node).target() } else { Some(node) },
                )
                .filter(|&node| !tree.is_workspace(node))
                .collect();
            if found.is_empty() {
                missing.push(argument.clone());
            }
            matched.extend(found);
        }
        if !missing.is_empty() {
            return Err(ApprovalError::NoMatch { arguments: missing });
        }
        matched.sort_unstable();
        matched.dedup();
        Ok(matched)
    }
}

/// The name and, where one is given, the range of an argument.
fn wanted(argument: &str) -> (String, Option<Range>) {
    let Ok(specifier) = Specifier::parse(argument, "/") else { return (argument.to_owned(), None) };
    let name = specifier.name().unwrap_or(argument).to_owned();
    let range = match specifier.kind() {
        SpecifierKind::Version | SpecifierKind::Range if specifier.raw_spec() != "*" => {
            specifier.fetch_spec().and_then(|range| Range::parse(range, RangeOptions::LOOSE).ok())
        }
        _ => None,
    };
    (name, range)
}
