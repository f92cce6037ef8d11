//! A provenance bundle that a build server signed, held against the tarball that it is to be published with.
//!
//! That the statement is about this package and these bytes is checked here. The signature and the transparency log
//! are not: who installs the package, and the registry, look at those with keys of their own choice.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha512};

use super::PublishError;
use crate::pack::hexadecimal;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Bundle {
    media_type: Option<String>,
    dsse_envelope: Option<Envelope>,
}

#[derive(Deserialize)]
struct Envelope {
    payload: String,
}

#[derive(Deserialize)]
struct Statement {
    #[serde(default)]
    subject: Vec<Subject>,
}

#[derive(Deserialize)]
struct Subject {
    name: String,
    digest: Digests,
}

#[derive(Deserialize)]
struct Digests {
    sha512: Option<String>,
}

/// The attachment for a bundle.
pub(super) fn read(file: &Path, name: &str, version: &str, tarball: &[u8]) -> Result<Value, PublishError> {
    let failed = |problem: String| PublishError::Provenance { file: file.to_owned(), problem };
    let bytes = std::fs::read(file).map_err(|error| failed(error.to_string()))?;
    let whole: Value =
        serde_json::from_slice(&bytes).map_err(|error| failed(format!("it is no JSON: {error}")))?;
    let bundle = Bundle::deserialize(&whole).map_err(|error| failed(format!("it is no bundle: {error}")))?;
    check(&bundle, name, version, tarball).map_err(failed)?;
    let text = whole.to_string();
    // JavaScript counts UTF-16 units
    let length = text.encode_utf16().count();
    Ok(json!({"content_type": bundle.media_type, "data": text, "length": length}))
}

fn check(bundle: &Bundle, name: &str, version: &str, tarball: &[u8]) -> Result<(), String> {
    let envelope = bundle.dsse_envelope.as_ref().ok_or("it has no statement (dsseEnvelope)")?;
    let payload = STANDARD.decode(&envelope.payload).map_err(|_| "its statement is no base64")?;
    let statement: Statement =
        serde_json::from_slice(&payload).map_err(|error| format!("its statement cannot be read: {error}"))?;
    let [subject] = &statement.subject[..] else {
        return Err(format!("its statement is about {} things instead of one", statement.subject.len()));
    };
    let expected =
        format!("pkg:npm/{}@{version}", name.replacen('@', "%40", usize::from(name.starts_with('@'))));
    if subject.name != expected {
        return Err(format!("it is about {}, not about {expected}", subject.name));
    }
    let digest = hexadecimal(&Sha512::digest(tarball));
    match &subject.digest.sha512 {
        Some(stated) if stated.eq_ignore_ascii_case(&digest) => Ok(()),
        Some(_) => Err("it is about another tarball: the digests differ".to_owned()),
        None => Err("it has no SHA-512 of the tarball".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bundle_is_about_one_package_and_its_bytes() {
        let good = hexadecimal(&Sha512::digest(b"bytes"));
        let subject = |name: &str, digest: &str| json!({"name": name, "digest": {"sha512": digest}});
        let own = subject("pkg:npm/%40s/a@1.0.0", &good);
        let rows = [
            (json!([own]), None),
            (json!([]), Some("0 things")),
            (json!([own, own]), Some("2 things")),
            (json!([subject("pkg:npm/%40s/b@1.0.0", &good)]), Some("not about pkg:npm/%40s/a@1.0.0")),
            (json!([subject("pkg:npm/%40s/a@1.0.0", "00")]), Some("digests differ")),
            (json!([{"name": "pkg:npm/%40s/a@1.0.0", "digest": {}}]), Some("no SHA-512")),
        ];
        for (subjects, expected) in rows {
            let payload = STANDARD.encode(json!({"subject": subjects}).to_string());
            let bundle = Bundle { media_type: None, dsse_envelope: Some(Envelope { payload }) };
            let problem = check(&bundle, "@s/a", "1.0.0", b"bytes").err();
            match (expected, problem) {
                (None, problem) => assert_eq!(problem, None),
                (Some(expected), problem) => {
                    assert!(problem.as_deref().is_some_and(|told| told.contains(expected)), "{problem:?}");
                }
            }
        }
    }
}
