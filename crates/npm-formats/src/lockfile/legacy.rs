//! From `packages` to the `dependencies` section of versions 1 and 2, for npm 6 and older.
//!
//! Source: npm 11.19.1, arborist's shrinkwrap. npm builds it from its tree; here the tree is read off the locations.

use super::locations::resolve_location;
use super::{Lockfile, LockfileEntry};
use crate::collation;
use crate::json::access::{texts, truthy};
use crate::posix_path::{normalize, relative};
use crate::specifier::{Specifier, SpecifierKind};
use indexmap::IndexMap;
use npm_semver::{Range, RangeOptions, Version};
use serde_json::{Map, Value};
use std::cmp::Ordering;
use std::collections::HashMap;

/// The specifier that an override puts in place of what the package at a location declares for a dependency.
pub type Overridden<'a> = &'a dyn Fn(&str, &str) -> Option<String>;

impl Lockfile {
    /// Makes `dependencies` anew from `packages`, as versions 1 and 2 have it.
    ///
    /// `directory` is the absolute path of the project. Overrides are not part of a lockfile, so `overridden` has to
    /// say where they apply.
    pub fn fill_dependencies(&mut self, directory: &str, overridden: Overridden<'_>) {
        let tree = Tree::new(&self.packages, directory, overridden);
        let dependencies = tree.children("", &mut Vec::new()).unwrap_or_default();
        self.dependencies = dependencies;
    }
}

/// A dependency as somebody asks for it.
struct Edge<'a> {
    /// Location of who asks.
    from: &'a str,
    name: &'a str,
    spec: String,
    is_peer: bool,
}

struct Tree<'a> {
    packages: &'a IndexMap<String, LockfileEntry>,
    directory: &'a str,
    edges_out: HashMap<&'a str, Vec<Edge<'a>>>,
    /// Who asks for the package at a location, as `(from, index)` into `edges_out`.
    edges_in: HashMap<String, Vec<(&'a str, usize)>>,
    /// Name and location of what lies in the `node_modules` of a location.
    children: HashMap<&'a str, Vec<(&'a str, &'a str)>>,
}

impl<'a> Tree<'a> {
    fn new(
        packages: &'a IndexMap<String, LockfileEntry>,
        directory: &'a str,
        overridden: Overridden<'_>,
    ) -> Self {
        let mut tree = Self {
            packages,
            directory,
            edges_out: HashMap::new(),
            edges_in: HashMap::new(),
            children: HashMap::new(),
        };
        for (location, entry) in packages {
            if let Some((parent, name)) = split(location) {
                tree.children.entry(parent).or_default().push((name, location));
            }
            let edges = edges(location, entry, overridden);
            for (index, edge) in edges.iter().enumerate() {
                if let Some(to) = resolve_location(packages, location, edge.name) {
                    tree.edges_in.entry(to).or_default().push((location, index));
                }
            }
            tree.edges_out.insert(location, edges);
        }
        tree
    }

    /// The entries below a location; `above` are the locations on the way there, where links must not lead back to.
    fn children(&self, location: &'a str, above: &mut Vec<&'a str>) -> Option<Map<String, Value>> {
        let children = self.children.get(location)?;
        let mut dependencies = Map::new();
        for (name, child) in children {
            if above.contains(&self.real(child)) {
                continue;
            }
            above.push(location);
            dependencies.insert((*name).to_owned(), Value::Object(self.entry(name, child, above)));
            above.pop();
        }
        (!dependencies.is_empty()).then_some(dependencies)
    }

    /// The location that a link leads to, or the location itself.
    fn real(&self, location: &'a str) -> &'a str {
        match self.packages.get(location) {
            Some(entry) if entry.is_link() => {
                entry.0.get("resolved").and_then(Value::as_str).unwrap_or(location)
            }
            _ => location,
        }
    }

    fn entry(&self, name: &str, location: &'a str, above: &mut Vec<&'a str>) -> Map<String, Value> {
        let mut lock = Map::new();
        let Some(entry) = self.packages.get(location) else { return lock };
        let target = self.real(location);
        self.origin(&mut lock, name, location, entry);
        if truthy(entry, "integrity").is_some() {
            lock.extend(entry.get("integrity").map(|integrity| ("integrity".to_owned(), integrity.clone())));
        }
        let flags: &[&str] = match entry.is_extraneous() {
            true => &["extraneous"],
            false => &["peer", "devOptional", "dev", "optional"],
        };
        for flag in flags {
            if truthy(entry, flag).is_some() {
                lock.insert((*flag).to_owned(), Value::Bool(true));
            }
        }
        if let Some(edges) = self.edges_out.get(target).filter(|edges| !edges.is_empty()) {
            let required = edges.iter().filter(|edge| !edge.is_peer);
            let required =
                required.map(|edge| (edge.name.to_owned(), Value::from(self.required(target, &edge.spec))));
            lock.insert("requires".to_owned(), Value::Object(required.collect()));
        }
        if let Some(dependencies) = self.children(target, above) {
            lock.insert("dependencies".to_owned(), Value::Object(dependencies));
        }
        lock
    }

    /// `file:` paths are written relative to who asks, without detours.
    fn required(&self, from: &str, spec: &str) -> String {
        match spec.strip_prefix("file:") {
            Some(path) => {
                let from = self.absolute(from);
                let path = if path.starts_with('/') { path.to_owned() } else { format!("{from}/{path}") };
                format!("file:{}", relative(&from, &normalize(&path)))
            }
            None => spec.to_owned(),
        }
    }

    fn absolute(&self, location: &str) -> String {
        normalize(&format!("{}/{location}", self.directory)).trim_end_matches('/').to_owned()
    }

    /// Version, source and tarball of a package, which depend on how it was asked for.
    fn origin(&self, lock: &mut Map<String, Value>, name: &str, location: &str, entry: &LockfileEntry) {
        let mut set = |key: &str, value: &str| drop(lock.insert(key.to_owned(), Value::from(value)));
        if entry.is_link() {
            set("version", &format!("file:{}", entry.resolved().unwrap_or("")));
            return;
        }
        let resolved = entry.resolved().filter(|resolved| !resolved.is_empty());
        let source = resolved.and_then(|resolved| Specifier::parse(resolved, self.directory).ok());
        let asked = self.asked(location);
        let spec = asked.as_ref().or(source.as_ref());
        let kind = |spec: Option<&Specifier>| spec.map_or("", |spec| spec.kind().as_str());
        let (asked_kind, source_kind) = (kind(spec), kind(source.as_ref()));
        if matches!(asked_kind, "file" | "remote") {
            set("version", spec.and_then(Specifier::save_spec).unwrap_or(""));
        } else if asked_kind == "git" || source_kind == "git" {
            set("version", resolved.unwrap_or(""));
            if let Some(raw) = spec.map(Specifier::raw).filter(|raw| !raw.is_empty()) {
                set("from", raw);
            }
        } else if let Some(version) = entry.version() {
            match entry.name().filter(|own| *own != name) {
                Some(own) => set("version", &format!("npm:{own}@{version}")),
                None => set("version", version),
            }
        }
        let is_elsewhere = matches!(source_kind, "git" | "file" | "directory")
            || matches!(asked_kind, "directory" | "git" | "file" | "remote");
        if let Some(resolved) = resolved.filter(|_| !is_elsewhere) {
            set("resolved", resolved);
        }
        if self.is_in_bundle_of_dependency(location) {
            lock.insert("bundled".to_owned(), Value::Bool(true));
        }
    }

    /// Whether another package than the project brings it along.
    fn is_in_bundle_of_dependency(&self, location: &str) -> bool {
        let mut location = location;
        loop {
            if !self.packages.get(location).is_some_and(LockfileEntry::is_in_bundle) {
                return !location.is_empty() && split(location).is_none();
            }
            match split(location) {
                Some(("", _)) | None => return false,
                Some((parent, _)) if !self.packages.get(parent).is_some_and(LockfileEntry::is_in_bundle) => {
                    return true;
                }
                Some((parent, _)) => location = parent,
            }
        }
    }

    /// What the nearest of those asks for whom the package serves.
    fn asked(&self, location: &str) -> Option<Specifier> {
        let entry = self.packages.get(location)?;
        let mut edges: Vec<(&Edge<'_>, Specifier)> = Vec::new();
        for (from, index) in self.edges_in.get(location)? {
            let Some(edge) = self.edges_out.get(from).and_then(|edges| edges.get(*index)) else { continue };
            let Ok(spec) = Specifier::resolve(edge.name, &edge.spec, self.absolute(edge.from).as_str())
            else {
                continue;
            };
            if self.serves(entry, &spec) {
                edges.push((edge, spec));
            }
        }
        edges.sort_by(|(a, _), (b, _)| by_distance(a.from, b.from));
        edges.into_iter().next().map(|(_, spec)| spec)
    }

    /// Whether what lies there is what is asked for.
    fn serves(&self, entry: &LockfileEntry, spec: &Specifier) -> bool {
        let path = |spec: &Specifier| spec.fetch_spec().map(|path| relative(self.directory, path));
        let resolved = entry.resolved();
        match spec.kind() {
            SpecifierKind::Range if spec.fetch_spec() == Some("*") => true,
            SpecifierKind::Version | SpecifierKind::Range => satisfies(entry.version(), spec.fetch_spec()),
            SpecifierKind::Alias(target) => self.serves(entry, target),
            SpecifierKind::Tag => resolved.is_some_and(|resolved| resolved.starts_with("http")),
            SpecifierKind::Remote => resolved == spec.fetch_spec(),
            SpecifierKind::Directory => entry.is_link() && resolved == path(spec).as_deref(),
            SpecifierKind::File => {
                resolved.and_then(|resolved| resolved.strip_prefix("file:")) == path(spec).as_deref()
            }
            SpecifierKind::Git(_) => resolved.is_some_and(|resolved| {
                Specifier::parse(resolved, self.directory).is_ok_and(|s| s.git().is_some())
            }),
            SpecifierKind::Workspace => false,
        }
    }
}

fn satisfies(version: Option<&str>, range: Option<&str>) -> bool {
    let version = version.and_then(|version| Version::parse_loose(version).ok());
    let range = range.and_then(|range| Range::parse(range, RangeOptions::LOOSE).ok());
    matches!((version, range), (Some(version), Some(range)) if range.satisfies(&version))
}

/// Fewer folders of modules first, then the last part of the path in alphabetical order.
fn by_distance(a: &str, b: &str) -> Ordering {
    let count = |location: &str| location.matches("node_modules").count();
    let last = |location: &'_ str| location.rsplit("node_modules").next().unwrap_or("").to_owned();
    count(a).cmp(&count(b)).then_with(|| collation::compare(&last(a), &last(b)))
}

/// The location whose `node_modules` holds this one, and the name there; `None` outside such folders.
fn split(location: &str) -> Option<(&str, &str)> {
    let at = location.rfind("node_modules/")?;
    let (parent, name) = (location.get(..at)?, location.get(at + "node_modules/".len()..)?);
    if !parent.is_empty() && !parent.ends_with('/') {
        return None;
    }
    let slashes = name.matches('/').count();
    let is_name = if name.starts_with('@') { slashes == 1 } else { slashes == 0 };
    is_name.then(|| (parent.trim_end_matches('/'), name))
}

/// What a package asks for: a later section overrides an earlier one's entry of the same name.
fn edges<'a>(location: &'a str, entry: &'a LockfileEntry, overridden: Overridden<'_>) -> Vec<Edge<'a>> {
    const SECTIONS: [(&str, bool); 4] = [
        ("peerDependencies", true),
        ("dependencies", false),
        ("optionalDependencies", false),
        ("devDependencies", false),
    ];
    let mut edges: IndexMap<&str, Edge<'a>> = IndexMap::new();
    for (section, is_peer) in SECTIONS {
        for (name, declared) in texts(entry, section) {
            let spec = overridden(location, name).unwrap_or_else(|| declared.to_owned());
            edges.insert(name, Edge { from: location, name, spec, is_peer });
        }
    }
    edges.into_values().collect()
}
