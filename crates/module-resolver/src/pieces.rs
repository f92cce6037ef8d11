//! Pieces of `require`'s algorithm on their own, for a loader whose other pieces a program has replaced: Node lets
//! programs assign `Module._findPath`, `Module._resolveLookupPaths` and the like.

use std::sync::Arc;

use crate::error::ResolveError;
use crate::file_system::FileSystem;
use crate::format::Format;
use crate::package_json::PackageJson;
use crate::package_name::PackageSpecifier;
use crate::reference::resolve_path;
use crate::request::{Kind, Request};
use crate::resolution::{Location, Resolution};
use crate::resolver::Resolver;
use crate::walk::{Located, Outcome};

impl<F: FileSystem> Resolver<F> {
    /// LOAD_PACKAGE_IMPORTS and LOAD_PACKAGE_SELF: what the importer's own package says of the specifier.
    pub fn resolve_own(&self, request: &Request<'_>) -> Outcome<Option<Resolution>> {
        self.require_piece(request, |walk| walk.require_own(request))
    }

    /// `Module._findPath`: the file that a path, or a name in one of the request's folders, leads to.
    pub fn find_path(&self, request: &Request<'_>) -> Outcome<Option<Resolution>> {
        self.require_piece(request, |walk| walk.find_path(request))
    }

    /// How a file is loaded, and the package it belongs to.
    pub fn file_format(&self, kind: Kind, path: &str) -> Outcome<(Option<Format>, Option<Arc<PackageJson>>)> {
        let facts = &mut *self.facts.borrow_mut();
        let mut walk = self.walk(facts, &self.import_conditions, None);
        let id = walk.facts.id(&resolve_path("/", path));
        walk.format(&Located::File { id, suffix: String::new() }, kind)
    }

    /// READ_PACKAGE_JSON of a folder.
    pub fn package(&self, folder: &str) -> Outcome<Option<Arc<PackageJson>>> {
        let facts = &mut *self.facts.borrow_mut();
        let mut walk = self.walk(facts, &self.import_conditions, None);
        let id = walk.facts.id(&resolve_path("/", folder));
        walk.read_package(id, String::new)
    }

    /// The package.json of the package that a bare specifier names, whatever it exports.
    ///
    /// Errors: ERR_MODULE_NOT_FOUND, ERR_INVALID_MODULE_SPECIFIER.
    pub fn package_of_specifier(&self, specifier: &str, importer: &str) -> Outcome<String> {
        let facts = &mut *self.facts.borrow_mut();
        let mut walk = self.walk(facts, &self.import_conditions, None);
        let Some(parsed) = PackageSpecifier::parse(specifier) else {
            return Err(ResolveError::InvalidModuleSpecifier {
                request: specifier.to_owned(),
                reason: "is not a valid package name".to_owned(),
                base: Some(importer.to_owned()),
            }
            .into());
        };
        let home = walk.folder_of(importer);
        let own = walk.package_scope(home)?.filter(|own| own.name.as_deref() == Some(parsed.name));
        if let Some(own) = own.filter(|own| own.has_exports()) {
            return Ok(own.path.to_string());
        }
        let folder = walk.find_package(parsed.name, home).ok_or_else(|| ResolveError::PackageNotFound {
            package: parsed.name.to_owned(),
            base: importer.to_owned(),
            hint: None,
        })?;
        Ok(format!("{}/package.json", walk.facts.path(folder)))
    }

    fn require_piece(
        &self,
        request: &Request<'_>,
        piece: impl FnOnce(&mut crate::walk::Walk<'_, F>) -> Outcome<Option<Located>>,
    ) -> Outcome<Option<Resolution>> {
        let facts = &mut *self.facts.borrow_mut();
        let conditions = request.conditions.unwrap_or(&self.require_conditions);
        let mut walk = self.walk(facts, conditions, None);
        if request.is_main {
            walk.preserve_symlinks = self.options.preserve_symlinks_main;
        }
        let Some(located) = piece(&mut walk)? else { return Ok(None) };
        let location = match located {
            Located::Builtin(name) => Location::Builtin(name),
            Located::Url(url) => Location::Url(url),
            Located::File { id, suffix } => Location::File { path: Arc::clone(walk.facts.path(id)), suffix },
        };
        let deprecations = std::mem::take(&mut walk.deprecations);
        Ok(Some(Resolution { location, format: None, package: None, deprecations }))
    }
}
