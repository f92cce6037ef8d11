//! Packuments that come before they are asked for: those that a registry expects a resolution to want.
//!
//! What comes stands for the answer to a GET and goes the same way: indexed, kept, used. Of what is kept already only a
//! tag comes: it is used where it has that tag, and asked for where it has not. While something may still come, what is
//! wanted waits for it; what does not come is asked for as ever. So nothing but time depends on a registry's guess.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use npm_formats::bundle::{PackumentForm, ResolveRequest};
use tokio::sync::watch;
use tokio::task::{AbortHandle, JoinSet};
use url::Url;

use crate::answer::Fetched;
use crate::bundle::{self, BundledEntry};
use crate::error::RegistryError;
use crate::features::Feature;
use crate::gate::Priority;
use crate::packument::{PackumentKind, Packuments};

const PATH: &str = "/-/knit/v1/resolve";
/// How long one that is wanted waits while nothing comes.
const PATIENCE: Duration = Duration::from_secs(2);
/// Packuments of one answer. A registry that sends more sends nonsense.
const MOST: usize = 20_000;

/// Packuments on their way, until dropped.
#[derive(Debug)]
pub struct Ahead {
    coming: Arc<Coming>,
    task: AbortHandle,
}

/// How far it is with packuments that come ahead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AheadState {
    /// More may come.
    Coming,
    /// All came that the registry expects to be wanted.
    Complete,
    /// It broke off, or the registry did not go to the end.
    Partial,
}

/// What has come and was not yet wanted.
#[derive(Debug)]
pub(crate) struct Coming {
    registry: Url,
    kind: PackumentKind,
    /// Whether it is said too which packuments there are of those that are kept.
    confirms: bool,
    arrived: Mutex<HashMap<String, Fetched>>,
    /// Changes with each arrival.
    state: watch::Sender<AheadState>,
}

impl Ahead {
    /// Asks the registry, on a task of its own.
    pub(crate) fn begin(packuments: Arc<Packuments>, coming: Arc<Coming>, request: ResolveRequest) -> Ahead {
        let shared = coming.clone();
        let task = tokio::spawn(async move {
            let exchange = packuments.exchange.clone();
            let mut taken = JoinSet::new();
            let outcome = shared.receive(&packuments, &request, &mut taken).await;
            if outcome.as_ref().is_err_and(bundle::is_withdrawn) {
                exchange.features.withdraw(&shared.registry, Feature::Resolve);
            }
            let state = if matches!(outcome, Ok(true)) { AheadState::Complete } else { AheadState::Partial };
            shared.state.send_replace(state);
            while taken.join_next().await.is_some() {}
        });
        Ahead { coming, task: task.abort_handle() }
    }

    /// How far it is.
    pub fn state(&self) -> AheadState {
        *self.coming.state.borrow()
    }
}

impl Drop for Ahead {
    fn drop(&mut self) {
        self.task.abort();
        // whoever still waits asks for it
        self.coming.state.send_if_modified(|state| {
            let is_cut_off = *state == AheadState::Coming;
            if is_cut_off {
                *state = AheadState::Partial;
            }
            is_cut_off
        });
    }
}

impl Coming {
    pub(crate) fn new(registry: Url, kind: PackumentKind, confirms: bool) -> Arc<Coming> {
        let state = watch::Sender::new(AheadState::Coming);
        Arc::new(Coming { registry, kind, confirms, arrived: Mutex::default(), state })
    }

    /// Whether a packument may come, or be confirmed where one is kept.
    pub(crate) fn may_bring(&self, registry: &Url, kind: PackumentKind, is_kept: bool) -> bool {
        self.registry == *registry && self.kind == kind && (self.confirms || !is_kept)
    }

    /// The answer about a package, when it comes; `None` when it does not.
    pub(crate) async fn wait_for(&self, name: &str) -> Option<Fetched> {
        let mut state = self.state.subscribe();
        loop {
            let is_over = *state.borrow_and_update() != AheadState::Coming;
            let arrived = self.arrived.lock().unwrap_or_else(PoisonError::into_inner).remove(name);
            if arrived.is_some() || is_over {
                return arrived;
            }
            tokio::time::timeout(PATIENCE, state.changed()).await.ok()?.ok()?;
        }
    }

    /// Takes in what comes; whether the registry went to the end.
    async fn receive(
        &self,
        packuments: &Arc<Packuments>,
        request: &ResolveRequest,
        taken: &mut JoinSet<()>,
    ) -> Result<bool, RegistryError> {
        let exchange = &packuments.exchange;
        let limit = exchange.options.max_metadata_bytes;
        let mut bundle =
            bundle::open(exchange, &self.registry, PATH, request, Priority::Metadata, limit).await?;
        let mut count = 0;
        while let Some(BundledEntry { head, content }) = bundle.next().await? {
            count += 1;
            if count > MOST {
                return Ok(false);
            }
            let is_packument = head.file.is_none() && head.version.is_none();
            let status = StatusCode::from_u16(head.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            let is_told = status == StatusCode::OK || (self.confirms && status == StatusCode::NOT_MODIFIED);
            // a name of another registry's is that one's to tell about
            let is_theirs = exchange.options.registry_for(&head.name) == Some(&self.registry);
            let Some(body) = content.filter(|_| is_packument && is_told && is_theirs) else { continue };
            let fetched = Fetched { status, headers: headers(&head.headers), body };
            self.arrived.lock().unwrap_or_else(PoisonError::into_inner).insert(head.name.clone(), fetched);
            self.state.send_modify(|_| {});
            let (packuments, name, kind) = (packuments.clone(), head.name, self.kind);
            // so it is indexed by the time it is wanted; what is wrong with it shows then
            taken.spawn(async move { drop(packuments.get(&name, kind).await) });
        }
        Ok(bundle.is_complete())
    }
}

/// The form that is asked for.
pub(crate) fn form_of(kind: PackumentKind) -> PackumentForm {
    match kind {
        PackumentKind::Full => PackumentForm::Full,
        PackumentKind::Abbreviated => PackumentForm::Abbreviated,
    }
}

/// The headers of an entry; what is none is left out.
fn headers(pairs: &[(String, String)]) -> HeaderMap {
    let parsed = pairs.iter().filter_map(|(name, value)| {
        Some((HeaderName::try_from(name.as_str()).ok()?, HeaderValue::try_from(value.as_str()).ok()?))
    });
    parsed.collect()
}
