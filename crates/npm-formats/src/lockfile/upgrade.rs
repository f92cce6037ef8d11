//! From the `dependencies` of a version 1 lockfile to `packages`.
//!
//! Source: npm 11.19.1, arborist's shrinkwrap. The old format says where a package came from in several members that
//! mean different things for different kinds; what cannot be known from them stays open.

use super::locations::resolve_entry;
use super::{Lockfile, LockfileEntry};
use crate::json::access::{text, truthy};
use crate::posix_path::relative;
use crate::specifier::{Specifier, SpecifierKind};
use indexmap::IndexMap;
use npm_semver::Version;
use serde_json::{Map, Value};

/// The members of package.json that a lockfile repeats of the project, in npm's order.
const PROJECT_MEMBERS: [&str; 19] = [
    "version",
    "dependencies",
    "peerDependencies",
    "peerDependenciesMeta",
    "optionalDependencies",
    "bundleDependencies",
    "acceptDependencies",
    "funding",
    "engines",
    "os",
    "cpu",
    "libc",
    "_integrity",
    "license",
    "_hasShrinkwrap",
    "hasInstallScript",
    "bin",
    "deprecated",
    "workspaces",
];

impl Lockfile {
    /// Fills `packages` from `dependencies`, if the file had only the latter.
    ///
    /// `directory` is the absolute path of the project, from which `file:` paths are read; `project` is its normalised
    /// package.json, of which the old format says nothing.
    pub fn fill_packages(&mut self, directory: &str, project: &Map<String, Value>) {
        if self.dependencies.is_empty() || !self.packages.is_empty() {
            return;
        }
        let mut root = Map::new();
        if let Some(name) = &self.name {
            root.insert("name".to_owned(), Value::from(name.as_str()));
        }
        if let Some(version) = &self.version {
            root.insert("version".to_owned(), Value::from(version.as_str()));
        }
        root.insert("dependencies".to_owned(), Value::Object(self.dependencies.clone()));
        let mut upgrade = Upgrade { directory, packages: IndexMap::new() };
        upgrade.load(String::new(), "", &root);
        upgrade.add_project(project);
        upgrade.sort_requirements();
        self.packages = upgrade.packages;
    }
}

struct Upgrade<'a> {
    directory: &'a str,
    packages: IndexMap<String, LockfileEntry>,
}

impl Upgrade<'_> {
    /// Takes an entry over, and those nested in it, whose depth the JSON parser has limited.
    fn load(&mut self, mut location: String, name: &str, lock: &Map<String, Value>) {
        if let Some(target) = self.take_over(&location, name, lock, text(lock, "version")) {
            // What is nested under a link is really under its target.
            location = target;
        }
        let nested = lock.get("dependencies").and_then(Value::as_object);
        for (name, lock) in nested.into_iter().flatten() {
            let separator = if location.is_empty() { "" } else { "/" };
            if let Value::Object(lock) = lock {
                self.load(format!("{location}{separator}node_modules/{name}"), name, lock);
            }
        }
    }

    /// Makes the entry of one location; gives the target's location if it is a link.
    fn take_over(
        &mut self,
        location: &str,
        name: &str,
        lock: &Map<String, Value>,
        version: Option<&str>,
    ) -> Option<String> {
        let version = version.filter(|version| !version.is_empty());
        let spec = specifier(name, lock, version, self.directory);
        if let Some(target) = spec.as_ref().filter(|spec| matches!(spec.kind(), SpecifierKind::Directory)) {
            let target = relative(self.directory, target.fetch_spec().unwrap_or("/"));
            let mut link = Map::new();
            link.insert("link".to_owned(), Value::Bool(true));
            link.insert("resolved".to_owned(), Value::from(target.as_str()));
            self.packages.insert(location.to_owned(), LockfileEntry(link));
            if !self.packages.contains_key(&target) {
                // Its version is not known, only that it is no link to itself.
                self.take_over(&target, name, lock, None);
            }
            return Some(target);
        }
        let entry = entry(location, name, lock, version, spec.as_ref(), self.directory);
        self.packages.insert(location.to_owned(), LockfileEntry(entry));
        None
    }

    fn add_project(&mut self, project: &Map<String, Value>) {
        let root = self.packages.entry(String::new()).or_default();
        for key in PROJECT_MEMBERS {
            let value = match truthy(project, key) {
                Some(Value::Object(license)) if key == "license" && truthy(license, "type").is_some() => {
                    license.get("type")
                }
                Some(Value::Object(members)) if members.is_empty() => None,
                Some(Value::Array(items)) if items.is_empty() => None,
                value => value,
            };
            if let Some(value) = value {
                root.insert(key.trim_start_matches('_').to_owned(), value.clone());
            }
        }
    }

    /// Makes sections of dependencies of the single list that the old format has.
    fn sort_requirements(&mut self) {
        for index in 0..self.packages.len() {
            let Some((location, entry)) = self.packages.get_index(index) else { continue };
            let Some(Value::Object(requires)) = entry.get("requires").filter(|_| !location.is_empty()) else {
                continue;
            };
            let mut sections: Vec<(&str, String, Value)> = Vec::new();
            for (name, range) in requires {
                let dependency = resolve_entry(&self.packages, location, name);
                let section = match dependency {
                    Some(dependency) if dependency.is_optional() && !entry.is_optional() => {
                        "optionalDependencies"
                    }
                    Some(dependency) if dependency.is_dev() && !entry.is_dev() => "devDependencies",
                    _ => "dependencies",
                };
                sections.push((section, name.clone(), range.clone()));
            }
            let Some((_, entry)) = self.packages.get_index_mut(index) else { continue };
            for (section, name, range) in sections {
                let section = entry.entry(section).or_insert_with(|| Value::Object(Map::new()));
                if let Value::Object(section) = section {
                    section.insert(name, range);
                }
            }
            entry.shift_remove("requires");
        }
    }
}

/// What the old entry asked for, as far as npm 6 can be understood.
fn specifier(
    name: &str,
    lock: &Map<String, Value>,
    version: Option<&str>,
    directory: &str,
) -> Option<Specifier> {
    let known = known_specifier(name, lock, version, directory);
    known.or_else(|| Specifier::resolve(name, version.unwrap_or(""), directory).ok())
}

/// `None` also where a member cannot be understood.
fn known_specifier(
    name: &str,
    lock: &Map<String, Value>,
    version: Option<&str>,
    directory: &str,
) -> Option<Specifier> {
    let resolve = |spec: &str| Specifier::resolve(name, spec, directory).ok();
    let resolved = text(lock, "resolved").filter(|resolved| !resolved.is_empty());
    if let Some(version) = version {
        let spec = resolve(version)?;
        if truthy(lock, "integrity").is_some() || spec.git().is_some() {
            return Some(spec);
        }
    }
    if let Some(from) = text(lock, "from").filter(|from| !from.is_empty()) {
        let spec = resolve(from)?;
        match version {
            Some(version) if spec.is_registry() => return resolve(version),
            _ if resolved.is_none() => return Some(spec),
            _ => {}
        }
    }
    resolve(resolved?)
}

fn entry(
    location: &str,
    name: &str,
    lock: &Map<String, Value>,
    version: Option<&str>,
    spec: Option<&Specifier>,
    directory: &str,
) -> Map<String, Value> {
    let mut entry = Map::new();
    let mut set = |key: &str, value: Value| drop(entry.insert(key.to_owned(), value));
    if let Some(requires @ Value::Object(_)) = lock.get("requires") {
        set("requires", requires.clone());
    }
    for flag in ["optional", "dev"] {
        if truthy(lock, flag).is_some() {
            set(flag, Value::Bool(true));
        }
    }
    if let (true, Some(name)) = (location.is_empty(), lock.get("name")) {
        set("name", name.clone());
    }
    let integrity = truthy(lock, "integrity");
    if let Some(integrity) = integrity {
        set("integrity", integrity.clone());
    }
    let is_registry = spec.is_some_and(Specifier::is_registry);
    let mut known_version = None;
    if integrity.is_none()
        && let Some(version) = version
    {
        if let Some(spec) = spec.filter(|spec| spec.git().is_some()) {
            set("resolved", git_url(spec).map_or(Value::Null, Value::from));
            return entry;
        }
        known_version = Some(version.to_owned()).filter(|_| is_registry);
    }
    let resolved = match spec {
        Some(_) if is_registry => {
            text(lock, "resolved").filter(|resolved| !resolved.is_empty()).map(str::to_owned)
        }
        Some(spec) if matches!(spec.kind(), SpecifierKind::File) => {
            spec.fetch_spec().map(|path| format!("file:{}", relative(directory, path)))
        }
        Some(spec) => spec.fetch_spec().map(str::to_owned),
        None => None,
    };
    let mut own_name = None;
    if let (None, Some(spec)) = (&known_version, spec) {
        (own_name, known_version) = guess(name, spec, resolved.as_deref());
    }
    let texts = [("version", known_version), ("resolved", resolved), ("name", own_name)];
    for (key, value) in texts {
        if let Some(value) = value {
            set(key, Value::from(value));
        }
    }
    if truthy(lock, "bundled").is_some() {
        set("inBundle", Value::Bool(true));
    }
    entry
}

/// Name, where it is not that of the location, and version of a package that its entry does not say.
fn guess(name: &str, spec: &Specifier, resolved: Option<&str>) -> (Option<String>, Option<String>) {
    match spec.kind() {
        SpecifierKind::File | SpecifierKind::Remote => {
            let own = spec.name().unwrap_or("");
            let tarballs = [spec.fetch_spec(), resolved];
            match tarballs.into_iter().flatten().find_map(|tarball| from_tarball(own, tarball)) {
                Some((found, version)) => (Some(found).filter(|found| found != name), Some(version)),
                None => (None, None),
            }
        }
        SpecifierKind::Alias(target) => {
            (target.name().map(str::to_owned), target.fetch_spec().map(str::to_owned))
        }
        SpecifierKind::Version => (None, spec.fetch_spec().map(str::to_owned)),
        _ => (None, None),
    }
}

/// The URL of a git repository as lockfiles have it: over ssh, unless it has credentials.
fn git_url(spec: &Specifier) -> Option<String> {
    match spec.git()?.hosted() {
        Some(hosted) if hosted.auth().is_some() => Some(hosted.https(Default::default())),
        Some(hosted) => Some(hosted.ssh_url(Default::default())),
        None => spec.save_spec().map(str::to_owned),
    }
}

/// Name and version in the name of a tarball: `…/@scope/name/-/name-1.0.0.tgz`, or `name-1.0.0.tgz` for a name known.
fn from_tarball(name: &str, tarball: &str) -> Option<(String, String)> {
    let file = tarball.trim_end_matches('/').rsplit('/').next().unwrap_or("");
    let stem = file.strip_suffix(".tgz")?;
    if tarball.starts_with("http:/") || tarball.starts_with("https:/") {
        let url = url::Url::parse(tarball).ok()?;
        if let Some((before, after)) = url.path().trim_start_matches('/').rsplit_once("/-/")
            && after == file
        {
            let package = before.rsplit_once("/-/").map_or(before, |(_, package)| package);
            return versioned(&split_name(package), stem);
        }
    }
    versioned(&split_name(name), stem)
}

fn versioned(parts: &[String], stem: &str) -> Option<(String, String)> {
    let (project, before) = parts.split_last()?;
    let version = Version::parse(stem.strip_prefix(project.as_str())?.strip_prefix('-')?).ok()?.to_string();
    match before.last() {
        Some(scope) if scope.starts_with('@') => Some((format!("{scope}/{project}"), version)),
        _ => Some((project.clone(), version)),
    }
}

fn split_name(name: &str) -> Vec<String> {
    name.replace("%2f", "/").replace("%2F", "/").split('/').map(str::to_owned).collect()
}
