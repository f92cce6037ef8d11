//! Packages fetched for one run of `exec`: a small project for each set of specifiers, below the cache.
//!
//! Processes may share one: a lock lets one at a time look at it or change it, and what it holds is replaced
//! whole. Source: npm 11.19.1 (`libnpmexec`); npm's key leaves the registry out, so that two of them get in each
//! other's way.

use std::fs::File;
use std::path::{Path, PathBuf};

use dependency_resolver::{FetchError, PickOptions, Request, Requirement, pick_manifest};
use npm_formats::config::InstallStrategy;
use npm_formats::specifier::{Place, Specifier, SpecifierError, SpecifierKind};
use package_store::NodeModulesWriter;
use registry_client::{CachePolicy, PackumentKind, RegistryClient, RegistryError};
use serde_json::json;
use sha2::{Digest as _, Sha512};

use crate::exec::{Provided, default_program};
use crate::install::{InstallContext, InstallError, Operation, install};
use crate::manifest_file::{ManifestError, ManifestFile};
use crate::registry_metadata::fetch_error;
use crate::settings::Settings;

/// The folder of all of them below the cache.
const FOLDER: &str = "exec";
/// The file in each of them that whoever looks at it or changes it holds locked.
pub(crate) const LOCK: &str = "lock";

/// Why packages cannot be fetched for a run.
#[derive(Debug, thiserror::Error)]
pub enum ExecPackagesError {
    #[error("{source}")]
    Specifier { source: SpecifierError },
    #[error("could not prepare {}", .path.display())]
    Folder { path: PathBuf, source: std::io::Error },
    #[error(transparent)]
    Registry(#[from] RegistryError),
    #[error(transparent)]
    Fetch(#[from] FetchError),
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    #[error(transparent)]
    Install(#[from] InstallError),
}

impl diagnostics::Report for ExecPackagesError {
    fn code(&self) -> std::borrow::Cow<'static, str> {
        match self {
            Self::Specifier { source } => source.code().into(),
            Self::Folder { source, .. } => diagnostics::io_code(source).into(),
            Self::Registry(error) => error.code().into(),
            Self::Fetch(error) => error.code.clone().into(),
            Self::Manifest(error) => error.code(),
            Self::Install(error) => error.code(),
        }
    }

    fn hints(&self) -> Vec<String> {
        match self {
            Self::Registry(error) => error.hint().into_iter().collect(),
            Self::Fetch(error) => error.hint.clone().into_iter().collect(),
            Self::Manifest(error) => error.hints(),
            Self::Install(error) => error.hints(),
            Self::Specifier { .. } | Self::Folder { .. } => Vec::new(),
        }
    }
}

/// A set of packages, and what of it is not there yet.
#[derive(Debug, Clone)]
pub struct ExecPackages {
    /// Its folder.
    pub directory: PathBuf,
    /// What has to be installed: `name@version`, or the specifier of what is in no registry.
    pub missing: Vec<String>,
    specifiers: Vec<Specifier>,
}

impl ExecPackages {
    /// Finds the folder of a set of specifiers, and asks the registry which versions they mean now. Exact versions
    /// that are there need no registry.
    ///
    /// *Errors*: specifiers that are none, packages and versions that do not exist, a cache that cannot be written.
    pub fn find(context: &InstallContext<'_>, packages: &[String]) -> Result<Self, ExecPackagesError> {
        let settings = context.settings;
        let directory = settings.places.working_directory.to_string_lossy();
        let home = settings.places.home.as_ref().map(|home| home.to_string_lossy().into_owned());
        let place = Place { directory: &directory, home: home.as_deref() };
        let specifiers = packages
            .iter()
            .map(|package| Specifier::parse(package, place))
            .collect::<Result<Vec<_>, _>>()
            .map_err(|source| ExecPackagesError::Specifier { source })?;
        let mut found = Self { directory: folder_of(context, &specifiers), missing: Vec::new(), specifiers };
        let _lock = found.lock()?;
        let is_settled = !NodeModulesWriter::is_unsettled(&found.directory);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|source| ExecPackagesError::Folder { path: found.directory.clone(), source })?;
        for specifier in &found.specifiers {
            let present = specifier.name().and_then(|name| found.version_of(name)).filter(|_| is_settled);
            let wanted = match specifier.kind() {
                SpecifierKind::Version if present.as_deref() == specifier.fetch_spec() => continue,
                SpecifierKind::Version | SpecifierKind::Range | SpecifierKind::Tag => {
                    runtime.block_on(newest(context, specifier))?
                }
                // whether it is still the same, only an installation finds out
                _ => {
                    found.missing.push(as_argument(specifier));
                    continue;
                }
            };
            if present.as_deref() != Some(wanted.as_str()) {
                found.missing.push(format!("{}@{wanted}", specifier.name().unwrap_or_default()));
            }
        }
        Ok(found)
    }

    /// Whether something is to be installed that nobody has agreed to: folders and what is there already are the
    /// user's own.
    pub fn needs_consent(&self) -> bool {
        let is_folder = |missing: &String| {
            self.specifiers.iter().any(|specifier| {
                matches!(specifier.kind(), SpecifierKind::Directory) && as_argument(specifier) == *missing
            })
        };
        !self.missing.iter().all(is_folder)
    }

    /// Installs what is missing.
    ///
    /// *Errors*: [`InstallError`]. What was there before is still there.
    pub fn provide(&self, context: &InstallContext<'_>) -> Result<Provided, ExecPackagesError> {
        let _lock = self.lock()?;
        let mut first = self.specifiers.first().and_then(Specifier::name).map(str::to_owned);
        if !self.missing.is_empty() {
            let settings = self.settings(context.settings);
            let context = InstallContext {
                settings: &settings,
                client: context.client.clone(),
                platform: context.platform.clone(),
                scripts: context.scripts.clone(),
                git: context.git.clone(),
                configuration_files: Vec::new(),
                reporter: context.reporter,
            };
            let request = Request { add: self.missing.clone(), ..Request::default() };
            let report = install(&context, &Operation::Fetch(request))?;
            let is_first_missing = self
                .specifiers
                .first()
                .map(as_argument)
                .is_some_and(|raw| self.missing.first() == Some(&raw));
            if first.is_none() && is_first_missing {
                first = report.requested.first().cloned();
            }
            self.note()?;
        }
        let manifest = first.and_then(|name| {
            let folder = self.directory.join("node_modules").join(name);
            ManifestFile::read_if_there(&folder).ok()??.normalized().ok()
        });
        Ok(Provided {
            bin_directory: self.directory.join("node_modules").join(".bin"),
            program: manifest.and_then(|manifest| default_program(&manifest)),
        })
    }

    /// Waits until no other process is at it; released when dropped.
    fn lock(&self) -> Result<File, ExecPackagesError> {
        let failed = |source| ExecPackagesError::Folder { path: self.directory.clone(), source };
        std::fs::create_dir_all(&self.directory).map_err(failed)?;
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(self.directory.join(LOCK))
            .map_err(failed)?;
        file.lock().map_err(failed)?;
        Ok(file)
    }

    fn version_of(&self, name: &str) -> Option<String> {
        let folder = self.directory.join("node_modules").join(name);
        ManifestFile::read_if_there(&folder).ok()??.version().map(str::to_owned)
    }

    /// Those of the run, for a project of its own.
    fn settings(&self, given: &Settings) -> Settings {
        let mut settings = given.clone();
        settings.places.local_prefix.clone_from(&self.directory);
        settings.places.working_directory.clone_from(&self.directory);
        settings.places.is_global = false;
        settings.workspaces.all = false;
        settings.workspaces.filters.clear();
        settings.save.save = true;
        settings.save.kind = None;
        settings.save.bundle = false;
        settings.install.package_lock = true;
        settings.install.package_lock_only = false;
        settings.install.strategy = InstallStrategy::Hoisted;
        settings.install.install_links = false;
        settings.dry_run = false;
        settings
    }

    /// Records in package.json what the folder is for, as npm does.
    fn note(&self) -> Result<(), ManifestError> {
        let mut manifest = ManifestFile::read(&self.directory)?;
        let packages: Vec<String> = self.specifiers.iter().map(as_argument).collect();
        manifest.content_mut().members_mut().insert("_npx".to_owned(), json!({ "packages": packages }));
        manifest.write()
    }
}

/// The specifier as it means the same from everywhere.
fn as_argument(specifier: &Specifier) -> String {
    match (specifier.kind(), specifier.fetch_spec(), specifier.name()) {
        (SpecifierKind::File | SpecifierKind::Directory, Some(path), Some(name)) => {
            format!("{name}@file:{path}")
        }
        (SpecifierKind::File | SpecifierKind::Directory, Some(path), None) => format!("file:{path}"),
        _ => specifier.raw().to_owned(),
    }
}

fn folder_of(context: &InstallContext<'_>, specifiers: &[Specifier]) -> PathBuf {
    let mut names: Vec<String> = specifiers.iter().map(as_argument).collect();
    names.sort_unstable();
    let mut digest = Sha512::new();
    for name in &names {
        digest.update(name.as_bytes());
        digest.update(b"\n");
    }
    for specifier in specifiers {
        let registry = context.client.registry_for(specifier.name().unwrap_or_default());
        digest.update(registry.map(|registry| registry.as_str()).unwrap_or_default().as_bytes());
        digest.update(b"\n");
    }
    let key: String = digest.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    folder(&context.settings.places.cache).join(key)
}

/// The folder of all sets, below the cache.
pub fn folder(cache: &Path) -> PathBuf {
    cache.join(FOLDER)
}

/// The version that a specifier means in its registry now.
async fn newest(context: &InstallContext<'_>, specifier: &Specifier) -> Result<String, ExecPackagesError> {
    let name = specifier.name().unwrap_or_default();
    let mut options = context.client.clone();
    if options.cache_policy == CachePolicy::Default {
        options.cache_policy = CachePolicy::PreferOnline;
    }
    let client = RegistryClient::new(options)?;
    let packument =
        client.packument(name, PackumentKind::Abbreviated).await.map_err(|error| fetch_error(&error))?;
    let install = &context.settings.install;
    let options = PickOptions {
        default_tag: &install.tag,
        before: install.before,
        node_version: &context.platform.node_version,
        npm_version: &context.platform.npm_version,
        avoid: None,
    };
    let requirement = Requirement::parse(name, specifier.fetch_spec().unwrap_or("*"));
    let version = pick_manifest(&packument, &requirement, &options)?.text().to_owned();
    client.flush().await;
    Ok(version)
}
