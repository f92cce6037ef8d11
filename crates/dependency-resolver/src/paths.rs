//! Lexical operations on absolute `/`-separated paths, as Node's posix `path` does them.

/// The folder a path is in; the root's is the root.
pub(crate) fn dirname(path: &str) -> &str {
    match path.rfind('/') {
        Some(0) | None => "/",
        Some(at) => &path[..at],
    }
}

/// The last part of a path.
pub(crate) fn basename(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// `base` and `path` joined (an absolute `path` stands alone), `.` and `..` taken out.
pub(crate) fn resolve(base: &str, path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    let base = if path.starts_with('/') { "" } else { base };
    for part in base.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    let mut out = String::with_capacity(base.len() + path.len() + 1);
    for part in &parts {
        out.push('/');
        out.push_str(part);
    }
    if out.is_empty() { "/".to_owned() } else { out }
}

/// The way from one absolute path to another; empty where they are the same.
pub(crate) fn relative(from: &str, to: &str) -> String {
    if let Some(rest) = to.strip_prefix(from) {
        if rest.is_empty() {
            return String::new();
        }
        if let Some(rest) = rest.strip_prefix('/') {
            return rest.to_owned();
        }
    }
    let parts = |path: &'_ str| path.split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect();
    let (from, to): (Vec<String>, Vec<String>) = (parts(from), parts(to));
    let shared = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let up = std::iter::repeat_n("..".to_owned(), from.len() - shared);
    up.chain(to[shared..].iter().cloned()).collect::<Vec<_>>().join("/")
}

/// The package name that a folder's place gives: its last part, with the scope folder before it.
pub(crate) fn name_from_folder(path: &str) -> String {
    let (base, parent) = (basename(path), basename(dirname(path)));
    if parent.starts_with('@') { format!("{parent}/{base}") } else { base.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relative_paths_are_nodes() {
        for (from, to, expected) in [
            ("/a/b", "/a/b", ""),
            ("/a/b", "/a/b/c", "c"),
            ("/a/b", "/a/bc", "../bc"),
            ("/a/b/c", "/a", "../.."),
            ("/", "/x", "x"),
        ] {
            assert_eq!(relative(from, to), expected, "{from} -> {to}");
        }
        assert_eq!(resolve("/a/b", "../c/./d"), "/a/c/d");
        assert_eq!(name_from_folder("/x/node_modules/@s/p"), "@s/p");
    }
}
