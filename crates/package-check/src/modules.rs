//! What entries and programs ask for when they are loaded: files of the package that must be in the tarball, and
//! packages that must be declared. Also whether a source fits the format that it is loaded by.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use module_resolver::{Format, Kind, is_builtin};
use module_syntax::{
    RequestTime, RequestedModule, SourceKind, commonjs_exports, has_module_syntax, requested_modules,
};
use serde_json::Value;

use crate::entries::{Entry, Loaded, load};
use crate::package::Package;
use crate::problem::{Level, Problems};
use crate::programs::programs;

/// Files by path, with the files of the package that each asks for.
pub(crate) type Graph = BTreeMap<String, Vec<String>>;

/// Follows what is asked for from every entry and program.
pub(crate) fn check(package: &Package, entries: &[Entry], problems: &mut Problems) -> Graph {
    let mut walk = Walk { package, graph: Graph::new(), pending: VecDeque::new(), missing: BTreeMap::new() };
    for entry in entries {
        walk.start(&entry.import);
        walk.start(&entry.require);
        for star in &entry.expanded {
            let subpath = entry.subpath.replacen('*', star, 1);
            walk.start(&load(package, &subpath, Kind::Import));
            walk.start(&load(package, &subpath, Kind::Require));
        }
    }
    for (_, path) in programs(package) {
        let path = path.trim_start_matches("./").to_owned();
        if let Some(found) =
            package.has(&path).then(|| package.find_from("package.json", &format!("./{path}"), Kind::Import))
        {
            let format = found.ok().and_then(|found| package.format(&found));
            // what has no ending is a script by its first line
            walk.add(path, format.or(Some(Format::CommonJs)));
        }
    }
    while let Some((path, kind)) = walk.pending.pop_front() {
        walk.visit(&path, kind, problems);
    }
    walk.tell_missing(problems);
    walk.graph
}

struct Walk<'a> {
    package: &'a Package,
    graph: Graph,
    pending: VecDeque<(String, SourceKind)>,
    /// Packages that are not declared, with the files that ask for them, the worst time first.
    missing: BTreeMap<String, (RequestTime, BTreeSet<String>)>,
}

impl Walk<'_> {
    fn start(&mut self, loaded: &Loaded) {
        if let Loaded::File { path, format } = loaded {
            self.add(path.clone(), *format);
        }
    }

    fn add(&mut self, path: String, format: Option<Format>) {
        let kind = match format {
            Some(Format::Module) => SourceKind::Module,
            Some(Format::CommonJs) => SourceKind::CommonJs,
            _ => return,
        };
        // what is bundled is its authors' business
        if path.starts_with("node_modules/") || self.graph.contains_key(&path) {
            return;
        }
        self.graph.insert(path.clone(), Vec::new());
        self.pending.push_back((path, kind));
    }

    fn visit(&mut self, path: &str, kind: SourceKind, problems: &mut Problems) {
        let Some(text) = self.package.text(path) else { return };
        let Some(requests) = requested_modules(text, kind) else {
            unreadable(path, kind, text, problems);
            return;
        };
        if kind == SourceKind::Module {
            uses_commonjs(path, text, &requests, problems);
        }
        for request in &requests {
            self.follow(path, kind, request, problems);
        }
    }

    fn follow(&mut self, path: &str, kind: SourceKind, request: &RequestedModule, problems: &mut Problems) {
        let specifier = request.specifier.as_str();
        if is_builtin(specifier)
            || specifier.starts_with("node:")
            || specifier.contains("://")
            || specifier.starts_with("data:")
        {
            return;
        }
        // `require` in an ES module was made from something
        let how = match request.is_require {
            true => Kind::Require,
            false => Kind::Import,
        };
        match self.package.find_from(path, specifier, how) {
            Ok(found) => {
                let own = found.location.path().and_then(|path| self.package.own(path)).map(str::to_owned);
                if let Some(own) = own {
                    let format = self.package.format(&found);
                    if let Some(asked) = self.graph.get_mut(path) {
                        asked.push(own.clone());
                    }
                    self.add(own, format);
                }
            }
            Err(error) if specifier.starts_with(['.', '/', '#']) => {
                let told = self.package.told(&error);
                self.missing_file(path, kind, request, &told, problems);
            }
            Err(_) => self.undeclared(path, request),
        }
    }

    fn missing_file(
        &self,
        path: &str,
        kind: SourceKind,
        request: &RequestedModule,
        told: &str,
        problems: &mut Problems,
    ) {
        let level = match request.when {
            RequestTime::Load => Level::Error,
            RequestTime::Later => Level::Warning,
            RequestTime::Guarded => return,
        };
        let specifier = &request.specifier;
        let verb = if request.is_require { "requires" } else { "imports" };
        let whole = [".js", ".mjs", ".cjs", "/index.js"].into_iter().find(|ending| {
            self.package.find_from(path, &format!("{specifier}{ending}"), Kind::Import).is_ok()
        });
        let (message, fix) = match whole {
            Some(ending) if kind == SourceKind::Module || !request.is_require => (
                format!("it {verb} {specifier}: `import` wants the whole name of a file"),
                format!("write \"{specifier}{ending}\""),
            ),
            _ if specifier.starts_with('#') => (
                format!("it {verb} {specifier}: {}", told.lines().next().unwrap_or_default()),
                "add it to \"imports\"".to_owned(),
            ),
            _ => (
                format!("it {verb} {specifier}, which is not in the tarball"),
                "list that file in \"files\", or build it before packing".to_owned(),
            ),
        };
        problems.add(level, "missing-import", path, message, fix);
    }

    fn undeclared(&mut self, path: &str, request: &RequestedModule) {
        let Some(name) = package_name(&request.specifier) else { return };
        if request.when == RequestTime::Guarded
            || name == self.package.name
            || is_declared(self.package, name)
        {
            return;
        }
        let (when, files) =
            self.missing.entry(name.to_owned()).or_insert_with(|| (request.when, BTreeSet::new()));
        *when = request.when.min(*when);
        files.insert(path.to_owned());
    }

    fn tell_missing(&self, problems: &mut Problems) {
        for (name, (when, files)) in &self.missing {
            let Some(first) = files.first() else { continue };
            let level = if *when == RequestTime::Load { Level::Error } else { Level::Warning };
            let others = match files.len() - 1 {
                0 => String::new(),
                1 => ", and so does another file".to_owned(),
                count => format!(", and so do {count} other files"),
            };
            let (code, message, fix) = if has(self.package, "devDependencies", name) {
                (
                    "dev-dependency",
                    format!(
                        "it asks for {name}{others}, which is a devDependency: those who install the package do not get it"
                    ),
                    format!("run `knit install {name} --save-prod`"),
                )
            } else {
                (
                    "undeclared-dependency",
                    format!("it asks for {name}{others}, which package.json does not declare"),
                    format!("run `knit install {name}`, or make it a peer dependency"),
                )
            };
            problems.add(level, code, first.as_str(), message, fix);
        }
    }
}

fn unreadable(path: &str, kind: SourceKind, text: &str, problems: &mut Problems) {
    if kind == SourceKind::CommonJs && has_module_syntax(text) {
        let message = "it is written as an ES module, but is loaded as CommonJS";
        let fix = "call it .mjs, or set \"type\": \"module\"";
        problems.error("wrong-format", path, message, fix);
    } else {
        let what = if kind == SourceKind::Module { "ES module" } else { "CommonJS module" };
        problems.warning(
            "unreadable",
            path,
            format!("it cannot be parsed as {what}"),
            "build it to plain JavaScript",
        );
    }
}

/// CommonJS in a file that is loaded as an ES module.
fn uses_commonjs(path: &str, text: &str, requests: &[RequestedModule], problems: &mut Problems) {
    let is_plain = requests.iter().all(|request| request.is_require) && !text.contains("import.meta");
    if !is_plain || text.contains("createRequire") || has_export(text) {
        return;
    }
    let requires = requests.iter().any(|request| request.when == RequestTime::Load);
    let exports = commonjs_exports(text).is_some_and(|found| !found.exports.is_empty())
        || text.contains("module.exports");
    if requires || exports {
        let message = "it is written as CommonJS, but is loaded as an ES module, in which there is no require and no module";
        problems.error(
            "wrong-format",
            path,
            message,
            "call it .cjs, or take \"type\": \"module\" out of package.json",
        );
    }
}

fn has_export(text: &str) -> bool {
    text.lines().any(|line| line.trim_start().starts_with("export "))
}

/// The package of a bare specifier.
fn package_name(specifier: &str) -> Option<&str> {
    let mut slashes = specifier.match_indices('/').map(|(at, _)| at);
    let end = if specifier.starts_with('@') { slashes.nth(1) } else { slashes.next() };
    let name = specifier.get(..end.unwrap_or(specifier.len()))?;
    (!name.is_empty() && !name.contains(':')).then_some(name)
}

fn has(package: &Package, section: &str, name: &str) -> bool {
    package.manifest.get(section).and_then(Value::as_object).is_some_and(|all| all.contains_key(name))
}

fn is_declared(package: &Package, name: &str) -> bool {
    ["dependencies", "peerDependencies", "optionalDependencies"]
        .iter()
        .any(|section| has(package, section, name))
}
