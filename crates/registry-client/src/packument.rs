//! Packuments: asked for once, however many want them.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::{Shared, WeakShared};
use http::header::{self, HeaderValue};

use crate::answer::decoded;
use crate::error::RegistryError;
use crate::exchange::{Exchange, Outgoing};
use crate::gate::Priority;
use crate::name::{below, escaped};

/// Source: pacote, npm 11.19.1.
const ACCEPT_ABBREVIATED: &str = "application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8, */*";
const ACCEPT_FULL: &str = "application/json";

/// Which of its two packuments a registry is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PackumentKind {
    /// With times, readme and everything that was published.
    Full,
    /// What an installation needs; a registry that knows no difference answers with the full one.
    Abbreviated,
}

/// A packument as it came, with the caller's index of it.
#[derive(Clone, Debug)]
pub struct RawPackument {
    /// The JSON text.
    pub bytes: Bytes,
    /// What the caller's `build_index` made of it.
    pub index: Option<Bytes>,
}

type Asking = Pin<Box<dyn Future<Output = Result<Arc<RawPackument>, RegistryError>> + Send>>;
type Key = (String, PackumentKind);

/// Fetches and keeps packuments.
pub(crate) struct Packuments {
    exchange: Arc<Exchange>,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    here: HashMap<Key, Arc<RawPackument>>,
    /// Weak, so that a request nobody waits for any more is dropped and gives up its place.
    asking: HashMap<Key, WeakShared<Asking>>,
}

impl Packuments {
    pub(crate) fn new(exchange: Arc<Exchange>) -> Arc<Self> {
        Arc::new(Packuments { exchange, known: Mutex::default() })
    }

    pub(crate) async fn get(
        self: &Arc<Self>,
        name: &str,
        kind: PackumentKind,
    ) -> Result<Arc<RawPackument>, RegistryError> {
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

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ask(self: Arc<Self>, key: Key) -> Shared<Asking> {
        let asking: Asking = Box::pin(async move {
            let outcome = self.fetch(&key.0, key.1).await.map(Arc::new);
            let mut known = self.lock();
            known.asking.remove(&key);
            if let Ok(packument) = &outcome {
                known.here.insert(key, packument.clone());
            }
            outcome
        });
        asking.shared()
    }

    async fn fetch(&self, name: &str, kind: PackumentKind) -> Result<RawPackument, RegistryError> {
        match self.fetch_kind(name, kind).await {
            // Source: pacote, npm 11.19.1: there are registries that know no abbreviated packuments
            Err(RegistryError::NotFound { .. }) if kind == PackumentKind::Abbreviated => {
                self.fetch_kind(name, PackumentKind::Full).await
            }
            outcome => outcome,
        }
    }

    async fn fetch_kind(&self, name: &str, kind: PackumentKind) -> Result<RawPackument, RegistryError> {
        let options = &self.exchange.options;
        let registry = options
            .registry_for(name)
            .ok_or_else(|| RegistryError::NoRegistry { for_what: Some(name.to_owned()) })?;
        let mut outgoing = Outgoing::get(below(registry, &escaped(name)?)?, Priority::Metadata);
        outgoing.package = Some(name.into());
        outgoing.registry = Some(registry.clone());
        let accept = match kind {
            PackumentKind::Full => ACCEPT_FULL,
            PackumentKind::Abbreviated => ACCEPT_ABBREVIATED,
        };
        outgoing.headers.insert(header::ACCEPT, HeaderValue::from_static(accept));
        outgoing.headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
        let fetched = self.exchange.fetch(&outgoing, options.max_metadata_bytes).await?;
        let bytes = decoded(&fetched.headers, fetched.body, options.max_metadata_bytes)
            .map_err(|problem| RegistryError::InvalidAnswer { request: outgoing.info(), problem })?;
        Ok(RawPackument { bytes, index: None })
    }
}
