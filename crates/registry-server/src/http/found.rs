//! What a search found, with what is shown of it: rows of what is published here, and of upstreams what the rules of names
//! and the policy let everybody see.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use futures_util::{StreamExt, TryStreamExt};

use super::offered;
use crate::database::Listed;
use crate::hosted::Hosted;
use crate::search::{Found, Hit, Query, Wanted};
use crate::server::Registry;
use crate::storage::{GovernedStorage, Seen};
use crate::{PackageName, RegistryError};

/// Packuments that are judged at once.
const JUDGED_AT_ONCE: usize = 4;

/// A part of what a search found.
pub(super) struct Results {
    /// All that there is, about where upstreams were asked.
    pub total: u64,
    pub rows: Vec<(Hit, Listed)>,
}

/// Searches what is here, and asks upstreams that are to be asked.
pub(super) async fn search(
    registry: &Registry,
    hosted: &Hosted,
    text: &str,
    wanted: &Wanted<'_>,
) -> Result<Results, RegistryError> {
    hosted.search.follow(&hosted.database).await?;
    let query = Query::parse(text);
    let found = hosted.search.search(&query, wanted);
    let rows = detailed(registry, hosted, &found).await?;
    let rows = rows.into_iter().map(|(hit, listed)| (hit.clone(), listed)).collect();
    let mut results = Results { total: found.total, rows };
    if let Some(governed) = &registry.governed {
        offered::add(governed, &hosted.search, (&query, text), (wanted, &found), &mut results).await;
    }
    Ok(results)
}

/// What was found, with its rows, in the same order.
pub(super) async fn detailed<'a>(
    registry: &Registry,
    hosted: &Hosted,
    found: &'a Found,
) -> Result<Vec<(&'a Hit, Listed)>, RegistryError> {
    let mut own = Vec::new();
    let mut fetched: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for hit in &found.hits {
        match &hit.upstream {
            Some(upstream) => fetched.entry(upstream).or_default().push(hit.name.clone()),
            None => own.push(hit.name.clone()),
        }
    }
    let mut rows: HashMap<String, Listed> =
        hosted.database.listed(&own).await?.into_iter().map(|row| (row.name.clone(), row)).collect();
    if let Some(governed) = &registry.governed {
        for (upstream, names) in fetched {
            let kept = hosted.database.listed_of_upstream(upstream, &names).await?;
            let judging = futures_util::stream::iter(kept).map(|listed| judged(governed.clone(), listed));
            let seen: Vec<Option<Listed>> = judging.buffer_unordered(JUDGED_AT_ONCE).try_collect().await?;
            rows.extend(seen.into_iter().flatten().map(|row| (row.name.clone(), row)));
        }
    }
    Ok(found.hits.iter().filter_map(|hit| Some((hit, rows.remove(&hit.name)?))).collect())
}

/// A package of an upstream as clients see it; none where they see no version of it.
async fn judged(governed: Arc<GovernedStorage>, listed: Listed) -> Result<Option<Listed>, RegistryError> {
    let Ok(name) = PackageName::parse(&listed.name) else { return Ok(None) };
    Ok(match governed.seen_of_kept(&name).await? {
        Seen::AsItIs => Some(listed),
        Seen::Latest(summary) => Some(summary.listed(listed.name, listed.revision)),
        Seen::Nothing => None,
    })
}
