//! The package: its manifest, its files, and the resolver that looks for them as from another package.

use std::collections::BTreeMap;

use module_resolver::{
    Conditions, Format, Importer, Kind, MemoryFileSystem, Options, Request, Resolution, ResolveError,
    Resolver,
};
use module_syntax::has_module_syntax;
use serde_json::{Map, Value};

/// Who asks for entries: a module beside the package.
const IMPORTER: &str = "/program.mjs";

/// A package in a folder of its own below `/node_modules`.
pub(crate) struct Package {
    pub(crate) manifest: Map<String, Value>,
    pub(crate) name: String,
    /// Text by path; of what is no text, what can be read of it.
    files: BTreeMap<String, String>,
    resolver: Resolver<MemoryFileSystem>,
    root: String,
}

impl Package {
    /// `None` without a package.json that is an object.
    pub(crate) fn new(files: Vec<(String, Vec<u8>)>) -> Option<Self> {
        let (_, manifest) = files.iter().find(|(path, _)| path == "package.json")?;
        let text = String::from_utf8_lossy(manifest);
        let manifest: Map<String, Value> = serde_json::from_str(text.trim_start_matches('\u{feff}')).ok()?;
        let name = manifest.get("name").and_then(Value::as_str).unwrap_or("package").to_owned();
        let root = format!("/node_modules/{name}/");
        let placed = files.iter().map(|(path, content)| (format!("{root}{path}"), content));
        let resolver = Resolver::new(MemoryFileSystem::new(placed), Options::default());
        let files = files
            .into_iter()
            .map(|(path, content)| (path, String::from_utf8_lossy(&content).into_owned()))
            .collect();
        Some(Self { manifest, name, files, resolver, root })
    }

    /// Paths of all files, sorted.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// A file's text. `path` may begin with `./`.
    pub(crate) fn text(&self, path: &str) -> Option<&str> {
        self.files.get(path.trim_start_matches("./")).map(String::as_str)
    }

    pub(crate) fn has(&self, path: &str) -> bool {
        self.text(path).is_some()
    }

    /// A member that is a text.
    pub(crate) fn member(&self, key: &str) -> Option<&str> {
        self.manifest.get(key)?.as_str()
    }

    /// What a path lacks or has too much of, where a file of nearly that name is there.
    pub(crate) fn similar(&self, path: &str) -> Option<&str> {
        let wanted = path.trim_start_matches("./");
        let lower = wanted.to_ascii_lowercase();
        let stem = |path: &str| {
            let name = path.rsplit('/').next().unwrap_or(path);
            let end = name.find('.').unwrap_or(name.len());
            path.len() - name.len() + end
        };
        let wanted_stem = wanted.get(..stem(wanted)).unwrap_or(wanted);
        let is_declaration = |path: &str| path.contains(".d.");
        let same_case = self.paths().find(|path| path.to_ascii_lowercase() == lower);
        let same_stem = || {
            self.paths().find(|path| {
                path.get(..stem(path)) == Some(wanted_stem) && is_declaration(path) == is_declaration(wanted)
            })
        };
        same_case.or_else(same_stem)
    }

    /// What to do about a file that is not in the tarball.
    pub(crate) fn advice(&self, path: &str) -> String {
        match self.similar(path) {
            Some(similar) => format!("write ./{similar}, which is there"),
            None => {
                "build it before packing (in a script `prepack`), list it in \"files\", or correct the path"
                    .to_owned()
            }
        }
    }

    /// The path in the package of an absolute one.
    pub(crate) fn own<'a>(&self, path: &'a str) -> Option<&'a str> {
        path.strip_prefix(&self.root)
    }

    /// Looks for an entry, `.` or `./sub`, from outside.
    pub(crate) fn find_entry(
        &self,
        subpath: &str,
        kind: Kind,
        conditions: Option<&Conditions>,
    ) -> Result<Resolution, Box<ResolveError>> {
        let specifier = format!("{}{}", self.name, subpath.strip_prefix('.').unwrap_or(subpath));
        let request = Request { conditions, ..Request::new(kind, &specifier, Importer::File(IMPORTER)) };
        self.resolver.resolve(&request)
    }

    /// Looks for what one of the files asks for.
    pub(crate) fn find_from(
        &self,
        file: &str,
        specifier: &str,
        kind: Kind,
    ) -> Result<Resolution, Box<ResolveError>> {
        let importer = format!("{}{file}", self.root);
        self.resolver.resolve(&Request::new(kind, specifier, Importer::File(&importer)))
    }

    /// The format of what was found, once its source has been looked at where it must be.
    pub(crate) fn format(&self, found: &Resolution) -> Option<Format> {
        let text = |path: &str| self.own(path).and_then(|own| self.text(own)).unwrap_or_default();
        found.load_format(|path| has_module_syntax(text(path))).ok()
    }

    /// What an error says, without the folder that the package was put into.
    pub(crate) fn told(&self, error: &ResolveError) -> String {
        error.to_string().replace(&self.root, "").replace(&format!(" imported from {IMPORTER}"), "")
    }
}
