//! The members of package.json that name files, other than "exports", "imports" and "bin".

use serde_json::Value;

use crate::package::Package;
use crate::problem::Problems;
use crate::targets::place_below;

pub(crate) fn check(package: &Package, problems: &mut Problems) {
    main(package, problems);
    for key in ["types", "typings"] {
        if let Some(path) = package.member(key)
            && crate::types::declarations_at(package, path).is_none()
        {
            problems.error(
                "missing-types",
                key,
                format!("{path} is not in the tarball"),
                package.advice(path),
            );
        }
    }
    for key in ["module", "browser", "unpkg", "jsdelivr", "style", "sass"] {
        if let Some(path) = package.member(key) {
            file(package, key, path, problems);
        }
    }
    if let Some(Value::Object(replaced)) = package.manifest.get("browser") {
        for (from, to) in replaced {
            let place = place_below("browser", from);
            let own = [Some(from.as_str()), to.as_str()].into_iter().flatten();
            for path in own.filter(|path| path.starts_with("./")) {
                file(package, &place, path, problems);
            }
        }
    }
    match package.manifest.get("man") {
        Some(Value::String(path)) => file(package, "man", path, problems),
        Some(Value::Array(paths)) => {
            paths.iter().filter_map(Value::as_str).for_each(|path| file(package, "man", path, problems));
        }
        _ => {}
    }
    files(package, problems);
}

/// Beside "exports" `main` is for old tools only; alone it is judged with the main entry.
fn main(package: &Package, problems: &mut Problems) {
    let (Some(main), Some(_)) = (package.member("main"), package.manifest.get("exports")) else { return };
    let bare = main.trim_start_matches("./").trim_end_matches('/');
    let endings = ["", ".js", ".json", ".node", "/index.js", "/index.json", "/index.node"];
    if !endings.iter().any(|ending| package.has(&format!("{bare}{ending}"))) {
        let message = format!("{main} is not in the tarball; tools that do not know \"exports\" look for it");
        problems.warning("missing-main", "main", message, package.advice(main));
    }
}

fn file(package: &Package, place: &str, path: &str, problems: &mut Problems) {
    let bare = path.trim_start_matches("./");
    let is_there =
        package.has(bare) || package.has(&format!("{bare}.js")) || package.has(&format!("{bare}/index.js"));
    if !is_there {
        problems.error("missing-file", place, format!("{path} is not in the tarball"), package.advice(path));
    }
}

/// Items of "files" that match nothing: what was to be built, mostly.
fn files(package: &Package, problems: &mut Problems) {
    let Some(items) = package.manifest.get("files").and_then(Value::as_array) else { return };
    for item in items.iter().filter_map(Value::as_str) {
        let bare = item.trim_start_matches("./").trim_start_matches('/');
        let literal = bare.split(['*', '?', '[', '{', '(']).next().unwrap_or_default();
        let is_pattern = literal.len() < bare.len();
        let prefix = match is_pattern {
            true => literal.rfind('/').map_or("", |end| literal.get(..=end).unwrap_or_default()),
            false => literal.trim_end_matches('/'),
        };
        if prefix.is_empty() || item.starts_with('!') {
            continue;
        }
        let below = format!("{}/", prefix.trim_end_matches('/'));
        let is_met = package.paths().any(|path| path == prefix || path.starts_with(&below));
        if !is_met {
            let message = format!("{item} matches no file");
            problems.warning(
                "files-unmatched",
                "files",
                message,
                "build it before packing, or take it out of the list",
            );
        }
    }
}
