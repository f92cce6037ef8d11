//! A registry with some packages, its rows and its blobs.

use std::path::PathBuf;
use std::sync::{Arc, Once};

use jiff::{Timestamp, ToSpan};
use registry_server::settings::{BlobLocation, DatabaseLocation};
use registry_server::{HostedOptions, Registry, RegistryError};
use serde_json::{Value, json};
use sqlx::AssertSqlSafe;
use test_support::{FixturePackage, HostedRegistry, Keeping};

/// Waits for the end of something, on a runtime of its own.
pub fn wait<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.expect("a runtime").block_on(work)
}

/// Does something to the registry of some options, as its command line does.
pub fn operate<T>(
    options: &HostedOptions,
    work: impl AsyncFnOnce(&Registry) -> Result<T, RegistryError>,
) -> Result<T, RegistryError> {
    wait(async {
        let registry = Registry::open(options).await?;
        let done = work(&registry).await;
        registry.close().await;
        done
    })
}

/// The same some hours later.
pub fn hours_later(options: &HostedOptions, hours: i64) -> HostedOptions {
    HostedOptions { clock: Arc::new(move || Timestamp::now() + hours.hours()), ..options.clone() }
}

/// Runs statements on the database itself.
pub fn sql(options: &HostedOptions, statements: &[&str]) {
    static DRIVERS: Once = Once::new();
    DRIVERS.call_once(sqlx::any::install_default_drivers);
    let url = match &options.storage.database {
        DatabaseLocation::Sqlite(path) => format!("sqlite://{}", path.display()),
        DatabaseLocation::Postgres(url) => url.reveal().to_owned(),
    };
    wait(async {
        let pool = sqlx::AnyPool::connect(&url).await.expect("a database");
        for statement in statements {
            sqlx::query(AssertSqlSafe(*statement)).execute(&pool).await.expect(statement);
        }
        pool.close().await;
    });
}

/// Files below the folder of an embedded registry's blobs.
pub fn blob_files(options: &HostedOptions) -> Vec<PathBuf> {
    let BlobLocation::Folder(folder) = &options.storage.blobs else { panic!("the blobs are in no folder") };
    let (mut found, mut folders) = (Vec::new(), vec![folder.clone()]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
            match entry.path().is_dir() {
                true => folders.push(entry.path()),
                false => found.push(entry.path()),
            }
        }
    }
    found.sort();
    found
}

pub fn package(name: &str, version: &str) -> FixturePackage {
    FixturePackage::new(name, version).file("index.js", format!("{name} {version}"))
}

#[track_caller]
pub fn publish(registry: &HostedRegistry, name: &str, version: &str) {
    let answer = registry.publish(&package(name, version));
    assert_eq!(answer.status, 201, "{name}@{version}: {}", answer.text());
}

#[track_caller]
pub fn unpublish(registry: &HostedRegistry, name: &str) {
    let path = format!("/{}", name.replace('/', "%2f"));
    let revision = registry.get(&path).json()["_rev"].as_str().expect("a revision").to_owned();
    let answer = registry.send("DELETE", &format!("{path}/-rev/{revision}"), &Value::Null);
    assert_eq!(answer.status, 200, "{}", answer.text());
}

/// A registry with two packages, in one of which something was changed in every way.
pub fn filled(keeping: Keeping) -> HostedRegistry {
    let registry = HostedRegistry::start(keeping);
    for (name, version) in
        [("@acme/tool", "1.0.0"), ("@acme/tool", "1.1.0"), ("other", "2.0.0"), ("gone", "1.0.0")]
    {
        publish(&registry, name, version);
    }
    unpublish(&registry, "gone");
    let tagged = registry.send("PUT", "/-/package/@acme%2ftool/dist-tags/old", &json!("1.0.0"));
    assert_eq!(tagged.status, 201, "{}", tagged.text());
    let mut document = registry.get("/@acme%2ftool").json();
    document["versions"]["1.0.0"]["deprecated"] = json!("use 1.1 \u{2192} \"now\"\n");
    assert_eq!(registry.send("PUT", "/@acme%2ftool", &document).status, 201);
    registry
}

/// What clients see of a package, without the address that they asked.
pub fn seen(registry: &HostedRegistry, path: &str) -> String {
    let answer = registry.get(path);
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    answer.text().replace(&registry.url(), "http://here/")
}

/// Has the tarball of a package that was removed wait for approval: as a row that names it.
pub fn stage_removed(registry: &HostedRegistry, name: &str) {
    let statement = format!(
        "INSERT INTO staged_versions (id, package, version, created, actor, actor_kind, publication, digest, size)
         SELECT 'one', package, '9.0.0', 1, 'ann', 'user', '{{}}', digest, size FROM versions WHERE package = '{name}'"
    );
    sql(registry.options(), &[&statement]);
}
