//! Which two packages are compared: what `--diff` means beside the project and what is installed.

use dependency_resolver::{FetchError, NodeId, PickOptions, Requirement, pick_manifest};
use npm_formats::specifier::{Place, Specifier, SpecifierKind};
use npm_semver::{RangeOptions, valid_range};
use registry_client::{PackumentKind, RegistryClient};

use super::{DiffError, DiffRequest};
use crate::install::InstallContext;
use crate::view::{ProjectTree, Source};

/// What to compare with what, as specifiers.
pub(super) fn subjects(
    context: &InstallContext<'_>,
    request: &DiffRequest,
) -> Result<[String; 2], DiffError> {
    let asking = Asking { context, request };
    match &request.specs[..] {
        [] => {
            let name =
                asking.project_name().ok_or(DiffError::NoName { what: "nothing is named to compare" })?;
            Ok([format!("{name}@{}", context.settings.install.tag), asking.here()])
        }
        [one] => asking.one(one),
        [old, new] => asking.two(old, new),
        _ => Err(DiffError::TooMany),
    }
}

struct Asking<'a> {
    context: &'a InstallContext<'a>,
    request: &'a DiffRequest,
}

fn is_range(text: &str) -> bool {
    valid_range(text, RangeOptions::STRICT).is_some()
}

impl Asking<'_> {
    fn here(&self) -> String {
        format!("file:{}", self.request.directory.display())
    }

    fn project_name(&self) -> Option<String> {
        let document = crate::project::normalized_document(&self.request.directory)?;
        document.get("name")?.as_str().filter(|name| !name.is_empty()).map(str::to_owned)
    }

    fn specifier(&self, text: &str) -> Result<Specifier, DiffError> {
        specifier(self.context, text)
    }

    /// The tree that is installed, as far as there is one.
    fn installed(&self) -> Option<ProjectTree> {
        ProjectTree::load(self.context.settings, Source::Installed).ok()
    }

    /// A version is one of the project's own; the name of an installed package means what an update would make of it;
    /// anything else is compared with the project.
    fn one(&self, text: &str) -> Result<[String; 2], DiffError> {
        if is_range(text) {
            let name = self.project_name();
            let name = name.ok_or(DiffError::NoName { what: "a version alone is one of the project" })?;
            return Ok([format!("{name}@{text}"), self.here()]);
        }
        let specifier = self.specifier(text)?;
        if !specifier.is_registry() {
            return match (specifier.kind(), specifier.fetch_spec()) {
                (SpecifierKind::Directory, Some(folder)) => Ok([format!("file:{folder}"), self.here()]),
                (kind, _) => Err(DiffError::Unsupported { spec: text.to_owned(), kind: kind.as_str() }),
            };
        }
        let name = specifier.name().unwrap_or_default().to_owned();
        let project = self.installed();
        let found = project.as_ref().and_then(|project| Some((project, node_of(project, &name)?)));
        let Some((project, node)) = found else {
            if !self.request.directory.join("package.json").exists() {
                return Err(DiffError::NoName { what: "one package alone is compared with the project" });
            }
            return Ok([format!("{name}@{}", specifier.fetch_spec().unwrap_or("*")), self.here()]);
        };
        let wanted = match specifier.raw_spec() {
            "" | "*" => self.wanted(project, node, &name)?,
            given => given.to_owned(),
        };
        Ok([folder_spec(project, node, &name), format!("{name}@{wanted}")])
    }

    /// The version that an update would install in the place of a node.
    fn wanted(&self, project: &ProjectTree, node: NodeId, name: &str) -> Result<String, DiffError> {
        let tree = &project.tree;
        let edge = tree.edge_named(project.root, name).or_else(|| tree.node(node).edges_in().next());
        let spec = edge.map_or_else(|| "*".to_owned(), |edge| tree.edge_spec(edge).to_string());
        let runtime = super::contents::runtime()?;
        let client = {
            let _inside = runtime.enter();
            RegistryClient::new(self.context.client.clone())?
        };
        let packument = runtime.block_on(client.packument(name, PackumentKind::Full))?;
        runtime.block_on(client.flush());
        let manifest = choose(self.context, &packument, name, &spec)?;
        Ok(manifest.get("version").and_then(serde_json::Value::as_str).unwrap_or_default().to_owned())
    }

    /// A version alone takes its name from the other one, or from the project where both are versions.
    fn two(&self, old: &str, new: &str) -> Result<[String; 2], DiffError> {
        let name_of = |text: &str| -> Result<String, DiffError> {
            Ok(self.specifier(text)?.name().unwrap_or_default().to_owned())
        };
        let specs = match (is_range(old), is_range(new)) {
            (true, true) => {
                let name = self.project_name();
                let name =
                    name.ok_or(DiffError::NoName { what: "two versions alone are those of the project" })?;
                [format!("{name}@{old}"), format!("{name}@{new}")]
            }
            (false, true) => [old.to_owned(), format!("{}@{new}", name_of(old)?)],
            (true, false) => [format!("{}@{old}", name_of(new)?), new.to_owned()],
            (false, false) => [old.to_owned(), new.to_owned()],
        };
        let [old, new] = specs.map(|spec| self.installed_if_bare(spec));
        Ok([old?, new?])
    }

    /// A name without a version means what is installed, where it is.
    fn installed_if_bare(&self, spec: String) -> Result<String, DiffError> {
        let specifier = self.specifier(&spec)?;
        if !specifier.is_registry() || !matches!(specifier.raw_spec(), "" | "*") {
            return Ok(spec);
        }
        let name = specifier.name().unwrap_or_default();
        let project = self.installed();
        let found =
            project.as_ref().and_then(|project| Some(folder_spec(project, node_of(project, name)?, name)));
        Ok(found.unwrap_or_else(|| format!("{name}@{}", specifier.fetch_spec().unwrap_or("*"))))
    }
}

fn node_of(project: &ProjectTree, name: &str) -> Option<NodeId> {
    let found = project.tree.with_name(project.root, name).into_iter();
    found.into_iter().find(|&node| !project.tree.node(node).version().is_empty())
}

fn folder_spec(project: &ProjectTree, node: NodeId, name: &str) -> String {
    format!("{name}@file:{}", project.tree.node(node).realpath().unwrap_or_default())
}

/// A specifier that was typed.
pub(super) fn specifier(context: &InstallContext<'_>, text: &str) -> Result<Specifier, DiffError> {
    let places = &context.settings.places;
    let directory = places.working_directory.to_string_lossy();
    let home = places.home.as_ref().map(|home| home.to_string_lossy().into_owned());
    let place = Place { directory: &directory, home: home.as_deref() };
    Specifier::parse(text, place).map_err(|source| DiffError::Specifier { source: Box::new(source) })
}

/// The manifest of the version that an installation would choose.
pub(super) fn choose(
    context: &InstallContext<'_>,
    packument: &npm_formats::packument::Packument,
    name: &str,
    spec: &str,
) -> Result<serde_json::Map<String, serde_json::Value>, DiffError> {
    let install = &context.settings.install;
    let options = PickOptions {
        default_tag: &install.tag,
        before: install.before,
        node_version: &context.platform.node_version,
        npm_version: &context.platform.npm_version,
        avoid: None,
    };
    let version = pick_manifest(packument, &Requirement::parse(name, spec), &options)?;
    let manifest = packument.manifest(version);
    Ok(manifest.map_err(|error| FetchError::new("EBADMANIFEST", error.to_string()))?)
}
