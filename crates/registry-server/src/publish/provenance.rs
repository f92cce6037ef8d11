//! Where a version was built: the sigstore bundle that came with it, held against the tarball.
//!
//! That the statement inside is about this very tarball is checked here; the signature over it, and who signed, are
//! checked by clients, which have the roots of trust.

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::PublishError;
use crate::PackageName;

/// Attestations as they are kept and answered.
pub(crate) struct Attestations {
    /// `{"attestations": [...]}`
    pub json: String,
    /// The kind of statement, which manifests name.
    pub predicate_type: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Bundle {
    dsse_envelope: Envelope,
}

#[derive(Deserialize)]
struct Envelope {
    payload: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Statement {
    predicate_type: String,
    subject: Vec<Subject>,
}

#[derive(Deserialize)]
struct Subject {
    name: String,
    digest: Value,
}

/// Checks a bundle against the tarball's SHA-512 in hexadecimal.
///
/// # Errors
/// What is no bundle, or is about something else.
pub(crate) fn check(
    name: &PackageName,
    version: &str,
    digest: &str,
    bundle: &str,
) -> Result<Attestations, PublishError> {
    let refused = |problem: &str| PublishError::Provenance { problem: problem.to_owned() };
    let parsed: Bundle = serde_json::from_str(bundle).map_err(|error| refused(&error.to_string()))?;
    let payload = base64_simd::STANDARD
        .decode_to_vec(parsed.dsse_envelope.payload)
        .map_err(|_| refused("its payload is not base64"))?;
    let statement: Statement =
        serde_json::from_slice(&payload).map_err(|error| refused(&error.to_string()))?;
    let [subject] = statement.subject.as_slice() else {
        return Err(refused("it is about several things instead of one"));
    };
    // a package URL: the scope's sign is escaped there
    if subject.name != format!("pkg:npm/{}@{version}", name.as_str().replacen('@', "%40", 1)) {
        return Err(refused(&format!("it is about {}", subject.name)));
    }
    if subject.digest.get("sha512").and_then(Value::as_str) != Some(digest) {
        return Err(refused("it is about other contents than the tarball's"));
    }
    let raw: &RawValue = serde_json::from_str(bundle).map_err(|error| refused(&error.to_string()))?;
    // as it came: a bundle may be nested more deeply than values are read here
    let json = format!(
        r#"{{"attestations":[{{"predicateType":{},"bundle":{}}}]}}"#,
        Value::from(statement.predicate_type.as_str()),
        raw.get()
    );
    Ok(Attestations { json, predicate_type: statement.predicate_type })
}
