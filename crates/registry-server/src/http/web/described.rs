//! What a manifest says to people: anything may stand in it, and what is no text is left out.

use npm_formats::hosted_git::{HostedGit, UrlOptions};
use serde_json::{Map, Value};

use crate::pages::{Dependencies, DependencyKind, Href};

/// A manifest's description of its package.
#[derive(Debug, Default)]
pub(in crate::http) struct Described {
    pub description: String,
    pub keywords: Vec<String>,
    pub author: Option<String>,
    pub license: Option<String>,
    pub homepage: Option<Href>,
    pub repository: Option<Href>,
    pub bugs: Option<Href>,
}

/// Rows of a list that are kept.
const MOST: usize = 2000;

impl Described {
    /// What a manifest's text says.
    pub fn of(manifest: &str) -> Described {
        serde_json::from_str(manifest).map(|manifest| Described::of_members(&manifest)).unwrap_or_default()
    }

    /// What a manifest's members say.
    pub fn of_members(manifest: &Map<String, Value>) -> Described {
        let text = |key: &str| manifest.get(key).and_then(Value::as_str).map(str::to_owned);
        Described {
            description: text("description").unwrap_or_default(),
            keywords: strings(manifest.get("keywords")),
            author: manifest.get("author").and_then(person),
            license: manifest.get("license").and_then(|license| text_or(license, "type")),
            homepage: text("homepage").and_then(|address| Href::external(&address)),
            repository: manifest
                .get("repository")
                .and_then(|value| text_or(value, "url"))
                .and_then(|url| repository(&url)),
            bugs: manifest
                .get("bugs")
                .and_then(|value| text_or(value, "url"))
                .and_then(|url| Href::external(&url)),
        }
    }
}

/// A text, or the text that an object has under a key.
fn text_or(value: &Value, key: &str) -> Option<String> {
    value.as_str().or_else(|| value.get(key)?.as_str()).map(str::to_owned)
}

/// The name of a person, who is an object or `Name <address> (site)`.
pub(super) fn person(value: &Value) -> Option<String> {
    let written = text_or(value, "name")?;
    let name = written.split(['<', '(']).next().unwrap_or_default().trim();
    (!name.is_empty()).then(|| name.to_owned())
}

/// An array's texts, or those of one text with commas.
pub(super) fn strings(value: Option<&Value>) -> Vec<String> {
    let texts: Vec<String> = match value {
        Some(Value::Array(values)) => {
            values.iter().filter_map(|value| value.as_str().map(str::to_owned)).collect()
        }
        Some(Value::String(text)) => text.split(',').map(|part| part.trim().to_owned()).collect(),
        _ => Vec::new(),
    };
    texts.into_iter().filter(|text| !text.is_empty()).take(MOST).collect()
}

/// The page of a repository: a known host's own, or the address that git is given where it can be opened.
fn repository(url: &str) -> Option<Href> {
    if let Some(hosted) = HostedGit::parse(url) {
        return Href::external(&hosted.browse(UrlOptions::default()));
    }
    let address = url.strip_prefix("git+").unwrap_or(url);
    Href::external(address.strip_suffix(".git").unwrap_or(address))
}

/// What a version depends on. npm writes optional dependencies among the others too.
pub(super) fn dependencies(manifest: &Map<String, Value>) -> Vec<Dependencies> {
    let pairs = |key: &str| -> Vec<(String, String)> {
        let members = manifest.get(key).and_then(Value::as_object).into_iter().flatten();
        let pairs = members.filter_map(|(name, range)| Some((name.clone(), range.as_str()?.to_owned())));
        pairs.take(MOST).collect()
    };
    let optional = pairs("optionalDependencies");
    let mut runtime = pairs("dependencies");
    runtime.retain(|(name, _)| !optional.iter().any(|(other, _)| other == name));
    vec![
        Dependencies { kind: DependencyKind::Runtime, packages: runtime },
        Dependencies { kind: DependencyKind::Peer, packages: pairs("peerDependencies") },
        Dependencies { kind: DependencyKind::Optional, packages: optional },
        Dependencies { kind: DependencyKind::Development, packages: pairs("devDependencies") },
    ]
}

#[cfg(test)]
mod tests {
    use super::Described;

    #[test]
    fn a_manifest_is_read_whatever_stands_in_it() {
        for (manifest, repository, license) in [
            (
                r#"{"repository":"github:acme/forms","license":"MIT"}"#,
                Some("https://github.com/acme/forms"),
                Some("MIT"),
            ),
            (
                r#"{"repository":{"url":"git+https://git.example/a/b.git"},"license":{"type":"ISC"}}"#,
                Some("https://git.example/a/b"),
                Some("ISC"),
            ),
            (r#"{"repository":"javascript:alert(1)","license":["MIT"]}"#, None, None),
            (r#"{"repository":{"url":7},"license":null}"#, None, None),
            ("[]", None, None),
        ] {
            let described = Described::of(manifest);
            assert_eq!(described.repository.as_ref().map(|href| href.as_str()), repository, "{manifest}");
            assert_eq!(described.license.as_deref(), license, "{manifest}");
        }
        let described =
            Described::of(r#"{"keywords":"a, b","author":"Jane <j@acme.example>","description":7}"#);
        assert_eq!(
            (described.keywords, described.author),
            (vec!["a".into(), "b".into()], Some("Jane".into()))
        );
    }
}
