//! How decisions are written into `allowScripts`: which keys, and what becomes of older ones.

use std::path::Path;

use dependency_resolver::{NodeId, Tree};
use diagnostics::Diagnostic;
use npm_formats::hosted_git::UrlOptions;
use npm_formats::specifier::{Specifier, SpecifierKind};
use serde_json::{Map, Value};

use super::identity::identity;
use super::policy::{Certainty, is_name_only, matches};
use crate::workspaces;

/// An edit of `allowScripts`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The entry's key.
    pub key: String,
    /// npm's word for what happened to it: `added`, `removed-stale`, `replaced-by-pin`, `removed-pinned-allow`.
    pub change: &'static str,
}

impl Change {
    fn new(key: impl Into<String>, change: &'static str) -> Self {
        Self { key: key.into(), change }
    }
}

/// Why an entry of `allowScripts` is of no use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnusedReason {
    /// No installed package is meant.
    NotInstalled,
    /// The package has no install script.
    NoScripts,
}

impl UnusedReason {
    /// npm's word for programs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotInstalled => "not-installed",
            Self::NoScripts => "no-scripts",
        }
    }
}

/// The tree that decisions are about.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ground<'a> {
    pub(super) tree: &'a Tree,
    pub(super) project: &'a Path,
}

impl Ground<'_> {
    fn source(&self, node: NodeId) -> Option<&str> {
        self.tree.node(node).resolved()
    }

    fn hosted(&self, node: NodeId, options: UrlOptions) -> Option<String> {
        let resolved = self.source(node).filter(|resolved| resolved.starts_with("git"))?;
        let specifier = Specifier::parse(resolved, "/").ok()?;
        Some(specifier.git()?.hosted()?.shortcut(options))
    }

    /// The address of a repository at no host that is known, which npm has no key for. Not where it would put a
    /// password into package.json.
    fn repository(&self, node: NodeId, with_commit: bool) -> Option<String> {
        let resolved = self.source(node).filter(|resolved| resolved.starts_with("git"))?;
        let (address, _) = resolved.split_once('#')?;
        let has_password = url::Url::parse(address).is_ok_and(|url| url.password().is_some());
        let key = if with_commit { resolved } else { address };
        (!has_password).then(|| key.to_owned())
    }

    /// `file:` and the path as a dependency of the project would write it. npm writes tarballs with absolute
    /// paths, which mean nothing on another machine.
    fn local(&self, node: NodeId) -> Option<String> {
        let known = self.tree.node(node);
        let in_modules = known.location().contains("node_modules/");
        let path = match known.resolved() {
            Some(resolved) => resolved.strip_prefix("file:")?,
            None if in_modules => return None,
            None => known.realpath()?,
        };
        let relative = workspaces::relative_path(self.project, Path::new(path));
        Some(format!("file:{relative}"))
    }

    /// The key for every version of the package; `None` without a trusted source.
    pub(super) fn name_key(&self, node: NodeId) -> Option<String> {
        if self.source(node).is_some_and(|source| source.starts_with("git")) {
            return self.hosted(node, UrlOptions::NO_COMMITTISH).or_else(|| self.repository(node, false));
        }
        self.local(node).or_else(|| identity(self.tree, node).map(|known| known.name))
    }

    /// The key for this version alone; `None` where no trusted source tells it.
    fn version_key(&self, node: NodeId) -> Option<String> {
        if self.source(node).is_some_and(|source| source.starts_with("git")) {
            return self.hosted(node, UrlOptions::default()).or_else(|| self.repository(node, true));
        }
        if let Some(local) = self.local(node) {
            return Some(local);
        }
        let known = identity(self.tree, node)?;
        Some(format!("{}@{}", known.name, known.version?))
    }

    /// Whether a key is about the package that a node is a version of.
    fn targets(&self, key: &str, node: NodeId) -> bool {
        let Ok(specifier) = Specifier::parse(key, &*self.project.to_string_lossy()) else { return false };
        match specifier.kind() {
            SpecifierKind::Version | SpecifierKind::Range | SpecifierKind::Tag => {
                identity(self.tree, node).is_some_and(|known| specifier.name() == Some(known.name.as_str()))
            }
            SpecifierKind::Git(git) => {
                let asked = git.hosted().map(|hosted| hosted.shortcut(UrlOptions::NO_COMMITTISH));
                match asked {
                    Some(asked) => Some(asked) == self.hosted(node, UrlOptions::NO_COMMITTISH),
                    None => {
                        let address = |text: &str| text.split('#').next().unwrap_or_default().to_owned();
                        self.repository(node, false) == Some(address(key))
                    }
                }
            }
            _ => matches(self.tree, node, &specifier, Certainty::Certain),
        }
    }
}

fn kind_of(key: &str) -> Option<Specifier> {
    Specifier::parse(key, "/").ok()
}

fn is_pin(key: &str) -> bool {
    kind_of(key).is_some_and(|specifier| matches!(specifier.kind(), SpecifierKind::Version))
}

/// Approves the installed versions of one package, each by a key of its own with `pin`, else by name.
pub(super) fn approve(
    ground: Ground<'_>,
    entries: &mut Map<String, Value>,
    nodes: &[NodeId],
    pin: bool,
) -> (Vec<Change>, Option<Diagnostic>) {
    let Some(&sample) = nodes.first() else { return (Vec::new(), None) };
    let name = ground.name_key(sample);
    let denied = entries.iter().find(|(key, value)| {
        **value == Value::Bool(false) && nodes.iter().any(|&node| ground.targets(key, node))
    });
    if let Some((key, _)) = denied {
        return (Vec::new(), Some(denial(key, name.as_deref())));
    }
    let keys: Vec<Option<String>> = nodes.iter().map(|&node| ground.version_key(node)).collect();
    match name {
        Some(name) if !pin || keys.iter().any(Option::is_none) => {
            let changes = approve_name(ground, entries, sample, &name);
            // without a recorded URL no version could ever be told to be the approved one
            let warning = (pin && !changes.is_empty()).then(|| unpinned(&name));
            (changes, warning)
        }
        name => {
            let keys: Vec<String> = keys.into_iter().flatten().collect();
            (approve_versions(ground, entries, sample, &keys, name.as_deref()), None)
        }
    }
}

fn denial(key: &str, name: Option<&str>) -> Diagnostic {
    let subject = name.unwrap_or("the package");
    let text = format!("{subject} is not approved, as \"{key}\" of allowScripts denies it");
    let hint = if kind_of(key).as_ref().is_some_and(is_name_only) {
        format!("run `knit pkg delete \"allowScripts[{key}]\"` first, if it is to be approved")
    } else {
        format!("run `knit deny-scripts {subject}` to deny every version, or delete the entry")
    };
    Diagnostic::warning("EDENIED", text).with_hint(hint)
}

fn unpinned(name: &str) -> Diagnostic {
    let text =
        format!("{name} is approved in every version, as the lockfile does not say where it comes from");
    Diagnostic::warning("EUNPINNED", text).with_hint("run `knit install` to record it, then approve again")
}

fn approve_name(
    ground: Ground<'_>,
    entries: &mut Map<String, Value>,
    sample: NodeId,
    name: &str,
) -> Vec<Change> {
    entries.retain(|key, value| {
        !(key != name && *value == Value::Bool(true) && is_pin(key) && ground.targets(key, sample))
    });
    add(entries, name, true)
}

fn approve_versions(
    ground: Ground<'_>,
    entries: &mut Map<String, Value>,
    sample: NodeId,
    keys: &[String],
    name: Option<&str>,
) -> Vec<Change> {
    let mut changes = Vec::new();
    let stale: Vec<String> = entries
        .iter()
        .filter(|(key, value)| **value == Value::Bool(true) && is_pin(key) && !keys.contains(key))
        .filter(|(key, _)| ground.targets(key, sample))
        .map(|(key, _)| key.clone())
        .collect();
    for key in stale {
        entries.shift_remove(&key);
        changes.push(Change::new(key, "removed-stale"));
    }
    for key in keys {
        changes.extend(add(entries, key, true));
    }
    let is_covered = !keys.is_empty();
    if let Some(name) = name.filter(|name| is_covered && !keys.iter().any(|key| key == name))
        && entries.get(name) == Some(&Value::Bool(true))
    {
        entries.shift_remove(name);
        changes.push(Change::new(name, "replaced-by-pin"));
    }
    changes
}

/// Denies every version of one package.
pub(super) fn deny(ground: Ground<'_>, entries: &mut Map<String, Value>, nodes: &[NodeId]) -> Vec<Change> {
    let Some(&sample) = nodes.first() else { return Vec::new() };
    let Some(name) = ground.name_key(sample) else { return Vec::new() };
    let others: Vec<String> =
        entries.keys().filter(|key| **key != name && ground.targets(key, sample)).cloned().collect();
    let mut changes = Vec::new();
    for key in others {
        entries.shift_remove(&key);
        changes.push(Change::new(key, "removed-pinned-allow"));
    }
    changes.extend(add(entries, &name, false));
    changes
}

fn add(entries: &mut Map<String, Value>, key: &str, allows: bool) -> Vec<Change> {
    if entries.get(key) == Some(&Value::Bool(allows)) {
        return Vec::new();
    }
    entries.insert(key.to_owned(), Value::Bool(allows));
    vec![Change::new(key, "added")]
}

/// Why an entry is of no use, if it is not. `candidates` are nodes, and whether they have install scripts. What
/// is no specifier is left alone.
pub(super) fn unused(ground: Ground<'_>, key: &str, candidates: &[(NodeId, bool)]) -> Option<UnusedReason> {
    let specifier = Specifier::parse(key, &*ground.project.to_string_lossy()).ok()?;
    let mut meant = candidates
        .iter()
        .filter(|(node, _)| matches(ground.tree, *node, &specifier, Certainty::Certain))
        .peekable();
    if meant.peek().is_none() {
        return Some(UnusedReason::NotInstalled);
    }
    (!meant.any(|(_, has_scripts)| *has_scripts)).then_some(UnusedReason::NoScripts)
}
