//! What a node of the tree knows of its package.json, manifest or lockfile entry.

use std::sync::{Arc, OnceLock};

use npm_semver::Version;
use serde_json::{Map, Value};

/// A normalised package document with the fields that resolution reads taken out.
///
/// *Shape*: `json` is the document after npm's normalisation (see `npm_formats::manifest`): bundled
/// dependencies are an array, `bin` an object, `funding` an object or array.
#[derive(Debug)]
pub struct Package {
    /// The whole document.
    pub json: Map<String, Value>,
    name: Option<Arc<str>>,
    version: Option<Arc<str>>,
    parsed_version: OnceLock<Option<Version>>,
    bundled: Vec<Arc<str>>,
    is_abbreviated: bool,
}

/// The sections of a package document that declare dependencies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Section {
    /// `dependencies`
    Prod,
    /// `devDependencies`
    Dev,
    /// `optionalDependencies`
    Optional,
    /// `peerDependencies`
    Peer,
}

impl Section {
    /// The key in package.json.
    pub fn key(self) -> &'static str {
        match self {
            Self::Prod => "dependencies",
            Self::Dev => "devDependencies",
            Self::Optional => "optionalDependencies",
            Self::Peer => "peerDependencies",
        }
    }
}

impl Package {
    /// Takes an already normalised document.
    pub fn new(json: Map<String, Value>) -> Self {
        let text = |key: &str| match json.get(key) {
            Some(Value::String(text)) if !text.is_empty() => Some(Arc::from(text.as_str())),
            _ => None,
        };
        let bundled = match json.get("bundleDependencies") {
            Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).map(Arc::from).collect(),
            _ => Vec::new(),
        };
        Self {
            name: text("name"),
            version: text("version"),
            parsed_version: OnceLock::new(),
            bundled,
            is_abbreviated: false,
            json,
        }
    }

    /// Takes a normalised manifest of an abbreviated packument, which lacks fields that lockfiles have.
    pub fn abbreviated(json: Map<String, Value>) -> Self {
        Self { is_abbreviated: true, ..Self::new(json) }
    }

    /// Whether fields that a lockfile has ([`Self::UNABBREVIATED_FIELDS`]) are still to be had.
    pub fn is_abbreviated(&self) -> bool {
        self.is_abbreviated
    }

    /// The fields of lockfiles that abbreviated packuments do not have.
    pub const UNABBREVIATED_FIELDS: [&str; 2] = ["license", "workspaces"];

    /// The same with the fields that were missing taken from a whole document.
    pub fn completed(&self, whole: &Map<String, Value>) -> Self {
        let mut json = self.json.clone();
        for key in Self::UNABBREVIATED_FIELDS {
            if let Some(value) = whole.get(key) {
                json.insert(key.to_owned(), value.clone());
            }
        }
        Self::new(json)
    }

    /// The document of nothing.
    pub fn empty() -> Self {
        Self::new(Map::new())
    }

    /// `name`, if it is a non-empty string.
    pub fn name(&self) -> Option<&Arc<str>> {
        self.name.as_ref()
    }

    /// `version`, if it is a non-empty string.
    pub fn version(&self) -> Option<&Arc<str>> {
        self.version.as_ref()
    }

    /// `version` parsed loosely.
    pub fn parsed_version(&self) -> Option<&Version> {
        self.parsed_version
            .get_or_init(|| self.version.as_deref().and_then(|text| Version::parse_loose(text).ok()))
            .as_ref()
    }

    /// The names in `bundleDependencies`.
    pub fn bundled(&self) -> &[Arc<str>] {
        &self.bundled
    }

    /// The entries of a dependency section whose specs are strings, in JavaScript's order.
    pub fn section(&self, section: Section) -> impl Iterator<Item = (&str, &str)> {
        self.object(section.key())
            .into_iter()
            .flatten()
            .filter_map(|(name, spec)| spec.as_str().map(|spec| (name.as_str(), spec)))
    }

    /// The spec that a section has for a name.
    pub fn spec_in(&self, section: Section, name: &str) -> Option<&str> {
        self.object(section.key())?.get(name)?.as_str()
    }

    /// Whether `peerDependenciesMeta` marks the peer as optional.
    pub fn peer_is_optional(&self, name: &str) -> bool {
        self.object("peerDependenciesMeta")
            .and_then(|metas| metas.get(name)?.get("optional"))
            .is_some_and(is_truthy)
    }

    /// `acceptDependencies[name]`, where an empty string stands for any version.
    pub fn accepts(&self, name: &str) -> Option<&str> {
        let spec = self.object("acceptDependencies")?.get(name)?.as_str()?;
        Some(if spec.is_empty() { "*" } else { spec })
    }

    /// Whether the field is truthy in JavaScript's sense.
    pub fn flag(&self, key: &str) -> bool {
        self.json.get(key).is_some_and(is_truthy)
    }

    /// Whether there is, or the registry says there is, a script that npm runs at installation.
    pub fn has_install_script(&self) -> bool {
        self.flag("hasInstallScript")
            || self.object("scripts").is_some_and(|scripts| {
                ["preinstall", "install", "postinstall"]
                    .iter()
                    .any(|event| scripts.get(*event).is_some_and(is_truthy))
            })
    }

    fn object(&self, key: &str) -> Option<&Map<String, Value>> {
        self.json.get(key)?.as_object()
    }
}

/// JavaScript's truth of a JSON value.
pub(crate) fn is_truthy(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(flag) => *flag,
        Value::String(text) => !text.is_empty(),
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::Array(_) | Value::Object(_) => true,
    }
}
