//! The client: settings in, packuments, tarballs and answers out.

use std::sync::Arc;

use npm_formats::bundle::{MissingRequest, ResolveRequest};
use npm_formats::packument::Packument;
use url::Url;

use crate::ahead::Ahead;
use crate::bundle::{self, BundleStream};
use crate::credentials::Secret;
use crate::error::RegistryError;
use crate::exchange::Exchange;
use crate::features::Feature;
use crate::gate::{Priority, Resolution};
use crate::options::{CachePolicy, ClientOptions};
use crate::packument::{PackumentKind, Packuments};
use crate::request::{ApiRequest, ApiResponse};
use crate::second_factor::{self, KnownCodes, VisitPurpose, WebSession};
use crate::tarball;
use crate::tarball::{TarballRequest, TarballSink, TarballStream};

const MISSING_PATH: &str = "/-/knit/v1/missing";

/// Speaks to registries. Cheap to clone; connections, places and what is known are shared.
///
/// All of its methods need a tokio runtime with timers and I/O.
#[derive(Clone)]
pub struct RegistryClient {
    exchange: Arc<Exchange>,
    packuments: Arc<Packuments>,
    codes: Arc<KnownCodes>,
}

impl RegistryClient {
    /// A client; nothing is connected or read yet.
    ///
    /// # Errors
    /// `InvalidSetting` for proxies that cannot be used; certificates and keys are looked at when first needed.
    pub fn new(options: ClientOptions) -> Result<Self, RegistryError> {
        let exchange = Arc::new(Exchange::new(options)?);
        Ok(RegistryClient { packuments: Packuments::new(exchange.clone()), codes: Arc::default(), exchange })
    }

    /// The settings.
    pub fn options(&self) -> &ClientOptions {
        &self.exchange.options
    }

    /// Reserves half of the places for metadata until the returned value is dropped.
    pub fn begin_resolution(&self) -> Resolution {
        self.exchange.gate.begin_resolution()
    }

    /// The packument of a package: from memory, else from the cache as its policy allows, else asked for, once
    /// however many wait for it. When the registry is out of order, a stale one is better than none, and the
    /// progress hook hears of it.
    ///
    /// # Errors
    /// All of [`RegistryError`] but those of tarballs; `NotCached` only offline.
    pub async fn packument(&self, name: &str, kind: PackumentKind) -> Result<Packument, RegistryError> {
        self.packuments.get(name, kind).await
    }

    /// Whether a packument is in memory, so that it is answered without waiting.
    pub fn has_packument(&self, name: &str, kind: PackumentKind) -> bool {
        self.packuments.has(name, kind)
    }

    /// Whether a registry has said that it answers many requests at once, and may be asked to.
    pub fn offers(&self, registry: &Url, feature: Feature) -> bool {
        let options = self.options();
        let may_ask = options.server_resolution && options.cache_policy != CachePolicy::Offline;
        may_ask && self.exchange.features.offers(registry, feature)
    }

    /// Lets the default registry send the packuments that a resolution will ask for, where it offers that; `None` where
    /// it does not. The names of other registries' packages are not told it. Blocks for a look into the cache.
    pub fn resolve_ahead(&self, kind: PackumentKind, mut request: ResolveRequest) -> Option<Ahead> {
        let registry = self.options().registry_for_scope(None)?;
        if !self.offers(registry, Feature::Resolve) {
            return None;
        }
        request.confirm = self.offers(registry, Feature::Confirm);
        request.wanted.retain(|wanted| self.options().registry_for(&wanted.name) == Some(registry));
        self.packuments.begin_ahead(registry, kind, request)
    }

    /// Many tarballs or manifests of a registry that offers that, in one answer. Their integrity is not checked here.
    ///
    /// # Errors
    /// Whatever keeps the registry from answering. There is another way to get each of them.
    pub async fn missing(
        &self,
        registry: &Url,
        request: &MissingRequest,
    ) -> Result<BundleStream, RegistryError> {
        let priority = match request.tarballs.is_empty() {
            true => Priority::Metadata,
            false => Priority::Tarball { weight: u64::MAX },
        };
        let asked = bundle::open(&self.exchange, registry, MISSING_PATH, request, priority, u64::MAX).await;
        if asked.as_ref().is_err_and(bundle::is_withdrawn) {
            self.exchange.features.withdraw(registry, Feature::Missing);
        }
        asked
    }

    /// Where to fetch a tarball whose recorded address (`resolved` of a lockfile, `dist.tarball`) is this:
    /// `replace-registry-host` applied.
    pub fn tarball_url(&self, recorded: &Url) -> Url {
        tarball::replace_host(&self.exchange.options, recorded)
    }

    /// Delivers a tarball to a sink while it arrives, from the start again when the transfer breaks. Answers
    /// its size in bytes. Its integrity is not checked here.
    ///
    /// # Errors
    /// `Stopped` when the sink stops, `TooLarge` past the request's limit, and all that breaks a transfer.
    pub async fn tarball(
        &self,
        request: &TarballRequest,
        sink: &mut impl TarballSink,
    ) -> Result<u64, RegistryError> {
        tarball::deliver(&self.exchange, request, sink).await
    }

    /// A tarball as a stream of its bytes; a transfer that breaks ends it with an error.
    ///
    /// # Errors
    /// As [`tarball`](Self::tarball).
    pub async fn tarball_stream(&self, request: &TarballRequest) -> Result<TarballStream, RegistryError> {
        tarball::open(&self.exchange, request).await
    }

    /// Any other call. Where the registry wants a second factor, the account holder of the options is asked, and
    /// the call is made again with the answer.
    ///
    /// # Errors
    /// A status of 400 or above, and all that breaks a transfer.
    pub async fn request(&self, request: &ApiRequest) -> Result<ApiResponse, RegistryError> {
        let response = second_factor::call(&self.exchange, &self.codes, request).await?;
        // Source: make-fetch-happen, npm 11.19.1: what was changed is not answered from the cache
        if let Some(package) = request.package.as_deref().filter(|_| !request.method.is_safe()) {
            self.packuments.forget(package);
        }
        Ok(response)
    }

    /// Shows the page of a session to the account holder, and answers the token that the registry gives when the
    /// person is done there.
    ///
    /// # Errors
    /// What the registry refuses, such as a session that took too long, and all that breaks a transfer.
    pub async fn visit(
        &self,
        session: &WebSession,
        registry: Option<&Url>,
        purpose: VisitPurpose,
    ) -> Result<Secret, RegistryError> {
        let holder = self.exchange.options.account_holder.as_ref();
        let _visit = holder.and_then(|holder| holder.visit(&session.page, purpose));
        second_factor::outcome(&self.exchange, session, registry).await
    }

    /// Waits until everything that is to be cached is written. Nothing is lost but time when this is left out.
    pub async fn flush(&self) {
        self.packuments.flush().await;
    }
}
