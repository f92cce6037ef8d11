//! The packages and users of a Verdaccio, brought here from its files.
//!
//! Each package comes in one transaction, so it is here whole or not at all, and what is here already is passed over:
//! an import that was broken off is begun again, and one that is repeated brings what has changed there since. What was
//! changed here since stays, and is told where it was changed there as well.

mod changes;
mod htpasswd;
mod package;
mod storage;

use std::collections::BTreeSet;
use std::path::PathBuf;

pub use changes::{Conflict, Conflicting, TagChange};
pub use htpasswd::RefusedUser;
use package::{Failure, Import};
use serde::Serialize;
use storage::PackageFolder;

use super::Run;
use crate::accounts::{Account, COMMAND_LINE};
use crate::hosted::Hosted;
use crate::identity::AccountName;
use crate::identity::password::NewPassword;
use crate::names::Place;
use crate::{PackageName, Registry, RegistryError};

/// Which versions are brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Selection {
    /// Those that were published there.
    Published,
    /// Those that it fetched from other registries as well, as far as it has their tarballs.
    Everything,
}

/// What is done with a version whose manifest says other than its tarball's package.json.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Differences {
    Refused,
    Taken,
}

/// What is done with dist-tags and deprecations that were changed there and here since the last import.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conflicts {
    Kept,
    Overwritten,
}

/// What is done with versions that were imported, and are no longer there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unpublished {
    Kept,
    Removed,
}

/// What is brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportOptions {
    /// The folder that config.yaml calls `storage`. What has changed since is known of imports from the same folder.
    pub storage: PathBuf,
    /// The file of users, if they are to be brought.
    pub htpasswd: Option<PathBuf>,
    /// Who may publish the packages from now on: Verdaccio does not keep that with packages.
    pub maintainers: Vec<String>,
    pub selection: Selection,
    pub differences: Differences,
    pub conflicts: Conflicts,
    pub unpublished: Unpublished,
    /// `Dry` verifies everything and brings nothing.
    pub run: Run,
}

/// A package that is here now.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ImportedPackage {
    pub name: String,
    /// Versions that were brought.
    pub added: Vec<String>,
    /// How many were here already.
    pub present: u64,
    /// Versions that it had from other registries.
    pub left_out: Vec<String>,
    /// Versions that were here and are removed: they stay so.
    pub removed_here: Vec<String>,
    /// Dist-tags that stand for no version here, or cannot be told from a range.
    pub lost_tags: Vec<String>,
    /// Dist-tags that were changed, of a package that was here.
    pub tags: Vec<TagChange>,
    /// Versions that were here and are deprecated now, or with another message.
    pub deprecated: Vec<String>,
    /// Versions that were here and are no longer deprecated.
    pub undeprecated: Vec<String>,
    /// Who may publish it now, of a package that was here.
    pub new_maintainers: Vec<String>,
    /// Versions that are no longer there, and stay here.
    pub unpublished_there: Vec<String>,
    /// Versions that are no longer there, and were removed here.
    pub unpublished: Vec<String>,
    /// What was changed on both sides.
    pub conflicts: Vec<Conflict>,
    /// Whether the settings look for packages of this name elsewhere.
    pub is_hidden: bool,
}

/// What became of a package.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase", untagged)]
pub enum PackageOutcome {
    Imported(Box<ImportedPackage>),
    /// Nothing of it was brought: why.
    Refused {
        name: String,
        problem: String,
    },
}

/// What was brought.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ImportOutcome {
    pub packages: Vec<PackageOutcome>,
    /// Users that were made. They have passwords that nobody knows.
    pub users: Vec<String>,
    /// Users that were here already.
    pub known_users: Vec<String>,
    pub refused_users: Vec<RefusedUser>,
}

impl ImportOutcome {
    /// Whether everything was brought that was wanted.
    pub fn is_whole(&self) -> bool {
        self.refused_users.is_empty()
            && self.packages.iter().all(|package| matches!(package, PackageOutcome::Imported(_)))
    }
}

impl Registry {
    /// Brings the packages and users of a Verdaccio. `told` hears of each package when it is done.
    ///
    /// # Errors
    /// A folder that has no packages, a file that cannot be read, a maintainer who is no user; a database or a store
    /// that does not answer. What is wrong with a package is no error but part of the outcome.
    pub async fn import_verdaccio(
        &self,
        options: &ImportOptions,
        mut told: impl FnMut(&PackageOutcome),
    ) -> Result<ImportOutcome, RegistryError> {
        let hosted = self.hosted.as_ref().ok_or(RegistryError::ReadOnly)?;
        let folders = storage::packages(&options.storage)?;
        let mut outcome = ImportOutcome::default();
        if let Some(htpasswd) = &options.htpasswd {
            users(hosted, htpasswd::read(htpasswd)?, options.run, &mut outcome).await?;
        }
        for maintainer in &options.maintainers {
            let name = AccountName::parse(maintainer)
                .map_err(|_| RegistryError::UserName { name: maintainer.clone() })?;
            let will_be = outcome.users.contains(maintainer);
            if !will_be && hosted.database.user(&name).await?.is_none() {
                return Err(RegistryError::NoUser { name: maintainer.clone() });
            }
        }
        let source = storage::source(&options.storage)?;
        for folder in with_those_that_are_gone(hosted, &source, folders).await? {
            let brought = match PackageName::parse(&folder.name) {
                Ok(name) => Import { hosted, options, source: &source, name }.run(&folder).await,
                Err(_) => Err(Failure::Refused("that is not a name of a package".to_owned())),
            };
            let package = match brought {
                Ok(None) => continue,
                Ok(Some(package)) => PackageOutcome::Imported(Box::new(ImportedPackage {
                    is_hidden: self.hides(&package.name),
                    ..package
                })),
                Err(Failure::Refused(problem)) => PackageOutcome::Refused { name: folder.name, problem },
                Err(Failure::Registry(error)) => return Err(error),
            };
            told(&package);
            outcome.packages.push(package);
        }
        Ok(outcome)
    }

    /// Whether packages of a name are looked for elsewhere.
    fn hides(&self, name: &str) -> bool {
        let place = PackageName::parse(name).ok();
        let place = place.and_then(|name| Some(self.governed.as_ref()?.place(&name).clone()));
        place.is_some_and(|place| place != Place::Here)
    }
}

/// The packages of a folder, and those that were imported from it before and are no longer in it.
async fn with_those_that_are_gone(
    hosted: &Hosted,
    source: &str,
    mut folders: Vec<PackageFolder>,
) -> Result<Vec<PackageFolder>, RegistryError> {
    let there: BTreeSet<String> = folders.iter().map(|folder| folder.name.clone()).collect();
    let known = hosted.database.imported_packages(source).await?;
    let gone = known.into_iter().filter(|name| !there.contains(name));
    folders.extend(gone.map(|name| PackageFolder { name, path: None }));
    Ok(folders)
}

/// Makes the users that are not here, with passwords that nobody is told.
async fn users(
    hosted: &Hosted,
    users: htpasswd::Users,
    run: Run,
    outcome: &mut ImportOutcome,
) -> Result<(), RegistryError> {
    for name in users.names {
        let is_known = match run {
            Run::Dry => hosted.database.account_kind(&name).await?.is_some(),
            Run::Real => {
                let password = NewPassword::generate()?;
                let account = Account { name: &name, email: "", password: &password, administrator: false };
                !hosted.create_user(&account, COMMAND_LINE, "").await?
            }
        };
        match is_known {
            true => outcome.known_users.push(name.to_string()),
            false => outcome.users.push(name.to_string()),
        }
    }
    outcome.refused_users = users.refused;
    Ok(())
}
