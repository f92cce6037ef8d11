//! Unguessable bytes and texts, from the operating system.

use ring::rand::{SecureRandom, SystemRandom};

use crate::RegistryError;

/// `N` unguessable bytes.
///
/// Errors: the operating system gives none.
pub fn bytes<const N: usize>() -> Result<[u8; N], RegistryError> {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes).map_err(|_| RegistryError::Randomness)?;
    Ok(bytes)
}

/// A text of `length` characters, each of them any of `alphabet` with the same probability.
///
/// Errors: as [`bytes`].
pub fn text(alphabet: &[u8], length: usize) -> Result<String, RegistryError> {
    let mut text = String::with_capacity(length);
    // Bytes past the last whole multiple of the alphabet would favour its first characters.
    let fair = 256 - 256 % alphabet.len();
    while text.len() < length {
        for byte in bytes::<64>()?.map(usize::from) {
            if byte < fair && text.len() < length {
                text.push(char::from(alphabet[byte % alphabet.len()]));
            }
        }
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::text;

    #[test]
    fn every_character_of_the_alphabet_comes_about_equally_often() {
        let text = text(b"abc", 30_000).expect("randomness");
        for letter in ["a", "b", "c"] {
            let count = text.matches(letter).count();
            // Ten standard deviations (82 each) around the mean.
            assert!((9_180..=10_820).contains(&count), "{letter}: {count}");
        }
    }
}
