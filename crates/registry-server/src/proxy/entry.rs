//! A packument of an upstream, ready to be answered, with what the registry must know about its tarballs.

use std::collections::HashMap;
use std::sync::Arc;

use npm_formats::integrity::{Algorithm, Integrity};
use serde::Deserialize;
use url::Url;

use super::summary;
use super::upstream::Upstream;
use super::verifier::Verifier;
use crate::database::UpstreamSummary;
use crate::packument::parse_members;
use crate::{PackageName, Packument, RegistryError};

/// A packument, and where its tarballs are.
pub(super) struct Entry {
    pub packument: Arc<Packument>,
    /// Addresses by file names, of those tarballs that are not where they usually are.
    elsewhere: HashMap<String, Url>,
}

/// What a packument says about a tarball.
#[derive(Clone, Debug)]
pub(super) struct TarballFacts {
    pub url: Url,
    pub integrity: Integrity,
}

#[derive(Deserialize)]
struct Manifest {
    #[serde(default)]
    dist: Dist,
}

#[derive(Deserialize, Default)]
struct Dist {
    tarball: Option<String>,
    integrity: Option<String>,
    shasum: Option<String>,
}

impl Entry {
    /// Reads the full packument of a package, and what searches are to know of it. Takes a while: not for a thread that
    /// answers requests.
    ///
    /// Errors: a document that is no packument, or another package's.
    pub fn read(
        name: &PackageName,
        document: &[u8],
        upstream: &Upstream,
    ) -> Result<(Entry, Option<UpstreamSummary>), RegistryError> {
        let packument = Arc::new(Packument::render(name, document)?);
        let invalid = |source| RegistryError::Document { name: name.to_string(), source };
        // rendered, so it is text
        let text = std::str::from_utf8(document).unwrap_or_default();
        let members = parse_members(text).map_err(invalid)?;
        let versions = members.get("versions").map(|raw| parse_members(raw.get())).transpose();
        let mut elsewhere = HashMap::new();
        for manifest in versions.map_err(invalid)?.unwrap_or_default().values() {
            let Ok(Manifest { dist: Dist { tarball: Some(address), .. } }) =
                serde_json::from_str(manifest.get())
            else {
                continue;
            };
            let Ok(url) = upstream.settings().url.join(&address) else { continue };
            let Some(file) = url.path().rsplit('/').next().map(str::to_owned) else { continue };
            if upstream.tarball_url(name, &file).as_ref() != Some(&url)
                && matches!(url.scheme(), "http" | "https")
            {
                elsewhere.insert(file, url);
            }
        }
        Ok((Entry { packument, elsewhere }, summary::of(&members)))
    }

    /// Where the tarball of a file name is and what is in it; `None` where the packument has no such file.
    ///
    /// Errors: a tarball of which the packument does not say what is in it.
    pub fn tarball(&self, file: &str, upstream: &Upstream) -> Result<Option<TarballFacts>, RegistryError> {
        let name = self.packument.name();
        let Some(version) = self.packument.tarball_version(file) else { return Ok(None) };
        let url = self.elsewhere.get(file).cloned().or_else(|| upstream.tarball_url(name, file));
        let (Some(manifest), Some(url)) = (self.packument.manifest(version, ""), url) else {
            return Ok(None);
        };
        let manifest: Manifest = serde_json::from_slice(&manifest)
            .map_err(|source| RegistryError::Document { name: name.to_string(), source })?;
        let Dist { integrity, shasum, .. } = manifest.dist;
        let integrity = integrity.and_then(|text| Integrity::parse(&text).ok());
        let shasum = || Integrity::from_hex(Algorithm::Sha1, &shasum?).ok();
        match integrity.or_else(shasum).filter(Verifier::can_check) {
            Some(integrity) => Ok(Some(TarballFacts { url, integrity })),
            None => Err(RegistryError::NoIntegrity { name: name.to_string(), version: version.to_owned() }),
        }
    }

    /// About how many bytes of memory it holds.
    pub fn memory(&self) -> usize {
        self.packument.memory() + self.elsewhere.len() * 256
    }
}
