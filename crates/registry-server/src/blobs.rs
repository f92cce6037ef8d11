//! Tarballs by what is in them, on a disk or in an S3-compatible store.
//!
//! A blob is written whole before anything names it, and never changes. Does not own: which blobs are wanted (rows of
//! `database` name them).

use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use object_store::aws::AmazonS3Builder;
use object_store::local::LocalFileSystem;
use object_store::path::Path as Key;
use object_store::{ObjectStore, PutMode, PutOptions};

use crate::RegistryError;
use crate::settings::{BlobLocation, S3Settings, StorageSettings};
use crate::storage::Blob;

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

    fn folder(folder: &Path) -> Result<Blobs, RegistryError> {
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
        let mut builder = AmazonS3Builder::new()
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
        // the same content under the same key: written twice it is the same
        let options = PutOptions { mode: PutMode::Overwrite, ..PutOptions::default() };
        self.store.put_opts(&key, bytes.into(), options).await?;
        Ok(())
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
