//! What a registry has that accepts packages.

use std::sync::Arc;

use jiff::Timestamp;

use crate::RegistryError;
use crate::accounts::{AccountOptions, Accounts};
use crate::advisories::AdvisorySource;
use crate::blobs::Blobs;
use crate::database::Database;
use crate::downloads::Downloads;
use crate::hooks::{HookOptions, Hooks};
use crate::identity::sealing::Sealing;
use crate::search::Search;
use crate::settings::StorageSettings;
use crate::signing::SigningKey;

/// Tells the time.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Where a registry keeps things, and what it allows.
#[derive(Clone)]
pub struct HostedOptions {
    pub storage: StorageSettings,
    /// Bytes that the body of a publication may have; its tarball is three quarters of them.
    pub max_publication: usize,
    /// Whose name everybody has who changes something without saying who he is; none where nobody may.
    pub everyone: Option<String>,
    pub accounts: AccountOptions,
    /// Who is asked what is known against packages.
    pub advisories: AdvisorySource,
    pub hooks: HookOptions,
    pub clock: Clock,
}

/// Database, blobs and keys of a registry that accepts packages.
pub(crate) struct Hosted {
    pub database: Database,
    pub blobs: Blobs,
    pub signing: SigningKey,
    pub search: Search,
    /// Where rows and tarballs are, for those who run the registry.
    pub storage: StorageSettings,
    pub max_publication: usize,
    pub everyone: Option<String>,
    pub accounts: Accounts,
    pub advisories: AdvisorySource,
    pub downloads: Downloads,
    pub hooks: Hooks,
    pub sealing: Arc<Sealing>,
    pub clock: Clock,
}

impl Hosted {
    /// Opens everything, and makes what is missing.
    pub async fn open(options: &HostedOptions) -> Result<Hosted, RegistryError> {
        let database = Database::open(&options.storage.database).await?;
        let blobs = Blobs::open(&options.storage)?;
        let sealing = Arc::new(Sealing::new(options.storage.secrets_key.as_ref())?);
        database.seal_secrets(&sealing).await?;
        let signing = SigningKey::open(&database, &sealing).await?;
        let accounts = Accounts::new(&options.accounts)?;
        let HostedOptions { storage, max_publication, everyone, advisories, clock, .. } = options.clone();
        let search = Search::new(clock.clone());
        let downloads = Downloads::open(database.clone(), clock.clone());
        let (of, rules) = (database.clone(), accounts.rules());
        let hooks = Hooks::open(of, clock.clone(), rules, sealing.clone(), options.hooks);
        Ok(Hosted {
            database,
            blobs,
            signing,
            search,
            storage,
            max_publication,
            everyone,
            accounts,
            advisories,
            downloads,
            hooks,
            sealing,
            clock,
        })
    }

    /// Milliseconds since the epoch.
    pub fn now(&self) -> i64 {
        (self.clock)().as_millisecond()
    }
}
