//! The "main" of a package without "exports", as `import` follows it.

use crate::deprecation;
use crate::error::ResolveError;
use crate::facts::Id;
use crate::file_system::FileSystem;
use crate::format::extension;
use crate::package_json::{PackageJson, PackageType};
use crate::reference::{FileReference, resolve_path};
use crate::trace::Step;
use crate::walk::{Found, Outcome, Walk};

impl<F: FileSystem> Walk<'_, F> {
    /// PACKAGE_RESOLVE, "if packageSubpath is equal to '.'". The page says "return the URL resolution of main in
    /// packageURL"; Node also tries what CommonJS tries.
    pub fn legacy_main(&mut self, folder: Id, package: Option<&PackageJson>, base: &str) -> Outcome<Found> {
        let main = package.and_then(|package| package.main.as_deref());
        self.note(|| Step::Main { main: main.map(str::to_owned) });
        let folder = self.facts.path(folder).to_string();
        const OF_MAIN: [&str; 7] = ["", ".js", ".json", ".node", "/index.js", "/index.json", "/index.node"];
        const OF_FOLDER: [&str; 3] = ["index.js", "index.json", "index.node"];
        let of_main = main.into_iter().flat_map(|main| OF_MAIN.map(|ending| format!("{main}{ending}")));
        let of_folder = OF_FOLDER.map(str::to_owned);
        for candidate in of_main.chain(of_folder) {
            let path = resolve_path(&folder, &candidate);
            let id = self.facts.id(&path);
            if self.is_file(id) {
                self.warn_of_legacy_main(&folder, main, package, &path, base);
                return Ok(Found::File(FileReference::from_path(path)));
            }
        }
        let expected = resolve_path(&folder, main.unwrap_or("index.js"));
        Err(ResolveError::PackageNotFound { package: expected, base: base.to_owned(), hint: None }.into())
    }

    /// DEP0151, for ES modules only.
    fn warn_of_legacy_main(
        &mut self,
        folder: &str,
        main: Option<&str>,
        package: Option<&PackageJson>,
        path: &str,
        base: &str,
    ) {
        let is_module = match extension(path) {
            ".mjs" => true,
            ".js" => package.is_some_and(|package| package.package_type == PackageType::Module),
            _ => false,
        };
        let main = main.filter(|main| !main.is_empty());
        if !is_module || main.is_some_and(|main| resolve_path(folder, main) == path) {
            return;
        }
        let folder = format!("{}/", folder.trim_end_matches('/'));
        let file = path.get(folder.len()..).unwrap_or(path);
        self.deprecate(deprecation::legacy_index(&folder, main, file, base));
    }
}
