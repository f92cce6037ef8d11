//! Recorded sets of metadata: real packuments, reduced to what resolution reads, in one small file.
//!
//! Shape of the file: zstd over lines of `name`, a tab, the packument as JSON without line ends; sorted by name.
//! Versions that were never chosen keep only what choosing looks at ([`Keep`]).

mod reduce;

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;
use std::{fs, io};

pub use reduce::{Keep, reduce_packument};

/// The tarballs of recorded packuments are below this address.
pub const PLACEHOLDER_REGISTRY: &str = "https://registry.example/";

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

    /// The names recorded, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.documents.keys().map(String::as_str)
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
        let text = self.replaced.iter().fold(reduced.to_string(), |text, (host, by)| text.replace(host, by));
        self.documents.insert(name, text);
        Ok(())
    }

    /// The bytes of the file. Equal content gives equal bytes.
    ///
    /// Errors: none that a caller could provoke.
    pub fn to_bytes(&self) -> io::Result<Vec<u8>> {
        let mut text = String::new();
        for (name, document) in &self.documents {
            text.push_str(&format!("{name}\t{document}\n"));
        }
        // It is packed once and read for ever.
        zstd::bulk::compress(text.as_bytes(), 19)
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
