//! Pages that list packages: the first one, results of a search, what somebody maintains.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::super::search::detailed;
use super::described::Described;
use crate::RegistryError;
use crate::database::Listed;
use crate::hosted::Hosted;
use crate::pages::{Frame, HomePage, Html, PackageSummary, SearchPage, UserPage};
use crate::search::{Found, Hit, Query, Wanted, Weights};
use crate::server::Registry;

/// Packages in a page.
const SIZE: usize = 20;

/// What everybody may see, from the `from`th on.
pub(super) fn wanted(from: u64, size: usize, now: i64) -> Wanted<'static> {
    let from = usize::try_from(from).unwrap_or(usize::MAX);
    Wanted { from, size, weights: Weights::default(), now, may_see: &|_| false }
}

pub(super) async fn home(registry: &Registry, frame: &Frame) -> Result<Option<Html>, RegistryError> {
    let Some(hosted) = &registry.hosted else { return Ok(None) };
    hosted.search.follow(&hosted.database).await?;
    let found = hosted.search.newest(&wanted(0, SIZE, hosted.now()));
    let newest = summaries(hosted, &found).await?;
    let scopes: BTreeSet<String> = (newest.iter())
        .filter_map(|package| package.name.split_once('/'))
        .map(|(scope, _)| scope.to_owned())
        .collect();
    let page = HomePage { packages: found.total, newest, scopes: scopes.into_iter().collect() };
    Ok(Some(page.render(frame)))
}

pub(super) async fn search(
    registry: &Registry,
    frame: &Frame,
    text: &str,
    from: u64,
) -> Result<Option<Html>, RegistryError> {
    let Some(hosted) = &registry.hosted else { return Ok(None) };
    let text: String = text.chars().take(200).collect();
    hosted.search.follow(&hosted.database).await?;
    let found = hosted.search.search(&Query::parse(&text), &wanted(from, SIZE, hosted.now()));
    let page = SearchPage {
        found: summaries(hosted, &found).await?,
        total: found.total,
        from,
        size: SIZE as u64,
        text,
    };
    Ok(Some(page.render(frame)))
}

pub(super) async fn user(
    registry: &Registry,
    frame: &Frame,
    name: &str,
) -> Result<Option<Html>, RegistryError> {
    let Some(hosted) = &registry.hosted else { return Ok(None) };
    hosted.search.follow(&hosted.database).await?;
    let found = hosted.search.search(&Query::maintained_by(name), &wanted(0, SIZE, hosted.now()));
    if found.total == 0 {
        // whether there is such a user is nobody's business
        return Ok(None);
    }
    let packages = summaries(hosted, &found).await?;
    let page = UserPage { name: name.to_owned(), teams: Vec::new(), total: found.total, packages };
    Ok(Some(page.render(frame)))
}

async fn summaries(hosted: &Hosted, found: &Found) -> Result<Vec<PackageSummary>, RegistryError> {
    let detailed = detailed(hosted, found).await?;
    Ok(detailed.iter().filter_map(|(hit, listed)| summary(hit, listed)).collect())
}

fn summary(hit: &Hit, listed: &Listed) -> Option<PackageSummary> {
    let latest = listed.latest.as_ref()?;
    let described = Described::of(&latest.manifest);
    Some(PackageSummary {
        name: hit.name.clone(),
        version: latest.version.clone(),
        description: described.description,
        keywords: described.keywords,
        published: Timestamp::from_millisecond(latest.published).ok(),
        publisher: Some(latest.publisher.clone()),
        dependents: hit.dependents,
        deprecated: latest.deprecated.is_some(),
    })
}
