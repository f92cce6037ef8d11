//! The registry that recording tools copy from.

use std::io;
use std::process::Command;
use std::time::Duration;

use bytes::Bytes;
use registry_client::{
    ClientOptions, PackumentKind, RegistryClient, RegistryError, RetryOptions, TarballRequest,
};
use url::Url;

/// A real registry, read without credentials. A clone is a handle to the same connections.
#[derive(Clone)]
pub struct Upstream {
    client: RegistryClient,
    registry: Url,
}

impl Upstream {
    /// A registry by its address.
    ///
    /// Errors: a client that cannot be set up.
    pub fn new(registry: Url) -> Result<Upstream, RegistryError> {
        // Mirrors wake up slowly; npm's pauses between tries are for people.
        let retry = RetryOptions { min_timeout: Duration::from_secs(1), ..RetryOptions::default() };
        let options = ClientOptions {
            registry: Some(registry.clone()),
            retry,
            max_sockets: 16,
            user_agent: "knit-recorder".into(),
            ..ClientOptions::default()
        };
        Ok(Upstream { client: RegistryClient::new(options)?, registry })
    }

    /// The full packument of a package; `None` where there is none.
    ///
    /// Errors: all that keeps it from being fetched.
    pub async fn packument(&self, name: &str) -> Result<Option<Bytes>, RegistryError> {
        let fetched = self.client.packument(name, PackumentKind::Full).await;
        found(fetched.map(|packument| packument.text().into()))
    }

    /// A tarball of a package by its file name; `None` where there is none.
    ///
    /// Errors: all that keeps it from being fetched.
    pub async fn tarball(&self, name: &str, file: &str) -> Result<Option<Bytes>, RegistryError> {
        let mut url = self.registry.clone();
        let path = format!("{}/{name}/-/{file}", url.path().trim_end_matches('/'));
        url.set_path(&path);
        let mut tarball = Vec::new();
        found(self.client.tarball(&TarballRequest::new(url), &mut tarball).await)
            .map(|size| size.map(|_| tarball.into()))
    }
}

/// The registry npm is configured to use in the directory the process runs in.
///
/// Errors: an npm that cannot be run or names no address.
pub fn configured_registry() -> io::Result<Url> {
    let output = Command::new("npm").args(["config", "get", "registry"]).output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    Url::parse(text.trim()).map_err(io::Error::other)
}

fn found<T>(answer: Result<T, RegistryError>) -> Result<Option<T>, RegistryError> {
    match answer {
        Ok(value) => Ok(Some(value)),
        Err(RegistryError::NotFound { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}
