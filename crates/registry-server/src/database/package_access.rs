//! Who may see a package, what publishing it takes, and how one user stands to it.

use std::collections::BTreeMap;

use super::{AccountKind, Database, Writing};
use crate::identity::AccountName;
use crate::identity::permission::{PublishSecondFactor, Scope, Standing, Visibility};
use crate::identity::token_limits::Reach;
use crate::{PackageName, RegistryError};

impl Database {
    /// What publishing a package takes beside permission.
    pub async fn publish_second_factor(
        &self,
        name: &PackageName,
    ) -> Result<PublishSecondFactor, RegistryError> {
        let query = sqlx::query_scalar("SELECT second_factor FROM package_second_factors WHERE package = $1");
        let kept: Option<String> = query.bind(name.as_str()).fetch_optional(self.read()).await?;
        match kept.as_deref() {
            None => Ok(PublishSecondFactor::NotRequired),
            Some("required") => Ok(PublishSecondFactor::Required),
            Some("required-unless-automation") => Ok(PublishSecondFactor::RequiredUnlessAutomation),
            Some(_) => Err(RegistryError::Row { table: "package_second_factors", key: name.to_string() }),
        }
    }

    /// How somebody stands to a package who has nothing to do with it: what takes one query to know.
    pub async fn stranger_to(&self, name: &PackageName) -> Result<Standing, RegistryError> {
        let visibility = self.visibility(name).await?;
        Ok(Standing {
            exists: visibility.is_some(),
            visibility: visibility.unwrap_or_default(),
            second_factor: PublishSecondFactor::NotRequired,
            scope: Scope::Unclaimed,
            maintainer: false,
            granted: Reach::Nothing,
            may_be_new: false,
        })
    }

    /// How a user, or nobody in particular, stands to a package. What the settings say of new ones is not in it.
    pub async fn standing(
        &self,
        name: &PackageName,
        user: Option<&AccountName>,
    ) -> Result<Standing, RegistryError> {
        let visibility = self.visibility(name).await?;
        let scope = match name.as_str().strip_prefix('@').and_then(|name| name.split_once('/')) {
            Some((scope, _)) => self.scope(scope, user).await?,
            None => Scope::None,
        };
        let (maintainer, granted) = match user {
            Some(user) => (self.maintains(name, user).await?, self.granted(name, user).await?),
            None => (false, Reach::Nothing),
        };
        Ok(Standing {
            exists: visibility.is_some(),
            visibility: visibility.unwrap_or_default(),
            second_factor: self.publish_second_factor(name).await?,
            scope,
            maintainer,
            granted,
            may_be_new: false,
        })
    }

    async fn scope(&self, scope: &str, user: Option<&AccountName>) -> Result<Scope, RegistryError> {
        let Ok(scope) = AccountName::parse(scope) else { return Ok(Scope::Unclaimed) };
        Ok(match self.account_kind(&scope).await? {
            None => Scope::Unclaimed,
            Some(AccountKind::User) if user == Some(&scope) => Scope::Own,
            Some(AccountKind::User) => Scope::OtherUser,
            Some(AccountKind::Organisation) => Scope::Organisation(match user {
                Some(user) => self.role(&scope, user).await?,
                None => None,
            }),
        })
    }

    async fn maintains(&self, name: &PackageName, user: &AccountName) -> Result<bool, RegistryError> {
        let query =
            sqlx::query_scalar("SELECT username FROM maintainers WHERE package = $1 AND username = $2");
        let found: Option<String> =
            query.bind(name.as_str()).bind(user.as_str()).fetch_optional(self.read()).await?;
        Ok(found.is_some())
    }

    /// What a user may do with which packages, as a maintainer or by teams.
    pub async fn packages_of(&self, user: &AccountName) -> Result<BTreeMap<String, Reach>, RegistryError> {
        let mut packages = self.granted_packages(user).await?;
        let query = sqlx::query_scalar(
            "SELECT m.package FROM maintainers m JOIN packages p ON p.name = m.package
             WHERE m.username = $1 AND p.removed IS NULL",
        );
        let maintained: Vec<String> = query.bind(user.as_str()).fetch_all(self.read()).await?;
        packages.extend(maintained.into_iter().map(|name| (name, Reach::Write)));
        Ok(packages)
    }

    /// The packages in the scope of an account.
    pub async fn packages_in(&self, scope: &AccountName) -> Result<Vec<String>, RegistryError> {
        // a range instead of LIKE, whose wildcards the names may hold: '0' comes after '/'
        let query = sqlx::query_scalar(
            "SELECT name FROM packages WHERE name > $1 AND name < $2 AND removed IS NULL ORDER BY name",
        );
        let query = query.bind(format!("@{scope}/")).bind(format!("@{scope}0"));
        Ok(query.fetch_all(self.read()).await?)
    }

    /// The packages that a user starred.
    pub async fn starred(&self, user: &AccountName) -> Result<Vec<String>, RegistryError> {
        let query = sqlx::query_scalar(
            "SELECT s.package FROM stars s JOIN packages p ON p.name = s.package
             WHERE s.username = $1 AND p.removed IS NULL ORDER BY s.package",
        );
        Ok(query.bind(user.as_str()).fetch_all(self.read()).await?)
    }
}

/// Says who may see a package. It is a change of its own, so that documents made before are made again.
pub(crate) async fn set_visibility(
    writing: &mut Writing,
    name: &PackageName,
    visibility: Visibility,
) -> Result<(), RegistryError> {
    let access = match visibility {
        Visibility::Public => "public",
        Visibility::Restricted => "restricted",
    };
    sqlx::query("UPDATE packages SET access = $2, revision = revision + 1 WHERE name = $1")
        .bind(name.as_str())
        .bind(access)
        .execute(&mut **writing)
        .await?;
    Ok(())
}

/// Says what publishing a package takes beside permission.
pub(crate) async fn set_publish_second_factor(
    writing: &mut Writing,
    name: &PackageName,
    second_factor: PublishSecondFactor,
) -> Result<(), RegistryError> {
    let text = match second_factor {
        PublishSecondFactor::NotRequired => {
            let query = sqlx::query("DELETE FROM package_second_factors WHERE package = $1");
            query.bind(name.as_str()).execute(&mut **writing).await?;
            return Ok(());
        }
        PublishSecondFactor::Required => "required",
        PublishSecondFactor::RequiredUnlessAutomation => "required-unless-automation",
    };
    sqlx::query(
        "INSERT INTO package_second_factors (package, second_factor) VALUES ($1, $2)
         ON CONFLICT (package) DO UPDATE SET second_factor = excluded.second_factor",
    )
    .bind(name.as_str())
    .bind(text)
    .execute(&mut **writing)
    .await?;
    Ok(())
}
