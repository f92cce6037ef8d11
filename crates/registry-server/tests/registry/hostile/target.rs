//! The registry that is attacked, and what must not have changed afterwards.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use registry_server::settings::BlobLocation;
use serde_json::Value;
use test_support::plain_http::{Answer, send_within};
use test_support::{FixturePackage, HostedRegistry};

/// A registry with one honest package, `@acme/tool@1.0.0`.
pub struct Target {
    pub registry: HostedRegistry,
    blobs: PathBuf,
}

/// What there is: packages by name with what a packument says, and files.
#[derive(Debug, PartialEq)]
pub struct Kept {
    packages: Vec<(String, Value)>,
    files: Vec<PathBuf>,
}

pub fn honest() -> FixturePackage {
    FixturePackage::new("@acme/tool", "1.0.0").file("index.js", "1").dependency("left", "^1.0.0")
}

impl Target {
    pub fn start() -> Target {
        let mut blobs = PathBuf::new();
        let registry = HostedRegistry::with(|options| {
            if let BlobLocation::Folder(folder) = &options.storage.blobs {
                blobs.clone_from(folder);
            }
        });
        assert_eq!(registry.publish(&honest()).status, 201);
        Target { registry, blobs }
    }

    /// Everything that is kept.
    pub fn kept(&self) -> Kept {
        let found = self.registry.get("/-/v1/search?text=&size=250").json();
        let mut names: Vec<String> = (found["objects"].as_array().expect("results").iter())
            .map(|object| object["package"]["name"].as_str().expect("a name").to_owned())
            .collect();
        names.sort();
        let document = |name: String| {
            let document = self.registry.get(&format!("/{}", name.replace('/', "%2f"))).json();
            (name, document)
        };
        let mut files = Vec::new();
        list(&self.blobs, &mut files);
        files.sort();
        Kept { packages: names.into_iter().map(document).collect(), files }
    }

    /// Sends something that must be refused in that way.
    #[track_caller]
    pub fn refuses(&self, row: &str, method: &str, path: &str, body: &[u8], statuses: &[u16]) -> Answer {
        let headers = [("Content-Type", "application/json")];
        // unpacking takes a while where nothing is optimised
        let patience = Duration::from_secs(120);
        let answer = send_within(patience, &self.registry.host(), method, path, &headers, body);
        let text: String = answer.text().chars().take(500).collect();
        assert!(statuses.contains(&answer.status), "{row}: {method} {path:?}: {} {text}", answer.status);
        let error = serde_json::from_slice::<Value>(&answer.body).unwrap_or_default();
        assert!(error["error"].as_str().is_some_and(|error| !error.is_empty()), "{row}: it says {text}");
        assert!(!text.contains("panicked") && !text.contains(env!("CARGO_MANIFEST_DIR")), "{row}: {text}");
        assert_eq!(self.registry.get("/-/ping").status, 200, "{row}");
        answer
    }

    /// Sends a publication of the honest package's name that must be refused.
    #[track_caller]
    pub fn refuses_publication(&self, row: &str, body: &[u8]) -> Answer {
        self.refuses(row, "PUT", "/@acme%2ftool", body, &[400])
    }
}

fn list(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() { list(&path, files) } else { files.push(path) }
    }
}
