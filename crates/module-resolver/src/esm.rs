//! ESM_RESOLVE and PACKAGE_RESOLVE: how `import` finds a module.

use std::sync::Arc;

use crate::builtins::is_bare_builtin;
use crate::error::ResolveError;
use crate::facts::Id;
use crate::file_system::{FileKind, FileSystem};
use crate::package_json::PackageJson;
use crate::package_name::PackageSpecifier;
use crate::reference::{self, FileReference, Malformed};
use crate::request::{Importer, Kind, Request};
use crate::trace::Step;
use crate::walk::{Found, Located, Outcome, Walk, folder_part};

impl From<Malformed> for Box<ResolveError> {
    fn from(malformed: Malformed) -> Self {
        Box::new(match malformed {
            Malformed::Host(url) => ResolveError::InvalidFileUrlHost { url },
            Malformed::Encoding(url) => ResolveError::UriMalformed { url },
        })
    }
}

impl<F: FileSystem> Walk<'_, F> {
    /// ESM_RESOLVE(specifier, parentURL), up to the format.
    pub fn import(&mut self, specifier: &str, importer: Importer<'_>) -> Outcome<Located> {
        let subject = || format!("{specifier:?}");
        self.within("ESM_RESOLVE", subject, |walk| match importer {
            Importer::File(base) => walk.import_from_file(specifier, base),
            Importer::Url(url) => match reference::parse_url(url) {
                Some(url) if url.scheme() == "file" => {
                    let base = FileReference::from_url(&url)?;
                    walk.import_from_file(specifier, &base.path)
                }
                base => walk.import_from_url(specifier, url, base.as_ref()),
            },
        })
    }

    fn import_from_file(&mut self, specifier: &str, base: &str) -> Outcome<Located> {
        let found = self.find(specifier, base);
        let located = found.and_then(|found| match found {
            Target::Known(located) => Ok(located),
            Target::Found(Found::Builtin(name)) => Ok(Located::Builtin(name)),
            Target::Found(Found::File(file)) => self.finalize(file, base),
        });
        located.map_err(|error| self.with_hint(error, specifier, base))
    }

    /// Steps 2 to 5.
    fn find(&mut self, specifier: &str, base: &str) -> Outcome<Target> {
        // Step 3 before step 2, as the implementation does: what starts so is no valid URL.
        // "If specifier starts with '/', './', or '../', then set resolved to the URL resolution of specifier
        // relative to parentURL."
        if specifier.starts_with('/') || is_relative(specifier) {
            let file = reference::resolve(specifier, folder_part(base))?;
            self.note(|| Step::Address { specifier: specifier.to_owned(), url: file.href() });
            return Ok(Target::Found(Found::File(file)));
        }
        // "Otherwise, if specifier starts with '#'"
        if specifier.starts_with('#') {
            return self.package_imports_resolve(specifier, base).map(Target::Found);
        }
        // "If specifier is a valid URL, then set resolved to the result of parsing and reserializing specifier as
        // a URL."
        if let Some(url) = reference::parse_url(specifier) {
            return self.address(specifier, &url);
        }
        // "Otherwise, specifier is now a bare specifier."
        self.package_resolve(specifier, base).map(Target::Found)
    }

    /// A specifier that is a URL.
    fn address(&mut self, specifier: &str, url: &url::Url) -> Outcome<Target> {
        self.note(|| Step::Address { specifier: specifier.to_owned(), url: url.to_string() });
        Ok(match url.scheme() {
            "file" => Target::Found(Found::File(FileReference::from_url(url)?)),
            "node" => {
                let name = specifier.get("node:".len()..).unwrap_or_default().to_owned();
                self.note(|| Step::Builtin { name: name.clone() });
                Target::Known(Located::Builtin(name))
            }
            _ => Target::Known(Located::Url(url.to_string())),
        })
    }

    /// From a `data:` or `https:` module: only URLs, builtins, and where the scheme has paths, relative ones.
    fn import_from_url(&mut self, specifier: &str, base: &str, url: Option<&url::Url>) -> Outcome<Located> {
        let refused = || ResolveError::UnsupportedResolveRequest {
            specifier: specifier.to_owned(),
            base: base.to_owned(),
        };
        if specifier.starts_with('/') || is_relative(specifier) {
            let joined = url.and_then(|url| url.join(specifier).ok()).ok_or_else(refused)?;
            self.note(|| Step::Address { specifier: specifier.to_owned(), url: joined.to_string() });
            return Ok(Located::Url(joined.to_string()));
        }
        if let Some(url) = reference::parse_url(specifier) {
            return match self.address(specifier, &url)? {
                Target::Known(located) => Ok(located),
                Target::Found(Found::Builtin(name)) => Ok(Located::Builtin(name)),
                Target::Found(Found::File(file)) => self.finalize(file, base),
            };
        }
        if is_bare_builtin(specifier) {
            self.note(|| Step::Builtin { name: specifier.to_owned() });
            return Ok(Located::Builtin(specifier.to_owned()));
        }
        Err(refused().into())
    }

    /// ESM_RESOLVE, step 7: what a `file:` URL has to be.
    fn finalize(&mut self, file: FileReference, base: &str) -> Outcome<Located> {
        // "If resolved contains any percent encodings of '/' or '\', then throw an Invalid Module Specifier error."
        if let Some(pathname) = file.with_encoded_separator() {
            return Err(encoded_separator(pathname, Some(base)).into());
        }
        let id = self.facts.id(&file.path);
        // Node takes every path with a slash at its end for a folder, whether or not it is there
        let kind = if file.path.ends_with('/') { FileKind::Directory } else { self.kind(id) };
        let (base, url) = (base.to_owned(), file.href());
        match kind {
            // "If the file at resolved is a directory, then throw an Unsupported Directory Import error."
            FileKind::Directory => {
                Err(ResolveError::UnsupportedDirImport { path: file.path, base, url, hint: None }.into())
            }
            // "If the file at resolved does not exist, then throw a Module Not Found error."
            FileKind::Missing => {
                Err(ResolveError::ModuleNotFound { path: file.path, base, url, hint: None }.into())
            }
            // "Set resolved to the real path of resolved, maintaining the same URL querystring and fragment
            // components."
            FileKind::File => Ok(Located::File { id: self.real(id), suffix: file.suffix }),
        }
    }

    /// PACKAGE_RESOLVE(packageSpecifier, parentURL)
    pub fn package_resolve(&mut self, specifier: &str, base: &str) -> Outcome<Found> {
        self.within(
            "PACKAGE_RESOLVE",
            || format!("{specifier:?}"),
            |walk| walk.resolve_package(specifier, base),
        )
    }

    fn resolve_package(&mut self, specifier: &str, base: &str) -> Outcome<Found> {
        // "If packageSpecifier is a Node.js builtin module name, then return the string 'node:' concatenated with
        // packageSpecifier."
        if is_bare_builtin(specifier) {
            self.note(|| Step::Builtin { name: specifier.to_owned() });
            return Ok(Found::Builtin(specifier.to_owned()));
        }
        let Some(parsed) = PackageSpecifier::parse(specifier) else {
            return Err(ResolveError::InvalidModuleSpecifier {
                request: specifier.to_owned(),
                reason: "is not a valid package name".to_owned(),
                base: Some(base.to_owned()),
            }
            .into());
        };
        let subpath = parsed.subpath();
        // "Let selfUrl be the result of PACKAGE_SELF_RESOLVE(packageName, packageSubpath, parentURL)."
        let home = self.folder_of(base);
        if let Some(package) = self.package_self_resolve(parsed.name, home)? {
            return self.package_exports_resolve(&package, &subpath, Some(base));
        }
        let Some(folder) = self.find_package(parsed.name, home) else {
            return Err(ResolveError::PackageNotFound {
                package: parsed.name.to_owned(),
                base: base.to_owned(),
                hint: None,
            }
            .into());
        };
        // "Let pjson be the result of READ_PACKAGE_JSON(packageURL)."
        let context = || format!(" while importing \"{specifier}\" from {base}");
        let package = self.read_package(folder, context)?;
        match package {
            // "If pjson is not null and pjson.exports is not null or undefined"
            Some(package) if package.has_exports() => {
                self.package_exports_resolve(&package, &subpath, Some(base))
            }
            // "Otherwise, if packageSubpath is equal to '.'"
            package if parsed.rest.is_empty() => self.legacy_main(folder, package.as_deref(), base),
            // "Otherwise, return the URL resolution of packageSubpath in packageURL."
            _ => {
                let file = reference::resolve(&subpath, self.facts.path(folder))?;
                Ok(Found::File(file))
            }
        }
    }

    /// PACKAGE_SELF_RESOLVE(packageName, packageSubpath, parentURL): the importer's own package, if it is the one.
    fn package_self_resolve(&mut self, name: &str, home: Id) -> Outcome<Option<Arc<PackageJson>>> {
        let scope =
            self.within("PACKAGE_SELF_RESOLVE", || format!("{name:?}"), |walk| walk.package_scope(home))?;
        let own = scope.filter(|package| {
            package.has_exports() && package.name.as_deref().is_some_and(|own| own == name)
        });
        if let Some(package) = &own {
            let package = package.path.to_string();
            self.note(|| Step::SelfReference { name: name.to_owned(), package });
        }
        Ok(own)
    }

    /// "While parentURL is not the file system root": the folder of the package in the nearest node_modules.
    pub fn find_package(&mut self, name: &str, home: Id) -> Option<Id> {
        let mut parent = Some(home);
        while let Some(folder) = parent {
            let node_modules = self.facts.node_modules(folder);
            if self.is_directory(node_modules) {
                let package = self.facts.child(node_modules, name);
                if self.is_directory(package) {
                    return Some(package);
                }
            }
            parent = self.facts.parent(folder);
        }
        None
    }

    /// "Did you mean to import": what `require` would have found.
    fn with_hint(&mut self, mut error: Box<ResolveError>, specifier: &str, base: &str) -> Box<ResolveError> {
        let (ResolveError::ModuleNotFound { hint, .. }
        | ResolveError::PackageNotFound { hint, .. }
        | ResolveError::UnsupportedDirImport { hint, .. }) = &mut *error
        else {
            return error;
        };
        let specifier = match reference::parse_url(specifier) {
            Some(url) if specifier.starts_with("file://") => {
                FileReference::from_url(&url).map_or_else(|_| specifier.to_owned(), |file| file.path)
            }
            _ => specifier.to_owned(),
        };
        *hint = self.commonjs_hint(&specifier, base).filter(|found| *found != specifier);
        error
    }

    /// A guess of its own: it leaves no steps and no deprecations. Node looks for relative specifiers from the
    /// working directory; here, as it surely was meant, from the importer.
    fn commonjs_hint(&mut self, specifier: &str, base: &str) -> Option<String> {
        let conditions = self.options.require_conditions();
        let mut guess = Walk {
            facts: &mut *self.facts,
            options: self.options,
            conditions: &conditions,
            preserve_symlinks: self.options.preserve_symlinks,
            deprecations: Vec::new(),
            trace: None,
            depth: 0,
        };
        let request = Request::new(Kind::RequireResolve, specifier, Importer::File(base));
        let Ok(Located::File { id, .. }) = guess.require(&request) else { return None };
        let found = self.facts.path(id).to_string();
        if is_relative(specifier) {
            return Some(relative(
                &reference::file_url_path(folder_part(base)),
                &reference::file_url_path(&found),
            ));
        }
        if specifier.starts_with(['/', '.']) {
            return Some(found);
        }
        let name = specifier.split('/').next().unwrap_or(specifier);
        let needle = format!("/node_modules/{name}/");
        Some(match found.rfind(&needle) {
            Some(at) => {
                let rest: Vec<String> = found[at + needle.len()..].split('/').map(encode_component).collect();
                format!("{name}/{}", rest.join("/"))
            }
            None => reference::file_url(&found),
        })
    }
}

enum Target {
    /// Nothing is left to check.
    Known(Located),
    Found(Found),
}

pub(crate) fn encoded_separator(request: &str, base: Option<&str>) -> ResolveError {
    ResolveError::InvalidModuleSpecifier {
        request: request.to_owned(),
        reason: "must not include encoded \"/\" or \"\\\" characters".to_owned(),
        base: base.map(str::to_owned),
    }
}

/// `.`, `..`, or starting with `./` or `../`.
pub(crate) fn is_relative(specifier: &str) -> bool {
    let after_dots = specifier.strip_prefix("..").or_else(|| specifier.strip_prefix('.'));
    after_dots.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// From one absolute folder to an absolute path, starting with `./` or `../`.
fn relative(folder: &str, path: &str) -> String {
    let folder: Vec<&str> = folder.split('/').filter(|segment| !segment.is_empty()).collect();
    let path: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    let shared = folder.iter().zip(&path).take_while(|(a, b)| a == b).count();
    let up = folder.len() - shared;
    let start = if up == 0 { "./".to_owned() } else { "../".repeat(up) };
    start + &path[shared..].join("/")
}

/// `encodeURIComponent`
fn encode_component(text: &str) -> String {
    use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
    const SET: &AsciiSet = &NON_ALPHANUMERIC
        .remove(b'-')
        .remove(b'_')
        .remove(b'.')
        .remove(b'!')
        .remove(b'~')
        .remove(b'*')
        .remove(b'\'')
        .remove(b'(')
        .remove(b')');
    utf8_percent_encode(text, SET).to_string()
}
