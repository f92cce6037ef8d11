//! The little that the store wants to know from a `package.json`.

use crate::bin;
use serde_json::Value;

/// What a manifest says that matters for keeping the package.
#[derive(Default)]
pub(super) struct Facts {
    pub(super) has_install_script: bool,
    bins: Vec<String>,
    bin_directory: Option<String>,
}

/// Reads a manifest; one that cannot be read says nothing.
pub(super) fn read(package_json: &[u8]) -> Facts {
    let text = package_json.strip_prefix(b"\xef\xbb\xbf").unwrap_or(package_json);
    let Ok(Value::Object(manifest)) = serde_json::from_slice(text) else { return Facts::default() };
    let scripts = manifest.get("scripts");
    let script = |name| scripts.and_then(|scripts| scripts.get(name)).is_some_and(Value::is_string);
    let bins = bin::from_manifest(&manifest);
    let bin_directory = match manifest.get("bin") {
        Some(Value::Null) | None => {
            let directory = manifest.get("directories").and_then(|directories| directories.get("bin"));
            directory.and_then(Value::as_str).map(bin::normalize_target)
        }
        Some(_) => None,
    };
    Facts {
        has_install_script: ["preinstall", "install", "postinstall"].into_iter().any(script),
        bins: bins.into_iter().map(|bin| bin.target).collect(),
        bin_directory: bin_directory.filter(|directory| !directory.is_empty()),
    }
}

impl Facts {
    /// Which of the files are executables.
    pub(super) fn bins<'a>(&self, files: impl Iterator<Item = &'a str>) -> Vec<String> {
        match &self.bin_directory {
            None => self.bins.clone(),
            Some(directory) => {
                let inside = |path: &&str| {
                    path.strip_prefix(directory.as_str()).is_some_and(|rest| rest.starts_with('/'))
                };
                files.filter(inside).map(str::to_owned).collect()
            }
        }
    }
}
