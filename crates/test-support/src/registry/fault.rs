//! Ways to misbehave.

use std::time::Duration;

use percent_encoding::percent_decode_str;

/// What goes wrong with an answer.
#[derive(Clone, Debug)]
pub enum Fault {
    /// This status with a JSON error instead of the answer.
    Status(u16),
    /// 429 with a `Retry-After` in seconds.
    TooManyRequests { retry_after: u64 },
    /// The right headers, then only this many bytes of the body, then the connection ends.
    Truncated { bytes: usize },
    /// The right headers and this many bytes of the body, then nothing more, the connection stays open.
    Stalled { bytes: usize },
    /// The right answer, after a while.
    Delayed(Duration),
    /// A body with the byte in its middle changed.
    Corrupted,
    /// Another body, with status 200 and no content encoding.
    Replaced(Vec<u8>),
    /// Another address instead of the answer: 302 with this `Location`.
    Redirected(String),
}

/// How often a fault applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Times {
    /// To the first so many requests.
    First(usize),
    /// To every request.
    Always,
}

/// A fault, where it applies and how often still.
#[derive(Debug)]
pub(super) struct FaultRule {
    pub path: String,
    pub fault: Fault,
    pub times: Times,
}

impl FaultRule {
    /// The fault, if it applies to a request for `path`; counts it as used.
    pub fn take(&mut self, path: &str) -> Option<Fault> {
        let path = percent_decode_str(path).decode_utf8_lossy();
        let matches = match self.path.strip_suffix('*') {
            Some(prefix) => path.starts_with(prefix),
            None => path == self.path,
        };
        if !matches {
            return None;
        }
        match &mut self.times {
            Times::Always => {}
            Times::First(0) => return None,
            Times::First(left) => *left -= 1,
        }
        Some(self.fault.clone())
    }
}
