//! One resolution under way: what it sees, what it warns of, and the trace if one is wanted.

use std::sync::Arc;

use crate::deprecation::Deprecation;
use crate::error::ResolveError;
use crate::facts::{BrokenPackage, Facts, Id};
use crate::file_system::{FileKind, FileSystem};
use crate::package_json::PackageJson;
use crate::reference::FileReference;
use crate::request::{Conditions, Options};
use crate::trace::{PackageSummary, Step, Trace, TraceStep};

/// Linux's numbers; the standard library has no stable kinds for the last two.
const EACCES: i32 = 13;
const ENAMETOOLONG: i32 = 36;
const ELOOP: i32 = 40;

pub(crate) type Outcome<T> = Result<T, Box<ResolveError>>;

/// Where PACKAGE_RESOLVE and its parts lead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// The name without `node:`.
    Builtin(String),
    /// Not yet known to exist.
    File(FileReference),
}

/// Where a whole resolution leads.
#[derive(Clone, Debug)]
pub(crate) enum Located {
    Builtin(String),
    Url(String),
    /// `suffix` is the query and fragment of an `import`.
    File {
        id: Id,
        suffix: String,
    },
}

pub(crate) struct Walk<'r, F> {
    pub facts: &'r mut Facts<F>,
    pub options: &'r Options,
    pub conditions: &'r Conditions,
    pub preserve_symlinks: bool,
    pub deprecations: Vec<Deprecation>,
    pub trace: Option<Trace>,
    pub depth: usize,
}

impl<F: FileSystem> Walk<'_, F> {
    /// Writes a step down, if anyone wants to know.
    pub fn note(&mut self, step: impl FnOnce() -> Step) {
        if let Some(trace) = &mut self.trace {
            trace.steps.push(TraceStep { depth: self.depth, step: step() });
        }
    }

    /// Runs a named algorithm, its steps one deeper.
    pub fn within<T>(
        &mut self,
        algorithm: &'static str,
        subject: impl FnOnce() -> String,
        body: impl FnOnce(&mut Self) -> T,
    ) -> T {
        self.note(|| Step::Enter { algorithm, subject: subject() });
        self.depth += 1;
        let result = body(self);
        self.depth -= 1;
        result
    }

    pub fn deprecate(&mut self, deprecation: Deprecation) {
        if !self.deprecations.contains(&deprecation) {
            self.note(|| Step::Deprecated(deprecation.clone()));
            self.deprecations.push(deprecation);
        }
    }

    /// What lies at a path.
    pub fn kind(&mut self, id: Id) -> FileKind {
        let kind = self.facts.kind(id);
        if self.trace.is_some() {
            let path = self.facts.path(id).to_string();
            self.note(|| Step::Looked { path, kind });
        }
        kind
    }

    pub fn is_file(&mut self, id: Id) -> bool {
        self.kind(id) == FileKind::File
    }

    pub fn is_directory(&mut self, id: Id) -> bool {
        self.kind(id) == FileKind::Directory
    }

    /// The path with links followed, unless they are to be preserved.
    pub fn real(&mut self, id: Id) -> Id {
        if self.preserve_symlinks {
            return id;
        }
        let real = self.facts.real(id);
        if real != id && self.trace.is_some() {
            let (path, to) = (self.facts.path(id).to_string(), self.facts.path(real).to_string());
            self.note(|| Step::RealPath { path, real: to });
        }
        real
    }

    /// READ_PACKAGE_JSON(packageURL). `context` ends the sentence of the error.
    pub fn read_package(
        &mut self,
        folder: Id,
        context: impl FnOnce() -> String,
    ) -> Outcome<Option<Arc<PackageJson>>> {
        let package = self.facts.package(folder).map_err(|broken| Box::new(broken.to_error(context())))?;
        if self.trace.is_some() {
            let folder = self.facts.path(folder).trim_end_matches('/');
            let path = format!("{folder}/package.json");
            let found = package.as_deref().map(summary);
            self.note(|| Step::ReadPackage { path, found });
        }
        Ok(package)
    }

    /// LOOKUP_PACKAGE_SCOPE(url), from the folder of what is asked about.
    pub fn package_scope(&mut self, folder: Id) -> Outcome<Option<Arc<PackageJson>>> {
        let mut scope = Some(folder);
        // "While scopeURL is not the root of the file system"; the implementation looks at the root, too
        while let Some(folder) = scope {
            // "If scopeURL ends in a 'node_modules' path segment, return null."
            if self.facts.name(folder) == "node_modules" {
                if self.trace.is_some() {
                    let folder = self.facts.path(folder).to_string();
                    self.note(|| Step::ScopeEnds { folder });
                }
                return Ok(None);
            }
            // "If the file at pjsonURL exists, then return scopeURL."
            if let Some(package) = self.read_package(folder, String::new)? {
                return Ok(Some(package));
            }
            scope = self.facts.parent(folder);
        }
        Ok(None)
    }

    /// The scope as CommonJS looks for it: as above, but a package.json in the root folder does not count.
    pub fn nearest_package(&mut self, folder: Id) -> Outcome<Option<Arc<PackageJson>>> {
        let package = self.package_scope(folder)?;
        Ok(package.filter(|package| package.folder() != "/"))
    }

    /// The folder of a file, or the folder itself when the path ends with a slash.
    pub fn folder_of(&mut self, path: &str) -> Id {
        self.facts.id(folder_part(path))
    }
}

impl BrokenPackage {
    fn to_error(&self, context: String) -> ResolveError {
        let path = self.path.to_string();
        let Some(error) = &self.error else { return ResolveError::MalformedPackageConfig { path, context } };
        // as libuv names them
        let reason = match error.raw_os_error() {
            Some(EACCES) => "permission denied".to_owned(),
            Some(ENAMETOOLONG) => "name too long".to_owned(),
            Some(ELOOP) => "too many symbolic links encountered".to_owned(),
            _ => error.to_string(),
        };
        ResolveError::UnreadablePackageConfig { path, context, reason }
    }
}

/// A path up to its last slash.
pub(crate) fn folder_part(path: &str) -> &str {
    match path.rfind('/') {
        None | Some(0) => "/",
        Some(slash) => &path[..slash],
    }
}

fn summary(package: &PackageJson) -> PackageSummary {
    PackageSummary {
        name: package.name.as_deref().map(str::to_owned),
        main: package.main.as_deref().map(str::to_owned),
        package_type: package.package_type,
        has_exports: package.has_exports(),
        has_imports: package.has_imports(),
    }
}
