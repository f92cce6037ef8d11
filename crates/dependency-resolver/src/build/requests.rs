//! What the user asked for, applied to the documents of the root or of workspaces.

use std::sync::Arc;

use npm_formats::manifest::{Manifest, Step};
use npm_formats::specifier::{Specifier, SpecifierKind};
use serde_json::{Map, Value};

use super::{Builder, RequestedPackage, Warning};
use crate::error::{FetchError, ResolveError};
use crate::options::{Request, SaveType, Update};
use crate::package::Package;
use crate::paths;
use crate::spec::Requirement;
use crate::tree::NodeId;

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
        for node in self.request_targets(request) {
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
        remove_dependencies(&mut document, &request.remove);
        let mut added = Vec::new();
        for raw in &request.add {
            let (name, spec) = self.resolve_request(node, raw)?;
            self.add_dependency(&mut document, &name, &spec, request);
            self.requested.push(RequestedPackage {
                dependent: node,
                name: name.clone(),
                spec,
                raw: raw.clone(),
            });
            added.push(name);
        }
        if !request.add.is_empty() || !request.remove.is_empty() || self.options.global {
            self.tree.set_package(node, Arc::new(Package::new(without_optional(document))));
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

    fn add_dependency(
        &mut self,
        document: &mut Map<String, Value>,
        name: &str,
        spec: &str,
        request: &Request,
    ) {
        let save_type = request.save_type.unwrap_or_else(|| current_save_type(document, name));
        let displaced: &[&'static str] = match save_type {
            SaveType::Prod => &["devDependencies", "peerDependencies"],
            SaveType::Dev => &["dependencies"],
            SaveType::Optional => &["peerDependencies"],
            SaveType::Peer | SaveType::PeerOptional => &["dependencies", "optionalDependencies"],
        };
        let section = save_type.section().key();
        for from in displaced {
            if delete_dependency(document, from, name) {
                self.warnings.push(Warning::SectionReplaced { name: name.to_owned(), from, to: section });
            }
        }
        let entries = object_at(document, section);
        if spec != "*" || !entries.contains_key(name) {
            entries.insert(name.to_owned(), spec.into());
        }
        let spec = entries.get(name).cloned().unwrap_or_else(|| spec.into());
        match save_type {
            SaveType::Peer => {
                if let Some(meta) = document.get_mut("peerDependenciesMeta").and_then(|all| all.get_mut(name))
                    && meta.get("optional").is_some_and(crate::package::is_truthy)
                {
                    meta["optional"] = false.into();
                }
            }
            SaveType::PeerOptional => {
                object_at(object_at(document, "peerDependenciesMeta"), name)
                    .insert("optional".to_owned(), true.into());
            }
            _ => {}
        }
        let is_peer = matches!(save_type, SaveType::Peer | SaveType::PeerOptional);
        if is_peer
            && let Some(dev) = document.get_mut("devDependencies").and_then(Value::as_object_mut)
            && let Some(dev_spec) = dev.get_mut(name)
        {
            *dev_spec = spec;
        }
        if request.save_bundle && !is_peer {
            bundle(document, name);
        }
    }
}

/// `dependencies` without what `optionalDependencies` has.
fn without_optional(document: Map<String, Value>) -> Map<String, Value> {
    let unchanged = document.clone();
    Manifest::normalize(document, &[Step::OptionalDedupe], None).map_or(unchanged, |manifest| manifest.0)
}

fn bundle(document: &mut Map<String, Value>, name: &str) {
    let known = document.get("bundleDependencies").and_then(Value::as_array).cloned().unwrap_or_default();
    let mut names: Vec<String> = known.iter().filter_map(Value::as_str).map(str::to_owned).collect();
    if !names.iter().any(|known| known == name) {
        names.push(name.to_owned());
    }
    names.sort_by(|a, b| npm_formats::collation::compare(a, b));
    document.insert("bundleDependencies".to_owned(), names.into());
}

/// The section that a name stands in already, in the order in which npm looks; `dependencies` for a new one.
fn current_save_type(document: &Map<String, Value>, name: &str) -> SaveType {
    let has = |section: &str| document.get(section).is_some_and(|entries| entries.get(name).is_some());
    if has("devDependencies") {
        SaveType::Dev
    } else if has("optionalDependencies") {
        SaveType::Optional
    } else if has("dependencies") {
        SaveType::Prod
    } else if has("peerDependencies") {
        let meta = document.get("peerDependenciesMeta").and_then(|all| all.get(name)?.get("optional"));
        if meta.is_some_and(crate::package::is_truthy) { SaveType::PeerOptional } else { SaveType::Peer }
    } else {
        SaveType::Prod
    }
}

fn object_at<'a>(document: &'a mut Map<String, Value>, key: &str) -> &'a mut Map<String, Value> {
    let value = document.entry(key).or_insert_with(|| Value::Object(Map::new()));
    if !value.is_object() {
        *value = Value::Object(Map::new());
    }
    value.as_object_mut().expect("just made an object")
}

/// Removes a dependency from a section; says whether it was there.
fn delete_dependency(document: &mut Map<String, Value>, section: &str, name: &str) -> bool {
    let Some(entries) = document.get_mut(section).and_then(Value::as_object_mut) else { return false };
    if entries.shift_remove(name).is_none() {
        return false;
    }
    let is_empty = entries.is_empty();
    if is_empty {
        document.shift_remove(section);
    }
    if section == "peerDependencies"
        && let Some(metas) = document.get_mut("peerDependenciesMeta").and_then(Value::as_object_mut)
    {
        metas.shift_remove(name);
        if metas.is_empty() {
            document.shift_remove("peerDependenciesMeta");
        }
    }
    true
}

/// Removes names from every section of a document.
pub(crate) fn remove_dependencies(document: &mut Map<String, Value>, names: &[String]) {
    for name in names {
        for section in ["devDependencies", "optionalDependencies", "dependencies", "peerDependencies"] {
            delete_dependency(document, section, name);
        }
        if let Some(bundled) = document.get_mut("bundleDependencies").and_then(Value::as_array_mut) {
            bundled.retain(|known| known.as_str() != Some(name));
            if bundled.is_empty() {
                document.shift_remove("bundleDependencies");
            }
        }
    }
}
