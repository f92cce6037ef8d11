//! Names and targets of a package's executables, made harmless.
//!
//! Source: npm 11.19.1, npm-normalize-package-bin.

use crate::fs;
use rustix::io::Errno;
use serde_json::{Map, Value};
use std::os::fd::OwnedFd;

/// How much of a file is searched for the end of its first line.
const SHEBANG: usize = 2048;

/// An executable of a package.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Bin {
    /// The command: one name, no path.
    pub name: String,
    /// The file, relative to the package.
    pub target: String,
}

impl Bin {
    /// The executable, with everything gone from both sides that could lead elsewhere: `../../x` is `x`. `None` when
    /// nothing is left.
    pub fn new(name: &str, target: &str) -> Option<Self> {
        let name = name.replace(['\\', ':'], "/");
        let name = name.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        let target = normalize_target(target);
        if matches!(name, "" | "." | "..")
            || target.is_empty()
            || name.contains('\0')
            || target.contains('\0')
        {
            return None;
        }
        Some(Self { name: name.to_owned(), target })
    }
}

/// The executables of a manifest, in its order; `bin` may be a path, a list of paths, or names with paths.
pub fn from_manifest(manifest: &Map<String, Value>) -> Vec<Bin> {
    let bins = match manifest.get("bin") {
        Some(Value::String(target)) => match manifest.get("name") {
            Some(Value::String(name)) => Bin::new(name, target).into_iter().collect(),
            _ => Vec::new(),
        },
        Some(Value::Array(targets)) => {
            targets.iter().filter_map(Value::as_str).filter_map(|target| Bin::new(target, target)).collect()
        }
        Some(Value::Object(bins)) => {
            bins.iter().filter_map(|(name, target)| Bin::new(name, target.as_str()?)).collect()
        }
        _ => Vec::new(),
    };
    // Two names may have become one; the later takes it, at the place of the first.
    let mut unique: Vec<Bin> = Vec::with_capacity(bins.len());
    for bin in bins {
        match unique.iter_mut().find(|known| known.name == bin.name) {
            Some(known) => *known = bin,
            None => unique.push(bin),
        }
    }
    unique
}

/// A path inside the package, whatever it was before. Empty for the package itself.
pub(crate) fn normalize_target(target: &str) -> String {
    let target = target.replace('\\', "/");
    let mut parts = Vec::new();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// The contents of an open file with a Unix end of their first line, if that is a shebang with a Windows one, which no
/// Unix can run. Source: npm 11.19.1, bin-links (fix-bin).
pub(crate) fn unix_shebang(file: &OwnedFd) -> Result<Option<Vec<u8>>, Errno> {
    let mut head = [0; SHEBANG];
    let read = rustix::io::read(file, &mut head)?;
    rustix::fs::seek(file, rustix::fs::SeekFrom::Start(0))?;
    let Some(at) = head.get(..read).and_then(windows_shebang) else { return Ok(None) };
    let mut contents = fs::read_open(file, u64::MAX)?;
    contents.remove(at);
    Ok(Some(contents))
}

/// Where the carriage return of a Windows shebang line is.
fn windows_shebang(head: &[u8]) -> Option<usize> {
    let line = head.strip_prefix(b"#!")?;
    let end = memchr::memchr(b'\n', line)?;
    let line = line.get(..end)?.strip_suffix(b"\r")?;
    (!line.is_empty()).then_some(line.len() + 2)
}
