//! Pages that list packages: the first one, results of a search, what somebody maintains.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::super::failure::Failure;
use super::super::found::{self, detailed};
use super::super::visible::Visible;
use super::Reply;
use super::described::Described;
use super::visit::Visit;
use crate::RegistryError;
use crate::database::Listed;
use crate::hosted::Hosted;
use crate::pages::{HomePage, PackageSummary, SearchPage, UserPage};
use crate::search::{Found, FromWhere, Hit, Query, Wanted, Weights};
use crate::server::Registry;

/// Packages in a page.
const SIZE: usize = 20;

/// What a reader may see, from the `from`th on.
pub(super) fn wanted<'a>(
    from: u64,
    size: usize,
    now: i64,
    may_see: &'a (dyn Fn(&str) -> bool + Sync),
    from_where: FromWhere,
) -> Wanted<'a> {
    let from = usize::try_from(from).unwrap_or(usize::MAX);
    Wanted { from, size, weights: Weights::default(), now, may_see, from_where }
}

pub(super) async fn home(visit: &mut Visit<'_>) -> Result<Reply, Failure> {
    let hosted = visit.hosted()?;
    let visible = Visible::to(&visit.reader(hosted).await?, hosted).await?;
    hosted.search.follow(&hosted.database).await?;
    let may_see = |name: &str| visible.has(name);
    let found = hosted.search.newest(&wanted(0, SIZE, hosted.now(), &may_see, FromWhere::Here));
    let newest = summaries(visit.registry, hosted, &found).await?;
    let scopes: BTreeSet<String> = (newest.iter())
        .filter_map(|package| package.name.split_once('/'))
        .map(|(scope, _)| scope.to_owned())
        .collect();
    let page = HomePage { packages: found.total, newest, scopes: scopes.into_iter().collect() };
    Ok(Reply::page(page.render(&visit.frame)))
}

pub(super) async fn search(visit: &mut Visit<'_>, text: &str, from: u64) -> Result<Reply, Failure> {
    let hosted = visit.hosted()?;
    let visible = Visible::to(&visit.reader(hosted).await?, hosted).await?;
    let text: String = text.chars().take(200).collect();
    let may_see = |name: &str| visible.has(name);
    let wanted = wanted(from, SIZE, hosted.now(), &may_see, FromWhere::Anywhere);
    let found = found::search(visit.registry, hosted, &text, &wanted).await?;
    let page = SearchPage {
        found: found.rows.iter().filter_map(|(hit, listed)| summary(hit, listed)).collect(),
        total: found.total,
        from,
        size: SIZE as u64,
        text,
    };
    Ok(Reply::page(page.render(&visit.frame)))
}

pub(super) async fn user(visit: &mut Visit<'_>, name: &str) -> Result<Reply, Failure> {
    let hosted = visit.hosted()?;
    let visible = Visible::to(&visit.reader(hosted).await?, hosted).await?;
    hosted.search.follow(&hosted.database).await?;
    let may_see = |name: &str| visible.has(name);
    let query = Query::maintained_by(name);
    let wanted = wanted(0, SIZE, hosted.now(), &may_see, FromWhere::Here);
    let found = hosted.search.search(&query, &wanted);
    let own = visit.user().filter(|user| user.name.as_str() == name);
    if found.total == 0 && own.is_none() {
        // whether there is such a user is nobody's business
        return Err(Failure::not_found(name));
    }
    // in which teams somebody is, the others of them know
    let teams = match own {
        Some(user) => hosted.database.organisations_of(&user.name).await?.into_keys().collect(),
        None => Vec::new(),
    };
    let packages = summaries(visit.registry, hosted, &found).await?;
    let page = UserPage { name: name.to_owned(), teams, total: found.total, packages };
    Ok(Reply::page(page.render(&visit.frame)))
}

async fn summaries(
    registry: &Registry,
    hosted: &Hosted,
    found: &Found,
) -> Result<Vec<PackageSummary>, RegistryError> {
    let detailed = detailed(registry, hosted, found).await?;
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
        published: Timestamp::from_millisecond(latest.published).ok().filter(|_| latest.published > 0),
        // there are no pages of those who publish elsewhere
        publisher: Some(latest.publisher.clone()).filter(|_| hit.upstream.is_none()),
        upstream: hit.upstream.as_deref().map(str::to_owned),
        dependents: hit.dependents,
        deprecated: latest.deprecated.is_some(),
    })
}
