//! The URLs of a repository at a known host.

use std::borrow::Cow;

use super::{GitHost, HostedGit, Representation};
use crate::javascript::encode_uri_component;

/// What to leave out of a URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct UrlOptions {
    /// Leave out the committish.
    pub no_committish: bool,
    /// Leave out the `git+` in front of the protocol.
    pub no_git_plus: bool,
}

impl UrlOptions {
    /// The repository itself.
    pub const NO_COMMITTISH: Self = Self { no_committish: true, no_git_plus: false };
    /// The URL to give to git.
    pub const FOR_GIT: Self = Self { no_committish: true, no_git_plus: true };
}

impl HostedGit {
    /// The scp form: `git@host:user/project.git#committish`.
    pub fn ssh(&self, options: UrlOptions) -> String {
        let domain = self.host.domain();
        format!("git@{domain}:{}.git{}", self.repository(), self.hash(options))
    }

    /// `git+ssh://git@host/user/project.git#committish`.
    pub fn ssh_url(&self, options: UrlOptions) -> String {
        let plus = git_plus(options);
        format!("{plus}ssh://git@{}/{}.git{}", self.host.domain(), self.repository(), self.hash(options))
    }

    /// `git+https://auth@host/user/project.git#committish`; sourcehut's without the `git+`, the auth and the `.git`.
    pub fn https(&self, options: UrlOptions) -> String {
        let (domain, hash) = (self.host.domain(), self.hash(options));
        let repository = self.repository();
        match self.host {
            GitHost::SourceHut => format!("https://{domain}/{repository}{hash}"),
            GitHost::Gist => format!("{}https://{domain}/{repository}.git{hash}", git_plus(options)),
            _ => format!("{}https://{}{domain}/{repository}.git{hash}", git_plus(options), self.auth_at()),
        }
    }

    /// `git://host/user/project.git#committish`, where the host speaks that protocol.
    pub fn git(&self, options: UrlOptions) -> Option<String> {
        let auth = match self.host {
            GitHost::GitHub => self.auth_at(),
            GitHost::Gist => String::new(),
            _ => return None,
        };
        Some(format!("git://{auth}{}/{}.git{}", self.host.domain(), self.repository(), self.hash(options)))
    }

    /// `github:user/project#committish`.
    pub fn shortcut(&self, options: UrlOptions) -> String {
        format!("{}:{}", self.host.as_str(), self.path(options))
    }

    /// `user/project#committish`.
    pub fn path(&self, options: UrlOptions) -> String {
        format!("{}{}", self.repository(), self.hash(options))
    }

    /// Where the host offers a tarball of the committish, or of the default branch's head.
    pub fn tarball(&self) -> String {
        let (domain, user, project) = (self.host.domain(), self.user_text(), &self.project);
        let committish = self.committish_or_head(UrlOptions::default());
        match self.host {
            GitHost::GitHub => format!("https://codeload.{domain}/{user}/{project}/tar.gz/{committish}"),
            GitHost::Bitbucket => format!("https://{domain}/{user}/{project}/get/{committish}.tar.gz"),
            GitHost::GitLab => {
                let path = format!("{user}/{project}");
                let path = encode_uri_component(&path);
                format!("https://{domain}/api/v4/projects/{path}/repository/archive.tar.gz?sha={committish}")
            }
            GitHost::Gist => {
                format!("https://codeload.{}/gist/{project}/tar.gz/{committish}", GitHost::GitHub.domain())
            }
            GitHost::SourceHut => format!("https://{domain}/{user}/{project}/archive/{committish}.tar.gz"),
        }
    }

    /// The page of the repository.
    pub fn browse(&self, options: UrlOptions) -> String {
        let middle = if self.host == GitHost::Gist { "" } else { "/tree" };
        let middle = if self.host == GitHost::Bitbucket { "/src" } else { middle };
        let tree = self.committish_with(options).map(|committish| format!("{middle}/{committish}"));
        format!("{}{}", self.page(), tree.unwrap_or_default())
    }

    /// The page of a folder or file at a path; `fragment` is a heading in it.
    pub fn browse_path(&self, path: &str, fragment: &str, options: UrlOptions) -> String {
        let tree = if self.host == GitHost::Bitbucket { "src" } else { "tree" };
        self.browse_in(tree, path, fragment, options)
    }

    /// The page of a file at a path.
    pub fn browse_file(&self, path: &str, fragment: &str, options: UrlOptions) -> String {
        let blob = match self.host {
            GitHost::GitHub => "blob",
            GitHost::Bitbucket => "src",
            _ => "tree",
        };
        self.browse_in(blob, path, fragment, options)
    }

    fn browse_in(&self, kind: &str, path: &str, fragment: &str, options: UrlOptions) -> String {
        let path = path.strip_prefix('/').unwrap_or(path);
        if self.host == GitHost::Gist {
            // A gist is one page, a file a place on it.
            let file = if path.is_empty() { String::new() } else { format!("#file-{}", anchor(path)) };
            return format!("{}{file}", self.browse(options));
        }
        let fragment = match anchor(fragment) {
            heading if heading.is_empty() => heading,
            heading => format!("#{heading}"),
        };
        format!("{}/{kind}/{}/{path}{fragment}", self.page(), self.committish_or_head(options))
    }

    /// The page with the readme.
    pub fn docs(&self, options: UrlOptions) -> String {
        let readme = if self.host == GitHost::Gist { "" } else { "#readme" };
        format!("{}{readme}", self.browse(options))
    }

    /// The page with the issues; sourcehut has none.
    pub fn bugs(&self) -> Option<String> {
        match self.host {
            GitHost::SourceHut => None,
            GitHost::Gist => Some(self.page()),
            _ => Some(format!("{}/issues", self.page())),
        }
    }

    /// Where the host offers a file's content.
    pub fn file(&self, path: &str, options: UrlOptions) -> String {
        let path = path.strip_prefix('/').unwrap_or(path);
        let (domain, user, project) = (self.host.domain(), self.user_text(), &self.project);
        let committish = self.committish_or_head(options);
        match self.host {
            GitHost::GitHub => {
                let auth = self.auth_at();
                format!("https://{auth}raw.githubusercontent.com/{user}/{project}/{committish}/{path}")
            }
            GitHost::Gist => {
                let committish = self.committish_with(options).map(|committish| format!("/{committish}"));
                let committish = committish.unwrap_or_default();
                format!("https://gist.githubusercontent.com/{user}/{project}/raw{committish}/{path}")
            }
            GitHost::SourceHut => format!("https://{domain}/{user}/{project}/blob/{committish}/{path}"),
            _ => format!("https://{domain}/{user}/{project}/raw/{committish}/{path}"),
        }
    }

    /// The page on which a file is edited; the repository's page where the host has none or `path` is empty.
    pub fn edit(&self, path: &str, options: UrlOptions) -> String {
        let path = path.strip_prefix('/').unwrap_or(path);
        let page = format!("https://{}/{}/{}", self.host.domain(), self.user_text(), self.project);
        let committish = self.committish_or_head(options);
        match self.host {
            GitHost::Gist => {
                let committish = self.committish_with(options).map(|committish| format!("/{committish}"));
                format!("{page}{}/edit", committish.unwrap_or_default())
            }
            GitHost::SourceHut => page,
            _ if path.is_empty() => page,
            GitHost::GitHub => format!("{page}/edit/{committish}/{path}"),
            GitHost::GitLab => format!("{page}/-/edit/{committish}/{path}"),
            GitHost::Bitbucket => format!("{page}/src/{committish}/{path}?mode=edit"),
        }
    }

    /// The repository in the way it was written, or by ssh where the host does not speak the protocol any more.
    pub fn to_url(&self, options: UrlOptions) -> String {
        match self.representation {
            Representation::Shortcut => self.shortcut(options),
            Representation::Https => self.https(options),
            Representation::Git => self.git(options).unwrap_or_else(|| self.ssh_url(options)),
            Representation::SshUrl | Representation::Http => self.ssh_url(options),
        }
    }

    /// npm writes `null` for a user that a shortcut left out.
    fn user_text(&self) -> &str {
        self.user.as_deref().unwrap_or("null")
    }

    /// The path of the repository; a gist's is its id alone.
    fn repository(&self) -> Cow<'_, str> {
        match self.host {
            GitHost::Gist => Cow::Borrowed(&self.project),
            _ => Cow::Owned(format!("{}/{}", self.user_text(), self.project)),
        }
    }

    fn page(&self) -> String {
        format!("https://{}/{}", self.host.domain(), self.repository())
    }

    fn auth_at(&self) -> String {
        self.auth.as_ref().map_or_else(String::new, |auth| format!("{auth}@"))
    }

    fn hash(&self, options: UrlOptions) -> String {
        let committish = self.committish.as_ref().filter(|_| !options.no_committish);
        committish.map_or_else(String::new, |committish| format!("#{committish}"))
    }

    /// The committish encoded for a URL.
    fn committish_with(&self, options: UrlOptions) -> Option<Cow<'_, str>> {
        let committish = self.committish.as_ref().filter(|_| !options.no_committish);
        committish.map(|committish| encode_uri_component(committish))
    }

    fn committish_or_head(&self, options: UrlOptions) -> Cow<'_, str> {
        self.committish_with(options).unwrap_or(Cow::Borrowed("HEAD"))
    }
}

fn git_plus(options: UrlOptions) -> &'static str {
    if options.no_git_plus { "" } else { "git+" }
}

/// A heading or file name as the anchor that hosts make of it: lower case, words joined by hyphens.
fn anchor(text: &str) -> String {
    let lower_case = text.to_lowercase();
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let trimmed = lower_case.trim_matches(|c| !is_word(c)).replace('/', "");
    let mut anchor = String::with_capacity(trimmed.len());
    for c in trimmed.chars() {
        if is_word(c) {
            anchor.push(c);
        } else if !anchor.ends_with('-') {
            anchor.push('-');
        }
    }
    anchor
}
