//! What is in a tarball, told from its bytes: what `pack` and `publish` show, and what is checked.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::io::{self, Read};

use flate2::read::MultiGzDecoder;
use npm_formats::collation;
use npm_formats::integrity::{Algorithm, Integrity};
use sha1::{Digest as _, Sha1};
use sha2::Sha512;

/// More than this is not unpacked: no registry takes it.
const MOST_BYTES: u64 = 4 << 30;

/// A tarball and what is in it.
#[derive(Debug, Clone)]
pub struct Contents {
    /// Of the package's manifest.
    pub name: String,
    pub version: String,
    /// What the tarball is called: `scope-name-1.0.0.tgz`.
    pub file_name: String,
    /// Bytes of the tarball.
    pub size: u64,
    /// Bytes of all files.
    pub unpacked_size: u64,
    /// SHA-1 in hexadecimal.
    pub shasum: String,
    /// SHA-512.
    pub integrity: String,
    /// Capitals first, each half in natural order.
    pub files: Vec<PackedFile>,
    /// How many entries there are.
    pub entries: usize,
    /// Names of bundled dependencies.
    pub bundled: Vec<String>,
}

/// A file in a tarball.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackedFile {
    /// Relative to the package.
    pub path: String,
    /// In bytes.
    pub size: u64,
    /// Permission bits.
    pub mode: u32,
}

impl Contents {
    /// `name@version`.
    pub fn id(&self) -> String {
        format!("{}@{}", self.name, self.version)
    }

    /// Looks into a tarball.
    ///
    /// *Errors*: bytes that are no tarball.
    pub fn of(name: &str, version: &str, tarball: &[u8]) -> io::Result<Self> {
        let mut files = Vec::new();
        let mut bundled = Vec::new();
        let mut known = BTreeSet::new();
        visit(tarball, |file| {
            if let Some(name) = bundled_name(&file.path)
                && known.insert(name.to_owned())
            {
                bundled.push(name.to_owned());
            }
            files.push(file);
            Ok(())
        })?;
        let entries = files.len();
        let unpacked_size = files.iter().map(|file| file.size).sum();
        files.sort_by(|a, b| {
            let is_later = |file: &PackedFile| !begins_upper(&file.path);
            is_later(a).cmp(&is_later(b)).then_with(|| natural(&a.path, &b.path))
        });
        Ok(Self {
            file_name: file_name(name, version),
            name: name.to_owned(),
            version: version.to_owned(),
            size: tarball.len() as u64,
            unpacked_size,
            shasum: hexadecimal(&Sha1::digest(tarball)),
            integrity: Integrity::from_digest(Algorithm::Sha512, &Sha512::digest(tarball)).to_string(),
            files,
            entries,
            bundled,
        })
    }
}

fn visit(tarball: &[u8], mut each: impl FnMut(PackedFile) -> io::Result<()>) -> io::Result<()> {
    let mut archive = tar::Archive::new(MultiGzDecoder::new(tarball).take(MOST_BYTES));
    for entry in archive.entries()? {
        let entry = entry?;
        if !entry.header().entry_type().is_file() {
            continue;
        }
        let path = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        // whatever the folder in the archive is called
        let path = path.split_once('/').map_or(path.as_str(), |(_, below)| below).to_owned();
        let file = PackedFile { path, size: entry.size(), mode: entry.header().mode()? };
        each(file)?;
    }
    Ok(())
}

/// The name of a package's tarball.
pub(super) fn file_name(name: &str, version: &str) -> String {
    let name = name.strip_prefix('@').unwrap_or(name).replace(['/', '\\'], "-");
    format!("{name}-{}.tgz", version.replace(['/', '\\'], "-"))
}

fn bundled_name(path: &str) -> Option<&str> {
    let below = path.strip_prefix("node_modules/").filter(|below| !below.is_empty())?;
    let scope = if below.starts_with('@') { below.find('/')? + 1 } else { 0 };
    let end = below.get(scope..)?.find('/').map_or(below.len(), |end| scope + end);
    below.get(..end)
}

fn begins_upper(path: &str) -> bool {
    path.chars().next().is_some_and(|first| first.to_uppercase().eq(std::iter::once(first)))
}

/// Numbers in names are compared as numbers.
fn natural(a: &str, b: &str) -> Ordering {
    let (mut left, mut right) = (a, b);
    while !left.is_empty() && !right.is_empty() {
        let (one, rest_one) = piece(left);
        let (two, rest_two) = piece(right);
        let are_numbers = begins_with_digit(one) && begins_with_digit(two);
        let order = match are_numbers {
            true => {
                let (one, two) = (one.trim_start_matches('0'), two.trim_start_matches('0'));
                one.len().cmp(&two.len()).then_with(|| one.cmp(two))
            }
            false if begins_with_digit(one) || begins_with_digit(two) => {
                return collation::compare(left, right);
            }
            false if one != two => return collation::compare(left, right),
            false => Ordering::Equal,
        };
        if order.is_ne() {
            return order;
        }
        (left, right) = (rest_one, rest_two);
    }
    left.len().cmp(&right.len())
}

fn begins_with_digit(text: &str) -> bool {
    text.starts_with(|sign: char| sign.is_ascii_digit())
}

/// Digits, or what is between digits, and the rest.
fn piece(text: &str) -> (&str, &str) {
    let is_number = begins_with_digit(text);
    let end = text.find(|sign: char| sign.is_ascii_digit() != is_number).unwrap_or(text.len());
    text.split_at(end)
}

pub(crate) fn hexadecimal(digest: &[u8]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_tarballs_and_bundles() {
        for (name, expected) in [("plain", "plain-1.0.0.tgz"), ("@scope/name", "scope-name-1.0.0.tgz")] {
            assert_eq!(file_name(name, "1.0.0"), expected);
        }
        let rows = [
            ("node_modules/a/index.js", Some("a")),
            ("node_modules/@s/a/index.js", Some("@s/a")),
            ("lib/node_modules/a/index.js", None),
            ("node_modules/", None),
        ];
        for (path, expected) in rows {
            assert_eq!(bundled_name(path), expected, "{path}");
        }
    }

    #[test]
    fn numbers_are_ordered_as_numbers() {
        let mut names = ["b10.js", "b9.js", "a", "b9/x", "b010.js", "b"];
        names.sort_by(|a, b| natural(a, b));
        assert_eq!(names, ["a", "b", "b9.js", "b9/x", "b10.js", "b010.js"]);
    }
}
