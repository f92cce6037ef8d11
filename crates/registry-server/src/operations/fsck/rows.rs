//! Rows that stand alone.

use super::Check;
use crate::RegistryError;
use crate::database::inspection::{self, ORPHANS};

impl Check<'_> {
    /// Looks for rows that are about something that is not there.
    pub(super) async fn lost_rows(&mut self) -> Result<(), RegistryError> {
        let database = &self.hosted.database;
        for name in database.lost_packages().await? {
            if self.options.repair {
                let mut writing = database.write().await?;
                inspection::find_package(&mut writing, &name, self.hosted.now()).await?;
                writing.commit().await?;
            }
            let message = "has versions, but no row of its own; its readers are those of a restricted one";
            self.tell_repaired("row", name, message.to_owned());
        }
        for name in database.unnamed_users().await? {
            if self.options.repair {
                let mut writing = database.write().await?;
                inspection::name_user(&mut writing, &name).await?;
                writing.commit().await?;
            }
            self.tell_repaired(
                "row",
                format!("the user {name}"),
                "has a name that others may take".to_owned(),
            );
        }
        for orphans in &ORPHANS {
            let found = database.orphans(orphans).await?;
            if self.options.repair && !found.is_empty() {
                let mut writing = database.write().await?;
                inspection::remove_orphans(&mut writing, orphans).await?;
                writing.commit().await?;
            }
            for key in found {
                let message = format!("means nothing: {} is not there", orphans.missing);
                self.tell_repaired("row", format!("the row of {} for {key}", orphans.table), message);
            }
        }
        Ok(())
    }
}
