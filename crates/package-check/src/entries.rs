//! What can be asked for from outside, and where `import` and `require` find it.

use module_resolver::{Format, Kind, ResolveError};
use serde::Serialize;
use serde_json::Value;

use crate::package::Package;
use crate::problem::Problems;
use crate::targets::expansions;

/// Most files of one pattern that are looked at.
const MOST_EXPANSIONS: usize = 500;

/// Something that can be asked for by name.
#[derive(Clone, Debug, Serialize)]
pub struct Entry {
    /// As it is written: `name`, `name/sub`, `name/sub/*`.
    pub specifier: String,
    /// `.` or `./sub`, the key in "exports".
    pub subpath: String,
    pub import: Loaded,
    pub require: Loaded,
    /// The file of declarations that TypeScript finds for `import`.
    pub types: Option<String>,
    /// Files that a pattern stands for; 1 without one.
    pub files: usize,
    /// The same for each file of a pattern, by what the star stands for.
    #[serde(skip)]
    pub(crate) expanded: Vec<String>,
}

/// What becomes of asking for an entry in one way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Loaded {
    /// A file, and how it is loaded: `module`, `commonjs`, `json`; none for what Node does not load, as a style sheet.
    #[serde(rename_all = "camelCase")]
    File { path: String, format: Option<Format> },
    /// Node's code, and why.
    Nothing { code: String, reason: String },
}

impl Loaded {
    /// The file.
    pub fn path(&self) -> Option<&str> {
        match self {
            Self::File { path, .. } => Some(path),
            Self::Nothing { .. } => None,
        }
    }

    /// How it is loaded.
    pub fn format(&self) -> Option<Format> {
        match self {
            Self::File { format, .. } => *format,
            Self::Nothing { .. } => None,
        }
    }
}

/// Everything that the package offers by name. Without "exports" that is its main entry alone: whatever else can be
/// asked for by path was not meant to be.
pub(crate) fn check(package: &Package, problems: &mut Problems) -> Vec<Entry> {
    let subpaths = match package.manifest.get("exports") {
        None | Some(Value::Null) => return main_entry(package, problems).into_iter().collect(),
        Some(Value::Object(members)) if members.keys().any(|key| key.starts_with('.')) => {
            members.iter().filter(|(_, target)| !target.is_null()).map(|(key, _)| key.clone()).collect()
        }
        Some(_) => vec![".".to_owned()],
    };
    let mut entries = Vec::new();
    for subpath in subpaths {
        let entry = entry(package, &subpath);
        judge(package, &entry, problems);
        entries.push(entry);
    }
    entries
}

fn entry(package: &Package, subpath: &str) -> Entry {
    let expanded = match subpath.contains('*') {
        true => stars(package, subpath),
        false => Vec::new(),
    };
    let shown = expanded.first().map_or_else(|| subpath.to_owned(), |star| subpath.replacen('*', star, 1));
    Entry {
        specifier: format!("{}{}", package.name, subpath.strip_prefix('.').unwrap_or(subpath)),
        subpath: subpath.to_owned(),
        import: load(package, &shown, Kind::Import),
        require: load(package, &shown, Kind::Require),
        types: crate::types::found(package, &shown, "import"),
        files: if subpath.contains('*') { expanded.len() } else { 1 },
        expanded,
    }
}

/// What the star of a pattern stands for, as far as there are files.
fn stars(package: &Package, subpath: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let target = package.manifest.get("exports").and_then(|exports| exports.get(subpath));
    if let Some(target) = target {
        crate::targets::each_target(target, "", &mut |_, leaf| {
            let pattern = leaf.as_str().unwrap_or_default();
            found.extend(expansions(package, pattern).map(str::to_owned));
        });
    }
    found.sort();
    found.dedup();
    found.truncate(MOST_EXPANSIONS);
    found
}

/// Asks for an entry in one way.
pub(crate) fn load(package: &Package, subpath: &str, kind: Kind) -> Loaded {
    match package.find_entry(subpath, kind, None) {
        Ok(found) => {
            let absolute = found.location.path().unwrap_or_default();
            let path = package.own(absolute).unwrap_or(absolute).to_owned();
            Loaded::File { path, format: package.format(&found) }
        }
        Err(error) => Loaded::Nothing {
            code: error.node_code().unwrap_or_default().to_owned(),
            reason: match &*error {
                ResolveError::PackagePathNotExported { .. } => "no condition matches".to_owned(),
                other => package.told(other).lines().next().unwrap_or_default().to_owned(),
            },
        },
    }
}

fn judge(package: &Package, entry: &Entry, problems: &mut Problems) {
    let place = format!("exports[{}]", Value::from(entry.subpath.as_str()));
    let not_exported = |loaded: &Loaded| match loaded {
        Loaded::Nothing { code, .. } => code == "ERR_PACKAGE_PATH_NOT_EXPORTED",
        Loaded::File { .. } => false,
    };
    // what is wrong with the form or a target was told as such
    if problems.has("mixed-exports")
        || problems.has_error_at(&place)
        || problems.has_error_at("exports.") && entry.subpath == "."
    {
        return;
    }
    let is_missing = |loaded: &Loaded| match loaded {
        Loaded::Nothing { code, .. } => code.ends_with("MODULE_NOT_FOUND"),
        Loaded::File { .. } => false,
    };
    if is_missing(&entry.import) || is_missing(&entry.require) {
        return;
    }
    let specifier = &entry.specifier;
    match (&entry.import, &entry.require) {
        (Loaded::File { .. }, Loaded::File { .. }) => {}
        (Loaded::Nothing { code, reason }, Loaded::Nothing { .. }) => {
            if entry.types.is_none() && !has_foreign_condition(package, &entry.subpath) {
                let message = format!("neither import nor require finds {specifier}: {reason} ({code})");
                problems.error("not-found", place, message, "add a \"default\" condition with its file");
            }
        }
        (Loaded::File { .. }, nothing) if not_exported(nothing) => {
            let message = format!(
                "require(\"{specifier}\") fails: no condition matches it, though Node can require ES modules since 20.19"
            );
            problems.note("import-only", place, message, "write \"default\" in place of \"import\"");
        }
        (nothing, Loaded::File { .. }) if not_exported(nothing) => {
            let message = format!("import \"{specifier}\" fails: no condition matches it");
            problems.warning("require-only", place, message, "write \"default\" in place of \"require\"");
        }
        (Loaded::Nothing { code, reason }, _) | (_, Loaded::Nothing { code, reason }) => {
            problems.error(
                "not-found",
                place,
                format!("{specifier}: {reason} ({code})"),
                "correct the target",
            );
        }
    }
}

/// Whether an entry is for others than Node, such as browsers.
fn has_foreign_condition(package: &Package, subpath: &str) -> bool {
    let target = package.manifest.get("exports").and_then(|exports| exports.get(subpath).or(Some(exports)));
    let is_foreign = |key: &String| {
        !key.starts_with('.')
            && !matches!(key.as_str(), "import" | "require" | "default" | "node" | "types" | "module-sync")
    };
    target.and_then(Value::as_object).is_some_and(|members| members.keys().any(is_foreign))
}

/// Without "exports": `main`, else index.js.
fn main_entry(package: &Package, problems: &mut Problems) -> Option<Entry> {
    let entry = entry(package, ".");
    let main = package.member("main");
    let has_scripts =
        package.paths().any(|path| path.ends_with(".js") || path.ends_with(".cjs") || path.ends_with(".mjs"));
    match (&entry.import, main) {
        (Loaded::File { path, .. }, Some(main)) => {
            if !is_meant_by(main, path) {
                let message =
                    format!("{main} is not in the tarball; Node takes {path} instead, and warns (DEP0128)");
                problems.error("missing-main", "main", message, package.advice(main));
            }
        }
        (Loaded::File { .. }, None) => {}
        (Loaded::Nothing { .. }, Some(main)) => {
            problems.error(
                "missing-main",
                "main",
                format!("{main} is not in the tarball"),
                package.advice(main),
            );
        }
        (Loaded::Nothing { .. }, None) => {
            let is_other = package.manifest.contains_key("bin") || entry.types.is_some() || !has_scripts;
            if !is_other {
                let message = "nothing can be imported by the package's name: there is no main entry";
                problems.warning(
                    "no-entry",
                    "package.json",
                    message,
                    "add \"exports\" with the file for \".\"",
                );
            }
            return None;
        }
    }
    Some(entry)
}

/// Whether `main` leads to a file by itself, perhaps with an ending or index that it leaves out.
fn is_meant_by(main: &str, path: &str) -> bool {
    let main = main.trim_start_matches("./").trim_end_matches('/');
    if main.is_empty() || main == "." {
        return path.starts_with("index.");
    }
    let Some(rest) = path.strip_prefix(main) else { return false };
    let endings = ["", ".js", ".json", ".node", "/index.js", "/index.json", "/index.node"];
    endings.contains(&rest)
}
