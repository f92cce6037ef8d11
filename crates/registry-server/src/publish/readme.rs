//! A package's README: as the client sent it, else as it lies in the tarball.
//!
//! npm 6 sends it beside the versions, npm 7 and later and Bun inside the version, pnpm not at all.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Bytes of a README that are kept.
pub(super) const MAX_README: u64 = 1 << 20;

/// What npm sends in place of a README where there is none.
const NOTHING: &str = "ERROR: No README data found!";

/// A README with the name of its file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Readme {
    pub text: String,
    pub filename: Option<String>,
}

impl Readme {
    /// What was sent, unless that says that there is none.
    pub fn sent(text: Option<&str>, filename: Option<&str>) -> Option<Readme> {
        let text = text.filter(|text| !text.trim().is_empty() && *text != NOTHING)?;
        Some(Readme { text: text.to_owned(), filename: filename.map(str::to_owned) })
    }

    /// The one inside a published manifest.
    pub fn in_manifest(manifest: &Map<String, Value>) -> Option<Readme> {
        let field = |name: &str| manifest.get(name).and_then(Value::as_str);
        Readme::sent(field("readme"), field("readmeFilename"))
    }
}

/// How much a file at the top of a package is its README, less being more; none where it is not one.
pub(super) fn rank(file: &str) -> Option<u8> {
    let file = file.to_ascii_lowercase();
    match file.strip_prefix("readme")? {
        ".md" => Some(0),
        ".markdown" => Some(1),
        "" => Some(2),
        rest if rest.starts_with('.') && !rest.contains('/') => Some(3),
        _ => None,
    }
}
