//! Recorded sets of metadata: real packuments, reduced to what resolution reads, in one small file; with them
//! what tarballs carry inside, and the projects they were recorded for with the lockfiles that npm wrote.
//!
//! Shape of the file: zstd over lines of a key, a tab, and JSON without line ends; sorted by key. The key of a
//! packument is the package's name, of a tarball's contents `name@version`, of a project `project:` and its name.
//! Versions that were never chosen keep only what choosing looks at ([`Keep`]).

mod reduce;

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;
use std::{fs, io};

pub use reduce::{Keep, reduce_package, reduce_packument};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use zstd::zstd_safe::CParameter;

/// The tarballs of recorded packuments are below this address.
pub const PLACEHOLDER_REGISTRY: &str = "https://registry.example/";

/// The base-2 logarithm of the furthest that a repetition may be away, in bytes: more is not read by default.
const LARGEST_WINDOW: u32 = 27;

/// What keys of projects start with.
const PROJECT: &str = "project:";

/// A project and what npm made of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedProject {
    /// Its package.json.
    pub package: Map<String, Value>,
    /// The text of the package-lock.json that npm wrote for it.
    pub lockfile: String,
}

/// A package that is bundled in a tarball: its location there (`node_modules/a`) and its package.json.
pub type BundledPackage = (String, Map<String, Value>);

/// A recorded set, read into memory.
pub struct RecordedMetadata {
    text: Vec<u8>,
    documents: BTreeMap<String, Range<usize>>,
}

impl RecordedMetadata {
    /// The set in a file.
    ///
    /// Errors: a file that cannot be read or is no recorded set.
    pub fn read(path: &Path) -> io::Result<RecordedMetadata> {
        RecordedMetadata::from_bytes(&fs::read(path)?)
    }

    /// The set in the bytes of a file.
    ///
    /// Errors: bytes that are no recorded set.
    pub fn from_bytes(bytes: &[u8]) -> io::Result<RecordedMetadata> {
        let text = zstd::decode_all(bytes)?;
        let mut documents = BTreeMap::new();
        let mut start = 0;
        for line in text.split_inclusive(|&byte| byte == b'\n') {
            let end = start + line.len();
            let tab = line.iter().position(|&byte| byte == b'\t').ok_or_else(malformed)?;
            let name = std::str::from_utf8(&line[..tab]).map_err(|_| malformed())?;
            documents.insert(name.to_owned(), start + tab + 1..end);
            start = end;
        }
        Ok(RecordedMetadata { text, documents })
    }

    /// The packument of a package as JSON; `None` if it was not recorded.
    pub fn packument(&self, name: &str) -> Option<&[u8]> {
        self.documents.get(name).map(|range| self.text[range.clone()].trim_ascii_end())
    }

    /// The names of the packages recorded, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let is_package =
            |key: &&str| !key.starts_with(PROJECT) && !key.get(1..).is_some_and(|rest| rest.contains('@'));
        self.documents.keys().map(String::as_str).filter(is_package)
    }

    /// The packages bundled in a tarball, outer ones first; none where none were recorded.
    ///
    /// Errors: a set that was not written by [`RecordedMetadataWriter`].
    pub fn bundled(&self, name: &str, version: &str) -> io::Result<Vec<BundledPackage>> {
        self.packument(&format!("{name}@{version}"))
            .map_or_else(|| Ok(Vec::new()), |json| Ok(serde_json::from_slice(json)?))
    }

    /// The projects recorded, sorted by name.
    ///
    /// Errors: a set that was not written by [`RecordedMetadataWriter`].
    pub fn projects(&self) -> io::Result<Vec<(&str, RecordedProject)>> {
        let is_project = |key: &String| key.starts_with(PROJECT);
        let projects = self.documents.iter().filter(|(key, _)| is_project(key));
        projects
            .map(|(key, at)| Ok((&key[PROJECT.len()..], serde_json::from_slice(&self.text[at.clone()])?)))
            .collect()
    }
}

/// Collects a recorded set.
#[derive(Default)]
pub struct RecordedMetadataWriter {
    documents: BTreeMap<String, String>,
    replaced: Vec<(String, &'static str)>,
}

impl RecordedMetadataWriter {
    /// An empty set.
    pub fn new() -> RecordedMetadataWriter {
        RecordedMetadataWriter::default()
    }

    /// Writes `registry.example` wherever `host` stands in what is added from now on: in descriptions of
    /// deprecations, for instance. Tarballs are moved to [`PLACEHOLDER_REGISTRY`] in any case.
    pub fn replace_host(&mut self, host: &str) {
        self.replaced.push((host.to_owned(), "registry.example"));
    }

    /// Adds a package from its full packument.
    ///
    /// Errors: a document that is not a packument.
    pub fn add(&mut self, document: &[u8], keep: &Keep<'_>) -> serde_json::Result<()> {
        let (name, reduced) = reduce_packument(document, keep)?;
        self.insert(name, &reduced.to_string());
        Ok(())
    }

    /// Adds what is bundled in a tarball, outer packages first.
    ///
    /// Errors: none that a caller could provoke.
    pub fn add_bundled(
        &mut self,
        name: &str,
        version: &str,
        packages: &[BundledPackage],
    ) -> serde_json::Result<()> {
        let reduced: Vec<(&str, Map<String, Value>)> = packages
            .iter()
            .map(|(location, package)| (location.as_str(), reduce_package(package.clone())))
            .collect();
        self.insert(format!("{name}@{version}"), &serde_json::to_string(&reduced)?);
        Ok(())
    }

    /// Adds a project.
    ///
    /// Errors: none that a caller could provoke.
    pub fn add_project(&mut self, name: &str, project: &RecordedProject) -> serde_json::Result<()> {
        self.insert(format!("{PROJECT}{name}"), &serde_json::to_string(project)?);
        Ok(())
    }

    fn insert(&mut self, key: String, text: &str) {
        let replaced = self.replaced.iter().fold(text.to_owned(), |text, (host, by)| text.replace(host, by));
        self.documents.insert(key, replaced);
    }

    /// The bytes of the file. Equal content gives equal bytes.
    ///
    /// Errors: none that a caller could provoke.
    pub fn to_bytes(&self) -> io::Result<Vec<u8>> {
        let mut text = String::new();
        for (name, document) in &self.documents {
            text.push_str(&format!("{name}\t{document}\n"));
        }
        // It is packed once and read for ever. Lockfiles repeat, far away, what packuments have.
        let mut compressor = zstd::bulk::Compressor::new(19)?;
        compressor.set_parameter(CParameter::EnableLongDistanceMatching(true))?;
        compressor.set_parameter(CParameter::WindowLog(LARGEST_WINDOW))?;
        compressor.compress(text.as_bytes())
    }

    /// Writes the file.
    ///
    /// Errors: a file that cannot be written.
    pub fn write(&self, path: &Path) -> io::Result<()> {
        fs::write(path, self.to_bytes()?)
    }
}

fn malformed() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "the recorded set is malformed")
}
