//! Tarballs that are on their way from an upstream while they are answered.

use axum::body::Body;
use axum::response::Response;
use http::{HeaderMap, StatusCode, header};

use super::tarball::{Requested, content, describe, etag_of, insert, requested_range, with_status};
use super::{conditional, respond};
use crate::storage::Blob;
use crate::{Download, RegistryError};

/// Whole ones are passed on as they come; small ones have come and were found to be right by then. Parts wait for the
/// whole, of which nobody knows before that it is right.
pub(super) async fn answer(
    download: Download,
    file: &str,
    headers: &HeaderMap,
) -> Result<Response, RegistryError> {
    if headers.contains_key(header::RANGE) {
        return part(download, file, headers).await;
    }
    if !download.clone().begins().await {
        return Ok(did_not_arrive());
    }
    let etag = download.length.map(|length| etag_of(file, length));
    if etag.as_ref().is_some_and(|etag| conditional::not_modified(headers, etag, None)) {
        let mut response = with_status(StatusCode::NOT_MODIFIED, Body::empty());
        describe(&mut response, etag.as_deref());
        return Ok(response);
    }
    let length = download.length;
    let mut response = with_status(StatusCode::OK, Body::from_stream(download.part(0..u64::MAX)));
    if let Some(length) = length {
        insert(response.headers_mut(), header::CONTENT_LENGTH, &length.to_string());
    }
    describe(&mut response, etag.as_deref());
    Ok(response)
}

async fn part(download: Download, file: &str, headers: &HeaderMap) -> Result<Response, RegistryError> {
    let Ok(length) = download.clone().whole().await else { return Ok(did_not_arrive()) };
    let blob = Blob::Arriving(download);
    let mut response = match requested_range(headers, length) {
        Requested::Whole => content(blob, 0..length, StatusCode::OK).await?,
        Requested::Part(range) => {
            let content_range = format!("bytes {}-{}/{length}", range.start, range.end - 1);
            let mut response = content(blob, range, StatusCode::PARTIAL_CONTENT).await?;
            insert(response.headers_mut(), header::CONTENT_RANGE, &content_range);
            response
        }
        Requested::Unsatisfiable => {
            let mut response =
                respond::error(StatusCode::RANGE_NOT_SATISFIABLE, "the range is outside the file");
            insert(response.headers_mut(), header::CONTENT_RANGE, &format!("bytes */{length}"));
            return Ok(response);
        }
    };
    describe(&mut response, Some(&etag_of(file, length)));
    Ok(response)
}

fn did_not_arrive() -> Response {
    let message = "the tarball did not arrive as the packument describes it; try again later";
    let mut response = respond::error(StatusCode::SERVICE_UNAVAILABLE, message);
    response.headers_mut().insert(header::RETRY_AFTER, 10.into());
    response
}
