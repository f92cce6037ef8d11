//! The policy: which layer it comes from, and what it says of a node.

use dependency_resolver::{NodeId, Tree};
use diagnostics::{Diagnostic, Report};
use npm_formats::hosted_git::UrlOptions;
use npm_formats::specifier::{Specifier, SpecifierKind};
use npm_semver::{Range, RangeOptions, Version};
use serde_json::{Map, Value};

use super::identity::identity;
use crate::settings::{ScriptSettings, Settings};

/// What was decided about the install scripts of a package.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// They may run.
    Allowed,
    /// They may not. One denial outweighs every approval.
    Denied,
    /// Nobody decided.
    Unreviewed,
}

/// Which layers count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PolicyScope {
    /// A project: its package.json, else .npmrc files.
    Project,
    /// Global packages and packages fetched for one run: the command line, else .npmrc files.
    Elsewhere,
}

impl PolicyScope {
    /// Of a command about the project, or with `--global` about global packages.
    pub fn of(settings: &Settings) -> Self {
        if settings.places.is_global { Self::Elsewhere } else { Self::Project }
    }
}

/// Why there is no policy.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    #[error(
        "--allow-scripts decides nothing in a project: what its scripts may do is the project's own record"
    )]
    CommandLineInProject,
}

impl Report for PolicyError {
    fn code(&self) -> std::borrow::Cow<'static, str> {
        "EALLOWSCRIPTS".into()
    }

    fn hints(&self) -> Vec<String> {
        vec!["run `knit approve-scripts <package>`, which writes `allowScripts` of package.json".to_owned()]
    }
}

/// Decisions about install scripts, by specifier.
#[derive(Debug, Clone, Default)]
pub struct ScriptPolicy {
    rules: Vec<Rule>,
    allows_all: bool,
}

#[derive(Debug, Clone)]
struct Rule {
    specifier: Specifier,
    allows: bool,
}

impl ScriptPolicy {
    /// The policy of a run, and what is to be said about entries and layers that do not count.
    ///
    /// `manifest` is the project's package.json. The first layer that says anything decides alone.
    ///
    /// *Errors*: approvals on the command line of a project.
    pub fn resolve(
        settings: &Settings,
        manifest: &Map<String, Value>,
        scope: PolicyScope,
    ) -> Result<(Self, Vec<Diagnostic>), PolicyError> {
        let scripts = &settings.scripts;
        let mut warnings = Vec::new();
        if scope == PolicyScope::Project && !scripts.allow_here.is_empty() {
            return Err(PolicyError::CommandLineInProject);
        }
        let directory = settings.places.local_prefix.to_string_lossy();
        let own: Vec<(String, Value)> = match (scope, manifest.get("allowScripts")) {
            (PolicyScope::Project, Some(Value::Object(entries))) => {
                entries.iter().map(|(key, value)| (key.clone(), value.clone())).collect()
            }
            _ => Vec::new(),
        };
        let named = |names: &[String]| names.iter().map(|name| (name.clone(), Value::Bool(true))).collect();
        let layers: [(&str, Vec<(String, Value)>); 3] = [
            ("--allow-scripts", named(&scripts.allow_here)),
            ("package.json", own),
            (".npmrc", named(&scripts.allow)),
        ];
        let mut chosen: Option<(&str, Vec<Rule>)> = None;
        for (source, entries) in layers {
            let rules = rules(source, &entries, &directory, &mut warnings);
            match &chosen {
                _ if rules.is_empty() => {}
                None => chosen = Some((source, rules)),
                Some((above, _)) => warnings.push(Diagnostic::warning(
                    "EALLOWSCRIPTS",
                    format!("allow-scripts of {source} does not count, as {above} decides"),
                )),
            }
        }
        let rules = chosen.map(|(_, rules)| rules).unwrap_or_default();
        Ok((Self { rules, allows_all: allows_all(scripts) }, warnings))
    }

    /// What the policy says of a node.
    pub fn verdict(&self, tree: &Tree, node: NodeId) -> Verdict {
        // What is bundled is whatever its bundler's tarball claims it is.
        if tree.in_dep_bundle(node) {
            return Verdict::Unreviewed;
        }
        if self.allows_all {
            return Verdict::Allowed;
        }
        let mut allowed = false;
        for rule in &self.rules {
            if matches(tree, node, &rule.specifier, Certainty::of(rule.allows)) {
                if !rule.allows {
                    return Verdict::Denied;
                }
                allowed = true;
            }
        }
        if allowed { Verdict::Allowed } else { Verdict::Unreviewed }
    }

    /// What the policy says of a repository, named with its commit as lockfiles record it.
    pub fn repository_verdict(&self, resolved: &str) -> Verdict {
        if self.allows_all {
            return Verdict::Allowed;
        }
        let about = || self.rules.iter().filter(|rule| is_repository(resolved, &rule.specifier));
        if about().any(|rule| !rule.allows) {
            Verdict::Denied
        } else if about().next().is_some() {
            Verdict::Allowed
        } else {
            Verdict::Unreviewed
        }
    }

    /// Whether everything may run, whoever wrote it.
    pub fn allows_all(&self) -> bool {
        self.allows_all
    }
}

fn allows_all(scripts: &ScriptSettings) -> bool {
    scripts.allow_all && !scripts.ignore
}

fn rules(
    source: &str,
    entries: &[(String, Value)],
    directory: &str,
    warnings: &mut Vec<Diagnostic>,
) -> Vec<Rule> {
    let mut rules = Vec::new();
    for (key, value) in entries {
        let mut ignore = |why: &str| {
            let text = format!("\"{key}\" of {source} decides nothing: {why}");
            let hint = "write the name alone, or exact versions joined by `||`";
            warnings.push(Diagnostic::warning("EALLOWSCRIPTS", text).with_hint(hint));
        };
        let Ok(specifier) = Specifier::parse(key, directory) else {
            ignore("it is no package specifier");
            continue;
        };
        match specifier.kind() {
            SpecifierKind::Tag => ignore("a dist-tag may mean another version tomorrow"),
            SpecifierKind::Range if !is_name_only(&specifier) && !is_exact(&specifier) => {
                ignore("a range takes in versions that nobody has seen");
            }
            _ => rules.extend(value.as_bool().map(|allows| Rule { specifier, allows })),
        }
    }
    rules
}

/// `pkg` or `pkg@*`.
pub(super) fn is_name_only(specifier: &Specifier) -> bool {
    matches!(specifier.kind(), SpecifierKind::Range)
        && (specifier.fetch_spec() == Some("*") || matches!(specifier.raw_spec(), "" | "*"))
}

/// Exact versions joined by `||`.
fn is_exact(specifier: &Specifier) -> bool {
    specifier
        .fetch_spec()
        .is_some_and(|range| range.split("||").all(|version| Version::parse(version.trim()).is_ok()))
}

/// How sure a match must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Certainty {
    /// A package whose version cannot be told does not match a rule for a version.
    Certain,
    /// It does.
    Possible,
}

impl Certainty {
    /// An approval must be certain; a denial of what cannot be told apart holds.
    fn of(allows: bool) -> Self {
        if allows { Self::Certain } else { Self::Possible }
    }
}

/// Whether a rule is about a node.
pub(super) fn matches(tree: &Tree, node: NodeId, rule: &Specifier, certainty: Certainty) -> bool {
    match rule.kind() {
        SpecifierKind::Version | SpecifierKind::Range => matches_registry(tree, node, rule, certainty),
        SpecifierKind::Git(_) => matches_git(tree, node, rule),
        SpecifierKind::Remote => tree
            .node(node)
            .resolved()
            .is_some_and(|resolved| [rule.fetch_spec(), rule.save_spec()].contains(&Some(resolved))),
        SpecifierKind::File | SpecifierKind::Directory => matches_path(tree, node, rule),
        // an alias says what a project calls a package, not what it is
        SpecifierKind::Tag | SpecifierKind::Alias(_) | SpecifierKind::Workspace => false,
    }
}

fn matches_registry(tree: &Tree, node: NodeId, rule: &Specifier, certainty: Certainty) -> bool {
    // The same name from a tarball or a repository is another package.
    if !tree.is_registry_dependency(node) {
        return false;
    }
    let Some(known) = identity(tree, node).filter(|known| rule.name() == Some(known.name.as_str())) else {
        return false;
    };
    if is_name_only(rule) {
        return true;
    }
    if !is_exact(rule) {
        return false;
    }
    let Some(version) = known.version else { return certainty == Certainty::Possible };
    let range = rule.fetch_spec().and_then(|range| Range::parse(range, RangeOptions::LOOSE).ok());
    range.zip(Version::parse_loose(&version).ok()).is_some_and(|(range, version)| range.satisfies(&version))
}

fn matches_git(tree: &Tree, node: NodeId, rule: &Specifier) -> bool {
    tree.node(node).resolved().is_some_and(|resolved| is_repository(resolved, rule))
}

fn is_repository(resolved: &str, rule: &Specifier) -> bool {
    let Some(found) =
        Some(resolved).filter(|at| at.starts_with("git")).and_then(|at| Specifier::parse(at, "/").ok())
    else {
        return false;
    };
    let (Some(asked), Some(git)) = (rule.git(), found.git()) else { return false };
    let is_same = match (asked.hosted(), git.hosted()) {
        (Some(asked), Some(found)) => {
            asked.ssh(UrlOptions::NO_COMMITTISH) == found.ssh(UrlOptions::NO_COMMITTISH)
        }
        _ => rule.fetch_spec().is_some() && rule.fetch_spec() == found.fetch_spec(),
    };
    // a rule may shorten the commit, the lockfile may not
    let commit = git.committish().unwrap_or_default();
    is_same && asked.committish().is_none_or(|asked| !commit.is_empty() && commit.starts_with(asked))
}

/// By what the package was installed from, or by the folder that a link leads to.
fn matches_path(tree: &Tree, node: NodeId, rule: &Specifier) -> bool {
    let known = tree.node(node);
    let resolved = known.resolved().map(|resolved| resolved.strip_prefix("file:").unwrap_or(resolved));
    let in_modules = !known.is_link() && known.location().contains("node_modules/");
    let target = known.realpath().filter(|_| !in_modules);
    let Some(path) = rule.fetch_spec() else { return false };
    resolved == Some(path) || target == Some(path)
}
