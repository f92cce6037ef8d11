//! Recognises the repositories of known hosts in texts and URLs.

use url::Url;

use super::{GitHost, HostedGit, Representation};
use crate::javascript::{decode_uri_component, is_space};

pub(super) fn parse(text: &str) -> Option<HostedGit> {
    if is_github_shorthand(text) {
        return from_url(&Url::parse(&format!("github:{text}")).ok()?);
    }
    // Without either no rewriting below makes a URL of the text. This is the way of all versions and ranges.
    if !text.contains([':', '@']) {
        return None;
    }
    let corrected = correct_protocol(text);
    let url = Url::parse(&corrected).or_else(|_| Url::parse(&correct_scp(&corrected))).ok()?;
    from_url(&url)
}

/// `user/project`, with anything behind a `#`. Before that there is no space, colon, `@` or second slash; that the
/// first slash may itself stand behind it, as in `project#feature/a`, is npm's own oversight and kept.
fn is_github_shorthand(text: &str) -> bool {
    let repository = text.split_once('#').map_or(text, |(before, _)| before);
    text.find('/').is_some_and(|slash| slash > 0)
        && repository.matches('/').count() < 2
        && !repository.ends_with('/')
        && !text.starts_with('.')
        && !repository.contains([':', '@'])
        && !repository.contains(is_space)
}

const KNOWN_PROTOCOLS: [&str; 7] = ["git+ssh", "ssh", "git+https", "git", "http", "https", "git+http"];

fn is_known_protocol(protocol: &str) -> bool {
    KNOWN_PROTOCOLS.contains(&protocol) || GitHost::ALL.iter().any(|host| host.as_str() == protocol)
}

/// Gives a text its slashes or its protocol: `git@host:path` and `foo:bar@baz` are meant for ssh.
fn correct_protocol(text: &str) -> String {
    let (protocol, rest) = match text.split_once(':') {
        Some((protocol, _)) if is_known_protocol(protocol) => return text.to_owned(),
        Some((_, rest)) if rest.starts_with("//") => return text.to_owned(),
        Some((protocol, rest)) => (Some(protocol), rest),
        None => (None, text),
    };
    match (text.find('@'), protocol) {
        (Some(at), Some(protocol)) if at < protocol.len() => text.to_owned(),
        (Some(_), _) => format!("git+ssh://{text}"),
        (None, Some(protocol)) => format!("{protocol}://{rest}"),
        (None, None) => format!("//{rest}"),
    }
}

/// Makes a URL of the scp form: the last colon before the `#` separates host and path.
fn correct_scp(text: &str) -> String {
    let scanned = match text.find('#') {
        Some(hash) => text.get(..=hash).unwrap_or(text),
        None => text,
    };
    let mut corrected = text.to_owned();
    let last_at = scanned.rfind('@');
    if let Some(colon) = scanned.rfind(':')
        && last_at.is_none_or(|at| colon > at)
    {
        corrected.replace_range(colon..=colon, "/");
    }
    let before_hash = corrected.split_once('#').map_or(corrected.as_str(), |(before, _)| before);
    if !before_hash.contains(':') && !corrected.contains("//") {
        corrected.insert_str(0, "git+ssh://");
    }
    corrected
}

fn from_url(url: &Url) -> Option<HostedGit> {
    if let Some(host) = GitHost::ALL.into_iter().find(|host| host.as_str() == url.scheme()) {
        return from_shortcut(host, url);
    }
    let domain = url.host_str()?;
    let domain = domain.strip_prefix("www.").unwrap_or(domain);
    let host = GitHost::ALL.into_iter().find(|host| host.domain() == domain)?;
    let representation = representation(host, url.scheme())?;
    let place = Place::find(host, url)?;
    Some(HostedGit {
        host,
        user: place.user.map(|user| decode_uri_component(&user).ok_or(())).transpose().ok()?,
        auth: auth(url),
        project: decode_uri_component(&place.project)?,
        committish: Some(decode_uri_component(&place.committish)?)
            .filter(|committish| !committish.is_empty()),
        representation,
    })
}

fn from_shortcut(host: GitHost, url: &Url) -> Option<HostedGit> {
    let path = url.path().strip_prefix('/').unwrap_or(url.path());
    // Credentials mean nothing in a shortcut.
    let path = path.split_once('@').map_or(path, |(_, path)| path);
    let (user, project) = match path.rsplit_once('/') {
        Some((user, project)) => (Some(decode_uri_component(user)?), project),
        None => (None, path),
    };
    let project = decode_uri_component(project)?;
    let committish = decode_uri_component(url.fragment().unwrap_or_default())?;
    Some(HostedGit {
        host,
        user: user.filter(|user| !user.is_empty()),
        auth: None,
        project: project.strip_suffix(".git").unwrap_or(&project).to_owned(),
        committish: Some(committish).filter(|committish| !committish.is_empty()),
        representation: Representation::Shortcut,
    })
}

/// How a URL of the host is written, `None` where the host is not reached by the protocol.
fn representation(host: GitHost, protocol: &str) -> Option<Representation> {
    use GitHost::{Gist, GitHub, SourceHut};
    match protocol {
        "git+ssh" => Some(Representation::SshUrl),
        "https" => Some(Representation::Https),
        "ssh" => (host != SourceHut).then_some(Representation::SshUrl),
        "git+https" => (host != SourceHut).then_some(Representation::Https),
        "git" => matches!(host, GitHub | Gist).then_some(Representation::Git),
        "http" => (host == GitHub).then_some(Representation::Http),
        _ => None,
    }
}

/// User and password, which count where the protocol is none of ssh's.
fn auth(url: &Url) -> Option<String> {
    let (user, password) = (url.username(), url.password().unwrap_or_default());
    if url.scheme().ends_with("ssh") || (user.is_empty() && password.is_empty()) {
        return None;
    }
    Some(if password.is_empty() { user.to_owned() } else { format!("{user}:{password}") })
}

/// The parts of a URL that name a repository, still encoded.
struct Place {
    user: Option<String>,
    project: String,
    committish: String,
}

impl Place {
    fn find(host: GitHost, url: &Url) -> Option<Self> {
        let fragment = url.fragment().unwrap_or_default();
        let path = url.path();
        if host == GitHost::GitLab {
            return Self::in_groups(path, fragment);
        }
        let mut segments = path.split('/').skip(1);
        let user = segments.next().unwrap_or_default();
        let project = segments.next().unwrap_or_default();
        let kind = segments.next().unwrap_or_default();
        let committish = match (host, kind) {
            (GitHost::GitHub, "") => fragment,
            // JavaScript's word for what is missing.
            (GitHost::GitHub, "tree") => segments.next().unwrap_or("undefined"),
            (GitHost::GitHub, _)
            | (GitHost::Bitbucket, "get")
            | (GitHost::Gist, "raw")
            | (GitHost::SourceHut, "archive") => return None,
            _ => fragment,
        };
        if host == GitHost::Gist {
            return Self::of_gist(user, project, committish);
        }
        Self::new(user, without_git(project), committish)
    }

    /// A gist's URL may leave the user out.
    fn of_gist(user: &str, project: &str, committish: &str) -> Option<Self> {
        let (user, project) = match (user, project) {
            ("", "") => return None,
            (id, "") => (None, id),
            (user, id) => (Some(user.to_owned()), id),
        };
        let project = without_git(project).to_owned();
        Some(Self { user, project, committish: committish.to_owned() })
    }

    /// GitLab's groups may have groups.
    fn in_groups(path: &str, fragment: &str) -> Option<Self> {
        let path = path.strip_prefix('/').unwrap_or(path);
        if path.contains("/-/") || path.contains("/archive.tar.gz") {
            return None;
        }
        let (groups, project) = path.rsplit_once('/')?;
        Self::new(groups, without_git(project), fragment)
    }

    fn new(user: &str, project: &str, committish: &str) -> Option<Self> {
        if user.is_empty() || project.is_empty() {
            return None;
        }
        let user = Some(user.to_owned());
        Some(Self { user, project: project.to_owned(), committish: committish.to_owned() })
    }
}

fn without_git(project: &str) -> &str {
    project.strip_suffix(".git").unwrap_or(project)
}
