//! One package: its registry's signature over name, version and integrity, and its attestations.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dependency_resolver::published_at;
use npm_formats::integrity::{Algorithm, Integrity};
use npm_formats::packument::{Packument, PackumentVersion};
use registry_client::{PackumentKind, RegistryClient};
use serde::Deserialize;
use serde_json::Value;

use super::attestations::{self, AttestedBy};
use super::keys::Keys;
use super::{InstalledPackage, SignatureError};

/// When what has no publish time counts as published: 2015-01-01, in milliseconds since 1970.
const UNKNOWN_TIME: i64 = 1_420_070_400_000;

/// What does not fit a package.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InvalidKind {
    Signature,
    Attestation,
}

impl InvalidKind {
    /// npm's code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Signature => "EINTEGRITYSIGNATURE",
            Self::Attestation => "EATTESTATIONVERIFY",
        }
    }
}

/// What was found of a package.
pub(super) struct Found {
    pub(super) package: InstalledPackage,
    pub(super) integrity: Option<String>,
    pub(super) resolved: Option<String>,
    pub(super) verdict: Verdict,
}

pub(super) enum Verdict {
    Good { is_signed: bool, lacks_signature: bool, attestations: Option<AttestedBy> },
    Bad(Bad),
}

/// Something that does not fit.
pub(super) struct Bad {
    pub(super) kind: InvalidKind,
    pub(super) message: String,
    pub(super) keyid: Option<String>,
    pub(super) signature: Option<String>,
    pub(super) predicate_type: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Dist {
    integrity: Option<String>,
    shasum: Option<String>,
    tarball: Option<String>,
    signatures: Vec<Signature>,
    attestations: Option<Value>,
}

#[derive(Debug, Deserialize)]
struct Signature {
    keyid: String,
    sig: String,
}

/// Looks a package up in its registry and checks what that says.
///
/// *Errors*: what makes it impossible to tell; what is wrong is in the verdict.
pub(super) async fn verify(
    client: &RegistryClient,
    package: InstalledPackage,
    keys: &Keys,
) -> Result<Found, SignatureError> {
    let id = format!("{}@{}", package.name, package.version);
    let packument = client.packument(&package.name, PackumentKind::Full).await?;
    let not_published = || SignatureError::NotPublished { package: id.clone() };
    let version = packument.version(&package.version).ok_or_else(not_published)?;
    let dist = dist_of(&packument, version, &id)?;
    let integrity = dist.integrity();
    let found = |verdict| Found {
        package: package.clone(),
        integrity: integrity.as_ref().map(ToString::to_string),
        resolved: dist.tarball.clone(),
        verdict,
    };
    let Some(integrity) = &integrity else {
        let verdict =
            Verdict::Good { is_signed: false, lacks_signature: !keys.is_empty(), attestations: None };
        return Ok(found(verdict));
    };
    let published = published_at(version).unwrap_or(UNKNOWN_TIME);
    if let Some(bad) = check_signatures(&dist.signatures, &id, integrity, keys, published)? {
        return Ok(found(Verdict::Bad(bad)));
    }
    let attestations = match &dist.attestations {
        None => None,
        Some(listed) => match attestations::verify(client, &package, listed, integrity, keys).await? {
            Ok(attested) => Some(attested),
            Err(bad) => return Ok(found(Verdict::Bad(bad))),
        },
    };
    let is_signed = !dist.signatures.is_empty();
    Ok(found(Verdict::Good { is_signed, lacks_signature: !is_signed && !keys.is_empty(), attestations }))
}

fn dist_of(packument: &Packument, version: &PackumentVersion, id: &str) -> Result<Dist, SignatureError> {
    let malformed = |problem| SignatureError::Malformed { package: id.to_owned(), problem };
    let manifest = packument.manifest(version).map_err(|_| malformed("its manifest is no JSON object"))?;
    match manifest.get("dist") {
        None => Ok(Dist::default()),
        Some(dist) => {
            Dist::deserialize(dist).map_err(|_| malformed("its `dist` is not as registries write it"))
        }
    }
}

impl Dist {
    fn integrity(&self) -> Option<Integrity> {
        let from_hex = || Integrity::from_hex(Algorithm::Sha1, self.shasum.as_deref()?).ok();
        match &self.integrity {
            Some(text) if !text.is_empty() => Integrity::parse(text).ok(),
            _ => from_hex(),
        }
    }
}

/// Every signature must be good. Gives the first that is not.
fn check_signatures(
    signatures: &[Signature],
    id: &str,
    integrity: &Integrity,
    keys: &Keys,
    published: i64,
) -> Result<Option<Bad>, SignatureError> {
    let message = format!("{id}:{integrity}");
    for Signature { keyid, sig } in signatures {
        let key = keys.valid_at(keyid, published, id)?;
        let bytes = STANDARD.decode(sig).unwrap_or_default();
        if !key.has_signed(message.as_bytes(), &bytes) {
            return Ok(Some(Bad {
                kind: InvalidKind::Signature,
                message: format!(
                    "{id} has an invalid registry signature with keyid: {keyid} and signature: {sig}"
                ),
                keyid: Some(keyid.clone()),
                signature: Some(sig.clone()),
                predicate_type: None,
            }));
        }
    }
    Ok(None)
}
