//! `edit`: where the folder of an installed package is. Source: npm 11.19.1.

use std::path::PathBuf;

use diagnostics::Diagnostic;

use crate::settings::Settings;

/// The folder of an installed package: `a`, `@s/a`, or `a/@s/b` for one inside of another.
///
/// *Errors*: what is no such path, and a package that is not there.
pub fn folder(settings: &Settings, path: &str) -> Result<PathBuf, Diagnostic> {
    let names = names(path).ok_or_else(|| {
        Diagnostic::error("EUSAGE", format!("{path} is no path of packages"))
            .with_hint("write <package>, or <package>/<package> for one inside of another")
    })?;
    let mut folder = settings.places.modules();
    for (depth, name) in names.iter().enumerate() {
        if depth > 0 {
            folder.push("node_modules");
        }
        folder.push(name);
    }
    if folder.symlink_metadata().is_err() {
        let text = format!("{path} is not installed: there is no {}", folder.display());
        return Err(Diagnostic::error("ENOENT", text).with_hint("run `knit ls` to see what is"));
    }
    Ok(folder)
}

/// The names along a path, whose `node_modules` may be written or left out.
fn names(path: &str) -> Option<Vec<String>> {
    let mut names: Vec<String> = Vec::new();
    for part in path.split('/').filter(|part| *part != "node_modules") {
        if part.is_empty() || part == "." || part == ".." {
            return None;
        }
        match names.last_mut().filter(|last| last.starts_with('@') && !last.contains('/')) {
            Some(scope) => {
                scope.push('/');
                scope.push_str(part);
            }
            None => names.push(part.to_owned()),
        }
    }
    (!names.is_empty()).then_some(names)
}

#[cfg(test)]
mod tests {
    use super::names;

    #[test]
    fn paths_are_names_along_folders() {
        let rows: [(&str, Option<&[&str]>); 8] = [
            ("a", Some(&["a"])),
            ("@s/a", Some(&["@s/a"])),
            ("a/b", Some(&["a", "b"])),
            ("a/@s/b/c", Some(&["a", "@s/b", "c"])),
            ("a/node_modules/b", Some(&["a", "b"])),
            ("../a", None),
            ("/a", None),
            ("", None),
        ];
        for (path, expected) in rows {
            assert_eq!(
                names(path).as_deref(),
                expected
                    .map(|names| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>())
                    .as_deref(),
                "{path}"
            );
        }
    }
}
