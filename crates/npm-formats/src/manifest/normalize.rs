//! The steps by which npm normalises a package.json, and the sets of them it uses.
//!
//! Source: npm 11.19.1, @npmcli/package-json. Order matters: what looks at the folder comes first, the steps on the
//! members after it, each kind in npm's own order.

use super::name::{is_builtin_module, is_name};
use super::note::Notes;
use super::{Manifest, ManifestError, Note, PackageFolder, bin, data, dependencies, repository, scripts};
use crate::json::access::{coerce, text, truthy};
use crate::json::print;
use crate::posix_path::{basename, dirname, extname, normalize as normalize_path};
use npm_semver::clean;
use serde_json::{Map, Value};

/// One step of normalisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Step {
    /// `name` is trimmed and must be valid, or becomes empty.
    Name,
    /// `version` is cleaned and must be valid, or becomes empty.
    Version,
    /// Members that start with `_` go.
    Attributes,
    /// `_id` is made from name and version.
    Id,
    /// `bundledDependencies` becomes `bundleDependencies`.
    BundledDependencies,
    /// `bundleDependencies` becomes a list.
    BundleDependencies,
    /// With the former: `false` goes instead of becoming an empty list.
    BundleDependenciesDeleteFalse,
    /// `dependencies` loses what `optionalDependencies` has.
    OptionalDedupe,
    /// `scripts` loses what is not a string.
    Scripts,
    /// The same, and commands lose a leading `node_modules/.bin/`.
    ScriptPath,
    /// A string `funding` becomes an object.
    Funding,
    /// `repository` becomes an object with a canonical URL.
    Repository,
    /// Dependencies become objects of strings, hosted git references canonical.
    Dependencies,
    /// All members are brought into the form that registries show.
    Data,
    /// A package with a `.gyp` file gets an install script.
    Gypfile,
    /// A package with `server.js` gets a start script.
    ServerJs,
    /// `contributors` is filled from `AUTHORS`.
    Authors,
    /// `readme` is filled from the README file.
    Readme,
    /// `man` is filled from `directories.man` and made safe.
    Mans,
    /// `bin` is made an object of safe names and paths.
    Bin,
    /// The same, and filled from `directories.bin`.
    BinDirectory,
    /// The same as [`Step::Bin`], with a note for each target that is not there.
    BinReferences,
    /// `gitHead` is filled from the git working tree.
    GitHead,
    /// `types` is filled when there is a declaration file beside `main`.
    Types,
}

impl Step {
    /// What npm does to a package.json it installs or finds installed, the project's own included
    /// (`normalizeSteps`).
    pub const INSTALLED: &[Self] = &[
        Self::Id,
        Self::Attributes,
        Self::BundledDependencies,
        Self::BundleDependencies,
        Self::OptionalDedupe,
        Self::Scripts,
        Self::Funding,
        Self::Bin,
        Self::BinDirectory,
    ];

    /// What npm does to a manifest from a packument: the same, but members that start with `_` stay.
    pub const REGISTRY: &[Self] = &[
        Self::Id,
        Self::BundledDependencies,
        Self::BundleDependencies,
        Self::OptionalDedupe,
        Self::Scripts,
        Self::Funding,
        Self::Bin,
        Self::BinDirectory,
    ];

    /// What npm does to a package.json it publishes or packs from a folder (`prepareSteps`).
    pub const PUBLISH: &[Self] = &[
        Self::Id,
        Self::Attributes,
        Self::BundledDependencies,
        Self::BundleDependencies,
        Self::BundleDependenciesDeleteFalse,
        Self::Gypfile,
        Self::ServerJs,
        Self::ScriptPath,
        Self::Authors,
        Self::Readme,
        Self::Mans,
        Self::BinDirectory,
        Self::GitHead,
        Self::Types,
        Self::Data,
        Self::BinReferences,
    ];

    /// What `npm pkg fix` does (`fixSteps`).
    pub const FIX: &[Self] = &[
        Self::BinReferences,
        Self::BundleDependencies,
        Self::Name,
        Self::Version,
        Self::Repository,
        Self::Dependencies,
        Self::ScriptPath,
    ];
}

impl Manifest {
    /// Normalises the members of a package.json by these steps, whatever their order in the list.
    ///
    /// `folder` is where it lies; without one `directories.bin` is not expanded. Errors: [`ManifestError`] for a name
    /// or version that is not valid, where the steps look at it, or a `main` that is not a string.
    pub fn normalize(
        members: Map<String, Value>,
        steps: &[Step],
        folder: Option<&dyn PackageFolder>,
    ) -> Result<Self, ManifestError> {
        let mut pass = Pass { data: members, steps, folder, notes: Notes { list: None } };
        pass.run()?;
        Ok(Self(pass.data))
    }

    /// [`Manifest::normalize`], telling what was changed and what npm warns about.
    pub fn normalize_with_notes(
        members: Map<String, Value>,
        steps: &[Step],
        folder: Option<&dyn PackageFolder>,
    ) -> Result<(Self, Vec<Note>), ManifestError> {
        let mut pass = Pass { data: members, steps, folder, notes: Notes { list: Some(Vec::new()) } };
        pass.run()?;
        Ok((Self(pass.data), pass.notes.list.unwrap_or_default()))
    }
}

impl Manifest {
    /// A package.json that is installed, the project's own included, normalised by [`Step::INSTALLED`].
    pub fn from_installed(members: Map<String, Value>, folder: &dyn PackageFolder) -> Self {
        Self::without_errors(members, Step::INSTALLED, Some(folder))
    }

    /// For steps that cannot fail, because they do not judge name, version or `main`.
    fn without_errors(
        members: Map<String, Value>,
        steps: &[Step],
        folder: Option<&dyn PackageFolder>,
    ) -> Self {
        let mut pass = Pass { data: members, steps, folder, notes: Notes { list: None } };
        let result = pass.run();
        debug_assert!(result.is_ok(), "these steps judge nothing");
        Self(pass.data)
    }
}

struct Pass<'a> {
    data: Map<String, Value>,
    steps: &'a [Step],
    folder: Option<&'a dyn PackageFolder>,
    notes: Notes,
}

impl Pass<'_> {
    fn has(&self, step: Step) -> bool {
        self.steps.contains(&step)
    }

    fn has_any(&self, steps: &[Step]) -> bool {
        steps.iter().any(|step| self.has(*step))
    }

    fn run(&mut self) -> Result<(), ManifestError> {
        self.look_at_folder()?;
        self.bins();
        self.fill_from_folder()?;
        self.identity()?;
        self.members();
        Ok(())
    }

    fn look_at_folder(&mut self) -> Result<(), ManifestError> {
        let Some(folder) = self.folder else { return Ok(()) };
        if self.has(Step::Gypfile) {
            scripts::add_gyp(&mut self.data, folder, &mut self.notes);
        }
        if self.has(Step::ServerJs) {
            scripts::add_server(&mut self.data, folder, &mut self.notes);
        }
        if self.has(Step::Authors) && truthy(&self.data, "contributors").is_none() {
            data::add_authors(&mut self.data, folder, &mut self.notes);
        }
        Ok(())
    }

    fn bins(&mut self) {
        if self.has(Step::Readme) && truthy(&self.data, "readme").is_none() {
            data::add_readme(&mut self.data, self.folder, &mut self.notes);
        }
        if self.has(Step::Mans) {
            bin::mans(&mut self.data, self.folder, &mut self.notes);
        }
        let expanded = self.has(Step::BinDirectory) && bin::expand_directory(&mut self.data, self.folder);
        if !expanded && self.has_any(&[Step::Bin, Step::BinDirectory, Step::BinReferences]) {
            bin::normalize(&mut self.data, &mut self.notes);
        }
    }

    fn fill_from_folder(&mut self) -> Result<(), ManifestError> {
        if self.has(Step::GitHead)
            && truthy(&self.data, "gitHead").is_none()
            && let Some(head) = self.folder.and_then(PackageFolder::git_head)
        {
            self.data.insert("gitHead".to_owned(), Value::from(head));
        }
        if self.has(Step::Types) {
            self.types()?;
        }
        if self.has(Step::BinReferences)
            && let Some(folder) = self.folder
        {
            bin::note_missing(&self.data, folder, &mut self.notes);
        }
        Ok(())
    }

    fn types(&mut self) -> Result<(), ManifestError> {
        let main = match truthy(&self.data, "main") {
            None => "index.js",
            Some(Value::String(main)) => main,
            Some(_) => {
                let package = text(&self.data, "name").unwrap_or("").to_owned();
                return Err(ManifestError::Type { package, member: "main", expected: "a string" });
            }
        };
        let name = basename(main);
        let stem = name.strip_suffix(extname(main)).unwrap_or(name);
        let path = normalize_path(&format!("{}/{stem}.d.ts", dirname(main)));
        let is_inside = !path.starts_with("../") && !path.starts_with('/');
        let declared = self.data.contains_key("types") || self.data.contains_key("typings");
        if !declared && is_inside && self.folder.is_some_and(|folder| folder.exists(&path)) {
            self.data.insert("types".to_owned(), Value::from(format!("./{path}")));
        }
        Ok(())
    }

    /// Name, version and what is made of them.
    fn identity(&mut self) -> Result<(), ManifestError> {
        let id = format!("{}@{}", id_part(&self.data, "name"), id_part(&self.data, "version"));
        if self.has_any(&[Step::Name, Step::Data]) {
            self.name()?;
        }
        if self.has_any(&[Step::Version, Step::Data]) {
            self.version()?;
        }
        if self.has(Step::Attributes) {
            let hidden: Vec<String> = self.data.keys().filter(|key| key.starts_with('_')).cloned().collect();
            for key in hidden {
                self.data.shift_remove(&key);
                self.notes.removed(key, "names that start with an underscore are npm's own");
            }
        }
        let is_complete = truthy(&self.data, "name").is_some() && truthy(&self.data, "version").is_some();
        if self.has(Step::Id) && is_complete {
            self.data.insert("_id".to_owned(), Value::from(id));
        }
        Ok(())
    }

    fn name(&mut self) -> Result<(), ManifestError> {
        let name = match truthy(&self.data, "name") {
            None => {
                self.notes.changed("name", "an empty string, because it was missing");
                self.data.insert("name".to_owned(), Value::from(""));
                return Ok(());
            }
            Some(Value::String(name)) => name.clone(),
            Some(other) => return Err(ManifestError::Name { name: print(other, "") }),
        };
        let trimmed = name.trim();
        if trimmed != name {
            self.notes.changed("name", format_args!("\"{trimmed}\", without the space around it"));
            self.data.insert("name".to_owned(), Value::from(trimmed));
        }
        if !is_name(trimmed) {
            return Err(ManifestError::Name { name: print(&Value::from(trimmed), "") });
        }
        if self.has(Step::Name) && is_builtin_module(trimmed) {
            self.notes.doubted("name", "is that of a module built into Node.js");
        }
        Ok(())
    }

    fn version(&mut self) -> Result<(), ManifestError> {
        let Some(version) = truthy(&self.data, "version") else {
            self.data.insert("version".to_owned(), Value::from(""));
            return Ok(());
        };
        let cleaned = version.as_str().and_then(|version| clean(version, true).ok());
        match cleaned {
            None => Err(ManifestError::Version {
                package: text(&self.data, "name").unwrap_or("").to_owned(),
                version: print(version, ""),
            }),
            Some(cleaned) if version.as_str() == Some(&cleaned) => Ok(()),
            Some(cleaned) => {
                self.notes.changed("version", format_args!("\"{cleaned}\""));
                self.data.insert("version".to_owned(), Value::from(cleaned));
                Ok(())
            }
        }
    }

    fn members(&mut self) {
        if self.has(Step::BundledDependencies) {
            dependencies::respell_bundled(&mut self.data, &mut self.notes);
        }
        if self.has(Step::BundleDependencies) {
            let keep_false = !self.has(Step::BundleDependenciesDeleteFalse);
            dependencies::list_bundled(&mut self.data, keep_false, &mut self.notes);
        }
        if self.has(Step::OptionalDedupe) {
            dependencies::dedupe_optional(&mut self.data, &mut self.notes);
        }
        if self.has_any(&[Step::Scripts, Step::ScriptPath]) {
            let strip = self.has(Step::ScriptPath);
            scripts::normalize(&mut self.data, strip, &mut self.notes);
        }
        if self.has(Step::Funding)
            && let Some(url @ Value::String(_)) = truthy(&self.data, "funding").cloned()
        {
            self.data.insert("funding".to_owned(), Value::Object(Map::from_iter([("url".to_owned(), url)])));
            self.notes.changed("funding", "an object with a url");
        }
        if self.has_any(&[Step::Repository, Step::Data]) {
            repository::normalize(&mut self.data, &mut self.notes);
        }
        if self.has_any(&[Step::Dependencies, Step::Data]) {
            dependencies::normalize(&mut self.data, &mut self.notes);
        }
        if self.has(Step::Data) {
            data::normalize(&mut self.data, &mut self.notes);
        }
    }
}

fn id_part(data: &Map<String, Value>, key: &str) -> String {
    data.get(key).filter(|value| !value.is_null()).map(coerce).unwrap_or_default()
}

/// The members of a manifest from a packument, normalised by [`Step::REGISTRY`].
pub fn normalize_registry_manifest(members: Map<String, Value>) -> Map<String, Value> {
    Manifest::without_errors(members, Step::REGISTRY, None).0
}

/// The members without what `dependencies` repeats of `optionalDependencies`, as npm has them in its trees.
pub fn dedupe_optional(members: Map<String, Value>) -> Map<String, Value> {
    Manifest::without_errors(members, &[Step::OptionalDedupe], None).0
}
