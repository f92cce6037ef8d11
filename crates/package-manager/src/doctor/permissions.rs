//! Whether folders belong to the user and may be used.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::Access;

use super::{Check, Finding, Standing};

/// How many paths are named of those that something is wrong with.
const NAMED: usize = 5;

/// What the user must be allowed to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Needs {
    Read,
    ReadAndWrite,
    /// Find files in a folder by their names.
    Enter,
    Everything,
}

impl Needs {
    fn access(self) -> Access {
        match self {
            Self::Read => Access::READ_OK,
            Self::ReadAndWrite => Access::READ_OK | Access::WRITE_OK,
            Self::Enter => Access::EXEC_OK,
            Self::Everything => Access::READ_OK | Access::WRITE_OK | Access::EXEC_OK,
        }
    }

    fn describe(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::ReadAndWrite => "read and written",
            Self::Enter => "entered",
            Self::Everything => "read, written and entered",
        }
    }
}

/// What is asked of a folder.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    /// Everything in it must belong to the user.
    pub must_own: bool,
    pub needs: Needs,
    /// Whether what is in it is looked at too.
    pub whole: bool,
}

#[derive(Default)]
struct Wrong {
    foreign: usize,
    forbidden: usize,
    named: Vec<String>,
}

impl Wrong {
    fn name(&mut self, path: &Path, what: &str) {
        if self.named.len() < NAMED {
            self.named.push(format!("{} {what}", path.display()));
        }
    }
}

impl Place {
    /// Looks at a folder. Links are not followed; a folder that is not there is made when it is needed.
    pub(super) fn check(self, check: Check, root: &Path) -> Finding {
        if fs::symlink_metadata(root).is_err_and(|error| error.kind() == std::io::ErrorKind::NotFound) {
            return Finding::good(check, format!("{} does not exist yet", root.display()));
        }
        let wrong = self.examine(root);
        if wrong.foreign + wrong.forbidden == 0 {
            return Finding::good(check, root.display().to_string());
        }
        let mut found = Vec::new();
        if wrong.foreign > 0 {
            found.push(format!("{} of another user", wrong.foreign));
        }
        if wrong.forbidden > 0 {
            found.push(format!("{} that cannot be {}", wrong.forbidden, self.needs.describe()));
        }
        let shown = root.display();
        let advice = match wrong.foreign {
            0 => format!("run `chmod -R u+rwX '{shown}'`, as the owner of the files"),
            _ => format!("run `sudo chown -R \"$(id -u)\" '{shown}'`"),
        };
        Finding {
            check,
            standing: Standing::Bad,
            found: format!("{shown} holds files or folders: {}", found.join(", ")),
            details: wrong.named,
            advice: Some(advice),
        }
    }

    fn examine(self, root: &Path) -> Wrong {
        let user = rustix::process::getuid().as_raw();
        let mut wrong = Wrong::default();
        let mut left: Vec<PathBuf> = vec![root.to_owned()];
        while let Some(path) = left.pop() {
            let metadata = match fs::symlink_metadata(&path) {
                Ok(metadata) => metadata,
                // Somebody else may be at work here.
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
                Err(_) => {
                    wrong.forbidden += 1;
                    wrong.name(&path, "cannot be looked at");
                    continue;
                }
            };
            if self.must_own && metadata.uid() != user {
                wrong.foreign += 1;
                wrong.name(&path, "belongs to another user");
            }
            if !metadata.is_dir() && !metadata.is_file() {
                continue;
            }
            if rustix::fs::access(&path, self.needs.access()).is_err() {
                wrong.forbidden += 1;
                wrong.name(&path, &format!("cannot be {}", self.needs.describe()));
                continue;
            }
            if metadata.is_dir() && self.whole {
                match fs::read_dir(&path) {
                    Ok(items) => left.extend(items.flatten().map(|item| item.path())),
                    Err(_) => {
                        wrong.forbidden += 1;
                        wrong.name(&path, "cannot be listed");
                    }
                }
            }
        }
        wrong
    }
}
