//! The runtime's resolver, and the shape its answers have for JavaScript: one list of strings each, because a list
//! of strings crosses the boundary cheaply and a refusal is as common an answer as a path.
//!
//! Knows nothing of the engine; `resolver.rs` makes operations of it.

use std::fs;
use std::sync::Arc;

use module_resolver::{
    Conditions, Deprecation, ErrorClass, Format, Importer, Kind, Location, Options, OsFileSystem,
    PackageJson, PackageType, Request, Resolution, ResolveError, Resolver,
};

/// `[location, ...]`, `[]` for nothing, or `["", class, code, message, key, value, ...]` for an error.
pub type Answer = Vec<String>;

/// One question of `require`, as JavaScript puts it.
pub struct RequireQuestion {
    pub specifier: String,
    /// Path of the importer; with a slash at its end, a folder.
    pub importer: String,
    pub only_resolve: bool,
    pub is_main: bool,
    pub paths: Option<Vec<String>>,
    pub extensions: Option<Vec<String>>,
    pub conditions: Option<Vec<String>>,
}

/// Which part of `require`'s algorithm is asked for.
pub enum Part {
    Whole,
    /// "imports" and self-reference.
    Own,
    /// The search in folders.
    FindPath,
}

/// One runtime's resolver.
pub struct RuntimeResolver {
    resolver: Resolver<OsFileSystem>,
}

impl Default for RuntimeResolver {
    fn default() -> Self {
        Self::new(Options::default())
    }
}

impl RuntimeResolver {
    pub fn new(options: Options) -> Self {
        Self { resolver: Resolver::new(OsFileSystem, options) }
    }

    pub fn set_global_folders(&mut self, folders: Vec<String>) {
        self.resolver.set_global_folders(folders);
    }

    /// The conditions of `require` or of `import`, in Node's order.
    pub fn conditions(&self, kind: Kind) -> Vec<String> {
        let conditions = match kind {
            Kind::Import => self.resolver.options().import_conditions(),
            Kind::Require | Kind::RequireResolve => self.resolver.options().require_conditions(),
        };
        conditions.iter().map(str::to_owned).collect()
    }

    /// What was seen on the disk may have changed.
    pub fn forget(&self) {
        self.resolver.forget_glimpses();
    }

    /// `[path, code and sentence of each deprecation, ...]`; the path is `node:NAME` for a builtin.
    pub fn require(&self, part: &Part, question: &RequireQuestion) -> Answer {
        let first = self.require_once(part, question);
        if first.first().is_some_and(|location| !location.is_empty()) {
            return first;
        }
        // a file may have been made since an earlier look
        self.resolver.forget_glimpses();
        self.require_once(part, question)
    }

    fn require_once(&self, part: &Part, question: &RequireQuestion) -> Answer {
        let conditions = question.conditions.as_ref().map(Conditions::new);
        let kind = if question.only_resolve { Kind::RequireResolve } else { Kind::Require };
        let mut request = Request::new(kind, &question.specifier, Importer::File(&question.importer));
        request.conditions = conditions.as_ref();
        request.is_main = question.is_main;
        request.paths = question.paths.as_deref();
        request.extensions = question.extensions.as_deref();
        // JavaScript writes the stack itself, and only when it is needed
        request.require_stack = Some(&[]);
        let mut deprecations = Vec::new();
        let found = match part {
            Part::Whole => self.resolver.resolve_telling(&request, &mut deprecations).map(Some),
            Part::Own => self.resolver.resolve_own(&request),
            Part::FindPath => self.resolver.find_path(&request),
        };
        match found {
            Ok(Some(found)) => {
                let location = match &found.location {
                    Location::File { path, .. } => path.to_string(),
                    other => other.to_string(),
                };
                with_deprecations(vec![location], &found)
            }
            Ok(None) => Vec::new(),
            Err(error) => refusal_with(&error, &deprecations),
        }
    }

    /// `[URL, format or "", path or "", code and sentence of each deprecation, ...]`
    pub fn import(
        &self,
        specifier: &str,
        importer: &str,
        is_main: bool,
        conditions: Option<&[String]>,
    ) -> Answer {
        let conditions = conditions.map(Conditions::new);
        let mut request = Request::import(specifier, Importer::Url(importer));
        request.conditions = conditions.as_ref();
        request.is_main = is_main;
        let mut deprecations = Vec::new();
        let mut found = self.resolver.resolve(&request);
        if found.is_err() {
            self.resolver.forget_glimpses();
            found = self.resolver.resolve_telling(&request, &mut deprecations);
        }
        match found {
            Ok(found) => {
                let format = found.format.and_then(Format::name).unwrap_or_default().to_owned();
                let path = found.location.path().unwrap_or_default().to_owned();
                with_deprecations(vec![found.location.url(), format, path], &found)
            }
            Err(error) => refusal_with(&error, &deprecations),
        }
    }

    /// `[format or "", package.json of its scope or "", the package's type]` of a file; format as `kind` has it,
    /// `ambiguous` or `ambiguous-typescript` where the source decides.
    pub fn format(&self, kind: Kind, path: &str) -> Answer {
        match self.resolver.file_format(kind, path) {
            Ok((format, package)) => {
                let format = match format {
                    Some(Format::Ambiguous) => "ambiguous",
                    Some(Format::AmbiguousTypeScript) => "ambiguous-typescript",
                    other => other.and_then(Format::name).unwrap_or("unknown"),
                };
                let package_type = package.as_deref().map_or("none", type_name);
                let package = package.map(|package| package.path.to_string()).unwrap_or_default();
                vec![format.to_owned(), package, package_type.to_owned()]
            }
            Err(error) => refusal(&error),
        }
    }

    /// `[path, name, type, main]` of the package.json that a file, or a folder with a slash at its end, belongs to.
    pub fn package_scope(&self, path: &str) -> Answer {
        self.package_answer(self.resolver.package_scope(path))
    }

    /// `[path, name, type, main]` of the package.json in a folder.
    pub fn package_in(&self, folder: &str) -> Answer {
        self.package_answer(self.resolver.package(folder))
    }

    fn package_answer(&self, package: Result<Option<Arc<PackageJson>>, Box<ResolveError>>) -> Answer {
        match package {
            Ok(Some(package)) => vec![
                package.path.to_string(),
                package.name.as_deref().unwrap_or_default().to_owned(),
                type_name(&package).to_owned(),
                package.main.as_deref().unwrap_or_default().to_owned(),
                package.exports().map(ToString::to_string).unwrap_or_default(),
                package.imports().map(ToString::to_string).unwrap_or_default(),
            ],
            Ok(None) => Vec::new(),
            Err(error) => refusal(&error),
        }
    }

    /// `[path]` of the package.json of the package that a bare specifier names.
    pub fn package_of_specifier(&self, specifier: &str, importer: &str) -> Answer {
        match self.resolver.package_of_specifier(specifier, importer) {
            Ok(path) => vec![path],
            Err(error) => refusal(&error),
        }
    }

    /// `Module._stat`: 0 for a file, 1 for a folder, a negative number for neither. Always asks the disk.
    pub fn stat(&self, path: &str) -> i32 {
        match fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => 1,
            Ok(_) => 0,
            Err(error) => -error.raw_os_error().unwrap_or(2),
        }
    }
}

fn type_name(package: &PackageJson) -> &'static str {
    match package.package_type {
        PackageType::None => "none",
        PackageType::CommonJs => "commonjs",
        PackageType::Module => "module",
    }
}

fn with_deprecations(mut answer: Answer, found: &Resolution) -> Answer {
    for deprecation in &found.deprecations {
        answer.push(deprecation.code.to_owned());
        answer.push(deprecation.message.clone());
    }
    answer
}

/// Deprecations stand among the error's members under their codes.
fn refusal_with(error: &ResolveError, deprecations: &[Deprecation]) -> Answer {
    let mut answer = refusal(error);
    for deprecation in deprecations {
        answer.extend([deprecation.code.to_owned(), deprecation.message.clone()]);
    }
    answer
}

fn refusal(error: &ResolveError) -> Answer {
    let class = match error.class() {
        ErrorClass::Error => "Error",
        ErrorClass::TypeError => "TypeError",
        ErrorClass::RangeError => "RangeError",
        ErrorClass::UriError => "URIError",
    };
    let mut answer = vec![
        String::new(),
        class.to_owned(),
        error.node_code().unwrap_or_default().to_owned(),
        error.to_string(),
    ];
    let mut tell = |key: &str, value: &str| answer.extend([key.to_owned(), value.to_owned()]);
    if let Some(url) = error.url() {
        tell("url", url);
    }
    match error {
        ResolveError::CannotFindTarget { path: Some(path), .. } => tell("path", path),
        ResolveError::CannotFindMain { package_json, request, .. } => {
            tell("path", package_json);
            tell("requestPath", request);
        }
        _ => {}
    }
    answer
}
