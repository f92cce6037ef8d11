//! The registry under test, by a configuration file, with its own side in reach.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::Timestamp;
use registry_server::settings::RegistrySettings;
use registry_server::{HostedOptions, Registry, ServingOptions};
use serde_json::Value;
use tempfile::TempDir;
use test_support::plain_http::{Answer, send};
use test_support::{FixturePackage, Keeping, publication};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

/// A registry on loopback whose clock stands still unless it is moved; ends when dropped.
pub struct Served {
    pub registry: Registry,
    pub runtime: Runtime,
    pub folder: TempDir,
    address: SocketAddr,
    clock: Arc<AtomicI64>,
}

impl Served {
    /// One by the text of a configuration file.
    pub fn by(text: &str) -> Served {
        Served::keeping(Keeping::Embedded, text, |_| {})
    }

    /// The same with what it keeps kept in some way, and other options.
    pub fn keeping(keeping: Keeping, text: &str, change: impl FnOnce(&mut HostedOptions)) -> Served {
        let environment = |name: &str| (name == "SECRET").then(|| "a secret of the test".to_owned());
        let settings = RegistrySettings::parse(Path::new("registry.toml"), text, &environment);
        let settings = settings.unwrap_or_else(|error| panic!("{error:#?}"));
        let folder = tempfile::tempdir().expect("a folder");
        let start: Timestamp = "2026-01-10T00:00:00Z".parse().expect("a time");
        let clock = Arc::new(AtomicI64::new(start.as_millisecond()));
        let told = clock.clone();
        let mut options = keeping.options(folder.path());
        options.clock =
            Arc::new(move || Timestamp::from_millisecond(told.load(Ordering::SeqCst)).expect("a time"));
        let (hash_cost, storage) = (options.accounts.hash_cost, options.storage.clone());
        options = registry_server::options(&settings, options.clock.clone());
        options.storage = storage;
        options.accounts.hash_cost = hash_cost;
        options.everyone = Some("ann".to_owned());
        change(&mut options);
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        let runtime = runtime.expect("a runtime");
        let (registry, address) = runtime.block_on(async {
            let registry = Registry::open(&options).await.expect("a registry");
            let registry = registry.governed(&settings).expect("rules").reached(&settings.server);
            let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port on loopback");
            let address = listener.local_addr().expect("the address of the socket");
            let router = registry_server::router(registry.clone());
            tokio::spawn(async move {
                let options = ServingOptions::default();
                let served = registry_server::serve(listener, router, &options, std::future::pending());
                served.await.expect("a working listener");
            });
            (registry, address)
        });
        Served { registry, runtime, folder, address, clock }
    }

    /// Moves the clock.
    pub fn pass(&self, seconds: i64) {
        self.clock.fetch_add(seconds * 1000, Ordering::SeqCst);
    }

    pub fn host(&self) -> String {
        self.address.to_string()
    }

    #[track_caller]
    pub fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], b"")
    }

    #[track_caller]
    pub fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        send(&self.host(), method, path, headers, body)
    }

    /// Sends a JSON body.
    #[track_caller]
    pub fn json(&self, method: &str, path: &str, body: &Value) -> Answer {
        let headers = [("Content-Type", "application/json")];
        self.send(method, path, &headers, body.to_string().as_bytes())
    }

    #[track_caller]
    pub fn publish(&self, package: &FixturePackage) {
        let path = format!("/{}", package.name().replace('/', "%2f"));
        let answer = self.json("PUT", &path, &publication(package));
        assert_eq!(answer.status, 201, "{}", answer.text());
    }
}
