//! Attestations: statements about a package in Sigstore bundles, signed by the registry (publish) or with a short-lived
//! certificate (provenance).
//!
//! Checked are the statement's subject, the registry's signature, and that a certificate's key made the signature. Not
//! checked is who got that certificate: that takes Sigstore's trust root and its log, which are not at hand. Whoever
//! reports on them has to say so.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Method;
use npm_formats::integrity::{Algorithm, Integrity};
use registry_client::{ApiRequest, RegistryClient};
use rustls_pki_types::CertificateDer;
use serde::Deserialize;
use serde_json::Value;
use url::Url;
use webpki::EndEntityCert;
use webpki::ring::{ECDSA_P256_SHA256, ECDSA_P384_SHA384, ED25519};

use super::keys::Keys;
use super::verification::{Bad, InvalidKind};
use super::{InstalledPackage, SignatureError};

/// Attestations that fit a package.
pub(super) struct AttestedBy {
    /// `dist.attestations`
    pub(super) listed: Value,
    pub(super) bundles: Value,
    /// Whether somebody else than the registry signed one.
    pub(super) has_unknown_signer: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Attestation {
    #[serde(default)]
    predicate_type: String,
    bundle: Bundle,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Bundle {
    dsse_envelope: Envelope,
    #[serde(default)]
    verification_material: Material,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Envelope {
    payload: String,
    payload_type: String,
    signatures: Vec<EnvelopeSignature>,
}

#[derive(Deserialize)]
struct EnvelopeSignature {
    #[serde(default)]
    keyid: String,
    sig: String,
}

/// Shape: `certificate` in newer bundles, the first of a chain in older ones.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Material {
    certificate: Option<RawCertificate>,
    x509_certificate_chain: Option<Chain>,
    tlog_entries: Vec<LogEntry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawCertificate {
    raw_bytes: String,
}

#[derive(Deserialize)]
struct Chain {
    certificates: Vec<RawCertificate>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LogEntry {
    /// In seconds since 1970, as text.
    integrated_time: String,
}

#[derive(Deserialize)]
struct Statement {
    subject: Vec<Subject>,
}

#[derive(Deserialize)]
struct Subject {
    name: String,
    digest: Digest,
}

#[derive(Deserialize)]
struct Digest {
    sha512: String,
}

/// Fetches a package's attestations from its registry, wherever `dist` says they are, and checks them.
///
/// *Errors*: what cannot be had or read, statements about something else, and keys that are missing or expired.
pub(super) async fn verify(
    client: &RegistryClient,
    package: &InstalledPackage,
    listed: &Value,
    integrity: &Integrity,
    keys: &Keys,
) -> Result<Result<AttestedBy, Bad>, SignatureError> {
    let id = format!("{}@{}", package.name, package.version);
    let malformed = |problem| SignatureError::Malformed { package: id.clone(), problem };
    let address = listed.get("url").and_then(Value::as_str).and_then(|url| Url::parse(url).ok());
    let address = address.ok_or_else(|| malformed("there is no address of them"))?;
    let address = package.registry.join(address.path()).map_err(|_| malformed("their address is none"))?;
    let answer = client.request(&ApiRequest::new(Method::GET, address)).await?;
    let document: Value = answer.json()?;
    let bundles = document.get("attestations").cloned().unwrap_or_default();
    let attestations: Vec<Attestation> =
        Deserialize::deserialize(&bundles).map_err(|_| malformed("they are no list of bundles"))?;
    let mut has_unknown_signer = false;
    for attestation in &attestations {
        let signer = match check(attestation, package, integrity, keys)? {
            Ok(signer) => signer,
            Err(bad) => return Ok(Err(bad)),
        };
        has_unknown_signer |= signer == Signer::Somebody;
    }
    Ok(Ok(AttestedBy { listed: listed.clone(), bundles, has_unknown_signer }))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Signer {
    Registry,
    Somebody,
}

fn check(
    attestation: &Attestation,
    package: &InstalledPackage,
    integrity: &Integrity,
    keys: &Keys,
) -> Result<Result<Signer, Bad>, SignatureError> {
    let id = format!("{}@{}", package.name, package.version);
    let malformed = |problem| SignatureError::Malformed { package: id.clone(), problem };
    let Bundle { dsse_envelope: envelope, verification_material: material } = &attestation.bundle;
    let payload = STANDARD.decode(&envelope.payload).map_err(|_| malformed("a statement is no base64"))?;
    let statement: Statement =
        serde_json::from_slice(&payload).map_err(|_| malformed("a statement is not about a package"))?;
    let subject = statement.subject.first().ok_or_else(|| malformed("a statement is about nothing"))?;
    check_subject(subject, package, integrity)?;
    let signature = envelope.signatures.first().ok_or_else(|| malformed("a statement is not signed"))?;
    let signed = pre_authentication_encoding(&envelope.payload_type, &payload);
    let bytes = STANDARD.decode(&signature.sig).unwrap_or_default();
    let (signer, is_good) = if signature.keyid.is_empty() {
        (Signer::Somebody, material.certificate().is_some_and(|der| has_signed(&der, &signed, &bytes)))
    } else {
        let moment = material.logged_at().ok_or_else(|| malformed("a statement is in no log"))?;
        let key = keys.valid_at(&signature.keyid, moment, &id)?;
        (Signer::Registry, key.has_signed(&signed, &bytes))
    };
    Ok(match is_good {
        true => Ok(signer),
        false => Err(Bad {
            kind: InvalidKind::Attestation,
            message: format!("{id} failed to verify attestation: the signature does not fit the statement"),
            keyid: Some(signature.keyid.clone()).filter(|id| !id.is_empty()),
            signature: Some(signature.sig.clone()),
            predicate_type: Some(attestation.predicate_type.clone()),
        }),
    })
}

/// A statement has to be about this package and these bytes.
fn check_subject(
    subject: &Subject,
    package: &InstalledPackage,
    integrity: &Integrity,
) -> Result<(), SignatureError> {
    let id = format!("{}@{}", package.name, package.version);
    let purl = package_url(&package.name, &package.version);
    let about = |found: &str, expected: String| SignatureError::Subject {
        package: id.clone(),
        found: found.to_owned(),
        expected,
    };
    if subject.name != purl {
        return Err(about(&subject.name, purl));
    }
    let digest = integrity.of(Algorithm::Sha512).find_map(|hash| hash.hex()).unwrap_or_default();
    if digest.is_empty() || !subject.digest.sha512.eq_ignore_ascii_case(&digest) {
        return Err(about(&format!("sha512 {}", subject.digest.sha512), format!("sha512 {digest}")));
    }
    Ok(())
}

/// Shape: `pkg:npm/%40scope/name@1.0.0`.
fn package_url(name: &str, version: &str) -> String {
    format!("pkg:npm/{}@{version}", name.replacen('@', "%40", 1))
}

/// What is signed of an envelope. Source: DSSE 1.0.
fn pre_authentication_encoding(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let mut encoded = format!("DSSEv1 {} {payload_type} {} ", payload_type.len(), payload.len()).into_bytes();
    encoded.extend_from_slice(payload);
    encoded
}

impl Material {
    fn certificate(&self) -> Option<Vec<u8>> {
        let chain = self.x509_certificate_chain.as_ref();
        let certificate = self.certificate.as_ref().or_else(|| chain?.certificates.first())?;
        STANDARD.decode(&certificate.raw_bytes).ok()
    }

    /// In milliseconds since 1970.
    fn logged_at(&self) -> Option<i64> {
        self.tlog_entries.first()?.integrated_time.parse::<i64>().ok()?.checked_mul(1000)
    }
}

/// Whether the key of a certificate made a signature.
fn has_signed(certificate: &[u8], message: &[u8], signature: &[u8]) -> bool {
    let der = CertificateDer::from(certificate);
    let Ok(certificate) = EndEntityCert::try_from(&der) else { return false };
    [ECDSA_P256_SHA256, ECDSA_P384_SHA384, ED25519]
        .into_iter()
        .any(|algorithm| certificate.verify_signature(algorithm, message, signature).is_ok())
}
