//! Packages that come as ES module and as CommonJS: what differs between the two, and what happens where both are used.

use module_resolver::Format;
use serde_json::Value;

use crate::entries::Entry;
use crate::modules::Graph;
use crate::package::Package;
use crate::problem::Problems;

pub(crate) fn check(package: &Package, entries: &[Entry], graph: &Graph, problems: &mut Problems) {
    let mut doubled = entries.iter().filter(|entry| is_doubled(entry, graph));
    if let Some(first) = doubled.next() {
        let more = match doubled.count() {
            0 => String::new(),
            1 => " (so does one more entry)".to_owned(),
            count => format!(" (so do {count} more entries)"),
        };
        let message = format!(
            "a program that imports and requires {} has it twice, from {} and {}{more}: state is not shared, and \
             instanceof fails across",
            first.specifier,
            first.import.path().unwrap_or_default(),
            first.require.path().unwrap_or_default(),
        );
        let fix = "publish the ES module alone (Node can require it since 20.19), or make one of the two only pass on the other";
        problems.note("dual-package", place(package, first), message, fix);
    }
    for entry in entries {
        endings(package, entry, problems);
    }
    ambiguous(package, graph, problems);
}

fn place(package: &Package, entry: &Entry) -> String {
    match package.manifest.get("exports") {
        Some(_) => format!("exports[{}]", Value::from(entry.subpath.as_str())),
        None => "package.json".to_owned(),
    }
}

/// Whether an entry is two modules, neither of which leads to the other.
fn is_doubled(entry: &Entry, graph: &Graph) -> bool {
    let (Some(import), Some(require)) = (entry.import.path(), entry.require.path()) else { return false };
    let are_both =
        entry.import.format() == Some(Format::Module) && entry.require.format() == Some(Format::CommonJs);
    let leads =
        |from: &str, to: &str| graph.get(from).is_some_and(|asked| asked.iter().any(|path| path == to));
    are_both && import != require && !leads(import, require) && !leads(require, import)
}

/// A condition that promises another format than its file has.
fn endings(package: &Package, entry: &Entry, problems: &mut Problems) {
    let (import, require) = (&entry.import, &entry.require);
    if require.format() == Some(Format::Module) && require.path() != import.path() {
        let path = require.path().unwrap_or_default();
        let why = if path.ends_with(".mjs") { "its ending .mjs" } else { "\"type\": \"module\"" };
        let message = format!("require finds {path}, which {why} makes an ES module");
        problems.warning(
            "require-finds-module",
            place(package, entry),
            message,
            "build it as CommonJS with the ending .cjs",
        );
    }
    if import.format() == Some(Format::CommonJs)
        && require.format() == Some(Format::CommonJs)
        && require.path() != import.path()
    {
        let path = import.path().unwrap_or_default();
        let message =
            format!("import finds {path}, which is CommonJS as well, though another file than require's");
        problems.warning(
            "import-finds-commonjs",
            place(package, entry),
            message,
            "give the ES module the ending .mjs",
        );
    }
}

/// ES modules that only their source tells apart from CommonJS.
fn ambiguous(package: &Package, graph: &Graph, problems: &mut Problems) {
    if package.manifest.contains_key("type") {
        return;
    }
    let is_module = |path: &&String| {
        path.ends_with(".js") && package.text(path).is_some_and(module_syntax::has_module_syntax)
    };
    if let Some(path) = graph.keys().find(is_module) {
        let message = format!(
            "{path} is an ES module, but nothing says so: Node before 20.19 fails, later ones parse it twice"
        );
        let fix = "set \"type\": \"module\", or call the file .mjs";
        problems.warning("no-type", "package.json", message, fix);
    }
}
