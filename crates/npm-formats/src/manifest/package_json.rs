//! A package.json file: read, edited, and written back in its own formatting.
//!
//! Source: npm 11.19.1, @npmcli/package-json and `npm pkg`.

use super::key_path::{self, Edit, ShortLists};
use super::{DependencyKind, Manifest, ManifestError, Note, PackageFolder, Step, sort};
use crate::collation;
use crate::json::access::{text, truthy};
use crate::json::{Document, Format, decode, parse_text};
use serde_json::{Map, Value};

/// A package.json file.
///
/// Indentation and line ending are those of the file, members stay in their order, and a final line break is added
/// when it was missing; a file on one line stays on one line, without a final line break.
#[derive(Debug, Clone, PartialEq)]
pub struct PackageJson {
    members: Map<String, Value>,
    format: Format,
    original: String,
}

impl PackageJson {
    /// Reads a file, which `file` names in errors. Errors: [`ManifestError`] when it is no JSON object.
    pub fn parse(file: &str, bytes: &[u8]) -> Result<Self, ManifestError> {
        let original = decode(bytes).into_owned();
        let value = parse_text(file, &original)
            .map_err(|source| ManifestError::Json { file: file.to_owned(), source: Box::new(source) })?;
        match value {
            Value::Object(members) => Ok(Self { members, format: Format::detect(&original), original }),
            _ => Err(ManifestError::NotAnObject { file: file.to_owned() }),
        }
    }

    /// A file that does not exist yet.
    pub fn create() -> Self {
        Self { members: Map::new(), format: Format::default(), original: String::new() }
    }

    /// The members as they stand in the file.
    pub fn members(&self) -> &Map<String, Value> {
        &self.members
    }

    /// The members, to edit freely.
    pub fn members_mut(&mut self) -> &mut Map<String, Value> {
        &mut self.members
    }

    /// Indentation and line ending, which npm also gives the project's lockfile.
    pub fn format(&self) -> &Format {
        &self.format
    }

    /// The manifest that these steps make of it; the file stays as it is.
    pub fn normalized(
        &self,
        steps: &[Step],
        folder: Option<&dyn PackageFolder>,
    ) -> Result<Manifest, ManifestError> {
        Manifest::normalize(self.members.clone(), steps, folder)
    }

    /// Corrects the file as `npm pkg fix` does, and says how.
    pub fn fix(&mut self, folder: Option<&dyn PackageFolder>) -> Result<Vec<Note>, ManifestError> {
        let (manifest, notes) = Manifest::normalize_with_notes(self.members.clone(), Step::FIX, folder)?;
        self.members = manifest.0;
        Ok(notes)
    }

    /// The text to write.
    pub fn print(&self) -> String {
        Document { value: Value::Object(self.members.clone()), format: self.format.clone() }.print()
    }

    /// The text to write, if it differs from what was read in more than the white space around it.
    pub fn print_if_changed(&self) -> Option<String> {
        let text = self.print();
        (text.trim() != self.original.trim_start_matches('\u{FEFF}').trim()).then_some(text)
    }

    /// Brings the members into npm's preferred order, as `npm init` does.
    pub fn sort_members(&mut self) {
        sort::sort_members(&mut self.members);
    }

    /// Reads paths as `npm pkg get` does: all results by name, none for what is not there.
    ///
    /// Errors: [`ManifestError::AppendInRead`].
    pub fn get(&self, paths: &[&str]) -> Result<Map<String, Value>, ManifestError> {
        let mut found = Map::new();
        for path in paths {
            found.extend(key_path::get(&self.members, path, ShortLists::Unwrapped)?);
        }
        Ok(found)
    }

    /// Sets a path as `npm pkg set` does; `force` replaces what stands in the way.
    ///
    /// Errors: those of paths, and of [`PackageJson::update`]. Nothing is changed then.
    pub fn set(&mut self, path: &str, value: &Value, force: bool) -> Result<(), ManifestError> {
        self.edit(path, if force { Edit::Force(value) } else { Edit::Set(value) })
    }

    /// Deletes a path as `npm pkg delete` does. Errors as for [`PackageJson::set`].
    pub fn delete(&mut self, path: &str) -> Result<(), ManifestError> {
        self.edit(path, Edit::Delete)
    }

    fn edit(&mut self, path: &str, edit: Edit<'_>) -> Result<(), ManifestError> {
        let mut members = self.members.clone();
        key_path::edit(&mut members, path, edit)?;
        let mut edited = Self { members, ..self.clone() };
        edited.update(&edited.members.clone())?;
        *self = edited;
        Ok(())
    }

    /// Overwrites members. Dependency sections come out sorted, without what is in `optionalDependencies` too, and
    /// vanish when empty.
    ///
    /// Errors: [`ManifestError::Type`] when `scripts` is no object of strings or `workspaces` is no list of at least
    /// one pattern; nothing is changed then.
    pub fn update(&mut self, changes: &Map<String, Value>) -> Result<(), ManifestError> {
        self.check(changes)?;
        self.update_sections(changes);
        for (key, value) in changes {
            let is_section = DependencyKind::ALL.iter().any(|kind| kind.section() == key);
            let is_kept = matches!(key.as_str(), "scripts" | "workspaces") && truthy(changes, key).is_none();
            if !is_section && !is_kept {
                self.members.insert(key.clone(), value.clone());
            }
        }
        Ok(())
    }

    /// Carries the dependency sections of a normalised manifest over, as npm does when it saves an installation.
    pub fn update_dependencies(&mut self, manifest: &Map<String, Value>) {
        let mut changes = Map::new();
        for kind in DependencyKind::ALL {
            let section = truthy(manifest, kind.section()).cloned();
            changes.insert(kind.section().to_owned(), section.unwrap_or_else(|| Value::Object(Map::new())));
        }
        self.update_sections(&changes);
        match manifest.get("bundleDependencies") {
            Some(bundled) => drop(self.members.insert("bundleDependencies".to_owned(), bundled.clone())),
            None => drop(self.members.shift_remove("bundleDependencies")),
        }
    }

    fn check(&self, changes: &Map<String, Value>) -> Result<(), ManifestError> {
        let error = |member, expected| {
            let package = text(&self.members, "name").unwrap_or("").to_owned();
            Err(ManifestError::Type { package, member, expected })
        };
        match truthy(changes, "scripts") {
            None => {}
            Some(Value::Object(scripts)) if scripts.values().all(Value::is_string) => {}
            Some(_) => return error("scripts", "an object of strings"),
        }
        match truthy(changes, "workspaces") {
            None | Some(Value::Object(_)) => {}
            Some(Value::Array(patterns)) if !patterns.is_empty() && patterns.iter().all(Value::is_string) => {
            }
            Some(_) => return error("workspaces", "a list of strings"),
        }
        Ok(())
    }

    fn update_sections(&mut self, changes: &Map<String, Value>) {
        let original = self.members.clone();
        for section in ["dependencies", "optionalDependencies", "devDependencies", "peerDependencies"] {
            let Some(value) = truthy(changes, section) else { continue };
            let mut value = value.clone();
            if let Value::Object(dependencies) = &mut value {
                if let ("dependencies", Some(Value::Object(optional))) =
                    (section, changes.get("optionalDependencies"))
                {
                    dependencies.retain(|name, _| !optional.contains_key(name));
                }
                sort_dependencies(dependencies);
                if dependencies.is_empty() {
                    self.members.shift_remove(section);
                    continue;
                }
            }
            self.members.insert(section.to_owned(), value);
        }
        self.keep_peers_in_dependencies(&original);
    }

    /// What the file had in both `dependencies` and `peerDependencies` stays in both.
    fn keep_peers_in_dependencies(&mut self, original: &Map<String, Value>) {
        let (Some(Value::Object(dependencies)), Some(Value::Object(peers)), Some(Value::Object(new_peers))) = (
            original.get("dependencies"),
            original.get("peerDependencies"),
            self.members.get("peerDependencies").cloned(),
        ) else {
            return;
        };
        for name in peers.keys().filter(|name| dependencies.contains_key(name.as_str())) {
            let Some(specifier) = new_peers.get(name) else { continue };
            let section = self.members.entry("dependencies").or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(section) = section {
                section.insert(name.clone(), specifier.clone());
            }
        }
    }
}

fn sort_dependencies(dependencies: &mut Map<String, Value>) {
    let mut sorted: Vec<(String, Value)> = std::mem::take(dependencies).into_iter().collect();
    sorted.sort_by(|(a, _), (b, _)| collation::compare(a, b));
    dependencies.extend(sorted);
}
