//! Resolving projects against a real registry, and remembering all that was read for them.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::{self, Read};

use bytes::Bytes;
use dependency_resolver::{
    Contents, FetchError, IdealTree, Metadata, Options, Package, Packed, Platform, Request, ResolveError,
    Start, Update, Wanted, build_ideal_tree,
};
use jiff::Timestamp;
use npm_formats::manifest::normalize_registry_manifest;
use npm_formats::packument::Packument;
use npm_formats::specifier::Specifier;
use npm_semver::Version;
use registry_client::RegistryError;
use serde_json::{Map, Value};
use test_support::recorded_metadata::BundledPackage;
use test_support::upstream::Upstream;
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;

/// The Node and the npm that engines are held against.
const NODE: &str = "20.20.2";
const NPM: &str = "11.19.1";

/// Of the thread that resolves, in bytes: peer sets are loaded by recursion.
const STACK: usize = 64 << 20;

type Fetched = Result<Option<Bytes>, RegistryError>;

/// A registry that remembers what it was asked for.
pub struct UpstreamMetadata {
    upstream: Upstream,
    runtime: Runtime,
    fetching: HashMap<String, JoinHandle<Fetched>>,
    parsed: HashMap<String, Packument>,
    /// The versions whose manifests were read, by name; none of a name whose packument alone was.
    pub chosen: BTreeMap<String, BTreeSet<String>>,
    /// What tarballs carry inside, by name and version.
    pub bundled: BTreeMap<(String, String), Vec<BundledPackage>>,
}

impl UpstreamMetadata {
    /// Nothing read yet.
    ///
    /// Errors: a runtime that cannot be started.
    pub fn new(upstream: Upstream) -> io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        Ok(Self {
            upstream,
            runtime,
            fetching: HashMap::new(),
            parsed: HashMap::new(),
            chosen: BTreeMap::new(),
            bundled: BTreeMap::new(),
        })
    }

    /// The packument of everything that was read, as it came.
    pub fn packuments(&self) -> impl Iterator<Item = (&str, Vec<u8>)> {
        self.parsed.iter().map(|(name, packument)| (name.as_str(), packument.text()))
    }

    fn fetch(&self, name: &str) -> JoinHandle<Fetched> {
        let (upstream, name) = (self.upstream.clone(), name.to_owned());
        self.runtime.spawn(async move { upstream.packument(&name).await })
    }
}

impl Metadata for UpstreamMetadata {
    fn packument(&mut self, name: &str) -> Result<Packument, FetchError> {
        self.chosen.entry(name.to_owned()).or_default();
        if let Some(known) = self.parsed.get(name) {
            return Ok(known.clone());
        }
        let fetching = self.fetching.remove(name).unwrap_or_else(|| self.fetch(name));
        let fetched = self.runtime.block_on(fetching).map_err(|error| failure("EFETCH", &error))?;
        let bytes = fetched.map_err(|error| failure(&error.code(), &error))?;
        let bytes = bytes.ok_or_else(|| FetchError::new("E404", format!("there is no package {name}")))?;
        let packument = Packument::parse(name, &bytes).map_err(|error| failure("EBADPACKUMENT", &error))?;
        self.parsed.insert(name.to_owned(), packument.clone());
        Ok(packument)
    }

    fn manifest(&mut self, specifier: &Specifier) -> Result<Map<String, Value>, FetchError> {
        let what = specifier.raw_spec();
        Err(FetchError::new("EUNSUPPORTED", format!("{what} is in no registry and cannot be recorded")))
    }

    fn folder(&mut self, _path: &str) -> Option<Map<String, Value>> {
        None
    }

    fn contents(&mut self, package: &Packed<'_>) -> Result<Contents, FetchError> {
        let Packed { name, version, .. } = *package;
        let key = (name.to_owned(), version.to_owned());
        if !self.bundled.contains_key(&key) {
            let file = format!("{}-{version}.tgz", name.rsplit('/').next().unwrap_or(name));
            let tarball = self.runtime.block_on(self.upstream.tarball(name, &file));
            let tarball = tarball.map_err(|error| failure(&error.code(), &error))?;
            let tarball = tarball
                .ok_or_else(|| FetchError::new("E404", format!("there is no tarball of {name}@{version}")))?;
            let bundled = bundled_packages(&tarball).map_err(|error| failure("EBADTARBALL", &error))?;
            self.bundled.insert(key.clone(), bundled);
        }
        Ok(Contents { packages: self.bundled[&key].clone(), shrinkwrap: None })
    }

    fn prefetch(&mut self, wanted: &[Wanted]) {
        for Wanted { name, .. } in wanted {
            if !self.parsed.contains_key(&**name) && !self.fetching.contains_key(&**name) {
                self.fetching.insert(name.to_string(), self.fetch(name));
            }
        }
    }

    fn chosen(&mut self, package: &Package) {
        if let (Some(name), Some(version)) = (package.name(), package.version()) {
            self.chosen.entry(name.to_string()).or_default().insert(version.to_string());
        }
    }
}

/// The tree of a project as npm would have it.
///
/// Errors: those of resolution.
pub fn resolve(
    package: Map<String, Value>,
    before: Timestamp,
    metadata: &mut UpstreamMetadata,
) -> Result<IdealTree, ResolveError> {
    let mut options = Options::new(Platform {
        os: "linux".to_owned(),
        cpu: "x64".to_owned(),
        libc: Some("glibc".to_owned()),
        node_version: Version::parse(NODE).expect("a version"),
        npm_version: Version::parse(NPM).expect("a version"),
    });
    options.before = Some(before.as_millisecond());
    let start = Start {
        path: "/project".to_owned(),
        package: normalize_registry_manifest(package),
        workspaces: Vec::new(),
        folders: HashMap::new(),
        lockfile: None,
        has_lockfile: false,
        installed: Vec::new(),
        update: Update::Nothing,
    };
    std::thread::scope(|scope| {
        let resolving = std::thread::Builder::new()
            .stack_size(STACK)
            .spawn_scoped(scope, || build_ideal_tree(start, &Request::default(), &options, metadata));
        resolving.expect("a thread").join().expect("resolution does not panic")
    })
}

/// The package.json files of packages in a tarball's node_modules folders, outer ones first.
fn bundled_packages(tarball: &[u8]) -> io::Result<Vec<BundledPackage>> {
    let mut packages = Vec::new();
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(tarball));
    for entry in archive.entries()? {
        let mut entry = entry?;
        let path = entry.path()?.to_string_lossy().into_owned();
        let folder = path.split_once('/').and_then(|(_, path)| path.strip_suffix("/package.json"));
        if let Some(folder) = folder.filter(|folder| is_package_folder(folder)) {
            let mut json = Vec::new();
            entry.read_to_end(&mut json)?;
            let mut package: Map<String, Value> = serde_json::from_slice(&json)?;
            package.retain(|key, _| !key.starts_with('_'));
            packages.push((folder.to_owned(), normalize_registry_manifest(package)));
        }
    }
    packages.sort_by_key(|(folder, _)| folder.matches("node_modules").count());
    Ok(packages)
}

/// Whether a path is `node_modules/name` any number of times.
fn is_package_folder(mut path: &str) -> bool {
    while let Some(rest) = path.strip_prefix("node_modules/") {
        let parts = if rest.starts_with('@') { 2 } else { 1 };
        match rest.match_indices('/').nth(parts - 1) {
            None => return rest.matches('/').count() == parts - 1,
            Some((at, _)) => path = &rest[at + 1..],
        }
    }
    false
}

fn failure(code: &str, error: &dyn std::fmt::Display) -> FetchError {
    FetchError::new(code, error.to_string())
}
