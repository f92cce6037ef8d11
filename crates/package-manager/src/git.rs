//! Packages from git repositories: resolved to a commit, checked out, built where that is approved, packed into the
//! store.

mod prepare;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use dependency_resolver::FetchError;
use npm_formats::hosted_git::UrlOptions;
use npm_formats::specifier::{GitSpecifier, Specifier};
use npm_semver::{Range, RangeOptions, Version};
use package_store::{Entry, Store};

use crate::tarballs::{ingest_folder, store_error};
pub use prepare::Preparation;

/// How repositories are reached.
#[derive(Debug, Clone)]
pub struct GitRepositories {
    /// The git executable.
    pub executable: PathBuf,
    /// Where checkouts are made; removed afterwards.
    pub scratch: PathBuf,
    /// How packages are built; without it none is.
    pub preparation: Option<Arc<Preparation>>,
}

/// What of a checkout is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Its package.json is wanted, so that nothing needs to be built.
    Metadata,
    /// It is to be installed, and built where its scripts are approved.
    Installation,
}

/// A commit that was checked out and packed.
#[derive(Debug)]
pub struct Checkout {
    /// What the store keeps of it.
    pub entry: Entry,
    /// The URL with the commit, as lockfiles record it.
    pub resolved: String,
}

impl GitRepositories {
    /// Gets what a git specifier asks for.
    ///
    /// *Errors*: `EGIT` where git fails, with what it said; `ETARGET` where no tag is in the range.
    pub fn checkout(
        &self,
        store: &Store,
        specifier: &Specifier,
        package: &str,
        purpose: Purpose,
    ) -> Result<Checkout, FetchError> {
        let Some(git) = specifier.git() else {
            return Err(FetchError::new("EINVALIDSPEC", format!("{package} is in no git repository")));
        };
        let urls = repository_urls(specifier, git);
        let mut last = FetchError::new("EGIT", format!("{package} names no repository"));
        for url in &urls {
            let base = recorded_url(git, url);
            let wanted = Wanted { url, base: &base, git, package, purpose };
            match self.checkout_from(store, &wanted) {
                Ok(checkout) => return Ok(checkout),
                // Another address of the repository has the same scripts.
                Err(error) if error.code == "ELIFECYCLE" => return Err(error),
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    fn checkout_from(&self, store: &Store, wanted: &Wanted<'_>) -> Result<Checkout, FetchError> {
        let Wanted { url, base, git, package, purpose } = *wanted;
        let commit = self.resolve(url, git, package)?;
        let resolved = format!("{base}#{commit}");
        let preparation = self
            .preparation
            .as_deref()
            .filter(|preparation| purpose == Purpose::Installation && preparation.is_approved(&resolved));
        let subdirectory = git.subdirectory().unwrap_or_default();
        let built = if preparation.is_some() { "::built" } else { "" };
        let alias = format!("git+{url}#{commit}::{subdirectory}{built}");
        if let Some(entry) = store.lookup_alias(&alias) {
            return Ok(Checkout { entry, resolved });
        }
        let failed = |error: std::io::Error| {
            FetchError::new(
                "EIO",
                format!("could not prepare a folder for the checkout of {package}: {error}"),
            )
        };
        std::fs::create_dir_all(&self.scratch).map_err(failed)?;
        let folder = tempfile::Builder::new().prefix("git-").tempdir_in(&self.scratch).map_err(failed)?;
        let path = folder.path();
        self.git(path, &["init", "--quiet"], package)?;
        // A server may refuse a commit by its hash; then all of its history is asked for.
        let direct = ["fetch", "--quiet", "--depth", "1", "--no-tags", "--", url, commit.as_str()];
        if self.git(path, &direct, package).is_err() {
            self.git(path, &["fetch", "--quiet", "--", url, "+refs/*:refs/remotes/all/*"], package)?;
        }
        self.git(
            path,
            &["-c", "advice.detachedHead=false", "checkout", "--quiet", "--force", &commit],
            package,
        )?;
        let package_folder = inside(path, git.subdirectory(), package)?;
        if let Some(preparation) = preparation {
            // with .git, which scripts may ask for the version
            preparation.prepare(&package_folder, &resolved, package)?;
        }
        std::fs::remove_dir_all(path.join(".git")).map_err(failed)?;
        let entry = ingest_folder(store, package, &package_folder)?;
        store.alias(&alias, entry.key()).map_err(|error| store_error(&error))?;
        Ok(Checkout { entry, resolved })
    }

    /// The commit that the specifier's committish or range means.
    fn resolve(&self, url: &str, git: &GitSpecifier, package: &str) -> Result<String, FetchError> {
        let committish = git.committish().unwrap_or_default();
        if committish.len() >= 40 && committish.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Ok(committish.to_ascii_lowercase());
        }
        let listing = self.git(Path::new("."), &["ls-remote", "--", url], package)?;
        let references: Vec<(&str, &str)> =
            listing.lines().filter_map(|line| line.split_once('\t')).collect();
        if let Some(range) = git.range() {
            return newest_tag(&references, range).ok_or_else(|| {
                FetchError::new("ETARGET", format!("no tag of {url} is in the range {range}"))
            });
        }
        let wanted = if committish.is_empty() { "HEAD" } else { committish };
        let candidates = [
            format!("refs/tags/{wanted}^{{}}"),
            format!("refs/tags/{wanted}"),
            format!("refs/heads/{wanted}"),
            wanted.to_owned(),
        ];
        candidates
            .iter()
            .find_map(|name| references.iter().find(|(_, reference)| reference == name))
            .or_else(|| references.iter().find(|(commit, _)| wanted.len() >= 7 && commit.starts_with(wanted)))
            .map(|(commit, _)| (*commit).to_owned())
            .ok_or_else(|| FetchError::new("EGIT", format!("{url} has no branch, tag or commit {wanted}")))
    }

    fn git(&self, folder: &Path, arguments: &[&str], package: &str) -> Result<String, FetchError> {
        let mut command = Command::new(&self.executable);
        // In a hook of git these lead to the repository of the user, which would be written to.
        for variable in OF_ANOTHER_REPOSITORY {
            command.env_remove(variable);
        }
        let output = command
            .args(arguments)
            .current_dir(folder)
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("GIT_ASKPASS", "echo")
            .env("GIT_TEMPLATE_DIR", "")
            .stdin(std::process::Stdio::null())
            .output()
            .map_err(|error| {
                let mut failure =
                    FetchError::new("ENOGIT", format!("git could not be run for {package}: {error}"));
                failure.hint = Some("install git, or point the setting `git` at it".to_owned());
                failure
            })?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        let said = String::from_utf8_lossy(&output.stderr);
        let said = said.trim().lines().last().unwrap_or("it said nothing").to_owned();
        Err(FetchError::new("EGIT", format!("git failed for {package}: {said}")))
    }
}

/// Source: `git rev-parse --local-env-vars`, git 2.43, without those that carry settings.
const OF_ANOTHER_REPOSITORY: [&str; 11] = [
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_OBJECT_DIRECTORY",
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_GRAFT_FILE",
    "GIT_INDEX_FILE",
    "GIT_PREFIX",
    "GIT_SHALLOW_FILE",
    "GIT_COMMON_DIR",
    "GIT_NAMESPACE",
];

const NO_COMMITTISH: UrlOptions = UrlOptions::NO_COMMITTISH;

/// One address of a repository, and what is wanted of it.
#[derive(Clone, Copy)]
struct Wanted<'a> {
    url: &'a str,
    /// The address as lockfiles record it.
    base: &'a str,
    git: &'a GitSpecifier,
    package: &'a str,
    purpose: Purpose,
}

/// The address as lockfiles record it, without the commit.
fn recorded_url(git: &GitSpecifier, url: &str) -> String {
    match git.hosted() {
        Some(hosted) if hosted.auth().is_some() => format!("git+{}", hosted.https(NO_COMMITTISH)),
        Some(hosted) => format!("git+{}", hosted.ssh_url(NO_COMMITTISH).trim_start_matches("git+")),
        None if url.starts_with("git:") => url.to_owned(),
        None => format!("git+{}", url.trim_start_matches("git+")),
    }
}

/// The addresses to try, in order: what was written, then the other protocol of a known host.
fn repository_urls(specifier: &Specifier, git: &GitSpecifier) -> Vec<String> {
    match git.hosted() {
        Some(hosted) => {
            let https = hosted.https(UrlOptions::FOR_GIT);
            let ssh = hosted.ssh_url(UrlOptions::FOR_GIT);
            let wants_ssh =
                specifier.raw_spec().starts_with("git+ssh") || specifier.raw_spec().starts_with("git@");
            if wants_ssh && hosted.auth().is_none() { vec![ssh, https] } else { vec![https, ssh] }
        }
        None => specifier.fetch_spec().map(str::to_owned).into_iter().collect(),
    }
}

fn newest_tag(references: &[(&str, &str)], range: &str) -> Option<String> {
    let range = Range::parse(range, RangeOptions::LOOSE).ok()?;
    let mut best: Option<(Version, &str)> = None;
    for (commit, reference) in references {
        let Some(tag) = reference.strip_prefix("refs/tags/") else { continue };
        // a dereferenced tag is the commit that an annotated tag points at
        let Ok(version) = Version::parse_loose(tag.trim_end_matches("^{}")) else { continue };
        if range.satisfies(&version) && best.as_ref().is_none_or(|(known, _)| version.cmp(known).is_ge()) {
            best = Some((version, commit));
        }
    }
    best.map(|(_, commit)| commit.to_owned())
}

/// The package's folder in a checkout. A path that leads out of it is refused.
fn inside(checkout: &Path, subdirectory: Option<&str>, package: &str) -> Result<PathBuf, FetchError> {
    let Some(subdirectory) = subdirectory else { return Ok(checkout.to_owned()) };
    let outside = || {
        FetchError::new(
            "EINVALIDSPEC",
            format!("{package} asks for {subdirectory}, which is not inside its repository"),
        )
    };
    let root = checkout.canonicalize().map_err(|_| outside())?;
    let path = root.join(subdirectory.trim_start_matches('/')).canonicalize().map_err(|_| outside())?;
    if path.starts_with(&root) { Ok(path) } else { Err(outside()) }
}
