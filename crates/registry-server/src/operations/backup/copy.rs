//! Blobs from one store to another, held against their digests on the way.

use std::io::Write;

use futures_util::TryStreamExt;
use ring::digest::{Context, SHA512};

use crate::RegistryError;
use crate::blobs::Blobs;
use crate::publish::hex;

/// What became of a blob.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Copied {
    Now,
    /// One of that name and length was there.
    There,
    /// It is not what it should be, or not there: how.
    Damaged(String),
}

/// Copies a blob of a length in bytes unless it is there. What is damaged is not copied.
///
/// # Errors
/// A store that does not answer.
pub(super) async fn copy(
    from: &Blobs,
    to: &Blobs,
    digest: &str,
    length: u64,
) -> Result<Copied, RegistryError> {
    if to.find(digest).await?.is_some_and(|found| found.length == length) {
        return Ok(Copied::There);
    }
    copy_again(from, to, digest, length).await
}

/// Copies a blob, in place of one that may be there.
///
/// # Errors
/// A store that does not answer.
pub(super) async fn copy_again(
    from: &Blobs,
    to: &Blobs,
    digest: &str,
    length: u64,
) -> Result<Copied, RegistryError> {
    let mut staged = to.stage().await?;
    let path = staged.path().to_owned();
    let failed = |source| RegistryError::Io { action: "write", path: path.clone(), source };
    if let Some(problem) =
        verify(from, digest, length, |bytes| staged.write_all(bytes).map_err(failed)).await?
    {
        return Ok(Copied::Damaged(problem));
    }
    staged.as_file().sync_all().map_err(failed)?;
    to.put_staged(digest, staged).await?;
    Ok(Copied::Now)
}

/// Reads a blob and tells what is wrong with it.
///
/// # Errors
/// A store that does not answer; whatever `each` says of the bytes.
pub(super) async fn verify(
    from: &Blobs,
    digest: &str,
    length: u64,
    mut each: impl FnMut(&[u8]) -> Result<(), RegistryError>,
) -> Result<Option<String>, RegistryError> {
    let Some(mut bytes) = from.stream(digest).await? else { return Ok(Some("it is missing".to_owned())) };
    let (mut context, mut found) = (Context::new(&SHA512), 0_u64);
    while let Some(chunk) = bytes.try_next().await? {
        context.update(&chunk);
        found += chunk.len() as u64;
        each(&chunk)?;
    }
    if found != length {
        return Ok(Some(format!("it has {found} bytes instead of {length}")));
    }
    let is_right = hex(context.finish().as_ref()) == digest;
    Ok((!is_right).then(|| "its bytes are not those that were published".to_owned()))
}
