//! Repositories at the git hosts npm knows: GitHub, GitLab, Bitbucket, gists and sourcehut. Recognises their
//! shortcuts and URLs, and writes every other URL of such a repository.
//!
//! Does not know what else may follow a committish's `#` (ranges, folders): that is the specifier's.
//!
//! *Source*: hosted-git-info 9.0.3 of npm 11.19.1.

mod parse;
mod urls;

use std::fmt;

pub use urls::UrlOptions;

/// A git host that has shortcuts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GitHost {
    GitHub,
    Bitbucket,
    GitLab,
    Gist,
    SourceHut,
}

impl GitHost {
    const ALL: [Self; 5] = [Self::GitHub, Self::Bitbucket, Self::GitLab, Self::Gist, Self::SourceHut];

    /// The word of the host's shortcut: `github` in `github:user/project`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::GitHub => "github",
            Self::Bitbucket => "bitbucket",
            Self::GitLab => "gitlab",
            Self::Gist => "gist",
            Self::SourceHut => "sourcehut",
        }
    }

    /// The host's name in URLs.
    pub fn domain(self) -> &'static str {
        match self {
            Self::GitHub => "github.com",
            Self::Bitbucket => "bitbucket.org",
            Self::GitLab => "gitlab.com",
            Self::Gist => "gist.github.com",
            Self::SourceHut => "git.sr.ht",
        }
    }
}

/// How a repository was written, and so how [`HostedGit::to_url`] writes it again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Representation {
    /// `github:user/project` or `user/project`.
    Shortcut,
    /// `git+ssh://` and `ssh://`.
    SshUrl,
    /// `git+https://` and `https://`.
    Https,
    /// `git://`.
    Git,
    /// `http://`, which is written as [`Representation::SshUrl`].
    Http,
}

impl Representation {
    /// npm's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Shortcut => "shortcut",
            Self::SshUrl => "sshurl",
            Self::Https => "https",
            Self::Git => "git",
            Self::Http => "http",
        }
    }
}

/// A repository at a known host.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct HostedGit {
    host: GitHost,
    user: Option<String>,
    auth: Option<String>,
    project: String,
    committish: Option<String>,
    representation: Representation,
}

impl HostedGit {
    /// Recognises a shortcut (`user/project#branch`, `gitlab:group/project`, `gist:id`) or a URL, also one in the form
    /// of scp. `None` is anything else.
    pub fn parse(text: &str) -> Option<Self> {
        parse::parse(text)
    }

    /// The host.
    pub fn host(&self) -> GitHost {
        self.host
    }

    /// The user or group, decoded; gists may have none.
    pub fn user(&self) -> Option<&str> {
        self.user.as_deref()
    }

    /// `user` or `user:password` of a URL, percent-encoded as it stood there. A secret.
    pub fn auth(&self) -> Option<&str> {
        self.auth.as_deref()
    }

    /// The repository's name without `.git`, decoded.
    pub fn project(&self) -> &str {
        &self.project
    }

    /// What stands behind the `#`, or names a tree in a GitHub URL, decoded.
    pub fn committish(&self) -> Option<&str> {
        self.committish.as_deref()
    }

    /// How the repository was written.
    pub fn representation(&self) -> Representation {
        self.representation
    }
}

/// The way the repository was written.
impl fmt::Display for HostedGit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_url(UrlOptions::default()))
    }
}

/// Where a package.json's `repository` leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RepositoryLink {
    Hosted(HostedGit),
    /// At an unknown host: a web address made of what was written.
    Url(String),
}

impl RepositoryLink {
    /// Reads the `repository` field's URL; `None` where it leads nowhere.
    pub fn parse(url: &str) -> Option<Self> {
        if let Some(hosted) = HostedGit::parse(url.strip_prefix("git+").unwrap_or(url)) {
            return Some(Self::Hosted(hosted));
        }
        let web = web_address(url)?;
        Some(HostedGit::parse(&web).map_or(Self::Url(web), Self::Hosted))
    }
}

fn web_address(text: &str) -> Option<String> {
    let url = url::Url::parse(text).ok()?;
    let host = url.host_str().filter(|host| !host.is_empty())?;
    let protocol = if url.scheme() == "git+http" { "http" } else { "https" };
    let path = url.path().strip_suffix(".git").unwrap_or(url.path());
    Some(format!("{protocol}://{host}{path}"))
}
