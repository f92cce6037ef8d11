//! Hashing a tarball while it arrives, and comparing with what was asked for.

use crate::error::{Result, StoreError};
use crate::key::EntryKey;
use npm_formats::integrity::{Algorithm, Integrity};
use ring::digest::{self, Context};

/// Computes the SHA-512 that names the entry, and beside it the algorithm to compare in.
pub(crate) struct Verifier {
    sha512: Context,
    compared: Option<(Algorithm, Context)>,
    expected: Option<Integrity>,
}

impl Verifier {
    /// Errors: [`StoreError::UnsupportedIntegrity`] when the expectation is in algorithms that are not computed here.
    ///
    /// Only the strongest algorithm is compared. Source: npm 11.19.1, ssri.
    pub(crate) fn new(expected: Option<Integrity>, package: &str) -> Result<Self> {
        let compared = match &expected {
            None => None,
            Some(integrity) => match integrity.strongest() {
                Algorithm::Sha512 => None,
                weaker => match context(weaker) {
                    Some(context) => Some((weaker, context)),
                    None => {
                        let (package, expected) = (package.to_owned(), integrity.to_string());
                        return Err(StoreError::UnsupportedIntegrity { package, expected });
                    }
                },
            },
        };
        Ok(Self { sha512: Context::new(&digest::SHA512), compared, expected })
    }

    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.sha512.update(bytes);
        if let Some((_, context)) = &mut self.compared {
            context.update(bytes);
        }
    }

    /// Errors: [`StoreError::Integrity`].
    pub(crate) fn finish(self, package: &str, origin: &str) -> Result<Verified> {
        let sha512: [u8; 64] = sha512_bytes(self.sha512);
        let key = EntryKey::from_sha512(sha512);
        let Some(expected) = self.expected else {
            return Ok(Verified { key, alias: None });
        };
        let actual = match self.compared {
            None => key.integrity(),
            Some((algorithm, context)) => Integrity::from_digest(algorithm, context.finish().as_ref()),
        };
        match digests_agree(&expected, &actual) {
            true if actual.strongest() == Algorithm::Sha512 => Ok(Verified { key, alias: None }),
            true => Ok(Verified { key, alias: Some(actual.to_string()) }),
            false => Err(StoreError::Integrity {
                package: package.to_owned(),
                origin: origin.to_owned(),
                expected: expected.to_string(),
                actual: actual.to_string(),
            }),
        }
    }
}

/// A tarball that is the one asked for.
pub(crate) struct Verified {
    pub(crate) key: EntryKey,
    /// The weaker integrity it was verified by, under which it is to be found too.
    pub(crate) alias: Option<String>,
}

/// The name under which an entry is found by an integrity without SHA-512: one per hash.
pub(crate) fn aliases(integrity: &Integrity) -> impl Iterator<Item = String> {
    let strongest = integrity.strongest();
    integrity.of(strongest).filter_map(move |hash| {
        let digest = hash.digest_bytes()?;
        Some(Integrity::from_digest(strongest, &digest).to_string())
    })
}

/// Compared as bytes: padding and options in the text say nothing.
fn digests_agree(expected: &Integrity, actual: &Integrity) -> bool {
    let algorithm = actual.strongest();
    let found: Vec<_> = actual.of(algorithm).filter_map(|hash| hash.digest_bytes()).collect();
    expected.of(algorithm).filter_map(|hash| hash.digest_bytes()).any(|digest| found.contains(&digest))
}

fn context(algorithm: Algorithm) -> Option<Context> {
    let algorithm = match algorithm {
        Algorithm::Sha1 => &digest::SHA1_FOR_LEGACY_USE_ONLY,
        Algorithm::Sha256 => &digest::SHA256,
        Algorithm::Sha384 => &digest::SHA384,
        Algorithm::Sha512 => &digest::SHA512,
        _ => return None,
    };
    Some(Context::new(algorithm))
}

fn sha512_bytes(context: Context) -> [u8; 64] {
    let mut bytes = [0; 64];
    bytes.copy_from_slice(context.finish().as_ref());
    bytes
}

/// SHA-512 of one piece of text.
pub(crate) fn sha512(bytes: &[u8]) -> [u8; 64] {
    let mut context = Context::new(&digest::SHA512);
    context.update(bytes);
    sha512_bytes(context)
}
