//! The registry under test, with an upstream of the test's.

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::thread::{self, JoinHandle};

use jiff::Timestamp;
use registry_server::settings::RegistrySettings;
use registry_server::{HostedOptions, Registry, ServingOptions};
use serde_json::Value;
use tempfile::TempDir;
use test_support::plain_http::{Answer, request, send};
use test_support::{FixturePackage, Keeping, hosted::publication};
use tokio::sync::oneshot;

/// What every name that is not ours comes from.
pub const FROM_UPSTREAM: &str = r#"
[names]
rules = [{ names = "@ours/*", from = "here" }, { names = "@no/*", from = "refused" }, { names = "*", from = "up" }]
"#;

/// A registry on loopback whose clock stands still unless it is moved; stops when dropped.
pub struct Proxied {
    address: SocketAddr,
    pub folder: Arc<TempDir>,
    options: HostedOptions,
    settings: RegistrySettings,
    clock: Arc<AtomicI64>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Proxied {
    /// One that fetches from `upstream` (an address), with further settings.
    pub fn of(upstream: &str, more: &str) -> Proxied {
        Proxied::keeping(Keeping::Embedded, upstream, more)
    }

    /// The same with what it keeps kept in some way. `more` begins with keys of the upstream.
    pub fn keeping(keeping: Keeping, upstream: &str, more: &str) -> Proxied {
        let names = if more.contains("[names]") { "" } else { FROM_UPSTREAM };
        let text = format!("[[upstream]]\nname = \"up\"\nurl = \"{upstream}\"\n{more}\n{names}");
        let environment = |name: &str| (name == "TOKEN").then(|| "upstream-secret".to_owned());
        let settings = RegistrySettings::parse(Path::new("registry.toml"), &text, &environment);
        let settings = settings.unwrap_or_else(|error| panic!("{error:#?}"));
        let folder = Arc::new(tempfile::tempdir().expect("a folder"));
        let start: Timestamp = "2026-01-10T00:00:00Z".parse().expect("a time");
        let clock = Arc::new(AtomicI64::new(start.as_millisecond()));
        let told = clock.clone();
        let mut options = keeping.options(folder.path());
        options.clock =
            Arc::new(move || Timestamp::from_millisecond(told.load(Ordering::SeqCst)).expect("a time"));
        Proxied::run(folder, options, settings, clock)
    }

    fn run(
        folder: Arc<TempDir>,
        options: HostedOptions,
        settings: RegistrySettings,
        clock: Arc<AtomicI64>,
    ) -> Proxied {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port on loopback");
        listener.set_nonblocking(true).expect("a socket that does not block");
        let address = listener.local_addr().expect("the address of the socket");
        let (stop, stopped) = oneshot::channel::<()>();
        let (opening, governing) = (options.clone(), settings.clone());
        let thread = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
            let runtime = runtime.expect("a runtime");
            runtime.block_on(async move {
                let registry = Registry::open(&opening).await.expect("a registry");
                let registry = registry.with_bundles(4).governed(&governing).expect("rules");
                let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
                let (router, options) =
                    (registry_server::router(registry.clone()), ServingOptions::default());
                tokio::select! {
                    served = registry_server::serve(listener, router, &options, std::future::pending()) => {
                        served.expect("a working listener");
                    }
                    _ = stopped => {}
                }
                registry.close().await;
            });
            runtime.shutdown_background();
        });
        Proxied { address, folder, options, settings, clock, stop: Some(stop), thread: Some(thread) }
    }

    /// Another process's worth of server over what this one has kept, after it stopped.
    pub fn restarted(mut self) -> Proxied {
        self.halt();
        Proxied::run(self.folder.clone(), self.options.clone(), self.settings.clone(), self.clock.clone())
    }

    /// Makes an administrator; the password.
    pub fn administrator(&self, name: &str) -> String {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.expect("a runtime").block_on(async {
            let registry = Registry::open(&self.options).await.expect("the same registry");
            let password = registry.add_user(name, "", true).await.expect("a user").expect("a new user");
            registry.close().await;
            password.reveal().to_owned()
        })
    }

    pub fn host(&self) -> String {
        self.address.to_string()
    }

    /// How things are kept.
    pub fn options(&self) -> &HostedOptions {
        &self.options
    }

    /// The value of a line of the metrics.
    pub fn number(&self, line: &str) -> Option<f64> {
        let metrics = self.get("/-/metrics").text();
        let value = metrics.lines().find_map(|found| found.strip_prefix(line)?.strip_prefix(' '));
        value.map(|value| value.parse().expect("a number"))
    }

    /// Moves the clock, forwards or backwards.
    pub fn pass(&self, seconds: i64) {
        self.clock.fetch_add(seconds * 1000, Ordering::SeqCst);
    }

    #[track_caller]
    pub fn get(&self, path: &str) -> Answer {
        self.get_with(path, &[])
    }

    #[track_caller]
    pub fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        request(&self.host(), "GET", path, headers)
    }

    #[track_caller]
    pub fn post(&self, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        send(&self.host(), "POST", path, headers, body)
    }

    /// Publishes here.
    #[track_caller]
    pub fn publish(&self, package: &FixturePackage) -> Answer {
        let path = format!("/{}", package.name().replace('/', "%2f"));
        let headers = [("Content-Type", "application/json")];
        send(&self.host(), "PUT", &path, &headers, publication(package).to_string().as_bytes())
    }

    /// The versions and dist-tags that clients see, in both forms of the packument.
    #[track_caller]
    pub fn seen(&self, name: &str) -> (Vec<String>, Value) {
        let path = format!("/{name}");
        let full = self.get(&path).json();
        let abbreviated = self.get_with(&path, &[("Accept", "application/vnd.npm.install-v1+json")]).json();
        let versions = |document: &Value| -> Vec<String> {
            document["versions"].as_object().expect("versions").keys().cloned().collect()
        };
        assert_eq!(versions(&full), versions(&abbreviated));
        assert_eq!(full["dist-tags"], abbreviated["dist-tags"]);
        (versions(&full), full["dist-tags"].clone())
    }

    /// Files kept of upstreams, the staging folder's included.
    pub fn kept_files(&self) -> Vec<PathBuf> {
        let mut files = Vec::new();
        let mut folders = vec![self.folder.path().join("blobs/upstream")];
        while let Some(folder) = folders.pop() {
            let Ok(entries) = std::fs::read_dir(folder) else { continue };
            for entry in entries {
                let path = entry.expect("an entry").path();
                if path.is_dir() { folders.push(path) } else { files.push(path) }
            }
        }
        files
    }

    fn halt(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // what it panicked with has been printed
            let _ = thread.join();
        }
    }
}

impl Drop for Proxied {
    fn drop(&mut self) {
        self.halt();
    }
}

/// Waits until something is so; fails the test when it does not become so.
#[track_caller]
pub fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    for _ in 0..400 {
        if is_so() {
            return;
        }
        thread::sleep(std::time::Duration::from_millis(25));
    }
    panic!("it never was so that {what}");
}
