//! The address the registry gives itself in documents.

use http::{HeaderMap, header};

use super::forwarded;

/// How a registry knows its own address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PublicUrl {
    /// The `Host` that a client asked for, by the protocol it came by.
    FromHost,
    /// A fixed address that ends in a slash.
    Fixed(String),
}

impl PublicUrl {
    /// A fixed address; a missing slash at its end is added.
    pub fn fixed(address: &str) -> PublicUrl {
        PublicUrl::Fixed(format!("{}/", address.trim_end_matches('/')))
    }

    /// The address that tarballs are below, for a request with these headers; `None` if its host is no host.
    ///
    /// It is put into JSON strings, so nothing that would need an escape may come through.
    pub(super) fn base(&self, headers: &HeaderMap) -> Option<String> {
        match self {
            PublicUrl::Fixed(address) => Some(address.clone()),
            PublicUrl::FromHost => {
                let host = headers.get(header::HOST)?.to_str().ok()?;
                let allowed = |c: char| c.is_ascii_alphanumeric() || "-._:[]".contains(c);
                let is_encrypted =
                    headers.get(forwarded::PROTOCOL).is_some_and(|protocol| protocol == "https");
                let protocol = if is_encrypted { "https" } else { "http" };
                (!host.is_empty() && host.len() <= 255 && host.chars().all(allowed))
                    .then(|| format!("{protocol}://{host}/"))
            }
        }
    }
}
