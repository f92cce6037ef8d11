//! The digest of a content, as npm writes it: `sha512-` and base64.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::digest;
use std::fmt;

/// A SHA-512.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Integrity([u8; 64]);

impl Integrity {
    pub(crate) fn of(bytes: &[u8]) -> Integrity {
        let digest = digest::digest(&digest::SHA512, bytes);
        Integrity(digest.as_ref().try_into().expect("SHA-512 has 64 bytes"))
    }

    pub(crate) fn parse(text: &str) -> Option<Integrity> {
        let bytes = STANDARD.decode(text.strip_prefix("sha512-")?).ok()?;
        bytes.try_into().ok().map(Integrity)
    }

    /// Digits that a file can be named by.
    pub(crate) fn hex(&self) -> String {
        self.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

impl fmt::Display for Integrity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "sha512-{}", STANDARD.encode(self.0))
    }
}

impl fmt::Debug for Integrity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

#[cfg(test)]
mod tests {
    use super::Integrity;

    #[test]
    fn reads_what_it_writes_and_nothing_else() {
        let integrity = Integrity::of(b"export {}\n");
        assert_eq!(Integrity::parse(&integrity.to_string()), Some(integrity));
        let path = "sha512-../../etc";
        for bad in ["", "sha512-", "sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=", path, "sha512-AAAA"] {
            assert_eq!(Integrity::parse(bad), None, "{bad}");
        }
        assert!(integrity.hex().chars().all(|digit| digit.is_ascii_hexdigit()));
    }
}
