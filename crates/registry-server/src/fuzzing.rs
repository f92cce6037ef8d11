//! Ways in for fuzz targets: what a body, a tarball or an advisory is made of, without a server, a database and an
//! account around it.
//!
//! Owns no decision: each function here calls what a request calls. Built for `fuzz/` (the feature `fuzzing`) and for this
//! crate's own tests, never into an executable.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;

use serde_json::{Map, Value};

use crate::PackageName;
use crate::advisories::archive::Archive;
use crate::advisories::{Advisory, osv};
use crate::blobs::Blobs;
use crate::publish::{self, Asked, Incoming, Publication, PublishError, Received};

/// Takes in bodies of `PUT /{pkg}`, as the server does while they arrive.
pub struct Intake {
    blobs: Blobs,
}

/// What the scanner made of a body.
#[derive(Debug, PartialEq, Eq)]
pub struct Scanned {
    /// The document, in which the data of tarballs are empty strings.
    pub document: Vec<u8>,
    /// Names of attachments, and what their data decode to.
    pub tarballs: Vec<(String, Vec<u8>)>,
}

/// A version that would be published.
#[derive(Debug)]
pub struct Accepted {
    /// The version.
    pub version: String,
    /// The manifest as it would be kept.
    pub manifest: Map<String, Value>,
    /// The package.json of the tarball.
    pub packed: Map<String, Value>,
    /// The name of the attachment that was the tarball.
    pub file: String,
    /// The tarball.
    pub tarball: Vec<u8>,
}

/// What a tarball holds that may be published.
#[derive(Debug, PartialEq, Eq)]
pub struct Contents {
    /// Its package.json.
    pub manifest: Map<String, Value>,
    /// How many files there are.
    pub files: u64,
    /// Their bytes together.
    pub unpacked: u64,
    /// Whether there is an npm-shrinkwrap.json.
    pub has_shrinkwrap: bool,
}

impl Intake {
    /// One that writes tarballs into a folder until they are dropped.
    ///
    /// # Errors
    /// A folder that cannot be made.
    pub fn open(folder: &Path) -> Result<Intake, String> {
        Ok(Intake { blobs: Blobs::folder(folder).map_err(|error| error.to_string())? })
    }

    fn receive(&self, body: &[u8], piece: usize) -> Result<Received, PublishError> {
        let mut incoming = Incoming::new(self.blobs.clone(), u64::MAX);
        for piece in body.chunks(piece.max(1)) {
            if incoming.write_all(piece).is_err() {
                break;
            }
        }
        incoming.finish()
    }

    /// What the scanner makes of a body that comes in pieces of so many bytes.
    ///
    /// # Errors
    /// Why it is refused.
    pub fn scan(&self, body: &[u8], piece: usize) -> Result<Scanned, String> {
        let received = self.receive(body, piece).map_err(|error| error.to_string())?;
        let read = |path: &Path| std::fs::read(path).map_err(|error| error.to_string());
        let tarballs = (received.tarballs.into_iter())
            .map(|tarball| Ok((tarball.file, read(tarball.staged.path())?)))
            .collect::<Result<_, String>>()?;
        Ok(Scanned { document: received.document, tarballs })
    }

    /// What would be published by a body; `None` for one that asks for something else than a version.
    ///
    /// # Errors
    /// Why it is refused.
    pub fn accept(&self, name: &PackageName, body: &[u8]) -> Result<Option<Accepted>, String> {
        let received = self.receive(body, usize::MAX).map_err(|error| error.to_string())?;
        let asked = publish::document::parse(name, &received.document, received.tarballs);
        match asked.map_err(|error| error.to_string())? {
            Asked::Publish(publication) => {
                accepted(name, *publication).map(Some).map_err(|error| error.to_string())
            }
            _ => Ok(None),
        }
    }
}

fn accepted(name: &PackageName, publication: Publication<'_>) -> Result<Accepted, PublishError> {
    publish::checked::check_request(name, &publication)?;
    let Publication { version, manifest, tarball, provenance, .. } = publication;
    let inspected = publish::inspect_staged(&tarball)?;
    let kept = publish::manifest::keep(name, &version, manifest.get(), &inspected, &tarball.digests)?;
    if let Some(bundle) = provenance {
        publish::provenance::check(name, &version, &tarball.digest, &bundle)?;
    }
    let path = tarball.staged.path();
    let bytes = std::fs::read(path).map_err(|source| crate::RegistryError::Io {
        action: "read",
        path: path.to_owned(),
        source,
    })?;
    Ok(Accepted {
        version,
        manifest: kept.manifest,
        packed: inspected.manifest,
        file: tarball.file,
        tarball: bytes,
    })
}

/// Reads a tarball as one that is published.
///
/// # Errors
/// Why it is refused.
pub fn tarball(bytes: &[u8]) -> Result<Contents, String> {
    let inspected =
        publish::tarball::inspect(|| Ok(bytes), bytes.len() as u64).map_err(|error| error.to_string())?;
    let publish::tarball::Inspected { manifest, files, unpacked, has_shrinkwrap, .. } = inspected;
    Ok(Contents { manifest, files, unpacked, has_shrinkwrap })
}

/// Reads a document of a vulnerability database: for each package that it is about, the name, the range that is
/// vulnerable and the range that is not.
///
/// # Errors
/// Why it cannot be read.
pub fn advisories(document: &[u8]) -> Result<Vec<[String; 3]>, String> {
    let told = |advisory: Advisory| [advisory.package, advisory.vulnerable, advisory.patched];
    Ok(osv::parse(document)?.advisories.into_iter().map(told).collect())
}

/// The files of a vulnerability database's archive: their names, and their contents where those can be read.
///
/// # Errors
/// An archive whose list of files cannot be read.
pub fn advisory_archive(file: File) -> std::io::Result<Vec<(String, Option<Vec<u8>>)>> {
    let mut archive = Archive::open(file)?;
    let mut files = Vec::new();
    while let Some(file) = archive.next()? {
        let contents = archive.read(&file).ok();
        files.push((file.name, contents));
    }
    Ok(files)
}
