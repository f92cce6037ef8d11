//! What clients asked.

use bytes::Bytes;
use http::HeaderMap;

/// One request and how it was answered.
#[derive(Clone, Debug)]
pub struct LoggedRequest {
    /// `GET`, `POST`, ...
    pub method: String,
    /// The path as it stood in the request line, with its query.
    pub path: String,
    /// The request's headers.
    pub headers: HeaderMap,
    /// The body of a request for a bundle; empty for all others.
    pub body: Bytes,
    /// The status of the answer; 0 until it was given.
    pub status: u16,
}

impl LoggedRequest {
    /// `METHOD path`.
    pub fn line(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// A header's value, where it is there and text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}
