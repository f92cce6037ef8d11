//! Whether everything that the registry has fits together: rows, blobs, packuments, tags, numbers, signatures; and
//! what can be put right without losing anything.
//!
//! Servers may run meanwhile: each package is looked at as it is at one of its revisions.

mod blob;
mod package;
mod rows;

use futures_util::{StreamExt, TryStreamExt};
use serde::Serialize;

use super::Tally;
use crate::blobs::Blobs;
use crate::database::blob_uses::BlobArea;
use crate::database::{audit_log, inspection};
use crate::hosted::Hosted;
use crate::{PackageName, Registry, RegistryError};

/// Blobs that are read at once.
const AT_ONCE: usize = 4;

/// Names that are read at once.
const NAMES: i64 = 500;

/// How blobs are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contents {
    /// Every byte is read and hashed.
    Read,
    /// Only their lengths are asked for.
    Lengths,
}

/// What is done by a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CheckOptions {
    pub contents: Contents,
    /// Whether what can be put right without losing anything is put right.
    pub repair: bool,
}

/// Something that does not fit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// A word for programs.
    pub code: &'static str,
    /// A package, a version, a row.
    pub object: String,
    /// What is wrong, the end of a sentence that begins with the object.
    pub message: String,
    /// Whether it was put right.
    pub repaired: bool,
}

/// What was looked at and found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CheckOutcome {
    pub packages: u64,
    pub versions: u64,
    /// Blobs of versions, one for each version, staged ones too.
    pub blobs: Tally,
    /// Blobs that were fetched from upstreams.
    pub fetched: Tally,
    pub problems: Vec<Problem>,
}

impl CheckOutcome {
    /// Whether nothing is wrong any more.
    pub fn is_sound(&self) -> bool {
        self.problems.iter().all(|problem| problem.repaired)
    }
}

impl Registry {
    /// Looks at everything.
    ///
    /// # Errors
    /// A database or a store that does not answer. What is wrong is no error but part of the outcome.
    pub async fn check(&self, options: &CheckOptions) -> Result<CheckOutcome, RegistryError> {
        let hosted = self.hosted.as_ref().ok_or(RegistryError::ReadOnly)?;
        let mut check = Check { hosted, options: *options, outcome: CheckOutcome::default() };
        check.lost_rows().await?;
        let mut after = String::new();
        loop {
            let names = hosted.database.package_names(&after, NAMES).await?;
            let Some(last) = names.last() else { break };
            after.clone_from(last);
            for name in names {
                match PackageName::parse(&name) {
                    Ok(name) => check.package(&name).await?,
                    Err(_) => check.tell("package", &name, "has a name that no package may have".to_owned()),
                }
            }
        }
        check.staged().await?;
        check.fetched().await?;
        let repaired = check.outcome.problems.iter().filter(|problem| problem.repaired).count();
        if repaired > 0 {
            let entry = hosted.operation("registry.fsck", "registry", format!("{repaired} repairs"));
            let mut writing = hosted.database.write().await?;
            audit_log::append(&mut writing, &entry).await?;
            writing.commit().await?;
        }
        Ok(check.outcome)
    }
}

/// A check under way.
struct Check<'a> {
    hosted: &'a Hosted,
    options: CheckOptions,
    outcome: CheckOutcome,
}

impl Check<'_> {
    /// Notes a problem that nothing is done about.
    fn tell(&mut self, code: &'static str, object: impl ToString, message: String) {
        let problem = Problem { code, object: object.to_string(), message, repaired: false };
        self.outcome.problems.push(problem);
    }

    /// Notes a problem that was put right where repairs are wanted.
    fn tell_repaired(&mut self, code: &'static str, object: impl ToString, message: String) {
        let repaired = self.options.repair;
        self.outcome.problems.push(Problem { code, object: object.to_string(), message, repaired });
    }

    /// Looks at the tarballs of versions that wait for somebody's approval.
    async fn staged(&mut self) -> Result<(), RegistryError> {
        for (name, digest, size) in self.hosted.database.staged_tarballs().await? {
            let size = u64::try_from(size).unwrap_or(0);
            match blob::look_at(&self.hosted.blobs, &digest, Some(size), self.options.contents).await? {
                Ok(sound) => self.outcome.blobs.add(sound.length),
                Err(damage) => {
                    self.tell(damage.code(), format!("{name}, which is staged,"), damage.to_string());
                }
            }
        }
        Ok(())
    }

    /// Looks at what was fetched from upstreams. What is damaged is forgotten: it is fetched again.
    async fn fetched(&mut self) -> Result<(), RegistryError> {
        let blobs: Blobs = self.hosted.area(BlobArea::Upstream);
        let fetched = self.hosted.database.fetched_blobs().await?;
        let contents = self.options.contents;
        let looking = futures_util::stream::iter(fetched).map(|fetched| {
            let blobs = &blobs;
            async move {
                let size = fetched.size.map(i64::unsigned_abs);
                let looked = blob::look_at(blobs, &fetched.digest, size, contents).await?;
                Ok::<_, RegistryError>((fetched, looked))
            }
        });
        let looked: Vec<_> = looking.buffer_unordered(AT_ONCE).try_collect().await?;
        for (fetched, looked) in looked {
            let object = match &fetched.file {
                Some(file) => format!("{}/-/{file} of {}", fetched.package, fetched.upstream),
                None => format!("{} of {}", fetched.package, fetched.upstream),
            };
            match looked {
                Ok(sound) => self.outcome.fetched.add(sound.length),
                Err(damage) => {
                    if self.options.repair {
                        let mut writing = self.hosted.database.write().await?;
                        inspection::forget_fetched(&mut writing, &fetched).await?;
                        writing.commit().await?;
                    }
                    self.tell_repaired("upstream-blob", object, damage.to_string());
                }
            }
        }
        Ok(())
    }
}
