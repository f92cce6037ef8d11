//! `require(X)` from a module at path Y: the page "CommonJS modules: all together".

use std::borrow::Cow;
use std::sync::Arc;

use crate::builtins::is_builtin;
use crate::deprecation;
use crate::error::ResolveError;
use crate::esm::{encoded_separator, is_relative};
use crate::facts::Id;
use crate::file_system::{FileKind, FileSystem};
use crate::package_json::PackageJson;
use crate::package_name::PackageSpecifier;
use crate::reference::{FileReference, parse_url, resolve_path};
use crate::request::{Importer, Kind, Request};
use crate::trace::Step;
use crate::walk::{Found, Located, Outcome, Walk, folder_part};

/// The endings that are tried, unless the request names others.
const EXTENSIONS: [&str; 3] = [".js", ".json", ".node"];

/// What the request says about files, and who made it.
struct Search<'a> {
    request: &'a str,
    /// The request's own; `None` for [`EXTENSIONS`].
    extensions: Option<&'a [String]>,
    /// "If X ends with '/', '/.', '/..'": only a folder will do.
    wants_folder: bool,
}

impl<F: FileSystem> Walk<'_, F> {
    /// require(X) from module at path Y
    pub fn require(&mut self, request: &Request<'_>) -> Outcome<Located> {
        let importer = importer_path(request.importer)?;
        let subject = || format!("{:?}", request.specifier);
        self.within("require(X)", subject, |walk| walk.require_from(request, &importer))
    }

    fn require_from(&mut self, request: &Request<'_>, importer: &str) -> Outcome<Located> {
        let specifier = request.specifier;
        // "If X is a core module, return the core module"
        if is_builtin(specifier) {
            let name = specifier.strip_prefix("node:").unwrap_or(specifier).to_owned();
            self.note(|| Step::Builtin { name: name.clone() });
            return Ok(Located::Builtin(name));
        }
        if request.kind == Kind::Require && specifier.starts_with("node:") {
            return Err(ResolveError::UnknownBuiltinModule { specifier: specifier.to_owned() }.into());
        }
        if let Some(located) = self.load_own(specifier, importer)? {
            return Ok(located);
        }
        let search = Search::new(request);
        let id = match request.paths {
            _ if specifier.starts_with('/') => self.load_path(&search, None)?,
            Some(paths) => self.load_from(&search, paths)?,
            None if is_path(specifier) => {
                let folder = self.folder_of(importer);
                self.load_path(&search, Some(folder))?
            }
            None => {
                let found = self.load_node_modules(&search, importer)?;
                match found {
                    Some(id) => Some(id),
                    None => self.load_from(&search, &self.options.global_folders)?,
                }
            }
        };
        // "THROW 'not found'"
        id.map(file).ok_or_else(|| {
            let own = || vec![importer.to_owned()];
            let require_stack = request.require_stack.map_or_else(own, <[String]>::to_vec);
            Box::new(ResolveError::CannotFindModule { request: specifier.to_owned(), require_stack })
        })
    }

    /// What the importer's own package says of the specifier.
    fn load_own(&mut self, specifier: &str, importer: &str) -> Outcome<Option<Located>> {
        // "If X begins with '#', LOAD_PACKAGE_IMPORTS(X, dirname(Y))"
        if specifier.starts_with('#')
            && let Some(located) = self.load_package_imports(specifier, importer)?
        {
            return Ok(Some(located));
        }
        // "LOAD_PACKAGE_SELF(X, dirname(Y))"; Node does this first, whatever X begins with
        Ok(self.load_package_self(specifier, importer)?.map(file))
    }

    /// [`Self::load_own`] alone.
    pub fn require_own(&mut self, request: &Request<'_>) -> Outcome<Option<Located>> {
        let importer = importer_path(request.importer)?;
        self.load_own(request.specifier, &importer)
    }

    /// The search among the request's folders alone.
    pub fn find_path(&mut self, request: &Request<'_>) -> Outcome<Option<Located>> {
        let search = Search::new(request);
        let found = match request.paths {
            _ if request.specifier.starts_with('/') => self.load_path(&search, None)?,
            paths => self.load_from(&search, paths.unwrap_or_default())?,
        };
        Ok(found.map(file))
    }

    /// LOAD_NODE_MODULES(X, START), with NODE_MODULES_PATHS(START)
    fn load_node_modules(&mut self, search: &Search<'_>, importer: &str) -> Outcome<Option<Id>> {
        let subject = || format!("{:?}", search.request);
        self.within("LOAD_NODE_MODULES", subject, |walk| {
            let mut start = Some(walk.folder_of(importer));
            while let Some(folder) = start {
                // "if PARTS[I] = 'node_modules', CONTINUE"
                if walk.facts.name(folder) != "node_modules" {
                    let node_modules = walk.facts.node_modules(folder);
                    if let Some(id) = walk.load_in(search, node_modules)? {
                        return Ok(Some(id));
                    }
                }
                start = walk.facts.parent(folder);
            }
            Ok(None)
        })
    }

    /// The same among given folders.
    fn load_from(&mut self, search: &Search<'_>, folders: &[String]) -> Outcome<Option<Id>> {
        for folder in folders {
            let folder = self.facts.id(&resolve_path("/", folder));
            let found = if is_path(search.request) {
                self.load_path(search, Some(folder))?
            } else {
                self.load_in(search, folder)?
            };
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    /// "for each DIR in DIRS": LOAD_PACKAGE_EXPORTS, LOAD_AS_FILE, LOAD_AS_DIRECTORY
    fn load_in(&mut self, search: &Search<'_>, folder: Id) -> Outcome<Option<Id>> {
        if !self.is_directory(folder) {
            return Ok(None);
        }
        if let Some(id) = self.load_package_exports(search.request, folder)? {
            return Ok(Some(id));
        }
        self.load_path(search, Some(folder))
    }

    /// LOAD_AS_FILE(X) and LOAD_AS_DIRECTORY(X)
    fn load_path(&mut self, search: &Search<'_>, folder: Option<Id>) -> Outcome<Option<Id>> {
        let folder = folder.map_or("/", |folder| self.facts.path(folder));
        let path = resolve_path(folder, search.request);
        let id = self.facts.id(&path);
        let kind = self.kind(id);
        if !search.wants_folder {
            // "If X is a file, load X as its file extension format."
            if kind == FileKind::File {
                return Ok(Some(self.real(id)));
            }
            if let Some(id) = self.try_extensions(&path, search) {
                return Ok(Some(id));
            }
        }
        if kind == FileKind::Directory { self.load_as_directory(id, search) } else { Ok(None) }
    }

    /// "If X.js is a file", "If X.json is a file", "If X.node is a file"; also LOAD_INDEX(X).
    fn try_extensions(&mut self, path: &str, search: &Search<'_>) -> Option<Id> {
        let mut candidate = String::with_capacity(path.len() + 5);
        for extension in search.extensions() {
            candidate.clear();
            candidate.push_str(path);
            candidate.push_str(extension);
            let id = self.facts.id(&candidate);
            if self.is_file(id) {
                return Some(self.real(id));
            }
        }
        None
    }

    /// LOAD_AS_DIRECTORY(X)
    fn load_as_directory(&mut self, folder: Id, search: &Search<'_>) -> Outcome<Option<Id>> {
        let path = self.facts.path(folder).to_string();
        self.within(
            "LOAD_AS_DIRECTORY",
            || path.clone(),
            |walk| {
                // "If X/package.json is a file, parse X/package.json, and look for 'main' field."
                let package = walk.read_package(folder, String::new)?;
                let index = resolve_path(&path, "index");
                let main = package.as_ref().and_then(|package| package.main.as_deref());
                let (Some(package), Some(main)) = (&package, main.filter(|main| !main.is_empty())) else {
                    // "If 'main' is a falsy value, GOTO 2": LOAD_INDEX(X)
                    return Ok(walk.try_extensions(&index, search));
                };
                walk.note(|| Step::Main { main: Some(main.to_owned()) });
                // "let M = X + (json main field)": LOAD_AS_FILE(M), LOAD_INDEX(M)
                let target = resolve_path(&path, main);
                let id = walk.facts.id(&target);
                if walk.is_file(id) {
                    return Ok(Some(walk.real(id)));
                }
                let by_main = walk
                    .try_extensions(&target, search)
                    .or_else(|| walk.try_extensions(&resolve_path(&target, "index"), search));
                if by_main.is_some() {
                    return Ok(by_main);
                }
                // "LOAD_INDEX(X) DEPRECATED"
                if let Some(id) = walk.try_extensions(&index, search) {
                    walk.deprecate(deprecation::invalid_main(&package.path, main));
                    return Ok(Some(id));
                }
                Err(ResolveError::CannotFindMain {
                    file: target,
                    package_json: package.path.to_string(),
                    request: search.request.to_owned(),
                }
                .into())
            },
        )
    }

    /// LOAD_PACKAGE_IMPORTS(X, DIR)
    fn load_package_imports(&mut self, specifier: &str, importer: &str) -> Outcome<Option<Located>> {
        self.within(
            "LOAD_PACKAGE_IMPORTS",
            || format!("{specifier:?}"),
            |walk| {
                // "Find the closest package scope SCOPE to DIR."
                let home = walk.folder_of(importer);
                let Some(package) = walk.nearest_package(home)? else { return Ok(None) };
                // "If the SCOPE/package.json 'imports' is null or undefined, return."
                if !package.has_imports() {
                    return Ok(None);
                }
                let found = walk.package_imports_resolve(specifier, importer);
                let located = found.and_then(|found| match found {
                    // Node makes a path of every target: `import "#name"` may name a builtin, `require("#name")` not
                    Found::Builtin(name) => {
                        Err(ResolveError::InvalidUrlScheme { url: format!("node:{name}") }.into())
                    }
                    Found::File(target) => {
                        walk.resolve_esm_match(&target, Some(importer), &package.path).map(file)
                    }
                });
                located.map(Some).map_err(|error| not_found(error, specifier, None))
            },
        )
    }

    /// LOAD_PACKAGE_SELF(X, DIR)
    fn load_package_self(&mut self, specifier: &str, importer: &str) -> Outcome<Option<Id>> {
        let home = self.folder_of(importer);
        let subject = || format!("{specifier:?}");
        let package = self.within("LOAD_PACKAGE_SELF", subject, |walk| walk.nearest_package(home))?;
        // "If the SCOPE/package.json 'exports' is null or undefined, return."
        let Some(package) = package.filter(|package| package.has_exports()) else { return Ok(None) };
        // "If the SCOPE/package.json 'name' is not the first segment of X, return."
        let Some(name) = package.name.as_deref() else { return Ok(None) };
        let rest = match specifier.strip_prefix(name) {
            Some(rest) if rest.is_empty() || rest.starts_with('/') => rest,
            _ => return Ok(None),
        };
        self.note(|| Step::SelfReference { name: name.to_owned(), package: package.path.to_string() });
        let subpath = format!(".{rest}");
        let found = self.package_exports_resolve(&package, &subpath, Some(importer));
        self.exported_file(found, &package, Some(importer))
            .map(Some)
            .map_err(|error| not_found(error, &subpath, Some(package.folder())))
    }

    /// LOAD_PACKAGE_EXPORTS(X, DIR)
    fn load_package_exports(&mut self, request: &str, folder: Id) -> Outcome<Option<Id>> {
        // "Try to interpret X as a combination of NAME and SUBPATH"; "If X does not match this pattern or
        // DIR/NAME/package.json is not a file, return."
        let Some(parsed) = PackageSpecifier::parse_for_require(request) else { return Ok(None) };
        let package = self.facts.child(folder, parsed.name);
        let Some(package) = self.read_package(package, String::new)? else { return Ok(None) };
        // "If 'exports' is null or undefined, return."
        if !package.has_exports() {
            return Ok(None);
        }
        let found = self.package_exports_resolve(&package, &parsed.subpath(), None);
        self.exported_file(found, &package, None)
            .map(Some)
            .map_err(|error| not_found(error, request, Some(&package.path)))
    }

    fn exported_file(
        &mut self,
        found: Outcome<Found>,
        package: &Arc<PackageJson>,
        importer: Option<&str>,
    ) -> Outcome<Id> {
        match found? {
            Found::File(target) => self.resolve_esm_match(&target, importer, package.folder()),
            // a target of "exports" starts with "./"
            Found::Builtin(name) => Err(ResolveError::CannotFindTarget { request: name, path: None }.into()),
        }
    }

    /// RESOLVE_ESM_MATCH(MATCH)
    fn resolve_esm_match(
        &mut self,
        target: &FileReference,
        importer: Option<&str>,
        package: &str,
    ) -> Outcome<Id> {
        if target.with_encoded_separator().is_some() {
            return Err(encoded_separator(&target.href(), importer).into());
        }
        // "If the file at RESOLVED_PATH exists, load RESOLVED_PATH as its extension format."
        let id = self.facts.id(&target.path);
        if self.is_file(id) {
            return Ok(self.real(id));
        }
        // "THROW 'not found'"
        let (request, path) = (target.path.clone(), Some(package.to_owned()));
        Err(ResolveError::CannotFindTarget { request, path }.into())
    }
}

impl<'a> Search<'a> {
    fn new(request: &Request<'a>) -> Self {
        let specifier = request.specifier;
        let last = specifier.rsplit('/').next().unwrap_or(specifier);
        let wants_folder = match last {
            "" => specifier.ends_with('/'),
            "." | ".." => true,
            _ => false,
        };
        Self { request: specifier, extensions: request.extensions, wants_folder }
    }

    fn extensions(&self) -> impl Iterator<Item = &'a str> {
        let standard = if self.extensions.is_none() { EXTENSIONS.as_slice() } else { &[] };
        self.extensions.into_iter().flatten().map(String::as_str).chain(standard.iter().copied())
    }
}

/// NODE_MODULES_PATHS(START)
pub(crate) fn node_modules_paths(folder: &str) -> Vec<String> {
    let start = resolve_path("/", folder);
    let mut paths = Vec::new();
    let mut rest = start.as_str();
    while !rest.is_empty() && rest != "/" {
        if !rest.ends_with("/node_modules") {
            paths.push(format!("{rest}/node_modules"));
        }
        rest = folder_part(rest);
    }
    paths.push("/node_modules".to_owned());
    paths
}

fn file(id: Id) -> Located {
    Located::File { id, suffix: String::new() }
}

/// A folder asks as a file in it would that `createRequire` makes up.
fn importer_path(importer: Importer<'_>) -> Outcome<Cow<'_, str>> {
    let path = match importer {
        Importer::File(path) if !path.ends_with('/') => return Ok(path.into()),
        Importer::File(path) => path.to_owned(),
        Importer::Url(url) => match parse_url(url) {
            Some(parsed) if parsed.scheme() == "file" => FileReference::from_url(&parsed)?.path,
            _ => {
                let (specifier, base) = (String::new(), url.to_owned());
                return Err(ResolveError::UnsupportedResolveRequest { specifier, base }.into());
            }
        },
    };
    Ok(if path.ends_with('/') { format!("{path}noop.js") } else { path }.into())
}

/// Whether `require` takes a request for a path and not for a name: it starts with `./`, `../`, or `..` and
/// anything.
fn is_path(request: &str) -> bool {
    is_relative(request) || request.starts_with("..")
}

/// ERR_MODULE_NOT_FOUND of the algorithms shared with `import`, as `require` says it.
fn not_found(error: Box<ResolveError>, request: &str, path: Option<&str>) -> Box<ResolveError> {
    match *error {
        ResolveError::PackageNotFound { .. } | ResolveError::ModuleNotFound { .. } => {
            Box::new(ResolveError::CannotFindTarget {
                request: request.to_owned(),
                path: path.map(str::to_owned),
            })
        }
        _ => error,
    }
}
