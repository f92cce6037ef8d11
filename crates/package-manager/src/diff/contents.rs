//! The files of the packages that are compared.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use npm_formats::integrity::{Algorithm, Integrity};
use npm_formats::specifier::{Specifier, SpecifierKind};
use package_store::{Bin, Entry, Store};
use registry_client::{PackumentKind, RegistryClient};
use serde_json::{Map, Value};
use tokio::runtime::Runtime;

use super::DiffError;
use super::subjects::{choose, specifier};
use crate::git::GitRepositories;
use crate::install::InstallContext;
use crate::packlist;
use crate::project::normalized_document;
use crate::tarballs::{Source, Tarballs};

/// How much of a file is looked at to tell whether it is text, as git does.
const LOOKED_AT: usize = 8000;

/// Extensions of files whose differences say nothing to people.
const BINARY_EXTENSIONS: &[&str] = &[
    "7z", "a", "avif", "bin", "bmp", "br", "bz2", "class", "dat", "db", "dll", "dmg", "doc", "docx", "dylib",
    "eot", "exe", "flac", "gif", "gz", "icns", "ico", "jar", "jpeg", "jpg", "lib", "lz", "lzma", "m4a",
    "m4v", "mkv", "mov", "mp3", "mp4", "mpeg", "mpg", "node", "o", "obj", "ogg", "ogv", "otf", "pdf", "png",
    "ppt", "pptx", "psd", "pyc", "rar", "rlib", "so", "sqlite", "swf", "tar", "tgz", "tif", "tiff", "ttc",
    "ttf", "wasm", "wav", "webm", "webp", "woff", "woff2", "xls", "xlsx", "xz", "zip", "zst",
];

/// One side.
#[derive(Debug, Default)]
pub(super) struct Contents {
    pub(super) version: String,
    /// By path in the package.
    pub(super) files: BTreeMap<String, File>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct File {
    /// Permission bits as a tarball has them.
    pub(super) mode: u32,
    pub(super) bytes: Vec<u8>,
}

/// Whether a file is better not shown line by line: by its extension, as in npm, or by a zero byte, as in git.
pub(super) fn is_binary(path: &str, bytes: &[u8]) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    BINARY_EXTENSIONS.contains(&extension) || bytes[..bytes.len().min(LOOKED_AT)].contains(&0)
}

/// The runtime on which requests run.
pub(super) fn runtime() -> Result<Runtime, DiffError> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|source| DiffError::Threads { source })
}

/// Both sides.
pub(super) fn both(context: &InstallContext<'_>, specs: &[String; 2]) -> Result<[Contents; 2], DiffError> {
    let runtime = runtime()?;
    let client = {
        let _inside = runtime.enter();
        RegistryClient::new(context.client.clone())?
    };
    let git = GitRepositories {
        executable: context.git.clone(),
        scratch: context.settings.places.cache.join("git"),
        preparation: None,
    };
    let store = Store::open(&context.settings.places.store)?;
    let tarballs = Tarballs::new(runtime.handle().clone(), client.clone(), store, git);
    let getter = Getter { context, runtime: &runtime, client: &client, tarballs: &tarballs };
    let [old, new] = specs;
    let both = [getter.get(old)?, getter.get(new)?];
    runtime.block_on(client.flush());
    Ok(both)
}

struct Getter<'a> {
    context: &'a InstallContext<'a>,
    runtime: &'a Runtime,
    client: &'a RegistryClient,
    tarballs: &'a Tarballs,
}

impl Getter<'_> {
    fn get(&self, spec: &str) -> Result<Contents, DiffError> {
        let specifier = specifier(self.context, spec)?;
        let specifier = specifier.alias_target().unwrap_or(&specifier);
        if let (SpecifierKind::Directory, Some(folder)) = (specifier.kind(), specifier.fetch_spec()) {
            return folder_contents(Path::new(folder));
        }
        let (version, source) = if specifier.is_registry() {
            self.published(specifier)?
        } else {
            let manifest = self.tarballs.manifest(specifier)?;
            let version = text(&manifest, "version");
            (version.clone(), Source { version, ..source_of(&manifest) })
        };
        let entry = self.runtime.block_on(self.tarballs.entry(&source))?;
        Ok(Contents { version, files: entry_files(&entry)? })
    }

    fn published(&self, specifier: &Specifier) -> Result<(String, Source), DiffError> {
        let name = specifier.name().unwrap_or_default();
        let packument = self.runtime.block_on(self.client.packument(name, PackumentKind::Full))?;
        let manifest = choose(self.context, &packument, name, specifier.fetch_spec().unwrap_or("*"))?;
        let dist = |key: &str| manifest.get("dist")?.get(key)?.as_str().map(str::to_owned);
        let shasum = || Integrity::from_hex(Algorithm::Sha1, &dist("shasum")?).ok();
        let version = text(&manifest, "version");
        let source = Source {
            name: name.to_owned(),
            version: version.clone(),
            resolved: dist("tarball"),
            integrity: dist("integrity").or_else(|| Some(shasum()?.to_string())),
        };
        Ok((version, source))
    }
}

fn text(manifest: &Map<String, Value>, key: &str) -> String {
    manifest.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// Where something outside registries was unpacked from.
fn source_of(manifest: &Map<String, Value>) -> Source {
    let given = |key: &str| Some(text(manifest, key)).filter(|text| !text.is_empty());
    Source {
        name: text(manifest, "name"),
        version: String::new(),
        resolved: given("_resolved"),
        integrity: given("_integrity"),
    }
}

fn entry_files(entry: &Entry) -> Result<BTreeMap<String, File>, DiffError> {
    let mut files = BTreeMap::new();
    for record in entry.files() {
        let mode = in_tarball(record.mode, record.mode & 0o111 != 0);
        files.insert(record.path.to_owned(), File { mode, bytes: entry.read(record.path)? });
    }
    Ok(files)
}

/// The files of a folder: of a package in node_modules all, else those that would be packed.
fn folder_contents(folder: &Path) -> Result<Contents, DiffError> {
    let manifest = normalized_document(folder).unwrap_or_default();
    let paths = match is_installed(folder) {
        true => all_files(folder)?,
        false => packlist::files(folder)?,
    };
    let bins = manifest.get("bin").and_then(Value::as_object).into_iter().flatten();
    let bins: Vec<Bin> = bins.filter_map(|(name, target)| Bin::new(name, target.as_str()?)).collect();
    let mut files = BTreeMap::new();
    for path in paths {
        let absolute = folder.join(&path);
        let failed = |source| DiffError::Read { path: absolute.clone(), source };
        let bytes = std::fs::read(&absolute).map_err(failed)?;
        let mode = std::fs::metadata(&absolute).map_err(failed)?.permissions().mode();
        let is_executable = mode & 0o111 != 0 || bins.iter().any(|bin| bin.target == path);
        files.insert(path, File { mode: in_tarball(mode, is_executable), bytes });
    }
    Ok(Contents { version: text(&manifest, "version"), files })
}

/// Permission bits as npm packs them: nobody but the owner may write.
fn in_tarball(mode: u32, is_executable: bool) -> u32 {
    let executable = if is_executable { 0o111 } else { 0 };
    ((mode & 0o777) | 0o600 | executable) & !0o022
}

fn is_installed(folder: &Path) -> bool {
    let is_modules = |folder: &Path| folder.file_name().is_some_and(|name| name == "node_modules");
    folder.parent().is_some_and(|parent| is_modules(parent) || parent.parent().is_some_and(is_modules))
}

/// Every file but what is installed below.
fn all_files(folder: &Path) -> Result<Vec<String>, DiffError> {
    let mut pending = vec![PathBuf::new()];
    let mut files = Vec::new();
    while let Some(below) = pending.pop() {
        let directory = folder.join(&below);
        let failed = |source| DiffError::Read { path: directory.clone(), source };
        for entry in std::fs::read_dir(&directory).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let kind = entry.file_type().map_err(failed)?;
            let path = below.join(entry.file_name());
            if kind.is_dir() && entry.file_name() != "node_modules" {
                pending.push(path);
            } else if kind.is_file() {
                files.push(path.to_string_lossy().into_owned());
            }
        }
    }
    Ok(files)
}
