//! The one error type of this crate.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use crate::policy::Reason;
use crate::proxy::UpstreamDown;
use crate::settings::SettingsProblem;

/// Why a registry could not keep, render or give a package.
///
/// That a package does not exist is no error: storage answers `None`.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// The name could not be the last segment of a tarball's address.
    #[error("\"{file}\" is not a tarball's file name")]
    TarballName { file: String },
    /// The document is not JSON of a packument's shape.
    #[error("the packument of {name} cannot be read")]
    Document { name: String, source: serde_json::Error },
    /// The document belongs to another package.
    #[error("the packument kept for {name} is that of \"{found}\"")]
    DocumentName { name: String, found: String },
    /// A file of the storage could not be read or written.
    #[error("cannot {action} {}", path.display())]
    Io { action: &'static str, path: PathBuf, source: io::Error },
    /// The database could not be opened.
    #[error("cannot use the database {location}")]
    DatabaseUnusable { location: String, source: sqlx::Error },
    /// The database's tables could not be brought up to date.
    #[error("cannot bring the tables of {location} up to date")]
    Migration { location: String, source: Box<sqlx::migrate::MigrateError> },
    /// A query failed.
    #[error("the database did not answer as it should")]
    Database {
        #[from]
        source: sqlx::Error,
    },
    /// A blob could not be written or read.
    #[error("the store of tarballs did not answer as it should")]
    Blobs {
        #[from]
        source: object_store::Error,
    },
    /// Work on another thread ended early.
    #[error("the work was interrupted")]
    Interrupted,
    /// A key of the registry's own is none.
    #[error("the registry's key \"{name}\" cannot be used")]
    Key { name: &'static str },
    /// What the database's secrets were sealed with is not what the settings give.
    #[error(
        "the secrets in the database are sealed by another key than that of storage.secrets_key_file or \
         secrets_key_env, which is missing or was changed"
    )]
    SealingKey,
    /// A row has in it what this version does not write.
    #[error("a row of the table {table} cannot be read: that of {key}")]
    Row { table: &'static str, key: String },
    /// The operating system gives no randomness.
    #[error("the operating system gives no random bytes")]
    Randomness,
    /// A kept password cannot be checked, or a new one not be kept.
    #[error("the password cannot be hashed or checked")]
    Password { source: Box<dyn std::error::Error + Send + Sync> },
    /// The registry has no place to keep anything.
    #[error("this registry only reads what it is given")]
    ReadOnly,
    /// An upstream cannot be used as it is set up.
    #[error("the upstream {upstream} cannot be used as it is set up")]
    Upstream { upstream: String, source: Box<registry_client::RegistryError> },
    /// An upstream could not say what it was asked.
    #[error(transparent)]
    UpstreamDown(#[from] UpstreamDown),
    /// A tarball of an upstream cannot be verified.
    #[error("the upstream does not say what is in the tarball of {name}@{version}")]
    NoIntegrity { name: String, version: String },
    /// The rules say that the name belongs nowhere.
    #[error("packages of the name {name} are refused by the rules of this registry")]
    NameRefused { name: String },
    /// The policy hides the version.
    #[error("{name}@{version} is hidden by the policy of this registry")]
    Hidden { name: String, version: String, reasons: Vec<Reason> },
    /// An error that several requests waited for.
    #[error("{source}")]
    Shared { source: Arc<RegistryError> },
    /// The configuration file has mistakes.
    #[error("{} has {} mistake{}", path.display(), problems.len(), if problems.len() == 1 { "" } else { "s" })]
    Settings { path: PathBuf, problems: Vec<SettingsProblem> },
    /// A certificate or its key.
    #[error("cannot use {} for TLS: {problem}", path.display())]
    Certificate { path: PathBuf, problem: String },
    /// Nothing can be served at the address.
    #[error("cannot listen on {address}")]
    Listen { address: SocketAddr, source: io::Error },
    /// It says nothing of vulnerable versions.
    #[error("{} is no advisory: {problem}", path.display())]
    AdvisoryDocument { path: PathBuf, problem: String },
    /// Users are called otherwise.
    #[error("\"{name}\" is not a name that a user may have")]
    UserName { name: String },
    /// Somebody is named who is not there.
    #[error("there is no user {name}")]
    NoUser { name: String },
    /// A folder is not a backup that can be used.
    #[error("the backup {} cannot be used: {problem}", path.display())]
    Backup { path: PathBuf, problem: String },
    /// A registry that a backup is to be put into has something in it.
    #[error("there are packages or users in {location} already")]
    NotEmpty { location: String },
    /// Another registry's folder is not what it is said to be.
    #[error("{} cannot be imported: {problem}", path.display())]
    Import { path: PathBuf, problem: String },
}
