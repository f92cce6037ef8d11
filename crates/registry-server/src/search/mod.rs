//! Search over the packages that are published here, and which of them depend on which; and over those of upstreams whose
//! packuments are kept.
//!
//! Owns: the index in memory, and that it follows the database: before every search it is given what changed since the
//! last, so that replicas see each other's publications. Does not own: HTTP, what is shown of a package that was found,
//! and what the policy hides of it.
//!
//! Why in memory: each package that has a word must be scored, and thousands have a common one. A table of terms would
//! read all their rows for it, in two dialects; the index does the same for both databases.

mod dependents;
mod document;
mod facet;
mod index;
mod query;
mod ranking;
mod terms;

use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, OnceLock, PoisonError, RwLock, RwLockReadGuard};
use std::time::{Duration, Instant};

use document::Document;
use index::Index;
pub(crate) use index::{Found, FromWhere, Hit, Wanted};
pub(crate) use query::Query;
pub(crate) use ranking::Weights;
use tokio::sync::Mutex;

use crate::database::{Database, Fetched};
use crate::hosted::Clock;
use crate::names::{NameRules, Place};
use crate::{PackageName, RegistryError};

/// What was changed this long before the newest change that is known is looked at again, in milliseconds: a
/// transaction is seen when it ends and dated when it began, and the clocks of replicas differ.
const OVERLAP: i64 = 60_000;

/// How often everything is compared, whatever the clocks say.
const WHOLE: Duration = Duration::from_secs(300);

/// Changes that take a while to look through.
const MANY: usize = 2000;

/// Packages that are read at once.
const BATCH: i64 = 500;

/// The index of a registry.
pub(crate) struct Search {
    clock: Clock,
    index: RwLock<Index>,
    /// Which names come from which upstream, where those are searched.
    upstreams: OnceLock<NameRules>,
    /// Held by who brings the index up to date; the others wait and find it done.
    followed: Mutex<Followed>,
}

/// How far the index has followed the database.
#[derive(Debug, Default)]
struct Followed {
    /// The newest time of a change that was seen.
    newest: i64,
    /// The same of what was fetched from upstreams.
    newest_fetched: i64,
    /// When everything was compared last.
    whole: Option<Instant>,
    /// When it may be brought up to date again; at once where there was little to look through.
    rests_until: Option<Instant>,
}

impl Search {
    /// One that knows nothing yet.
    pub fn new(clock: Clock) -> Search {
        let (index, followed) = (RwLock::default(), Mutex::default());
        Search { clock, index, upstreams: OnceLock::new(), followed }
    }

    /// Finds packages of upstreams as well, each name where these rules say that it belongs.
    pub fn find_fetched(&self, names: NameRules) {
        // told twice it is told the same
        let _ = self.upstreams.set(names);
    }

    /// Brings the index up to date.
    ///
    /// Many changes take longer to look through: then it is done less often, so that no more than a tenth of the time
    /// goes into it.
    pub async fn follow(&self, database: &Database) -> Result<(), RegistryError> {
        let mut followed = self.followed.lock().await;
        let start = Instant::now();
        if followed.rests_until.is_some_and(|until| start < until) {
            return Ok(());
        }
        let is_whole = followed.whole.is_none_or(|whole| start > whole + WHOLE);
        // what was changed since a clock was set back is older than the newest change
        let newest = followed.newest.min((self.clock)().as_millisecond());
        let since = if is_whole { i64::MIN } else { newest.saturating_sub(OVERLAP) };
        let mut after = (since, String::new());
        let mut looked_at = 0;
        loop {
            let changes = database.changes_after((after.0, &after.1), BATCH).await?;
            let Some(last) = changes.last() else { break };
            after = (last.modified, last.name.clone());
            followed.newest = followed.newest.max(last.modified);
            looked_at += changes.len();
            let unknown: Vec<String> = {
                let index = self.read();
                let is_new = |change: &&crate::database::ChangeRow| {
                    index.revision(&change.name) != Some(change.revision).filter(|_| change.removed.is_none())
                };
                changes.iter().filter(is_new).map(|change| change.name.clone()).collect()
            };
            if !unknown.is_empty() {
                let listed = database.listed(&unknown).await?;
                let documents: Vec<Option<Document>> = listed.iter().map(Document::of).collect();
                let mut index = self.index.write().unwrap_or_else(PoisonError::into_inner);
                for (listed, document) in listed.iter().zip(documents) {
                    match document {
                        Some(document) => index.put(&document),
                        None if index.revision(&listed.name).is_some() => index.remove(&listed.name),
                        None => {}
                    }
                }
            }
        }
        if let Some(names) = self.upstreams.get() {
            looked_at += self.follow_upstreams(database, names, &mut followed, is_whole).await?;
        }
        if is_whole {
            followed.whole = Some(start);
        }
        followed.rests_until = (looked_at > MANY && !is_whole).then(|| Instant::now() + 10 * start.elapsed());
        Ok(())
    }

    /// Takes in what was fetched from upstreams; how much there was to look at.
    async fn follow_upstreams(
        &self,
        database: &Database,
        names: &NameRules,
        followed: &mut Followed,
        is_whole: bool,
    ) -> Result<usize, RegistryError> {
        let newest = followed.newest_fetched.min((self.clock)().as_millisecond());
        let since = if is_whole { 0 } else { newest.saturating_sub(OVERLAP) };
        let mut after = Fetched { changed: since, ..Fetched::default() };
        let mut looked_at = 0;
        let mut there = HashSet::new();
        loop {
            let fetched = database.fetched_after(&after, BATCH).await?;
            let Some(last) = fetched.last() else { break };
            after = last.clone();
            followed.newest_fetched = followed.newest_fetched.max(last.changed);
            looked_at += fetched.len();
            let mut unknown: BTreeMap<&str, Vec<String>> = BTreeMap::new();
            for one in fetched.iter().filter(|one| belongs(names, one)) {
                if is_whole {
                    there.insert(one.package.clone());
                }
                if !self.read().has_fetched(one) {
                    unknown.entry(&one.upstream).or_default().push(one.package.clone());
                }
            }
            for (upstream, packages) in unknown {
                let listed = database.listed_of_upstream(upstream, &packages).await?;
                let upstream: Arc<str> = upstream.into();
                let documents: Vec<Document> = listed
                    .iter()
                    .filter_map(|listed| Document::of_upstream(listed, upstream.clone()))
                    .collect();
                let mut index = self.index.write().unwrap_or_else(PoisonError::into_inner);
                documents.iter().for_each(|document| index.put(document));
            }
        }
        if is_whole {
            // what is kept no more leaves no trace
            let gone = self.read().fetched_but(&there);
            let mut index = self.index.write().unwrap_or_else(PoisonError::into_inner);
            gone.iter().for_each(|name| index.remove(name));
        }
        Ok(looked_at)
    }

    /// What a query finds.
    pub fn search(&self, query: &Query, wanted: &Wanted<'_>) -> Found {
        self.read().search(query, wanted)
    }

    /// The packages that were published last; see [`Index::newest`].
    pub fn newest(&self, wanted: &Wanted<'_>) -> Found {
        self.read().newest(wanted)
    }

    /// The packages that depend on one; see [`Index::dependents`].
    pub fn dependents(&self, name: &str, wanted: &Wanted<'_>) -> (u64, Vec<String>) {
        self.read().dependents(name, wanted)
    }

    fn read(&self) -> RwLockReadGuard<'_, Index> {
        self.index.read().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a package comes from the upstream that it was fetched from; the rules may have been others then.
fn belongs(names: &NameRules, fetched: &Fetched) -> bool {
    PackageName::parse(&fetched.package).is_ok_and(
        |name| matches!(names.place(&name), Place::Upstream(upstream) if **upstream == *fetched.upstream),
    )
}
