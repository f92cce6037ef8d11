//! "bin": the programs of the package, which a shell starts by their first line.

use serde_json::Value;

use crate::package::Package;
use crate::problem::Problems;
use crate::targets::place_below;

pub(crate) fn check(package: &Package, problems: &mut Problems) {
    for (place, path) in programs(package) {
        let Some(text) = package.text(&path) else {
            problems.error(
                "missing-bin",
                place,
                format!("{path} is not in the tarball"),
                package.advice(&path),
            );
            continue;
        };
        let first = text.split('\n').next().unwrap_or_default();
        let is_script =
            [".js", ".cjs", ".mjs", ".ts"].iter().any(|ending| path.ends_with(ending)) || !path.contains('.');
        if !first.trim_start_matches('\u{feff}').starts_with("#!") {
            if is_script && !first.starts_with('\u{7f}') {
                let message =
                    format!("{path} does not begin with #!, so that a shell takes it for its own commands");
                problems.error("no-interpreter", place, message, "make its first line #!/usr/bin/env node");
            }
        } else if first.starts_with('\u{feff}') {
            let message = format!("{path} begins with a byte order mark, before which no #! is seen");
            problems.error("no-interpreter", place, message, "save it as UTF-8 without a byte order mark");
        } else if first.ends_with('\r') {
            let message = format!(
                "the first line of {path} ends with a carriage return, which is taken for a part of the program's name"
            );
            problems.error(
                "carriage-return",
                place,
                message,
                "save it with line feeds alone (eol=lf in .gitattributes)",
            );
        }
    }
}

/// Places in package.json and the files that they name.
pub(crate) fn programs(package: &Package) -> Vec<(String, String)> {
    match package.manifest.get("bin") {
        Some(Value::String(path)) => vec![("bin".to_owned(), path.clone())],
        Some(Value::Object(all)) => all
            .iter()
            .filter_map(|(name, path)| Some((place_below("bin", name), path.as_str()?.to_owned())))
            .collect(),
        _ => Vec::new(),
    }
}
