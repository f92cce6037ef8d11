//! Paths of tarballs and folders. They are read as `file:` URLs, with the liberties that npm takes.

use url::Url;

use super::parse::{Found, is_tarball};
use super::{Place, SpecifierError, SpecifierKind, posix_path};
use crate::javascript::decode_uri_component;

pub(super) fn find(spec: &str, place: Place<'_>) -> Result<Found, SpecifierError> {
    let kind = if is_tarball(spec) { SpecifierKind::File } else { SpecifierKind::Directory };
    let invalid = || SpecifierError::InvalidFileUrl { spec: spec.to_owned() };
    let directory = posix_path::resolve("/", place.directory);
    let url_text = tolerated(file_url(spec));
    let path_text = url_text.strip_prefix("file:").unwrap_or(&url_text);

    // Without the slash the folder itself would be replaced.
    let base = Url::parse(&format!("{}/", file_url(&directory))).map_err(|_| invalid())?;
    let resolved = base.join(&url_text).map_err(|_| invalid())?;
    let alone = Url::parse(&url_text).map_err(|_| invalid())?;
    let resolved = decode_uri_component(resolved.path()).ok_or_else(invalid)?;
    let alone = decode_uri_component(alone.path()).ok_or_else(invalid)?;

    let (saved, fetched) = if alone == "/~" || alone.starts_with("/~/") {
        let in_home = alone.get(3..).unwrap_or_default();
        let fetched = match place.home {
            Some(home) => posix_path::resolve(home, in_home),
            None => alone[1..].to_owned(),
        };
        (alone[1..].to_owned(), fetched)
    } else {
        let fetched = posix_path::resolve(&directory, &resolved);
        let is_absolute = path_text.starts_with('/');
        let saved = if is_absolute { fetched.clone() } else { posix_path::relative(&directory, &fetched) };
        (saved, fetched)
    };
    let save_spec = format!("file:{}", saved.replace('\\', "/"));
    let save_spec = match save_spec.strip_prefix("file://") {
        Some(rest) => format!("file:/{rest}"),
        None => save_spec,
    };
    let directory = Some(place.directory.to_owned());
    Ok(Found { directory, ..Found::new(kind, Some(save_spec), Some(fetched)) })
}

/// The path as a `file:` URL, relative if it is; what means something in URLs is encoded, percent signs too.
fn file_url(path: &str) -> String {
    let mut url = String::with_capacity(path.len() + 5);
    for c in path.chars() {
        match c {
            '\0' | '\t' | '\n' | '\r' | ' ' | '"' | '#' | '%' | '?' | '[' | '\\' | ']' | '^' | '|' | '~' => {
                url.push_str(&format!("%{:02X}", u32::from(c)));
            }
            _ => url.push(c),
        }
    }
    if !url.starts_with("file:") {
        url.insert_str(0, "file:");
    }
    url
}

/// `file://path` has always meant `file:/path` to npm, and `file:/../path` to mean `file:../path`.
fn tolerated(url: String) -> String {
    let Some(path) = url.strip_prefix("file:") else { return url };
    let slashes = path.bytes().take_while(|byte| *byte == b'/').count();
    let slashes = if slashes == 2 && path.len() > 2 { 3 } else { slashes };
    let rest = path.trim_start_matches('/');
    let is_relative = ["..", "."]
        .into_iter()
        .any(|dots| rest.strip_prefix(dots).is_some_and(|after| after.is_empty() || after.starts_with('/')));
    if (1..=3).contains(&slashes) && is_relative {
        return format!("file:{rest}");
    }
    format!("file:{}{rest}", "/".repeat(slashes))
}
