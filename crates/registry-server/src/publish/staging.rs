//! Staged publishing: a version is sent by who needs no second factor for it, and becomes one of the package's when
//! somebody who has one approves it.

use super::{CheckedTarball, Maintainer, PublishError, missing};
use crate::database::{AuditEntry, StagedVersion, audit_log, staged_versions};
use crate::hosted::Hosted;
use crate::identity::random;
use crate::identity::token::hexadecimal;
use crate::{PackageName, RegistryError};

/// Who staged a version.
#[derive(Clone, Debug)]
pub(crate) struct Stager {
    pub name: String,
    /// `user` or `trusted publisher`.
    pub kind: &'static str,
}

impl Hosted {
    /// Has a version wait for approval; its id.
    pub(crate) async fn stage(
        &self,
        name: &PackageName,
        checked: &CheckedTarball,
        stager: &Stager,
        entry: &AuditEntry,
    ) -> Result<String, PublishError> {
        let version = &checked.version.version;
        let exists = || PublishError::Exists { name: name.to_string(), version: version.clone() };
        if self.database.revision(name).await?.is_none() {
            return Err(missing(name, None));
        }
        let id = uuid()?;
        let mut writing = self.database.write().await?;
        self.hold(&mut writing, checked).await?;
        if staged_versions::is_published(&mut writing, name, version).await? {
            return Err(exists());
        }
        let staged = StagedVersion {
            id: id.clone(),
            package: name.clone(),
            version: version.clone(),
            created: self.now(),
            actor: stager.name.clone(),
            actor_kind: stager.kind.to_owned(),
            checked: checked.version.clone(),
        };
        if !staged_versions::add(&mut writing, &staged).await? {
            return Err(PublishError::Staged { name: name.to_string(), version: version.clone() });
        }
        audit_log::append(&mut writing, entry).await?;
        writing.commit().await?;
        Ok(id)
    }

    /// Publishes a version that waits.
    pub(crate) async fn approve(
        &self,
        staged: &StagedVersion,
        publisher: &Maintainer,
        entry: &AuditEntry,
    ) -> Result<(), PublishError> {
        let mut writing = self.database.write().await?;
        if !staged_versions::remove(&mut writing, &staged.id).await? {
            return Err(missing(&staged.package, Some(&staged.version)));
        }
        self.database.hold_blob(&mut writing, &staged.checked.digest).await?;
        self.add(&mut writing, &staged.package, &staged.checked, publisher).await?;
        audit_log::append(&mut writing, entry).await?;
        writing.commit().await?;
        Ok(())
    }

    /// Takes a version away that waits. What nothing names is collected.
    pub(crate) async fn reject(
        &self,
        staged: &StagedVersion,
        entry: &AuditEntry,
    ) -> Result<(), PublishError> {
        let mut writing = self.database.write().await?;
        if !staged_versions::remove(&mut writing, &staged.id).await? {
            return Err(missing(&staged.package, Some(&staged.version)));
        }
        audit_log::append(&mut writing, entry).await?;
        writing.commit().await?;
        Ok(())
    }
}

/// A random UUID (RFC 9562, version 4): npm takes no other ids.
fn uuid() -> Result<String, RegistryError> {
    let mut bytes = random::bytes::<16>()?;
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let text = hexadecimal(&bytes);
    let part = |range: std::ops::Range<usize>| text.get(range).unwrap_or_default();
    Ok([part(0..8), part(8..12), part(12..16), part(16..20), part(20..32)].join("-"))
}

#[cfg(test)]
mod tests {
    use super::uuid;

    #[test]
    fn ids_are_uuids() {
        let id = uuid().expect("randomness");
        let lengths: Vec<usize> = id.split('-').map(str::len).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12]);
        assert_eq!(id.as_bytes()[14], b'4');
        assert!(b"89ab".contains(&id.as_bytes()[19]), "{id}");
    }
}
