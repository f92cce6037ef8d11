//! Typed access to the members of a manifest.

use super::{Manifest, Person};
use crate::json::access::{coerce, list, text, texts, truthy};
use serde_json::{Map, Value};

/// A section of dependencies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DependencyKind {
    /// `dependencies`
    Production,
    /// `devDependencies`
    Development,
    /// `optionalDependencies`
    Optional,
    /// `peerDependencies`
    Peer,
}

impl DependencyKind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Production, Self::Development, Self::Optional, Self::Peer];

    /// The name of the section.
    pub const fn section(self) -> &'static str {
        match self {
            Self::Production => "dependencies",
            Self::Development => "devDependencies",
            Self::Optional => "optionalDependencies",
            Self::Peer => "peerDependencies",
        }
    }
}

/// What `type` makes of `.js` files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ModuleType {
    /// `"commonjs"`
    CommonJs,
    /// `"module"`
    Module,
}

/// Where the source is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repository<'a> {
    /// The kind of repository, `git` if nothing else is said.
    pub kind: &'a str,
    /// Its URL, or the shorthand that was written.
    pub url: &'a str,
    /// The package's folder in it.
    pub directory: Option<&'a str>,
}

macro_rules! text_members {
    ($($(#[$doc:meta])* $name:ident = $key:literal;)*) => {
        $($(#[$doc])* pub fn $name(&self) -> Option<&str> { text(&self.0, $key) })*
    };
}

macro_rules! list_members {
    ($($(#[$doc:meta])* $name:ident = $key:literal;)*) => {
        $($(#[$doc])* pub fn $name(&self) -> impl Iterator<Item = &str> { list(&self.0, $key) })*
    };
}

impl Manifest {
    text_members! {
        /// The package's name.
        name = "name";
        /// The package's version.
        version = "version";
        /// What it is, in a sentence.
        description = "description";
        /// Its page.
        homepage = "homepage";
        /// The file that `require` of the package gives, where there are no `exports`.
        main = "main";
        /// `name@version` of the package manager that the project wants.
        package_manager = "packageManager";
        /// Why one should not use it.
        deprecated = "deprecated";
    }

    list_members! {
        /// Names of the dependencies that are packed with it.
        bundle_dependencies = "bundleDependencies";
        /// Operating systems it supports or, after `!`, does not.
        os = "os";
        /// Processor architectures it supports or, after `!`, does not.
        cpu = "cpu";
        /// C libraries it supports or, after `!`, does not.
        libc = "libc";
        /// Words to find it by.
        keywords = "keywords";
        /// Patterns of what is packed.
        files = "files";
    }

    /// Name and specifier of each dependency of a kind.
    pub fn dependencies(&self, kind: DependencyKind) -> impl Iterator<Item = (&str, &str)> {
        texts(&self.0, kind.section())
    }

    /// The specifier of one dependency.
    pub fn dependency(&self, kind: DependencyKind, name: &str) -> Option<&str> {
        self.0.get(kind.section())?.get(name)?.as_str()
    }

    /// Whether `peerDependenciesMeta` marks a peer dependency optional.
    pub fn is_peer_optional(&self, name: &str) -> bool {
        let meta =
            self.0.get("peerDependenciesMeta").and_then(|meta| meta.get(name)).and_then(Value::as_object);
        meta.is_some_and(|meta| truthy(meta, "optional").is_some())
    }

    /// Command and path of each executable; complete only where `bin` was normalised.
    pub fn bin(&self) -> impl Iterator<Item = (&str, &str)> {
        texts(&self.0, "bin")
    }

    /// Name and command of each script.
    pub fn scripts(&self) -> impl Iterator<Item = (&str, &str)> {
        texts(&self.0, "scripts")
    }

    /// The command of one script.
    pub fn script(&self, name: &str) -> Option<&str> {
        self.0.get("scripts")?.get(name)?.as_str()
    }

    /// Whether it has a script that runs when it is installed as a dependency.
    pub fn has_install_script(&self) -> bool {
        ["preinstall", "install", "postinstall"]
            .iter()
            .any(|name| self.script(name).is_some_and(|s| !s.is_empty()))
    }

    /// Engine and range of each.
    pub fn engines(&self) -> impl Iterator<Item = (&str, &str)> {
        texts(&self.0, "engines")
    }

    /// Patterns of the workspaces, from a list or an object's `packages`; `None` when it has none.
    pub fn workspaces(&self) -> Option<Vec<&str>> {
        let patterns = match truthy(&self.0, "workspaces")? {
            Value::Array(patterns) => patterns,
            Value::Object(members) => members.get("packages")?.as_array()?,
            _ => return None,
        };
        Some(patterns.iter().filter_map(Value::as_str).collect())
    }

    /// The overrides of the project.
    pub fn overrides(&self) -> Option<&Map<String, Value>> {
        self.0.get("overrides")?.as_object()
    }

    /// Settings for publishing.
    pub fn publish_config(&self) -> Option<&Map<String, Value>> {
        self.0.get("publishConfig")?.as_object()
    }

    /// What the development environment must have.
    pub fn dev_engines(&self) -> Option<&Map<String, Value>> {
        self.0.get("devEngines")?.as_object()
    }

    /// What the package exports, by subpath and condition.
    pub fn exports(&self) -> Option<&Value> {
        self.0.get("exports")
    }

    /// What the package imports under names of its own.
    pub fn imports(&self) -> Option<&Map<String, Value>> {
        self.0.get("imports")?.as_object()
    }

    /// What `type` says; nothing else than the two words counts.
    pub fn module_type(&self) -> Option<ModuleType> {
        match text(&self.0, "type")? {
            "module" => Some(ModuleType::Module),
            "commonjs" => Some(ModuleType::CommonJs),
            _ => None,
        }
    }

    /// The license, from a string or from the `type` of the old object form.
    pub fn license(&self) -> Option<&str> {
        match self.0.get("license")? {
            Value::String(license) => Some(license),
            Value::Object(members) => text(members, "type"),
            _ => None,
        }
    }

    /// Whether it must not be published.
    pub fn is_private(&self) -> bool {
        truthy(&self.0, "private").is_some()
    }

    /// Whether it is meant to be installed globally.
    pub fn prefers_global(&self) -> bool {
        truthy(&self.0, "preferGlobal").is_some()
    }

    /// Whether its `.gyp` file is built at installation.
    pub fn is_gyp(&self) -> bool {
        truthy(&self.0, "gypfile").is_some()
    }

    /// Who wrote it.
    pub fn author(&self) -> Option<Person> {
        truthy(&self.0, "author").map(Person::from_value)
    }

    /// Who else did.
    pub fn contributors(&self) -> Vec<Person> {
        let people = self.0.get("contributors").and_then(Value::as_array);
        people.into_iter().flatten().map(Person::from_value).collect()
    }

    /// Where to give money: the `url` of each, from a string, an object, or a list of them.
    pub fn funding(&self) -> Vec<&str> {
        fn one(value: &Value) -> Option<&str> {
            match value {
                Value::String(url) => Some(url),
                Value::Object(members) => text(members, "url"),
                _ => None,
            }
        }
        match self.0.get("funding") {
            Some(Value::Array(items)) => items.iter().filter_map(one).collect(),
            Some(single) => one(single).into_iter().collect(),
            None => Vec::new(),
        }
    }

    /// Where the source is.
    pub fn repository(&self) -> Option<Repository<'_>> {
        match self.0.get("repository")? {
            Value::String(url) => Some(Repository { kind: "git", url, directory: None }),
            Value::Object(members) => Some(Repository {
                kind: text(members, "type").unwrap_or("git"),
                url: text(members, "url")?,
                directory: text(members, "directory"),
            }),
            _ => None,
        }
    }

    /// Where bugs are reported, a URL or a mail address.
    pub fn bugs(&self) -> Option<String> {
        match self.0.get("bugs")? {
            Value::Object(members) => truthy(members, "url").or_else(|| truthy(members, "email")).map(coerce),
            Value::String(place) => Some(place.clone()),
            _ => None,
        }
    }
}
