//! Conditional requests: entity tags and dates.

use http::{HeaderMap, header};
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;

/// Whether the client already has what `etag` stands for.
///
/// `If-None-Match` is compared weakly, as RFC 9110 has it, and wins over `If-Modified-Since`.
pub(super) fn not_modified(headers: &HeaderMap, etag: &str, modified: Option<Timestamp>) -> bool {
    let tags: Vec<&str> =
        headers.get_all(header::IF_NONE_MATCH).into_iter().filter_map(|value| value.to_str().ok()).collect();
    if !tags.is_empty() {
        let weak = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
        return tags
            .iter()
            .flat_map(|list| list.split(','))
            .any(|tag| tag.trim() == "*" || weak(tag) == etag);
    }
    let since = headers.get(header::IF_MODIFIED_SINCE).and_then(|value| value.to_str().ok());
    // HTTP dates have whole seconds.
    match (since, modified) {
        (Some(since), Some(modified)) => jiff::fmt::rfc2822::parse(since)
            .is_ok_and(|since| since.timestamp().as_second() >= modified.as_second()),
        _ => false,
    }
}

/// A point in time as HTTP writes it; `None` outside the years it can write.
pub(super) fn http_date(time: Timestamp) -> Option<String> {
    DateTimePrinter::new().timestamp_to_rfc9110_string(&time).ok()
}
