//! The packages of all places by one set of rules: each name at its place, each version as the policy lets it be seen.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::future::BoxFuture;
use jiff::Timestamp;

use super::{Blob, Explanation, Storage};
use crate::database::UpstreamSummary;
use crate::hosted::Clock;
use crate::names::{NameRules, Place};
use crate::policy::{Decision, Mode, Policy, PolicyView, decide, read_facts};
use crate::proxy::memory::Memory;
use crate::proxy::{Kept, Proxy};
use crate::settings::RegistrySettings;
use crate::{Form, PackageName, Packument, RegistryError};

/// What is published here and what upstreams have, governed by rules.
pub(crate) struct GovernedStorage {
    hosted: Arc<dyn Storage>,
    proxies: BTreeMap<String, Proxy>,
    kept: Arc<Kept>,
    names: NameRules,
    policy: Policy,
    clock: Clock,
    views: Mutex<Memory<View>>,
}

/// A packument as clients see it.
#[derive(Clone)]
struct View {
    /// Of what it was made.
    base: Arc<Packument>,
    made: Timestamp,
    decision: Arc<Decision>,
    packument: Arc<Packument>,
}

/// What the policy makes of the latest version that is kept of a package.
pub(crate) enum Seen {
    /// It is shown as it is.
    AsItIs,
    /// This is what clients see.
    Latest(Box<UpstreamSummary>),
    /// No version of it.
    Nothing,
}

/// How new a packument has to be.
#[derive(Clone, Copy)]
enum Wanted {
    Usual,
    Lately,
    /// However old, as long as no upstream is asked.
    Kept,
}

impl GovernedStorage {
    /// Governs what is published here, and fetches from the upstreams of the settings what the rules say.
    ///
    /// Errors: an upstream that cannot be used as it is set up.
    pub fn new(
        hosted: Arc<dyn Storage>,
        settings: &RegistrySettings,
        kept: Kept,
        clock: Clock,
    ) -> Result<GovernedStorage, RegistryError> {
        let kept = Arc::new(kept);
        let proxies = settings.upstreams.iter().map(|upstream| {
            let proxy = Proxy::new(upstream.clone(), &settings.cache, kept.clone())?;
            Ok((upstream.name.clone(), proxy))
        });
        Ok(GovernedStorage {
            hosted,
            proxies: proxies.collect::<Result<_, RegistryError>>()?,
            kept,
            names: settings.names.clone(),
            policy: settings.policy.clone(),
            clock,
            views: Mutex::default(),
        })
    }

    /// Where a name belongs.
    pub fn place(&self, name: &PackageName) -> &Place {
        self.names.place(name)
    }

    /// Which names belong where.
    pub fn names(&self) -> &NameRules {
        &self.names
    }

    /// What versions must be like to be seen.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// What the policy made of the packages that somebody asked for lately.
    pub fn lately_judged(&self) -> Vec<(PackageName, Arc<Decision>)> {
        self.views().iter().map(|(name, view)| (name.clone(), view.decision.clone())).collect()
    }

    /// What is kept of all upstreams.
    pub fn kept(&self) -> &Kept {
        &self.kept
    }

    /// The upstreams, by name.
    pub fn proxies(&self) -> impl Iterator<Item = &Proxy> {
        self.proxies.values()
    }

    /// The upstream that a name comes from.
    pub fn proxy(&self, name: &PackageName) -> Option<&Proxy> {
        match self.place(name) {
            Place::Upstream(upstream) => self.proxies.get(&**upstream),
            Place::Here | Place::Refused => None,
        }
    }

    /// Why clients see what they see of a package; `None` where there is none.
    ///
    /// Errors: as for its packument.
    pub async fn explain(&self, name: &PackageName) -> Result<Option<Explanation>, RegistryError> {
        match self.base(name, Wanted::Usual).await? {
            Some(base) => self.explanation(name, &base).await.map(Some),
            None => Ok(None),
        }
    }

    /// The same of what is kept, without asking an upstream.
    ///
    /// Errors: a database or a store that does not answer.
    pub async fn explain_kept(&self, name: &PackageName) -> Result<Option<Explanation>, RegistryError> {
        let base = match (self.place(name), self.proxy(name)) {
            (Place::Here, _) => self.hosted.packument(name).await?,
            (_, Some(proxy)) => proxy.kept_packument(name).await?,
            (_, None) => None,
        };
        match base {
            Some(base) => self.explanation(name, &base).await.map(Some),
            None => Ok(None),
        }
    }

    async fn explanation(&self, name: &PackageName, base: &Packument) -> Result<Explanation, RegistryError> {
        let place = self.place(name).clone();
        let (own, of) = (place == Place::Here, name.clone());
        let document = base.document(Form::Full, "");
        let reading = tokio::task::spawn_blocking(move || read_facts(&of, own, &document));
        let facts = reading.await.map_err(|_| RegistryError::Interrupted)??;
        let decision = Arc::new(decide(&self.policy, &facts, (self.clock)()));
        Ok(Explanation { place, facts, decision })
    }

    /// Everything that there is of a package.
    async fn base(
        &self,
        name: &PackageName,
        wanted: Wanted,
    ) -> Result<Option<Arc<Packument>>, RegistryError> {
        match (self.place(name), wanted) {
            (Place::Here, _) => self.hosted.packument(name).await,
            (Place::Refused, _) => Err(RegistryError::NameRefused { name: name.to_string() }),
            (Place::Upstream(upstream), wanted) => {
                let proxy = self.proxies.get(&**upstream).ok_or(RegistryError::Interrupted)?;
                match wanted {
                    Wanted::Usual => proxy.packument(name).await,
                    Wanted::Lately => proxy.packument_lately(name).await,
                    Wanted::Kept => proxy.kept_packument(name).await,
                }
            }
        }
    }

    /// What clients see of the latest version of an upstream's package whose packument is kept. No upstream is asked.
    ///
    /// Errors: a database or a store that does not answer.
    pub async fn seen_of_kept(&self, name: &PackageName) -> Result<Seen, RegistryError> {
        if !self.policy.concerns(name, false) {
            return Ok(Seen::AsItIs);
        }
        let Some(view) = self.view(name, Wanted::Kept).await? else { return Ok(Seen::Nothing) };
        if view.decision.changes_nothing() {
            return Ok(Seen::AsItIs);
        }
        let document = view.packument.document(Form::Full, "");
        let reading = tokio::task::spawn_blocking(move || crate::proxy::summary_of(&document));
        let summary = reading.await.map_err(|_| RegistryError::Interrupted)?;
        Ok(summary.map_or(Seen::Nothing, |summary| Seen::Latest(Box::new(summary))))
    }

    async fn view(&self, name: &PackageName, wanted: Wanted) -> Result<Option<View>, RegistryError> {
        let Some(base) = self.base(name, wanted).await? else { return Ok(None) };
        let own = *self.place(name) == Place::Here;
        let now = (self.clock)();
        if !self.policy.concerns(name, own) {
            return Ok(Some(View { packument: base.clone(), base, made: now, decision: Arc::default() }));
        }
        let made = self.views().get(name);
        if let Some(view) = made.filter(|view| view.holds(&base, now)) {
            return Ok(Some(view));
        }
        let (policy, of) = (self.policy.clone(), name.clone());
        let making = tokio::task::spawn_blocking(move || View::make(&policy, &of, own, base, now));
        let view = making.await.map_err(|_| RegistryError::Interrupted)??;
        if self.policy.mode == Mode::Observe {
            for (version, reasons) in &view.decision.reasons {
                let reasons: Vec<&str> = reasons.iter().map(|reason| reason.code()).collect();
                tracing::info!(package = %name, %version, ?reasons, "the policy would hide a version");
            }
        }
        // the base is shared with who keeps it
        self.views().put(name, view.clone(), view.packument.memory());
        Ok(Some(view))
    }

    fn views(&self) -> MutexGuard<'_, Memory<View>> {
        self.views.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl View {
    fn make(
        policy: &Policy,
        name: &PackageName,
        own: bool,
        base: Arc<Packument>,
        now: Timestamp,
    ) -> Result<View, RegistryError> {
        let document = base.document(Form::Full, "");
        let decision = Arc::new(decide(policy, &read_facts(name, own, &document)?, now));
        let packument = if decision.changes_nothing() {
            base.clone()
        } else {
            let seen = PolicyView::new(decision.clone()).document(name, &document)?.into_owned();
            Arc::new(Packument::render(name, &seen)?)
        };
        Ok(View { base, made: now, decision, packument })
    }

    /// Whether it is still what clients see.
    fn holds(&self, base: &Arc<Packument>, now: Timestamp) -> bool {
        let same = Arc::ptr_eq(&self.base, base) || self.base.digest(Form::Full) == base.digest(Form::Full);
        same && self.made <= now && self.decision.holds_until.is_none_or(|until| now < until)
    }
}

impl Storage for GovernedStorage {
    fn packument<'a>(
        &'a self,
        name: &'a PackageName,
    ) -> BoxFuture<'a, Result<Option<Arc<Packument>>, RegistryError>> {
        Box::pin(async move { Ok(self.view(name, Wanted::Usual).await?.map(|view| view.packument)) })
    }

    fn packument_lately<'a>(
        &'a self,
        name: &'a PackageName,
    ) -> BoxFuture<'a, Result<Option<Arc<Packument>>, RegistryError>> {
        Box::pin(async move { Ok(self.view(name, Wanted::Lately).await?.map(|view| view.packument)) })
    }

    fn tarball<'a>(
        &'a self,
        name: &'a PackageName,
        file: &'a str,
    ) -> BoxFuture<'a, Result<Option<Blob>, RegistryError>> {
        Box::pin(async move {
            let proxy = match self.place(name) {
                Place::Refused => return Err(RegistryError::NameRefused { name: name.to_string() }),
                Place::Here => None,
                Place::Upstream(_) => self.proxy(name),
            };
            if self.policy.concerns(name, proxy.is_none()) {
                for wanted in [Wanted::Usual, Wanted::Lately] {
                    let Some(view) = self.view(name, wanted).await? else { continue };
                    let Some(version) = view.base.tarball_version(file) else { continue };
                    if let Some(reasons) = view.decision.hidden(version) {
                        return Err(RegistryError::Hidden {
                            name: name.to_string(),
                            version: version.to_owned(),
                            reasons: reasons.to_vec(),
                        });
                    }
                    break;
                }
            }
            match proxy {
                None => self.hosted.tarball(name, file).await,
                Some(proxy) => proxy.tarball(name, file).await,
            }
        })
    }
}
