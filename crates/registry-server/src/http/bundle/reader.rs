//! One GET of a bundle: the same permission, the same policy, the same answer as for a request of its own.

use std::net::IpAddr;
use std::sync::Arc;

use axum::response::Response;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use npm_formats::bundle::{EntryHead, LONGEST_PART, PackumentForm, part_frame};
use tokio::sync::Mutex;

use super::super::caller::Caller;
use super::super::failure::Failure;
use super::super::{Readers, keep_private, negotiation, packument, readers, respond, tarball, version};
use crate::server::Registry;
use crate::{Form, PackageName, Packument};

/// Reads for one caller.
#[derive(Clone)]
pub(super) struct Reader {
    pub registry: Registry,
    /// None where everything is everybody's.
    caller: Option<Arc<Mutex<Caller>>>,
    /// The host that the client asks, which documents name.
    host: Option<HeaderValue>,
}

impl Reader {
    /// Errors: credentials that are wrong.
    pub async fn new(registry: &Registry, headers: &HeaderMap, from: IpAddr) -> Result<Reader, Failure> {
        let caller = match &registry.hosted {
            Some(hosted) => Some(Arc::new(Mutex::new(Caller::of(hosted, headers, from).await?))),
            None => None,
        };
        let host = headers.get(header::HOST).cloned();
        Ok(Reader { registry: registry.clone(), caller, host })
    }

    /// A packument, and how the GET of it is answered to who knows some of its documents already; `None` where that is
    /// neither a document nor that there is no other.
    pub async fn packument(
        &self,
        name: &PackageName,
        form: Form,
        known: Known,
    ) -> Option<(Arc<Packument>, Response)> {
        let readers = self.readers(name).await.ok()?;
        let packument = self.registry.storage.packument(name).await.ok()??;
        let mut headers = HeaderMap::new();
        headers.extend(self.host.clone().map(|host| (header::HOST, host)));
        headers.insert(header::ACCEPT, HeaderValue::from_static(negotiation::media_type(form)));
        headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
        if known == Known::All {
            headers.insert(header::IF_NONE_MATCH, HeaderValue::from_static("*"));
        }
        let mut response = packument::answer_with(&self.registry, &packument, &headers).await;
        if readers == Readers::Some {
            keep_private(&mut response);
        }
        let is_there = matches!(response.status(), StatusCode::OK | StatusCode::NOT_MODIFIED);
        is_there.then_some((packument, response))
    }

    /// How the GET of a tarball is answered.
    pub async fn tarball(&self, name: &PackageName, file: &str) -> Response {
        if let Err(failure) = self.readers(name).await {
            return failure.response();
        }
        let answered = tarball::answer(&self.registry, name, file, &HeaderMap::new()).await;
        answered.unwrap_or_else(|error| respond::failure(&error))
    }

    /// How the GET of a version's manifest is answered.
    pub async fn manifest(&self, name: &PackageName, version: &str) -> Response {
        if let Err(failure) = self.readers(name).await {
            return failure.response();
        }
        let mut headers = HeaderMap::new();
        headers.extend(self.host.clone().map(|host| (header::HOST, host)));
        let answered = version::answer(&self.registry, name, version, &headers).await;
        answered.unwrap_or_else(|error| respond::failure(&error))
    }

    async fn readers(&self, name: &PackageName) -> Result<Readers, Failure> {
        match (&self.registry.hosted, &self.caller) {
            (Some(hosted), Some(caller)) => readers(hosted, &mut *caller.lock().await, name).await,
            _ => Ok(Readers::Everybody),
        }
    }
}

/// Which documents of a packument a reader has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Known {
    Nothing,
    /// Whichever there is.
    All,
}

/// The registry's form of what a client wants.
pub(super) fn form(form: PackumentForm) -> Form {
    match form {
        PackumentForm::Abbreviated => Form::Abbreviated,
        PackumentForm::Full => Form::Full,
    }
}

/// What an entry says of itself before its content.
pub(super) fn entry_head(name: &str, response: &Response) -> EntryHead {
    let headers = response.headers().iter();
    let headers =
        headers.filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.to_owned())));
    EntryHead {
        name: name.to_owned(),
        file: None,
        version: None,
        status: response.status().as_u16(),
        headers: headers.collect(),
    }
}

/// Content as frames, none longer than a reader takes.
pub(super) fn part_frames(mut content: Bytes) -> impl Iterator<Item = Bytes> {
    std::iter::from_fn(move || {
        let length = content.len().min(LONGEST_PART);
        (length > 0).then(|| part_frame(content.split_to(length)))
    })
    .flatten()
}
