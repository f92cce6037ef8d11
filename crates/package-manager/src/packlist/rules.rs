//! The rules that a package brings with it: what npm always leaves out, what `files` says, what is always taken.

use std::path::Path;
use std::sync::{Arc, LazyLock};

use serde_json::{Map, Value};

use super::pattern::Pattern;

/// Left out of everything but plain bundled packages.
const DEFAULTS: [&str; 22] = [
    ".npmignore",
    ".gitignore",
    "**/.git",
    "**/.svn",
    "**/.hg",
    "**/CVS",
    "**/.git/**",
    "**/.svn/**",
    "**/.hg/**",
    "**/CVS/**",
    "/.lock-wscript",
    "/.wafpickle-*",
    "/build/config.gypi",
    "npm-debug.log",
    "**/.npmrc",
    ".*.swp",
    ".DS_Store",
    "**/.DS_Store/**",
    "._*",
    "**/._*/**",
    "*.orig",
    "/archived-packages/**",
];

/// The last word in every folder.
const NEVER: &str = "/.git";

/// The last word in a package's own folder, after what `files` names.
const STRICT: [&str; 13] = [
    NEVER,
    "!/package.json",
    "!/readme{,.*[^~$]}",
    "!/copying{,.*[^~$]}",
    "!/license{,.*[^~$]}",
    "!/licence{,.*[^~$]}",
    NEVER,
    "/node_modules",
    ".npmrc",
    "/package-lock.json",
    "/yarn.lock",
    "/pnpm-lock.yaml",
    "/bun.lockb",
];

/// Where rules come from, in the order in which they count: the last that matches decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    Default,
    PackageJson,
    NpmIgnore,
    GitIgnore,
    Strict,
}

impl Source {
    pub(super) const ALL: [Self; 5] =
        [Self::Default, Self::PackageJson, Self::NpmIgnore, Self::GitIgnore, Self::Strict];

    /// The file that holds them, if it is one.
    pub(super) fn file(self) -> Option<&'static str> {
        match self {
            Self::PackageJson => Some("package.json"),
            Self::NpmIgnore => Some(".npmignore"),
            Self::GitIgnore => Some(".gitignore"),
            Self::Default | Self::Strict => None,
        }
    }
}

/// Rules of one source, in their order.
pub(super) type Rules = Arc<[Pattern]>;

/// Reads lines as rules.
pub(super) fn parse<'a>(lines: impl IntoIterator<Item = &'a str>) -> Rules {
    lines.into_iter().filter_map(Pattern::parse).collect()
}

/// What is left out unless something says otherwise; `more` are lines of ignore files above.
pub(super) fn defaults(more: &[String]) -> Rules {
    static PARSED: LazyLock<Rules> = LazyLock::new(|| parse(DEFAULTS));
    if more.is_empty() {
        return Arc::clone(&PARSED);
    }
    parse(DEFAULTS.into_iter().chain(more.iter().flat_map(|text| text.lines())))
}

/// The last word in a folder of a package. `required` are files of it that `files` names.
pub(super) fn strict_below(required: &[String]) -> Rules {
    static PARSED: LazyLock<Rules> = LazyLock::new(|| parse([NEVER]));
    if required.is_empty() {
        return Arc::clone(&PARSED);
    }
    let required: Vec<String> = required.iter().map(|file| format!("!{file}")).collect();
    parse([NEVER].into_iter().chain(required.iter().map(String::as_str)))
}

/// The rules of a package's own package.json.
#[derive(Debug)]
pub(super) struct PackageRules {
    /// What `files` says; `None` where there is no such field.
    pub(super) files: Option<Rules>,
    /// The last word.
    pub(super) strict: Rules,
    /// Files that `files` names one by one.
    pub(super) required: Vec<String>,
}

/// The entries of `files`. A text instead of a list is a list of its letters to npm: wrong as it is, nothing is
/// packed then that was not meant to be.
fn listed(manifest: &Map<String, Value>) -> Option<Vec<String>> {
    match manifest.get("files")? {
        Value::Array(entries) => Some(entries.iter().filter_map(Value::as_str).map(str::to_owned).collect()),
        Value::String(text) if !text.is_empty() => Some(text.chars().map(String::from).collect()),
        _ => None,
    }
}

impl PackageRules {
    /// Reads them; looks into the folder to tell files from folders and patterns.
    pub(super) fn read(folder: &Path, manifest: &Map<String, Value>) -> Self {
        let mut strict: Vec<String> = STRICT.map(str::to_owned).into();
        let mut required = Vec::new();
        let files = listed(manifest).map(|entries| {
            let mut lines = vec!["*".to_owned()];
            for entry in &entries {
                let entry = if entry.starts_with("./") { &entry[1..] } else { entry.as_str() };
                let all = if entry.ends_with("/*") { "*" } else { "" };
                let entry = format!("{entry}{all}");
                let named = entry.trim_start_matches('!').trim_start_matches('/');
                match folder.join(named).symlink_metadata() {
                    Ok(found) if found.is_file() => {
                        strict.insert(0, format!("!{entry}"));
                        required.push(entry.strip_prefix('/').unwrap_or(&entry).to_owned());
                    }
                    Ok(found) if found.is_dir() => {
                        lines.push(format!("!{entry}"));
                        lines.push(format!("!{entry}/**"));
                    }
                    Ok(_) => {}
                    Err(_) => lines.push(format!("!{entry}")),
                }
            }
            parse(lines.iter().map(String::as_str))
        });
        for entry in ["browser", "main"].into_iter().filter_map(|key| manifest.get(key)) {
            strict.extend(entry.as_str().filter(|path| !path.is_empty()).map(|path| format!("!/{path}")));
        }
        if let Some(bins) = manifest.get("bin").and_then(Value::as_object) {
            strict.extend(bins.values().filter_map(Value::as_str).map(|path| format!("!/{path}")));
        }
        Self { files, strict: parse(strict.iter().map(String::as_str)), required }
    }
}
