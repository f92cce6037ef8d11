//! A registry on loopback, in a thread of its own, that misbehaves on demand.

mod fault;
mod layer;
mod log;
mod network;

use std::collections::HashMap;
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

pub use fault::{Fault, Times};
use layer::Control;
pub use log::LoggedRequest;
pub use network::NetworkLimits;
use registry_server::{MemoryStorage, PackageName, Registry, ServingOptions, Storage};
use serde_json::Value;
use tokio::sync::oneshot;

use crate::fixture::{FixturePackage, packument_of};

/// The registry under test; stops when dropped, without waiting for anyone.
pub struct TestRegistry {
    address: SocketAddr,
    memory: MemoryStorage,
    published: Mutex<HashMap<String, Vec<FixturePackage>>>,
    control: Arc<Control>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl TestRegistry {
    /// An empty registry.
    pub fn start() -> TestRegistry {
        let memory = MemoryStorage::default();
        TestRegistry::run(Registry::new(memory.clone()), memory)
    }

    /// A registry with these packages, published in this order.
    pub fn with(packages: impl IntoIterator<Item = FixturePackage>) -> TestRegistry {
        let registry = TestRegistry::start();
        for package in packages {
            registry.publish(package);
        }
        registry
    }

    /// The same, which offers to answer many requests at once.
    pub fn bundling(packages: impl IntoIterator<Item = FixturePackage>) -> TestRegistry {
        let memory = MemoryStorage::default();
        let registry = TestRegistry::run(Registry::new(memory.clone()).with_bundles(64), memory);
        for package in packages {
            registry.publish(package);
        }
        registry
    }

    /// A registry over a storage of the caller's; [`TestRegistry::publish`] has no effect on it.
    pub fn serving(storage: impl Storage) -> TestRegistry {
        TestRegistry::run(Registry::new(storage), MemoryStorage::default())
    }

    fn run(registry: Registry, memory: MemoryStorage) -> TestRegistry {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port on loopback");
        listener.set_nonblocking(true).expect("a socket that does not block");
        let address = listener.local_addr().expect("the address of the socket");
        let control = Arc::new(Control::default());
        let router = layer::wrap(registry_server::router(registry), control.clone());
        let (stop, stopped) = oneshot::channel();
        let thread = thread::Builder::new()
            .name("test registry".into())
            .spawn(move || serve(listener, router, stopped))
            .expect("a thread");
        TestRegistry {
            address,
            memory,
            published: Mutex::default(),
            control,
            stop: Some(stop),
            thread: Some(thread),
        }
    }

    /// Its address with a slash at the end, as `registry=` wants it.
    pub fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// Its host and port, as keys of `.npmrc` want them (`//host:port/:_authToken`).
    pub fn host(&self) -> String {
        self.address.to_string()
    }

    /// The address of a package's tarball.
    pub fn tarball_url(&self, package: &FixturePackage) -> String {
        format!("{}{}/-/{}", self.url(), package.name(), package.tarball_name())
    }

    /// Publishes a version; the same version again replaces the one before.
    pub fn publish(&self, package: FixturePackage) {
        let name = PackageName::parse(package.name()).expect("a package name");
        self.memory.put_tarball(&name, &package.tarball_name(), package.tarball()).expect("a tarball");
        let mut published = lock(&self.published);
        let versions = published.entry(package.name().to_owned()).or_default();
        versions.retain(|version| version.version() != package.version());
        versions.push(package);
        let document = packument_of(versions).to_string();
        self.memory.put_packument(&name, document.as_bytes()).expect("a packument");
    }

    /// Takes a package away with all its versions.
    pub fn unpublish(&self, name: &str) {
        lock(&self.published).remove(name);
        self.memory.remove(&PackageName::parse(name).expect("a package name"));
    }

    /// Puts a full packument as it is, for documents no fixture describes.
    pub fn put_packument(&self, name: &str, document: &[u8]) {
        let name = PackageName::parse(name).expect("a package name");
        self.memory.put_packument(&name, document).expect("a packument");
    }

    /// Puts a tarball as it is.
    pub fn put_tarball(&self, name: &str, file: &str, bytes: Vec<u8>) {
        let name = PackageName::parse(name).expect("a package name");
        self.memory.put_tarball(&name, file, bytes).expect("a tarball");
    }

    /// Makes requests for a path misbehave. `path` is percent-decoded (`/@s/p`); a `*` at its end stands for any
    /// rest. The first fault that matches and is not used up applies.
    pub fn fault(&self, path: &str, fault: Fault, times: Times) {
        self.control.add_fault(path, fault, times);
    }

    /// Ends all faults.
    pub fn clear_faults(&self) {
        self.control.clear_faults();
    }

    /// Answers 401 unless the `authorization` header is exactly this (`Bearer secret`).
    pub fn require_authorization(&self, authorization: &str) {
        self.control.require_authorization(authorization);
    }

    /// Answers for advisories from now on: a list by the name of the package, as registries write them. Of what is
    /// asked about, those of the name are given, whatever the versions.
    pub fn set_advisories(&self, advisories: &Value) {
        self.control.set_advisories(advisories.as_object().expect("lists by name").clone());
    }

    /// Answers GET requests for a path (percent-encoded as it comes) with a document.
    pub fn put_document(&self, path: &str, document: Value) {
        self.control.put_document(path, document);
    }

    /// Slows the network down from now on.
    pub fn limit(&self, limits: NetworkLimits) {
        self.control.limit(limits);
    }

    /// The requests so far in the order they came in.
    pub fn requests(&self) -> Vec<LoggedRequest> {
        self.control.requests()
    }

    /// `METHOD path` of the requests so far, sorted: for tests whose requests run side by side.
    pub fn request_lines(&self) -> Vec<String> {
        let mut lines: Vec<String> = self.requests().iter().map(LoggedRequest::line).collect();
        lines.sort();
        lines
    }

    /// Forgets the requests so far.
    pub fn clear_requests(&self) {
        self.control.clear_requests();
    }
}

impl Drop for TestRegistry {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic of the server thread has been printed by itself.
            let _ = thread.join();
        }
    }
}

fn serve(listener: TcpListener, router: axum::Router, stopped: oneshot::Receiver<()>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async move {
        let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
        let options = ServingOptions::default();
        tokio::select! {
            served = registry_server::serve(listener, router, &options, std::future::pending()) => {
                served.expect("a working listener");
            }
            _ = stopped => {}
        }
    });
    // Stalled answers are dropped with the runtime, not waited for.
    runtime.shutdown_background();
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
