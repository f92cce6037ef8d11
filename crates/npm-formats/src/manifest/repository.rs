//! `repository`, and what the host of a repository implies.

use super::note::Notes;
use crate::hosted_git::{HostedGit, Representation, UrlOptions};
use crate::json::access::{text, truthy};
use serde_json::{Map, Value};

/// Makes `repository` an object with a canonical URL; the first of `repositories` stands in for it.
pub(super) fn normalize(data: &mut Map<String, Value>, notes: &mut Notes) {
    if let Some(repositories) = truthy(data, "repositories") {
        let first = repositories.get(0).or_else(|| repositories.get("0")).cloned();
        match first {
            Some(first) => data.insert("repository".to_owned(), first),
            None => data.shift_remove("repository"),
        };
        notes.changed("repository", "the first of \"repositories\"");
    }
    if let Some(url @ Value::String(_)) = truthy(data, "repository").cloned() {
        let members = [("type".to_owned(), Value::from("git")), ("url".to_owned(), url)];
        data.insert("repository".to_owned(), Value::Object(Map::from_iter(members)));
        notes.changed("repository", "an object");
    }
    let canonical = url(data).and_then(canonical_url);
    if let (Some(canonical), Some(Value::Object(repository))) = (canonical, data.get_mut("repository"))
        && text(repository, "url") != Some(&canonical)
    {
        notes.changed("repository.url", format_args!("\"{canonical}\""));
        repository.insert("url".to_owned(), Value::from(canonical));
    }
}

/// The URL of the repository.
pub(super) fn url(data: &Map<String, Value>) -> Option<&str> {
    data.get("repository")?.get("url")?.as_str().filter(|url| !url.is_empty())
}

/// The URL that npm writes for a repository at a known host.
fn canonical_url(url: &str) -> Option<String> {
    let hosted = HostedGit::parse(url)?;
    Some(match hosted.representation() {
        Representation::Shortcut => hosted.https(UrlOptions::default()),
        _ => hosted.to_string(),
    })
}

/// The form npm writes for a dependency at a known host.
pub(super) fn canonical_dependency(specifier: &str) -> Option<String> {
    HostedGit::parse(specifier).map(|hosted| hosted.to_string())
}

/// The page for bugs of a repository at a known host.
pub(super) fn bugs_page(url: &str) -> Option<String> {
    HostedGit::parse(url)?.bugs()
}

/// The page that describes a repository at a known host.
pub(super) fn home_page(url: &str) -> Option<String> {
    Some(HostedGit::parse(url)?.docs(UrlOptions::default()))
}
