//! The registry's own signature on what it publishes: ECDSA on P-256 over `name@version:integrity`.
//!
//! Source: the public registry's answers at `/-/npm/v1/keys`, and what `npm audit signatures` (11.19.1) checks.

use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair, UnparsedPublicKey,
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::RegistryError;
use crate::database::Database;
use crate::identity::sealing::Sealing;

/// What stands before a point of P-256 in the SubjectPublicKeyInfo of RFC 5480: its algorithm and curve.
const PUBLIC_KEY_HEADER: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86,
    0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];

const SECRET: &str = "signing key";

/// The key that signs.
pub(crate) struct SigningKey {
    pair: EcdsaKeyPair,
    random: SystemRandom,
    id: String,
    /// SubjectPublicKeyInfo in base64.
    public: String,
}

impl SigningKey {
    /// The registry's key, made when it is first asked for.
    ///
    /// # Errors
    /// A database that does not answer, a key that is none.
    pub async fn open(database: &Database, sealing: &Sealing) -> Result<SigningKey, RegistryError> {
        let unusable = || RegistryError::Key { name: SECRET };
        let random = SystemRandom::new();
        let made =
            EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random).map_err(|_| unusable())?;
        let made = base64_simd::STANDARD.encode_to_string(made.as_ref());
        let place = format!("secrets/{SECRET}");
        let kept = database.secret(SECRET, sealing.seal_if_possible(&place, &made)?).await?;
        let kept = sealing.open(&place, &kept)?;
        let bytes = base64_simd::STANDARD.decode_to_vec(kept).map_err(|_| unusable())?;
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &bytes, &random)
            .map_err(|_| unusable())?;
        let public = [&PUBLIC_KEY_HEADER, pair.public_key().as_ref()].concat();
        let id = format!("SHA256:{}", base64_simd::STANDARD_NO_PAD.encode_to_string(Sha256::digest(&public)));
        Ok(SigningKey { pair, random, id, public: base64_simd::STANDARD.encode_to_string(public) })
    }

    /// By which clients find the key.
    pub fn key_id(&self) -> &str {
        &self.id
    }

    /// A signature in DER, in base64.
    pub fn sign(&self, message: &str) -> Result<String, RegistryError> {
        let signature = self.pair.sign(&self.random, message.as_bytes());
        let signature = signature.map_err(|_| RegistryError::Key { name: SECRET })?;
        Ok(base64_simd::STANDARD.encode_to_string(signature))
    }

    /// Whether a signature in DER, in base64, is by this key over a message.
    pub fn verifies(&self, message: &str, signature: &str) -> bool {
        let public = UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, self.pair.public_key().as_ref());
        let signature = base64_simd::STANDARD.decode_to_vec(signature);
        signature.is_ok_and(|signature| public.verify(message.as_bytes(), &signature).is_ok())
    }

    /// The answer of `/-/npm/v1/keys`.
    pub fn keys(&self) -> Value {
        json!({ "keys": [{
            "expires": null,
            "keyid": self.id,
            "keytype": "ecdsa-sha2-nistp256",
            "scheme": "ecdsa-sha2-nistp256",
            "key": self.public,
        }] })
    }
}
