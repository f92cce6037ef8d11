//! Downloads of tarballs, counted in memory and written now and then: a download writes nothing itself.
//!
//! Does not own: what counts as a download (`http::tarball`), how counts are told (`http::downloads`).

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::Notify;
use tokio::task::JoinSet;

use crate::database::{Database, Downloaded};
use crate::hosted::Clock;
use crate::{PackageName, RegistryError};

/// How often counts are written: what a process that is killed loses at most.
const INTERVAL: Duration = Duration::from_secs(30);

/// Counts that are kept in memory; more are written at once.
const MOST: usize = 50_000;

/// The downloads of a registry.
pub(crate) struct Downloads {
    counted: Arc<Counted>,
    database: Database,
    clock: Clock,
    /// Writes until this is dropped.
    _writer: JoinSet<()>,
}

#[derive(Default)]
struct Counted {
    numbers: Mutex<HashMap<Downloaded, i64>>,
    is_full: Notify,
    /// Held by who writes, so that nothing is between memory and database when somebody reads both.
    writing: tokio::sync::Mutex<()>,
}

impl Downloads {
    /// Begins to write what is counted, on the runtime that this is called on.
    pub fn open(database: Database, clock: Clock) -> Downloads {
        let counted = Arc::<Counted>::default();
        let mut writer = JoinSet::new();
        let (of, to) = (counted.clone(), database.clone());
        writer.spawn(async move {
            loop {
                let _ = tokio::time::timeout(INTERVAL, of.is_full.notified()).await;
                if let Err(error) = of.write(&to).await {
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        "downloads could not be written"
                    );
                }
            }
        });
        Downloads { counted, database, clock, _writer: writer }
    }

    /// Counts a download.
    pub fn count(&self, package: &PackageName, version: &str) {
        let of = Downloaded {
            package: package.to_string(),
            day: day_of((self.clock)()),
            version: version.to_owned(),
        };
        let mut numbers = self.counted.numbers();
        *numbers.entry(of).or_default() += 1;
        if numbers.len() == MOST {
            self.counted.is_full.notify_one();
        }
    }

    /// Writes what is counted.
    pub async fn flush(&self) -> Result<(), RegistryError> {
        self.counted.write(&self.database).await
    }

    /// The downloads of a package, or of all, on each day of some that has any.
    pub async fn by_day(&self, package: Option<&PackageName>, days: &Days) -> Result<Numbers, RegistryError> {
        let _still = self.counted.writing.lock().await;
        let name = package.map(PackageName::as_str);
        let mut numbers = self.database.downloads_by_day(name, &days.first, &days.last).await?;
        for (of, number) in self.counted.numbers().iter() {
            if days.contain(&of.day) && package.is_none_or(|name| of.package == name.as_str()) {
                *numbers.entry(of.day.clone()).or_default() += number;
            }
        }
        Ok(numbers)
    }

    /// The downloads of each version of a package in some days.
    pub async fn by_version(&self, package: &PackageName, days: &Days) -> Result<Numbers, RegistryError> {
        let _still = self.counted.writing.lock().await;
        let mut numbers =
            self.database.downloads_by_version(package.as_str(), &days.first, &days.last).await?;
        for (of, number) in self.counted.numbers().iter() {
            if days.contain(&of.day) && of.package == package.as_str() {
                *numbers.entry(of.version.clone()).or_default() += number;
            }
        }
        Ok(numbers)
    }
}

/// Numbers by days or versions.
pub(crate) type Numbers = BTreeMap<String, i64>;

/// Some days, the first and the last included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Days {
    pub first: String,
    pub last: String,
}

impl Days {
    /// The last so many days, that of `now` included.
    pub fn last(days: i64, now: Timestamp) -> Days {
        let first = now.checked_sub(SignedDuration::from_hours(24 * (days - 1))).unwrap_or(Timestamp::MIN);
        Days { first: day_of(first), last: day_of(now) }
    }

    fn contain(&self, day: &str) -> bool {
        self.first.as_str() <= day && day <= self.last.as_str()
    }
}

impl Counted {
    fn numbers(&self) -> MutexGuard<'_, HashMap<Downloaded, i64>> {
        self.numbers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn write(&self, database: &Database) -> Result<(), RegistryError> {
        let _turn = self.writing.lock().await;
        let taken: BTreeMap<Downloaded, i64> = std::mem::take(&mut *self.numbers()).into_iter().collect();
        if taken.is_empty() {
            return Ok(());
        }
        let written = database.add_downloads(&taken).await;
        if written.is_err() {
            let mut numbers = self.numbers();
            // while the database is away, new counts are given up before memory is
            for (of, number) in taken.into_iter().take(MOST * 2) {
                *numbers.entry(of).or_default() += number;
            }
        }
        written
    }
}

/// The day of a time, as in `2026-01-31`.
pub(crate) fn day_of(time: Timestamp) -> String {
    time.to_zoned(TimeZone::UTC).date().to_string()
}
