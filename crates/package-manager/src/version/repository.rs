//! What setting a version asks of git: whether the working tree is clean, the newest tag, a commit, a tag.
//!
//! Source: npm 11.19.1 (`libnpmversion`).

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};

use super::{SetRequest, VersionError};

/// The package's folder, and git.
#[derive(Clone, Copy, Debug)]
pub(super) struct Repository<'a> {
    pub(super) git: &'a str,
    pub(super) directory: &'a Path,
}

impl Repository<'_> {
    /// Whether the folder is the top of a working tree. A package deeper inside one is not committed, as in npm.
    pub(super) fn is_here(&self) -> bool {
        self.directory.join(".git").exists()
    }

    /// Fails where tracked files differ from the last commit. What git does not know does not count.
    pub(super) fn check_clean(&self) -> Result<(), VersionError> {
        let status = self.run(&["status", "--porcelain=v1", "-uno"])?;
        let changes: Vec<String> =
            status.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect();
        if changes.is_empty() {
            return Ok(());
        }
        Err(VersionError::Unclean { directory: self.directory.to_owned(), changes })
    }

    /// The newest tag with two dots that leads here.
    pub(super) fn newest_tag(&self) -> Result<String, VersionError> {
        let tag = self.run(&["describe", "--tags", "--abbrev=0", "--match=*.*.*"])?;
        Ok(tag.trim().to_owned())
    }

    /// Commits the manifest and those lockfiles that git does not ignore, and tags the commit.
    pub(super) fn record(
        &self,
        request: &SetRequest<'_>,
        version: &str,
        lockfiles: &[&str],
    ) -> Result<(), VersionError> {
        self.run(&["add", "package.json"])?;
        for lockfile in lockfiles {
            match self.run(&["add", lockfile]) {
                // an ignored file is refused
                Ok(_) | Err(VersionError::Git { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        let message = request.message.replace("%s", version);
        let mut commit = vec!["commit"];
        if !request.commit_hooks {
            commit.push("-n");
        }
        if request.allow_same_version {
            commit.push("--allow-empty");
        }
        if request.sign_commit {
            commit.push("-S");
        }
        commit.extend(["-m", &message]);
        self.run(&commit)?;
        let mut flags = String::from("-");
        if request.sign_tag {
            flags.push('s');
        }
        if request.allow_same_version {
            flags.push('f');
        }
        flags.push('m');
        let tag = format!("{}{version}", request.tag_prefix);
        self.run(&["tag", &flags, &message, &tag]).map(drop)
    }

    fn run(&self, arguments: &[&str]) -> Result<String, VersionError> {
        let output = Command::new(self.git)
            .args(arguments.iter().map(OsStr::new))
            .current_dir(self.directory)
            .env("GIT_TERMINAL_PROMPT", "0")
            .stdin(Stdio::null())
            .output()
            .map_err(|source| VersionError::NoGit { directory: self.directory.to_owned(), source })?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        let said =
            [&output.stderr, &output.stdout].map(|bytes| String::from_utf8_lossy(bytes).trim().to_owned());
        let said = said.into_iter().find(|said| !said.is_empty());
        Err(VersionError::Git {
            command: arguments.first().copied().unwrap_or_default().to_owned(),
            directory: self.directory.to_owned(),
            said: said.unwrap_or_else(|| "it said nothing".to_owned()),
        })
    }
}
