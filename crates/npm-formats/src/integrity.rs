//! Subresource integrity strings (`sha512-…`) as npm reads, compares and writes them.
//!
//! Owns the text form and the comparison. Hashing data is the business of whoever holds the data.

mod algorithm;

pub use algorithm::Algorithm;

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use std::fmt;

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// Why integrity metadata cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IntegrityError {
    /// None of the words is a hash.
    #[error("integrity \"{text}\" holds no known hash")]
    Empty {
        /// The text as given.
        text: String,
    },
    /// A hexadecimal digest that is not one.
    #[error("\"{text}\" is not a hexadecimal {algorithm} digest")]
    Hex {
        /// The text as given.
        text: String,
        /// What it was to be a digest of.
        algorithm: Algorithm,
    },
    /// Two sources give the same algorithm with different digests.
    #[error("the {algorithm} hashes {ours} and {theirs} do not match")]
    Conflict {
        /// The algorithm that both have.
        algorithm: Algorithm,
        /// The digests here.
        ours: String,
        /// The digests there.
        theirs: String,
    },
}

/// One hash: `sha512-<base64>`, with options after `?`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Hash {
    algorithm: Algorithm,
    digest: Box<str>,
    options: Vec<Box<str>>,
}

impl Hash {
    /// Reads one word. `None` for an unknown algorithm, an empty digest, or anything else that is not a hash.
    ///
    /// The digest is not checked to be base64, nor its length. Source: npm 11.19.1, ssri (not strict).
    pub fn parse(word: &str) -> Option<Self> {
        let (algorithm, rest) = word.trim().split_once('-')?;
        let algorithm = Algorithm::parse(algorithm)?;
        let (digest, options) = match rest.split_once('?') {
            Some((digest, options)) => (digest, options.split('?').map(Box::from).collect()),
            None => (rest, Vec::new()),
        };
        let spaced = |text: &str| text.contains(char::is_whitespace);
        if digest.is_empty() || digest.contains('\n') || options.iter().any(|option| spaced(option)) {
            return None;
        }
        Some(Self { algorithm, digest: digest.into(), options })
    }

    /// The hash of a digest.
    pub fn from_digest(algorithm: Algorithm, digest: &[u8]) -> Self {
        Self { algorithm, digest: BASE64.encode(digest).into(), options: Vec::new() }
    }

    /// Which function made the digest.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The digest as written, normally base64.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// The bytes of the digest; `None` when it is not base64 of the algorithm's length, so that no data can match.
    pub fn digest_bytes(&self) -> Option<Vec<u8>> {
        let bytes = BASE64.decode(self.digest.as_bytes()).ok()?;
        (bytes.len() == self.algorithm.digest_length()).then_some(bytes)
    }

    /// The digest in lower-case hexadecimal; `None` as for [`Self::digest_bytes`].
    pub fn hex(&self) -> Option<String> {
        Some(self.digest_bytes()?.iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// What follows the digest, without the question marks.
    pub fn options(&self) -> impl Iterator<Item = &str> {
        self.options.iter().map(|option| &**option)
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}-{}", self.algorithm, self.digest)?;
        self.options.iter().try_for_each(|option| write!(formatter, "?{option}"))
    }
}

/// One or more hashes, grouped by algorithm in the order in which algorithms first appear.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Integrity {
    hashes: Vec<Hash>,
}

impl Integrity {
    /// Reads words separated by white space; those that are no hashes are skipped.
    ///
    /// Errors: [`IntegrityError::Empty`] when nothing is left.
    pub fn parse(text: &str) -> Result<Self, IntegrityError> {
        let mut integrity = Self { hashes: Vec::with_capacity(1) };
        text.split_whitespace().filter_map(Hash::parse).for_each(|hash| integrity.push(hash));
        if integrity.hashes.is_empty() {
            return Err(IntegrityError::Empty { text: text.to_owned() });
        }
        Ok(integrity)
    }

    /// From a digest in hexadecimal, such as the `shasum` of old packuments.
    ///
    /// Errors: [`IntegrityError::Hex`] when it is not hexadecimal or not of the algorithm's length.
    pub fn from_hex(algorithm: Algorithm, text: &str) -> Result<Self, IntegrityError> {
        let bytes = decode_hex(text).filter(|bytes| bytes.len() == algorithm.digest_length());
        match bytes {
            Some(bytes) => Ok(Hash::from_digest(algorithm, &bytes).into()),
            None => Err(IntegrityError::Hex { text: text.to_owned(), algorithm }),
        }
    }

    /// From the digest that was computed of some data.
    pub fn from_digest(algorithm: Algorithm, digest: &[u8]) -> Self {
        Hash::from_digest(algorithm, digest).into()
    }

    /// All hashes, grouped by algorithm.
    pub fn hashes(&self) -> &[Hash] {
        &self.hashes
    }

    /// The algorithms, each once, in the order of appearance.
    pub fn algorithms(&self) -> impl Iterator<Item = Algorithm> {
        self.hashes
            .chunk_by(|a, b| a.algorithm == b.algorithm)
            .filter_map(|group| group.first())
            .map(Hash::algorithm)
    }

    /// The hashes of one algorithm; none when it does not appear.
    pub fn of(&self, algorithm: Algorithm) -> impl Iterator<Item = &Hash> {
        self.hashes.iter().filter(move |hash| hash.algorithm == algorithm)
    }

    /// The algorithm to verify with: the strongest present, and of two that are unranked the earlier.
    pub fn strongest(&self) -> Algorithm {
        pick(self.algorithms()).unwrap_or(Algorithm::Sha512)
    }

    /// The hash of ours that the other also has, compared in the strongest algorithm that both know.
    pub fn matches(&self, other: &Self) -> Option<&Hash> {
        let algorithm = pick(other.algorithms().filter(|theirs| self.of(*theirs).next().is_some()))?;
        self.of(algorithm).find(|ours| other.of(algorithm).any(|theirs| ours.digest == theirs.digest))
    }

    /// Adds the algorithms that only the other has.
    ///
    /// Errors: [`IntegrityError::Conflict`] when both have an algorithm and no digest of it in common; nothing is
    /// changed then.
    pub fn merge(&mut self, other: &Self) -> Result<(), IntegrityError> {
        let mut added = Vec::new();
        for algorithm in other.algorithms() {
            if self.of(algorithm).next().is_none() {
                added.extend(other.of(algorithm).cloned());
            } else if !self
                .of(algorithm)
                .any(|ours| other.of(algorithm).any(|theirs| ours.digest == theirs.digest))
            {
                let list = |integrity: &Self| {
                    integrity.of(algorithm).map(Hash::digest).collect::<Vec<_>>().join(", ")
                };
                return Err(IntegrityError::Conflict { algorithm, ours: list(self), theirs: list(other) });
            }
        }
        self.hashes.append(&mut added);
        Ok(())
    }

    /// All hashes of both, ours first.
    pub fn concat(&self, other: &Self) -> Self {
        let mut all = self.clone();
        other.hashes.iter().cloned().for_each(|hash| all.push(hash));
        all
    }

    fn push(&mut self, hash: Hash) {
        let after = self.hashes.iter().rposition(|other| other.algorithm == hash.algorithm);
        self.hashes.insert(after.map_or(self.hashes.len(), |index| index + 1), hash);
    }
}

fn pick(algorithms: impl Iterator<Item = Algorithm>) -> Option<Algorithm> {
    algorithms.reduce(|best, next| if best.rank() >= next.rank() { best } else { next })
}

fn decode_hex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u32>> = text.chars().map(|digit| digit.to_digit(16)).collect();
    let digits = digits.filter(|digits| digits.len() % 2 == 0)?;
    digits
        .chunks_exact(2)
        .map(|pair| pair.iter().try_fold(0u8, |byte, digit| u8::try_from(u32::from(byte) << 4 | digit).ok()))
        .collect()
}

impl From<Hash> for Integrity {
    fn from(hash: Hash) -> Self {
        Self { hashes: vec![hash] }
    }
}

impl std::str::FromStr for Integrity {
    type Err = IntegrityError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl fmt::Display for Integrity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, hash) in self.hashes.iter().enumerate() {
            if index > 0 {
                formatter.write_str(" ")?;
            }
            hash.fmt(formatter)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
