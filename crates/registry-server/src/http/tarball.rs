//! `GET /{pkg}/-/{file}.tgz`, whole or a range.

use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::Path;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use object_store::GetOptions;
use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncSeekExt};
use tokio_util::io::ReaderStream;

use super::{arriving, conditional, respond};
use crate::server::Registry;
use crate::storage::Blob;
use crate::{PackageName, RegistryError};

/// Up to here a file is read whole before it is answered: one trip to the blocking pool instead of many.
const READ_WHOLE: u64 = 1 << 20;

/// Bytes per read of what is longer.
const CHUNK: usize = 256 << 10;

/// A tarball never changes.
const CACHE_CONTROL: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

pub(super) async fn answer(
    registry: &Registry,
    name: &PackageName,
    file: &str,
    headers: &HeaderMap,
) -> Result<Response, RegistryError> {
    let Some(blob) = registry.storage.tarball(name, file).await? else {
        return Ok(respond::not_found(&format!("{name}/-/{file}")));
    };
    if let Blob::Arriving(download) = blob {
        return arriving::answer(download, file, headers).await;
    }
    let length = blob.len();
    let etag = etag_of(file, length);
    let mut response = if conditional::not_modified(headers, &etag, None) {
        with_status(StatusCode::NOT_MODIFIED, Body::empty())
    } else {
        match requested_range(headers, length) {
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
        }
    };
    describe(&mut response, Some(&etag));
    Ok(response)
}

/// The version that a tarball is counted for: what its name says, or all of it where that is another one than usual.
pub(super) fn version_of<'a>(name: &PackageName, file: &'a str) -> &'a str {
    let stem = file.strip_suffix(".tgz").unwrap_or(file);
    stem.strip_prefix(name.unscoped()).and_then(|rest| rest.strip_prefix('-')).unwrap_or(stem)
}

/// The headers of every answer about a tarball.
pub(super) fn describe(response: &mut Response, etag: Option<&str>) {
    let fields = response.headers_mut();
    fields.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    fields.insert(header::CACHE_CONTROL, CACHE_CONTROL);
    fields.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    if let Some(etag) = etag {
        insert(fields, header::ETAG, etag);
    }
}

/// The name of a tarball's content.
///
/// The file name says which content it is, and the content never changes; the length tells a lie of a mirror.
pub(super) fn etag_of(file: &str, length: u64) -> String {
    format!("\"{length:x}-{file}\"")
}

/// Which bytes a request is about.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Requested {
    Whole,
    Part(Range<u64>),
    Unsatisfiable,
}

/// One range of bytes; several at once, other units and nonsense mean the whole file, as RFC 9110 allows.
pub(super) fn requested_range(headers: &HeaderMap, length: u64) -> Requested {
    let spec = headers.get(header::RANGE).and_then(|value| value.to_str().ok()?.strip_prefix("bytes="));
    // What `If-Range` names is not compared: a client that resumes with it gets the whole file, which is right.
    if headers.contains_key(header::IF_RANGE) {
        return Requested::Whole;
    }
    let Some((first, last)) = spec.and_then(|spec| spec.split_once('-')) else { return Requested::Whole };
    let range = match (first.trim().parse::<u64>(), last.trim()) {
        (Ok(first), "") => first..length,
        (Ok(first), last) => match last.parse::<u64>() {
            Ok(last) if last >= first => first..length.min(last.saturating_add(1)),
            _ => return Requested::Whole,
        },
        (Err(_), suffix) if first.trim().is_empty() => match suffix.parse::<u64>() {
            Ok(suffix) => length.saturating_sub(suffix)..length,
            Err(_) => return Requested::Whole,
        },
        (Err(_), _) => return Requested::Whole,
    };
    if range.is_empty() { Requested::Unsatisfiable } else { Requested::Part(range) }
}

pub(super) async fn content(
    blob: Blob,
    range: Range<u64>,
    status: StatusCode,
) -> Result<Response, RegistryError> {
    let length = range.end - range.start;
    let body = match blob {
        Blob::Bytes(bytes) => Body::from(slice(&bytes, range)),
        Blob::File { path, .. } => file_body(&path, range).await.map_err(|source| RegistryError::Io {
            action: "read",
            path,
            source,
        })?,
        Blob::Object { store, key, .. } => {
            let options = GetOptions { range: Some(range.into()), ..GetOptions::default() };
            Body::from_stream(store.get_opts(&key, options).await?.into_stream())
        }
        Blob::Arriving(download) => Body::from_stream(download.part(range)),
    };
    let mut response = with_status(status, body);
    insert(response.headers_mut(), header::CONTENT_LENGTH, &length.to_string());
    Ok(response)
}

fn slice(bytes: &Bytes, range: Range<u64>) -> Bytes {
    // The range lies within the length of `bytes`, so both ends fit.
    bytes.slice(range.start as usize..range.end as usize)
}

async fn file_body(path: &Path, range: Range<u64>) -> io::Result<Body> {
    let length = range.end - range.start;
    if length <= READ_WHOLE {
        let path = path.to_owned();
        let bytes = tokio::task::spawn_blocking(move || read_range(&path, range))
            .await
            .map_err(io::Error::other)??;
        return Ok(Body::from(bytes));
    }
    let mut file = File::open(path).await?;
    if range.start > 0 {
        file.seek(SeekFrom::Start(range.start)).await?;
    }
    Ok(Body::from_stream(ReaderStream::with_capacity(file.take(length), CHUNK)))
}

fn read_range(path: &Path, range: Range<u64>) -> io::Result<Vec<u8>> {
    let mut file = std::fs::File::open(path)?;
    file.seek(SeekFrom::Start(range.start))?;
    let mut bytes = vec![0; (range.end - range.start) as usize];
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}

pub(super) fn with_status(status: StatusCode, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response
}

pub(super) fn insert(fields: &mut HeaderMap, name: header::HeaderName, value: &str) {
    // A file name may hold what no header can; the answer is good without the header.
    if let Ok(value) = HeaderValue::try_from(value) {
        fields.insert(name, value);
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue, header};

    use super::{Requested, requested_range};

    #[test]
    fn one_range_is_honoured_and_everything_else_is_the_whole_file() {
        for (range, expected) in [
            ("bytes=0-3", Requested::Part(0..4)),
            ("bytes=4-", Requested::Part(4..10)),
            ("bytes=-3", Requested::Part(7..10)),
            ("bytes=-30", Requested::Part(0..10)),
            ("bytes=8-99", Requested::Part(8..10)),
            ("bytes=8-18446744073709551615", Requested::Part(8..10)),
            ("bytes=10-", Requested::Unsatisfiable),
            ("bytes=-0", Requested::Unsatisfiable),
            ("bytes=3-1", Requested::Whole),
            ("bytes=0-1,4-5", Requested::Whole),
            ("bytes=x-1", Requested::Whole),
            ("items=0-1", Requested::Whole),
        ] {
            let headers = HeaderMap::from_iter([(header::RANGE, HeaderValue::from_static(range))]);
            assert_eq!(requested_range(&headers, 10), expected, "{range}");
        }
        assert_eq!(requested_range(&HeaderMap::new(), 10), Requested::Whole);
    }
}
