//! Bodies that change packages, read while they arrive, packed or not.

use std::io::Write;

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use flate2::write::GzDecoder;
use http::{HeaderMap, StatusCode, header};
use http_body_util::BodyExt;

use super::failure::Failure;
use crate::RegistryError;
use crate::hosted::Hosted;
use crate::publish::{Incoming, PublishError, Received};

/// Bytes that are taken in at once, off the threads that answer requests.
const BLOCK: usize = 256 << 10;

/// What takes a body in.
enum Intake {
    Plain(Box<Incoming>),
    Packed(Box<GzDecoder<Incoming>>),
    /// It was wrong; what else comes is heard and forgotten.
    Broken(PublishError),
}

/// Reads a body to its end, so that clients hear what is wrong with it. `limit` is in bytes, as it comes and as it is
/// unpacked.
pub(super) async fn receive(
    hosted: &Hosted,
    headers: &HeaderMap,
    mut body: Body,
    limit: u64,
) -> Result<Received, Failure> {
    let incoming = Incoming::new(hosted.blobs.clone(), limit);
    let is_packed = headers.get(header::CONTENT_ENCODING).is_some_and(|encoding| encoding == "gzip");
    let mut intake = if is_packed {
        Intake::Packed(Box::new(GzDecoder::new(incoming)))
    } else {
        Intake::Plain(Box::new(incoming))
    };
    let mut block = BytesMut::new();
    let mut length = 0_u64;
    while let Some(frame) = body.frame().await {
        let too_large = || {
            let message = format!("the body was cut off or has more than {limit} bytes");
            Failure::told(StatusCode::PAYLOAD_TOO_LARGE, message)
        };
        let Ok(data) = frame.map_err(|_| too_large())?.into_data() else { continue };
        length = length.saturating_add(data.len() as u64);
        if length > limit {
            return Err(too_large());
        }
        block.extend_from_slice(&data);
        if block.len() >= BLOCK {
            intake = feed(intake, block.split().freeze()).await?;
        }
    }
    let rest = block.freeze();
    let finishing = tokio::task::spawn_blocking(move || intake.feed(&rest).finish());
    Ok(finishing.await.map_err(|_| RegistryError::Interrupted)??)
}

async fn feed(intake: Intake, bytes: Bytes) -> Result<Intake, Failure> {
    let feeding = tokio::task::spawn_blocking(move || intake.feed(&bytes));
    Ok(feeding.await.map_err(|_| RegistryError::Interrupted)?)
}

impl Intake {
    fn feed(self, bytes: &[u8]) -> Intake {
        match self {
            Intake::Plain(mut incoming) => {
                incoming.feed(bytes);
                Intake::Plain(incoming)
            }
            // what unpacks to too much is not unpacked further
            Intake::Packed(mut decoder) => match decoder.write_all(bytes) {
                Ok(()) => Intake::Packed(decoder),
                Err(_) => Intake::Broken(decoder.get_mut().take_failure().unwrap_or_else(no_gzip)),
            },
            Intake::Broken(problem) => Intake::Broken(problem),
        }
    }

    fn finish(self) -> Result<Received, PublishError> {
        match self {
            Intake::Plain(incoming) => incoming.finish(),
            Intake::Packed(mut decoder) => match decoder.try_finish() {
                Ok(()) => decoder.finish().map_err(|_| no_gzip())?.finish(),
                Err(_) => Err(decoder.get_mut().take_failure().unwrap_or_else(no_gzip)),
            },
            Intake::Broken(problem) => Err(problem),
        }
    }
}

fn no_gzip() -> PublishError {
    PublishError::Malformed { problem: "it is not what gzip packs, or was cut off".to_owned() }
}
