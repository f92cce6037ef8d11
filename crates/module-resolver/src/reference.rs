//! References resolved against a folder as URLs are, without making URLs of what holds nothing special.
//!
//! Node resolves in URLs: `%20` is a space, `?` starts a query, a tab is nothing. Most specifiers and targets
//! have none of these, and for them joining paths gives the same; the tests hold that against the `url` crate.

use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};
use url::Url;

/// What the URL standard encodes in a path.
const URL_PATH: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'}');

/// What `pathToFileURL` encodes. Source: Node 26.10.
const FILE_URL_PATH: &AsciiSet = &URL_PATH.add(b'%').add(b'\\').add(b'[').add(b']').add(b'|').add(b'~');

/// A `file:` URL taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct FileReference {
    /// Decoded; may end with a slash or hold empty segments.
    pub path: String,
    /// Query and fragment with their marks.
    pub suffix: String,
    /// The URL and its path as they are written, where that is not just the path encoded.
    written: Option<Box<Written>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Written {
    href: String,
    pathname: String,
}

/// Why a `file:` URL is no path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Malformed {
    Host(String),
    Encoding(String),
}

impl FileReference {
    pub fn from_path(path: String) -> Self {
        Self { path, ..Self::default() }
    }

    /// Errors: the URL names another host, or encodes what is not UTF-8.
    pub fn from_url(url: &Url) -> Result<Self, Malformed> {
        if url.host_str().is_some_and(|host| !host.is_empty()) {
            return Err(Malformed::Host(url.to_string()));
        }
        let pathname = url.path();
        let path = percent_decode_str(pathname).decode_utf8();
        let path = path.map_err(|_| Malformed::Encoding(url.to_string()))?.into_owned();
        let mut suffix = String::new();
        for (mark, part) in [('?', url.query()), ('#', url.fragment())] {
            if let Some(part) = part.filter(|part| !part.is_empty()) {
                suffix.push(mark);
                suffix.push_str(part);
            }
        }
        let written = Written { href: url.to_string(), pathname: pathname.to_owned() };
        Ok(Self { path, suffix, written: Some(Box::new(written)) })
    }

    /// The path as written in the URL, if it encodes a `/` or a `\`.
    pub fn with_encoded_separator(&self) -> Option<&str> {
        let pathname = &self.written.as_ref()?.pathname;
        let is_separator = |triple: &[u8]| {
            triple[0] == b'%' && matches!(triple[1..].to_ascii_lowercase().as_slice(), b"2f" | b"5c")
        };
        pathname.as_bytes().windows(3).any(is_separator).then_some(pathname)
    }

    pub fn href(&self) -> String {
        match &self.written {
            Some(written) => written.href.clone(),
            None => format!("file://{}", utf8_percent_encode(&self.path, URL_PATH)),
        }
    }
}

/// `new URL(reference, folder)`, taken apart. `folder` is absolute.
pub(crate) fn resolve(reference: &str, folder: &str) -> Result<FileReference, Malformed> {
    if is_plain(reference) {
        return Ok(FileReference::from_path(join(reference, folder)));
    }
    let base = format!("{}/", file_url(folder.trim_end_matches('/')));
    match Url::parse(&base).and_then(|base| base.join(reference)) {
        Ok(url) => FileReference::from_url(&url),
        Err(_) => Err(Malformed::Encoding(reference.to_owned())),
    }
}

/// `pathToFileURL(path).href`
pub(crate) fn file_url(path: &str) -> String {
    format!("file://{}", file_url_path(path))
}

/// `pathToFileURL(path).pathname`
pub(crate) fn file_url_path(path: &str) -> String {
    utf8_percent_encode(path, FILE_URL_PATH).to_string()
}

/// The URL that a specifier is by itself.
pub(crate) fn parse_url(specifier: &str) -> Option<Url> {
    let start = specifier.trim_start_matches(|c: char| c <= ' ');
    let (scheme, _) = start.split_once(':')?;
    let is_scheme = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.' | '\t' | '\n' | '\r');
    if !scheme.starts_with(|c: char| c.is_ascii_alphabetic()) || !scheme.chars().all(is_scheme) {
        return None;
    }
    Url::parse(specifier).ok()
}

/// `path.resolve(folder, path)`: no empty, `.` or `..` segments, no slash at the end. `folder` is absolute.
pub(crate) fn resolve_path(folder: &str, path: &str) -> String {
    let mut resolved = String::with_capacity(folder.len() + path.len() + 1);
    if !path.starts_with('/') {
        // the paths of folders that were looked at are as they should be, but for the strangest names
        if folder.contains("//") || folder.contains("/.") || folder.ends_with('/') {
            push_segments(&mut resolved, folder);
        } else {
            resolved.push_str(folder);
        }
    }
    push_segments(&mut resolved, path);
    if resolved.is_empty() {
        resolved.push('/');
    }
    resolved
}

fn push_segments(resolved: &mut String, path: &str) {
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => resolved.truncate(resolved.rfind('/').unwrap_or(0)),
            segment => {
                resolved.push('/');
                resolved.push_str(segment);
            }
        }
    }
}

/// Whether a reference means the same to a URL parser as to [`join`].
fn is_plain(reference: &str) -> bool {
    let special = |byte: u8| byte < b' ' || matches!(byte, b'%' | b'?' | b'#' | b'\\' | b'|');
    !reference.bytes().any(special)
        && !reference.starts_with("//")
        && reference.trim_matches(' ') == reference
}

/// The URL standard's path parsing for what holds nothing special: empty segments stay.
fn join(reference: &str, folder: &str) -> String {
    let mut path = String::with_capacity(folder.len() + reference.len() + 1);
    let rest = match reference.strip_prefix('/') {
        Some(rest) => rest,
        None => {
            path.push_str(folder.strip_suffix('/').unwrap_or(folder));
            reference
        }
    };
    let mut segments = rest.split('/').peekable();
    while let Some(segment) = segments.next() {
        let dots = match segment {
            "." => true,
            ".." => {
                path.truncate(path.rfind('/').unwrap_or(0));
                true
            }
            segment => {
                path.push('/');
                path.push_str(segment);
                false
            }
        };
        if dots && segments.peek().is_none() {
            path.push('/');
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_references_join_as_the_url_parser_joins_them() {
        for reference in [
            "./a.js",
            "../a.js",
            "../../../../a",
            "a",
            "a/b/../c",
            ".",
            "..",
            "./",
            "../",
            "/",
            "/x",
            "/..",
            "/x/../../y/",
            "a//../b",
            "a/.//b",
            "a//.",
            "a/./b/.",
            "./ä ö/☃.js",
            "./~[a]{b}^`\"<>.js",
            "./a:b@c!$&'()*+,;=.js",
            "...",
            "./.../a",
            "./a b",
        ] {
            assert!(is_plain(reference), "{reference}");
            // an empty first segment below the root is where the `url` crate and Node part
            for folder in ["/", "/app", "/app/src dir/ü"] {
                let base = Url::parse(&format!("{}/", file_url(folder.trim_end_matches('/')))).unwrap();
                let url = base.join(reference).unwrap();
                let oracle = FileReference::from_url(&url).unwrap();
                let ours = resolve(reference, folder).unwrap();
                assert_eq!(ours.path, oracle.path, "{reference} in {folder}");
                assert_eq!((ours.suffix, oracle.suffix), (String::new(), String::new()));
            }
        }
    }

    #[test]
    fn paths_resolve_as_node_resolves_them() {
        for (folder, path, resolved) in [
            ("/", "a", "/a"),
            ("/a", "../../b/./c/", "/b/c"),
            ("/a//b/", "c", "/a/b/c"),
            ("/a/./b/..", "..", "/"),
            ("/.a/b", "../c", "/.a/c"),
            ("/a", "/b//c", "/b/c"),
            ("/a", "", "/a"),
        ] {
            assert_eq!(resolve_path(folder, path), resolved, "{path} in {folder}");
        }
    }

    #[test]
    fn what_is_special_goes_through_the_url_parser() {
        for (reference, path, suffix) in [
            ("./a%20b.js", "/app/a b.js", ""),
            ("./a.js?x=1#y", "/app/a.js", "?x=1#y"),
            ("./a\\b.js", "/app/a/b.js", ""),
            ("./%2e%2e/a", "/a", ""),
            ("./a\t.js ", "/app/a.js", ""),
        ] {
            assert!(!is_plain(reference));
            let ours = resolve(reference, "/app").unwrap();
            assert_eq!((ours.path.as_str(), ours.suffix.as_str()), (path, suffix), "{reference}");
        }
        assert!(matches!(resolve("//host/a", "/app"), Err(Malformed::Host(_))));
        assert!(matches!(resolve("./%ff", "/app"), Err(Malformed::Encoding(_))));
        assert_eq!(resolve("./a%2Fb", "/app").unwrap().with_encoded_separator(), Some("/app/a%2Fb"));
    }
}
