//! Packuments as they are answered: both forms rendered to bytes, with everything a GET needs recorded beside.
//!
//! Does not own: where documents are kept (`storage`) and which form a client wants (`http`).

mod abbreviate;
pub(crate) mod assemble;
mod compact;
mod encoded;
mod render;
mod rendition;

use std::collections::HashMap;
use std::ops::Range;

use bytes::Bytes;
pub use compact::compact_json;
use encoded::EncodedCache;
use jiff::Timestamp;
pub(crate) use render::{Members, parse_members};
use rendition::Rendition;

use crate::{PackageName, RegistryError};

/// The two forms of a packument.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Form {
    /// Everything that was published.
    Full,
    /// What an installation needs: `application/vnd.npm.install-v1+json`.
    Abbreviated,
}

/// A package's document, rendered.
pub struct Packument {
    name: PackageName,
    full: Rendition,
    abbreviated: Rendition,
    manifests: HashMap<String, Range<usize>>,
    /// Versions by the file names of their tarballs.
    tarballs: HashMap<String, String>,
    dist_tags: HashMap<String, String>,
    dist_tags_json: Bytes,
    modified: Option<Timestamp>,
    encoded: EncodedCache,
}

impl Packument {
    /// Renders the full document of `name`; the base of its tarballs' addresses does not matter, only their file
    /// names are kept.
    ///
    /// Errors: a document that is not a packument, or that of another package.
    pub fn render(name: &PackageName, document: &[u8]) -> Result<Packument, RegistryError> {
        render::render(name, document)
    }

    /// The package it is of.
    pub fn name(&self) -> &PackageName {
        &self.name
    }

    /// When the package was last changed (`time.modified`), where the document says so.
    pub fn modified(&self) -> Option<Timestamp> {
        self.modified
    }

    /// The bytes of one form, tarballs at `base` (an address that ends in a slash).
    pub fn document(&self, form: Form, base: &str) -> Bytes {
        let rendition = self.rendition(form);
        rendition.splice(0..rendition.len(), base)
    }

    /// The same, compressed with gzip: made once for a form and base, then kept.
    pub async fn document_gzip(self: &std::sync::Arc<Self>, form: Form, base: &str) -> Bytes {
        let packument = self.clone();
        let owned_base = base.to_owned();
        self.encoded.gzip(form, base, move || packument.document(form, &owned_base)).await
    }

    /// The manifest of a version, or of the version a dist-tag stands for.
    pub fn manifest(&self, version_or_tag: &str, base: &str) -> Option<Bytes> {
        let version = self.dist_tags.get(version_or_tag).map_or(version_or_tag, String::as_str);
        let range = self.manifests.get(version)?;
        Some(self.full.splice(range.clone(), base))
    }

    /// The version whose tarball has a file name.
    pub fn tarball_version(&self, file: &str) -> Option<&str> {
        self.tarballs.get(file).map(String::as_str)
    }

    /// The dist-tags as a JSON object.
    pub fn dist_tags(&self) -> Bytes {
        self.dist_tags_json.clone()
    }

    /// A name for the content of one form, stable over restarts: a digest without quotes.
    pub fn digest(&self, form: Form) -> &str {
        self.rendition(form).digest()
    }

    /// About how many bytes of memory it holds, compressed copies left out.
    pub fn memory(&self) -> usize {
        self.full.len() + self.abbreviated.len() + self.manifests.len() * 64 + self.tarballs.len() * 128
    }

    fn rendition(&self, form: Form) -> &Rendition {
        match form {
            Form::Full => &self.full,
            Form::Abbreviated => &self.abbreviated,
        }
    }
}
