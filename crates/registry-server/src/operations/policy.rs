//! What the policy of the settings hides, of what is published here and of what is kept of upstreams. No upstream is
//! asked, and no server need run.

use serde::Serialize;

use crate::names::Place;
use crate::policy::Mode;
use crate::{Explained, PackageName, Registry, RegistryError};

/// Names that are read at once.
const NAMES: i64 = 500;

/// What is known of a package.
#[derive(Clone, Debug, PartialEq)]
pub enum PolicyAnswer {
    Explained(Explained),
    /// The rules of names let nobody have it.
    Refused,
    /// It would be published here, and is not.
    NotHere,
    /// Nothing of it is kept of the upstream that it comes from.
    NotKept {
        upstream: String,
    },
    /// What was asked is neither a range of versions nor a dist-tag.
    NoRange,
}

/// What the policy makes of everything that is known.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PolicyList {
    /// `enforce` or `observe`.
    pub mode: &'static str,
    /// Packages that were looked at.
    pub packages: u64,
    /// Those with versions that are, or would be, hidden or warned of, and of them only these versions.
    pub concerned: Vec<Explained>,
}

impl Registry {
    /// What the policy makes of a package, or of the versions in a range or under a dist-tag.
    ///
    /// # Errors
    /// A database or a store that does not answer.
    pub async fn policy_check(
        &self,
        name: &PackageName,
        range: Option<&str>,
    ) -> Result<PolicyAnswer, RegistryError> {
        let governed = self.governed.as_ref().ok_or(RegistryError::ReadOnly)?;
        let Some(explanation) = governed.explain_kept(name).await? else {
            return Ok(match governed.place(name) {
                Place::Refused => PolicyAnswer::Refused,
                Place::Here => PolicyAnswer::NotHere,
                Place::Upstream(upstream) => PolicyAnswer::NotKept { upstream: upstream.to_string() },
            });
        };
        let Some(wanted) = explanation.wanted(range) else { return Ok(PolicyAnswer::NoRange) };
        Ok(PolicyAnswer::Explained(explanation.explained(name, &wanted)))
    }

    /// What the policy hides, or would hide if it did not only observe, and what it warns of.
    ///
    /// # Errors
    /// A database or a store that does not answer.
    pub async fn policy_list(&self) -> Result<PolicyList, RegistryError> {
        let governed = self.governed.as_ref().ok_or(RegistryError::ReadOnly)?;
        let hosted = self.hosted.as_ref().ok_or(RegistryError::ReadOnly)?;
        let mode = match governed.policy().mode {
            Mode::Enforce => "enforce",
            Mode::Observe => "observe",
        };
        let mut list = PolicyList { mode, packages: 0, concerned: Vec::new() };
        let mut after = String::new();
        loop {
            let names = hosted.database.package_names(&after, NAMES).await?;
            let Some(last) = names.last() else { break };
            after.clone_from(last);
            for name in names {
                self.list(&name, &Place::Here, &mut list).await?;
            }
        }
        for (name, upstream) in hosted.database.fetched_packages().await? {
            self.list(&name, &Place::Upstream(upstream.into()), &mut list).await?;
        }
        list.concerned.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(list)
    }

    /// Adds a package that clients get from `place`. What is known at other places than where its name belongs is
    /// seen by nobody, whatever the policy.
    async fn list(&self, name: &str, place: &Place, list: &mut PolicyList) -> Result<(), RegistryError> {
        let governed = self.governed.as_ref().ok_or(RegistryError::ReadOnly)?;
        let Ok(name) = PackageName::parse(name) else { return Ok(()) };
        if governed.place(&name) != place {
            return Ok(());
        }
        let own = *place == Place::Here;
        if own
            && self.hosted.as_ref().ok_or(RegistryError::ReadOnly)?.database.revision(&name).await?.is_none()
        {
            return Ok(());
        }
        if !governed.policy().concerns(&name, own) {
            list.packages += 1;
            return Ok(());
        }
        let Some(explanation) = governed.explain_kept(&name).await? else { return Ok(()) };
        list.packages += 1;
        let decision = &explanation.decision;
        let concerned: Vec<_> = explanation
            .facts
            .versions
            .iter()
            .filter(|facts| {
                decision.reasons.contains_key(&facts.version)
                    || decision.deprecations.contains_key(&facts.version)
            })
            .collect();
        if !concerned.is_empty() {
            list.concerned.push(explanation.explained(&name, &concerned));
        }
        Ok(())
    }
}
