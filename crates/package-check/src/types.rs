//! Declarations: whether TypeScript finds them for each entry, and whether they say the same about its format as Node.
//!
//! Source: TypeScript's documentation of `moduleResolution` node16 and bundler.

use module_resolver::{Conditions, Format, Kind};
use serde_json::Value;

use crate::entries::{Entry, Loaded, load};
use crate::package::Package;
use crate::problem::Problems;

const DECLARATIONS: [&str; 3] = [".d.ts", ".d.mts", ".d.cts"];

pub(crate) fn check(package: &Package, entries: &[Entry], problems: &mut Problems) {
    let has_declarations =
        package.paths().any(|path| is_declaration(path) && !path.starts_with("node_modules/"));
    if !has_declarations {
        return;
    }
    for entry in entries {
        let is_code = |loaded: &Loaded| matches!(loaded.format(), Some(Format::Module | Format::CommonJs));
        if !is_code(&entry.import) && !is_code(&entry.require) {
            continue;
        }
        let place = match package.manifest.get("exports") {
            Some(_) => format!("exports[{}]", Value::from(entry.subpath.as_str())),
            None => "package.json".to_owned(),
        };
        let mut found: Vec<(Finding, Vec<&str>)> = Vec::new();
        for (condition, loaded) in [("import", &entry.import), ("require", &entry.require)] {
            let finding =
                is_code(loaded).then(|| one(package, entry, condition, loaded, &place, problems)).flatten();
            let Some(finding) = finding else { continue };
            match found.iter_mut().find(|(known, _)| *known == finding) {
                Some((_, conditions)) => conditions.push(condition),
                None => found.push((finding, vec![condition])),
            }
        }
        for (finding, conditions) in found {
            tell(package, entry, &finding, &conditions, &place, problems);
        }
    }
}

/// What is wrong with the types of a file.
#[derive(PartialEq, Eq)]
enum Finding {
    /// There are none.
    None { code: String },
    /// They say another format than Node.
    Format { code: String, declarations: String, is_module: bool },
}

fn one(
    package: &Package,
    entry: &Entry,
    condition: &str,
    loaded: &Loaded,
    place: &str,
    problems: &Problems,
) -> Option<Finding> {
    let subpath = match entry.expanded.first() {
        Some(star) => entry.subpath.replacen('*', star, 1),
        None => entry.subpath.clone(),
    };
    let code = loaded.path().unwrap_or_default().to_owned();
    let Some(declarations) = found(package, &subpath, condition) else {
        let is_told = problems.has_error_at(place) || leads_nowhere(package, &subpath, condition);
        return (!is_told).then_some(Finding::None { code });
    };
    let is_module = loaded.format() == Some(Format::Module);
    (is_module != self::is_module(package, &declarations)).then_some(Finding::Format {
        code,
        declarations,
        is_module,
    })
}

fn tell(
    package: &Package,
    entry: &Entry,
    finding: &Finding,
    conditions: &[&str],
    place: &str,
    problems: &mut Problems,
) {
    let under = conditions.join(" and ");
    match finding {
        Finding::None { code } => {
            let is_hidden = package.manifest.contains_key("exports") && package.member("types").is_some();
            let why = if is_hidden { "; with \"exports\" the member \"types\" is not looked at" } else { "" };
            let message =
                format!("TypeScript finds no declarations for {} under {under}{why}", entry.specifier);
            let fix = format!(
                "add the condition \"types\" before the others, or put {} beside {code}",
                beside(code)
            );
            problems.warning("no-types", place, message, fix);
        }
        Finding::Format { code, declarations, is_module } => {
            let (name, taken, loaded, ending) = match is_module {
                true => ("types-say-commonjs", "CommonJS", "an ES module", "mts"),
                false => ("types-say-module", "an ES module", "CommonJS", "cts"),
            };
            let message = format!(
                "under {under} TypeScript takes {code} for {taken}, since {declarations} declares it so, but Node loads {loaded}"
            );
            problems.warning(
                name,
                place,
                message,
                split(conditions.first().copied().unwrap_or_default(), ending),
            );
        }
    }
}

fn split(condition: &str, ending: &str) -> String {
    format!(
        "give {condition} declarations of its own: \"{condition}\": {{ \"types\": \"./….d.{ending}\", \"default\": … }}"
    )
}

/// The declarations that TypeScript finds for an entry under `import` or `require`.
pub(crate) fn found(package: &Package, subpath: &str, condition: &str) -> Option<String> {
    if package.manifest.get("exports").is_none_or(Value::is_null) {
        return (subpath == ".").then(|| legacy(package)).flatten();
    }
    let conditions = Conditions::new(["types", condition, "node"]);
    let found = package.find_entry(subpath, Kind::Import, Some(&conditions)).ok()?;
    let path = package.own(found.location.path()?)?.to_owned();
    declarations_for(package, &path)
}

/// Whether "exports" name a file for an entry that is not there, which is told as such.
fn leads_nowhere(package: &Package, subpath: &str, condition: &str) -> bool {
    let conditions = Conditions::new(["types", condition, "node"]);
    let found = package.find_entry(subpath, Kind::Import, Some(&conditions));
    found.is_err_and(|error| error.node_code() == Some("ERR_MODULE_NOT_FOUND"))
}

/// Without "exports": `types`, else beside `main`, else index.d.ts.
fn legacy(package: &Package) -> Option<String> {
    let named = ["types", "typings"].into_iter().find_map(|key| package.member(key));
    if let Some(path) = named {
        return declarations_at(package, path);
    }
    let main = load(package, ".", Kind::Require).path().map(str::to_owned);
    main.and_then(|main| declarations_for(package, &main))
        .or_else(|| package.has("index.d.ts").then(|| "index.d.ts".to_owned()))
}

/// What a member like "types" leads to.
pub(crate) fn declarations_at(package: &Package, path: &str) -> Option<String> {
    let bare = path.trim_start_matches("./").trim_end_matches('/');
    let direct = ["", ".d.ts", ".ts", "/index.d.ts"].map(|ending| format!("{bare}{ending}"));
    direct.into_iter().find(|path| package.has(path)).or_else(|| declarations_for(package, bare))
}

/// The file itself where it holds types, else the declarations beside it.
fn declarations_for(package: &Package, path: &str) -> Option<String> {
    if [".ts", ".mts", ".cts", ".tsx"].iter().any(|ending| path.ends_with(ending)) {
        return package.has(path).then(|| path.to_owned());
    }
    let beside = beside(path);
    package.has(&beside).then_some(beside)
}

/// Where the declarations of a script belong.
fn beside(path: &str) -> String {
    for (script, declarations) in
        [(".mjs", ".d.mts"), (".cjs", ".d.cts"), (".jsx", ".d.ts"), (".js", ".d.ts")]
    {
        if let Some(stem) = path.strip_suffix(script) {
            return format!("{stem}{declarations}");
        }
    }
    format!("{path}.d.ts")
}

fn is_declaration(path: &str) -> bool {
    DECLARATIONS.iter().any(|ending| path.ends_with(ending))
}

/// Whether TypeScript takes what a file declares for an ES module: by its ending, else by the nearest "type".
fn is_module(package: &Package, path: &str) -> bool {
    if path.ends_with(".mts") || path.ends_with(".cts") {
        return path.ends_with(".mts");
    }
    let mut folder = path;
    while let Some((above, _)) = folder.rsplit_once('/') {
        if let Some(text) = package.text(&format!("{above}/package.json")) {
            let nested: Value = serde_json::from_str(text).unwrap_or_default();
            return nested.get("type").and_then(Value::as_str) == Some("module");
        }
        folder = above;
    }
    package.member("type") == Some("module")
}
