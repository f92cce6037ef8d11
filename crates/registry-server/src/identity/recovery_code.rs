//! Recovery codes: what a user who has lost the authenticator app writes instead of a one-time password, each once.

use sha2::{Digest, Sha256};

use super::token::hexadecimal;
use super::{Secret, random};
use crate::RegistryError;

/// Codes that a user gets at once.
pub const RECOVERY_CODES: usize = 8;

/// Letters and digits that cannot be taken for each other.
const ALPHABET: &[u8] = b"abcdefghjkmnpqrstuvwxyz23456789";

/// A code as its owner has it; the registry keeps its [digest](RecoveryCode::digest).
///
/// Shape: four groups of five letters and digits, 99 bits.
#[derive(Clone, Debug)]
pub struct RecoveryCode(Secret);

impl RecoveryCode {
    /// Errors: no randomness.
    pub fn generate() -> Result<RecoveryCode, RegistryError> {
        let text = random::text(ALPHABET, 20)?;
        let groups: Vec<&str> = [0, 5, 10, 15].iter().map(|start| &text[*start..start + 5]).collect();
        Ok(RecoveryCode(Secret::new(groups.join("-"))))
    }

    /// A text that can be a code, with or without its hyphens, in either case.
    pub fn parse(text: &str) -> Option<RecoveryCode> {
        let plain: Vec<u8> = text
            .trim()
            .bytes()
            .filter(|byte| !matches!(byte, b'-' | b' '))
            .map(|byte| byte.to_ascii_lowercase())
            .collect();
        if plain.len() != 20 || !plain.iter().all(|byte| ALPHABET.contains(byte)) {
            return None;
        }
        let groups: Vec<String> =
            plain.chunks(5).map(|group| group.iter().copied().map(char::from).collect()).collect();
        Some(RecoveryCode(Secret::new(groups.join("-"))))
    }

    /// The whole text, for its owner.
    pub fn expose(&self) -> &str {
        self.0.reveal()
    }

    /// The SHA-256 in hexadecimal digits. The code is random enough to need no salt.
    pub fn digest(&self) -> String {
        hexadecimal(&Sha256::digest(self.expose()))
    }
}

#[cfg(test)]
mod tests {
    use super::RecoveryCode;

    #[test]
    fn a_code_is_known_however_it_is_typed() {
        let code = RecoveryCode::generate().expect("randomness");
        let text = code.expose();
        assert_eq!(text.len(), 23);
        for typed in [text.to_owned(), text.to_uppercase(), text.replace('-', ""), format!(" {text} ")] {
            assert_eq!(RecoveryCode::parse(&typed).expect("a code").digest(), code.digest(), "{typed}");
        }
        for wrong in ["", "123456", &text[1..], &text.replace(&text[..1], "0"), "é"] {
            assert!(RecoveryCode::parse(wrong).is_none(), "{wrong}");
        }
        assert!(!format!("{code:?}").contains(&text[..5]));
    }
}
