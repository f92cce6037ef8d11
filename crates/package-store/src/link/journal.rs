//! The file that makes an install whole or undone: what is about to change, written down before it changes.
//!
//! It lies in `node_modules/` while an install runs, and is locked by its process. One that is there and not locked
//! belongs to an install that was killed. *Shape*: lines of fields separated by tabs; a last line without its end was
//! being written when the process was killed, and nothing had been done about it yet.
//!
//! ```text
//! knit journal 1
//! fresh   <path>                      nothing was there; being written in place
//! staged  <path> <stage>              something is there; the new one is being written beside it
//! remove  <path> <trash>              to go
//! swap    <path> <stage> <inode>      the staged one is whole, and this is its inode
//! whole   <path> <stage> <inode>      so is this one, and nothing nested in the old one stays
//! commit                              from here on the install is finished, not undone
//! cleared                             all of the above has been finished or undone by another install
//! ```

use crate::error::{Result, StoreError};
use crate::fs::{self, Context};
use crate::store::retry;
use rustix::fs::{FlockOperation, Mode, OFlags};
use rustix::io::Errno;
use std::fmt::Write as _;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

/// Its name in `node_modules`.
pub(crate) const JOURNAL: &str = ".knit-journal";
const FIRST_LINE: &str = "knit journal 1";

/// What to do when another process is installing into the same project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Contention {
    /// Wait for it.
    #[default]
    Wait,
    /// Fail with [`StoreError::InUse`].
    Fail,
}

/// What becomes of the packages nested in one that is replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Nested {
    Stay,
    Go,
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Record {
    Fresh { path: String },
    Staged { path: String, stage: String },
    Remove { path: String, trash: String },
    Swap { path: String, stage: String, inode: u64, nested: Nested },
    Commit,
    Cleared,
}

/// The open and locked journal.
#[derive(Debug)]
pub(crate) struct Journal {
    file: OwnedFd,
    path: PathBuf,
}

impl Journal {
    /// Locks the journal in that `node_modules`, making it when missing. Returns what an earlier install left in it.
    pub(crate) fn open(
        node_modules: &OwnedFd,
        path: &Path,
        contention: Contention,
    ) -> Result<(Self, Vec<Record>)> {
        let operation = match contention {
            Contention::Wait => FlockOperation::LockExclusive,
            Contention::Fail => FlockOperation::NonBlockingLockExclusive,
        };
        let path = path.join(JOURNAL);
        let flags = OFlags::CREATE | OFlags::RDWR | OFlags::APPEND | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        loop {
            let file = rustix::fs::openat(node_modules, JOURNAL, flags, Mode::from_raw_mode(0o666))
                .context("open", &path)?;
            match retry(|| rustix::fs::flock(&file, operation)) {
                Err(Errno::WOULDBLOCK) => {
                    let root = path.parent().and_then(Path::parent).unwrap_or(&path).to_owned();
                    return Err(StoreError::InUse { root });
                }
                locked => locked.context("lock", &path)?,
            }
            // The one waited for removed it when it was done.
            if rustix::fs::fstat(&file).context("examine", &path)?.st_nlink == 0 {
                continue;
            }
            let text = fs::read_open(&file, u64::MAX).context("read", &path)?;
            return Ok((Self { file, path }, parse(&String::from_utf8_lossy(&text))));
        }
    }

    /// Writes records down. They are there, for whoever comes next, when this returns.
    pub(crate) fn append(&self, records: &[Record]) -> Result<()> {
        let mut text = String::new();
        if rustix::fs::fstat(&self.file).context("examine", &self.path)?.st_size == 0 {
            text.push_str(FIRST_LINE);
            text.push('\n');
        }
        for record in records {
            // Writing to a string cannot fail.
            let _ = match record {
                Record::Fresh { path } => writeln!(text, "fresh\t{path}"),
                Record::Staged { path, stage } => writeln!(text, "staged\t{path}\t{stage}"),
                Record::Remove { path, trash } => writeln!(text, "remove\t{path}\t{trash}"),
                Record::Swap { path, stage, inode, nested } => {
                    let word = if *nested == Nested::Stay { "swap" } else { "whole" };
                    writeln!(text, "{word}\t{path}\t{stage}\t{inode}")
                }
                Record::Commit => writeln!(text, "commit"),
                Record::Cleared => writeln!(text, "cleared"),
            };
        }
        fs::write_all(&self.file, text.as_bytes()).context("write", &self.path)
    }

    /// Forgets everything.
    pub(crate) fn clear(&self) -> Result<()> {
        rustix::fs::ftruncate(&self.file, 0).context("write", &self.path)
    }
}

fn parse(text: &str) -> Vec<Record> {
    let mut lines = text.split_inclusive('\n').filter_map(|line| line.strip_suffix('\n'));
    if lines.next() != Some(FIRST_LINE) {
        return Vec::new();
    }
    let own = str::to_owned;
    lines
        .filter_map(|line| {
            let fields: Vec<_> = line.split('\t').collect();
            Some(match fields.as_slice() {
                ["fresh", path] => Record::Fresh { path: own(path) },
                ["staged", path, stage] => Record::Staged { path: own(path), stage: own(stage) },
                ["remove", path, trash] => Record::Remove { path: own(path), trash: own(trash) },
                [word @ ("swap" | "whole"), path, stage, inode] => Record::Swap {
                    path: own(path),
                    stage: own(stage),
                    inode: inode.parse().ok()?,
                    nested: if *word == "swap" { Nested::Stay } else { Nested::Go },
                },
                ["commit"] => Record::Commit,
                ["cleared"] => Record::Cleared,
                _ => return None,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_were_cut_off_do_not_count() {
        let text = "knit journal 1\nfresh\tnode_modules/a\nstaged\tnode_modules/b\t.b-1\nfresh\tnode_mod";
        let fresh = Record::Fresh { path: "node_modules/a".into() };
        let staged = Record::Staged { path: "node_modules/b".into(), stage: ".b-1".into() };
        assert_eq!(parse(text), [fresh, staged]);
        assert_eq!(parse("another journal 9\nfresh\tnode_modules/a\n"), []);
        assert_eq!(parse("knit journal 1\ncommit"), []);
    }
}
