//! The resolver: requests in, answers out, facts kept in between.

use std::cell::RefCell;
use std::sync::Arc;

use crate::commonjs;
use crate::deprecation::Deprecation;
use crate::error::ResolveError;
use crate::facts::Facts;
use crate::file_system::{FileSystem, OsFileSystem};
use crate::package_json::PackageJson;
use crate::request::{Conditions, Kind, Options, Request};
use crate::resolution::{Location, Resolution};
use crate::trace::{Step, Trace};
use crate::walk::{Located, Outcome, Walk};

/// Resolves specifiers, and remembers what it saw on the disk until told that it changed.
pub struct Resolver<F = OsFileSystem> {
    pub(crate) facts: RefCell<Facts<F>>,
    pub(crate) options: Options,
    pub(crate) import_conditions: Conditions,
    pub(crate) require_conditions: Conditions,
}

impl<F: FileSystem> Resolver<F> {
    pub fn new(system: F, options: Options) -> Self {
        Self {
            facts: RefCell::new(Facts::new(system)),
            import_conditions: options.import_conditions(),
            require_conditions: options.require_conditions(),
            options,
        }
    }

    pub fn options(&self) -> &Options {
        &self.options
    }

    /// Other folders for `require` to search last: NODE_PATH may change while a program runs.
    pub fn set_global_folders(&mut self, folders: Vec<String>) {
        self.options.global_folders = folders;
    }

    /// Where a specifier leads. Errors: Node's.
    pub fn resolve(&self, request: &Request<'_>) -> Result<Resolution, Box<ResolveError>> {
        self.run(request, None, &mut Vec::new()).0
    }

    /// The same, with what there is to be warned of even where nothing is found.
    pub fn resolve_telling(
        &self,
        request: &Request<'_>,
        deprecations: &mut Vec<Deprecation>,
    ) -> Result<Resolution, Box<ResolveError>> {
        self.run(request, None, deprecations).0
    }

    /// The same, and every step on the way.
    pub fn explain(&self, request: &Request<'_>) -> (Result<Resolution, Box<ResolveError>>, Trace) {
        let (result, trace) = self.run(request, Some(Trace::default()), &mut Vec::new());
        (result, trace.unwrap_or_default())
    }

    /// The package that a file, or with a `/` at its end a folder, belongs to: LOOKUP_PACKAGE_SCOPE.
    pub fn package_scope(&self, path: &str) -> Result<Option<Arc<PackageJson>>, Box<ResolveError>> {
        let facts = &mut *self.facts.borrow_mut();
        let mut walk = self.walk(facts, &self.import_conditions, None);
        let folder = walk.folder_of(path);
        walk.package_scope(folder)
    }

    /// Tells that something was created, changed or removed at a path. What is known of it, of the folders above
    /// and of all below is forgotten.
    pub fn changed(&self, path: &str) {
        self.facts.borrow_mut().changed(path);
    }

    /// Forgets what lies where, but not the packages that were read: what Node does before each outermost
    /// `require`.
    pub fn forget_glimpses(&self) {
        self.facts.borrow_mut().forget_glimpses();
    }

    /// Forgets everything.
    pub fn clear(&self) {
        self.facts.borrow_mut().clear();
    }

    /// NODE_MODULES_PATHS(START): the folders that `require` searches from a folder, nearest first.
    pub fn node_modules_paths(folder: &str) -> Vec<String> {
        commonjs::node_modules_paths(folder)
    }

    pub(crate) fn walk<'r>(
        &'r self,
        facts: &'r mut Facts<F>,
        conditions: &'r Conditions,
        trace: Option<Trace>,
    ) -> Walk<'r, F> {
        Walk {
            facts,
            options: &self.options,
            conditions,
            preserve_symlinks: self.options.preserve_symlinks,
            deprecations: Vec::new(),
            trace,
            depth: 0,
        }
    }

    fn run(
        &self,
        request: &Request<'_>,
        trace: Option<Trace>,
        deprecations: &mut Vec<Deprecation>,
    ) -> (Result<Resolution, Box<ResolveError>>, Option<Trace>) {
        let own = match request.kind {
            Kind::Import => &self.import_conditions,
            Kind::Require | Kind::RequireResolve => &self.require_conditions,
        };
        let facts = &mut *self.facts.borrow_mut();
        let mut walk = self.walk(facts, request.conditions.unwrap_or(own), trace);
        if request.is_main {
            walk.preserve_symlinks = self.options.preserve_symlinks_main;
        }
        let result = answer(&mut walk, request);
        match &result {
            Ok(resolution) => deprecations.extend_from_slice(&resolution.deprecations),
            Err(_) => deprecations.append(&mut walk.deprecations),
        }
        walk.note(|| match &result {
            Ok(resolution) => Step::Found { location: resolution.location.to_string() },
            Err(error) => Step::Failed {
                code: error.node_code().unwrap_or("URIError").to_owned(),
                message: error.to_string(),
            },
        });
        (result, walk.trace)
    }
}

fn answer<F: FileSystem>(walk: &mut Walk<'_, F>, request: &Request<'_>) -> Outcome<Resolution> {
    let located = match request.kind {
        Kind::Import => walk.import(request.specifier, request.importer)?,
        Kind::Require | Kind::RequireResolve => walk.require(request)?,
    };
    let (format, package) = walk.format(&located, request.kind)?;
    let location = match located {
        Located::Builtin(name) => Location::Builtin(name),
        Located::Url(url) => Location::Url(url),
        Located::File { id, suffix } => Location::File { path: Arc::clone(walk.facts.path(id)), suffix },
    };
    Ok(Resolution { location, format, package, deprecations: std::mem::take(&mut walk.deprecations) })
}
