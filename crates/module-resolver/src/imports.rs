//! PACKAGE_IMPORTS_RESOLVE: what a `#name` means in the package that says it.

use serde_json::Value;

use crate::deprecation::Field;
use crate::error::ResolveError;
use crate::exports::folder_with_slash;
use crate::file_system::FileSystem;
use crate::trace::Step;
use crate::walk::{Found, Outcome, Walk};

impl<F: FileSystem> Walk<'_, F> {
    /// PACKAGE_IMPORTS_RESOLVE(specifier, parentURL, conditions)
    pub fn package_imports_resolve(&mut self, specifier: &str, base: &str) -> Outcome<Found> {
        let subject = || format!("{specifier:?}");
        self.within("PACKAGE_IMPORTS_RESOLVE", subject, |walk| walk.imported(specifier, base))
    }

    fn imported(&mut self, specifier: &str, base: &str) -> Outcome<Found> {
        // "If specifier is exactly equal to '#'", or ends with a slash; since Node 25.4 it may start with "#/"
        if specifier == "#" || specifier.ends_with('/') {
            return Err(ResolveError::InvalidModuleSpecifier {
                request: specifier.to_owned(),
                reason: "is not a valid internal imports specifier name".to_owned(),
                base: Some(base.to_owned()),
            }
            .into());
        }
        // "Let packageURL be the result of LOOKUP_PACKAGE_SCOPE(parentURL)."
        let home = self.folder_of(base);
        let subject = self.facts.path(home).to_string();
        let package = self.within("LOOKUP_PACKAGE_SCOPE", || subject, |walk| walk.package_scope(home))?;
        if let Some(package) = &package {
            // "If pjson.imports is a non-null Object"
            if let Some(Value::Object(imports)) = package.imports() {
                let found = self.match_resolve(specifier, imports, package, Field::Imports, Some(base))?;
                if let Some(found) = found {
                    return Ok(found);
                }
            } else {
                self.note(|| Step::NoKeyMatched {
                    field: Field::Imports,
                    subpath: specifier.to_owned(),
                    keys: Vec::new(),
                });
            }
        }
        // "Throw a Package Import Not Defined error."
        Err(ResolveError::PackageImportNotDefined {
            specifier: specifier.to_owned(),
            package: package.as_deref().map(folder_with_slash),
            base: base.to_owned(),
        }
        .into())
    }
}
