//! Many answers in the body of one, read while it comes.
//!
//! Does not own: what is done with them, and what else is done where a bundle cannot be had.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::header::{self, HeaderValue};
use http::{Method, StatusCode};
use npm_formats::bundle::{EntryHead, Frame, FrameReader, MEDIA_TYPE};
use serde::Serialize;
use url::Url;

use crate::answer::{Answer, AnswerBody, Finish};
use crate::error::{RegistryError, RequestInfo, TimeoutPhase};
use crate::exchange::{Exchange, Outgoing};
use crate::gate::Priority;
use crate::name::below;

/// How long a registry may be silent. There is another way to get everything that it was asked for.
const SILENCE: Duration = Duration::from_secs(15);

/// One of many answers.
#[derive(Clone, Debug)]
pub struct BundledEntry {
    /// What it is about, and how its own GET would be answered.
    pub head: EntryHead,
    /// The content; `None` where the registry could not get it to its end.
    pub content: Option<Bytes>,
}

/// A bundle on its way.
pub struct BundleStream {
    body: AnswerBody,
    frames: FrameReader,
    request: RequestInfo,
    /// Bytes that the content of an entry may have.
    limit: u64,
    complete: bool,
    _finish: Finish,
}

/// Asks a registry for a bundle. It is asked once, and follows nowhere: what is asked is that registry's to know.
pub(crate) async fn open(
    exchange: &Exchange,
    registry: &Url,
    path: &str,
    request: &impl Serialize,
    priority: Priority,
    limit: u64,
) -> Result<BundleStream, RegistryError> {
    let mut outgoing = Outgoing::get(below(registry, path)?, priority);
    outgoing.method = Method::POST;
    outgoing.registry = Some(registry.clone());
    outgoing.follows_redirects = false;
    outgoing.headers.insert(header::ACCEPT, HeaderValue::from_static(MEDIA_TYPE));
    outgoing.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let request_info = outgoing.info();
    let unusable = |problem: String| RegistryError::InvalidAnswer { request: request_info.clone(), problem };
    outgoing.body = serde_json::to_vec(request).map_err(|error| unusable(error.to_string()))?.into();
    let (watch, finish) = exchange.watch();
    let asked = tokio::time::timeout(SILENCE, exchange.once(&outgoing, &watch)).await;
    let Answer { status, headers, body } = asked.map_err(|_| silent(request_info.clone()))??;
    let media = headers.get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
    if status != StatusCode::OK || media != Some(MEDIA_TYPE.as_bytes()) {
        return Err(unusable("it is no bundle".into()));
    }
    let frames = FrameReader::default();
    Ok(BundleStream { body, frames, request: request_info, limit, complete: false, _finish: finish })
}

/// Whether a registry does not do what it said it offers, rather than being busy.
pub(crate) fn is_withdrawn(error: &RegistryError) -> bool {
    match error {
        RegistryError::InvalidAnswer { .. } | RegistryError::NotFound { .. } => true,
        RegistryError::Status { refusal, .. } => matches!(refusal.status, 405 | 410 | 501),
        _ => false,
    }
}

impl BundleStream {
    /// The next entry; `None` at the end.
    ///
    /// # Errors
    /// `InvalidAnswer` for what is no bundle or ends early, `TooLarge`, and all that breaks a transfer.
    pub async fn next(&mut self) -> Result<Option<BundledEntry>, RegistryError> {
        let mut open: Option<(EntryHead, Content)> = None;
        loop {
            let frame = self.frames.next_frame().map_err(|error| self.unusable(error.to_string()))?;
            match (frame, &mut open) {
                (Some(Frame::Head(head)), None) => open = Some((head, Content::default())),
                (Some(Frame::Part(part)), Some((_, content))) => {
                    content.push(part);
                    if content.length() > self.limit {
                        let request = self.request.clone();
                        return Err(RegistryError::TooLarge { request, limit: self.limit });
                    }
                }
                (Some(end @ (Frame::Whole | Frame::Broken)), Some(_)) => {
                    let whole = end == Frame::Whole;
                    let entry = open.take();
                    return Ok(entry.map(|(head, content)| BundledEntry {
                        head,
                        content: whole.then(|| content.bytes()),
                    }));
                }
                (Some(Frame::End { complete }), None) => {
                    self.complete = complete;
                    return self.finish().await.map(|()| None);
                }
                (Some(_), _) => return Err(self.unusable("its frames are out of order".into())),
                (None, _) => match self.chunk().await? {
                    Some(bytes) => self.frames.push(&bytes),
                    None => return Err(self.unusable("it is cut off".into())),
                },
            }
        }
    }

    /// Whether the registry has sent all that it was asked for; known at the end.
    pub fn is_complete(&self) -> bool {
        self.complete
    }

    /// Nothing may follow; the connection can be used again.
    async fn finish(&mut self) -> Result<(), RegistryError> {
        match self.chunk().await? {
            None if self.frames.is_empty() => Ok(()),
            _ => Err(self.unusable("something follows its end".into())),
        }
    }

    async fn chunk(&mut self) -> Result<Option<Bytes>, RegistryError> {
        let chunk = tokio::time::timeout(SILENCE, self.body.chunk()).await;
        chunk.unwrap_or_else(|_| Err(silent(self.request.clone())))
    }

    fn unusable(&self, problem: String) -> RegistryError {
        RegistryError::InvalidAnswer { request: self.request.clone(), problem }
    }
}

fn silent(request: RequestInfo) -> RegistryError {
    RegistryError::Timeout { request, phase: TimeoutPhase::Answer, after: SILENCE }
}

/// What came of an entry: mostly one part, which is not copied.
#[derive(Default)]
struct Content {
    first: Bytes,
    rest: BytesMut,
}

impl Content {
    fn push(&mut self, part: Bytes) {
        if self.first.is_empty() && self.rest.is_empty() {
            self.first = part;
            return;
        }
        if self.rest.is_empty() {
            self.rest.extend_from_slice(&self.first);
        }
        self.rest.extend_from_slice(&part);
    }

    fn length(&self) -> u64 {
        self.first.len().max(self.rest.len()) as u64
    }

    fn bytes(self) -> Bytes {
        if self.rest.is_empty() { self.first } else { self.rest.freeze() }
    }
}
