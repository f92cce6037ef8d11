//! What a directory says about the package in it.

use std::path::Path;

use serde_json::{Map, Value};

use crate::manifest_file::ManifestFile;

/// Packages that are usually development dependencies.
const TEST_PACKAGES: [&str; 8] =
    ["coco", "coffee-script", "expresso", "jasmine", "jest", "mocha", "streamline", "tap"];

/// What a package without tests says when it is tested.
pub const NO_TEST: &str = r#"echo "Error: no test specified" && exit 1"#;

/// The names in a directory, sorted; none when it cannot be read.
fn names(directory: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    let mut names: Vec<String> =
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// The manifest's name or the directory's, made fit for a package: lower case, no `node-` before and no
/// `.js` behind, dashes for spaces.
pub fn name(current: Option<&str>, directory: &Path, scope: Option<&str>) -> String {
    let folder = directory.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let raw = current.unwrap_or(&folder);
    let raw = raw.strip_prefix("node-").unwrap_or(raw);
    let raw = raw.strip_suffix(".js").or_else(|| raw.strip_suffix("-js")).unwrap_or(raw);
    let name = raw.split_whitespace().collect::<Vec<_>>().join("-").to_lowercase();
    match (scope, name.strip_prefix('@').and_then(|rest| rest.split_once('/'))) {
        (None, _) => name,
        (Some(scope), Some((_, own))) => format!("{scope}/{own}"),
        (Some(scope), None) => format!("{scope}/{name}"),
    }
}

/// The file that `main` is likely to be.
pub fn main_file(directory: &Path) -> String {
    let folder = directory.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let scripts: Vec<String> = names(directory).into_iter().filter(|name| name.ends_with(".js")).collect();
    let usual = ["index.js".to_owned(), "main.js".to_owned(), format!("{folder}.js")];
    let found = usual.iter().find(|name| scripts.contains(name)).or(scripts.first());
    found.cloned().unwrap_or_else(|| "index.js".to_owned())
}

/// The first script in `bin/`.
pub fn bin(directory: &Path) -> Option<String> {
    let first = names(&directory.join("bin")).into_iter().find(|name| name.ends_with(".js"))?;
    Some(format!("bin/{first}"))
}

/// `directories`, from folders with usual names.
pub fn directories(directory: &Path) -> Option<Value> {
    let mut found = Map::new();
    for name in names(directory) {
        let role = match name.as_str() {
            "example" | "examples" => "example",
            "test" | "tests" => "test",
            "doc" | "docs" => "doc",
            "man" => "man",
            "lib" => "lib",
            _ => continue,
        };
        found.insert(role.to_owned(), Value::from(name));
    }
    (!found.is_empty()).then_some(Value::Object(found))
}

/// The packages in node_modules as dependencies: those for tests, or the others. `None` without a
/// node_modules.
pub fn dependencies(
    directory: &Path,
    for_tests: bool,
    except: Option<&Value>,
    save_prefix: &str,
) -> Option<Value> {
    let modules = directory.join("node_modules");
    if !modules.is_dir() {
        return None;
    }
    let mut found = Map::new();
    for name in names(&modules) {
        let is_other = for_tests != TEST_PACKAGES.contains(&name.as_str());
        if name.starts_with('.') || is_other || except.is_some_and(|except| except.get(&name).is_some()) {
            continue;
        }
        // A package that does not parse is nobody's dependency.
        let Ok(Some(manifest)) = ManifestFile::read_if_there(&modules.join(&name)) else { continue };
        let Some(version) = manifest.version() else { continue };
        found.insert(name, Value::from(format!("{save_prefix}{version}")));
    }
    Some(Value::Object(found))
}

/// The command of the test framework that is installed.
pub fn test_command(directory: &Path) -> Option<&'static str> {
    let modules = directory.join("node_modules");
    let known = [("tap", "tap test/*.js"), ("expresso", "expresso test"), ("mocha", "mocha")];
    known.iter().rev().find(|(name, _)| modules.join(name).is_dir()).map(|(_, command)| *command)
}

/// The address of the git remote `origin`.
pub fn repository(directory: &Path) -> Option<String> {
    let config = std::fs::read_to_string(directory.join(".git").join("config")).ok()?;
    let mut lines = config.lines().skip_while(|line| *line != r#"[remote "origin"]"#).skip(1).take(2);
    let url = lines.find_map(|line| line.trim_start().strip_prefix("url = "))?;
    Some(match url.strip_prefix("git@github.com:") {
        Some(path) => format!("https://github.com/{path}"),
        None => url.to_owned(),
    })
}
