//! The client: settings in, packuments, tarballs and answers out.

use std::sync::Arc;

use npm_formats::packument::Packument;
use url::Url;

use crate::credentials::Secret;
use crate::error::RegistryError;
use crate::exchange::Exchange;
use crate::gate::Resolution;
use crate::options::ClientOptions;
use crate::packument::{PackumentKind, Packuments};
use crate::request::{ApiRequest, ApiResponse};
use crate::second_factor::{self, KnownCodes, VisitPurpose, WebSession};
use crate::tarball;
use crate::tarball::{TarballRequest, TarballSink, TarballStream};

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
