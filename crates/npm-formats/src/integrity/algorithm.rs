//! The hash functions that integrity metadata may name.

use std::fmt;

/// A hash function, by the name it has in integrity metadata.
///
/// The set is what Node 20 knows under a name of lower-case letters and digits. npm trusts the later of [`Self::ALL`]
/// more; those before `md5` it does not rank and uses only when there is nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Algorithm {
    Blake2b512,
    Blake2s256,
    Ripemd,
    Ripemd160,
    Rmd160,
    Shake128,
    Shake256,
    Sm3,
    Md5,
    Sha1,
    Sha224,
    Sha256,
    Sha384,
    Sha512,
}

impl Algorithm {
    /// Every algorithm, from the weakest to the strongest.
    pub const ALL: [Self; 14] = [
        Self::Blake2b512,
        Self::Blake2s256,
        Self::Ripemd,
        Self::Ripemd160,
        Self::Rmd160,
        Self::Shake128,
        Self::Shake256,
        Self::Sm3,
        Self::Md5,
        Self::Sha1,
        Self::Sha224,
        Self::Sha256,
        Self::Sha384,
        Self::Sha512,
    ];

    /// The algorithm of that name, which is case-sensitive.
    pub fn parse(name: &str) -> Option<Self> {
        // Nearly every hash there is.
        if name == "sha512" {
            return Some(Self::Sha512);
        }
        Self::ALL.into_iter().find(|algorithm| algorithm.name() == name)
    }

    /// Its name in integrity metadata.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Blake2b512 => "blake2b512",
            Self::Blake2s256 => "blake2s256",
            Self::Ripemd => "ripemd",
            Self::Ripemd160 => "ripemd160",
            Self::Rmd160 => "rmd160",
            Self::Shake128 => "shake128",
            Self::Shake256 => "shake256",
            Self::Sm3 => "sm3",
            Self::Md5 => "md5",
            Self::Sha1 => "sha1",
            Self::Sha224 => "sha224",
            Self::Sha256 => "sha256",
            Self::Sha384 => "sha384",
            Self::Sha512 => "sha512",
        }
    }

    /// Bytes of a digest.
    pub const fn digest_length(self) -> usize {
        match self {
            Self::Md5 | Self::Shake128 => 16,
            Self::Sha1 | Self::Ripemd | Self::Ripemd160 | Self::Rmd160 => 20,
            Self::Sha224 => 28,
            Self::Sha256 | Self::Sm3 | Self::Shake256 | Self::Blake2s256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 | Self::Blake2b512 => 64,
        }
    }

    /// Place in ssri's order of trust; all unranked ones share the lowest.
    pub(super) const fn rank(self) -> u8 {
        match self {
            Self::Md5 => 1,
            Self::Sha1 => 2,
            Self::Sha224 => 3,
            Self::Sha256 => 4,
            Self::Sha384 => 5,
            Self::Sha512 => 6,
            _ => 0,
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}
