//! The keys of an issuer (RFC 7517) and the signatures made with them (RFC 7518).

use base64_simd::URL_SAFE_NO_PAD;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey,
};
use serde::Deserialize;

use super::IdTokenRefusal;

/// Keys that are looked at; issuers have a handful.
const MAX_KEYS: usize = 100;

/// What an issuer signs with.
#[derive(Clone, Debug, Default)]
pub struct KeySet(Vec<Key>);

#[derive(Clone, Debug)]
struct Key {
    name: Option<String>,
    public: PublicKey,
}

#[derive(Clone, Debug)]
enum PublicKey {
    Rsa {
        modulus: Vec<u8>,
        exponent: Vec<u8>,
    },
    /// An uncompressed point.
    P256(Vec<u8>),
}

#[derive(Deserialize)]
struct Document {
    keys: Vec<serde_json::Value>,
}

#[derive(Deserialize)]
struct Jwk {
    kty: String,
    kid: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    purpose: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

impl KeySet {
    /// The keys of a JSON Web Key Set; those of other kinds and for other purposes are left out.
    ///
    /// Errors: it is no such set.
    pub fn parse(document: &[u8]) -> Result<KeySet, serde_json::Error> {
        let document: Document = serde_json::from_slice(document)?;
        let keys = document.keys.into_iter().take(MAX_KEYS);
        Ok(KeySet(keys.filter_map(|key| Key::read(serde_json::from_value(key).ok()?)).collect()))
    }

    /// Whether there is a key of this name: if not, the issuer may have a new one.
    pub fn contains(&self, name: &str) -> bool {
        self.0.iter().any(|key| key.name.as_deref() == Some(name))
    }

    /// Verifies a signature by the key that is named; by any, where none is.
    pub(super) fn verify(
        &self,
        algorithm: &str,
        name: Option<&str>,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), IdTokenRefusal> {
        // The algorithm follows from the key; what the token says must be the same, and is never a choice.
        if !matches!(algorithm, "RS256" | "ES256") {
            return Err(IdTokenRefusal::Algorithm { algorithm: algorithm.to_owned() });
        }
        let mut candidates = self
            .0
            .iter()
            .filter(|key| name.is_none() || key.name.as_deref() == name)
            .filter(|key| key.public.algorithm() == algorithm)
            .peekable();
        if candidates.peek().is_none() {
            return Err(IdTokenRefusal::UnknownKey { key: name.unwrap_or_default().to_owned() });
        }
        if candidates.any(|key| key.public.verifies(message, signature)) {
            Ok(())
        } else {
            Err(IdTokenRefusal::Signature)
        }
    }
}

impl Key {
    fn read(jwk: Jwk) -> Option<Key> {
        let decode = |text: Option<&String>| URL_SAFE_NO_PAD.decode_to_vec(text?).ok();
        let public = match (jwk.kty.as_str(), jwk.crv.as_deref()) {
            ("RSA", _) => {
                PublicKey::Rsa { modulus: decode(jwk.n.as_ref())?, exponent: decode(jwk.e.as_ref())? }
            }
            ("EC", Some("P-256")) => {
                let (x, y) = (decode(jwk.x.as_ref())?, decode(jwk.y.as_ref())?);
                PublicKey::P256([&[4], x.as_slice(), y.as_slice()].concat())
            }
            _ => return None,
        };
        let signs = jwk.purpose.is_none_or(|purpose| purpose == "sig")
            && jwk.alg.is_none_or(|algorithm| algorithm == public.algorithm());
        signs.then_some(Key { name: jwk.kid, public })
    }
}

impl PublicKey {
    fn algorithm(&self) -> &'static str {
        match self {
            PublicKey::Rsa { .. } => "RS256",
            PublicKey::P256(_) => "ES256",
        }
    }

    fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        let verified = match self {
            PublicKey::Rsa { modulus, exponent } => RsaPublicKeyComponents { n: modulus, e: exponent }
                .verify(&RSA_PKCS1_2048_8192_SHA256, message, signature),
            PublicKey::P256(point) => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(message, signature)
            }
        };
        verified.is_ok()
    }
}
