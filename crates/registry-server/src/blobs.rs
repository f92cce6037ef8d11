//! Tarballs by what is in them, on a disk or in an S3-compatible store.
//!
//! A blob is written whole before anything names it, and never changes. Does not own: which blobs are wanted (rows of
//! `database` name them).

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::{Bytes, BytesMut};
use futures_util::TryStreamExt;
use futures_util::stream::BoxStream;
use object_store::aws::AmazonS3Builder;
use object_store::local::LocalFileSystem;
use object_store::path::Path as Key;
use object_store::{
    ClientOptions, ObjectMeta, ObjectStore, ObjectStoreExt, PutMode, PutOptions, RetryConfig, WriteMultipart,
};
use tempfile::NamedTempFile;
use tokio::io::AsyncReadExt;

use crate::RegistryError;
use crate::settings::{BlobLocation, S3Settings, StorageSettings};
use crate::storage::Blob;

/// Bytes read at once of what is uploaded, and how many parts of it are under way.
const UPLOAD_READ: usize = 1 << 20;
const UPLOADS_AT_ONCE: usize = 4;

/// Bytes up to which something is uploaded in one request, whose time is limited: what is larger goes in parts.
const UPLOAD_WHOLE: usize = 8 << 20;

/// How long a store may take to be connected to and may say nothing, and how long it is tried again. A transfer as a
/// whole takes as long as it takes: clients that are slow to read a tarball hold it up.
const CONNECT_TIME: Duration = Duration::from_secs(5);
const SILENCE: Duration = Duration::from_secs(20);
const RETRY_TIME: Duration = Duration::from_secs(10);
const RETRIES: usize = 3;

/// Folders that a blob lies in, from the innermost to that which always is there.
const LEVELS: usize = 4;

/// An open store of blobs; a clone is a handle to the same one.
#[derive(Clone)]
pub(crate) struct Blobs {
    store: Arc<dyn ObjectStore>,
    /// With a folder: the same as `store`, which knows the files.
    local: Option<Arc<LocalFileSystem>>,
    prefix: Key,
}

impl Blobs {
    /// Opens a store.
    ///
    /// # Errors
    /// A folder that cannot be made, settings that name no store.
    pub fn open(settings: &StorageSettings) -> Result<Blobs, RegistryError> {
        match &settings.blobs {
            BlobLocation::Folder(folder) => Blobs::folder(folder),
            BlobLocation::S3 { bucket, prefix } => Blobs::s3(bucket, prefix, &settings.s3),
        }
    }

    /// Opens or makes one in a folder.
    pub fn folder(folder: &Path) -> Result<Blobs, RegistryError> {
        std::fs::create_dir_all(folder).map_err(|source| RegistryError::Io {
            action: "make",
            path: folder.to_owned(),
            source,
        })?;
        let store = Arc::new(LocalFileSystem::new_with_prefix(folder)?.with_fsync(true));
        Ok(Blobs { store: store.clone(), local: Some(store), prefix: Key::default() })
    }

    fn s3(bucket: &str, prefix: &str, settings: &S3Settings) -> Result<Blobs, RegistryError> {
        // the HTTP client takes what the process has; that somebody was faster is as good
        let _ = tokio_rustls::rustls::crypto::ring::default_provider().install_default();
        let client = ClientOptions::new()
            .with_timeout_disabled()
            .with_connect_timeout(CONNECT_TIME)
            .with_read_timeout(SILENCE);
        let retry = RetryConfig { max_retries: RETRIES, retry_timeout: RETRY_TIME, ..RetryConfig::default() };
        let mut builder = AmazonS3Builder::new()
            .with_client_options(client)
            .with_retry(retry)
            .with_bucket_name(bucket)
            .with_region(&settings.region)
            .with_virtual_hosted_style_request(!settings.path_style);
        if let (Some(access), Some(secret)) = (&settings.access_key, &settings.secret_key) {
            builder = builder.with_access_key_id(access.reveal()).with_secret_access_key(secret.reveal());
        }
        if let Some(endpoint) = &settings.endpoint {
            let address = endpoint.as_str().trim_end_matches('/');
            builder = builder.with_endpoint(address).with_allow_http(endpoint.scheme() == "http");
        }
        let prefix = Key::parse(prefix).map_err(object_store::Error::from)?;
        Ok(Blobs { store: Arc::new(builder.build()?), local: None, prefix })
    }

    /// Keeps bytes under their digest (SHA-512 in hexadecimal). Once it returns they are there to stay.
    pub async fn put(&self, digest: &str, bytes: Bytes) -> Result<(), RegistryError> {
        let key = self.key(digest);
        if self.local.is_none() && bytes.len() > UPLOAD_WHOLE {
            let mut upload = self.upload(&key).await?;
            upload.put(bytes);
            upload.finish().await?;
            return Ok(());
        }
        // the same content under the same key: written twice it is the same
        let options = PutOptions { mode: PutMode::Overwrite, ..PutOptions::default() };
        self.store.put_opts(&key, bytes.into(), options).await?;
        Ok(())
    }

    /// Asks whether the store is there.
    ///
    /// # Errors
    /// One that cannot be reached or does not let the registry in.
    pub async fn answers(&self) -> Result<(), RegistryError> {
        // nothing is ever kept under this key
        let key = self.prefix.clone().join("ready");
        if let Some(path) = self.local_path(&key)? {
            let folder = path.parent().unwrap_or(Path::new("."));
            tokio::fs::metadata(folder).await.map_err(io_error("read", folder))?;
            return Ok(());
        }
        match self.store.head(&key).await {
            Ok(_) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// A store within this one, whose blobs are no blobs of this one.
    pub fn below(&self, part: &str) -> Blobs {
        Blobs { prefix: self.prefix.clone().join(part), ..self.clone() }
    }

    /// An empty file to be filled and then kept; it goes when it is dropped.
    pub async fn stage(&self) -> Result<NamedTempFile, RegistryError> {
        let blobs = self.clone();
        let make = move || blobs.stage_now();
        tokio::task::spawn_blocking(make).await.map_err(|_| RegistryError::Interrupted)?
    }

    /// The same, for who is where the disk may be waited for.
    pub fn stage_now(&self) -> Result<NamedTempFile, RegistryError> {
        match self.local_path(&self.prefix.clone().join("incoming"))? {
            Some(folder) => {
                std::fs::create_dir_all(&folder).map_err(io_error("make", &folder))?;
                NamedTempFile::new_in(&folder).map_err(io_error("write to", &folder))
            }
            None => NamedTempFile::new().map_err(io_error("write to", Path::new("the temporary folder"))),
        }
    }

    /// Files with their lengths in bytes that were written beside blobs to become these, before a time, by a process that
    /// was killed: the store has such a file for each blob that it writes, and never lists it.
    ///
    /// # Errors
    /// A folder that cannot be read.
    pub async fn half_written(&self, before: SystemTime) -> Result<Vec<(PathBuf, u64)>, RegistryError> {
        let Some(folder) = self.local_path(&self.prefix.clone().join("sha512"))? else {
            return Ok(Vec::new());
        };
        let walk = move || half_written_below(&folder, before);
        tokio::task::spawn_blocking(walk).await.map_err(|_| RegistryError::Interrupted)?
    }

    /// Takes away what a process that was killed had staged before a time.
    pub fn clear_staged(&self, before: SystemTime) -> Result<(), RegistryError> {
        remove_files(&self.staged(before)?)
    }

    /// Files with their lengths in bytes that were staged before a time, and that nobody keeps any more.
    pub fn staged(&self, before: SystemTime) -> Result<Vec<(PathBuf, u64)>, RegistryError> {
        let Some(folder) = self.local_path(&self.prefix.clone().join("incoming"))? else {
            return Ok(Vec::new());
        };
        let Ok(entries) = std::fs::read_dir(&folder) else { return Ok(Vec::new()) };
        Ok(entries.flatten().filter_map(|entry| written_before(&entry, before)).collect())
    }

    /// Keeps a staged file, which is written and on the disk, under its digest.
    pub async fn put_staged(&self, digest: &str, staged: NamedTempFile) -> Result<(), RegistryError> {
        let key = self.key(digest);
        if let Some(path) = self.local_path(&key)? {
            let keep = move || {
                let folder = path.parent().unwrap_or(Path::new("."));
                std::fs::create_dir_all(folder).map_err(io_error("make", folder))?;
                staged.persist(&path).map_err(|error| io_error("write", &path)(error.error))?;
                sync_folders(folder)
            };
            return tokio::task::spawn_blocking(keep).await.map_err(|_| RegistryError::Interrupted)?;
        }
        self.upload_file(&key, staged.path()).await
    }

    async fn upload_file(&self, key: &Key, path: &Path) -> Result<(), RegistryError> {
        let mut file = tokio::fs::File::open(path).await.map_err(io_error("read", path))?;
        let mut upload = self.upload(key).await?;
        loop {
            let mut part = BytesMut::with_capacity(UPLOAD_READ);
            if file.read_buf(&mut part).await.map_err(io_error("read", path))? == 0 {
                break;
            }
            upload.wait_for_capacity(UPLOADS_AT_ONCE).await?;
            upload.put(part.freeze());
        }
        upload.finish().await?;
        Ok(())
    }

    /// What takes a blob in parts, which are nothing before it is finished.
    async fn upload(&self, key: &Key) -> Result<WriteMultipart, RegistryError> {
        Ok(WriteMultipart::new(self.store.put_multipart_opts(key, Default::default()).await?))
    }

    /// Keeps a copy of a file, which is written and on the disk, under its digest.
    pub async fn put_file(&self, digest: &str, file: &Path) -> Result<(), RegistryError> {
        let key = self.key(digest);
        let Some(path) = self.local_path(&key)? else { return self.upload_file(&key, file).await };
        let from = file.to_owned();
        let keep = move || {
            let folder = path.parent().unwrap_or(Path::new("."));
            std::fs::create_dir_all(folder).map_err(io_error("make", folder))?;
            // beside, then by its name at once: who reads finds all of it or nothing
            let beside = from.with_extension("link");
            std::fs::hard_link(&from, &beside).map_err(io_error("write", &beside))?;
            std::fs::rename(&beside, &path).map_err(io_error("write", &path))?;
            sync_folders(folder)
        };
        tokio::task::spawn_blocking(keep).await.map_err(|_| RegistryError::Interrupted)?
    }

    /// All bytes of a digest; `None` where there are none.
    pub async fn read(&self, digest: &str) -> Result<Option<Bytes>, RegistryError> {
        match self.store.get(&self.key(digest)).await {
            Ok(found) => Ok(Some(found.bytes().await?)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Takes a blob away; one that is not there already is.
    pub async fn remove(&self, digest: &str) -> Result<(), RegistryError> {
        match self.store.delete(&self.key(digest)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Every blob that is there, in no order. What has no name of a blob is left out.
    pub fn list(&self) -> BoxStream<'static, Result<Found, RegistryError>> {
        let folder = self.prefix.clone().join("sha512");
        let found = self.store.list(Some(&folder)).map_err(RegistryError::from);
        Box::pin(found.try_filter_map(|meta| std::future::ready(Ok(Found::of(&meta)))))
    }

    /// Length and age of a blob; `None` where there is none.
    pub async fn find(&self, digest: &str) -> Result<Option<Found>, RegistryError> {
        match self.store.head(&self.key(digest)).await {
            Ok(meta) => Ok(Found::of(&meta)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// The bytes of a blob as they are read; `None` where there is none.
    pub async fn stream(
        &self,
        digest: &str,
    ) -> Result<Option<BoxStream<'static, Result<Bytes, RegistryError>>>, RegistryError> {
        match self.store.get(&self.key(digest)).await {
            Ok(found) => Ok(Some(Box::pin(found.into_stream().map_err(RegistryError::from)))),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    fn local_path(&self, key: &Key) -> Result<Option<PathBuf>, RegistryError> {
        Ok(self.local.as_ref().map(|local| local.path_to_filesystem(key)).transpose()?)
    }

    /// The blob of a digest, of which the length in bytes is known.
    pub fn get(&self, digest: &str, length: u64) -> Result<Blob, RegistryError> {
        let key = self.key(digest);
        Ok(match &self.local {
            Some(local) => Blob::File { path: local.path_to_filesystem(&key)?, length },
            None => Blob::Object { store: self.store.clone(), key, length },
        })
    }

    /// Two levels of folders, so that none holds more than a few thousand files of a million.
    fn key(&self, digest: &str) -> Key {
        let parts =
            ["sha512", digest.get(..2).unwrap_or_default(), digest.get(2..4).unwrap_or_default(), digest];
        self.prefix.parts().map(|part| part.as_ref().to_owned()).chain(parts.map(str::to_owned)).collect()
    }
}

/// A blob that is there.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    /// SHA-512 in hexadecimal.
    pub digest: String,
    /// Bytes.
    pub length: u64,
    /// When it was written, in milliseconds since the epoch.
    pub written: i64,
}

impl Found {
    fn of(meta: &ObjectMeta) -> Option<Found> {
        let name = meta.location.filename().unwrap_or_default();
        is_digest(name).then(|| Found {
            digest: name.to_owned(),
            length: meta.size,
            written: meta.last_modified.timestamp_millis(),
        })
    }
}

/// Takes files away; what is gone already is.
pub(crate) fn remove_files(files: &[(PathBuf, u64)]) -> Result<(), RegistryError> {
    for (path, _) in files {
        match std::fs::remove_file(path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(io_error("remove", path)(error));
            }
            _ => {}
        }
    }
    Ok(())
}

fn is_digest(name: &str) -> bool {
    name.len() == 128 && name.bytes().all(|byte| b"0123456789abcdef".contains(&byte))
}

/// Whether a file of this name is to become a blob: a digest and a number.
fn is_half_written(name: &str) -> bool {
    let numbered = name.split_once('#');
    numbered.is_some_and(|(digest, number)| {
        is_digest(digest) && !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
    })
}

fn half_written_below(folder: &Path, before: SystemTime) -> Result<Vec<(PathBuf, u64)>, RegistryError> {
    let (mut found, mut folders) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(folder) = folders.pop() {
        let entries = match std::fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            Err(error) => return Err(io_error("read", &folder)(error)),
        };
        for entry in entries {
            let entry = entry.map_err(io_error("read", &folder))?;
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                folders.push(entry.path());
            } else if entry.file_name().to_str().is_some_and(is_half_written) {
                found.extend(written_before(&entry, before));
            }
        }
    }
    Ok(found)
}

/// A file and its length, where it was written before a time.
fn written_before(entry: &std::fs::DirEntry, before: SystemTime) -> Option<(PathBuf, u64)> {
    let metadata = entry.metadata().ok()?;
    let is_old = metadata.modified().is_ok_and(|written| written < before);
    (metadata.is_file() && is_old).then(|| (entry.path(), metadata.len()))
}

/// Brings the name of a file to the disk, and those of the folders that were made for it: it must outlive a loss of power
/// once a row names it.
fn sync_folders(innermost: &Path) -> Result<(), RegistryError> {
    for folder in innermost.ancestors().take(LEVELS) {
        let synced = std::fs::File::open(folder).and_then(|folder| folder.sync_all());
        synced.map_err(io_error("write", folder))?;
    }
    Ok(())
}

fn io_error(action: &'static str, path: &Path) -> impl Fn(std::io::Error) -> RegistryError + use<> {
    let path = path.to_owned();
    move |source| RegistryError::Io { action, path: path.clone(), source }
}
