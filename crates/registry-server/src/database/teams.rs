//! Teams of organisations, who is in them, and the packages granted to them.

use std::collections::BTreeMap;

use super::{Database, Writing};
use crate::identity::token_limits::Reach;
use crate::identity::{AccountName, TeamName};
use crate::{PackageName, RegistryError};

/// A team of an organisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TeamId {
    pub organisation: AccountName,
    pub team: TeamName,
}

impl std::fmt::Display for TeamId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.organisation, self.team)
    }
}

impl Database {
    pub async fn has_team(&self, id: &TeamId) -> Result<bool, RegistryError> {
        let query = sqlx::query_scalar("SELECT team FROM teams WHERE organisation = $1 AND team = $2");
        let query = query.bind(id.organisation.as_str()).bind(id.team.as_str());
        let found: Option<String> = query.fetch_optional(self.read()).await?;
        Ok(found.is_some())
    }

    /// The names of an organisation's teams.
    pub async fn teams(&self, organisation: &AccountName) -> Result<Vec<String>, RegistryError> {
        let query = sqlx::query_scalar("SELECT team FROM teams WHERE organisation = $1 ORDER BY team");
        Ok(query.bind(organisation.as_str()).fetch_all(self.read()).await?)
    }

    /// The names of a team's members.
    pub async fn team_members(&self, id: &TeamId) -> Result<Vec<String>, RegistryError> {
        let query = sqlx::query_scalar(
            "SELECT username FROM team_members WHERE organisation = $1 AND team = $2 ORDER BY username",
        );
        let query = query.bind(id.organisation.as_str()).bind(id.team.as_str());
        Ok(query.fetch_all(self.read()).await?)
    }

    /// Whether a user is in a team, by the names of a configuration file.
    pub async fn is_in_team(
        &self,
        organisation: &str,
        team: &str,
        user: &AccountName,
    ) -> Result<bool, RegistryError> {
        let query = sqlx::query_scalar(
            "SELECT username FROM team_members WHERE organisation = $1 AND team = $2 AND username = $3",
        );
        let query = query.bind(organisation).bind(team).bind(user.as_str());
        let found: Option<String> = query.fetch_optional(self.read()).await?;
        Ok(found.is_some())
    }

    /// What a team may do with which packages.
    pub async fn team_packages(&self, id: &TeamId) -> Result<BTreeMap<String, Reach>, RegistryError> {
        let query =
            sqlx::query_as("SELECT package, reach FROM team_grants WHERE organisation = $1 AND team = $2");
        let query = query.bind(id.organisation.as_str()).bind(id.team.as_str());
        furthest(query.fetch_all(self.read()).await?)
    }

    /// What a user's teams may do with which packages.
    pub async fn granted_packages(
        &self,
        user: &AccountName,
    ) -> Result<BTreeMap<String, Reach>, RegistryError> {
        let query = sqlx::query_as(
            "SELECT g.package, g.reach FROM team_grants g JOIN team_members m
             ON m.organisation = g.organisation AND m.team = g.team WHERE m.username = $1",
        );
        furthest(query.bind(user.as_str()).fetch_all(self.read()).await?)
    }

    /// What the members of teams may do with a package.
    pub async fn granted_users(
        &self,
        package: &PackageName,
    ) -> Result<BTreeMap<String, Reach>, RegistryError> {
        let query = sqlx::query_as(
            "SELECT m.username, g.reach FROM team_grants g JOIN team_members m
             ON m.organisation = g.organisation AND m.team = g.team WHERE g.package = $1",
        );
        furthest(query.bind(package.as_str()).fetch_all(self.read()).await?)
    }

    /// What a user's teams may do with a package.
    pub async fn granted(&self, package: &PackageName, user: &AccountName) -> Result<Reach, RegistryError> {
        let query = sqlx::query_as(
            "SELECT g.package, g.reach FROM team_grants g JOIN team_members m
             ON m.organisation = g.organisation AND m.team = g.team WHERE g.package = $1 AND m.username = $2",
        );
        let rows = query.bind(package.as_str()).bind(user.as_str()).fetch_all(self.read()).await?;
        Ok(furthest(rows)?.into_values().next().unwrap_or(Reach::Nothing))
    }
}

/// One reach for each name: the furthest.
fn furthest(rows: Vec<(String, String)>) -> Result<BTreeMap<String, Reach>, RegistryError> {
    let mut all = BTreeMap::new();
    for (name, text) in rows {
        let unreadable = || RegistryError::Row { table: "team_grants", key: name.clone() };
        let reach = Reach::parse(&text).ok_or_else(unreadable)?;
        let kept = all.entry(name).or_insert(Reach::Nothing);
        *kept = reach.max(*kept);
    }
    Ok(all)
}

/// Makes a team; false where there is one of that name.
pub(crate) async fn create(
    writing: &mut Writing,
    id: &TeamId,
    description: &str,
    now: i64,
) -> Result<bool, RegistryError> {
    let done = sqlx::query(
        "INSERT INTO teams (organisation, team, description, created) VALUES ($1, $2, $3, $4)
         ON CONFLICT (organisation, team) DO NOTHING",
    )
    .bind(id.organisation.as_str())
    .bind(id.team.as_str())
    .bind(description)
    .bind(now)
    .execute(&mut **writing)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Takes a team away with its members and grants; false where there is none.
pub(crate) async fn remove(writing: &mut Writing, id: &TeamId) -> Result<bool, RegistryError> {
    let mut removed = 0;
    for query in [
        "DELETE FROM team_members WHERE organisation = $1 AND team = $2",
        "DELETE FROM team_grants WHERE organisation = $1 AND team = $2",
        "DELETE FROM teams WHERE organisation = $1 AND team = $2",
    ] {
        let query = sqlx::query(query).bind(id.organisation.as_str()).bind(id.team.as_str());
        removed = query.execute(&mut **writing).await?.rows_affected();
    }
    Ok(removed > 0)
}

pub(crate) async fn add_member(
    writing: &mut Writing,
    id: &TeamId,
    user: &AccountName,
) -> Result<(), RegistryError> {
    sqlx::query(
        "INSERT INTO team_members (organisation, team, username) VALUES ($1, $2, $3)
         ON CONFLICT (organisation, team, username) DO NOTHING",
    )
    .bind(id.organisation.as_str())
    .bind(id.team.as_str())
    .bind(user.as_str())
    .execute(&mut **writing)
    .await?;
    Ok(())
}

/// Takes a user out of a team; false where they were not in it.
pub(crate) async fn remove_member(
    writing: &mut Writing,
    id: &TeamId,
    user: &AccountName,
) -> Result<bool, RegistryError> {
    let query =
        sqlx::query("DELETE FROM team_members WHERE organisation = $1 AND team = $2 AND username = $3");
    let query = query.bind(id.organisation.as_str()).bind(id.team.as_str()).bind(user.as_str());
    Ok(query.execute(&mut **writing).await?.rows_affected() > 0)
}

/// Grants a package to a team, in place of what was granted before.
pub(crate) async fn grant(
    writing: &mut Writing,
    id: &TeamId,
    package: &PackageName,
    reach: Reach,
) -> Result<(), RegistryError> {
    sqlx::query(
        "INSERT INTO team_grants (organisation, team, package, reach) VALUES ($1, $2, $3, $4)
         ON CONFLICT (package, organisation, team) DO UPDATE SET reach = excluded.reach",
    )
    .bind(id.organisation.as_str())
    .bind(id.team.as_str())
    .bind(package.as_str())
    .bind(reach.as_str())
    .execute(&mut **writing)
    .await?;
    Ok(())
}

/// Takes a grant back; false where there was none.
pub(crate) async fn revoke_grant(
    writing: &mut Writing,
    id: &TeamId,
    package: &PackageName,
) -> Result<bool, RegistryError> {
    let query = sqlx::query("DELETE FROM team_grants WHERE organisation = $1 AND team = $2 AND package = $3");
    let query = query.bind(id.organisation.as_str()).bind(id.team.as_str()).bind(package.as_str());
    Ok(query.execute(&mut **writing).await?.rows_affected() > 0)
}
