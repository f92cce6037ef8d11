//! What a dependency edge asks for: specifiers parsed once and kept.

use std::cell::RefCell;
use std::sync::Arc;

use npm_formats::specifier::{Specifier, SpecifierKind};
use npm_semver::{Range, RangeOptions};
use rustc_hash::FxHashMap;

/// How npm reads ranges of dependencies.
pub(crate) const LOOSE: RangeOptions = RangeOptions::LOOSE;

/// A parsed dependency spec, independent of where it stands.
#[derive(Debug)]
pub enum Requirement {
    /// A version or range to be found in a registry.
    Range { text: String, range: Range, any: bool, exact: bool },
    /// A dist-tag.
    Tag { tag: String },
    /// `npm:name@spec`: another package under this name.
    Alias { name: Arc<str>, target: Arc<Requirement> },
    /// A git repository, perhaps with a `#semver:` range.
    Git { spec: Box<Specifier>, range: Option<Range> },
    /// A tarball URL.
    Remote { url: String },
    /// A tarball on this machine; relative to the one who asks.
    File,
    /// A folder on this machine; relative to the one who asks.
    Directory,
    /// Not a specifier that npm understands.
    Invalid { code: &'static str, message: String },
}

impl Requirement {
    /// Parses `spec` as the value of a dependency named `name`.
    pub fn parse(name: &str, spec: &str) -> Self {
        match Specifier::resolve(name, spec, "/") {
            Ok(specifier) => Self::from_specifier(&specifier),
            Err(error) => Self::Invalid { code: error.code(), message: error.to_string() },
        }
    }

    fn from_specifier(specifier: &Specifier) -> Self {
        let text = || specifier.fetch_spec().unwrap_or("*").to_owned();
        match specifier.kind() {
            SpecifierKind::Version | SpecifierKind::Range => {
                let text = text();
                let exact = matches!(specifier.kind(), SpecifierKind::Version);
                match Range::parse(&text, LOOSE) {
                    Ok(range) => Self::Range { any: text.is_empty() || text == "*", range, exact, text },
                    Err(error) => Self::Invalid { code: "EINVALIDTAGNAME", message: error.to_string() },
                }
            }
            SpecifierKind::Tag => Self::Tag { tag: text() },
            SpecifierKind::Alias(target) => Self::Alias {
                name: Arc::from(target.name().unwrap_or_default()),
                target: Arc::new(Self::from_specifier(target)),
            },
            SpecifierKind::Git(git) => Self::Git {
                range: git.range().and_then(|range| Range::parse(range, LOOSE).ok()),
                spec: Box::new(specifier.clone()),
            },
            SpecifierKind::Remote => Self::Remote { url: text() },
            SpecifierKind::File => Self::File,
            SpecifierKind::Directory => Self::Directory,
            SpecifierKind::Workspace => Self::Invalid {
                code: "EUNSUPPORTEDPROTOCOL",
                message: format!("Unsupported URL Type \"workspace:\": {}", specifier.raw_spec()),
            },
        }
    }

    /// The name and spec that a registry is asked for, if one is.
    pub fn registry_request(&self, name: &str) -> Option<(String, String)> {
        match self {
            Self::Range { text, .. } => Some((name.to_owned(), text.clone())),
            Self::Tag { tag } => Some((name.to_owned(), tag.clone())),
            Self::Alias { name, target } => target.registry_request(name),
            _ => None,
        }
    }

    /// Whether a registry answers for it.
    pub fn is_registry(&self) -> bool {
        match self {
            Self::Range { .. } | Self::Tag { .. } => true,
            Self::Alias { target, .. } => target.is_registry(),
            _ => false,
        }
    }
}

/// The cache of parsed specs.
#[derive(Debug, Default)]
pub struct Specs {
    /// By text alone: what a registry spec means does not depend on the name it stands under.
    known: RefCell<FxHashMap<Arc<str>, Arc<Requirement>>>,
}

impl Specs {
    /// The parsed form of `spec` under `name`.
    pub fn requirement(&self, name: &str, spec: &str) -> Arc<Requirement> {
        if let Some(known) = self.known.borrow().get(spec) {
            return known.clone();
        }
        let parsed = Arc::new(Requirement::parse(name, spec));
        self.known.borrow_mut().insert(spec.into(), parsed.clone());
        parsed
    }
}
