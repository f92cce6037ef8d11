//! Tarballs that a registry sends many of in one answer, where it offers that.
//!
//! What comes is only bytes: whoever asked hashes them. What does not come, and what comes wrong, is fetched alone.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use npm_formats::bundle::{ManifestName, MissingRequest, TarballName};
use registry_client::{BundledEntry, Feature, RegistryError};
use rustc_hash::FxHashMap;
use serde_json::{Map, Value};
use tokio::sync::{OwnedSemaphorePermit, oneshot};
use url::Url;

use super::{Source, Tarballs};

/// Tarballs in an answer. Fewer make more requests; more keep the last one waiting for the first.
const MOST_TARBALLS: usize = 128;
/// Manifests in an answer.
const MOST_MANIFESTS: usize = 1_000;
/// Answers under way, from one registry.
const MOST_ANSWERS: usize = 3;
/// So many have to wait before a further answer is asked for while one is under way.
const MANY: usize = 48;
/// How long more tarballs are waited for, while more are asked for: a resolution finds them one after the other.
const GATHERING: Duration = Duration::from_millis(4);
/// How often.
const MOST_GATHERINGS: u32 = 6;

/// A tarball that came, and its place among those in memory.
pub(super) struct Delivered {
    pub bytes: Bytes,
    _place: OwnedSemaphorePermit,
}

/// Somebody who waits for a tarball.
struct Waiting {
    name: TarballName,
    delivery: oneshot::Sender<Delivered>,
}

/// Who waits, by registry.
#[derive(Default)]
pub(super) struct Bundler {
    queues: Mutex<FxHashMap<Url, Queue>>,
}

#[derive(Default)]
struct Queue {
    waiting: Vec<Waiting>,
    /// Answers under way.
    answers: usize,
}

impl Bundler {
    fn lock(&self) -> MutexGuard<'_, FxHashMap<Url, Queue>> {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn length(&self, registry: &Url) -> usize {
        self.lock().get(registry).map_or(0, |queue| queue.waiting.len())
    }
}

impl Tarballs {
    /// Whether a tarball can come with others.
    pub(super) fn may_bundle(&self, source: &Source, url: &Url) -> bool {
        self.own_file(source, url).is_some()
    }

    /// Its registry and its name there, where the registry sends many at once.
    fn own_file<'a>(&self, source: &Source, url: &'a Url) -> Option<(&Url, &'a str)> {
        source.parsed_integrity()?;
        let client = &self.shared.client;
        let registry = client.options().registry_for(&source.name)?;
        let file = own_file(registry, &source.name, url)?;
        client.offers(registry, Feature::Missing).then_some((registry, file))
    }

    /// The tarball of a registry that sends many at once; `None` where it is to be fetched alone.
    pub(super) async fn bundled(&self, source: &Source, url: &Url) -> Option<Delivered> {
        let (registry, file) = self.own_file(source, url)?;
        let (delivery, delivered) = oneshot::channel();
        let name = TarballName { name: source.name.clone(), file: file.to_owned() };
        let begins = {
            let mut queues = self.shared.bundler.lock();
            let queue = queues.entry(registry.clone()).or_default();
            queue.waiting.push(Waiting { name, delivery });
            let is_due = queue.answers == 0 || queue.waiting.len() >= MANY * queue.answers;
            let begins = is_due && queue.answers < MOST_ANSWERS;
            queue.answers += usize::from(begins);
            begins
        };
        if begins {
            let (tarballs, registry) = (self.clone(), registry.clone());
            self.shared.runtime.spawn(async move { tarballs.answer_waiting(&registry).await });
        }
        delivered.await.ok()
    }

    /// Gets answers until nobody waits.
    async fn answer_waiting(&self, registry: &Url) {
        loop {
            self.gather(registry).await;
            let waiting: Vec<Waiting> = {
                let mut queues = self.shared.bundler.lock();
                let Some(queue) = queues.get_mut(registry) else { return };
                if queue.waiting.is_empty() {
                    queue.answers -= 1;
                    return;
                }
                let count = queue.waiting.len().min(MOST_TARBALLS);
                queue.waiting.drain(..count).collect()
            };
            // who is not delivered to fetches alone, and meets what is wrong
            let _ = self.deliver(registry, waiting).await;
        }
    }

    async fn gather(&self, registry: &Url) {
        let mut before = 0;
        for _ in 0..MOST_GATHERINGS {
            let now = self.shared.bundler.length(registry);
            if now == before || now >= MOST_TARBALLS {
                return;
            }
            before = now;
            tokio::time::sleep(GATHERING).await;
        }
    }

    async fn deliver(&self, registry: &Url, waiting: Vec<Waiting>) -> Result<(), RegistryError> {
        let tarballs = waiting.iter().map(|each| each.name.clone()).collect();
        let request = MissingRequest { tarballs, manifests: Vec::new() };
        let mut waiting: HashMap<TarballName, Vec<oneshot::Sender<Delivered>>> =
            waiting.into_iter().fold(HashMap::new(), |mut by_name, Waiting { name, delivery }| {
                by_name.entry(name).or_default().push(delivery);
                by_name
            });
        let mut bundle = self.shared.client.missing(registry, &request).await?;
        loop {
            // a place before the bytes: they wait at the registry until somebody has time for them
            let Ok(place) = self.shared.under_way.clone().acquire_owned().await else { return Ok(()) };
            let Some(BundledEntry { head, content }) = bundle.next().await? else { return Ok(()) };
            let Some(file) = head.file else { continue };
            let Some(deliveries) = waiting.remove(&TarballName { name: head.name, file }) else { continue };
            // only one of them has a place; there is seldom another
            let first = deliveries.into_iter().next();
            if let (Some(delivery), Some(bytes), 200) = (first, content, head.status) {
                // nobody waits any more once another package has failed
                let _ = delivery.send(Delivered { bytes, _place: place });
            }
        }
    }

    /// The registries' manifests of versions, as far as they send many of them at once and as they are asked.
    pub async fn bundled_manifests(&self, sources: &[Source]) -> Vec<(Source, Map<String, Value>)> {
        let client = &self.shared.client;
        let mut by_registry: FxHashMap<Url, Vec<&Source>> = FxHashMap::default();
        for source in sources {
            let registry = client.options().registry_for(&source.name);
            if let Some(registry) = registry.filter(|registry| client.offers(registry, Feature::Missing)) {
                by_registry.entry(registry.clone()).or_default().push(source);
            }
        }
        let mut known = Vec::new();
        for (registry, sources) in by_registry {
            for sources in sources.chunks(MOST_MANIFESTS) {
                // those that do not come are asked for one by one
                let _ = self.receive_manifests(&registry, sources, &mut known).await;
            }
        }
        known
    }

    async fn receive_manifests(
        &self,
        registry: &Url,
        sources: &[&Source],
        known: &mut Vec<(Source, Map<String, Value>)>,
    ) -> Result<(), RegistryError> {
        let name =
            |source: &&Source| ManifestName { name: source.name.clone(), version: source.version.clone() };
        let manifests = sources.iter().map(name).collect();
        let request = MissingRequest { tarballs: Vec::new(), manifests };
        let mut bundle = self.shared.client.missing(registry, &request).await?;
        while let Some(BundledEntry { head, content }) = bundle.next().await? {
            let Some(content) = content.filter(|_| head.status == 200 && head.file.is_none()) else {
                continue;
            };
            let Ok(document) = serde_json::from_slice::<Map<String, Value>>(&content) else { continue };
            let says = |key: &str| document.get(key).and_then(Value::as_str);
            let is_meant = |source: &&&Source| {
                says("name") == Some(&source.name) && says("version") == Some(&source.version)
            };
            if let Some(source) = sources.iter().find(is_meant) {
                known.push(((*source).clone(), document));
            }
        }
        Ok(())
    }
}

/// The last segment of a tarball's address, where that is the package's own in its registry.
fn own_file<'a>(registry: &Url, name: &str, url: &'a Url) -> Option<&'a str> {
    let rest = url.as_str().strip_prefix(registry.as_str().trim_end_matches('/'))?;
    let file = rest.strip_prefix('/')?.strip_prefix(name)?.strip_prefix("/-/")?;
    (!file.is_empty() && !file.contains(['/', '?', '#', '%'])).then_some(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_package_at_its_own_address_is_asked_for_by_its_name() {
        let registry: Url = "https://registry.example/npm/".parse().unwrap();
        for (name, url, file) in [
            ("a", "https://registry.example/npm/a/-/a-1.0.0.tgz", Some("a-1.0.0.tgz")),
            ("@s/a", "https://registry.example/npm/@s/a/-/a-1.0.0.tgz", Some("a-1.0.0.tgz")),
            ("a", "https://registry.example/npm/b/-/b-1.0.0.tgz", None),
            ("a", "https://registry.example/npm/a-b/-/a-1.0.0.tgz", None),
            ("a", "https://registry.example/other/a/-/a-1.0.0.tgz", None),
            ("a", "https://elsewhere.example/npm/a/-/a-1.0.0.tgz", None),
            ("a", "http://registry.example/npm/a/-/a-1.0.0.tgz", None),
            ("a", "https://registry.example/npm/a/-/a-1.0.0.tgz?x", None),
            ("a", "https://registry.example/npm/a/-/@s/a-1.0.0.tgz", None),
            ("a", "https://registry.example/npm/a/-/a%2f..tgz", None),
        ] {
            assert_eq!(own_file(&registry, name, &url.parse().unwrap()), file, "{url}");
        }
    }
}
