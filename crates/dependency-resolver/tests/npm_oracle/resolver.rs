//! The resolver behind npm's command line: what a package manager does around it, and no more.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use dependency_resolver::{
    Contents, FetchError, LockfileOptions, Metadata, Options, Packed, Platform, Request, ResolveError,
    SaveOptions, Start, Update, apply_saved_specs, build_ideal_tree, duplicated_names, fill_lockfile, prune,
};
use npm_formats::config::{InstallStrategy, OmitSet};
use npm_formats::lockfile::Lockfile;
use npm_formats::manifest::{Manifest, PackageJson, SaveType, Step as Normalization};
use npm_formats::packument::Packument;
use npm_formats::specifier::Specifier;
use npm_semver::Version;
use serde_json::{Map, Value};
use test_support::FixturePackage;
use test_support::fixture::packument_of;
use test_support::oracle::{Case, read_manifest};

/// The packages of a case as a source of metadata.
pub struct Source {
    packuments: HashMap<String, Packument>,
    bundled: Vec<(String, String, String, Value)>,
    shrinkwraps: Vec<(String, String, Value)>,
    tarballs: Vec<(String, FixturePackage)>,
}

impl Source {
    /// The packages of a case, with tarballs at a registry's address.
    pub fn new(case: &Case, registry: &str) -> Source {
        let mut by_name: HashMap<&str, Vec<FixturePackage>> = HashMap::new();
        for package in &case.packages {
            by_name.entry(package.name()).or_default().push(package.clone());
        }
        let packuments = by_name.into_iter().map(|(name, versions)| {
            let text = packument_of(&versions).to_string().replace("https://registry.example/", registry);
            let packument = Packument::parse(name, text.as_bytes()).expect("a packument");
            (name.to_owned(), packument)
        });
        Source {
            packuments: packuments.collect(),
            bundled: case.bundled.clone(),
            shrinkwraps: case.shrinkwraps.clone(),
            tarballs: case.tarballs.clone(),
        }
    }
}

impl Metadata for Source {
    fn packument(&mut self, name: &str) -> Result<Packument, FetchError> {
        let known = self.packuments.get(name).cloned();
        known.ok_or_else(|| FetchError::new("E404", format!("there is no package {name}")))
    }

    fn manifest(&mut self, specifier: &Specifier) -> Result<Map<String, Value>, FetchError> {
        let folder = specifier.fetch_spec().unwrap_or_default();
        if let Some((_, package)) = self.tarballs.iter().find(|(file, _)| folder.ends_with(file)) {
            let mut manifest = normalized(package.package_json().as_object().cloned().unwrap_or_default());
            manifest.insert("_resolved".to_owned(), format!("file:{folder}").into());
            manifest.insert("_integrity".to_owned(), package.integrity().into());
            return Ok(manifest);
        }
        let missing = || FetchError::new("ENOENT", format!("{} is not in the case", specifier.raw_spec()));
        let mut manifest = normalized_manifest(Path::new(folder)).ok_or_else(missing)?;
        manifest.insert("_resolved".to_owned(), format!("file:{folder}").into());
        Ok(manifest)
    }

    fn folder(&mut self, path: &str) -> Option<Map<String, Value>> {
        normalized_manifest(Path::new(path))
    }

    fn contents(&mut self, package: &Packed<'_>) -> Result<Contents, FetchError> {
        let is_its = |(name, version, ..): &&(String, String, String, Value)| {
            name == package.name && version == package.version
        };
        let packages = self.bundled.iter().filter(is_its).map(|(_, _, location, manifest)| {
            (location.clone(), normalized(manifest.as_object().cloned().unwrap_or_default()))
        });
        let shrinkwrap = self
            .shrinkwraps
            .iter()
            .find(|(name, version, _)| name == package.name && version == package.version);
        let shrinkwrap = shrinkwrap.map(|(.., lockfile)| {
            let text = lockfile.to_string();
            let mut lockfile = Lockfile::parse("npm-shrinkwrap.json", text.as_bytes()).expect("a lockfile");
            lockfile.fill_packages("/", &Map::new());
            Arc::new(lockfile)
        });
        Ok(Contents { packages: packages.collect(), shrinkwrap })
    }
}

/// A command line as far as it decides about the tree.
#[derive(Default)]
struct Command {
    name: String,
    operands: Vec<String>,
    flags: HashMap<String, String>,
}

impl Command {
    fn parse(arguments: &[String]) -> Command {
        let mut command = Command::default();
        for argument in arguments {
            match argument.strip_prefix("--") {
                Some(flag) => {
                    let (key, value) = flag.split_once('=').unwrap_or((flag, "true"));
                    command.flags.insert(key.to_owned(), value.to_owned());
                }
                None if command.name.is_empty() => command.name = argument.clone(),
                None => command.operands.push(argument.clone()),
            }
        }
        command
    }

    fn has(&self, flag: &str) -> bool {
        self.flags.get(flag).is_some_and(|value| value == "true")
    }

    fn omits(&self, kind: &str) -> bool {
        self.flags.get("omit").is_some_and(|omitted| omitted == kind)
    }

    fn saves(&self) -> bool {
        match self.name.as_str() {
            "dedupe" => false,
            "update" => self.has("save"),
            _ => !self.has("no-save"),
        }
    }

    fn save_type(&self) -> Option<SaveType> {
        let flags = [
            ("save-prod", SaveType::Production),
            ("save-dev", SaveType::Development),
            ("save-optional", SaveType::Optional),
            ("save-peer", SaveType::Peer),
        ];
        flags.into_iter().find(|(flag, _)| self.has(flag)).map(|(_, save_type)| save_type)
    }

    fn options(&self) -> Options {
        let mut options = Options::new(Platform {
            os: "linux".to_owned(),
            cpu: "x64".to_owned(),
            libc: Some("glibc".to_owned()),
            node_version: Version::parse("20.0.0").expect("a version"),
            npm_version: Version::parse("11.0.0").expect("a version"),
        });
        options.install_strategy = match self.flags.get("install-strategy").map(String::as_str) {
            Some("nested") => InstallStrategy::Nested,
            Some("shallow") => InstallStrategy::Shallow,
            _ => InstallStrategy::Hoisted,
        };
        options.legacy_peer_deps = self.has("legacy-peer-deps");
        options.strict_peer_deps = self.has("strict-peer-deps");
        options.force = self.has("force");
        options.prefer_dedupe = self.has("prefer-dedupe") || self.name == "dedupe";
        options.install_links = self.has("install-links");
        options.save = self.saves();
        options.engine_strict = self.has("engine-strict");
        options.omit =
            OmitSet { dev: self.omits("dev"), optional: self.omits("optional"), peer: self.omits("peer") };
        options
    }
}

/// Runs a command in a project. Gives npm's code for the error where it fails.
pub fn run(case: &Case, project: &Path, registry: &str, arguments: &[String]) -> Option<String> {
    let result = std::thread::scope(|scope| {
        let resolving = std::thread::Builder::new()
            .stack_size(64 << 20)
            .spawn_scoped(scope, || run_on_this_thread(case, project, registry, arguments));
        resolving.expect("a thread").join()
    });
    match result {
        Ok(Ok(())) => None,
        Ok(Err(error)) => {
            if std::env::var_os("ORACLE_VERBOSE").is_some() {
                eprintln!("resolver: {error} {error:?}");
            }
            Some(error.code().to_owned())
        }
        Err(_) => Some("PANIC".to_owned()),
    }
}

fn run_on_this_thread(
    case: &Case,
    project: &Path,
    registry: &str,
    arguments: &[String],
) -> Result<(), ResolveError> {
    let command = Command::parse(arguments);
    let (file, lockfile) = read_lockfile(project);
    let mut request = Request { save_type: command.save_type(), ..Request::default() };
    match command.name.as_str() {
        "install" => request.add = command.operands.clone(),
        "uninstall" => request.remove = command.operands.clone(),
        "update" if command.operands.is_empty() => request.update = Update::All,
        "update" => request.update = Update::Names(command.operands.clone()),
        "dedupe" => {
            request.update = Update::Names(duplicated_names(start(case, project, &lockfile, &request)));
        }
        "prune" => {}
        other => panic!("no command {other}"),
    }
    let workspace_name = |folder: &String| workspace(project, folder).0;
    request.workspaces.extend(command.flags.get("workspace").map(workspace_name));
    let options = command.options();
    let mut metadata = Source::new(case, registry);
    let mut ideal =
        build_ideal_tree(start(case, project, &lockfile, &request), &request, &options, &mut metadata)?;
    if command.name == "prune" {
        prune(&mut ideal);
    }
    if !options.save && request.update.is_nothing() {
        return Ok(());
    }
    if options.save {
        let prefix = if command.has("save-exact") { "" } else { "^" }.to_owned();
        let save = SaveOptions { prefix, save_type: request.save_type, update: request.update.clone() };
        for node in apply_saved_specs(&mut ideal, &save) {
            let node = ideal.tree.node(node);
            save_manifest(Path::new(node.path().expect("a place")), &node.package().json);
        }
    }
    let mut written = match (request.update == Update::All, lockfile) {
        (false, Some(lockfile)) => lockfile,
        _ => Lockfile::default(),
    };
    written.lockfile_version = match command.flags.get("lockfile-version") {
        Some(version) => version.parse().expect("a number"),
        None if written.lockfile_version < 2 => 3,
        None => written.lockfile_version,
    };
    fill_lockfile(&ideal.tree, ideal.root, &mut written, LockfileOptions::default());
    std::fs::write(project.join(file), written.print()).expect("a file");
    Ok(())
}

fn start(case: &Case, project: &Path, lockfile: &Option<Lockfile>, request: &Request) -> Start {
    let path = |path: &Path| path.to_str().expect("text").to_owned();
    let linked = lockfile.iter().flat_map(|lockfile| lockfile.packages.values());
    let linked = linked.filter(|entry| entry.is_link()).filter_map(|entry| entry.resolved());
    let folders = linked.filter_map(|target| {
        let folder = project.join(target);
        normalized_manifest(&folder).map(|manifest| (path(&folder), manifest))
    });
    let workspaces = case.workspaces.iter().map(|folder| workspace(project, folder));
    Start {
        path: path(project),
        package: normalized_manifest(project).unwrap_or_default(),
        workspaces: workspaces.collect(),
        folders: folders.collect(),
        lockfile: lockfile.clone().map(Arc::new),
        has_lockfile: lockfile.is_some(),
        installed: Vec::new(),
        update: request.update.clone(),
    }
}

/// The name and the absolute folder of a workspace.
fn workspace(project: &Path, folder: &str) -> (String, String) {
    let path = project.join(folder);
    let name = read_manifest(&path)["name"].as_str().expect("a name").to_owned();
    (name, path.to_str().expect("text").to_owned())
}

fn read_lockfile(project: &Path) -> (&'static str, Option<Lockfile>) {
    for file in ["npm-shrinkwrap.json", "package-lock.json"] {
        if let Ok(text) = std::fs::read(project.join(file)) {
            let mut lockfile = Lockfile::parse(file, &text).expect("a lockfile");
            let package = normalized_manifest(project).unwrap_or_default();
            lockfile.fill_packages(project.to_str().expect("text"), &package);
            return (file, Some(lockfile));
        }
    }
    ("package-lock.json", None)
}

/// Puts the sections that commands change into a package.json.
fn save_manifest(folder: &Path, package: &Map<String, Value>) {
    let file = folder.join("package.json");
    let text = std::fs::read(&file).expect("a file");
    let mut manifest = PackageJson::parse("package.json", &text).expect("JSON");
    manifest.update_dependencies(package);
    std::fs::write(file, manifest.print()).expect("a file");
}

fn normalized_manifest(folder: &Path) -> Option<Map<String, Value>> {
    let text = std::fs::read(folder.join("package.json")).ok()?;
    serde_json::from_slice(&text).ok().map(normalized)
}

fn normalized(manifest: Map<String, Value>) -> Map<String, Value> {
    let unchanged = manifest.clone();
    Manifest::normalize(manifest, Normalization::INSTALLED, None).map_or(unchanged, |manifest| manifest.0)
}
