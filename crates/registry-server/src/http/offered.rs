//! What upstreams' own searches add to what was found here, where the settings let them be asked.
//!
//! Not more than one part of their results for one part of ours, and nothing that the rules of names or the policy do not
//! let everybody see.

use std::collections::HashSet;

use futures_util::future::join_all;
use jiff::Timestamp;

use super::found::Results;
use crate::names::Place;
use crate::policy::decide_unread;
use crate::proxy::{Offered, Proxy};
use crate::search::{Found, Hit, Query, Search, Wanted};
use crate::storage::GovernedStorage;

/// Adds what upstreams find to a part of what was `found` here: after it, but for a package of the very name.
pub(super) async fn add(
    governed: &GovernedStorage,
    search: &Search,
    (query, text): (&Query, &str),
    (wanted, found): (&Wanted<'_>, &Found),
    results: &mut Results,
) {
    let Wanted { from, size, .. } = *wanted;
    let here = usize::try_from(found.total).unwrap_or(usize::MAX);
    let is_full = here >= from.saturating_add(size);
    let has_exact = found.hits.first().is_some_and(|hit| query.names(&hit.name));
    if size == 0 || !query.is_plain() || (is_full && (from > 0 || has_exact)) {
        return;
    }
    let part = (from.saturating_sub(here), size);
    let asked: Vec<&Proxy> = governed.proxies().filter(|proxy| may_ask(governed, proxy, text)).collect();
    if asked.is_empty() {
        return;
    }
    let answers = join_all(asked.iter().map(|proxy| proxy.search(text, part))).await;
    let mut known: HashSet<String> = found.hits.iter().map(|hit| hit.name.clone()).collect();
    if from > 0 {
        // what stands in earlier parts
        let earlier = search.search(query, &Wanted { from: 0, size: from.min(here), ..*wanted });
        known.extend(earlier.hits.into_iter().map(|hit| hit.name));
    }
    for (proxy, offers) in asked.into_iter().zip(answers) {
        results.total = results.total.saturating_add(offers.total);
        let upstream = &proxy.settings().name;
        for offered in offers.packages {
            let belongs =
                matches!(governed.place(&offered.name), Place::Upstream(place) if **place == **upstream);
            if !belongs || !known.insert(offered.name.to_string()) {
                continue;
            }
            let Some(Offered { name, summary }) = seen(governed, offered, wanted.now) else { continue };
            let hit = Hit::offered(name.as_str(), upstream.as_str().into(), query);
            let at = if query.names(name.as_str()) { 0 } else { results.rows.len() };
            results.rows.insert(at, (hit, summary.listed(name.to_string(), 0)));
        }
    }
    results.rows.truncate(size);
}

/// Whether a text is passed on: it names nothing that does not come from there.
fn may_ask(governed: &GovernedStorage, proxy: &Proxy, text: &str) -> bool {
    proxy.settings().searches && governed.names().may_tell(&proxy.settings().name, text)
}

/// A package as far as the policy lets it be seen by what its upstream's search says of it.
fn seen(governed: &GovernedStorage, mut offered: Offered, now: i64) -> Option<Offered> {
    if !governed.policy().concerns(&offered.name, false) {
        return Some(offered);
    }
    let summary = &mut offered.summary;
    let time = |at| Timestamp::from_millisecond(at).ok();
    let published = Some(summary.published).filter(|published| *published > 0).and_then(time);
    let decision = decide_unread(governed.policy(), &offered.name, &summary.version, published, time(now)?);
    if decision.hidden(&summary.version).is_some() {
        return None;
    }
    if let Some(message) = decision.deprecations.get(&summary.version) {
        summary.deprecated = Some(message.clone()).filter(|message| !message.is_empty());
    }
    Some(offered)
}
