//! Where an entry of an archive may be written: always below the package, or nowhere.
//!
//! Pure text. Source: npm 11.19.1 (pacote, tar).

use super::SkipReason;

/// Deeper than any package, and shallow enough to be removed with one open directory a level.
const MAX_DEPTH: usize = 256;
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

/// The path inside the package, without the archive's leading folder; empty for the package itself.
///
/// Roots (`/`, `C:`) are dropped, `.` and doubled slashes vanish; `..`, also between backslashes, is refused.
pub(super) fn inside_package(raw: &str) -> Result<String, SkipReason> {
    let Some((_, path)) = raw.split_once('/') else { return Ok(String::new()) };
    let path = without_root(path);
    if path.split(['/', '\\']).any(|part| part == "..") {
        return Err(SkipReason::Escapes);
    }
    let mut clean = String::with_capacity(path.len());
    for (depth, part) in path.split('/').filter(|part| !part.is_empty() && *part != ".").enumerate() {
        if depth >= MAX_DEPTH {
            return Err(SkipReason::TooDeep);
        }
        if part.len() > MAX_NAME || clean.len() + part.len() > MAX_PATH {
            return Err(SkipReason::NameTooLong);
        }
        if !clean.is_empty() {
            clean.push('/');
        }
        clean.push_str(part);
    }
    if clean.contains('\0') { Err(SkipReason::Escapes) } else { Ok(clean) }
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
            assert_eq!(inside_package(raw).as_deref(), expected.as_ref().copied(), "{raw}");
        }
        assert_eq!(inside_package(&format!("package/{}", "a".repeat(256))), Err(SkipReason::NameTooLong));
        assert_eq!(
            inside_package(&format!("package/{}", "abcdefghijklmno/".repeat(250))),
            Err(SkipReason::NameTooLong)
        );
        assert_eq!(inside_package(&format!("package/{}", "a/".repeat(257))), Err(SkipReason::TooDeep));
    }
}
