//! `record-corpus`: from lists of what a resolver read to one file that tests read.
//!
//! The registry is the one npm is configured to use, or the one given; its address gets into no file.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::{fs, io};

use jiff::Timestamp;
use registry_client::RegistryError;
use serde_json::Value;
use test_support::recorded_metadata::{Keep, RecordedMetadataWriter};
use test_support::upstream::{Upstream, configured_registry};
use tokio::task::JoinSet;
use url::Url;

/// Fetched at once: packuments are megabytes, and all of them are held until they are reduced.
const SIDE_BY_SIDE: usize = 16;

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
    /// What to record: `package-lock.json` files, and text files with a `name` (nothing kept whole) or
    /// `name@version` (that manifest kept whole) a line.
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
    #[error("cannot fetch {name}")]
    Fetch { name: String, source: Box<RegistryError> },
    #[error("the registry has no package {name}")]
    Missing { name: String },
    #[error("the packument of {name} cannot be reduced")]
    Packument { name: String, source: serde_json::Error },
    #[error("cannot start")]
    Start { source: io::Error },
    #[error("cannot set up the client")]
    Client { source: Box<RegistryError> },
}

/// Names to record, each with the versions kept whole.
type Wanted = BTreeMap<String, BTreeSet<String>>;

pub fn run(arguments: &Arguments) -> Result<(), RecordError> {
    let mut wanted = Wanted::new();
    for list in &arguments.lists {
        read_list(list, &mut wanted)?;
    }
    let registry = match &arguments.registry {
        Some(registry) => registry.clone(),
        None => configured_registry().map_err(|source| RecordError::Registry { source })?,
    };
    let mut writer = RecordedMetadataWriter::new();
    let hosts = arguments.replace_hosts.iter().map(String::as_str).chain(registry.host_str());
    hosts.for_each(|host| writer.replace_host(host));
    let upstream =
        Upstream::new(registry.clone()).map_err(|source| RecordError::Client { source: source.into() })?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|source| RecordError::Start { source })?;
    runtime.block_on(record(&upstream, &wanted, arguments.before, &mut writer))?;
    writer
        .write(&arguments.out)
        .map_err(|source| RecordError::Write { path: arguments.out.clone(), source })?;
    let size = fs::metadata(&arguments.out).map_or(0, |metadata| metadata.len());
    eprintln!("{} packages, {size} bytes: {}", wanted.len(), arguments.out.display());
    Ok(())
}

async fn record(
    upstream: &Upstream,
    wanted: &Wanted,
    before: Timestamp,
    writer: &mut RecordedMetadataWriter,
) -> Result<(), RecordError> {
    let mut names = wanted.keys().cloned();
    let mut fetching = JoinSet::new();
    loop {
        while fetching.len() < SIDE_BY_SIDE {
            let Some(name) = names.next() else { break };
            let upstream = upstream.clone();
            fetching.spawn(async move { (upstream.packument(&name).await, name) });
        }
        let Some(fetched) = fetching.join_next().await else { return Ok(()) };
        let (answer, name) = fetched.expect("fetching does not panic");
        let document =
            answer.map_err(|source| RecordError::Fetch { name: name.clone(), source: source.into() })?;
        let document = document.ok_or_else(|| RecordError::Missing { name: name.clone() })?;
        let versions = &wanted[&name];
        let added = writer.add(&document, &Keep { before, versions });
        added.map_err(|source| RecordError::Packument { name, source })?;
    }
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
