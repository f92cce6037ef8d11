//! npm's registry API over HTTP, and the storage behind it.
//!
//! Owns: the routes clients of npm's protocol use, the rendering of packuments, where packages are kept, which names
//! belong where, which versions are seen, and the registry's configuration file.
//! Does not own: resolution, the client's side of the protocol, printing.
//!
//! Invariant: answering a GET never parses JSON. Documents are rendered when they are stored (or first read from
//! disk) and answered by copying bytes; only the addresses of tarballs are spliced in, at recorded offsets.

mod accounts;
mod advisories;
mod blobs;
mod database;
mod downloads;
mod error;
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzzing;
mod hooks;
mod hosted;
mod http;
mod identity;
pub mod names;
pub mod operations;
mod packument;
pub mod pages;
pub mod policy;
mod proxy;
mod publish;
mod running;
mod search;
mod server;
mod serving;
pub mod settings;
mod signing;
mod storage;
mod trouble;

pub use accounts::{AccountOptions, FirstAdministrator, TrustedIssuer};
pub use advisories::{AdvisorySource, ImportedAdvisories};
pub use error::RegistryError;
pub use hooks::HookOptions;
pub use hosted::{Clock, HostedOptions};
pub use http::PublicUrl;
pub use identity::limit::Allowance;
pub use identity::oidc::Provider;
pub use identity::password::HashCost;
pub use identity::redact::{Secret, redact};
pub use npm_formats::package_name::PackageName;
pub use packument::{Form, Packument, compact_json};
pub use proxy::{Download, UpstreamDown};
pub use running::{Started, open, options, run};
pub use server::{Registry, router};
pub use serving::{ServingOptions, serve};
pub use storage::{
    Blob, DirectoryStorage, Explained, ExplainedTag, ExplainedVersion, MemoryStorage, Storage,
};
