//! What a lockfile says about a registry's package is believed only as far as the registry says the same.
//!
//! A lockfile is text in a repository, which few people read before they merge it. Where it leads to the package's own
//! address in its own registry, the recorded hash decides, as everywhere. Where it leads elsewhere, has no hash, or
//! has the hash of a package of another name, the registry is asked what it published.

use dependency_resolver::FetchError;
use npm_formats::integrity::{Algorithm, Integrity};
use npm_semver::Version;
use package_store::Entry;
use registry_client::PackumentKind;
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use super::{Source, Tarballs};
use crate::registry_metadata::fetch_error;

impl Tarballs {
    /// The store's entry for a registry's package, if it is there and nothing about it is odd. Does no network.
    pub fn find_vetted(&self, source: &Source) -> Option<Entry> {
        if source.integrity.is_none() || !self.is_at_own_address(source) {
            return None;
        }
        Self::lookup(&self.shared.store, source).filter(|entry| is_named(entry, source))
    }

    /// The same source with a hash that its registry vouches for.
    ///
    /// *Errors*: `EINTEGRITY` where the registry published something else, and what the registry answers. A package
    /// that it does not have at all, and one that cannot be looked up offline, stays as recorded.
    pub async fn vetted(&self, source: &Source) -> Result<Source, FetchError> {
        let published = match self.published_integrity(source).await {
            Ok(published) => published,
            Err(error) if matches!(&*error.code, "E404" | "ENOTCACHED") => return Ok(source.clone()),
            Err(error) => return Err(error),
        };
        let Some(published) = published else { return Ok(source.clone()) };
        let recorded = source.parsed_integrity();
        match recorded {
            Some(recorded) if recorded.matches(&published).is_some() => Ok(source.clone()),
            Some(recorded)
                if published.algorithms().any(|algorithm| recorded.of(algorithm).next().is_some()) =>
            {
                Err(tampered(source, &recorded, &published))
            }
            _ => Ok(Source { integrity: Some(published.to_string()), ..source.clone() }),
        }
    }

    /// As [`Tarballs::entry`], for a registry's package, of which not everything that is recorded is believed.
    pub async fn vetted_entry(&self, source: &Source) -> Result<Entry, FetchError> {
        let is_odd = source.integrity.is_none() || !self.is_at_own_address(source);
        if is_odd {
            return self.entry(&self.vetted(source).await?).await;
        }
        let entry = self.entry(source).await?;
        if is_named(&entry, source) {
            return Ok(entry);
        }
        self.entry(&self.vetted(source).await?).await
    }

    /// Whether the recorded address is where the package's registry keeps the package's tarballs.
    fn is_at_own_address(&self, source: &Source) -> bool {
        let Some(resolved) = &source.resolved else { return true };
        let client = &self.shared.client;
        let Some(registry) = client.options().registry_for(&source.name) else { return false };
        let rest = resolved.strip_prefix(registry.as_str()).map(|rest| rest.trim_start_matches('/'));
        if rest.and_then(|rest| rest.strip_prefix(&*source.name)).is_some_and(|rest| rest.starts_with("/-/"))
        {
            return true;
        }
        let Ok(url) = Url::parse(resolved).map(|url| client.tarball_url(&url)) else { return false };
        let is_same_server = url.scheme() == registry.scheme()
            && url.host() == registry.host()
            && url.port_or_known_default() == registry.port_or_known_default();
        // Addresses of other forms do not say whose they are.
        is_same_server
            && url.path().rsplit_once("/-/").is_none_or(|(before, _)| {
                let before = before.replace("%2f", "/").replace("%2F", "/").replace("%40", "@");
                before.strip_suffix(&*source.name).is_some_and(|rest| rest.ends_with('/'))
            })
    }

    async fn published_integrity(&self, source: &Source) -> Result<Option<Integrity>, FetchError> {
        let packument = self.shared.client.packument(&source.name, PackumentKind::Abbreviated).await;
        let packument = packument.map_err(|error| fetch_error(&error))?;
        let missing = || {
            let message = format!("{} is locked, but its registry has no such version", source.id());
            FetchError::new("ETARGET", message)
        };
        let version = packument.version(&source.version).ok_or_else(missing)?;
        let manifest = packument
            .manifest(version)
            .map_err(|error| FetchError::new("EBADMANIFEST", error.to_string()))?;
        let dist = |key: &str| manifest.get("dist")?.get(key).and_then(Value::as_str);
        let integrity = dist("integrity").and_then(|text| Integrity::parse(text).ok());
        Ok(integrity.or_else(|| Integrity::from_hex(Algorithm::Sha1, dist("shasum")?).ok()))
    }
}

fn tampered(source: &Source, recorded: &Integrity, published: &Integrity) -> FetchError {
    let from = source.resolved.as_deref().unwrap_or("its registry");
    let message = format!(
        "{} is locked to {recorded} from {from}, but its registry published {published}",
        source.id()
    );
    let mut error = FetchError::new("EINTEGRITY", message);
    error.hint = Some(
        "someone may have tampered with the lockfile: find out who changed this entry, then remove it and run \
         `knit install`"
            .to_owned(),
    );
    error
}

/// Whether an entry's own package.json says what the source says.
fn is_named(entry: &Entry, source: &Source) -> bool {
    #[derive(Deserialize)]
    struct Named {
        name: String,
        version: String,
    }
    let Ok(own) = serde_json::from_slice::<Named>(entry.package_json()) else { return false };
    own.name == source.name
        && (own.version == source.version
            || Version::parse_loose(&own.version).is_ok_and(|own| own.to_string() == source.version))
}
