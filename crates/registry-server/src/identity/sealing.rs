//! Secrets as they lie in the database: sealed by a key that lies elsewhere, where there is one.
//!
//! Source: AES-256-GCM with the key that HKDF-SHA256 makes of the settings' text; what is sealed is bound to its place.

use std::fmt;

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hkdf::{HKDF_SHA256, Salt};

use super::{Secret, random};
use crate::RegistryError;

/// What sealed texts begin with, and those that are not because there was no key.
const SEALED: &str = "sealed:1:";
const CLEAR: &str = "clear:";

/// Seals and opens; without a key it passes on.
pub(crate) struct Sealing(Option<LessSafeKey>);

impl Sealing {
    /// Errors: a key that none can be made of, which does not happen.
    pub fn new(key: Option<&Secret>) -> Result<Sealing, RegistryError> {
        let Some(key) = key else { return Ok(Sealing(None)) };
        let unusable = |_| RegistryError::Key { name: KEY };
        let extracted = Salt::new(HKDF_SHA256, b"knit registry").extract(key.reveal().as_bytes());
        let made = extracted.expand(&[b"secrets in the database"], &AES_256_GCM).map_err(unusable)?;
        Ok(Sealing(Some(LessSafeKey::new(UnboundKey::from(made)))))
    }

    /// Whether what is kept is sealed.
    pub fn has_key(&self) -> bool {
        self.0.is_some()
    }

    /// A secret as it is kept at a place, such as `authenticators/ada`.
    pub fn seal(&self, place: &str, secret: &str) -> Result<String, RegistryError> {
        let Some(key) = &self.0 else { return Ok(format!("{CLEAR}{secret}")) };
        let nonce = random::bytes::<NONCE_LEN>()?;
        let mut sealed = secret.as_bytes().to_vec();
        let place = Aad::from(place.as_bytes());
        key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), place, &mut sealed)
            .map_err(|_| RegistryError::Key { name: KEY })?;
        let whole = [nonce.as_slice(), &sealed].concat();
        Ok(format!("{SEALED}{}", base64_simd::STANDARD.encode_to_string(whole)))
    }

    /// The same, for secrets that cannot be mistaken for sealed ones: without a key they are kept as they are.
    pub fn seal_if_possible(&self, place: &str, secret: &str) -> Result<String, RegistryError> {
        if self.has_key() { self.seal(place, secret) } else { Ok(secret.to_owned()) }
    }

    /// The secret that is kept at a place. What was kept before there was a key is what it says.
    ///
    /// Errors: what was sealed by another key, or for another place.
    pub fn open(&self, place: &str, kept: &str) -> Result<String, RegistryError> {
        let Some(sealed) = kept.strip_prefix(SEALED) else {
            return Ok(kept.strip_prefix(CLEAR).unwrap_or(kept).to_owned());
        };
        let opened = self.0.as_ref().and_then(|key| {
            let mut whole = base64_simd::STANDARD.decode_to_vec(sealed).ok()?;
            let (nonce, sealed) = whole.split_at_mut_checked(NONCE_LEN)?;
            let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
            let opened = key.open_in_place(nonce, Aad::from(place.as_bytes()), sealed).ok()?;
            String::from_utf8(opened.to_vec()).ok()
        });
        opened.ok_or(RegistryError::Key { name: KEY })
    }

    /// Whether it is kept as it should be.
    pub fn is_kept(&self, kept: &str) -> bool {
        !self.has_key() || kept.starts_with(SEALED)
    }
}

/// What it is called where it cannot be used.
const KEY: &str = "storage.secrets_key";

impl fmt::Debug for Sealing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.has_key() { "Sealing(..)" } else { "Sealing(no key)" })
    }
}

#[cfg(test)]
mod tests {
    use super::Sealing;
    use crate::identity::Secret;

    fn with(key: &str) -> Sealing {
        Sealing::new(Some(&Secret::new(key))).expect("a key")
    }

    #[test]
    fn what_is_sealed_opens_by_its_key_at_its_place_only() {
        let sealing = with("one key");
        let sealed = sealing.seal("authenticators/ada", "secret").expect("randomness");
        assert!(!sealed.contains("secret") && sealing.is_kept(&sealed));
        assert_eq!(sealing.open("authenticators/ada", &sealed).expect("it"), "secret");
        assert_ne!(sealed, sealing.seal("authenticators/ada", "secret").expect("randomness"));
        assert!(sealing.open("authenticators/bob", &sealed).is_err());
        assert!(with("another key").open("authenticators/ada", &sealed).is_err());
        assert!(Sealing::new(None).expect("none").open("authenticators/ada", &sealed).is_err());
        let changed = sealed.replace("sealed:1:", "sealed:1:AA");
        for wrong in [changed.as_str(), "sealed:1:", "sealed:1:%%", "sealed:1:AAAA"] {
            assert!(sealing.open("authenticators/ada", wrong).is_err(), "{wrong}");
        }
        assert_eq!(format!("{sealing:?}"), "Sealing(..)");
    }

    #[test]
    fn without_a_key_secrets_lie_in_clear_and_are_read_with_one() {
        let none = Sealing::new(None).expect("none");
        for secret in ["secret", "sealed:1:x", "clear:x", ""] {
            let kept = none.seal("p", secret).expect("no key");
            assert_eq!(none.open("p", &kept).expect("it"), secret);
            assert_eq!(with("a key").open("p", &kept).expect("it"), secret);
            assert!(none.is_kept(&kept) && !with("a key").is_kept(&kept));
        }
        // as they were kept before
        assert_eq!(none.open("p", "GEZDGNBV").expect("it"), "GEZDGNBV");
    }
}
