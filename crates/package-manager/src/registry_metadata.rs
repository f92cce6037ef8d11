//! The resolver's metadata from a registry: packuments through the client's caches, fetched ahead of the
//! resolver along the dependencies it will want next; or sent by the registry, where it offers to follow them itself.

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use dependency_resolver::{
    Contents, FetchError, Metadata, Options, Package, Packed, PickOptions, Requirement, Wanted,
    fits_platform, pick_manifest,
};
use npm_formats::bundle::{PackumentForm, ResolveRequest, WantedPackage};
use npm_formats::packument::Packument;
use npm_formats::specifier::Specifier;
use registry_client::{Ahead, AheadState, Feature, PackumentKind, RegistryClient, RegistryError, Resolution};
use serde_json::{Map, Value};
use tokio::runtime::Handle;

use crate::project::normalized_document;
use crate::tarballs::{Source, Tarballs};

/// What is fetched while resolution goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FetchAhead {
    /// Only what resolution will ask for.
    Metadata,
    /// The chosen packages too, as they will be installed.
    Packages,
}

/// Metadata from registries, for one resolution.
///
/// Its [`Metadata`] methods block; they are for a thread that is none of the runtime's.
pub struct RegistryMetadata {
    shared: Arc<Shared>,
    tarballs: Tarballs,
    ahead: FetchAhead,
    hints: Hints,
    _resolution: Resolution,
}

/// What resolution will ask for, as far as it is known and nothing is done about it.
#[derive(Default)]
struct Hints {
    /// New ones.
    new: Vec<Wanted>,
    /// All that came before the registry was asked to follow them.
    all: Vec<Wanted>,
    /// Those that the registry may be sending.
    left_to_registry: Vec<Wanted>,
    /// What the registry sends.
    from_registry: Option<Ahead>,
}

/// What is fetched ahead, or was.
#[derive(Default)]
struct Foreseen {
    wanted: HashSet<Wanted>,
    names: HashSet<Arc<str>>,
}

impl Foreseen {
    /// Whether it was not foreseen before.
    fn insert(&mut self, wanted: &Wanted) -> bool {
        self.names.insert(wanted.name.clone());
        self.wanted.insert(wanted.clone())
    }
}

struct Shared {
    runtime: Handle,
    client: RegistryClient,
    foreseen: Mutex<Foreseen>,
    /// Whether packages are followed here though their registry offers to do it: it could not, or need not.
    follows: AtomicBool,
    options: Options,
    kind: PackumentKind,
}

impl RegistryMetadata {
    /// Metadata through `client`, whose requests run on `runtime`. `overrides` are specs that dependencies somewhere in
    /// the tree will have in place of their own.
    pub fn new(
        runtime: Handle,
        client: RegistryClient,
        tarballs: Tarballs,
        options: Options,
        ahead: FetchAhead,
        overrides: Vec<Wanted>,
    ) -> Self {
        let resolution = client.begin_resolution();
        let options_before = options.before;
        let shared = Shared {
            runtime,
            client,
            foreseen: Mutex::default(),
            follows: AtomicBool::new(false),
            options,
            // Publish times are in the full packument only, as is all that a lockfile wants to know of packages
            // that are not fetched. Of those that are, `complete` finds it in their own package.json.
            kind: match (ahead, options_before) {
                (FetchAhead::Packages, None) => PackumentKind::Abbreviated,
                _ => PackumentKind::Full,
            },
        };
        let hints = Hints { all: overrides, ..Hints::default() };
        Self { shared: Arc::new(shared), tarballs, ahead, hints, _resolution: resolution }
    }
}

impl RegistryMetadata {
    /// Has what was announced fetched: by the registry if it offers to follow it, else one by one.
    fn act_on_hints(&mut self) {
        let hints = &mut self.hints;
        let new = std::mem::take(&mut hints.new);
        if let Some(from_registry) = &hints.from_registry {
            hints.left_to_registry.extend(new);
            let state = from_registry.state();
            if state != AheadState::Coming {
                self.shared.follows.store(true, Ordering::Relaxed);
                for wanted in hints.left_to_registry.drain(..) {
                    let is_here = || self.shared.client.has_packument(&wanted.name, self.shared.kind);
                    if state == AheadState::Partial || !is_here() {
                        self.shared.foresee(wanted);
                    }
                }
            }
            return;
        }
        let is_new_offer = !self.shared.follows.load(Ordering::Relaxed) && self.shared.is_offered();
        if new.is_empty() && !is_new_offer {
            return;
        }
        hints.all.extend(new.iter().cloned());
        hints.from_registry = self.shared.ask_to_follow(&hints.all);
        if hints.from_registry.is_some() {
            hints.left_to_registry = std::mem::take(&mut hints.all);
            // what was followed may have been left off when the offer came
            *self.shared.foreseen() = Foreseen::default();
            return;
        }
        if self.shared.is_offered() {
            self.shared.follows.store(true, Ordering::Relaxed);
        }
        for wanted in new {
            self.shared.foresee(wanted);
        }
    }
}

/// A registry's error as the resolver passes it on.
pub fn fetch_error(error: &RegistryError) -> FetchError {
    let mut failure = FetchError::new(&error.code(), error.to_string());
    failure.hint = error.hint();
    failure
}

impl Shared {
    async fn packument(&self, name: &str) -> Result<Packument, FetchError> {
        self.client.packument(name, self.kind).await.map_err(|error| fetch_error(&error))
    }

    /// Lets the registry follow dependencies, where it offers that.
    fn ask_to_follow(&self, wanted: &[Wanted]) -> Option<Ahead> {
        let options = &self.options;
        let package =
            |wanted: &Wanted| WantedPackage { name: wanted.name.to_string(), spec: wanted.spec.to_string() };
        let request = ResolveRequest {
            form: PackumentForm::default(),
            wanted: wanted.iter().map(package).collect(),
            has: Vec::new(),
            confirm: false,
            tag: options.default_tag.clone(),
            before: options.before,
            before_exclude: options.before_exclude.clone(),
            node_version: options.platform.node_version.to_string(),
            npm_version: options.platform.npm_version.to_string(),
            legacy_peer_deps: options.legacy_peer_deps,
        };
        let _inside = self.runtime.enter();
        self.client.resolve_ahead(self.kind, request)
    }

    /// Fetches a package and, version by version as they will probably be chosen, what it depends on.
    fn foresee(self: &Arc<Self>, wanted: Wanted) {
        if !self.foreseen().insert(&wanted) {
            return;
        }
        let shared = self.clone();
        self.runtime.spawn(async move {
            for next in shared.dependencies(&wanted).await.unwrap_or_default() {
                shared.foresee(next);
            }
        });
    }

    /// Whether the registry has said by now that it follows dependencies itself.
    fn is_offered(&self) -> bool {
        let registry = self.client.options().registry_for_scope(None);
        registry.is_some_and(|registry| self.client.offers(registry, Feature::Resolve))
    }

    fn foreseen(&self) -> MutexGuard<'_, Foreseen> {
        self.foreseen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn dependencies(&self, wanted: &Wanted) -> Option<Vec<Wanted>> {
        let packument = self.packument(&wanted.name).await.ok()?;
        if !self.follows.load(Ordering::Relaxed) && self.is_offered() {
            return None;
        }
        let requirement = Requirement::parse(&wanted.name, &wanted.spec);
        let platform = &self.options.platform;
        let options = PickOptions {
            default_tag: &self.options.default_tag,
            before: self.options.before,
            node_version: &platform.node_version,
            npm_version: &platform.npm_version,
            avoid: None,
        };
        let version = pick_manifest(&packument, &requirement, &options).ok()?;
        let manifest = packument.manifest(version).ok()?;
        let mut next = Vec::new();
        for section in ["dependencies", "optionalDependencies", "peerDependencies"] {
            let Some(entries) = manifest.get(section).and_then(Value::as_object) else { continue };
            for (name, spec) in entries {
                let Some(spec) = spec.as_str() else { continue };
                if section == "peerDependencies" && is_optional_peer(&manifest, name) {
                    continue;
                }
                if let Some((name, spec)) = Requirement::parse(name, spec).registry_request(name) {
                    // a peer is mostly the one that others ask for too, in the version that they ask for
                    if section == "peerDependencies" && self.foreseen().names.contains(&*name) {
                        continue;
                    }
                    next.push(Wanted { name: name.into(), spec: spec.into() });
                }
            }
        }
        Some(next)
    }
}

fn is_optional_peer(manifest: &Map<String, Value>, name: &str) -> bool {
    let meta = manifest.get("peerDependenciesMeta").and_then(|all| all.get(name)?.get("optional"));
    meta.is_some_and(|flag| flag.as_bool().unwrap_or(true))
}

impl Metadata for RegistryMetadata {
    fn packument(&mut self, name: &str) -> Result<Packument, FetchError> {
        self.act_on_hints();
        self.shared.runtime.block_on(self.shared.packument(name))
    }

    fn manifest(&mut self, specifier: &Specifier) -> Result<Map<String, Value>, FetchError> {
        self.tarballs.manifest(specifier)
    }

    fn folder(&mut self, path: &str) -> Option<Map<String, Value>> {
        normalized_document(&PathBuf::from(path))
    }

    fn contents(&mut self, package: &Packed<'_>) -> Result<Contents, FetchError> {
        self.tarballs.contents(package)
    }

    fn prefetch(&mut self, wanted: &[Wanted]) {
        // a few come one after the other; they are acted on when the resolver waits
        self.hints.new.extend_from_slice(wanted);
    }

    /// Its tarball is fetched while resolution goes on.
    fn chosen(&mut self, package: &Package) {
        if self.ahead == FetchAhead::Metadata || !fits_platform(package, &self.shared.options.platform) {
            return;
        }
        let text = |key: &str| package.json.get(key).and_then(Value::as_str).map(str::to_owned);
        let source = Source {
            name: package.name().map(|name| name.to_string()).unwrap_or_default(),
            version: package.version().map(|version| version.to_string()).unwrap_or_default(),
            resolved: text("_resolved"),
            integrity: text("_integrity"),
        };
        let tarballs = self.tarballs.clone();
        // what goes wrong shows when the package is really needed
        self.shared.runtime.spawn(async move { tarballs.entry(&source).await.is_ok() });
    }
}
