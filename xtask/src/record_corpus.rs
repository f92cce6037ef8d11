//! `record-corpus`: from projects, and lists of packages, to one file that tests read.
//!
//! The registry is the one npm is configured to use, or the one given; its address gets into no file.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::{fs, io};

use dependency_resolver::{FetchError, LockfileOptions, Metadata, ResolveError, fill_lockfile};
use jiff::Timestamp;
use npm_formats::lockfile::Lockfile;
use registry_client::RegistryError;
use serde_json::Value;
use test_support::recorded_metadata::{Keep, RecordedMetadataWriter, RecordedProject};
use test_support::upstream::{Upstream, configured_registry};
use url::Url;

use crate::resolve_upstream::{UpstreamMetadata, resolve};

#[derive(clap::Args)]
pub struct Arguments {
    /// Leave out versions published later, as npm's `--before` does.
    #[arg(long)]
    before: Timestamp,
    /// The file to write.
    #[arg(long)]
    out: PathBuf,
    /// The registry to fetch from [default: `npm config get registry`].
    #[arg(long)]
    registry: Option<Url>,
    /// A host to write as `registry.example` wherever it stands; that of the registry always is.
    #[arg(long = "replace-host")]
    replace_hosts: Vec<String>,
    /// What to record: folders of projects with the package.json and package-lock.json that npm wrote (with
    /// `--omit-lockfile-registry-resolved`); `package-lock.json` files; and text files with a `name` (nothing
    /// kept whole) or `name@version` (that manifest kept whole) a line.
    #[arg(required = true)]
    lists: Vec<PathBuf>,
}

/// Why nothing was recorded.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    #[error("cannot read {}", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("{} is not JSON", path.display())]
    Lockfile { path: PathBuf, source: serde_json::Error },
    #[error("cannot write {}", path.display())]
    Write { path: PathBuf, source: io::Error },
    #[error("npm does not say which registry it uses")]
    Registry { source: io::Error },
    #[error(transparent)]
    Fetch(#[from] FetchError),
    #[error("{project} cannot be resolved")]
    Resolve { project: String, source: Box<ResolveError> },
    #[error("what was read for {name} cannot be reduced")]
    Reduce { name: String, source: serde_json::Error },
    #[error("cannot start")]
    Start { source: io::Error },
    #[error("cannot set up the client")]
    Client { source: Box<RegistryError> },
}

/// Names to record, each with the versions kept whole.
type Wanted = BTreeMap<String, BTreeSet<String>>;

pub fn run(arguments: &Arguments) -> Result<(), RecordError> {
    let registry = match &arguments.registry {
        Some(registry) => registry.clone(),
        None => configured_registry().map_err(|source| RecordError::Registry { source })?,
    };
    let mut writer = RecordedMetadataWriter::new();
    let hosts = arguments.replace_hosts.iter().map(String::as_str).chain(registry.host_str());
    hosts.for_each(|host| writer.replace_host(host));
    let upstream =
        Upstream::new(registry.clone()).map_err(|source| RecordError::Client { source: source.into() })?;
    let mut metadata = UpstreamMetadata::new(upstream).map_err(|source| RecordError::Start { source })?;
    let mut wanted = Wanted::new();
    for list in &arguments.lists {
        if list.is_dir() {
            record_project(list, arguments.before, &mut metadata, &mut writer)?;
        } else {
            read_list(list, &mut wanted)?;
        }
    }
    for (name, versions) in wanted {
        metadata.packument(&name)?;
        metadata.chosen.entry(name).or_default().extend(versions);
    }
    let packages = record_read(&metadata, arguments.before, &mut writer)?;
    writer
        .write(&arguments.out)
        .map_err(|source| RecordError::Write { path: arguments.out.clone(), source })?;
    let size = fs::metadata(&arguments.out).map_or(0, |metadata| metadata.len());
    eprintln!("{packages} packages, {size} bytes: {}", arguments.out.display());
    Ok(())
}

/// Records a project with its lockfile, and has all of it read that resolving it reads.
fn record_project(
    folder: &Path,
    before: Timestamp,
    metadata: &mut UpstreamMetadata,
    writer: &mut RecordedMetadataWriter,
) -> Result<(), RecordError> {
    let read = |file: &str| {
        let path = folder.join(file);
        fs::read_to_string(&path).map_err(|source| RecordError::Read { path, source })
    };
    let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let package = serde_json::from_str(&read("package.json")?)
        .map_err(|source| RecordError::Reduce { name: name.clone(), source })?;
    let project = RecordedProject { package, lockfile: read("package-lock.json")? };
    let ideal = resolve(project.package.clone(), before, metadata)
        .map_err(|source| RecordError::Resolve { project: name.clone(), source: source.into() })?;
    let mut lockfile = Lockfile::default();
    fill_lockfile(&ideal.tree, ideal.root, &mut lockfile, LockfileOptions { omit_registry_resolved: true });
    let verdict = if lockfile.print() == project.lockfile { "as npm has it" } else { "NOT as npm has it" };
    eprintln!("{name}: {verdict}");
    writer.add_project(&name, &project).map_err(|source| RecordError::Reduce { name, source })
}

/// Records all metadata that was read. Gives the number of packages.
fn record_read(
    metadata: &UpstreamMetadata,
    before: Timestamp,
    writer: &mut RecordedMetadataWriter,
) -> Result<usize, RecordError> {
    let none = BTreeSet::new();
    let mut packages = 0;
    for (name, document) in metadata.packuments() {
        let keep = Keep { before, versions: metadata.chosen.get(name).unwrap_or(&none) };
        writer
            .add(&document, &keep)
            .map_err(|source| RecordError::Reduce { name: name.to_owned(), source })?;
        packages += 1;
    }
    for ((name, version), bundled) in &metadata.bundled {
        writer
            .add_bundled(name, version, bundled)
            .map_err(|source| RecordError::Reduce { name: name.clone(), source })?;
    }
    Ok(packages)
}

fn read_list(path: &Path, wanted: &mut Wanted) -> Result<(), RecordError> {
    let text = fs::read_to_string(path).map_err(|source| RecordError::Read { path: path.into(), source })?;
    if path.extension().is_some_and(|extension| extension == "json") {
        let lockfile: Value = serde_json::from_str(&text)
            .map_err(|source| RecordError::Lockfile { path: path.into(), source })?;
        read_lockfile(&lockfile, wanted);
        return Ok(());
    }
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        // The scope's own `@` is not the one before a version.
        match line.char_indices().skip(1).find(|&(_, c)| c == '@') {
            Some((at, _)) => {
                wanted.entry(line[..at].to_owned()).or_default().insert(line[at + 1..].to_owned());
            }
            None => {
                wanted.entry(line.to_owned()).or_default();
            }
        }
    }
    Ok(())
}

/// Every package of the tree that came from a registry.
fn read_lockfile(lockfile: &Value, wanted: &mut Wanted) {
    let packages = lockfile["packages"].as_object().into_iter().flatten();
    for (location, package) in packages {
        let from_registry = package["integrity"].is_string() && package["inBundle"] != true;
        let Some((_, folder)) = location.rsplit_once("node_modules/") else { continue };
        if let (true, Some(version)) = (from_registry, package["version"].as_str()) {
            let name = package["name"].as_str().unwrap_or(folder);
            wanted.entry(name.to_owned()).or_default().insert(version.to_owned());
        }
    }
}
