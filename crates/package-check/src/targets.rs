//! Every target that "exports" and "imports" name, under any condition: it has the right form, and its file is there.

use serde_json::Value;

use crate::package::Package;
use crate::problem::Problems;

pub(crate) fn check(package: &Package, problems: &mut Problems) {
    let mut missing = Missing::default();
    for field in ["exports", "imports"] {
        let Some(value) = package.manifest.get(field) else { continue };
        each_target(value, field, &mut |place, target| {
            if let Some(path) = one(package, field, place, target, problems) {
                missing.add(path, place);
            }
        });
    }
    missing.tell(package, problems);
}

/// Files that targets name and that are not there, with the places that name them.
#[derive(Default)]
struct Missing<'a>(Vec<(&'a str, Vec<String>)>);

impl<'a> Missing<'a> {
    fn add(&mut self, path: &'a str, place: &str) {
        match self.0.iter_mut().find(|(known, _)| *known == path) {
            Some((_, places)) => places.push(place.to_owned()),
            None => self.0.push((path, vec![place.to_owned()])),
        }
    }

    /// One problem a file; where a whole folder is not there, which then was not built, one for all of it.
    fn tell(mut self, package: &Package, problems: &mut Problems) {
        let folder_of = |path: &str| {
            path.trim_start_matches("./").split_once('/').map(|(folder, _)| format!("{folder}/"))
        };
        let is_gone = |folder: &str| !package.paths().any(|path| path.starts_with(folder));
        while let Some((first, places)) = self.0.first() {
            let (first, place) = (*first, places.first().cloned().unwrap_or_default());
            let gone = folder_of(first).filter(|folder| is_gone(folder));
            let (same, other): (Vec<_>, Vec<_>) = self
                .0
                .drain(..)
                .partition(|(path, _)| *path == first || gone.is_some() && folder_of(path) == gone);
            self.0 = other;
            let named: usize = same.iter().map(|(_, places)| places.len()).sum();
            match gone.filter(|_| same.len() > 1) {
                Some(folder) => {
                    let message =
                        format!("nothing of ./{folder} is in the tarball, to which {named} targets lead");
                    let fix = format!(
                        "build ./{folder} before packing (in a script `prepack`), or list it in \"files\""
                    );
                    problems.error("missing-target", place, message, fix);
                }
                None => {
                    let more = match named - 1 {
                        0 => String::new(),
                        1 => "; another target names it too".to_owned(),
                        more => format!("; {more} other targets name it too"),
                    };
                    let message = format!("{first} is not in the tarball{more}");
                    problems.error("missing-target", place, message, package.advice(first));
                }
            }
        }
    }
}

/// Calls back with the place and the value of each leaf.
pub(crate) fn each_target<'a>(value: &'a Value, place: &str, each: &mut impl FnMut(&str, &'a Value)) {
    match value {
        Value::Object(members) => {
            for (key, value) in members {
                each_target(value, &place_below(place, key), each);
            }
        }
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                each_target(value, &format!("{place}[{index}]"), each);
            }
        }
        leaf => each(place, leaf),
    }
}

/// A member's place, written as in JavaScript.
pub(crate) fn place_below(place: &str, key: &str) -> String {
    let is_word = |text: &str| {
        text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$')
            && !text.starts_with(|sign: char| sign.is_ascii_digit())
    };
    if is_word(key) { format!("{place}.{key}") } else { format!("{place}[{}]", Value::from(key)) }
}

/// Answers the path of a file that is not there.
fn one<'a>(
    package: &Package,
    field: &str,
    place: &str,
    target: &'a Value,
    problems: &mut Problems,
) -> Option<&'a str> {
    let path = match target {
        // takes a subpath away
        Value::Null => return None,
        Value::String(path) => path,
        other => {
            let message = format!("{other} is no path");
            problems.error("invalid-target", place, message, "write a path that begins with ./, or null");
            return None;
        }
    };
    if !path.starts_with("./") {
        // "imports" may lead to other packages
        if field == "exports" {
            let fix = format!("write \"./{}\"", path.trim_start_matches('/'));
            problems.error("invalid-target", place, format!("{path:?} does not begin with ./"), fix);
        }
        return None;
    }
    if path.split('/').skip(1).any(|part| matches!(part, "." | ".." | "node_modules")) {
        let message = format!("{path} has a part that no target may have");
        problems.error("invalid-target", place, message, "name a file of the package itself");
        return None;
    }
    if path.contains('*') {
        if expansions(package, path).next().is_none() {
            let message = format!("{path} matches no file in the tarball");
            problems.error(
                "missing-target",
                place,
                message,
                "build the files before packing, or correct the pattern",
            );
        }
    } else if path.ends_with('/') {
        let message = format!("{path} is a folder: Node resolves none since version 17");
        problems.error("invalid-target", place, message, format!("write a pattern: \"{path}*\""));
    } else if !package.has(path) {
        return Some(path);
    }
    None
}

/// What the star of a pattern stands for, for each file that matches.
pub(crate) fn expansions<'a>(package: &'a Package, pattern: &'a str) -> impl Iterator<Item = &'a str> {
    let pattern = pattern.trim_start_matches("./");
    let (before, after) = pattern.split_once('*').unwrap_or((pattern, ""));
    // each further star stands for the same
    let last = after.rsplit('*').next().unwrap_or(after);
    package.paths().filter_map(move |path| {
        let rest = path.strip_prefix(before)?;
        let star = match after.contains('*') {
            false => rest.strip_suffix(after)?,
            true => rest.strip_suffix(last).and_then(|rest| {
                let middle = after.split('*').next().unwrap_or_default();
                rest.find(middle).and_then(|at| rest.get(..at))
            })?,
        };
        (!star.is_empty() && pattern.replace('*', star) == path).then_some(star)
    })
}
