//! Git repositories and tarballs at URLs.

use url::Url;

use super::parse::Found;
use super::{SpecifierError, SpecifierKind};
use crate::hosted_git::{HostedGit, Representation, UrlOptions};
use crate::javascript::{decode_uri_component, is_line_end};

/// A git repository and what of it is wanted.
///
/// *Shape*: behind the `#` stand, joined by `::`, a commit, branch or tag, or `semver:` and a range, and `path:` and a
/// folder.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GitSpecifier {
    hosted: Option<HostedGit>,
    committish: Option<String>,
    range: Option<String>,
    subdirectory: Option<String>,
    ignored_keys: Vec<String>,
}

impl GitSpecifier {
    /// The repository, where its host is known.
    pub fn hosted(&self) -> Option<&HostedGit> {
        self.hosted.as_ref()
    }

    /// The commit, branch or tag; none for the default branch.
    pub fn committish(&self) -> Option<&str> {
        self.committish.as_deref()
    }

    /// The range that a tag must satisfy, as written.
    pub fn range(&self) -> Option<&str> {
        self.range.as_deref()
    }

    /// The folder of the package in the repository, with a leading slash. It may try to lead out of it.
    pub fn subdirectory(&self) -> Option<&str> {
        self.subdirectory.as_deref()
    }

    /// Keys that mean nothing, of which npm warns.
    pub fn ignored_keys(&self) -> &[String] {
        &self.ignored_keys
    }

    /// Reads what stands behind the `#`.
    fn parse(text: &str, hosted: Option<HostedGit>) -> Result<Self, SpecifierError> {
        let mut git = Self { hosted, ..Self::default() };
        let parts = text.split("::").filter(|_| !text.is_empty());
        for part in parts {
            match part.split_once(':') {
                None => git.set_committish(part, text)?,
                Some(("semver", value)) => git.set_range(first_value(value), text)?,
                Some(("path", value)) => git.set_subdirectory(first_value(value), text)?,
                Some((key, _)) => git.ignored_keys.push(key.to_owned()),
            }
        }
        Ok(git)
    }

    fn set_committish(&mut self, committish: &str, text: &str) -> Result<(), SpecifierError> {
        const WORD: &str = "committish";
        refuse(self.range.is_some(), "semver range", WORD, text)?;
        refuse(self.committish.is_some(), WORD, WORD, text)?;
        self.committish = Some(committish.to_owned()).filter(|committish| !committish.is_empty());
        Ok(())
    }

    fn set_range(&mut self, range: &str, text: &str) -> Result<(), SpecifierError> {
        const WORD: &str = "semver range";
        refuse(self.committish.is_some(), "committish", WORD, text)?;
        refuse(self.range.is_some(), WORD, WORD, text)?;
        let decoded = decode_uri_component(range)
            .ok_or_else(|| SpecifierError::MalformedEscape { text: text.to_owned() })?;
        self.range = Some(decoded).filter(|range| !range.is_empty());
        Ok(())
    }

    fn set_subdirectory(&mut self, path: &str, text: &str) -> Result<(), SpecifierError> {
        refuse(self.subdirectory.is_some(), "path", "path", text)?;
        self.subdirectory = Some(format!("/{path}"));
        Ok(())
    }
}

/// npm takes no notice of what follows a second colon.
fn first_value(text: &str) -> &str {
    text.split_once(':').map_or(text, |(value, _)| value)
}

fn refuse(
    is_set: bool,
    existing: &'static str,
    second: &'static str,
    committish: &str,
) -> Result<(), SpecifierError> {
    if !is_set {
        return Ok(());
    }
    Err(SpecifierError::AmbiguousCommittish { existing, second, committish: committish.to_owned() })
}

/// A repository at a known host.
pub(super) fn find_hosted(hosted: HostedGit) -> Result<Found, SpecifierError> {
    let save_spec = hosted.to_url(UrlOptions::default());
    let is_shortcut = hosted.representation() == Representation::Shortcut;
    let fetch_spec = (!is_shortcut).then(|| hosted.to_url(UrlOptions::FOR_GIT));
    let committish = hosted.committish().unwrap_or_default().to_owned();
    let git = GitSpecifier::parse(&committish, Some(hosted))?;
    Ok(Found::new(SpecifierKind::Git(Box::new(git)), Some(save_spec), fetch_spec))
}

/// Anything else with a protocol.
pub(super) fn find_url(spec: &str) -> Result<Found, SpecifierError> {
    if let Some((repository, committish)) = split_scp(spec) {
        let git = GitSpecifier::parse(committish, None)?;
        return Ok(git_found(git, spec, repository.to_owned()));
    }
    // A Windows path has backslashes, which a URL of this protocol would keep.
    let slashed = if spec.starts_with("git+file://") { spec.replace('\\', "/") } else { spec.to_owned() };
    let url = Url::parse(&slashed).map_err(|_| SpecifierError::InvalidUrl { url: slashed.clone() })?;
    match url.scheme() {
        "git" | "git+http" | "git+https" | "git+rsync" | "git+ftp" | "git+file" | "git+ssh" => {
            let git = GitSpecifier::parse(url.fragment().unwrap_or_default(), None)?;
            let repository = drive_path(&slashed, &url).unwrap_or_else(|| without_fragment(url));
            let repository = repository.strip_prefix("git+").unwrap_or(&repository).to_owned();
            Ok(git_found(git, spec, repository))
        }
        "http" | "https" => {
            Ok(Found::new(SpecifierKind::Remote, Some(spec.to_owned()), Some(spec.to_owned())))
        }
        "workspace" => Ok(Found::new(SpecifierKind::Workspace, Some(spec.to_owned()), None)),
        other => Err(SpecifierError::UnsupportedProtocol { protocol: format!("{other}:"), spec: slashed }),
    }
}

fn git_found(git: GitSpecifier, spec: &str, repository: String) -> Found {
    Found::new(SpecifierKind::Git(Box::new(git)), Some(spec.to_owned()), Some(repository))
}

fn without_fragment(mut url: Url) -> String {
    url.set_fragment(None);
    url.into()
}

/// `git+ssh://user@host:path#committish`, which is no URL: what follows the colon is no port.
fn split_scp(spec: &str) -> Option<(&str, &str)> {
    let rest = spec.strip_prefix("git+ssh://")?;
    let (repository, committish) = rest.split_once('#').unwrap_or((rest, ""));
    let (user_and_host, path) = repository.split_once(':')?;
    if user_and_host.is_empty() || path.is_empty() || committish.contains(is_line_end) {
        return None;
    }
    (!has_port(repository)).then_some((repository, committish))
}

/// A colon before digits up to a slash or the end.
fn has_port(text: &str) -> bool {
    text.match_indices(':').any(|(colon, _)| {
        let after = text.get(colon + 1..).unwrap_or_default();
        let rest = after.trim_start_matches(|c: char| c.is_ascii_digit());
        rest.len() < after.len() && (rest.is_empty() || rest.starts_with('/'))
    })
}

/// `git+file://C:/path`: a host cannot have a colon, so the URL has lost it.
fn drive_path(spec: &str, url: &Url) -> Option<String> {
    let rest = spec.get("git+file://".len()..).filter(|_| url.scheme() == "git+file")?;
    if !matches!(rest.as_bytes(), [letter, b':', ..] if letter.is_ascii_alphabetic()) {
        return None;
    }
    let host = url.host_str().unwrap_or_default().to_lowercase();
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    Some(format!("git+file://{host}{port}:{}", url.path()))
}
