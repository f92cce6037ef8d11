//! PACKAGE_TARGET_RESOLVE: what the value of a key in "exports" or "imports" leads to.

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use crate::deprecation::{self, EmptySegment, Field};
use crate::error::ResolveError;
use crate::exports::folder_with_slash;
use crate::file_system::FileSystem;
use crate::package_json::PackageJson;
use crate::reference::{self, file_url};
use crate::trace::Step;
use crate::walk::{Found, Outcome, Walk};

/// What a target is resolved for.
pub(crate) struct Asked<'a> {
    pub package: &'a PackageJson,
    /// The key of the mapping that matched.
    pub key: &'a str,
    /// "patternMatch": what stands for the `*` of the key.
    pub captured: Option<&'a str>,
    pub field: Field,
    pub base: Option<&'a str>,
    /// Whether the request ends in a slash; its empty segment is then deprecated elsewhere.
    pub folders: bool,
}

/// What a target came to. The page's null and undefined differ: null closes a subpath, undefined lets the next
/// condition try.
pub(crate) enum Targeted {
    Found(Found),
    Null,
    Undefined,
}

impl<F: FileSystem> Walk<'_, F> {
    /// PACKAGE_TARGET_RESOLVE(packageURL, target, patternMatch, isImports, conditions)
    pub fn package_target_resolve(&mut self, target: &Value, asked: &Asked<'_>) -> Outcome<Targeted> {
        match target {
            Value::String(target) => self.target_string(target, asked).map(Targeted::Found),
            Value::Object(conditions) => self.target_conditions(conditions, asked),
            Value::Array(targets) => self.target_list(targets, asked),
            // "Otherwise, if target is null, return null."
            Value::Null => {
                self.note(|| Step::Closed);
                Ok(Targeted::Null)
            }
            // "Otherwise throw an Invalid Package Target error."
            Value::Bool(_) | Value::Number(_) => {
                Err(self.refuse(target, asked, "a target is a string, an object, an array or null"))
            }
        }
    }

    /// "Otherwise, if target is a non-null Object"
    fn target_conditions(&mut self, target: &Map<String, Value>, asked: &Asked<'_>) -> Outcome<Targeted> {
        // "If target contains any index property keys, throw an Invalid Package Configuration error."
        if target.keys().any(|key| is_array_index(key)) {
            return Err(ResolveError::InvalidPackageConfig {
                path: asked.package.path.to_string(),
                base: asked.base.map(file_url),
                reason: "\"exports\" cannot contain numeric property keys.",
            }
            .into());
        }
        // "For each property p of target, in object insertion order as"
        for (name, value) in target {
            // "If p equals 'default' or conditions contains an entry for p"
            let holds = self.conditions.contains(name);
            self.note(|| Step::Condition { name: name.clone(), holds });
            if !holds {
                continue;
            }
            self.depth += 1;
            let resolved = self.package_target_resolve(value, asked);
            self.depth -= 1;
            // "If resolved is equal to undefined, continue the loop."
            match resolved? {
                Targeted::Undefined => {}
                resolved => return Ok(resolved),
            }
        }
        // "Return undefined."
        let conditions = self.conditions;
        self.note(|| Step::NoCondition {
            keys: target.keys().cloned().collect(),
            conditions: conditions.iter().map(str::to_owned).collect(),
        });
        Ok(Targeted::Undefined)
    }

    /// "Otherwise, if target is an Array"
    fn target_list(&mut self, targets: &[Value], asked: &Asked<'_>) -> Outcome<Targeted> {
        // "If _target.length is zero, return null."
        let mut last = if targets.is_empty() { Ok(Targeted::Null) } else { Ok(Targeted::Undefined) };
        for (index, target) in targets.iter().enumerate() {
            self.note(|| Step::Alternative { index, of: targets.len() });
            self.depth += 1;
            let resolved = self.package_target_resolve(target, asked);
            self.depth -= 1;
            match resolved {
                Ok(Targeted::Found(found)) => return Ok(Targeted::Found(found)),
                // "If resolved is undefined, continue the loop."
                Ok(Targeted::Undefined) => {}
                Ok(Targeted::Null) => last = Ok(Targeted::Null),
                // "continuing the loop on any Invalid Package Target error"
                Err(error) if matches!(*error, ResolveError::InvalidPackageTarget { .. }) => {
                    last = Err(error)
                }
                Err(error) => return Err(error),
            }
        }
        // "Return or throw the last fallback resolution null return or error."
        last
    }

    /// "If target is a String"
    fn target_string(&mut self, target: &str, asked: &Asked<'_>) -> Outcome<Found> {
        let whole = Value::from(target);
        let substituted = match asked.captured {
            Some(captured) => target.replace('*', captured),
            None => target.to_owned(),
        };
        let Some(inside) = target.strip_prefix("./") else {
            // "If target does not start with './'"; "if isImports is false, or if target begins with '../' or '/',
            // or if target is a valid URL, then throw an Invalid Package Target error."
            let reason = match asked.field {
                Field::Exports => "it does not start with \"./\"",
                Field::Imports if target.starts_with('/') || target.starts_with("../") => {
                    "it leads out of the package"
                }
                Field::Imports if reference::parse_url(target).is_some() => "it is a URL",
                Field::Imports => {
                    // "Return PACKAGE_RESOLVE(target with every instance of '*' replaced by patternMatch,
                    // packageURL + '/')."
                    self.note(|| Step::Target { target: target.to_owned(), leads_to: substituted.clone() });
                    return self.package_resolve(&substituted, &asked.package.path);
                }
            };
            return Err(self.refuse(&whole, asked, reason));
        };
        // "If target split on '/' or '\' contains any '', '.', '..', or 'node_modules' segments after the first '.'
        // segment, case insensitive and including percent encoded variants, throw an Invalid Package Target error."
        match segments(inside) {
            Segments::Forbidden => {
                return Err(self.refuse(&whole, asked, "it has a \".\", \"..\" or \"node_modules\" segment"));
            }
            Segments::Empty => self.warn_of_empty_segment(&substituted, asked, true),
            Segments::Fine => {}
        }
        // "If patternMatch split on '/' or '\' contains any [such] segments, throw an Invalid Module Specifier error."
        match asked.captured.map(segments) {
            Some(Segments::Forbidden) => return Err(invalid_subpath(asked)),
            Some(Segments::Empty) if asked.captured != Some("") => {
                self.warn_of_empty_segment(&substituted, asked, false);
            }
            _ => {}
        }
        // "Return the URL resolution of resolvedTarget with every instance of '*' replaced with patternMatch."
        let file = reference::resolve(&substituted, asked.package.folder())?;
        // "Assert: packageURL is contained in resolvedTarget": segments hide from the check above behind characters
        // that a URL drops
        if !file.path.starts_with(asked.package.folder()) {
            return Err(self.refuse(&whole, asked, "it leads out of the package"));
        }
        self.note(|| Step::Target { target: target.to_owned(), leads_to: file.path.clone() });
        Ok(Found::File(file))
    }

    fn refuse(&mut self, target: &Value, asked: &Asked<'_>, reason: &'static str) -> Box<ResolveError> {
        let text = || target.as_str().map_or_else(|| target.to_string(), str::to_owned);
        self.note(|| Step::TargetRefused { target: text(), reason });
        Box::new(ResolveError::InvalidPackageTarget {
            package: folder_with_slash(asked.package),
            key: asked.key.to_owned(),
            target: target.clone(),
            field: asked.field,
            base: asked.base.map(str::to_owned),
        })
    }

    /// Empty segments are forbidden by the page; Node only warns of them yet.
    fn warn_of_empty_segment(&mut self, target: &str, asked: &Asked<'_>, in_target: bool) {
        if asked.folders {
            return;
        }
        self.deprecate(deprecation::empty_segment(&EmptySegment {
            target,
            request: &requested(asked),
            key: asked.key,
            package_json: &asked.package.path,
            field: asked.field,
            base: asked.base,
            in_target,
        }));
    }
}

fn invalid_subpath(asked: &Asked<'_>) -> Box<ResolveError> {
    let Asked { key, field, package, .. } = asked;
    Box::new(ResolveError::InvalidModuleSpecifier {
        request: requested(asked),
        reason: format!(
            "request is not a valid match in pattern \"{key}\" for the \"{field}\" resolution of {}",
            package.path
        ),
        base: asked.base.map(str::to_owned),
    })
}

/// The request that the key matched.
fn requested(asked: &Asked<'_>) -> String {
    asked.key.replacen('*', asked.captured.unwrap_or("*"), 1)
}

/// Segments that no target or match may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Segments {
    Fine,
    Empty,
    Forbidden,
}

fn segments(path: &str) -> Segments {
    let mut worst = Segments::Fine;
    for segment in path.split(['/', '\\']) {
        if segment.is_empty() {
            worst = Segments::Empty;
            continue;
        }
        let is_forbidden =
            |text: &[u8]| matches!(text, b"." | b"..") || text.eq_ignore_ascii_case(b"node_modules");
        let decoded = segment.contains('%').then(|| percent_decode_str(segment).collect::<Vec<u8>>());
        if is_forbidden(decoded.as_deref().unwrap_or(segment.as_bytes())) {
            return Segments::Forbidden;
        }
    }
    worst
}

/// Whether JavaScript would take a key for an index.
fn is_array_index(key: &str) -> bool {
    key.parse::<u32>().is_ok_and(|index| index != u32::MAX && index.to_string() == key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_are_judged_whatever_their_case_and_encoding() {
        for forbidden in
            [".", "a/../b", "%2e%2E", ".%2e/a", "a\\..\\b", "NODE_modules/x", "n%6fde%5Fmodules", "a/."]
        {
            assert_eq!(segments(forbidden), Segments::Forbidden, "{forbidden}");
        }
        for empty in ["", "a//b", "a/", "/a", "a\\\\b"] {
            assert_eq!(segments(empty), Segments::Empty, "{empty}");
        }
        for fine in ["a", "a/b.js", "...", ".a", "a%20b", "node_modules2", "%252e"] {
            assert_eq!(segments(fine), Segments::Fine, "{fine}");
        }
    }
}
