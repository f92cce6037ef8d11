//! Tokens: what a client keeps after a login and shows with every request.

use std::fmt;

use sha2::{Digest, Sha256};

use super::{Secret, random};
use crate::RegistryError;

/// What every token begins with, so that it is recognised where it should not be.
pub const TOKEN_PREFIX: &str = "knit_";

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// 43 characters of 62 are 256 bits.
const RANDOM_LENGTH: usize = 43;

/// Characters of the checksum: enough for 32 bits.
const CHECKSUM_LENGTH: usize = 6;

/// Characters of a token that a list of tokens shows.
const SHOWN_LENGTH: usize = TOKEN_PREFIX.len() + 4;

/// A token as its owner has it. The registry shows it once and keeps only its [digest](Token::digest).
///
/// Shape: `knit_`, 43 random letters and digits, and 6 that are their checksum, by which a scanner for leaked secrets
/// tells a token from a text that looks like one without asking anybody.
#[derive(Clone)]
pub struct Token(Secret);

impl Token {
    /// Errors: no randomness.
    pub fn generate() -> Result<Token, RegistryError> {
        let random = random::text(ALPHABET, RANDOM_LENGTH)?;
        let checksum = checksum(&random);
        Ok(Token(Secret::new(format!("{TOKEN_PREFIX}{random}{checksum}"))))
    }

    /// A text that can be a token; `None` for everything else, without a look into a database.
    pub fn parse(text: &str) -> Option<Token> {
        let body = text.strip_prefix(TOKEN_PREFIX)?;
        let well_formed = body.len() == RANDOM_LENGTH + CHECKSUM_LENGTH
            && body.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let (random, check) = well_formed.then(|| body.split_at(RANDOM_LENGTH))?;
        (checksum(random) == check).then(|| Token(Secret::new(text)))
    }

    /// The whole text, for its owner.
    pub fn expose(&self) -> &str {
        self.0.reveal()
    }

    /// What the registry keeps.
    pub fn digest(&self) -> TokenDigest {
        TokenDigest(hexadecimal(&Sha256::digest(self.expose())))
    }

    /// The beginning, by which its owner knows it in a list.
    pub fn shown(&self) -> &str {
        &self.expose()[..SHOWN_LENGTH]
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Token({}...)", self.shown())
    }
}

/// The SHA-256 of a token, in hexadecimal digits: its key in lists, useless for logging in.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TokenDigest(String);

impl TokenDigest {
    /// 64 hexadecimal digits; `None` for another text.
    pub fn parse(text: &str) -> Option<TokenDigest> {
        let digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        (text.len() == 64 && text.bytes().all(digit)).then(|| TokenDigest(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The first 32 bits of the SHA-256, in the alphabet of tokens.
fn checksum(random: &str) -> String {
    let digest = Sha256::digest(random);
    let mut rest = digest.iter().take(4).fold(0_u32, |number, byte| number << 8 | u32::from(*byte));
    let mut text = [b'0'; CHECKSUM_LENGTH];
    for character in text.iter_mut().rev() {
        *character = ALPHABET[(rest % 62) as usize];
        rest /= 62;
    }
    text.map(char::from).iter().collect()
}

/// Bytes as two digits each.
pub fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        for digit in [byte >> 4, byte & 15] {
            text.push(char::from(b"0123456789abcdef"[usize::from(digit)]));
        }
        text
    })
}

#[cfg(test)]
mod tests {
    use super::{Token, TokenDigest};

    #[test]
    fn a_token_is_recognised_by_its_checksum_and_kept_as_a_digest() {
        let token = Token::generate().expect("randomness");
        let text = token.expose();
        assert_eq!(text.len(), 54);
        assert_eq!(format!("{token:?}"), format!("Token({}...)", &text[..9]));
        assert_eq!(Token::parse(text).expect("a token").digest(), token.digest());
        assert_eq!(TokenDigest::parse(token.digest().as_str()), Some(token.digest()));
        assert_ne!(Token::generate().expect("randomness").expose(), text);

        let other = if text.ends_with('a') { 'b' } else { 'a' };
        let misspelt = format!("{}{other}", &text[..53]);
        for wrong in [misspelt.as_str(), &text[1..], &text[..53], "", "knit_", "knit_é", "npm_x"] {
            assert!(Token::parse(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn checksum_and_digest_are_what_others_reckon() {
        // Reckoned by Python's hashlib.
        let token = Token::parse("knit_00000000000000000000000000000000000000000003O9xIA").expect("a token");
        assert_eq!(
            token.digest().as_str(),
            "dbd9350fd4d17e7f748656d56f0e38e6b4b849829ceb778bb0650263015d20cb"
        );
        assert_eq!(TokenDigest::parse(&"0".repeat(63)), None);
        assert_eq!(TokenDigest::parse(&"G".repeat(64)), None);
    }
}
