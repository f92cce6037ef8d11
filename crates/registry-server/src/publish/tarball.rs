//! What a published tarball holds, read without unpacking it anywhere.

use std::io::Read;

use flate2::read::GzDecoder;
use serde_json::{Map, Value};

use super::PublishError;
use super::readme::{self, MAX_README, Readme};

/// More than any package that people install has; what unpacks to more is refused before it costs memory or time.
const MAX_UNPACKED: u64 = 2 << 30;
const MAX_FILES: u64 = 500_000;
const MAX_MANIFEST: u64 = 4 << 20;

/// A tarball that can be installed.
#[derive(Debug)]
pub(crate) struct Inspected {
    pub manifest: Map<String, Value>,
    pub files: u64,
    /// Bytes of all files together.
    pub unpacked: u64,
    pub has_shrinkwrap: bool,
    pub readme: Option<Readme>,
}

/// Reads a tarball from front to back.
///
/// # Errors
/// What is no gzip or tar, is cut off, is larger than a package may be, leaves its folder or has no package.json.
pub(crate) fn inspect(tarball: &[u8]) -> Result<Inspected, PublishError> {
    let unreadable = |error: std::io::Error| PublishError::Tarball { problem: error.to_string() };
    let refused = |problem: String| PublishError::Tarball { problem };
    // one byte more than allowed tells too large from just right
    let mut archive = tar::Archive::new(GzDecoder::new(tarball).take(MAX_UNPACKED + 1));
    let (mut manifest, mut files, mut unpacked, mut has_shrinkwrap) = (None, 0, 0, false);
    let mut found: Option<(u8, Readme)> = None;
    for entry in archive.entries().map_err(unreadable)? {
        let mut entry = entry.map_err(unreadable)?;
        let path = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        if path.starts_with('/') || path.split(['/', '\\']).any(|part| part == "..") {
            return Err(refused(format!("\"{path}\" would lie outside the package's folder")));
        }
        if !entry.header().entry_type().is_file() {
            continue;
        }
        files += 1;
        unpacked += entry.size();
        if files > MAX_FILES || unpacked > MAX_UNPACKED {
            return Err(refused(format!("it has more than {MAX_FILES} files or {MAX_UNPACKED} bytes")));
        }
        // whatever the first folder is called: clients drop its name
        match path.split_once('/').map(|(_, inside)| inside) {
            Some("package.json") if entry.size() > MAX_MANIFEST => {
                return Err(refused(format!("its package.json has more than {MAX_MANIFEST} bytes")));
            }
            Some("package.json") => {
                let mut text = Vec::new();
                entry.read_to_end(&mut text).map_err(unreadable)?;
                let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&text);
                let parsed = serde_json::from_slice(text)
                    .map_err(|error| refused(format!("its package.json is not a JSON object: {error}")))?;
                manifest = Some(parsed);
            }
            Some("npm-shrinkwrap.json") => has_shrinkwrap = true,
            Some(file) => {
                let rank = readme::rank(file);
                let better = rank.filter(|rank| found.as_ref().is_none_or(|(other, _)| rank < other));
                let Some(rank) = better else { continue };
                let mut text = Vec::new();
                entry.take(MAX_README).read_to_end(&mut text).map_err(unreadable)?;
                let text = String::from_utf8_lossy(&text);
                if let Some(readme) = Readme::sent(Some(&text), Some(file)) {
                    found = Some((rank, readme));
                }
            }
            None => {}
        }
    }
    let mut rest = archive.into_inner();
    std::io::copy(&mut rest, &mut std::io::sink()).map_err(unreadable)?;
    if rest.limit() == 0 {
        return Err(refused(format!("it unpacks to more than {MAX_UNPACKED} bytes")));
    }
    let manifest = manifest.ok_or_else(|| refused("there is no package.json in it".to_owned()))?;
    let readme = found.map(|(_, readme)| readme);
    Ok(Inspected { manifest, files, unpacked, has_shrinkwrap, readme })
}
