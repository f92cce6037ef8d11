//! A registry on loopback that accepts packages, in each of the ways it can keep them.

use std::net::{SocketAddr, TcpListener};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use registry_client::Secret;
use registry_server::settings::{BlobLocation, DatabaseLocation, StorageSettings};
use registry_server::{
    AccountOptions, AdvisorySource, FirstAdministrator, HashCost, HookOptions, HostedOptions, Registry,
    ServingOptions,
};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::oneshot;

use crate::FixturePackage;
use crate::fixture::shasum_of;
use crate::plain_http::{Answer, send};

/// Bundles that a registry under test answers at once.
const BUNDLES: u32 = 4;

/// How a registry keeps things.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeping {
    /// SQLite and a folder.
    Embedded,
    /// PostgreSQL and an S3-compatible store: those that `xtask/registry-services.sh` starts.
    Scaled,
}

impl Keeping {
    /// Every way that can be tried here: the scaled one where `KNIT_TEST_POSTGRES` (a URL without a database) and
    /// `KNIT_TEST_S3` (a server's URL) say where its services are. `make test` says so.
    pub fn all() -> Vec<Keeping> {
        let has = |name| std::env::var_os(name).is_some();
        let scaled = has("KNIT_TEST_POSTGRES") && has("KNIT_TEST_S3");
        [Keeping::Embedded].into_iter().chain(scaled.then_some(Keeping::Scaled)).collect()
    }

    /// A place that nobody else uses; `folder` is where an embedded one is.
    pub fn options(self, folder: &std::path::Path) -> HostedOptions {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let unique = format!("knit_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let mut storage = StorageSettings::default();
        match self {
            Keeping::Embedded => {
                storage.database = DatabaseLocation::Sqlite(folder.join("registry.db"));
                storage.blobs = BlobLocation::Folder(folder.join("blobs"));
            }
            Keeping::Scaled => {
                let server = std::env::var("KNIT_TEST_POSTGRES").expect("where PostgreSQL is");
                let store = std::env::var("KNIT_TEST_S3").expect("where an S3-compatible store is");
                let made = Command::new("psql")
                    .args([&format!("{server}/postgres"), "-qc", &format!("CREATE DATABASE {unique}")])
                    .status();
                assert!(made.expect("psql").success(), "no database could be made");
                let (database, blobs) = (format!("{server}/{unique}"), format!("s3://knit/{unique}"));
                storage.database = DatabaseLocation::parse(&database, folder).expect("a URL");
                storage.blobs = BlobLocation::parse(&blobs, folder).expect("a URL");
                storage.s3.endpoint = Some(store.parse().expect("a URL"));
                storage.s3.access_key = Some(Secret::new("test"));
                storage.s3.secret_key = Some(Secret::new("test"));
            }
        }
        HostedOptions {
            storage,
            max_publication: 64 << 20,
            everyone: Some("ann".to_owned()),
            // as cheap as they can be: tests log in often
            accounts: AccountOptions {
                hash_cost: HashCost { kibibytes: 64, passes: 1 },
                ..AccountOptions::default()
            },
            advisories: AdvisorySource::default(),
            hooks: HookOptions::default(),
            clock: Arc::new(jiff::Timestamp::now),
        }
    }
}

/// The registry under test; stops when dropped.
pub struct HostedRegistry {
    address: SocketAddr,
    options: HostedOptions,
    /// Removed with the last of its replicas.
    folder: Arc<TempDir>,
    administrator: Option<FirstAdministrator>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl HostedRegistry {
    /// An empty one.
    pub fn start(keeping: Keeping) -> HostedRegistry {
        let folder = Arc::new(tempfile::tempdir().expect("a folder"));
        let options = keeping.options(folder.path());
        HostedRegistry::run(folder, options)
    }

    /// An embedded one, with other options than usual.
    pub fn with(change: impl FnOnce(&mut HostedOptions)) -> HostedRegistry {
        HostedRegistry::keeping(Keeping::Embedded, change)
    }

    /// One that keeps things in some way, with other options than usual.
    pub fn keeping(keeping: Keeping, change: impl FnOnce(&mut HostedOptions)) -> HostedRegistry {
        let folder = Arc::new(tempfile::tempdir().expect("a folder"));
        let mut options = keeping.options(folder.path());
        change(&mut options);
        HostedRegistry::run(folder, options)
    }

    /// Another process's worth of server over the same database and the same store.
    pub fn replica(&self) -> HostedRegistry {
        HostedRegistry::run(self.folder.clone(), self.options.clone())
    }

    fn run(folder: Arc<TempDir>, options: HostedOptions) -> HostedRegistry {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port on loopback");
        listener.set_nonblocking(true).expect("a socket that does not block");
        let address = listener.local_addr().expect("the address of the socket");
        let (stop, stopped) = oneshot::channel::<()>();
        let (opened, is_open) = std::sync::mpsc::channel();
        let opening = options.clone();
        let thread = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .worker_threads(2)
                .enable_all()
                .build()
                .expect("a runtime");
            runtime.block_on(async move {
                let registry = Registry::open(&opening).await.expect("a registry");
                let administrator = match opening.everyone {
                    Some(_) => None,
                    None => registry.first_administrator().await.expect("an administrator"),
                };
                let _ = opened.send(administrator);
                let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
                let offering = registry.clone().with_bundles(BUNDLES);
                let router = registry_server::router(offering);
                let options =
                    ServingOptions { shutdown_grace: Duration::from_secs(2), ..ServingOptions::default() };
                let stopped = async { drop(stopped.await) };
                registry_server::serve(listener, router, &options, stopped)
                    .await
                    .expect("a working listener");
                registry.close().await;
            });
            runtime.shutdown_background();
        });
        // what went wrong else has been printed by its thread
        let administrator = is_open.recv().expect("a registry that opens");
        HostedRegistry { address, options, folder, administrator, stop: Some(stop), thread: Some(thread) }
    }

    /// How it keeps things, for what is done to it beside serving.
    pub fn options(&self) -> &HostedOptions {
        &self.options
    }

    /// Whom its first start made, where nobody is everybody.
    pub fn administrator(&self) -> Option<&FirstAdministrator> {
        self.administrator.as_ref()
    }

    /// Its address with a slash at the end, as `registry=` wants it.
    pub fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// Its host and port.
    pub fn host(&self) -> String {
        self.address.to_string()
    }

    /// Asks for something.
    #[track_caller]
    pub fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &Value::Null)
    }

    /// Sends a JSON body, none for null.
    #[track_caller]
    pub fn send(&self, method: &str, path: &str, body: &Value) -> Answer {
        self.send_with(&[], method, path, body)
    }

    /// The same with a token.
    #[track_caller]
    pub fn send_as(&self, token: &str, method: &str, path: &str, body: &Value) -> Answer {
        self.send_with(&[("Authorization", &format!("Bearer {token}"))], method, path, body)
    }

    /// The same with further headers.
    #[track_caller]
    pub fn send_with(&self, headers: &[(&str, &str)], method: &str, path: &str, body: &Value) -> Answer {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let headers = [&[("Content-Type", "application/json")], headers].concat();
        send(&self.host(), method, path, &headers, body.as_bytes())
    }

    /// Publishes as npm does.
    #[track_caller]
    pub fn publish(&self, package: &FixturePackage) -> Answer {
        self.send("PUT", &format!("/{}", package.name().replace('/', "%2f")), &publication(package))
    }
}

impl Drop for HostedRegistry {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // what it panicked with has been printed
            let _ = thread.join();
        }
    }
}

/// The body that npm publishes a package with, under the tag `latest`.
pub fn publication(package: &FixturePackage) -> Value {
    use base64::Engine as _;
    let (name, version, tarball) = (package.name(), package.version(), package.tarball());
    let mut manifest = package.package_json();
    manifest["_id"] = json!(format!("{name}@{version}"));
    manifest["dist"] = json!({
        "integrity": package.integrity(),
        "shasum": shasum_of(&tarball),
        "tarball": format!("http://registry.example/{name}/-/{name}-{version}.tgz"),
    });
    let data = base64::engine::general_purpose::STANDARD.encode(&tarball);
    json!({
        "_id": name,
        "name": name,
        "dist-tags": { "latest": version },
        "versions": { version: manifest },
        "access": null,
        "_attachments": {
            format!("{name}-{version}.tgz"): {
                "content_type": "application/octet-stream", "data": data, "length": tarball.len(),
            },
        },
    })
}
