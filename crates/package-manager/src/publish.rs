//! `publish`: a package to its registry.
//!
//! Four steps, so that the caller can show what is about to be published and apply `publishConfig` in between:
//! [`prepare`] runs scripts and packs, [`check`] refuses what must not be published, [`send`] publishes, [`finish`] runs
//! the scripts after it. Source of their order, of the refusals and of the document: npm 11.19.1.

mod document;
mod error;
mod manifest;
mod provenance;
pub mod trusted;

use std::path::{Path, PathBuf};

use npm_formats::manifest::Manifest;
use npm_formats::package_name::PackageName;
use npm_semver::{Range, RangeOptions, Version};
use registry_client::{ApiBody, ApiRequest, PackumentKind, RegistryClient};
use serde_json::{Map, Value};

use crate::install::InstallContext;
use crate::lifecycle::Output;
use crate::pack::{OwnScripts, PackError, PackOptions, Packed, Packer};
pub use document::Publisher;
pub use error::PublishError;

/// A package that is packed and ready to be published.
#[derive(Debug)]
pub struct Prepared {
    pub packed: Packed,
    /// Its manifest as the registry is to have it.
    manifest: Manifest,
    /// What npm's rules corrected in package.json, one sentence each.
    pub corrections: Vec<String>,
}

impl Prepared {
    /// `publishConfig`, where it is an object.
    pub fn publish_config(&self) -> Option<&Map<String, Value>> {
        self.manifest.get("publishConfig")?.as_object()
    }

    fn text(&self, key: &str) -> Option<&str> {
        self.manifest.get(key)?.as_str().filter(|text| !text.is_empty())
    }

    /// The name in package.json.
    pub fn name(&self) -> &str {
        self.text("name").unwrap_or_default()
    }

    /// The version in package.json.
    pub fn version(&self) -> &str {
        self.text("version").unwrap_or_default()
    }

    /// `name@version`.
    pub fn id(&self) -> String {
        format!("{}@{}", self.name(), self.version())
    }
}

/// What becomes of a package that is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sending {
    /// It is published.
    Publish,
    /// It waits for somebody's approval.
    Stage,
}

/// How to publish.
#[derive(Debug, Clone)]
pub struct PublishOptions {
    pub sending: Sending,
    /// The dist-tag.
    pub tag: String,
    /// Nobody asked for the tag.
    pub is_default_tag: bool,
    /// `public` or `restricted`; `None` leaves it to the registry.
    pub access: Option<String>,
    /// Generate provenance here.
    pub provenance: bool,
    /// A provenance bundle to publish with it.
    pub provenance_file: Option<PathBuf>,
    /// Skip the checks that only keep from mistakes.
    pub force: bool,
    /// Nothing is published.
    pub dry_run: bool,
    /// Who packed it, for the registry's records.
    pub publisher: Publisher,
}

/// Refuses tags that could be mistaken for versions.
///
/// *Errors*: [`PublishError::TagIsRange`].
pub fn check_tag(tag: &str) -> Result<(), PublishError> {
    let tag = tag.trim();
    if Range::parse(tag, RangeOptions::default()).is_ok() {
        return Err(PublishError::TagIsRange { tag: tag.to_owned() });
    }
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.!~*'()".contains(&byte);
    if !tag.bytes().all(is_plain) {
        return Err(PublishError::InvalidTag { tag: tag.to_owned() });
    }
    Ok(())
}

/// Runs `prepublishOnly`, packs, and reads the manifest as scripts have left it.
///
/// *Errors*: those of packing, and a package.json with a name or version that is not valid.
pub fn prepare(
    context: &InstallContext<'_>,
    specifier: &str,
    scripts: Output,
) -> Result<Prepared, PublishError> {
    let packer = Packer::new(context)?;
    let specifier = packer.specifier(specifier)?;
    let found = packer.find(&specifier)?;
    if let Some(folder) = found.folder() {
        let (before, _) = manifest::of_folder(folder)?;
        let own = OwnScripts { context, runtime: &packer.runtime, output: Output::Inherit };
        own.run("prepublishOnly", folder, &before, &[])?;
    }
    let packed = packer.pack(found, &PackOptions { destination: None, scripts })?;
    let (manifest, corrections) = match &packed.folder {
        Some(folder) => manifest::of_folder(folder)?,
        None => (manifest::of_tarball(&packed)?, Vec::new()),
    };
    let prepared = Prepared { packed, manifest, corrections };
    if PackageName::parse(prepared.name()).is_err() {
        return Err(PublishError::InvalidName { name: prepared.name().to_owned() });
    }
    if Version::parse_loose(prepared.version()).is_err() {
        return Err(PublishError::InvalidVersion { version: prepared.version().to_owned() });
    }
    Ok(prepared)
}

/// Refuses what must not be published, without asking a registry.
///
/// *Errors*: a prerelease that nobody chose a tag for, an unusable tag, a package that is private, access that cannot
/// be, provenance that cannot be had.
pub fn check(prepared: &Prepared, options: &PublishOptions) -> Result<(), PublishError> {
    check_tag(&options.tag)?;
    let version = Version::parse_loose(prepared.version())
        .map_err(|_| PublishError::InvalidVersion { version: prepared.version().to_owned() })?;
    if !options.force && version.is_prerelease() && options.is_default_tag {
        return Err(PublishError::PrereleaseNeedsTag { id: prepared.id() });
    }
    if prepared.manifest.is_private() && !options.dry_run {
        return Err(PublishError::Private { id: prepared.id() });
    }
    if options.access.as_deref() == Some("restricted") && !prepared.name().starts_with('@') {
        return Err(PublishError::Unscoped { name: prepared.name().to_owned() });
    }
    if options.provenance {
        return Err(PublishError::ProvenanceNotMade);
    }
    Ok(())
}

/// The registry that the package goes to, and whether there are credentials for it.
///
/// *Errors*: no registry is set.
pub fn destination(client: &RegistryClient, prepared: &Prepared) -> Result<(url::Url, bool), PublishError> {
    let options = client.options();
    let registry = options.registry_for(prepared.name()).cloned();
    let registry = registry.ok_or_else(|| PublishError::NoRegistry { name: prepared.name().to_owned() })?;
    let is_known = options.credentials.for_request(&registry, None).is_some();
    Ok((registry, is_known))
}

/// Refuses what the registry has, and what would turn `latest` back.
///
/// A registry that does not say is not asked twice: it refuses by itself what it has. One that does not answer at all
/// would not take the package either, which matters unless nothing is to be published.
///
/// *Errors*: [`PublishError::Published`], [`PublishError::LatestIsHigher`], and a registry that cannot be reached.
pub async fn check_published(
    client: &RegistryClient,
    prepared: &Prepared,
    options: &PublishOptions,
) -> Result<(), PublishError> {
    if options.force {
        return Ok(());
    }
    let packument = match client.packument(prepared.name(), PackumentKind::Abbreviated).await {
        Ok(packument) => packument,
        Err(error) if error.refusal().is_none() && !options.dry_run => {
            return Err(PackError::from(error).into());
        }
        Err(_) => return Ok(()),
    };
    let Ok(version) = Version::parse_loose(prepared.version()) else { return Ok(()) };
    let own = version.to_string();
    if packument.version(&own).is_some() {
        return Err(PublishError::Published { id: format!("{}@{own}", prepared.name()) });
    }
    let released = packument
        .versions()
        .iter()
        .filter(|known| packument.manifest(known).is_ok_and(|manifest| !manifest.contains_key("deprecated")));
    let highest = released.filter_map(|known| known.parsed()).filter(|known| !known.is_prerelease()).max();
    match highest {
        Some(highest) if options.is_default_tag && *highest >= version => Err(PublishError::LatestIsHigher {
            id: prepared.id(),
            highest: highest.to_string(),
            tag: options.tag.clone(),
        }),
        _ => Ok(()),
    }
}

/// The request that publishes the package.
///
/// *Errors*: a provenance bundle that is about something else.
pub fn request(
    client: &RegistryClient,
    prepared: &Prepared,
    options: &PublishOptions,
) -> Result<ApiRequest, PublishError> {
    let (registry, _) = destination(client, prepared)?;
    let name = PackageName::parse(prepared.name())
        .map_err(|_| PublishError::InvalidName { name: prepared.name().to_owned() })?;
    let document = document::of(prepared, options, &registry)?;
    let mut request = match options.sending {
        Sending::Publish => ApiRequest::new(http::Method::PUT, format!("/{}", name.escaped())),
        Sending::Stage => ApiRequest::new(http::Method::POST, format!("/-/stage/package/{}", name.escaped())),
    };
    request.package = Some(prepared.name().to_owned());
    request.body = ApiBody::Json(document);
    Ok(request)
}

/// Runs `publish` and `postpublish`.
///
/// *Errors*: a script that fails. The package is published.
pub fn finish(context: &InstallContext<'_>, prepared: &Prepared) -> Result<(), PublishError> {
    let Some(folder) = prepared.packed.folder.as_deref() else { return Ok(()) };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|source| PackError::Threads { source })?;
    let own = OwnScripts { context, runtime: &runtime, output: Output::Inherit };
    for event in ["publish", "postpublish"] {
        own.run(event, folder, &prepared.manifest, &[])?;
    }
    Ok(())
}

/// Whether the package in a folder says that it is private.
pub fn is_private(folder: &Path) -> bool {
    crate::project::normalized_document(folder).is_some_and(|manifest| Manifest(manifest).is_private())
}
