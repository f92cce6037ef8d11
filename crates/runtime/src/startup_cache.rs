//! Bytecode that makes the next start faster: the engine's own functions, and the builtins that programs used.
//!
//! One file a build of knit, in the user's cache folder, written whole and renamed into place. It can be deleted at any
//! time; what is missing or damaged is compiled again. Another build never reads it: its name and its first line say which
//! executable wrote it.

use std::collections::BTreeMap;
use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The engine's own functions, among the names of builtins.
const SELF_HOSTED: &str = "*";

pub(crate) struct StartupCache {
    path: Option<PathBuf>,
    mark: String,
    entries: BTreeMap<String, &'static [u8]>,
}

impl StartupCache {
    /// Opens the file of this executable in `folder`. Never fails: without a file the cache is empty.
    pub(crate) fn open(folder: Option<&Path>, executable: &Path) -> StartupCache {
        let mark = mark(executable);
        let path = match (folder, &mark) {
            (Some(folder), Some(mark)) => Some(folder.join(format!("startup-{mark}.bin"))),
            _ => None,
        };
        let mark = mark.unwrap_or_default();
        let bytes = path.as_ref().and_then(|path| bytes_of(path).ok());
        let entries = bytes.and_then(|bytes| parse(bytes, &mark)).unwrap_or_default();
        StartupCache { path, mark, entries }
    }

    pub(crate) fn self_hosted(&self) -> &'static [u8] {
        self.entries.get(SELF_HOSTED).copied().unwrap_or_default()
    }

    pub(crate) fn builtins(&self) -> impl Fn(&str) -> Option<&'static [u8]> + Send + Sync + 'static {
        let entries = self.entries.clone();
        move |id| entries.get(id).copied()
    }

    pub(crate) fn is_usable(&self) -> bool {
        self.path.is_some()
    }

    /// A folder beside the file, for this executable only.
    pub(crate) fn folder(&self, name: &str) -> Option<PathBuf> {
        Some(self.path.as_ref()?.with_file_name(format!("{name}-{}", self.mark)))
    }

    /// Writes what is known and what is new. A failure is no one's concern: the next start is slower, that is all.
    pub(crate) fn add(&self, self_hosted: Vec<u8>, builtins: Vec<(String, Vec<u8>)>) {
        let Some(path) = &self.path else { return };
        let mut all: BTreeMap<&str, &[u8]> =
            self.entries.iter().map(|(id, bytes)| (id.as_str(), *bytes)).collect();
        if !self_hosted.is_empty() {
            all.insert(SELF_HOSTED, &self_hosted);
        }
        all.extend(builtins.iter().map(|(id, bytes)| (id.as_str(), bytes.as_slice())));
        let _ = write(path, &self.mark, &all);
        if let Some(folder) = path.parent() {
            tidy(folder);
        }
    }
}

/// The file holds all that any program ever used, of which most use little.
#[cfg(unix)]
fn bytes_of(path: &Path) -> std::io::Result<&'static [u8]> {
    js_engine::map_file(&std::fs::File::open(path)?)
}

#[cfg(not(unix))]
fn bytes_of(path: &Path) -> std::io::Result<&'static [u8]> {
    Ok(std::fs::read(path)?.leak())
}

/// Tells executables apart: size and time of last change, to the nanosecond.
fn mark(executable: &Path) -> Option<String> {
    let facts = std::fs::metadata(executable).ok()?;
    Some(format!(
        "{}-{:x}-{:x}-{:x}",
        env!("CARGO_PKG_VERSION"),
        facts.size(),
        facts.mtime(),
        facts.mtime_nsec()
    ))
}

/// Where entries begin: the engine reads them in place. What a file is read into begins at such a place too.
const ALIGNMENT: usize = 8;

/// The first line is the mark and the number of entries, then a line each (length, name), then the bytes in that order,
/// each entry at a multiple of [`ALIGNMENT`].
fn parse(bytes: &'static [u8], mark: &str) -> Option<BTreeMap<String, &'static [u8]>> {
    let mut rest = bytes;
    let mut line = || {
        let end = rest.iter().position(|&byte| byte == b'\n')?;
        let (line, after) = rest.split_at(end);
        rest = &after[1..];
        std::str::from_utf8(line).ok()
    };
    let count: usize = line()?.strip_prefix(mark)?.strip_prefix(' ')?.parse().ok()?;
    let mut index = Vec::new();
    for _ in 0..count {
        let (length, name) = line()?.split_once(' ')?;
        index.push((length.parse::<usize>().ok()?, name.to_owned()));
    }
    let mut entries = BTreeMap::new();
    for (length, name) in index {
        let offset = bytes.len() - rest.len();
        let (entry, after) = rest.get(padding(offset)..)?.split_at_checked(length)?;
        rest = after;
        entries.insert(name, entry);
    }
    rest.is_empty().then_some(entries)
}

/// Bytes between `offset` and the next place where an entry may begin.
fn padding(offset: usize) -> usize {
    offset.next_multiple_of(ALIGNMENT) - offset
}

fn write(path: &Path, mark: &str, entries: &BTreeMap<&str, &[u8]>) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    let staged = folder.join(format!(".startup-{}.part", std::process::id()));
    let mut file = std::io::BufWriter::new(std::fs::File::create(&staged)?);
    let mut head = format!("{mark} {}\n", entries.len());
    for (name, bytes) in entries {
        head += &format!("{} {name}\n", bytes.len());
    }
    file.write_all(head.as_bytes())?;
    let mut offset = head.len();
    for bytes in entries.values() {
        let gap = padding(offset);
        file.write_all(&[0; ALIGNMENT][..gap])?;
        file.write_all(bytes)?;
        offset += gap + bytes.len();
    }
    file.into_inner().map_err(std::io::IntoInnerError::into_error)?;
    std::fs::rename(&staged, path)
}

/// How long files are kept that nobody has written since: those of builds that are gone, most likely. Where one is still
/// in use, its next start makes it again.
const KEPT: Duration = Duration::from_secs(30 * 24 * 3600);
/// The same for files that were never finished.
const KEPT_UNFINISHED: Duration = Duration::from_secs(3600);

/// Removes what other builds, and processes that were killed, left in the folder long ago.
fn tidy(folder: &Path) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let Some(name) = name.to_str() else { continue };
        let kept = if name.starts_with(".startup-") && name.ends_with(".part") {
            KEPT_UNFINISHED
        } else if name.starts_with("startup-") || name.starts_with("modules-") {
            KEPT
        } else {
            continue;
        };
        let age = entry.metadata().and_then(|facts| facts.modified()).map(|time| time.elapsed());
        if matches!(age, Ok(Ok(age)) if age > kept) {
            let path = entry.path();
            let _ = if path.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaked(bytes: &[u8]) -> &'static [u8] {
        bytes.to_vec().leak()
    }

    #[test]
    fn what_is_old_goes_and_what_others_keep_in_the_folder_stays() {
        let folder = tempfile::tempdir().expect("a folder");
        let now = std::time::SystemTime::now();
        for (name, age) in [
            ("startup-old.bin", KEPT * 2),
            ("startup-new.bin", KEPT / 2),
            (".startup-1.part", KEPT_UNFINISHED * 2),
            (".startup-2.part", KEPT_UNFINISHED / 2),
            ("metadata", KEPT * 2),
        ] {
            let file = std::fs::File::create(folder.path().join(name)).expect("a file");
            file.set_modified(now - age).expect("a time");
        }
        tidy(folder.path());
        let left = std::fs::read_dir(folder.path()).expect("readable");
        let mut left: Vec<String> =
            left.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        left.sort();
        assert_eq!(left, [".startup-2.part", "metadata", "startup-new.bin"]);
    }

    #[test]
    fn entries_come_back_and_damage_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("x.bin");
        let entries = BTreeMap::from([("*", &b"engine"[..]), ("fs", b"\n\n\x00"), ("path", b"")]);
        write(&path, "m1", &entries).expect("written");
        let bytes = std::fs::read(&path).expect("read");
        let parsed = parse(leaked(&bytes), "m1").expect("parsed");
        assert_eq!(parsed.iter().map(|(k, v)| (k.as_str(), *v)).collect::<BTreeMap<_, _>>(), entries);
        assert!(parse(leaked(&bytes), "m2").is_none(), "another build's");
        assert!(parse(leaked(&bytes[..bytes.len() - 1]), "m1").is_none(), "cut short");
        assert!(parse(leaked(b""), "m1").is_none());
    }
}
