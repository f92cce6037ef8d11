//! Symbolic links as npm makes them.

use std::path::{Component, Path, PathBuf};

/// The path of `to` as seen from the directory `from`; both absolute, both without symbolic links on the way.
pub(crate) fn relative(from: &Path, to: &Path) -> PathBuf {
    let (from, to): (Vec<_>, Vec<_>) = (normal(from), normal(to));
    let shared = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let up = from.iter().skip(shared).map(|_| Component::ParentDir);
    let path: PathBuf = up.chain(to.iter().skip(shared).copied()).collect();
    if path.as_os_str().is_empty() { PathBuf::from(".") } else { path }
}

/// The components without `.` and `..`.
fn normal(path: &Path) -> Vec<Component<'_>> {
    let mut components = Vec::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => drop(components.pop()),
            other => components.push(other),
        }
    }
    components
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_relative_to_where_they_lie() {
        for (from, to, expected) in [
            ("/p/node_modules", "/p/packages/a", "../packages/a"),
            ("/p/node_modules/@s", "/p/packages/a", "../../packages/a"),
            ("/p/node_modules", "/elsewhere/a", "../../elsewhere/a"),
            ("/p/node_modules/.bin", "/p/node_modules/a/cli.js", "../a/cli.js"),
            ("/p/node_modules", "/p/./x/../a", "../a"),
            ("/p", "/p", "."),
        ] {
            assert_eq!(relative(Path::new(from), Path::new(to)), Path::new(expected), "{from} {to}");
        }
    }
}
