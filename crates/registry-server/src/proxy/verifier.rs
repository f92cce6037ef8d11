//! Whether bytes are what a packument says, told while they pass.

use npm_formats::integrity::{Algorithm, Integrity};
use ring::digest::{Context, Digest, SHA1_FOR_LEGACY_USE_ONLY, SHA256, SHA384, SHA512};

/// Hashes bytes for comparison and for naming them.
pub(super) struct Verifier {
    integrity: Integrity,
    /// The strongest algorithm of the integrity, where that is not SHA-512.
    weaker: Option<(Algorithm, Context)>,
    sha512: Context,
}

/// What the bytes turned out to be.
pub(super) enum Verdict {
    /// They are right; this is their SHA-512 in hexadecimal.
    Right(String),
    /// They are something else: what was expected and what came.
    Wrong { expected: String, found: String },
}

impl Verifier {
    /// Whether an integrity proves anything here: what is as weak as MD5 does not.
    pub fn can_check(integrity: &Integrity) -> bool {
        use Algorithm::{Sha1, Sha256, Sha384, Sha512};
        matches!(integrity.strongest(), Sha512 | Sha384 | Sha256 | Sha1)
    }

    /// Nothing hashed yet. `None` where the integrity is of an algorithm that proves nothing here.
    pub fn new(integrity: &Integrity) -> Option<Verifier> {
        let strongest = integrity.strongest();
        let weaker = match strongest {
            Algorithm::Sha512 => None,
            Algorithm::Sha384 => Some(&SHA384),
            Algorithm::Sha256 => Some(&SHA256),
            Algorithm::Sha1 => Some(&SHA1_FOR_LEGACY_USE_ONLY),
            _ => return None,
        };
        let weaker = weaker.map(|algorithm| (strongest, Context::new(algorithm)));
        Some(Verifier { integrity: integrity.clone(), weaker, sha512: Context::new(&SHA512) })
    }

    /// Takes the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.sha512.update(bytes);
        if let Some((_, context)) = &mut self.weaker {
            context.update(bytes);
        }
    }

    /// Compares.
    pub fn finish(self) -> Verdict {
        let sha512 = self.sha512.finish();
        let (algorithm, digest) = match self.weaker {
            Some((algorithm, context)) => (algorithm, context.finish()),
            None => (Algorithm::Sha512, sha512),
        };
        let found = Integrity::from_digest(algorithm, digest.as_ref());
        if found.matches(&self.integrity).is_some() {
            Verdict::Right(hexadecimal(&sha512))
        } else {
            Verdict::Wrong { expected: self.integrity.to_string(), found: found.to_string() }
        }
    }
}

fn hexadecimal(digest: &Digest) -> String {
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}
