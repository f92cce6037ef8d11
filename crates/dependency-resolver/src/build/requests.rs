//! What the user asked for, applied to the documents of the root or of workspaces.

use std::sync::Arc;

use npm_formats::manifest::{Addition, SaveType, add_dependencies, remove_dependencies};
use npm_formats::specifier::{Specifier, SpecifierKind};
use serde_json::{Map, Value};

use super::{Builder, RequestedPackage, Warning};
use crate::error::{FetchError, ResolveError};
use crate::options::{Request, Update};
use crate::package::Package;
use crate::paths;
use crate::spec::Requirement;
use crate::tree::NodeId;

/// Where an added package is written down.
#[derive(Debug, Clone, Copy)]
struct Saving {
    save_type: Option<SaveType>,
    bundle: bool,
}

impl Builder<'_> {
    pub(super) fn apply_requests(&mut self, request: &Request) -> Result<(), ResolveError> {
        if let Update::Names(names) = &request.update {
            for name in names {
                let bare = Specifier::parse(name, "/").ok().and_then(|spec| spec.name().map(str::to_owned));
                if bare.as_deref() != Some(name) {
                    let name = bare.unwrap_or_else(|| name.clone());
                    return Err(ResolveError::UpdateArguments { name });
                }
            }
        }
        let targets = self.request_targets(request);
        self.queue_dependents_of_avoided(request);
        for (location, raw) in &request.avoid.replacements {
            let Some(node) = self.tree.at_location(self.root, location) else { continue };
            let mut document = self.tree.node(node).package.json.clone();
            let name =
                self.add_package(node, &mut document, raw, Saving { save_type: None, bundle: false })?;
            self.tree.set_package(node, Arc::new(Package::new(document)));
            if targets.contains(&node) {
                let name = self.tree.names.intern(&name);
                self.explicit_edges.extend(self.tree.edge_out(node, name));
            }
        }
        for node in targets {
            self.apply_to(node, request)?;
        }
        Ok(())
    }

    fn request_targets(&mut self, request: &Request) -> Vec<NodeId> {
        if request.workspaces.is_empty() {
            return vec![self.root];
        }
        let mut targets = Vec::new();
        let base = self.tree.node(self.root).path().unwrap_or("/").to_owned();
        for wanted in &request.workspaces {
            let known = self.tree.node(self.root).workspaces.as_ref().and_then(|all| {
                all.iter()
                    .find(|(name, _)| **self.tree.names.text(*name) == **wanted)
                    .map(|(_, path)| path.clone())
            });
            let node =
                known.and_then(|path| self.tree.at_location(self.root, &paths::relative(&base, &path)));
            match node {
                Some(node) => targets.push(node),
                None => self.warnings.push(Warning::NoSuchWorkspace { name: wanted.clone() }),
            }
        }
        if request.include_workspace_root {
            targets.push(self.root);
        }
        targets
    }

    fn apply_to(&mut self, node: NodeId, request: &Request) -> Result<(), ResolveError> {
        if !self.options.global && matches!(request.update, Update::Names(_)) {
            self.queue_dependents_of_updated();
        }
        let mut document = self.tree.node(node).package.json.clone();
        let removed: Vec<&str> = request.remove.iter().map(String::as_str).collect();
        remove_dependencies(&mut document, &removed);
        let mut added = Vec::new();
        for raw in &request.add {
            let saving = Saving { save_type: request.save_type, bundle: request.save_bundle };
            added.push(self.add_package(node, &mut document, raw, saving)?);
        }
        if !request.add.is_empty() || !request.remove.is_empty() || self.options.global {
            self.tree.set_package(node, Arc::new(Package::new(document)));
        }
        if !request.remove.is_empty() {
            self.changed_documents.push(node);
        }
        let globally_updated = match &request.update {
            Update::Names(names) if self.options.global => names.clone(),
            _ => Vec::new(),
        };
        for name in added.iter().chain(&globally_updated) {
            let name = self.tree.names.intern(name);
            self.explicit_edges.extend(self.tree.edge_out(node, name));
        }
        self.queue.push(&self.tree, node);
        Ok(())
    }

    /// Writes what was typed into a document. Answers the name it is saved under.
    fn add_package(
        &mut self,
        node: NodeId,
        document: &mut Map<String, Value>,
        raw: &str,
        saving: Saving,
    ) -> Result<String, ResolveError> {
        let (name, specifier) = self.resolve_request(node, raw)?;
        let requested = RequestedPackage { dependent: node, name: name.clone(), raw: raw.to_owned() };
        self.requested.push(requested);
        let Saving { save_type, bundle } = saving;
        let addition = Addition { name: name.clone(), specifier, save_type, bundle };
        let notes = add_dependencies(document, &[addition]);
        self.warnings.extend(notes.into_iter().map(Warning::SectionReplaced));
        Ok(name)
    }

    fn queue_dependents_of_avoided(&mut self, request: &Request) {
        for location in &request.avoid.locations {
            let Some(node) = self.tree.at_location(self.root, location) else { continue };
            for edge in self.tree.node(node).edges_in.clone() {
                let from = self.tree.edge_from(edge);
                self.queue.push(&self.tree, from);
            }
        }
    }

    fn queue_dependents_of_updated(&mut self) {
        for node in self.tree.inventory(self.root) {
            let known = self.tree.node(node);
            if !self.update_names.contains(&known.name)
                || self.tree.is_top(node)
                || self.tree.in_dep_bundle(node)
                || self.tree.in_shrinkwrap(node)
            {
                continue;
            }
            for edge in known.edges_in.clone() {
                let from = self.tree.edge_from(edge);
                self.queue.push(&self.tree, from);
            }
        }
    }

    /// The name and the spec to save for what was typed: a tag becomes its version, a folder or tarball a
    /// path relative to the dependent, and what has no name yet is fetched to learn it.
    fn resolve_request(&mut self, node: NodeId, raw: &str) -> Result<(String, String), ResolveError> {
        let base = self.tree.node(node).path().unwrap_or("/").to_owned();
        let failure =
            |error: npm_formats::specifier::SpecifierError| FetchError::new(error.code(), error.to_string());
        let specifier = Specifier::parse(raw, &base).map_err(failure)?;
        let is_tag = matches!(specifier.kind(), SpecifierKind::Tag);
        if let (true, Some(name)) = (is_tag, specifier.name()) {
            let tag = Requirement::parse(name, specifier.raw_spec());
            let package = self.registry_manifest(name, &tag)?;
            let version = package.version().map(|version| version.to_string()).unwrap_or_default();
            return Ok((name.to_owned(), version));
        }
        let name = match specifier.name() {
            Some(name) => name.to_owned(),
            None => {
                let document = match specifier.kind() {
                    SpecifierKind::Directory => {
                        self.metadata.folder(specifier.fetch_spec().unwrap_or_default()).ok_or_else(|| {
                            FetchError::new("ENOENT", format!("{raw} is no folder with a package.json"))
                        })?
                    }
                    _ => self.metadata.manifest(&specifier)?,
                };
                let named = document.get("name").and_then(Value::as_str).filter(|name| !name.is_empty());
                named
                    .map(str::to_owned)
                    .or_else(|| specifier.fetch_spec().map(paths::name_from_folder))
                    .ok_or_else(|| FetchError::new("ENAME", format!("the package at {raw} has no name")))?
            }
        };
        let spec = match specifier.kind() {
            SpecifierKind::File | SpecifierKind::Directory => {
                let path = specifier.fetch_spec().unwrap_or_default();
                format!("file:{}", paths::relative(&base, path))
            }
            SpecifierKind::Git(_) | SpecifierKind::Remote => {
                specifier.save_spec().unwrap_or(specifier.raw_spec()).to_owned()
            }
            _ => specifier.raw_spec().to_owned(),
        };
        Ok((name, spec))
    }
}
