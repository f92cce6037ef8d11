//! Arithmetic with POSIX paths as Node's `path` does it. Looks at no disk.

/// `path` seen from the absolute `directory`: absolute, without `.`, `..`, double or trailing slashes.
pub(super) fn resolve(directory: &str, path: &str) -> String {
    let start = if path.starts_with('/') { "" } else { directory };
    let mut parts = Vec::new();
    for part in start.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}

/// The way from one absolute path to another; `""` where they are the same. Both are as [`resolve`] makes them.
pub(super) fn relative(from: &str, to: &str) -> String {
    let mut from = from.split('/').filter(|part| !part.is_empty()).peekable();
    let mut to = to.split('/').filter(|part| !part.is_empty()).peekable();
    while from.peek().is_some() && from.peek() == to.peek() {
        from.next();
        to.next();
    }
    from.map(|_| "..").chain(to).collect::<Vec<_>>().join("/")
}
