//! Organisations and their members. The names of users and organisations are one set.

use std::collections::BTreeMap;

use super::{Database, Writing};
use crate::RegistryError;
use crate::identity::AccountName;
use crate::identity::permission::Role;

/// Whose a name is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AccountKind {
    User,
    Organisation,
}

impl Database {
    /// Whose a name is; `None` where it is free.
    pub async fn account_kind(&self, name: &AccountName) -> Result<Option<AccountKind>, RegistryError> {
        let query = sqlx::query_scalar("SELECT kind FROM accounts WHERE name = $1");
        let kind: Option<String> = query.bind(name.as_str()).fetch_optional(self.read()).await?;
        match kind.as_deref() {
            None => Ok(None),
            Some("user") => Ok(Some(AccountKind::User)),
            Some("organisation") => Ok(Some(AccountKind::Organisation)),
            Some(_) => Err(RegistryError::Row { table: "accounts", key: name.to_string() }),
        }
    }

    /// The role of a user in an organisation.
    pub async fn role(
        &self,
        organisation: &AccountName,
        user: &AccountName,
    ) -> Result<Option<Role>, RegistryError> {
        let query = sqlx::query_scalar(
            "SELECT role FROM organisation_members WHERE organisation = $1 AND username = $2",
        );
        let role: Option<String> =
            query.bind(organisation.as_str()).bind(user.as_str()).fetch_optional(self.read()).await?;
        role.map(|text| read_role(organisation, &text)).transpose()
    }

    /// The organisations that a user is in, with their roles.
    pub async fn organisations_of(
        &self,
        user: &AccountName,
    ) -> Result<BTreeMap<String, Role>, RegistryError> {
        let query = sqlx::query_as("SELECT organisation, role FROM organisation_members WHERE username = $1");
        let rows: Vec<(String, String)> = query.bind(user.as_str()).fetch_all(self.read()).await?;
        rows.into_iter().map(|(organisation, role)| Ok((organisation, read_role(user, &role)?))).collect()
    }

    /// The members of an organisation with their roles.
    pub async fn members(&self, organisation: &AccountName) -> Result<BTreeMap<String, Role>, RegistryError> {
        let query = sqlx::query_as("SELECT username, role FROM organisation_members WHERE organisation = $1");
        let rows: Vec<(String, String)> = query.bind(organisation.as_str()).fetch_all(self.read()).await?;
        rows.into_iter().map(|(user, role)| Ok((user, read_role(organisation, &role)?))).collect()
    }
}

fn read_role(organisation: &AccountName, text: &str) -> Result<Role, RegistryError> {
    Role::parse(text)
        .ok_or_else(|| RegistryError::Row { table: "organisation_members", key: organisation.to_string() })
}

/// Takes a name for a user or an organisation; false where it is taken.
pub(crate) async fn take_name(
    writing: &mut Writing,
    name: &AccountName,
    kind: AccountKind,
    now: i64,
) -> Result<bool, RegistryError> {
    let kind = match kind {
        AccountKind::User => "user",
        AccountKind::Organisation => "organisation",
    };
    let query = sqlx::query(
        "INSERT INTO accounts (name, kind, created) VALUES ($1, $2, $3) ON CONFLICT (name) DO NOTHING",
    );
    let done = query.bind(name.as_str()).bind(kind).bind(now).execute(&mut **writing).await?;
    Ok(done.rows_affected() > 0)
}

/// Gives a user a role in an organisation.
pub(crate) async fn set_member(
    writing: &mut Writing,
    organisation: &AccountName,
    user: &AccountName,
    role: Role,
) -> Result<(), RegistryError> {
    sqlx::query(
        "INSERT INTO organisation_members (organisation, username, role) VALUES ($1, $2, $3)
         ON CONFLICT (organisation, username) DO UPDATE SET role = excluded.role",
    )
    .bind(organisation.as_str())
    .bind(user.as_str())
    .bind(role.as_str())
    .execute(&mut **writing)
    .await?;
    Ok(())
}

/// Takes a user out of an organisation and all of its teams; false where they were not in it.
pub(crate) async fn remove_member(
    writing: &mut Writing,
    organisation: &AccountName,
    user: &AccountName,
) -> Result<bool, RegistryError> {
    sqlx::query("DELETE FROM team_members WHERE organisation = $1 AND username = $2")
        .bind(organisation.as_str())
        .bind(user.as_str())
        .execute(&mut **writing)
        .await?;
    let query = sqlx::query("DELETE FROM organisation_members WHERE organisation = $1 AND username = $2");
    let done = query.bind(organisation.as_str()).bind(user.as_str()).execute(&mut **writing).await?;
    Ok(done.rows_affected() > 0)
}

/// How many members an organisation has, and how many of them own it, as the transaction sees it.
pub(crate) async fn size(
    writing: &mut Writing,
    organisation: &AccountName,
) -> Result<(i64, i64), RegistryError> {
    let count = sqlx::query_scalar("SELECT COUNT(*) FROM organisation_members WHERE organisation = $1");
    let members: i64 = count.bind(organisation.as_str()).fetch_one(&mut **writing).await?;
    let count = sqlx::query_scalar(
        "SELECT COUNT(*) FROM organisation_members WHERE organisation = $1 AND role = 'owner'",
    );
    let owners: i64 = count.bind(organisation.as_str()).fetch_one(&mut **writing).await?;
    Ok((members, owners))
}
