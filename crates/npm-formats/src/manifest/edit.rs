//! Adding dependencies to a manifest and removing them, as `npm install <spec>` and `npm uninstall` do.
//!
//! Source: npm 11.19.1, arborist's add-rm-pkg-deps. Works on the normalised members;
//! [`super::PackageJson::update_dependencies`] carries the result over into the file.

use super::note::{Action, Note};
use crate::collation;
use crate::json::access::truthy;
use serde_json::{Map, Value};

/// Which section a dependency is saved in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SaveType {
    /// `dependencies`
    Production,
    /// `devDependencies`
    Development,
    /// `optionalDependencies`
    Optional,
    /// `peerDependencies`
    Peer,
    /// `peerDependencies`, marked optional in `peerDependenciesMeta`
    PeerOptional,
}

impl SaveType {
    /// The name of the section.
    pub const fn section(self) -> &'static str {
        match self {
            Self::Production => "dependencies",
            Self::Development => "devDependencies",
            Self::Optional => "optionalDependencies",
            Self::Peer | Self::PeerOptional => "peerDependencies",
        }
    }

    /// Where a dependency is already: the first of development, optional, production and peer; production if nowhere.
    pub fn infer(members: &Map<String, Value>, name: &str) -> Self {
        let in_section = |kind: &Self| has(members, kind.section(), name);
        match [Self::Development, Self::Optional, Self::Production].into_iter().find(in_section) {
            Some(kind) => kind,
            None if in_section(&Self::Peer) => {
                let meta = members
                    .get("peerDependenciesMeta")
                    .and_then(|meta| meta.get(name))
                    .and_then(Value::as_object);
                let is_optional = meta.is_some_and(|meta| truthy(meta, "optional").is_some());
                if is_optional { Self::PeerOptional } else { Self::Peer }
            }
            None => Self::Production,
        }
    }
}

/// A dependency to add.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addition {
    /// The name it gets in `node_modules`.
    pub name: String,
    /// What was asked for, as `^1.0.0` or `file:../x`; `*` keeps what is there.
    pub specifier: String,
    /// Where to save it; `None` where it already is.
    pub save_type: Option<SaveType>,
    /// Whether to add it to `bundleDependencies`.
    pub bundle: bool,
}

/// Adds dependencies to the members of a manifest. The notes tell what went from another section.
pub fn add_dependencies(members: &mut Map<String, Value>, additions: &[Addition]) -> Vec<Note> {
    let mut notes = Vec::new();
    for addition in additions {
        add(members, addition, &mut notes);
    }
    notes
}

fn add(members: &mut Map<String, Value>, addition: &Addition, notes: &mut Vec<Note>) {
    let name = addition.name.as_str();
    let save_type = addition.save_type.unwrap_or_else(|| SaveType::infer(members, name));
    let (replaced, reason): (&[&str], _) = match save_type {
        SaveType::Production => (&["devDependencies", "peerDependencies"], "it is now in dependencies"),
        SaveType::Development => (&["dependencies"], "it is now in devDependencies"),
        SaveType::Optional => (&["peerDependencies"], "it is now in optionalDependencies"),
        SaveType::Peer | SaveType::PeerOptional => {
            (&["dependencies", "optionalDependencies"], "it is now in peerDependencies")
        }
    };
    for section in replaced {
        if remove(members, section, name) {
            notes.push(Note { member: format!("{section}.{name}"), action: Action::Removed(reason) });
        }
    }
    let section = object(members, save_type.section());
    if addition.specifier != "*" || !section.contains_key(name) {
        section.insert(name.to_owned(), Value::from(addition.specifier.as_str()));
    }
    let specifier = section.get(name).cloned().unwrap_or_default();
    match save_type {
        SaveType::Optional => {
            object(members, "dependencies").insert(name.to_owned(), specifier);
        }
        SaveType::Peer | SaveType::PeerOptional => {
            mark_peer(members, name, save_type == SaveType::PeerOptional);
            // A peer is often a development dependency too, to be tested with.
            if has(members, "devDependencies", name) {
                object(members, "devDependencies").insert(name.to_owned(), specifier);
            }
        }
        SaveType::Production | SaveType::Development => {}
    }
    if addition.bundle && !matches!(save_type, SaveType::Peer | SaveType::PeerOptional) {
        bundle(members, name);
    }
}

fn mark_peer(members: &mut Map<String, Value>, name: &str, is_optional: bool) {
    if is_optional {
        let meta = object(members, "peerDependenciesMeta");
        object(meta, name).insert("optional".to_owned(), Value::Bool(true));
    } else if let Some(Value::Object(meta)) =
        members.get_mut("peerDependenciesMeta").and_then(|meta| meta.get_mut(name))
        && truthy(meta, "optional").is_some()
    {
        meta.insert("optional".to_owned(), Value::Bool(false));
    }
}

fn bundle(members: &mut Map<String, Value>, name: &str) {
    let mut names: Vec<String> = match members.get("bundleDependencies") {
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    };
    if !names.iter().any(|other| other == name) {
        names.push(name.to_owned());
    }
    names.sort_by(|a, b| collation::compare(a, b));
    members.insert("bundleDependencies".to_owned(), names.into());
}

/// Removes dependencies from every section of a manifest.
pub fn remove_dependencies(members: &mut Map<String, Value>, names: &[&str]) {
    for section in ["devDependencies", "optionalDependencies", "dependencies", "peerDependencies"] {
        for name in names {
            remove(members, section, name);
        }
    }
    if let Some(Value::Array(bundled)) = members.get_mut("bundleDependencies") {
        bundled.retain(|bundled| bundled.as_str().is_none_or(|bundled| !names.contains(&bundled)));
        if bundled.is_empty() {
            members.shift_remove("bundleDependencies");
        }
    }
}

fn remove(members: &mut Map<String, Value>, section: &str, name: &str) -> bool {
    let Some(Value::Object(dependencies)) = members.get_mut(section) else { return false };
    if dependencies.shift_remove(name).is_none() {
        return false;
    }
    if dependencies.is_empty() {
        members.shift_remove(section);
    }
    if section == "peerDependencies"
        && let Some(Value::Object(meta)) = members.get_mut("peerDependenciesMeta")
    {
        meta.shift_remove(name);
        if meta.is_empty() {
            members.shift_remove("peerDependenciesMeta");
        }
    }
    true
}

fn has(members: &Map<String, Value>, section: &str, name: &str) -> bool {
    members.get(section).and_then(Value::as_object).is_some_and(|section| section.contains_key(name))
}

/// The member as an object, made one if it is not.
fn object<'a>(members: &'a mut Map<String, Value>, key: &str) -> &'a mut Map<String, Value> {
    let value = members.entry(key).or_insert_with(|| Value::Object(Map::new()));
    if !value.is_object() {
        *value = Value::Object(Map::new());
    }
    match value {
        Value::Object(object) => object,
        _ => unreachable!("it was made an object above"),
    }
}
