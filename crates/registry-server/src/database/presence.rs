//! What every read of a package asks first: whether it is there, at which revision, and who may see it.

use sqlx::Row;
use sqlx::any::AnyRow;

use super::Database;
use super::batch::Question;
use crate::identity::permission::Visibility;
use crate::{PackageName, RegistryError};

/// A package that is there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Presence {
    /// Goes up with every change.
    revision: i64,
    visibility: Visibility,
}

impl Question for Presence {
    type Key = PackageName;
    type Answer = Presence;

    const QUERY: (&'static str, &'static str) =
        ("SELECT name, revision, access FROM packages WHERE name IN", "AND removed IS NULL");

    fn text(name: &PackageName) -> &str {
        name.as_str()
    }

    fn read(row: &AnyRow) -> Result<(String, Presence), RegistryError> {
        let access: String = row.try_get(2)?;
        // whatever is not said to be public is not shown
        let visibility = if access == "public" { Visibility::Public } else { Visibility::Restricted };
        Ok((row.try_get(0)?, Presence { revision: row.try_get(1)?, visibility }))
    }
}

impl Database {
    /// The revision of a package; `None` where there is none, or where it was removed.
    pub async fn revision(&self, name: &PackageName) -> Result<Option<i64>, RegistryError> {
        let presence = self.presences.ask(name, self.read()).await?;
        Ok(presence.map(|presence| presence.revision))
    }

    /// Who may see a package; `None` where there is none.
    pub async fn visibility(&self, name: &PackageName) -> Result<Option<Visibility>, RegistryError> {
        let presence = self.presences.ask(name, self.read()).await?;
        Ok(presence.map(|presence| presence.visibility))
    }
}
