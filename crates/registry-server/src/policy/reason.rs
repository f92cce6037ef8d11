//! Why a version is hidden, as data from which prose and JSON are made.

use std::fmt;

use jiff::Timestamp;
use serde_json::{Value, json};

/// One reason to hide a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// It was published after the moment that the minimum age allows; it will be seen from `visible_from` on.
    TooYoung { published: Timestamp, visible_from: Timestamp },
    /// A minimum age is asked for, and nobody says how old it is.
    AgeUnknown,
    /// It is on the list of what nobody gets.
    Blocked { reason: String },
    /// It runs scripts when it is installed.
    InstallScript,
    /// Provenance is required, and it has none.
    NoProvenance,
    /// It has no provenance, although `earlier`, published before it, has.
    ProvenanceLost { earlier: String },
}

impl Reason {
    /// A word for programs, stable over releases.
    pub fn code(&self) -> &'static str {
        match self {
            Reason::TooYoung { .. } => "too-young",
            Reason::AgeUnknown => "age-unknown",
            Reason::Blocked { .. } => "blocked",
            Reason::InstallScript => "install-script",
            Reason::NoProvenance => "no-provenance",
            Reason::ProvenanceLost { .. } => "provenance-lost",
        }
    }

    /// For the answer of the explaining endpoint: `{"code", "message", ...}`.
    pub fn to_json(&self) -> Value {
        let mut json = json!({ "code": self.code(), "message": self.to_string() });
        if let Reason::TooYoung { published, visible_from } = self {
            json["published"] = published.to_string().into();
            json["visibleFrom"] = visible_from.to_string().into();
        }
        json
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reason::TooYoung { published, visible_from } => {
                write!(formatter, "it was published at {published} and is held back until {visible_from}")
            }
            Reason::AgeUnknown => {
                formatter.write_str("new versions are held back, and when it was published is not known")
            }
            Reason::Blocked { reason } if reason.is_empty() => formatter.write_str("it is blocked"),
            Reason::Blocked { reason } => write!(formatter, "it is blocked: {reason}"),
            Reason::InstallScript => formatter.write_str("it runs scripts when it is installed"),
            Reason::NoProvenance => formatter.write_str("nothing attests where it was built"),
            Reason::ProvenanceLost { earlier } => {
                write!(
                    formatter,
                    "nothing attests where it was built, but version {earlier} had such an attestation"
                )
            }
        }
    }
}
