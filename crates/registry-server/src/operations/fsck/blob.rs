//! Whether a blob is what rows say.

use std::fmt;

use futures_util::TryStreamExt;
use ring::digest::{Context, SHA512};
use sha1::{Digest, Sha1};

use super::Contents;
use crate::RegistryError;
use crate::blobs::Blobs;
use crate::publish::hex;

/// A blob that is as it should be.
#[derive(Debug)]
pub(super) struct Sound {
    /// Bytes.
    pub length: u64,
    /// SHA-1 in hexadecimal, where it was read.
    pub shasum: Option<String>,
}

/// What is wrong with a blob.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Damage {
    Missing,
    Length { expected: u64, found: u64 },
    Contents,
}

impl Damage {
    pub fn code(&self) -> &'static str {
        match self {
            Damage::Missing => "blob-missing",
            Damage::Length { .. } => "blob-length",
            Damage::Contents => "blob-contents",
        }
    }
}

impl fmt::Display for Damage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Damage::Missing => formatter.write_str("is not in the store of tarballs"),
            Damage::Length { expected, found } => {
                write!(formatter, "has {found} bytes in the store of tarballs instead of {expected}")
            }
            Damage::Contents => formatter.write_str("has other bytes in the store of tarballs than it had"),
        }
    }
}

/// Looks at a blob, whose length is compared where it is known.
///
/// # Errors
/// A store that does not answer.
pub(super) async fn look_at(
    blobs: &Blobs,
    digest: &str,
    length: Option<u64>,
    contents: Contents,
) -> Result<Result<Sound, Damage>, RegistryError> {
    let Some(found) = blobs.find(digest).await? else { return Ok(Err(Damage::Missing)) };
    if let Some(expected) = length.filter(|expected| *expected != found.length) {
        return Ok(Err(Damage::Length { expected, found: found.length }));
    }
    if contents == Contents::Lengths {
        return Ok(Ok(Sound { length: found.length, shasum: None }));
    }
    let Some(mut bytes) = blobs.stream(digest).await? else { return Ok(Err(Damage::Missing)) };
    let (mut sha512, mut sha1) = (Context::new(&SHA512), Sha1::new());
    while let Some(chunk) = bytes.try_next().await? {
        sha512.update(&chunk);
        sha1.update(&chunk);
    }
    if hex(sha512.finish().as_ref()) != digest {
        return Ok(Err(Damage::Contents));
    }
    Ok(Ok(Sound { length: found.length, shasum: Some(hex(&sha1.finalize())) }))
}
