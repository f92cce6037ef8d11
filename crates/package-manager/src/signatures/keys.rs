//! The keys of a registry: ECDSA on P-256, as `/-/npm/v1/keys` lists them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Method;
use registry_client::{ApiRequest, RegistryClient};
use ring::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use serde::Deserialize;
use url::Url;

use super::SignatureError;

/// What stands in a public key's DER (RFC 5480) before an uncompressed point of P-256.
const P256_PREFIX: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86,
    0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];

/// The keys that a registry lists; none where it does not sign.
#[derive(Debug, Clone, Default)]
pub(super) struct Keys(Vec<Key>);

/// One of them.
#[derive(Debug, Clone)]
pub(super) struct Key {
    pub(super) id: String,
    /// From when on nothing it signs counts, as the registry wrote it and in milliseconds since 1970.
    expires: Option<(String, i64)>,
    point: Vec<u8>,
}

#[derive(Deserialize)]
struct Listed {
    keys: Vec<ListedKey>,
}

#[derive(Deserialize)]
struct ListedKey {
    keyid: String,
    key: String,
    expires: Option<String>,
}

/// The keys of a registry. One that has no such page signs nothing.
///
/// *Errors*: what else the registry answers, and keys that are of another kind.
pub(super) async fn fetch(client: &RegistryClient, registry: &Url) -> Result<Keys, SignatureError> {
    let address = format!("{}/-/npm/v1/keys", registry.as_str().trim_end_matches('/'));
    let answer = client.request(&ApiRequest::new(Method::GET, address)).await;
    let answer = match answer {
        Ok(answer) => answer,
        Err(error) if matches!(error.code().as_str(), "E404" | "E400") => return Ok(Keys::default()),
        Err(error) => return Err(error.into()),
    };
    let listed: Listed = answer.json()?;
    let keys = listed.keys.into_iter().map(|key| key.read(registry));
    Ok(Keys(keys.collect::<Result<_, _>>()?))
}

impl ListedKey {
    fn read(self, registry: &Url) -> Result<Key, SignatureError> {
        let unusable = |problem| SignatureError::UnusableKey {
            keyid: self.keyid.clone(),
            registry: registry.to_string(),
            problem,
        };
        let der = STANDARD.decode(self.key.trim()).map_err(|_| unusable("it is no base64"))?;
        let point = der.strip_prefix(&P256_PREFIX).filter(|point| point.len() == 65);
        let point = point.ok_or_else(|| unusable("it is no ECDSA key on P-256"))?.to_vec();
        let expires = match self.expires.clone() {
            None => None,
            Some(text) => {
                let moment = text.parse::<jiff::Timestamp>().map(jiff::Timestamp::as_millisecond);
                Some((text, moment.map_err(|_| unusable("its date of expiry is none"))?))
            }
        };
        Ok(Key { id: self.keyid, expires, point })
    }
}

impl Keys {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The key that signed something at a moment, in milliseconds since 1970.
    ///
    /// *Errors*: there is none, or it had expired.
    pub(super) fn valid_at(&self, id: &str, moment: i64, package: &str) -> Result<&Key, SignatureError> {
        let (package, keyid) = (package.to_owned(), id.to_owned());
        let Some(key) = self.0.iter().find(|key| key.id == id) else {
            return Err(SignatureError::MissingKey { package, keyid });
        };
        match &key.expires {
            Some((text, expires)) if moment >= *expires => {
                Err(SignatureError::ExpiredKey { package, keyid, expires: text.clone() })
            }
            _ => Ok(key),
        }
    }
}

impl Key {
    /// Whether a message was signed with it; the signature is DER.
    pub(super) fn has_signed(&self, message: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, &self.point).verify(message, signature).is_ok()
    }
}
