//! HTTP to npm registries: metadata, tarballs and every other call; credentials, proxies, TLS, retries,
//! bounded and prioritised concurrency.
//!
//! Does not own: what is in a packument (`npm-formats`), whether a tarball is what it should be
//! (`package-store`), where settings come from (`cli`).
//!
//! Registries of knit's own answer many GETs at once where they offer that (`features`, `bundle`, `ahead`).
//!
//! From the bottom: `transport` knows connections; `exchange` one request with credentials, redirects and
//! retries; `packument` (over `cache`), `tarball` and `request` what is asked for; `second_factor` asks the user
//! where a registry wants that; `client` is the face of it all.

mod ahead;
mod answer;
mod bundle;
mod cache;
mod client;
mod credentials;
mod error;
mod exchange;
mod features;
mod gate;
mod name;
mod options;
mod packument;
mod progress;
mod redact;
mod request;
mod retry;
mod second_factor;
mod tarball;
mod transport;
mod workers;

pub use ahead::{Ahead, AheadState};
pub use bundle::{BundleStream, BundledEntry};
pub use cache::{CachedPackument, MetadataCache, VerifiedMetadata};
pub use client::RegistryClient;
pub use credentials::{ClientIdentity, Credential, CredentialTable, Secret};
pub use error::{Refusal, RegistryError, RequestInfo, TimeoutPhase};
pub use features::Feature;
pub use gate::{Priority, Resolution};
pub use name::{escaped as escaped_name, path_segment};
pub use options::{
    CachePolicy, ClientOptions, Clock, CommandHeaders, ProxyOptions, ReplaceRegistryHost, RetryOptions,
    TlsOptions,
};
pub use packument::PackumentKind;
pub use progress::{Progress, RequestId, Stage};
pub use redact::{redact_text, redact_url};
pub use request::{ApiBody, ApiRequest, ApiResponse};
pub use second_factor::{AccountHolder, Visit, VisitPurpose, WebSession};
pub use tarball::{Stopped, TarballRequest, TarballSink, TarballStream};
