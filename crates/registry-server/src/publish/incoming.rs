//! The body of a publication, taken in while it arrives: tarballs are decoded to files, and what stays in memory is the
//! document without them.
//!
//! Owns telling a tarball's data from everything else, by a scanner that keeps the document as it is but for those
//! strings. Does not own what the document means (`document`): whatever the scanner takes for granted is checked there,
//! by a parser.

use std::io::{self, Write};

use sha1::Sha1;
use sha2::{Digest, Sha512};
use tempfile::NamedTempFile;

use super::PublishError;
use super::manifest::Digests;
use crate::RegistryError;
use crate::blobs::Blobs;

/// Bytes of a document without its tarballs: the largest packuments have some twenty megabytes.
const MAX_DOCUMENT: usize = 64 << 20;

/// Values within values; parsers of JSON give up about there as well.
const MAX_DEPTH: usize = 127;

/// Bytes of a name that could be one that matters here.
const MAX_KEY: usize = 1024;

/// Tarballs of one body.
const MAX_TARBALLS: usize = 2;

/// Characters of base64 that are decoded at once: a multiple of four.
const BLOCK: usize = 64 << 10;

/// What arrived.
pub(crate) struct Received {
    /// The document, in which the data of tarballs are empty strings.
    pub document: Vec<u8>,
    pub tarballs: Vec<ArrivedTarball>,
}

/// A tarball on the disk.
pub(crate) struct ArrivedTarball {
    /// What the attachment is called.
    pub file: String,
    pub staged: NamedTempFile,
    /// Bytes.
    pub length: u64,
    pub digests: Digests,
    /// SHA-512 in hexadecimal.
    pub digest: String,
}

/// Takes a body in, piece by piece.
pub(crate) struct Incoming {
    blobs: Blobs,
    /// Bytes that may come, unpacked.
    limit: u64,
    taken: u64,
    document: Vec<u8>,
    /// For each open value whether it is an object.
    open: Vec<bool>,
    /// The names that lead to where we are, of the first three levels.
    path: [Vec<u8>; 3],
    place: Place,
    /// In an object, whether what comes next is a name.
    is_name_next: bool,
    tarball: Option<Writing>,
    tarballs: Vec<ArrivedTarball>,
    failure: Option<PublishError>,
}

/// Where in the text the scanner is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Between,
    /// In a string, which begins at this offset of the document; it may be a name.
    String {
        start: usize,
        is_name: bool,
        is_escaped: bool,
    },
    /// In the data of a tarball.
    Data {
        is_escaped: bool,
    },
}

/// A tarball being written.
struct Writing {
    file: String,
    staged: NamedTempFile,
    /// What is not decoded yet.
    characters: Vec<u8>,
    /// Padding came, after which there is nothing.
    is_ended: bool,
    length: u64,
    sha512: Sha512,
    sha1: Sha1,
}

impl Incoming {
    /// Takes in at most `limit` bytes, as they are unpacked.
    pub fn new(blobs: Blobs, limit: u64) -> Incoming {
        Incoming {
            blobs,
            limit,
            taken: 0,
            document: Vec::new(),
            open: Vec::new(),
            path: Default::default(),
            place: Place::Between,
            is_name_next: false,
            tarball: None,
            tarballs: Vec::new(),
            failure: None,
        }
    }

    /// Takes the next bytes. What was wrong is told at the end, so that clients are heard out.
    pub fn feed(&mut self, bytes: &[u8]) {
        if self.failure.is_some() {
            return;
        }
        self.taken = self.taken.saturating_add(bytes.len() as u64);
        let taken = match self.taken > self.limit {
            true => Err(PublishError::TooLarge { limit: self.limit }),
            false => self.scan(bytes),
        };
        if let Err(failure) = taken {
            self.failure = Some(failure);
            self.tarball = None;
            self.document = Vec::new();
        }
    }

    /// What arrived, when nothing more comes.
    ///
    /// Errors: what was wrong first.
    pub fn finish(self) -> Result<Received, PublishError> {
        if let Some(failure) = self.failure {
            return Err(failure);
        }
        if self.place != Place::Between || !self.open.is_empty() {
            return Err(PublishError::Malformed { problem: "it was cut off".to_owned() });
        }
        Ok(Received { document: self.document, tarballs: self.tarballs })
    }

    /// What was wrong, where anything was.
    pub fn take_failure(&mut self) -> Option<PublishError> {
        self.failure.take()
    }

    fn scan(&mut self, mut bytes: &[u8]) -> Result<(), PublishError> {
        while !bytes.is_empty() {
            let used = match self.place {
                Place::Between => self.between(bytes)?,
                Place::String { start, is_name, is_escaped } => {
                    self.string(bytes, start, is_name, is_escaped)?
                }
                Place::Data { is_escaped } => self.data(bytes, is_escaped)?,
            };
            bytes = bytes.get(used..).unwrap_or_default();
        }
        Ok(())
    }

    /// Up to the beginning of a string.
    fn between(&mut self, bytes: &[u8]) -> Result<usize, PublishError> {
        for (at, byte) in bytes.iter().enumerate() {
            match byte {
                b'"' => {
                    self.keep(bytes.get(..at).unwrap_or_default())?;
                    self.begin_string()?;
                    return Ok(at + 1);
                }
                b'{' | b'[' => {
                    if self.open.len() == MAX_DEPTH {
                        return Err(PublishError::Malformed {
                            problem: "it is nested too deeply".to_owned(),
                        });
                    }
                    self.open.push(*byte == b'{');
                    self.is_name_next = *byte == b'{';
                }
                b'}' | b']' => {
                    self.open.pop();
                    self.is_name_next = false;
                }
                b',' => self.is_name_next = self.open.last() == Some(&true),
                b':' => self.is_name_next = false,
                _ => {}
            }
        }
        self.keep(bytes)?;
        Ok(bytes.len())
    }

    fn begin_string(&mut self) -> Result<(), PublishError> {
        if !self.is_name_next && self.is_tarball_data() {
            if self.tarballs.len() == MAX_TARBALLS {
                return Err(PublishError::Malformed {
                    problem: "there are several tarballs in it".to_owned(),
                });
            }
            let file = String::from_utf8_lossy(&self.path[1]).into_owned();
            self.keep(b"\"\"")?;
            self.tarball = Some(Writing::new(file, &self.blobs)?);
            self.place = Place::Data { is_escaped: false };
            return Ok(());
        }
        let start = self.document.len();
        self.keep(b"\"")?;
        self.place = Place::String { start, is_name: self.is_name_next, is_escaped: false };
        Ok(())
    }

    /// Whether the value that begins here is `_attachments[FILE.tgz].data`.
    fn is_tarball_data(&self) -> bool {
        self.open == [true; 3]
            && self.path[0] == b"_attachments"
            && self.path[1].ends_with(b".tgz")
            && self.path[2] == b"data"
    }

    /// Up to the end of a string.
    fn string(
        &mut self,
        bytes: &[u8],
        start: usize,
        is_name: bool,
        mut is_escaped: bool,
    ) -> Result<usize, PublishError> {
        for (at, byte) in bytes.iter().enumerate() {
            match byte {
                _ if is_escaped => is_escaped = false,
                b'\\' => is_escaped = true,
                b'"' => {
                    self.keep(bytes.get(..=at).unwrap_or_default())?;
                    self.place = Place::Between;
                    if is_name {
                        self.note_name(start);
                    }
                    return Ok(at + 1);
                }
                _ => {}
            }
        }
        self.keep(bytes)?;
        self.place = Place::String { start, is_name, is_escaped };
        Ok(bytes.len())
    }

    /// Notes the name that ends the document so far, without its escapes.
    fn note_name(&mut self, start: usize) {
        let level = self.open.len().wrapping_sub(1);
        let Some(slot) = self.path.get_mut(level) else { return };
        let text = self.document.get(start..).unwrap_or_default();
        let name: Option<String> =
            (text.len() <= MAX_KEY).then(|| serde_json::from_slice(text).ok()).flatten();
        *slot = name.unwrap_or_default().into_bytes();
    }

    /// Up to the end of a tarball's data.
    fn data(&mut self, bytes: &[u8], is_escaped: bool) -> Result<usize, PublishError> {
        let Some(tarball) = &mut self.tarball else { return Err(RegistryError::Interrupted.into()) };
        if is_escaped {
            // a slash is the one character of base64 that is ever escaped
            if bytes.first() != Some(&b'/') {
                return Err(tarball.refused());
            }
            tarball.take(b"/")?;
            self.place = Place::Data { is_escaped: false };
            return Ok(1);
        }
        let end = bytes.iter().position(|byte| matches!(byte, b'"' | b'\\'));
        tarball.take(bytes.get(..end.unwrap_or(bytes.len())).unwrap_or_default())?;
        let Some(end) = end else { return Ok(bytes.len()) };
        if bytes.get(end) == Some(&b'\\') {
            self.place = Place::Data { is_escaped: true };
            return Ok(end + 1);
        }
        self.place = Place::Between;
        if let Some(tarball) = self.tarball.take() {
            self.tarballs.push(tarball.finish()?);
        }
        Ok(end + 1)
    }

    fn keep(&mut self, bytes: &[u8]) -> Result<(), PublishError> {
        if self.document.len() + bytes.len() > MAX_DOCUMENT {
            return Err(PublishError::TooLarge { limit: MAX_DOCUMENT as u64 });
        }
        self.document.extend_from_slice(bytes);
        Ok(())
    }
}

/// For what is unpacked on its way here.
impl Write for Incoming {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.feed(bytes);
        // who unpacks need not go on
        if self.failure.is_some() { Err(io::Error::other("refused")) } else { Ok(bytes.len()) }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Writing {
    fn new(file: String, blobs: &Blobs) -> Result<Writing, PublishError> {
        Ok(Writing {
            file,
            staged: blobs.stage_now()?,
            characters: Vec::with_capacity(BLOCK),
            is_ended: false,
            length: 0,
            sha512: Sha512::new(),
            sha1: Sha1::new(),
        })
    }

    fn refused(&self) -> PublishError {
        PublishError::Attachment { file: self.file.clone(), problem: "it is not base64" }
    }

    fn take(&mut self, mut characters: &[u8]) -> Result<(), PublishError> {
        while !characters.is_empty() {
            let (now, later) = characters.split_at(characters.len().min(BLOCK - self.characters.len()));
            self.characters.extend_from_slice(now);
            characters = later;
            if self.characters.len() == BLOCK {
                self.write()?;
            }
        }
        Ok(())
    }

    fn write(&mut self) -> Result<(), PublishError> {
        if self.characters.is_empty() {
            return Ok(());
        }
        if self.is_ended {
            return Err(self.refused());
        }
        self.is_ended = self.characters.last() == Some(&b'=');
        let decoded = base64_simd::STANDARD.decode_to_vec(&self.characters).map_err(|_| self.refused())?;
        self.characters.clear();
        self.staged.write_all(&decoded).map_err(|source| self.failed(source))?;
        self.length += decoded.len() as u64;
        self.sha512.update(&decoded);
        self.sha1.update(&decoded);
        Ok(())
    }

    fn failed(&self, source: io::Error) -> PublishError {
        let path = self.staged.path().to_owned();
        PublishError::Registry(RegistryError::Io { action: "write", path, source })
    }

    /// The whole tarball, which is on the disk then.
    fn finish(mut self) -> Result<ArrivedTarball, PublishError> {
        self.write()?;
        self.staged.as_file().sync_data().map_err(|source| self.failed(source))?;
        let sha512 = self.sha512.finalize();
        let digests = Digests {
            integrity: format!("sha512-{}", base64_simd::STANDARD.encode_to_string(sha512)),
            shasum: super::hex(&self.sha1.finalize()),
        };
        Ok(ArrivedTarball {
            file: self.file,
            staged: self.staged,
            length: self.length,
            digests,
            digest: super::hex(&sha512),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;
    use std::path::Path;

    use serde_json::{Value, json};

    use super::{Incoming, Received};
    use crate::blobs::Blobs;
    use crate::publish::PublishError;
    use crate::settings::{BlobLocation, StorageSettings};

    /// What is made of a body that comes in pieces of a length.
    fn received(folder: &Path, body: &[u8], piece: usize, limit: u64) -> Result<Received, PublishError> {
        let blobs = BlobLocation::Folder(folder.to_owned());
        let settings = StorageSettings { blobs, ..StorageSettings::default() };
        let mut incoming = Incoming::new(Blobs::open(&settings).expect("a folder"), limit);
        body.chunks(piece).for_each(|piece| incoming.feed(piece));
        incoming.finish()
    }

    fn content(of: &super::ArrivedTarball) -> Vec<u8> {
        let mut bytes = Vec::new();
        of.staged.reopen().expect("the file").read_to_end(&mut bytes).expect("its content");
        bytes
    }

    #[test]
    fn tarballs_are_told_from_everything_else_wherever_they_stand_and_however_they_come() {
        let folder = tempfile::tempdir().expect("a folder");
        let tarball: Vec<u8> = (0..200_000_u32).map(|number| (number * 7 % 251) as u8).collect();
        let data = base64_simd::STANDARD.encode_to_string(&tarball);
        let attachments =
            format!(r#""_attachments": {{"a-1.0.0.tgz": {{"length": 200000, "data": "{data}"}}}}"#);
        let versions = r#""versions": {"1.0.0": {"data": "x", "_attachments": {"b.tgz": {"data": "kept"}}, "t": "\"{["}}"#;
        let escaped = attachments.replace('/', "\\/").replace("_attachments", "\\u005fattachments");
        for body in [
            format!("{{{attachments}, {versions}}}"),
            format!("{{{versions}, {attachments}}}"),
            format!("{{{versions}, {escaped}}}"),
        ] {
            for piece in [1, 7, 65_536, usize::MAX] {
                let Ok(received) = received(folder.path(), body.as_bytes(), piece, 1 << 20) else {
                    panic!("{piece}")
                };
                let document: Value = serde_json::from_slice(&received.document).expect("JSON");
                let mut expected: Value = serde_json::from_str(&body).expect("JSON");
                expected["_attachments"]["a-1.0.0.tgz"]["data"] = json!("");
                assert_eq!(document, expected);
                let [arrived] = received.tarballs.as_slice() else { panic!("one tarball") };
                assert_eq!((arrived.file.as_str(), arrived.length), ("a-1.0.0.tgz", 200_000));
                assert!(content(arrived) == tarball);
            }
        }
    }

    #[test]
    fn what_is_wrong_is_told_and_what_is_no_data_is_left_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let with = |data: &str| format!(r#"{{"_attachments": {{"a.tgz": {{"data": {data}}}}}}}"#);
        let deep = "[".repeat(200);
        let long = format!("\"{}\"", "AAAA".repeat(20_000));
        let two =
            r#"{"_attachments": {"a.tgz": {"data": "AA==", "data": "AA=="}, "b.tgz": {"data": "AA=="}}}"#;
        let in_the_middle = format!("\"{}==AAAA\"", "A".repeat(65_534));
        for (body, limit, expected) in [
            (with("\"A\""), 1000, "not base64"),
            (with("\"AA==AA==\""), 1000, "not base64"),
            (with(&in_the_middle), 100_000, "not base64"),
            (with("\"AAA\\u0041\""), 1000, "not base64"),
            (with("\"AA\nAA\""), 1000, "not base64"),
            (with("\"AAAA"), 1000, "cut off"),
            (with(&long), 1000, "more than 1000 bytes"),
            (deep, 1000, "nested too deeply"),
            ("{\"a\": \"".to_owned(), 1000, "cut off"),
            ("{".to_owned(), 1000, "cut off"),
            (two.to_owned(), 1000, "several tarballs"),
        ] {
            for piece in [1, usize::MAX] {
                let Err(error) = received(folder.path(), body.as_bytes(), piece, limit) else {
                    panic!("{body}")
                };
                assert!(error.to_string().contains(expected), "{error}: {body}");
            }
        }
        for (body, tarballs) in [
            (with("\"\""), 1),
            (with("null"), 0),
            (with("{\"data\": \"x\"}"), 0),
            (with("[\"x\"]"), 0),
            (r#"{"_attachments": [{"a.tgz": {"data": "x"}}]}"#.to_owned(), 0),
            (r#"{"x": {"_attachments": {"a.tgz": {"data": "x"}}}}"#.to_owned(), 0),
            (r#"{"_attachments": {"a.sigstore": {"data": "{\"x\": 1}"}}}"#.to_owned(), 0),
            (r#"{"_attachments": {"a.tgz": {"note": "data", "x": "data"}}}"#.to_owned(), 0),
            (r#"{"__proto__": {"a.tgz": {"data": "x"}}}"#.to_owned(), 0),
            (String::new(), 0),
            ("}}]]".to_owned(), 0),
        ] {
            let Ok(found) = received(folder.path(), body.as_bytes(), 1, 1000) else { panic!("{body}") };
            assert_eq!(found.tarballs.len(), tarballs, "{body}");
            if tarballs == 0 {
                assert_eq!(found.document, body.as_bytes());
            }
        }
    }
}
