//! Hooks, and what they are still to be told.

use sqlx::Row;
use sqlx::any::AnyRow;

use super::{Database, Writing};
use crate::identity::AccountName;
use crate::{PackageName, RegistryError};

/// Somebody who wants to be told.
#[derive(Clone, Debug)]
pub(crate) struct Hook {
    pub id: String,
    pub username: AccountName,
    /// `package`, `scope` or `owner`.
    pub kind: String,
    pub name: String,
    pub endpoint: String,
    /// As it is kept.
    pub secret: String,
    pub created: i64,
    pub updated: i64,
    pub last_delivery: Option<i64>,
    pub response_code: Option<i64>,
    pub delivered: bool,
}

/// Something that a hook is to be told.
#[derive(Debug)]
pub(crate) struct NewDelivery<'a> {
    pub id: String,
    pub hook: &'a str,
    pub package: &'a str,
    pub event: &'a str,
    pub due: i64,
}

/// The same, to be done.
#[derive(Debug)]
pub(crate) struct Delivery {
    pub id: String,
    pub hook: String,
    pub package: String,
    pub event: String,
    due: i64,
    /// How often it was tried before.
    pub attempts: i64,
}

macro_rules! select {
    ($which:literal) => {
        concat!(
            "SELECT id, username, kind, name, endpoint, secret, created, updated, last_delivery, response_code, delivered
             FROM hooks ",
            $which
        )
    };
}

impl Database {
    pub async fn hook(&self, id: &str) -> Result<Option<Hook>, RegistryError> {
        let query = sqlx::query(select!("WHERE id = $1"));
        query.bind(id).fetch_optional(self.read()).await?.as_ref().map(read_hook).transpose()
    }

    /// Somebody's hooks, of one name where one is given, the oldest first.
    pub async fn hooks_of(&self, user: &AccountName, name: Option<&str>) -> Result<Vec<Hook>, RegistryError> {
        let query = sqlx::query(select!("WHERE username = $1 ORDER BY created, id"));
        let rows = query.bind(user.as_str()).fetch_all(self.read()).await?;
        let hooks = rows.iter().map(read_hook).collect::<Result<Vec<_>, _>>()?;
        Ok(hooks.into_iter().filter(|hook| name.is_none_or(|name| hook.name == name)).collect())
    }

    /// The ids of the hooks that want to know of a package: by its name, its scope, or who maintains it.
    pub async fn hooks_for(&self, name: &PackageName) -> Result<Vec<String>, RegistryError> {
        let scope = name.as_str().split_once('/').map_or("", |(scope, _)| scope);
        let query = sqlx::query_scalar(
            "SELECT id FROM hooks WHERE (kind = 'package' AND name = $1) OR (kind = 'scope' AND name = $2)
             OR (kind = 'owner' AND name IN (SELECT username FROM maintainers WHERE package = $1)) ORDER BY id",
        );
        Ok(query.bind(name.as_str()).bind(scope).fetch_all(self.read()).await?)
    }

    pub async fn add_deliveries(&self, deliveries: &[NewDelivery<'_>]) -> Result<(), RegistryError> {
        let mut writing = self.write().await?;
        for new in deliveries {
            sqlx::query(
                "INSERT INTO hook_deliveries (id, hook, package, event, due, attempts) VALUES ($1, $2, $3, $4, $5, 0)",
            )
            .bind(&new.id)
            .bind(new.hook)
            .bind(new.package)
            .bind(new.event)
            .bind(new.due)
            .execute(&mut *writing)
            .await?;
        }
        writing.commit().await?;
        Ok(())
    }

    /// Deliveries to be made now, the longest due first.
    pub async fn due_deliveries(&self, now: i64, most: i64) -> Result<Vec<Delivery>, RegistryError> {
        let query = sqlx::query(
            "SELECT id, hook, package, event, due, attempts FROM hook_deliveries WHERE due <= $1
             ORDER BY due, id LIMIT $2",
        );
        let rows = query.bind(now).bind(most).fetch_all(self.read()).await?;
        let read = |row: &AnyRow| {
            Ok(Delivery {
                id: row.try_get(0)?,
                hook: row.try_get(1)?,
                package: row.try_get(2)?,
                event: row.try_get(3)?,
                due: row.try_get(4)?,
                attempts: row.try_get(5)?,
            })
        };
        rows.iter().map(read).collect()
    }

    /// Takes a delivery until a time; false where another process has.
    pub async fn take_delivery(&self, delivery: &Delivery, until: i64) -> Result<bool, RegistryError> {
        let mut writing = self.write().await?;
        let done = sqlx::query(
            "UPDATE hook_deliveries SET due = $2, attempts = attempts + 1 WHERE id = $1 AND due = $3 AND attempts = $4",
        )
        .bind(&delivery.id)
        .bind(until)
        .bind(delivery.due)
        .bind(delivery.attempts)
        .execute(&mut *writing)
        .await?;
        writing.commit().await?;
        Ok(done.rows_affected() > 0)
    }

    pub async fn postpone_delivery(&self, id: &str, due: i64) -> Result<(), RegistryError> {
        let mut writing = self.write().await?;
        let query = sqlx::query("UPDATE hook_deliveries SET due = $2 WHERE id = $1");
        query.bind(id).bind(due).execute(&mut *writing).await?;
        writing.commit().await?;
        Ok(())
    }

    pub async fn end_delivery(&self, id: &str) -> Result<(), RegistryError> {
        let mut writing = self.write().await?;
        sqlx::query("DELETE FROM hook_deliveries WHERE id = $1").bind(id).execute(&mut *writing).await?;
        writing.commit().await?;
        Ok(())
    }

    /// Notes an attempt: when, the status of the answer, and whether it was taken.
    pub async fn note_delivery(
        &self,
        hook: &str,
        at: i64,
        status: Option<i64>,
        is_taken: bool,
    ) -> Result<(), RegistryError> {
        let mut writing = self.write().await?;
        sqlx::query("UPDATE hooks SET last_delivery = $2, response_code = $3, delivered = $4 WHERE id = $1")
            .bind(hook)
            .bind(at)
            .bind(status)
            .bind(i64::from(is_taken))
            .execute(&mut *writing)
            .await?;
        writing.commit().await?;
        Ok(())
    }
}

fn read_hook(row: &AnyRow) -> Result<Hook, RegistryError> {
    let (id, username): (String, String) = (row.try_get(0)?, row.try_get(1)?);
    let unreadable = || RegistryError::Row { table: "hooks", key: id.clone() };
    Ok(Hook {
        username: AccountName::parse(&username).map_err(|_| unreadable())?,
        id,
        kind: row.try_get(2)?,
        name: row.try_get(3)?,
        endpoint: row.try_get(4)?,
        secret: row.try_get(5)?,
        created: row.try_get(6)?,
        updated: row.try_get(7)?,
        last_delivery: row.try_get(8)?,
        response_code: row.try_get(9)?,
        delivered: row.try_get::<i64, _>(10)? != 0,
    })
}

pub(crate) async fn add(writing: &mut Writing, hook: &Hook) -> Result<(), RegistryError> {
    sqlx::query(
        "INSERT INTO hooks (id, username, kind, name, endpoint, secret, created, updated, delivered)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0)",
    )
    .bind(&hook.id)
    .bind(hook.username.as_str())
    .bind(&hook.kind)
    .bind(&hook.name)
    .bind(&hook.endpoint)
    .bind(&hook.secret)
    .bind(hook.created)
    .bind(hook.updated)
    .execute(&mut **writing)
    .await?;
    Ok(())
}

/// Changes where a hook is and what it is signed with.
pub(crate) async fn change(
    writing: &mut Writing,
    id: &str,
    endpoint: &str,
    secret: &str,
    now: i64,
) -> Result<(), RegistryError> {
    sqlx::query("UPDATE hooks SET endpoint = $2, secret = $3, updated = $4 WHERE id = $1")
        .bind(id)
        .bind(endpoint)
        .bind(secret)
        .bind(now)
        .execute(&mut **writing)
        .await?;
    Ok(())
}

/// Takes a hook away with what it was still to be told.
pub(crate) async fn remove(writing: &mut Writing, id: &str) -> Result<(), RegistryError> {
    sqlx::query("DELETE FROM hook_deliveries WHERE hook = $1").bind(id).execute(&mut **writing).await?;
    sqlx::query("DELETE FROM hooks WHERE id = $1").bind(id).execute(&mut **writing).await?;
    Ok(())
}
