//! What comes back: the body as it arrives, its end checked, and what a refusal says.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::response::Parts;
use http::{Method, StatusCode};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use serde_json::Value;

use crate::error::{Refusal, RegistryError, RequestInfo, TimeoutPhase};
use crate::gate::Permit;
use crate::options::Clock;
use crate::progress::{Progress, RequestId, Stage};
use crate::redact::redact_text;
use crate::transport::Lease;

/// Longest body read only to keep its connection.
const MAX_SKIPPED: u64 = 64 << 10;
/// Longest body of a refusal that is looked at.
const MAX_REFUSAL: u64 = 64 << 10;

/// An answer below 400, its body still to come.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: AnswerBody,
}

/// An answer below 400, read to its end.
#[derive(Debug)]
pub(crate) struct Fetched {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    /// As sent: still compressed.
    pub(crate) body: Bytes,
}

/// The body of an answer; keeps the connection and the place among the running requests until it is read.
pub(crate) struct AnswerBody {
    incoming: Incoming,
    lease: Option<Lease>,
    permit: Option<Permit>,
    received: u64,
    pub(crate) expected: Option<u64>,
    context: Context,
}

/// What a body needs to know of its request.
#[derive(Clone)]
pub(crate) struct Context {
    pub(crate) request: RequestInfo,
    /// How long the server may be silent.
    pub(crate) silence: Duration,
    pub(crate) watch: Watch,
}

impl AnswerBody {
    pub(crate) fn new(head: &Parts, incoming: Incoming, lease: Lease, context: Context) -> Self {
        let has_body = context.request.method != Method::HEAD && head.status != StatusCode::NOT_MODIFIED;
        let expected = content_length(&head.headers).filter(|_| has_body);
        AnswerBody { incoming, lease: Some(lease), permit: None, received: 0, expected, context }
    }

    /// Keeps a place among the running requests until the body is read.
    pub(crate) fn holding(mut self, permit: Permit) -> Self {
        self.context.watch.stage(&self.context.request, Stage::Receiving(self.expected));
        self.permit = Some(permit);
        self
    }

    /// Reads a short body to its end, so that the connection can be used again.
    pub(crate) async fn skip(self) {
        drop(self.collect(MAX_SKIPPED).await);
    }

    /// The next bytes; `None` at the end, which is checked against the announced length.
    pub(crate) async fn chunk(&mut self) -> Result<Option<Bytes>, RegistryError> {
        loop {
            let frame =
                tokio::time::timeout(self.context.silence, self.incoming.frame()).await.map_err(|_| {
                    let request = self.context.request.clone();
                    RegistryError::Timeout {
                        request,
                        phase: TimeoutPhase::Answer,
                        after: self.context.silence,
                    }
                })?;
            match frame {
                None => return self.end().map(|()| None),
                Some(Err(error)) => return Err(self.broken(error)),
                Some(Ok(frame)) => {
                    let Ok(data) = frame.into_data() else { continue };
                    if data.is_empty() {
                        continue;
                    }
                    self.received += data.len() as u64;
                    self.context.watch.received(data.len());
                    return Ok(Some(data));
                }
            }
        }
    }

    fn end(&mut self) -> Result<(), RegistryError> {
        if let Some(lease) = self.lease.take() {
            lease.give_back();
        }
        match self.expected {
            Some(expected) if expected != self.received => Err(RegistryError::Truncated {
                request: self.context.request.clone(),
                received: self.received,
                expected,
            }),
            _ => Ok(()),
        }
    }

    fn broken(&mut self, error: hyper::Error) -> RegistryError {
        let request = self.context.request.clone();
        match self.expected {
            Some(expected) if ended_early(&error) => {
                RegistryError::Truncated { request, received: self.received, expected }
            }
            _ => {
                let peer = self.lease.as_ref().map(Lease::peer).unwrap_or_default();
                RegistryError::ConnectionLost { request, peer, source: Arc::new(error) }
            }
        }
    }

    /// The whole body, as sent.
    ///
    /// # Errors
    /// `TooLarge` past `limit` bytes, and what breaks off a transfer.
    pub(crate) async fn collect(mut self, limit: u64) -> Result<Bytes, RegistryError> {
        let too_large = || RegistryError::TooLarge { request: self.context.request.clone(), limit };
        if self.expected.is_some_and(|expected| expected > limit) {
            return Err(too_large());
        }
        let Some(first) = self.chunk().await? else { return Ok(Bytes::new()) };
        let Some(second) = self.chunk().await? else { return Ok(first) };
        // a server that lies about the length gets no memory for it
        let capacity = self.expected.unwrap_or(0).min(16 << 20);
        let mut whole =
            Vec::with_capacity(usize::try_from(capacity).unwrap_or(0).max(first.len() + second.len()));
        whole.extend_from_slice(&first);
        whole.extend_from_slice(&second);
        while let Some(chunk) = self.chunk().await? {
            if whole.len() as u64 + chunk.len() as u64 > limit {
                return Err(RegistryError::TooLarge { request: self.context.request.clone(), limit });
            }
            whole.extend_from_slice(&chunk);
        }
        Ok(whole.into())
    }
}

/// Tells the progress hook about one request.
#[derive(Clone)]
pub(crate) struct Watch {
    id: RequestId,
    progress: Option<Arc<dyn Progress>>,
}

impl Watch {
    pub(crate) fn new(id: RequestId, progress: Option<Arc<dyn Progress>>) -> Self {
        Watch { id, progress }
    }

    pub(crate) fn stage(&self, request: &RequestInfo, stage: Stage) {
        if let Some(progress) = &self.progress {
            progress.stage(self.id, request, stage);
        }
    }

    fn received(&self, bytes: usize) {
        if let Some(progress) = &self.progress {
            progress.received(self.id, bytes);
        }
    }

    pub(crate) fn retrying(&self, error: &RegistryError, attempt: u32, delay: Duration) {
        if let Some(progress) = &self.progress {
            progress.retrying(self.id, error, attempt, delay);
        }
    }
}

/// Ends the story of a request, however it ends.
pub(crate) struct Finish(pub(crate) Watch);

impl Drop for Finish {
    fn drop(&mut self) {
        if let Some(progress) = &self.0.progress {
            progress.finished(self.0.id);
        }
    }
}

/// Whether the connection ended before the message did.
fn ended_early(error: &hyper::Error) -> bool {
    let cause = std::error::Error::source(error).and_then(|cause| cause.downcast_ref::<io::Error>());
    error.is_incomplete_message() || cause.is_some_and(|cause| cause.kind() == io::ErrorKind::UnexpectedEof)
}

/// The announced length of a body.
fn content_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// What a refusal says: its body and the headers that matter.
pub(crate) async fn read_refusal(head: &Parts, body: AnswerBody, clock: &Clock) -> Refusal {
    let text = |name: HeaderName| Some(head.headers.get(name)?.to_str().ok()?.to_owned());
    // a body that cannot be read says nothing; the status still does
    let body = body.collect(MAX_REFUSAL).await.unwrap_or_default();
    let body = decoded(&head.headers, body.clone(), MAX_REFUSAL).unwrap_or(body);
    let json: Option<Value> = serde_json::from_slice(&body).ok();
    let said = |key: &str| json.as_ref()?.get(key)?.as_str().map(redact_text);
    Refusal {
        status: head.status.as_u16(),
        message: said("error").or_else(|| said("message")),
        challenge: text(header::WWW_AUTHENTICATE),
        retry_after: text(header::RETRY_AFTER).and_then(|value| retry_after(&value, clock)),
        body,
        credentials_elsewhere: None,
    }
}

/// Seconds, or the time until a date.
fn retry_after(value: &str, clock: &Clock) -> Option<Duration> {
    if let Ok(seconds) = value.trim().parse() {
        return Some(Duration::from_secs(seconds));
    }
    let at = http_date_millis(value)?;
    Some(Duration::from_millis(at.saturating_sub(clock.now_millis())))
}

/// Milliseconds since 1970 of a date as HTTP writes it.
pub(crate) fn http_date_millis(date: &str) -> Option<u64> {
    let parsed = jiff::fmt::rfc2822::parse(date.trim()).ok()?;
    u64::try_from(parsed.timestamp().as_millisecond()).ok()
}

/// A body without its `content-encoding`.
///
/// We ask for gzip only: libdeflate inflates it several times faster than brotli decodes, and on the way from
/// the registry the processor is the scarcer thing.
pub(crate) fn decoded(headers: &HeaderMap, body: Bytes, limit: u64) -> Result<Bytes, String> {
    let encoding = headers.get(header::CONTENT_ENCODING).map(HeaderValue::as_bytes).unwrap_or_default();
    match encoding.trim_ascii() {
        b"" | b"identity" => Ok(body),
        // an empty body needs no encoding, whatever is said about it
        _ if body.is_empty() => Ok(body),
        b"gzip" | b"x-gzip" => inflate(&body, limit),
        other => Err(format!("the content-encoding {} was not asked for", String::from_utf8_lossy(other))),
    }
}

/// Deflate cannot make more than this out of a byte.
const MAX_EXPANSION: u64 = 1032;

/// A gzip stream, whole.
fn inflate(body: &[u8], limit: u64) -> Result<Bytes, String> {
    let Some(trailer) = body.last_chunk::<4>() else { return Err("its gzip stream is cut off".into()) };
    let announced = u64::from(u32::from_le_bytes(*trailer));
    if announced > limit {
        return Err(format!("it is larger than the limit of {limit} bytes"));
    }
    if announced > MAX_EXPANSION * body.len() as u64 {
        return Err("its gzip stream is damaged".into());
    }
    let mut whole = vec![0; usize::try_from(announced).unwrap_or(usize::MAX)];
    match libdeflater::Decompressor::new().gzip_decompress(body, &mut whole) {
        Ok(written) if written == whole.len() => Ok(whole.into()),
        Ok(_) => Err("its gzip stream is shorter than announced".into()),
        Err(error) => Err(format!("its gzip stream is damaged: {error}")),
    }
}
