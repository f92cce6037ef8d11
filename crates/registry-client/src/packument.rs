//! Packuments: from memory, from disk, or asked for, once however many want them.
//!
//! Owns the rules of the cache (when an entry is used, confirmed, replaced); `cache` owns its files.

use std::collections::{HashMap, HashSet};
use std::error::Error;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::FutureExt;
use futures_util::future::{Shared, WeakShared};
use http::StatusCode;
use http::header::{self, HeaderMap, HeaderValue};
use npm_formats::bundle::ResolveRequest;
use npm_formats::packument::Packument;
use tokio::sync::oneshot;
use url::{Position, Url};

use crate::ahead::{Ahead, Coming, form_of};
use crate::answer::{Fetched, decoded};
use crate::cache::{Entry, Place, Validity, kept_names};
use crate::error::RegistryError;
use crate::exchange::{Exchange, Outgoing};
use crate::gate::Priority;
use crate::name::{below, escaped};
use crate::options::{CachePolicy, ClientOptions};
use crate::workers::Workers;

/// Source: pacote, npm 11.19.1.
const ACCEPT_ABBREVIATED: &str = "application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8, */*";
const ACCEPT_FULL: &str = "application/json";
/// Names of kept packuments that a registry is told of, so that it does not send those.
const MOST_KEPT: usize = 20_000;

/// Which of its two packuments a registry is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PackumentKind {
    /// With times, readme and everything that was published.
    Full,
    /// What an installation needs; a registry that knows no difference answers with the full one.
    Abbreviated,
}

type Outcome = Result<Packument, RegistryError>;
type Asking = Pin<Box<dyn Future<Output = Outcome> + Send>>;
type Key = (String, PackumentKind);

/// Fetches and keeps packuments.
pub(crate) struct Packuments {
    pub(crate) exchange: Arc<Exchange>,
    known: Mutex<Known>,
    workers: Workers,
}

#[derive(Default)]
struct Known {
    here: HashMap<Key, Packument>,
    /// Weak, so that a request nobody waits for any more is dropped and gives up its place.
    asking: HashMap<Key, WeakShared<Asking>>,
    /// Those that the registry was asked for.
    asked: HashSet<Key>,
    /// Names of which the cache has a packument, of one kind.
    kept: Option<(PackumentKind, Arc<HashSet<String>>)>,
    /// Those that come without being asked for.
    coming: Option<Arc<Coming>>,
}

/// One packument wanted: where it is asked for and where it is kept.
#[derive(Clone)]
struct Wanted {
    name: String,
    kind: PackumentKind,
    registry: Url,
    url: Url,
    place: Option<Place>,
}

/// What the cache has.
struct Kept {
    entry: Entry,
    packument: Packument,
    kind: PackumentKind,
}

impl Packuments {
    pub(crate) fn new(exchange: Arc<Exchange>) -> Arc<Self> {
        Arc::new(Packuments { exchange, known: Mutex::default(), workers: Workers::new() })
    }

    /// Whether a packument is in memory.
    pub(crate) fn has(&self, name: &str, kind: PackumentKind) -> bool {
        let known = self.lock();
        [kind, PackumentKind::Full].into_iter().any(|kind| known.here.contains_key(&(name.to_owned(), kind)))
    }

    /// Lets a registry send what a resolution will ask for, and confirm what is kept of it if it offers that (`confirm`);
    /// `None` where nothing of what is wanted is missing or to be confirmed. Blocks for a look into the cache.
    pub(crate) fn begin_ahead(
        self: &Arc<Self>,
        registry: &Url,
        kind: PackumentKind,
        mut request: ResolveRequest,
    ) -> Option<Ahead> {
        let kept = self.kept_names(registry, kind);
        let is_known = |name: &str| kept.contains(name) || self.has(name, kind);
        let mut wanted = request.wanted.iter().map(|wanted| wanted.name.as_str());
        request.confirm &= self.options().cache_policy != CachePolicy::PreferOffline;
        if wanted.clone().all(is_known) && !(request.confirm && wanted.any(|name| self.is_stale(name, kind)))
        {
            return None;
        }
        let coming = Coming::new(registry.clone(), kind, request.confirm);
        let mut has: HashSet<String> = kept.iter().take(MOST_KEPT).cloned().collect();
        {
            let mut known = self.lock();
            let here = known.here.keys().chain(&known.asked);
            let is_enough = |of: &PackumentKind| *of == kind || *of == PackumentKind::Full;
            has.extend(here.filter(|(_, of)| is_enough(of)).map(|(name, _)| name.clone()));
            known.coming = Some(coming.clone());
        }
        request.form = form_of(kind);
        request.has = has.into_iter().collect();
        Some(Ahead::begin(self.clone(), coming, request))
    }

    /// Whether what is kept of a package must be confirmed before it is used.
    fn is_stale(&self, name: &str, kind: PackumentKind) -> bool {
        if self.has(name, kind) {
            return false;
        }
        let Ok(Wanted { place: Some(place), url, .. }) = Wanted::new(self.options(), name, kind) else {
            return false;
        };
        let is_fresh = |entry: Entry| entry.validity.is_fresh(self.options().clock.now_millis());
        self.options().cache_policy == CachePolicy::PreferOnline
            || !place.load(&shown_url(&url)).is_some_and(is_fresh)
    }

    /// The names in the cache when they were first looked at: those of which something has come since are in memory.
    fn kept_names(&self, registry: &Url, kind: PackumentKind) -> Arc<HashSet<String>> {
        let mut known = self.lock();
        if let Some((_, names)) = known.kept.as_ref().filter(|(of, _)| *of == kind) {
            return names.clone();
        }
        let names = self.options().cache_directory.iter().flat_map(|cache| kept_names(cache, registry, kind));
        let names: Arc<HashSet<String>> = Arc::new(names.collect());
        known.kept = Some((kind, names.clone()));
        names
    }

    pub(crate) async fn get(self: &Arc<Self>, name: &str, kind: PackumentKind) -> Outcome {
        let key = (name.to_owned(), kind);
        let asking = {
            let mut known = self.lock();
            let full = (name.to_owned(), PackumentKind::Full);
            if let Some(here) = known.here.get(&key).or_else(|| known.here.get(&full)) {
                return Ok(here.clone());
            }
            known.asking.get(&key).and_then(WeakShared::upgrade).unwrap_or_else(|| {
                let asking = self.clone().ask(key.clone());
                known.asking.extend(asking.downgrade().map(|weak| (key, weak)));
                asking
            })
        };
        asking.await
    }

    /// Waits until what is to be kept is kept.
    pub(crate) async fn flush(&self) {
        self.workers.finish().await;
    }

    /// Forgets a package that was changed. Blocks for two file removals.
    pub(crate) fn forget(&self, name: &str) {
        for kind in [PackumentKind::Full, PackumentKind::Abbreviated] {
            self.lock().here.remove(&(name.to_owned(), kind));
            if let Ok(Wanted { place: Some(place), .. }) = Wanted::new(self.options(), name, kind) {
                place.remove();
            }
        }
    }

    fn options(&self) -> &ClientOptions {
        &self.exchange.options
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ask(self: Arc<Self>, key: Key) -> Shared<Asking> {
        let asking: Asking = Box::pin(async move {
            let outcome = self.find(&key.0, key.1).await;
            let mut known = self.lock();
            known.asking.remove(&key);
            if let Ok(packument) = &outcome {
                known.here.insert(key, packument.clone());
            }
            outcome
        });
        asking.shared()
    }

    /// From the cache where that is allowed, else from the registry.
    async fn find(&self, name: &str, kind: PackumentKind) -> Outcome {
        let wanted = Wanted::new(self.options(), name, kind)?;
        let mut kept = self.load(&wanted).await;
        if kept.is_none() && kind == PackumentKind::Abbreviated {
            let full = Wanted::new(self.options(), name, PackumentKind::Full)?;
            kept = self.load(&full).await;
        }
        let policy = self.options().cache_policy;
        let use_kept = kept.as_ref().is_some_and(|kept| match policy {
            CachePolicy::Offline | CachePolicy::PreferOffline => true,
            CachePolicy::PreferOnline => false,
            CachePolicy::Default => kept.entry.validity.is_fresh(self.options().clock.now_millis()),
        });
        match kept {
            Some(kept) if use_kept => Ok(kept.packument),
            None if policy == CachePolicy::Offline => {
                Err(RegistryError::NotCached { request: wanted.outgoing().info() })
            }
            kept => self.ask_registry(wanted, kept).await,
        }
    }

    /// Asks, with what is kept in hand: for a 304, and for an outage.
    async fn ask_registry(&self, wanted: Wanted, kept: Option<Kept>) -> Outcome {
        let error = match self.ask_kind(&wanted, kept.as_ref()).await {
            Ok(packument) => return Ok(packument),
            Err(error) => error,
        };
        match (&error, kept) {
            // Source: pacote, npm 11.19.1: there are registries that know no abbreviated packuments
            (RegistryError::NotFound { .. }, kept) if wanted.kind == PackumentKind::Abbreviated => {
                let full = Wanted::new(self.options(), &wanted.name, PackumentKind::Full)?;
                self.ask_kind(&full, kept.as_ref()).await
            }
            (_, Some(kept)) if error.is_outage() && !kept.entry.validity.must_revalidate() => {
                if let Some(progress) = &self.options().progress {
                    progress.stale(&wanted.name, &error);
                }
                Ok(kept.packument)
            }
            _ => Err(error),
        }
    }

    async fn ask_kind(&self, wanted: &Wanted, kept: Option<&Kept>) -> Outcome {
        let mut outgoing = wanted.outgoing();
        let kept = kept.filter(|kept| kept.kind == wanted.kind);
        let conditional =
            kept.is_some_and(|kept| kept.entry.validity.make_conditional(&mut outgoing.headers));
        if let Some(come) = self.come_ahead(wanted, kept.is_some()).await {
            let now = self.options().clock.now_millis();
            if come.status == StatusCode::NOT_MODIFIED {
                if let Some(kept) = kept.filter(|kept| kept.entry.validity.has_tag(&come.headers)) {
                    return Ok(self.confirm(wanted, kept, &come.headers, now));
                }
            } else {
                let taken = self.take_in(wanted, outgoing.clone(), come, now).await;
                if taken.is_ok() {
                    return taken;
                }
            }
        }
        self.lock().asked.insert((wanted.name.clone(), wanted.kind));
        let fetched = self.exchange.fetch(&outgoing, self.options().max_metadata_bytes).await?;
        let now = self.options().clock.now_millis();
        if fetched.status != StatusCode::NOT_MODIFIED {
            return self.take_in(wanted, outgoing, fetched, now).await;
        }
        let unasked = || RegistryError::InvalidAnswer {
            request: outgoing.info(),
            problem: "it says that nothing changed, but was not asked that".into(),
        };
        let kept = kept.filter(|_| conditional).ok_or_else(unasked)?;
        Ok(self.confirm(wanted, kept, &fetched.headers, now))
    }

    /// What is kept, which the registry says is what it has.
    fn confirm(&self, wanted: &Wanted, kept: &Kept, headers: &HeaderMap, now: u64) -> Packument {
        let mut entry = kept.entry.clone();
        entry.validity = entry.validity.confirmed(headers, now);
        self.save_later(wanted, entry);
        kept.packument.clone()
    }

    /// The registry's answer, where it comes without being asked for.
    async fn come_ahead(&self, wanted: &Wanted, is_kept: bool) -> Option<Fetched> {
        let coming = {
            let mut known = self.lock();
            let may_bring = |coming: &Arc<Coming>| coming.may_bring(&wanted.registry, wanted.kind, is_kept);
            let coming = known.coming.clone().filter(may_bring);
            if coming.is_none() {
                // in the same moment, so that what is asked for from here on is known not to be sent
                known.asked.insert((wanted.name.clone(), wanted.kind));
            }
            coming
        };
        coming?.wait_for(&wanted.name).await
    }

    /// Decompresses, indexes and keeps an answer, the last after it was handed on.
    async fn take_in(&self, wanted: &Wanted, outgoing: Outgoing, fetched: Fetched, now: u64) -> Outcome {
        let unusable = |problem: String| RegistryError::InvalidAnswer { request: outgoing.info(), problem };
        let validity = Validity::new(&fetched.headers, now);
        let place = wanted.place.clone().filter(|_| validity.is_storable());
        let url = shown_url(&wanted.url);
        let options = self.exchange.options.clone();
        let (answer, answered) = oneshot::channel();
        let name = wanted.name.clone();
        self.workers.run(move || {
            let read = read(&name, fetched, options.max_metadata_bytes);
            let packument = read.as_ref().ok().cloned();
            drop(answer.send(read));
            if let (Some(packument), Some(place)) = (packument, place) {
                save(&options, &place, &Entry { url, validity, packument: packument.encode().into() });
            }
        });
        answered.await.map_err(|_| unusable("reading it failed".into()))?.map_err(unusable)
    }

    async fn load(&self, wanted: &Wanted) -> Option<Kept> {
        let place = wanted.place.clone()?;
        let (name, kind, url) = (wanted.name.clone(), wanted.kind, shown_url(&wanted.url));
        let (answer, answered) = oneshot::channel();
        self.workers.run(move || {
            let Some(entry) = place.load(&url) else { return };
            let Ok(packument) = Packument::decode(&name, entry.packument.clone()) else { return };
            drop(answer.send(Kept { entry, packument, kind }));
        });
        answered.await.ok()
    }

    fn save_later(&self, wanted: &Wanted, entry: Entry) {
        let Some(place) = wanted.place.clone() else { return };
        let options = self.exchange.options.clone();
        self.workers.run(move || save(&options, &place, &entry));
    }
}

impl Wanted {
    fn new(options: &ClientOptions, name: &str, kind: PackumentKind) -> Result<Self, RegistryError> {
        let registry = options
            .registry_for(name)
            .ok_or_else(|| RegistryError::NoRegistry { for_what: Some(name.to_owned()) })?;
        let escaped = escaped(name)?;
        let place =
            options.cache_directory.as_ref().and_then(|cache| Place::new(cache, registry, kind, &escaped));
        let url = below(registry, &escaped)?;
        Ok(Wanted { name: name.to_owned(), kind, registry: registry.clone(), url, place })
    }

    fn outgoing(&self) -> Outgoing {
        let mut outgoing = Outgoing::get(self.url.clone(), Priority::Metadata);
        outgoing.package = Some(self.name.as_str().into());
        outgoing.registry = Some(self.registry.clone());
        outgoing.tells_features = true;
        let accept = match self.kind {
            PackumentKind::Full => ACCEPT_FULL,
            PackumentKind::Abbreviated => ACCEPT_ABBREVIATED,
        };
        outgoing.headers.insert(header::ACCEPT, HeaderValue::from_static(accept));
        outgoing.headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
        outgoing
    }
}

/// The packument in an answer.
///
/// # Errors
/// Why there is none.
fn read(name: &str, fetched: Fetched, limit: u64) -> Result<Packument, String> {
    let text = decoded(&fetched.headers, fetched.body, limit)?;
    Packument::parse(name, &text).map_err(|error| match error.source() {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    })
}

/// A URL without user and password, as it is written to disk.
fn shown_url(url: &Url) -> String {
    format!("{}://{}", url.scheme(), &url[Position::BeforeHost..])
}

fn save(options: &ClientOptions, place: &Place, entry: &Entry) {
    if let (Err(error), Some(progress)) = (place.save(entry), &options.progress) {
        progress.not_kept(place.path(), &error);
    }
}

/// Whether an entry holds the packument that it claims to, down to the last byte.
pub(crate) fn is_whole(name: &str, entry: Entry) -> bool {
    Packument::decode(name, entry.packument)
        .is_ok_and(|packument| Packument::parse(name, &packument.text()).is_ok())
}
