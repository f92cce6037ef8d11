//! What can be asked to be installed: npm's package specifiers, as arguments (`name@spec`) and as the values of
//! dependencies.
//!
//! Tells the kinds apart by their text alone, as npm does: whether a file or folder exists is not looked at.
//!
//! *Source*: npm-package-arg 13.0.2 of npm 11.19.1, its rules for POSIX systems.

mod error;
mod file;
mod git;
mod parse;
mod posix_path;

use std::borrow::Cow;
use std::fmt;

use npm_semver::Range;

use crate::package_name::PackageName;

pub use error::SpecifierError;
pub use git::GitSpecifier;

/// Where relative paths begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place<'a> {
    /// The absolute path of the folder that paths are relative to; `""` is the root.
    pub directory: &'a str,
    /// The absolute path that `~` stands for. Where it is not known, paths that begin with `~/` stay as they are.
    pub home: Option<&'a str>,
}

impl<'a> From<&'a str> for Place<'a> {
    fn from(directory: &'a str) -> Self {
        Self { directory, home: None }
    }
}

impl<'a> From<&'a String> for Place<'a> {
    fn from(directory: &'a String) -> Self {
        Self::from(directory.as_str())
    }
}

/// What a specifier asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SpecifierKind {
    /// One version: `1.2.3`, `=v1.2.3`.
    Version,
    /// A range: `^1.2.3`, `*`, `""`.
    Range,
    /// A dist-tag: `latest`.
    Tag,
    /// `npm:` and the name and spec of another package, which is a version, range or tag.
    Alias(Box<Specifier>),
    /// A git repository.
    Git(Box<GitSpecifier>),
    /// The URL of a tarball.
    Remote,
    /// The path of a tarball.
    File,
    /// The path of a folder.
    Directory,
    /// `workspace:`, which npm refuses with [`SpecifierError::UnsupportedProtocol`].
    Workspace,
}

impl SpecifierKind {
    /// npm's word, such as `directory`.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Version => "version",
            Self::Range => "range",
            Self::Tag => "tag",
            Self::Alias(_) => "alias",
            Self::Git(_) => "git",
            Self::Remote => "remote",
            Self::File => "file",
            Self::Directory => "directory",
            Self::Workspace => "workspace",
        }
    }
}

/// A specifier, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Specifier {
    raw: String,
    raw_spec: String,
    name: Option<PackageName>,
    kind: SpecifierKind,
    save_spec: Option<String>,
    fetch_spec: Option<String>,
    range: Option<Range>,
    directory: Option<String>,
}

impl Specifier {
    /// Reads an argument: `name`, `name@spec` or a spec that stands alone.
    ///
    /// *Errors*: [`SpecifierError`]; what looks like no other kind is a name or tag, and may be invalid as such.
    pub fn parse<'a>(argument: &str, place: impl Into<Place<'a>>) -> Result<Self, SpecifierError> {
        parse::parse(argument, place.into())
    }

    /// Reads the spec of a package, as in a package.json's `dependencies`. `""` is no name.
    ///
    /// *Errors*: as [`Specifier::parse`].
    pub fn resolve<'a>(name: &str, spec: &str, place: impl Into<Place<'a>>) -> Result<Self, SpecifierError> {
        parse::resolve(name, spec, None, place.into())
    }

    /// What is asked for.
    pub fn kind(&self) -> &SpecifierKind {
        &self.kind
    }

    /// The argument as given; `name@spec` where the two were given apart.
    pub fn raw(&self) -> &str {
        &self.raw
    }

    /// What stands behind the name, as given; `*` where an argument has nothing there.
    pub fn raw_spec(&self) -> &str {
        &self.raw_spec
    }

    /// The package's name, of an alias the one it gets.
    pub fn name(&self) -> Option<&str> {
        self.name.as_ref().map(PackageName::as_str)
    }

    /// [`Specifier::name`] with its own questions.
    pub fn package_name(&self) -> Option<&PackageName> {
        self.name.as_ref()
    }

    /// The name's scope with its `@`.
    pub fn scope(&self) -> Option<&str> {
        self.name.as_ref().and_then(PackageName::scope)
    }

    /// The name as one segment of a URL.
    pub fn escaped_name(&self) -> Option<Cow<'_, str>> {
        self.name.as_ref().map(PackageName::escaped)
    }

    /// What to write into a package.json; none for registry kinds, which are saved as what they led to.
    pub fn save_spec(&self) -> Option<&str> {
        self.save_spec.as_deref()
    }

    /// What to fetch: the version, range or tag; the repository's URL without committish (none for a shortcut, of
    /// which the host gives the URLs to try); the tarball's URL; the absolute path. None for an alias.
    pub fn fetch_spec(&self) -> Option<&str> {
        self.fetch_spec.as_deref()
    }

    /// The parsed range of a version or range.
    pub fn range(&self) -> Option<&Range> {
        self.range.as_ref()
    }

    /// The repository, where it is one.
    pub fn git(&self) -> Option<&GitSpecifier> {
        match &self.kind {
            SpecifierKind::Git(git) => Some(git),
            _ => None,
        }
    }

    /// What an alias stands for.
    pub fn alias_target(&self) -> Option<&Specifier> {
        match &self.kind {
            SpecifierKind::Alias(target) => Some(target),
            _ => None,
        }
    }

    /// The folder that the path of a file or folder is relative to.
    pub fn directory(&self) -> Option<&str> {
        self.directory.as_deref()
    }

    /// Whether a registry is asked for it: versions, ranges, tags and aliases.
    pub fn is_registry(&self) -> bool {
        use SpecifierKind::{Alias, Range, Tag, Version};
        matches!(self.kind, Version | Range | Tag | Alias(_))
    }

    /// The package URL (`pkg:npm/...`) of an exact version, with the registry where one is named.
    ///
    /// *Errors*: [`SpecifierError::NoPackageUrl`] for anything but a version with a name.
    pub fn package_url(&self, registry: Option<&str>) -> Result<String, SpecifierError> {
        let (SpecifierKind::Version, Some(name)) = (&self.kind, self.name()) else {
            return Err(SpecifierError::NoPackageUrl { kind: self.kind.as_str(), raw: self.raw.clone() });
        };
        let name = match name.strip_prefix('@') {
            Some(scoped) => format!("%40{scoped}"),
            None => name.to_owned(),
        };
        let registry = registry.map(|url| format!("?repository_url={url}")).unwrap_or_default();
        Ok(format!("pkg:npm/{name}@{}{registry}", self.raw_spec))
    }
}

/// Name and spec joined as an argument, the spec in its saved form where it has one.
impl fmt::Display for Specifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let specs = [self.save_spec(), self.fetch_spec(), Some(self.raw_spec.as_str())];
        let spec = specs.into_iter().flatten().find(|spec| !spec.is_empty());
        match (self.name(), spec) {
            (Some(name), Some(spec)) => write!(f, "{name}@{spec}"),
            (Some(only), None) | (None, Some(only)) => f.write_str(only),
            (None, None) => f.write_str(&self.raw),
        }
    }
}
