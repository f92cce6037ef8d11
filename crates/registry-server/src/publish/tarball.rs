//! What a published tarball holds, read without unpacking it anywhere.
//!
//! Clients unpack with readers of their own, which differ in what they forgive: whether they read on after a block of
//! zeros or a second part of gzip, which of two entries of one name stays, what they make of "./" in a path. What could
//! be seen in two ways is refused here, so that everybody gets the package.json that the registry has read.

use std::io::{self, Read};

use flate2::read::MultiGzDecoder;
use package_store::{Limits, StoreError, TarballRequest};
use serde_json::{Map, Value};
use tar::EntryType;

use super::PublishError;
use super::readme::{self, MAX_README, Readme};

/// More than any package that people install has; what unpacks to more is refused before it costs memory or time.
const MAX_UNPACKED: u64 = 2 << 30;
const MAX_FILES: u64 = 500_000;
/// What unpacks to this much more than itself holds nothing but repetitions; up to so many bytes that does no harm.
const MAX_RATIO: u64 = 100;
const HARMLESS: u64 = 64 << 20;
const MAX_MANIFEST: u64 = 4 << 20;

/// A tarball that can be installed.
#[derive(Debug)]
pub(crate) struct Inspected {
    pub manifest: Map<String, Value>,
    pub files: u64,
    /// Bytes of all files together.
    pub unpacked: u64,
    pub has_shrinkwrap: bool,
    /// Whether npm builds it with node-gyp where no script says how.
    pub has_gyp_file: bool,
    pub readme: Option<Readme>,
}

/// Reads a tarball of so many bytes from front to back, twice.
///
/// # Errors
/// What is no gzip or tar, is cut off, is larger than a package may be, leaves its folder, has no package.json, or could
/// be unpacked in two ways.
pub(crate) fn inspect<R: Read>(
    open: impl Fn() -> Result<R, PublishError>,
    length: u64,
) -> Result<Inspected, PublishError> {
    let inspected = read(open()?, length)?;
    hold_against_clients(&inspected, open()?)?;
    Ok(inspected)
}

/// Whether the reader of knit's client, which goes npm's ways, finds the same: what that one makes of headers and of paths
/// on other systems is too much to be known here as well.
fn hold_against_clients(inspected: &Inspected, tarball: impl Read) -> Result<(), PublishError> {
    // what is too large was refused before
    let limits =
        Limits { packed_bytes: u64::MAX, unpacked_bytes: u64::MAX, files: u64::MAX, ratio: u64::MAX };
    let request = TarballRequest { limits, ..TarballRequest::new("the package", "the publication", None) };
    let files = package_store::read_files(&request, tarball, MAX_MANIFEST + 1, |path| {
        matches!(path, "package.json" | "npm-shrinkwrap.json" | "binding.gyp")
    });
    let files = files.map_err(|error| match error {
        StoreError::Archive { reason, .. } => refused(reason.to_string()),
        error => refused(error.to_string()),
    })?;
    let found = |path: &str| files.iter().find(|file| file.path == path);
    let manifest = found("package.json").map(|file| without_mark(&file.content));
    let manifest: Option<Map<String, Value>> = manifest.and_then(|text| serde_json::from_slice(text).ok());
    if manifest.as_ref() != Some(&inspected.manifest) {
        return Err(refused("clients would unpack another package.json".to_owned()));
    }
    let has_hidden_gyp_file = found("binding.gyp").is_some() && !inspected.has_gyp_file;
    if has_hidden_gyp_file || found("npm-shrinkwrap.json").is_some() != inspected.has_shrinkwrap {
        return Err(refused("clients would unpack other files".to_owned()));
    }
    Ok(())
}

fn read(tarball: impl Read, length: u64) -> Result<Inspected, PublishError> {
    let most = HARMLESS.max(length.saturating_mul(MAX_RATIO)).min(MAX_UNPACKED);
    // one byte more than allowed tells too large from just right
    let mut archive = tar::Archive::new(MultiGzDecoder::new(tarball).take(most + 1));
    let mut found = Found { most, ..Found::default() };
    for entry in archive.entries().map_err(unreadable)? {
        found.add(entry.map_err(unreadable)?)?;
    }
    let mut rest = archive.into_inner();
    let ends_in_zeros = only_zeros(&mut rest).map_err(unreadable)?;
    if rest.limit() == 0 {
        return Err(refused(format!("it unpacks to more than {most} bytes")));
    }
    if !ends_in_zeros {
        return Err(refused("there is something behind its end".to_owned()));
    }
    let manifest = found.manifest.ok_or_else(|| refused("there is no package.json in it".to_owned()))?;
    let readme = found.readme.map(|(_, readme)| readme);
    let Found { files, unpacked, has_shrinkwrap, has_gyp_file, .. } = found;
    Ok(Inspected { manifest, files, unpacked, has_shrinkwrap, has_gyp_file, readme })
}

/// What was in the entries so far.
#[derive(Default)]
struct Found {
    /// Bytes that all of them may have together.
    most: u64,
    manifest: Option<Map<String, Value>>,
    files: u64,
    unpacked: u64,
    has_shrinkwrap: bool,
    has_gyp_file: bool,
    /// The best one, by its rank.
    readme: Option<(u8, Readme)>,
}

impl Found {
    fn add(&mut self, mut entry: tar::Entry<'_, impl Read>) -> Result<(), PublishError> {
        let path = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        if path.starts_with('/') || path.split(['/', '\\']).any(|part| part == "..") {
            return Err(refused(format!("\"{path}\" would lie outside the package's folder")));
        }
        check_extensions(&mut entry, &path)?;
        match entry.header().entry_type() {
            // a file that is called like a folder is one to some clients, which take its contents for entries
            EntryType::Regular if !path.ends_with('/') => {}
            // clients drop links
            EntryType::Directory | EntryType::Link | EntryType::Symlink if entry.size() == 0 => return Ok(()),
            EntryType::XGlobalHeader => return Ok(()),
            _ => return Err(refused(format!("\"{path}\" is no file, folder or link as npm packs them"))),
        }
        self.files += 1;
        self.unpacked += entry.size();
        if self.files > MAX_FILES || self.unpacked > self.most {
            return Err(refused(format!("it has more than {MAX_FILES} files or {} bytes", self.most)));
        }
        let Some(inside) = inside(&path) else { return Ok(()) };
        if inside == "package.json" {
            if self.manifest.is_some() {
                return Err(refused("there are two of package.json in it".to_owned()));
            }
            self.manifest = Some(read_manifest(&mut entry)?);
        } else if inside.eq_ignore_ascii_case("package.json") {
            return Err(refused(format!("\"{path}\" is package.json where case does not matter")));
        }
        self.has_shrinkwrap |= inside == "npm-shrinkwrap.json";
        self.has_gyp_file |= !inside.contains('/') && inside.ends_with(".gyp");
        self.add_readme(entry, &inside)
    }

    fn add_readme(&mut self, entry: tar::Entry<'_, impl Read>, inside: &str) -> Result<(), PublishError> {
        let best = self.readme.as_ref().map(|(rank, _)| *rank);
        let Some(rank) = readme::rank(inside).filter(|rank| best.is_none_or(|best| *rank < best)) else {
            return Ok(());
        };
        let mut text = Vec::new();
        entry.take(MAX_README).read_to_end(&mut text).map_err(unreadable)?;
        let readme = Readme::sent(Some(&String::from_utf8_lossy(&text)), Some(inside));
        self.readme = readme.map(|readme| (rank, readme)).or(self.readme.take());
        Ok(())
    }
}

/// Extended headers say more of an entry, or of all that follow, than its own header has room for.
fn check_extensions(entry: &mut tar::Entry<'_, impl Read>, path: &str) -> Result<(), PublishError> {
    let (size, is_global) = (entry.size(), entry.header().entry_type() == EntryType::XGlobalHeader);
    let Some(records) = entry.pax_extensions().map_err(unreadable)? else { return Ok(()) };
    for record in records {
        let record = record.map_err(unreadable)?;
        let value = String::from_utf8_lossy(record.value_bytes());
        let agrees = match record.key_bytes() {
            // git writes which commit it packed
            key if is_global => key == b"comment",
            // given twice, one would be another than what was read
            b"path" => value == path,
            b"size" => value.parse() == Ok(size),
            key => !key.starts_with(b"GNU.sparse"),
        };
        if !agrees {
            let key = String::from_utf8_lossy(record.key_bytes()).into_owned();
            return Err(refused(format!(
                "the extended header \"{key}\" of \"{path}\" can be read in two ways"
            )));
        }
    }
    Ok(())
}

/// Where an entry lies in the package, as clients clean up paths. Whatever the first folder is called: they drop its
/// name.
fn inside(path: &str) -> Option<String> {
    let parts: Vec<&str> = path.split(['/', '\\']).filter(|part| !part.is_empty() && *part != ".").collect();
    let (_, inside) = parts.split_first()?;
    (!inside.is_empty()).then(|| inside.join("/"))
}

fn read_manifest(entry: &mut tar::Entry<'_, impl Read>) -> Result<Map<String, Value>, PublishError> {
    if entry.size() > MAX_MANIFEST {
        return Err(refused(format!("its package.json has more than {MAX_MANIFEST} bytes")));
    }
    let mut text = Vec::new();
    entry.read_to_end(&mut text).map_err(unreadable)?;
    serde_json::from_slice(without_mark(&text))
        .map_err(|error| refused(format!("its package.json is not a JSON object: {error}")))
}

/// A text without the mark that it is UTF-8.
fn without_mark(text: &[u8]) -> &[u8] {
    text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text)
}

/// Whether what is left to read is nothing but zeros.
fn only_zeros(rest: &mut impl Read) -> io::Result<bool> {
    let mut block = [0; 8192];
    let mut are_zeros = true;
    loop {
        match rest.read(&mut block)? {
            0 => return Ok(are_zeros),
            read => are_zeros &= block.iter().take(read).all(|byte| *byte == 0),
        }
    }
}

fn unreadable(error: io::Error) -> PublishError {
    PublishError::Tarball { problem: error.to_string() }
}

fn refused(problem: String) -> PublishError {
    PublishError::Tarball { problem }
}
