//! The rows a registry keeps, in an embedded SQLite or in PostgreSQL, by one set of queries.
//!
//! The dialect is what both understand: `$1` for parameters, TEXT and BIGINT for columns, times as milliseconds since the
//! epoch, `ON CONFLICT` and `RETURNING`. Does not own: tarballs (`blobs`) and how documents look (`packument`).

mod advisories;
pub(crate) mod audit_log;
mod batch;
pub(crate) mod blob_uses;
pub(crate) mod browser_sessions;
mod connection;
mod credentials;
mod downloads;
pub(crate) mod hooks;
pub(crate) mod imported;
pub(crate) mod inspection;
mod listing;
pub(crate) mod login_sessions;
pub(crate) mod organisations;
pub(crate) mod package_access;
mod packages;
mod presence;
pub(crate) mod schema;
mod sealed;
mod secrets;
pub(crate) mod staged_versions;
pub(crate) mod teams;
pub(crate) mod tokens;
pub(crate) mod trusted_publishers;
mod upstream;
mod upstream_room;
mod upstream_summaries;
mod usage;
pub(crate) mod users;

use std::fs::File;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::str::FromStr;
use std::sync::Once;
use std::time::Duration;

pub(crate) use audit_log::AuditEntry;
use batch::Batch;
pub(crate) use browser_sessions::{NewSession, SessionRow, SessionStage};
use connection::Connections;
pub(crate) use connection::{Connection, Writing};
use credentials::Bearer;
pub(crate) use downloads::Downloaded;
pub(crate) use hooks::{Delivery, Hook, NewDelivery};
pub(crate) use listing::{ChangeRow, Listed};
pub(crate) use login_sessions::{LoginProgress, NewLogin};
pub(crate) use organisations::AccountKind;
pub(crate) use packages::{Change, DistTags, NewVersion, PackageRow, Published, VersionRow, create};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use presence::Presence;
use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::{AssertSqlSafe, Executor, SqlSafeStr};
pub(crate) use staged_versions::StagedVersion;
pub(crate) use teams::TeamId;
pub(crate) use tokens::{NewToken, TokenOwner, TokenRow};
pub(crate) use upstream::{UpstreamFile, UpstreamPackumentRow, UpstreamTarballRow};
pub(crate) use upstream_room::{KeptKind, PACKUMENT_ROW, Unmeasured};
pub(crate) use upstream_summaries::{Fetched, UpstreamSummary};
pub(crate) use usage::UpstreamUsage;
pub(crate) use users::{NewUser, UserRow};

use crate::RegistryError;
use crate::settings::DatabaseLocation;

/// An open database; a clone is a handle to the same one.
#[derive(Clone)]
pub(crate) struct Database {
    readers: Connections,
    writers: Connections,
    is_sqlite: bool,
    presences: Batch<Presence>,
    bearers: Batch<Bearer>,
}

/// SQLite's readers do not wait for its one writer.
const READERS: u32 = 4;
const POSTGRES_CONNECTIONS: u32 = 16;

/// How long a statement may take: of SQLite a little more than who writes may have to wait for his turn.
const SQLITE_LIMIT: Duration = Duration::from_secs(40);
const POSTGRES_LIMIT: Duration = Duration::from_secs(15);

/// In this order, each once.
const MIGRATIONS: &[(i64, &str, &str)] = &[
    (1, "packages", include_str!("migrations/0001_packages.sql")),
    (2, "identity", include_str!("migrations/0002_identity.sql")),
    (3, "search", include_str!("migrations/0003_search.sql")),
    (4, "upstream", include_str!("migrations/0004_upstream.sql")),
    (6, "browser sessions", include_str!("migrations/0006_browser_sessions.sql")),
    (7, "advisories", include_str!("migrations/0007_advisories.sql")),
    (8, "services", include_str!("migrations/0008_services.sql")),
    (9, "changes", include_str!("migrations/0009_changes.sql")),
    (10, "packument bound", include_str!("migrations/0010_packument_bound.sql")),
    (11, "upstream summaries", include_str!("migrations/0011_upstream_summaries.sql")),
    (12, "imports", include_str!("migrations/0012_imports.sql")),
];

/// What would end the path in a URL, or mean something else there.
const PATH: &AsciiSet = &CONTROLS.add(b' ').add(b'%').add(b'?').add(b'#');

impl Database {
    /// Opens a database and brings its tables up to date.
    ///
    /// # Errors
    /// One that cannot be reached, is used by a newer version, or whose tables cannot be changed.
    pub async fn open(location: &DatabaseLocation) -> Result<Database, RegistryError> {
        let database = Database::connect(location).await?;
        database.migrate(location, i64::MAX).await?;
        Ok(database)
    }

    /// Opens a database, whatever is in it.
    ///
    /// # Errors
    /// One that cannot be reached.
    pub async fn connect(location: &DatabaseLocation) -> Result<Database, RegistryError> {
        static DRIVERS: Once = Once::new();
        DRIVERS.call_once(sqlx::any::install_default_drivers);
        match location {
            DatabaseLocation::Sqlite(path) => open_sqlite(path).await,
            DatabaseLocation::Postgres(url) => open_postgres(url.reveal()).await,
        }
        .map_err(|source| RegistryError::DatabaseUnusable { location: location.to_string(), source })
    }

    /// Brings the tables to what they were after the migration of that number, or after the last one.
    ///
    /// # Errors
    /// A database that is used by a newer version, or whose tables cannot be changed.
    pub async fn migrate(&self, location: &DatabaseLocation, up_to: i64) -> Result<(), RegistryError> {
        let _turn = match location {
            DatabaseLocation::Sqlite(path) => Some(wait_for_turn(path)?),
            // its server has a lock for this
            DatabaseLocation::Postgres(_) => None,
        };
        migrator(up_to).run(self.writers.unlimited()).await.map_err(|source| RegistryError::Migration {
            location: location.to_string(),
            source: Box::new(source),
        })
    }

    fn over(readers: Connections, writers: Connections, is_sqlite: bool) -> Database {
        Database { readers, writers, is_sqlite, presences: Batch::default(), bearers: Batch::default() }
    }

    /// Whether transactions that write come one after the other.
    pub fn has_one_writer(&self) -> bool {
        self.is_sqlite
    }

    /// What queries that change nothing run on.
    pub fn read(&self) -> &Connections {
        &self.readers
    }

    /// Begins a transaction; it is undone unless committed.
    pub async fn write(&self) -> Result<Writing, RegistryError> {
        if self.is_sqlite {
            // taken at once: a reader that turns writer while another one writes would fail instead of waiting
            return Ok(self.writers.begin("BEGIN IMMEDIATE").await?);
        }
        Ok(self.writers.begin("BEGIN").await?)
    }

    /// Begins to read the database as it is at one moment, however it changes meanwhile.
    pub async fn snapshot(&self) -> Result<Writing, RegistryError> {
        if self.is_sqlite {
            // its readers see what was there when they began
            return Ok(self.readers.begin("BEGIN").await?);
        }
        let mut reading = self.readers.begin("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
        // it holds nobody up, and may be idle for as long as tarballs take
        sqlx::query("SET LOCAL idle_in_transaction_session_timeout = 0").execute(&mut *reading).await?;
        Ok(reading)
    }

    /// Waits until nobody else has a blob in hand, and keeps it until the transaction ends: who names a blob in a row
    /// and who takes away what no row names must not do so at once.
    pub async fn hold_blob(&self, writing: &mut Writing, digest: &str) -> Result<(), RegistryError> {
        if self.is_sqlite {
            // its writers come one after the other anyway
            return Ok(());
        }
        sqlx::query("SELECT CAST(pg_advisory_xact_lock(hashtextextended($1, 0)) AS TEXT)")
            .bind(digest)
            .execute(&mut **writing)
            .await?;
        Ok(())
    }

    /// Asks for nothing, to see whether there is an answer.
    pub async fn answers(&self) -> Result<(), RegistryError> {
        sqlx::query("SELECT 1").execute(self.read()).await?;
        Ok(())
    }

    /// Closes all connections, after which SQLite's file is whole without its log.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writers.close().await;
    }
}

/// `$1, $2, ...`
fn parameters(count: usize) -> String {
    (1..=count).map(|number| format!("${number}")).collect::<Vec<_>>().join(", ")
}

fn migrator(up_to: i64) -> Migrator {
    let migration = |&(version, name, sql): &(i64, &'static str, &'static str)| {
        Migration::new(version, name.into(), MigrationType::Simple, sql.into_sql_str(), false)
    };
    let wanted = MIGRATIONS.iter().filter(|(version, ..)| *version <= up_to);
    Migrator::with_migrations(wanted.map(migration).collect())
}

/// A lock beside SQLite's file, held until dropped: SQLite has none for what takes several transactions.
fn wait_for_turn(database: &Path) -> Result<File, RegistryError> {
    let path = database.with_extension("lock");
    let failed = |source| RegistryError::Io { action: "lock", path: path.clone(), source };
    let file = File::options().create(true).truncate(false).write(true).open(&path).map_err(failed)?;
    file.lock().map_err(failed)?;
    Ok(file)
}

async fn open_sqlite(path: &Path) -> Result<Database, sqlx::Error> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    // nobody else's to read; SQLite's other files get the mode of this one
    File::options().create(true).append(true).mode(0o600).open(path)?;
    let path = path.to_string_lossy();
    let url = format!("sqlite://{}?mode=rwc", utf8_percent_encode(&path, PATH));
    let options = AnyConnectOptions::from_str(&url)?;
    let pool = |connections| {
        AnyPoolOptions::new()
            .max_connections(connections)
            // there is no server that could have gone away
            .test_before_acquire(false)
            .acquire_timeout(Duration::from_secs(30))
            .after_connect(|connection, _| {
                Box::pin(async move {
                    // FULL: a version that was acknowledged is there after the power failed
                    for pragma in [
                        "PRAGMA journal_mode = WAL",
                        "PRAGMA synchronous = FULL",
                        "PRAGMA busy_timeout = 30000",
                        "PRAGMA cache_size = -65536",
                    ] {
                        connection.execute(AssertSqlSafe(pragma)).await?;
                    }
                    Ok(())
                })
            })
    };
    let writers = pool(1).connect_with(options.clone()).await?;
    let readers = pool(READERS).connect_with(options).await?;
    let [readers, writers] = [readers, writers].map(|pool| Connections::new(pool, SQLITE_LIMIT));
    Ok(Database::over(readers, writers, true))
}

async fn open_postgres(url: &str) -> Result<Database, sqlx::Error> {
    let options = AnyConnectOptions::from_str(url)?;
    let pool = AnyPoolOptions::new()
        .max_connections(POSTGRES_CONNECTIONS)
        .acquire_timeout(Duration::from_secs(10))
        .after_connect(|connection, _| {
            Box::pin(async move {
                // what a registry that was cut off holds is let go of, so that the others can go on
                connection.execute("SET idle_in_transaction_session_timeout = '60s'").await?;
                Ok(())
            })
        })
        .connect_with(options)
        .await?;
    let pool = Connections::new(pool, POSTGRES_LIMIT);
    Ok(Database::over(pool.clone(), pool, false))
}
