//! Id-tokens of OpenID Connect, by which a workflow shows who it is without a secret of this registry.
//!
//! Owns: whether a token was signed by its issuer, is meant for this registry and is good now; what a package trusts.
//! Does not own: fetching the issuer's keys, handing out tokens of this registry.

mod keys;
mod trust;

use base64_simd::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value};

pub use keys::KeySet;
#[cfg(test)]
use trust::TrustRefusal;
pub use trust::{Provider, TrustedPublisher};

/// Bytes of an id-token. The largest seen have less than 4 KiB.
const MAX_LENGTH: usize = 32 << 10;

/// Seconds that the clocks of issuer and registry may be apart.
const LEEWAY: i64 = 60;

/// Why an id-token is not believed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdTokenRefusal {
    #[error("the id-token is not a signed JSON Web Token")]
    Malformed,
    #[error("the id-token is signed by \"{algorithm}\"; RS256 and ES256 are believed")]
    Algorithm { algorithm: String },
    #[error("the id-token has extensions that must be understood")]
    Critical,
    #[error("the issuer has no key \"{key}\" for the id-token's signature")]
    UnknownKey { key: String },
    #[error("the id-token's signature is wrong")]
    Signature,
    #[error("the id-token was issued by \"{issuer}\", which this registry does not trust")]
    Issuer { issuer: String },
    #[error("the id-token is for somebody else; ask for the audience \"{audience}\"")]
    Audience { audience: String },
    #[error("the id-token has expired")]
    Expired,
    #[error("the id-token is not good yet")]
    NotYet,
    #[error("the id-token has no \"{claim}\"")]
    MissingClaim { claim: &'static str },
}

/// What a believed id-token says.
#[derive(Clone, Debug)]
pub struct Claims(Map<String, Value>);

impl Claims {
    /// A claim that is a text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str()
    }

    /// A claim that is a list; of one, where it is a text.
    pub fn texts(&self, name: &str) -> Vec<&str> {
        match self.0.get(name) {
            Some(Value::String(text)) => vec![text],
            Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        }
    }

    /// Whom the issuer vouches for.
    pub fn subject(&self) -> &str {
        self.text("sub").unwrap_or_default()
    }

    fn seconds(&self, name: &str) -> Option<f64> {
        self.0.get(name)?.as_f64()
    }
}

/// An id-token taken apart, not yet believed.
pub struct IdToken<'a> {
    header: Header,
    claims: Claims,
    /// What the signature is over.
    signed: &'a str,
    signature: Vec<u8>,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    #[serde(default)]
    kid: Option<String>,
    #[serde(default)]
    crit: Option<Value>,
}

impl<'a> IdToken<'a> {
    /// Errors: a text of another shape than `header.claims.signature`.
    pub fn parse(text: &'a str) -> Result<IdToken<'a>, IdTokenRefusal> {
        Self::take_apart(text).ok_or(IdTokenRefusal::Malformed)
    }

    fn take_apart(text: &'a str) -> Option<IdToken<'a>> {
        if text.len() > MAX_LENGTH {
            return None;
        }
        let (signed, signature) = text.rsplit_once('.')?;
        let (header, claims) = signed.split_once('.')?;
        let decode = |part: &str| URL_SAFE_NO_PAD.decode_to_vec(part).ok();
        Some(IdToken {
            header: serde_json::from_slice(&decode(header)?).ok()?,
            claims: Claims(serde_json::from_slice(&decode(claims)?).ok()?),
            signed,
            signature: decode(signature)?,
        })
    }

    /// Who says to have issued it: whose keys to verify it with.
    pub fn issuer(&self) -> Option<&str> {
        self.claims.text("iss")
    }

    /// The key that signed it, by its name in the issuer's set.
    pub fn key(&self) -> Option<&str> {
        self.header.kid.as_deref()
    }

    /// What it says, if `issuer` signed it for `audience` and it is good `now`.
    pub fn verify(
        self,
        keys: &KeySet,
        issuer: &str,
        audience: &str,
        now: Timestamp,
    ) -> Result<Claims, IdTokenRefusal> {
        if self.header.crit.is_some() {
            return Err(IdTokenRefusal::Critical);
        }
        keys.verify(&self.header.alg, self.key(), self.signed.as_bytes(), &self.signature)?;
        let claims = self.claims;
        match claims.text("iss") {
            Some(found) if found == issuer => {}
            found => return Err(IdTokenRefusal::Issuer { issuer: found.unwrap_or_default().to_owned() }),
        }
        if !claims.texts("aud").contains(&audience) {
            return Err(IdTokenRefusal::Audience { audience: audience.to_owned() });
        }
        let now = now.as_second() as f64;
        let expires = claims.seconds("exp").ok_or(IdTokenRefusal::MissingClaim { claim: "exp" })?;
        if expires + LEEWAY as f64 <= now {
            return Err(IdTokenRefusal::Expired);
        }
        let begins = claims.seconds("nbf").into_iter().chain(claims.seconds("iat"));
        if begins.into_iter().any(|begins| begins - LEEWAY as f64 > now) {
            return Err(IdTokenRefusal::NotYet);
        }
        if claims.subject().is_empty() {
            return Err(IdTokenRefusal::MissingClaim { claim: "sub" });
        }
        Ok(claims)
    }
}

#[cfg(test)]
mod tests;
