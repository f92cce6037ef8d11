//! Where an entry of an archive may be written: always below the package, or nowhere.
//!
//! Pure text. Source: npm 11.19.1 (pacote, tar).

use super::SkipReason;
use crate::error::ArchiveFault;

/// Deeper than any package, and shallow enough to be removed with one open directory a level.
const MAX_DEPTH: usize = 256;
/// From so many parts on, empty ones counted, npm leaves an entry out.
const MAX_PARTS: usize = 1024;
/// Longest name of the common file systems, in bytes.
const MAX_NAME: usize = 255;
/// Longest path, leaving room for the directory that it is relative to.
const MAX_PATH: usize = 3800;

/// How a package's `.gitignore` is treated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum GitIgnore {
    /// It becomes `.npmignore`, unless there is one: what npm does with tarballs.
    #[default]
    Rename,
    /// It stays what it is: what npm does with a git repository before it is packed.
    Keep,
}

/// The path inside the package, without the archive's leading folder; empty for the package itself. Or why npm leaves it
/// out.
///
/// Roots (`/`, `C:`) are dropped, `.` and doubled slashes vanish; `..`, also between backslashes, leads out.
///
/// Errors: [`ArchiveFault::Path`] for what npm would unpack, or try to, and is not unpacked here.
pub(super) fn inside_package(raw: &str) -> Result<Result<String, SkipReason>, ArchiveFault> {
    let Some((_, path)) = raw.split_once('/') else { return Ok(Ok(String::new())) };
    if path.split('/').count() > MAX_PARTS {
        return Ok(Err(SkipReason::TooDeep));
    }
    let path = without_root(path);
    if path.split(['/', '\\']).any(|part| part == "..") {
        return Ok(Err(SkipReason::Escapes));
    }
    let mut clean = String::with_capacity(path.len());
    for (depth, part) in path.split('/').filter(|part| !part.is_empty() && *part != ".").enumerate() {
        let is_too_long = part.len() > MAX_NAME || clean.len() + part.len() > MAX_PATH;
        if depth >= MAX_DEPTH || is_too_long || part.contains('\0') {
            return Err(ArchiveFault::Path { path: shown(raw) });
        }
        if !clean.is_empty() {
            clean.push('/');
        }
        clean.push_str(part);
    }
    Ok(Ok(clean))
}

/// The beginning of a path, for messages.
pub(super) fn shown(path: &str) -> String {
    const LONGEST: usize = 100;
    match path.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}...", path.get(..end).unwrap_or_default()),
        None => path.to_owned(),
    }
}

/// Absolute paths, in the sense of any system, become relative ones.
fn without_root(mut path: &str) -> &str {
    loop {
        let root = match path.starts_with('/') && !path.starts_with("//?/") {
            true => 1,
            false => windows_root(path.as_bytes()),
        };
        match path.get(root..) {
            Some(rest) if root > 0 => path = rest,
            _ => return path,
        }
    }
}

/// The length of `C:`, `C:\`, `\` or `\\server\share\` at the beginning. Source: Node 20, `path.win32.parse`.
fn windows_root(path: &[u8]) -> usize {
    let is_separator = |byte: &u8| matches!(byte, b'/' | b'\\');
    match path {
        [letter, b':', rest @ ..] if letter.is_ascii_alphabetic() => {
            2 + usize::from(rest.first().is_some_and(is_separator))
        }
        [first, second, ..] if is_separator(first) && is_separator(second) => {
            let mut at = 2;
            let mut run = |separators: bool| {
                let rest = path.get(at..).unwrap_or_default();
                let length = rest.iter().take_while(|byte| is_separator(byte) == separators).count();
                at += length;
                (length > 0).then_some(at)
            };
            match (run(false), run(true), run(false)) {
                (Some(_), Some(_), Some(end)) => (end + 1).min(path.len()),
                _ => 1,
            }
        }
        [first, ..] if is_separator(first) => 1,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_end_below_the_package_or_nowhere() {
        for (raw, expected) in [
            ("package/lib/a.js", Ok("lib/a.js")),
            ("any-name/a.js", Ok("a.js")),
            ("package/./lib//a.js", Ok("lib/a.js")),
            ("package/lib/", Ok("lib")),
            ("package", Ok("")),
            ("a.js", Ok("")),
            ("./package/a.js", Ok("package/a.js")),
            ("/package/a.js", Ok("package/a.js")),
            ("package//etc/passwd", Ok("etc/passwd")),
            ("package/C:/windows/a", Ok("windows/a")),
            ("package/c:\\windows\\a", Ok("windows\\a")),
            ("package/\\\\server\\share\\a", Ok("a")),
            ("package/\\\\server\\share", Ok("")),
            ("package/\\\\server", Ok("server")),
            ("package///?/C:/a", Ok("a")),
            ("package/../a", Err(SkipReason::Escapes)),
            ("package/lib/../../a", Err(SkipReason::Escapes)),
            ("package/lib\\..\\..\\a", Err(SkipReason::Escapes)),
            ("package/c:../a", Err(SkipReason::Escapes)),
            ("package/..", Err(SkipReason::Escapes)),
            ("../a", Ok("a")),
            ("package/..a", Ok("..a")),
            ("package/a\\b", Ok("a\\b")),
        ] {
            assert_eq!(inside_package(raw), Ok(expected.map(str::to_owned)), "{raw}");
        }
        assert_eq!(inside_package(&"a/".repeat(1025)), Ok(Err(SkipReason::TooDeep)));
        for path in ["a".repeat(256), "abcdefghijklmno/".repeat(250), "a/".repeat(257), "a\0".to_owned()] {
            let path = format!("package/{path}");
            assert!(matches!(inside_package(&path), Err(ArchiveFault::Path { .. })), "{path}");
        }
    }
}
