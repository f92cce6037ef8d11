//! Node's `path.posix`, as far as npm's formats need it, on text that may come from anyone. Looks at no disk.

/// Resolves `.` and `..` and repeated separators. An absolute path cannot leave its root; a relative one may start
/// with `..`. A final separator stays. Nothing gives `.`.
pub(crate) fn normalize(path: &str) -> String {
    let absolute = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            ".." if absolute => {}
            part => parts.push(part),
        }
    }
    let mut normal = parts.join("/");
    if path.ends_with('/') && !normal.is_empty() {
        normal.push('/');
    }
    match (absolute, normal.is_empty()) {
        (true, _) => format!("/{normal}"),
        (false, true) => if path.ends_with('/') { "./" } else { "." }.to_owned(),
        (false, false) => normal,
    }
}

/// The last part of a path, final separators ignored.
pub(crate) fn basename(path: &str) -> &str {
    let path = path.trim_end_matches('/');
    path.rsplit_once('/').map_or(path, |(_, last)| last)
}

/// What is before the last part, `.` when nothing is.
pub(crate) fn dirname(path: &str) -> &str {
    let path = path.trim_end_matches('/');
    match path.rsplit_once('/') {
        Some((folder, _)) => match folder.trim_end_matches('/') {
            "" => "/",
            folder => folder,
        },
        None => ".",
    }
}

/// The extension of the last part with its dot; none when the only dot comes first.
pub(crate) fn extname(path: &str) -> &str {
    let name = basename(path);
    match name.rfind('.') {
        None | Some(0) => "",
        Some(_) if name == ".." => "",
        Some(at) => name.get(at..).unwrap_or(""),
    }
}

/// The path below the package that npm makes of a reference, whatever it was: `\` and `:` separate, and nothing leads
/// out. Empty when it means the package itself.
pub(crate) fn secure(reference: &str) -> String {
    let unix: String = reference.chars().map(|c| if matches!(c, '\\' | ':') { '/' } else { c }).collect();
    normalize(&format!("/{unix}")).trim_start_matches('/').to_owned()
}

/// The way from one absolute path to another, `""` for the same.
pub(crate) fn relative(from: &str, to: &str) -> String {
    let (from, to) = (normalize(from), normalize(to));
    let parts = |path: &'_ str| {
        path.split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect::<Vec<_>>()
    };
    let (from, to) = (parts(&from), parts(&to));
    let common = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let up = from.iter().skip(common).map(|_| "..");
    up.chain(to.iter().skip(common).map(String::as_str)).collect::<Vec<_>>().join("/")
}
