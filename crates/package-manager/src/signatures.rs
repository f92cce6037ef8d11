//! `audit signatures`: whether what is installed from registries was signed by them. Source: npm 11.19.1.
//!
//! Owns which packages are looked at and what is concluded. The cryptography is in [`keys`] and [`attestations`].
//! Keys are those that a registry lists of itself: unlike npm, nothing is asked of Sigstore's trust root, so who runs
//! the registry is trusted. What an attestation's signer says of himself is not followed to that root either.

mod attestations;
mod installed;
mod keys;
mod verification;

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use npm_formats::collation;
use registry_client::{RegistryClient, RegistryError};
use serde_json::Value;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use url::Url;

use crate::settings::Settings;
use crate::view::{ProjectTree, Source, TreeError};
pub use installed::InstalledPackage;
use keys::Keys;
pub use verification::InvalidKind;
use verification::{Found, Verdict};

/// Packages looked at beside each other, as in npm.
const CONCURRENCY: usize = 20;

/// Why signatures cannot be told good from bad.
#[derive(Debug, thiserror::Error)]
pub enum SignatureError {
    #[error("signatures of global packages are not looked at")]
    Global,
    #[error(transparent)]
    Tree(#[from] TreeError),
    #[error(transparent)]
    Registry(#[from] RegistryError),
    #[error("no dependencies are installed, so there is nothing to audit")]
    NothingInstalled,
    #[error("no dependency is from a registry that signs, so there is nothing to audit")]
    NothingSigned,
    #[error("{package} is signed with the key {keyid}, which the registry does not list")]
    MissingKey { package: String, keyid: String },
    #[error("{package} is signed with the key {keyid}, which had expired at {expires}")]
    ExpiredKey { package: String, keyid: String, expires: String },
    #[error("the key {keyid} of {registry} cannot be used: {problem}")]
    UnusableKey { keyid: String, registry: String, problem: &'static str },
    #[error("{package} is installed, but the registry does not have it")]
    NotPublished { package: String },
    #[error("an attestation of {package} is about {found}, not about {expected}")]
    Subject { package: String, found: String, expected: String },
    #[error("the attestations of {package} cannot be read: {problem}")]
    Malformed { package: String, problem: &'static str },
}

impl diagnostics::Report for SignatureError {
    fn code(&self) -> Cow<'static, str> {
        match self {
            Self::Global => "EAUDITGLOBAL".into(),
            Self::Tree(error) => error.code(),
            Self::Registry(error) => error.code().into(),
            Self::NothingInstalled | Self::NothingSigned => "EAUDITNOTHING".into(),
            Self::MissingKey { .. } => "EMISSINGSIGNATUREKEY".into(),
            Self::ExpiredKey { .. } => "EEXPIREDSIGNATUREKEY".into(),
            Self::UnusableKey { .. } => "ESIGNATUREKEY".into(),
            Self::NotPublished { .. } => "ETARGET".into(),
            Self::Subject { .. } => "EATTESTATIONSUBJECT".into(),
            Self::Malformed { .. } => "EATTESTATION".into(),
        }
    }

    fn hints(&self) -> Vec<String> {
        let hint = match self {
            Self::Global => "run `knit audit signatures` in a project".to_owned(),
            Self::Tree(error) => return error.hints(),
            Self::Registry(error) => return error.hint().into_iter().collect(),
            Self::NothingInstalled => "run `knit install` first".to_owned(),
            Self::NothingSigned => "run `knit config get registry` to see which registry is used".to_owned(),
            Self::MissingKey { package, .. }
            | Self::ExpiredKey { package, .. }
            | Self::NotPublished { package }
            | Self::Subject { package, .. }
            | Self::Malformed { package, .. } => {
                format!("run `knit view {package} dist --json` to see what the registry says of it")
            }
            Self::UnusableKey { .. } => "only ECDSA keys on P-256 are understood".to_owned(),
        };
        vec![hint]
    }
}

/// A package that is not signed though its registry signs, or not as it should be.
#[derive(Debug, Clone, PartialEq)]
pub struct Unsigned {
    pub package: InstalledPackage,
    pub integrity: Option<String>,
    pub resolved: Option<String>,
}

/// A package whose signature or attestation does not fit it.
#[derive(Debug, Clone, PartialEq)]
pub struct Invalid {
    pub package: InstalledPackage,
    pub kind: InvalidKind,
    pub message: String,
    pub integrity: Option<String>,
    pub resolved: Option<String>,
    pub keyid: Option<String>,
    pub signature: Option<String>,
    pub predicate_type: Option<String>,
}

/// A package with attestations that fit it.
#[derive(Debug, Clone, PartialEq)]
pub struct Attested {
    pub package: InstalledPackage,
    /// `dist.attestations`
    pub attestations: Value,
    /// What the registry has of them.
    pub bundles: Value,
}

/// What was found, all sorted by name.
#[derive(Debug, Clone, Default)]
pub struct SignatureReport {
    /// Packages from registries that list keys.
    pub audited: usize,
    /// Packages with good signatures.
    pub signed: usize,
    pub attested: Vec<Attested>,
    /// Of the attested, those with a signer who only vouches for himself.
    pub unknown_signers: usize,
    pub missing: Vec<Unsigned>,
    pub invalid: Vec<Invalid>,
}

/// Checks the signatures of all that is installed from registries.
///
/// *Errors*: [`SignatureError`]; that a signature is missing or wrong is none.
pub async fn signatures(
    settings: &Settings,
    client: &RegistryClient,
) -> Result<SignatureReport, SignatureError> {
    if settings.places.is_global {
        return Err(SignatureError::Global);
    }
    let packages = {
        let project = ProjectTree::load(settings, Source::Installed)?;
        installed::packages(&project, settings, client)?
    };
    let keys = keys_of(client, &packages).await?;
    let mut report = SignatureReport::default();
    let places = Arc::new(Semaphore::new(CONCURRENCY));
    let mut work = JoinSet::new();
    for package in packages {
        let keys = keys.get(&package.registry).cloned().unwrap_or_default();
        report.audited += usize::from(!keys.is_empty());
        let (client, places) = (client.clone(), places.clone());
        work.spawn(async move {
            let _place = places.acquire().await;
            verification::verify(&client, package, &keys).await
        });
    }
    while let Some(finished) = work.join_next().await {
        let found = match finished {
            Ok(found) => found?,
            // nothing cancels them
            Err(panic) => std::panic::resume_unwind(panic.into_panic()),
        };
        report.add(found);
    }
    client.flush().await;
    if report.audited == 0 && report.attested.is_empty() {
        return Err(SignatureError::NothingSigned);
    }
    report.attested.sort_by(|a, b| collation::compare(&a.package.name, &b.package.name));
    report.missing.sort_by(|a, b| collation::compare(&a.package.name, &b.package.name));
    report.invalid.sort_by(|a, b| collation::compare(&a.package.name, &b.package.name));
    Ok(report)
}

async fn keys_of(
    client: &RegistryClient,
    packages: &[InstalledPackage],
) -> Result<HashMap<Url, Arc<Keys>>, SignatureError> {
    let mut keys = HashMap::new();
    for package in packages {
        if !keys.contains_key(&package.registry) {
            keys.insert(package.registry.clone(), Arc::new(keys::fetch(client, &package.registry).await?));
        }
    }
    Ok(keys)
}

impl SignatureReport {
    /// Whether everything that should be signed is.
    pub fn is_good(&self) -> bool {
        self.missing.is_empty() && self.invalid.is_empty()
    }

    fn add(&mut self, found: Found) {
        let Found { package, integrity, resolved, verdict } = found;
        match verdict {
            Verdict::Good { is_signed, lacks_signature, attestations } => {
                self.signed += usize::from(is_signed);
                if let Some(attested) = attestations {
                    self.unknown_signers += usize::from(attested.has_unknown_signer);
                    self.attested.push(Attested {
                        package: package.clone(),
                        attestations: attested.listed,
                        bundles: attested.bundles,
                    });
                }
                if lacks_signature {
                    self.missing.push(Unsigned { package, integrity, resolved });
                }
            }
            Verdict::Bad(bad) => self.invalid.push(Invalid {
                package,
                integrity,
                resolved,
                kind: bad.kind,
                message: bad.message,
                keyid: bad.keyid,
                signature: bad.signature,
                predicate_type: bad.predicate_type,
            }),
        }
    }
}
