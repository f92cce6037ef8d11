//! What a browser keeps of a login, and how a form shows that it is one of the registry's own.

use std::fmt;

use ring::hmac;
use sha2::{Digest, Sha256};

use super::token::hexadecimal;
use super::{Secret, random};
use crate::RegistryError;

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Characters of a key: 256 bits.
const LENGTH: usize = 43;

/// What is sealed: another use of the key would seal something else.
const FORM: &[u8] = b"form";

/// The value of a cookie, which means nothing by itself. The registry keeps its [digest](SessionKey::digest).
#[derive(Clone)]
pub struct SessionKey(Secret);

impl SessionKey {
    /// Errors: no randomness.
    pub fn generate() -> Result<SessionKey, RegistryError> {
        Ok(SessionKey(Secret::new(random::text(ALPHABET, LENGTH)?)))
    }

    /// A text that can be a key; `None` for another, without a look into a database.
    pub fn parse(text: &str) -> Option<SessionKey> {
        let well_formed = text.len() == LENGTH && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        well_formed.then(|| SessionKey(Secret::new(text)))
    }

    /// The whole text, for the browser.
    pub fn expose(&self) -> &str {
        self.0.reveal()
    }

    /// The SHA-256 in hexadecimal digits. The key is random enough to need no salt.
    pub fn digest(&self) -> String {
        hexadecimal(&Sha256::digest(self.expose()))
    }

    /// What a form carries that is sent with this key. Other sites know neither, and the one does not tell the other.
    pub fn form_seal(&self) -> Secret {
        let tag = hmac::sign(&self.sealing_key(), FORM);
        Secret::new(base64_simd::URL_SAFE_NO_PAD.encode_to_string(tag.as_ref()))
    }

    /// Whether a form carries the seal of this key.
    pub fn has_sealed(&self, seal: &str) -> bool {
        let tag = base64_simd::URL_SAFE_NO_PAD.decode_to_vec(seal);
        tag.is_ok_and(|tag| hmac::verify(&self.sealing_key(), FORM, &tag).is_ok())
    }

    fn sealing_key(&self) -> hmac::Key {
        hmac::Key::new(hmac::HMAC_SHA256, self.expose().as_bytes())
    }
}

impl fmt::Debug for SessionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionKey(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::SessionKey;

    #[test]
    fn a_form_belongs_to_the_session_that_it_was_made_for() {
        let (one, other) = (SessionKey::generate().expect("a key"), SessionKey::generate().expect("a key"));
        let seal = one.form_seal();
        assert!(one.has_sealed(seal.reveal()));
        assert!(!other.has_sealed(seal.reveal()));
        for wrong in ["", "AAAA", "é", one.expose(), &one.digest(), &seal.reveal()[1..]] {
            assert!(!one.has_sealed(wrong), "{wrong}");
        }
        assert!(!seal.reveal().contains(one.expose()));
    }

    #[test]
    fn a_key_comes_back_from_a_cookie_and_does_not_print() {
        let key = SessionKey::generate().expect("a key");
        assert_eq!(SessionKey::parse(key.expose()).expect("a key").digest(), key.digest());
        assert_eq!(format!("{key:?}"), "SessionKey(..)");
        for wrong in ["", "short", &"é".repeat(43), &"a".repeat(44), &format!("{};", "a".repeat(42))] {
            assert!(SessionKey::parse(wrong).is_none(), "{wrong}");
        }
    }
}
