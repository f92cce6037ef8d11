//! PACKAGE_EXPORTS_RESOLVE and PACKAGE_IMPORTS_EXPORTS_RESOLVE: which key of a mapping holds for a request.

use std::cmp::Ordering;

use serde_json::{Map, Value};

use crate::deprecation::{self, Field};
use crate::error::ResolveError;
use crate::file_system::FileSystem;
use crate::package_json::PackageJson;
use crate::reference::file_url;
use crate::target::{Asked, Targeted};
use crate::trace::Step;
use crate::walk::{Found, Outcome, Walk};

impl<F: FileSystem> Walk<'_, F> {
    /// PACKAGE_EXPORTS_RESOLVE(packageURL, subpath, exports, conditions). `base` is who asks, for messages.
    pub fn package_exports_resolve(
        &mut self,
        package: &PackageJson,
        subpath: &str,
        base: Option<&str>,
    ) -> Outcome<Found> {
        let subject = || format!("{subpath:?} of {}", package.folder());
        self.within("PACKAGE_EXPORTS_RESOLVE", subject, |walk| {
            let found = walk.exported(package, subpath, base)?;
            // "Throw a Package Path Not Exported error."
            found.ok_or_else(|| {
                Box::new(ResolveError::PackagePathNotExported {
                    package: folder_with_slash(package),
                    subpath: subpath.to_owned(),
                    base: base.map(str::to_owned),
                })
            })
        })
    }

    fn exported(
        &mut self,
        package: &PackageJson,
        subpath: &str,
        base: Option<&str>,
    ) -> Outcome<Option<Found>> {
        let Some(exports) = package.exports() else { return Ok(None) };
        let subpaths = match exports {
            Value::Object(map) if !is_main_sugar(map, package, base)? => map,
            // "If exports is a String or Array, or an Object containing no keys starting with '.', then set
            // mainExport to exports."
            main => {
                self.note(|| Step::MainSugar { package: package.path.to_string() });
                if subpath != "." {
                    self.note(|| no_key(Field::Exports, subpath, std::iter::once(".")));
                    return Ok(None);
                }
                let asked =
                    Asked { package, key: ".", captured: None, field: Field::Exports, base, folders: false };
                return Ok(self.package_target_resolve(main, &asked)?.found());
            }
        };
        self.match_resolve(subpath, subpaths, package, Field::Exports, base)
    }

    /// PACKAGE_IMPORTS_EXPORTS_RESOLVE(matchKey, matchObj, packageURL, isImports, conditions)
    pub fn match_resolve(
        &mut self,
        request: &str,
        keys: &Map<String, Value>,
        package: &PackageJson,
        field: Field,
        base: Option<&str>,
    ) -> Outcome<Option<Found>> {
        // The page refuses a request that ends in a slash at once; for "exports" Node only warns yet
        let ends_in_slash = request.ends_with('/');
        let (key, target, captured) = match keys.get(request) {
            // "If matchKey is a key of matchObj and does not contain '*'"
            Some(target) if !request.contains('*') && !ends_in_slash => (request, target, None),
            _ => {
                if field == Field::Exports
                    && ends_in_slash
                    && keys.keys().any(|key| starts_pattern(key, request))
                {
                    self.deprecate(deprecation::trailing_slash(request, &package.path, base));
                }
                // "Let expansionKeys be the list of keys of matchObj containing only a single '*', sorted by
                // PATTERN_KEY_COMPARE": the first of them that matches is the least
                let matching = keys.iter().filter_map(|(key, target)| {
                    capture(key, request).map(|captured| (key.as_str(), target, Some(captured)))
                });
                let Some(best) = matching.min_by(|a, b| pattern_key_compare(a.0, b.0)) else {
                    self.note(|| no_key(field, request, keys.keys().map(String::as_str)));
                    return Ok(None);
                };
                best
            }
        };
        self.note(|| Step::KeyMatched { field, key: key.to_owned(), captured: captured.map(str::to_owned) });
        let asked = Asked { package, key, captured, field, base, folders: ends_in_slash };
        Ok(self.package_target_resolve(target, &asked)?.found())
    }
}

impl Targeted {
    /// null and undefined are the same to those who asked for a key.
    fn found(self) -> Option<Found> {
        match self {
            Self::Found(found) => Some(found),
            Self::Null | Self::Undefined => None,
        }
    }
}

/// The folder of a package as Node's messages have it.
pub(crate) fn folder_with_slash(package: &PackageJson) -> String {
    package.path[..package.path.len() - "package.json".len()].to_owned()
}

/// "If exports is an Object with both a key starting with '.' and a key not starting with '.', throw an Invalid
/// Package Configuration error." Otherwise whether its keys are conditions.
fn is_main_sugar(map: &Map<String, Value>, package: &PackageJson, base: Option<&str>) -> Outcome<bool> {
    let mut kinds = map.keys().map(|key| !key.starts_with('.'));
    let first = kinds.next().unwrap_or(false);
    if kinds.all(|kind| kind == first) {
        return Ok(first);
    }
    Err(ResolveError::InvalidPackageConfig {
        path: package.path.to_string(),
        base: base.map(file_url),
        reason: "\"exports\" cannot contain some keys starting with '.' and some not. The exports object must \
                 either be an object of package subpath keys or an object of main entry condition name keys only.",
    }
    .into())
}

/// What the `*` of a pattern stands for in a request: "matchKey starts with but is not equal to patternBase", and
/// "ends with patternTrailer and the length of matchKey is greater than or equal to the length of expansionKey".
fn capture<'r>(key: &str, request: &'r str) -> Option<&'r str> {
    let (before, after) = key.split_once('*')?;
    if after.contains('*') || request.len() < key.len() {
        return None;
    }
    request.strip_prefix(before)?.strip_suffix(after)
}

fn starts_pattern(key: &str, request: &str) -> bool {
    key.split_once('*').is_some_and(|(before, _)| request.starts_with(before))
}

/// PATTERN_KEY_COMPARE(keyA, keyB): descending order of specificity.
fn pattern_key_compare(a: &str, b: &str) -> Ordering {
    let base_length = |key: &str| key.find('*').unwrap_or(key.len());
    base_length(b).cmp(&base_length(a)).then(b.len().cmp(&a.len()))
}

fn no_key<'k>(field: Field, subpath: &str, keys: impl Iterator<Item = &'k str>) -> Step {
    Step::NoKeyMatched { field, subpath: subpath.to_owned(), keys: keys.map(str::to_owned).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_specific_pattern_comes_first() {
        let mut keys = ["./*", "./a/*", "./a/b*.js", "./a/*.js", "./a/b*"];
        keys.sort_by(|a, b| pattern_key_compare(a, b));
        assert_eq!(keys, ["./a/b*.js", "./a/b*", "./a/*.js", "./a/*", "./*"]);
    }

    #[test]
    fn a_pattern_captures_between_its_base_and_its_trailer() {
        assert_eq!(capture("./a/*.js", "./a/b/c.js"), Some("b/c"));
        assert_eq!(capture("./a/*.js", "./a/.js"), None);
        assert_eq!(capture("./*", "./"), None);
        assert_eq!(capture("./*/*", "./a/b"), None);
        assert_eq!(capture("./a*a", "./aa"), None);
    }
}
