//! The packument: everything a registry says about one package name.
//!
//! Owns the document as it came, packed, plus an index of byte spans, so that a range is matched against
//! versions without parsing a manifest, and only the versions that are chosen are ever unpacked and parsed.
//! It does not choose versions (that is the resolver's `pick_manifest`) and does not fetch.

mod index;
mod text;

use std::ops::Range as Span;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use npm_semver::Version;
use rustc_hash::FxHashMap;
use serde::Deserialize;
use serde_json::{Map, Value};

use text::Text;

/// Why a packument or one of its manifests cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum PackumentError {
    /// The document is not JSON, or not an object of a packument's shape.
    #[error("the registry's document for {name} is not a packument")]
    Document { name: String, source: serde_json::Error },
    /// A version's manifest is not a JSON object.
    #[error("the registry's manifest of {name}@{version} is not a JSON object")]
    Manifest { name: String, version: String, source: serde_json::Error },
}

/// The blob is not what [`Packument::encode`] of this version of knit wrote. The remedy is to ask the registry.
#[derive(Debug, thiserror::Error)]
#[error("the blob is no packument")]
pub struct NotAPackument;

/// One package's packument: its text, and where each version's manifest lies in it.
///
/// *Shape*: full (`application/json`) or abbreviated (`application/vnd.npm.install-v1+json`); an
/// abbreviated one has no publish times.
#[derive(Debug, Clone)]
pub struct Packument {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    text: Text,
    name: String,
    dist_tags: Vec<(String, String)>,
    versions: Vec<PackumentVersion>,
    by_text: OnceLock<FxHashMap<Box<str>, u32>>,
    has_times: bool,
}

/// One key of a packument's `versions`.
#[derive(Debug)]
pub struct PackumentVersion {
    text: Box<str>,
    parsed: OnceLock<Option<Version>>,
    span: Span<u32>,
    time: Option<Box<str>>,
    standing: OnceLock<Box<Standing>>,
}

/// What npm's choice among versions reads of a manifest besides its version.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Standing {
    #[serde(default, deserialize_with = "truthy")]
    /// The manifest has a non-empty `deprecated`.
    pub deprecated: bool,
    #[serde(default, deserialize_with = "engine_ranges")]
    /// `engines.node` and `engines.npm`, where they are strings.
    pub engines: EngineRanges,
}

/// The two engines npm checks.
#[derive(Debug, Clone, Default)]
pub struct EngineRanges {
    /// Range of Node versions.
    pub node: Option<String>,
    /// Range of npm versions.
    pub npm: Option<String>,
}

impl Packument {
    /// Reads a packument and indexes it.
    ///
    /// *Errors*: [`PackumentError::Document`]; `name` is only used in the message.
    pub fn parse(name: &str, text: &[u8]) -> Result<Self, PackumentError> {
        let (dist_tags, versions, has_times) =
            index::scan(text).map_err(|source| PackumentError::Document { name: name.to_owned(), source })?;
        Ok(Self::from_parts(name.to_owned(), Text::pack(text), dist_tags, versions, has_times))
    }

    /// The packument as bytes that [`decode`](Self::decode) reads faster than the text is parsed. The format is
    /// private and has a version.
    pub fn encode(&self) -> Vec<u8> {
        let inner = &self.inner;
        let mut out = index::encode(&inner.dist_tags, &inner.versions, inner.has_times);
        inner.text.encode(&mut out);
        out
    }

    /// Restores a packument. Its text is neither copied nor unpacked.
    ///
    /// *Errors*: the blob is of another format version, cut short, or does not fit itself.
    pub fn decode(name: &str, mut blob: Bytes) -> Result<Self, NotAPackument> {
        let ((dist_tags, versions, has_times), length) = index::decode(&blob)?;
        let text = Text::decode(blob.split_off(length)).map_err(|_| NotAPackument)?;
        if versions.iter().any(|version| version.span.end as usize > text.len()) {
            return Err(NotAPackument);
        }
        Ok(Self::from_parts(name.to_owned(), text, dist_tags, versions, has_times))
    }

    fn from_parts(
        name: String,
        text: Text,
        dist_tags: Vec<(String, String)>,
        versions: Vec<PackumentVersion>,
        has_times: bool,
    ) -> Self {
        let by_text = OnceLock::new();
        Self { inner: Arc::new(Inner { text, name, dist_tags, versions, by_text, has_times }) }
    }

    /// The package's name, as it was asked for.
    pub fn name(&self) -> &str {
        &self.inner.name
    }

    /// The document as it came, unpacked now.
    pub fn text(&self) -> Vec<u8> {
        self.inner.text.whole()
    }

    /// The dist-tags in the document's order.
    pub fn dist_tags(&self) -> &[(String, String)] {
        &self.inner.dist_tags
    }

    /// The version a dist-tag points at.
    pub fn dist_tag(&self, tag: &str) -> Option<&str> {
        self.inner.dist_tags.iter().find(|(name, _)| name == tag).map(|(_, version)| version.as_str())
    }

    /// Whether the document says when versions were published.
    pub fn has_times(&self) -> bool {
        self.inner.has_times
    }

    /// Every version in the document's order.
    pub fn versions(&self) -> &[PackumentVersion] {
        &self.inner.versions
    }

    /// The version whose key is exactly `text`.
    pub fn version(&self, text: &str) -> Option<&PackumentVersion> {
        let by_text = self.inner.by_text.get_or_init(|| {
            self.inner.versions.iter().enumerate().map(|(at, v)| (v.text.clone(), at as u32)).collect()
        });
        by_text.get(text).and_then(|&at| self.inner.versions.get(at as usize))
    }

    /// The manifest of a version, parsed now.
    ///
    /// *Errors*: [`PackumentError::Manifest`].
    pub fn manifest(&self, version: &PackumentVersion) -> Result<Map<String, Value>, PackumentError> {
        self.read(version, |text| serde_json::from_slice(text)).map_err(|source| PackumentError::Manifest {
            name: self.inner.name.clone(),
            version: version.text.to_string(),
            source,
        })
    }

    /// Hands on the manifest of a version as it came, one JSON value.
    fn read<T>(&self, version: &PackumentVersion, take: impl FnOnce(&[u8]) -> T) -> T {
        self.inner.text.read(version.span.start as usize..version.span.end as usize, take)
    }

    /// What npm's choice among versions reads of a manifest. A manifest that cannot be read stands as
    /// neither deprecated nor restricted to engines.
    pub fn standing<'a>(&self, version: &'a PackumentVersion) -> &'a Standing {
        let read = || self.read(version, |text| serde_json::from_slice(text).unwrap_or_default());
        version.standing.get_or_init(|| Box::new(read()))
    }
}

impl PackumentVersion {
    /// The key in `versions`.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The key parsed loosely as a version; `None` for one that is none.
    pub fn parsed(&self) -> Option<&Version> {
        self.parsed.get_or_init(|| Version::parse_loose(&self.text).ok()).as_ref()
    }

    /// When it was published, as the registry wrote it (ISO 8601).
    pub fn time(&self) -> Option<&str> {
        self.time.as_deref()
    }
}

/// JavaScript's truth of a JSON value.
fn truthy<'de, D: serde::Deserializer<'de>>(input: D) -> Result<bool, D::Error> {
    Ok(match Value::deserialize(input)? {
        Value::Null => false,
        Value::Bool(flag) => flag,
        Value::String(text) => !text.is_empty(),
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::Array(_) | Value::Object(_) => true,
    })
}

fn engine_ranges<'de, D: serde::Deserializer<'de>>(input: D) -> Result<EngineRanges, D::Error> {
    let value = Value::deserialize(input)?;
    let range = |key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    Ok(EngineRanges { node: range("node"), npm: range("npm") })
}
