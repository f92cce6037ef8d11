//! Secrets in bodies, and texts freed of those that slipped in.

pub use registry_client::Secret;
use serde::{Deserialize, Deserializer};

use super::token::TOKEN_PREFIX;

/// What stands where a secret was.
const REDACTED: &str = "[redacted]";

/// A secret in a body: for `#[serde(deserialize_with)]`.
pub fn read_secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Secret, D::Error> {
    String::deserialize(deserializer).map(Secret::new)
}

/// `text` without the tokens of this registry and the id-tokens in it: what a log may have of an address or a header.
///
/// `DELETE /-/user/token/{token}` has its secret in the address.
pub fn redact(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let is_word = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
    let mut rest = text;
    while let Some(start) = rest.find(is_word) {
        let (before, from_word) = rest.split_at(start);
        let (word, after) = from_word.split_at(from_word.find(|c| !is_word(c)).unwrap_or(from_word.len()));
        clean.push_str(before);
        match word.find(TOKEN_PREFIX) {
            Some(at) => {
                clean.push_str(&word[..at]);
                clean.push_str(REDACTED);
            }
            None if is_id_token(word) => clean.push_str(REDACTED),
            None => clean.push_str(word),
        }
        rest = after;
    }
    clean.push_str(rest);
    clean
}

/// Three parts, the first of them the base64 of `{"`.
fn is_id_token(word: &str) -> bool {
    word.starts_with("eyJ") && word.bytes().filter(|byte| *byte == b'.').count() == 2
}

#[cfg(test)]
mod tests {
    use super::redact;
    use crate::identity::Token;

    #[test]
    fn tokens_are_taken_out_of_texts_wherever_they_stand() {
        let token = Token::generate().expect("randomness");
        let token = token.expose();
        for (text, clean) in [
            (format!("DELETE /-/user/token/{token} 200"), "DELETE /-/user/token/[redacted] 200"),
            (format!("Bearer {token}"), "Bearer [redacted]"),
            (format!("a={token}&b=1"), "a=[redacted]&b=1"),
            (format!("x{token}"), "x[redacted]"),
            ("Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.c2ln!".to_owned(), "Bearer [redacted]!"),
            ("/@scope%2fname/-/name-1.0.0.tgz é".to_owned(), "/@scope%2fname/-/name-1.0.0.tgz é"),
            (String::new(), ""),
        ] {
            assert_eq!(redact(&text), clean);
        }
    }
}
