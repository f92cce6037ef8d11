//! `[limits]`: sizes, times and rates.

use std::time::Duration;

use super::reader::Section;
use super::values::ByteSize;

/// Sizes, times and rates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LimitSettings {
    /// Largest body of a publication, in bytes: the tarball in base64 and its packument.
    pub publish_body: u64,
    /// Largest body of any other request, in bytes after decompression.
    pub request_body: u64,
    /// How long the head of a request may take to arrive.
    pub head_timeout: Duration,
    /// How long a client may be silent while its body is read.
    pub body_timeout: Duration,
    /// Failed logins a minute, for an address and for a user.
    pub logins_per_minute: u32,
    /// Publications a minute of one user.
    pub publishes_per_minute: u32,
    /// Answers at once that have many packages in them; zero offers none.
    pub bundles: u32,
}

impl Default for LimitSettings {
    fn default() -> Self {
        LimitSettings {
            publish_body: 512 << 20,
            request_body: 16 << 20,
            head_timeout: Duration::from_secs(30),
            body_timeout: Duration::from_secs(60),
            logins_per_minute: 10,
            publishes_per_minute: 300,
            bundles: 64,
        }
    }
}

pub(super) fn read(section: &Section<'_, '_>) -> LimitSettings {
    let default = LimitSettings::default();
    let settings = LimitSettings {
        publish_body: section.or("publish_body", ByteSize(default.publish_body)).0,
        request_body: section.or("request_body", ByteSize(default.request_body)).0,
        head_timeout: section.or("head_timeout", default.head_timeout),
        body_timeout: section.or("body_timeout", default.body_timeout),
        logins_per_minute: section.or("logins_per_minute", default.logins_per_minute),
        publishes_per_minute: section.or("publishes_per_minute", default.publishes_per_minute),
        bundles: section.or("bundles", default.bundles),
    };
    section.finish();
    settings
}
