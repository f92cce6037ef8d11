//! From the model to the text that npm would write.

use super::Lockfile;
use crate::json::{Node, NodeMap, print_nice_node};
use serde_json::Value;
use std::cmp::Ordering;

/// The keys that npm puts first, at every level of a lockfile.
pub const KEY_ORDER: [&str; 8] =
    ["name", "version", "lockfileVersion", "resolved", "integrity", "requires", "packages", "dependencies"];

/// How npm orders the members of any object in a lockfile: values that are not objects first, in each half
/// [`KEY_ORDER`], then `localeCompare('en')`. The flags say whether the member's value is an object.
pub fn entry_key_order(a: (&str, bool), b: (&str, bool)) -> Ordering {
    crate::json::nice_order(a, b, &KEY_ORDER)
}

impl Lockfile {
    /// The text of package-lock.json or npm-shrinkwrap.json, with the sections of `lockfile_version`.
    ///
    /// A file that was on one line comes out indented by two spaces, as npm writes it.
    pub fn print(&self) -> String {
        let version = self.lockfile_version;
        self.print_sections(version, version >= 2, version < 3)
    }

    /// The text of `node_modules/.package-lock.json`: always version 3 and without the root's entry.
    pub fn print_hidden(&self) -> String {
        let without_root = self
            .packages
            .iter()
            .filter(|(location, _)| !location.is_empty())
            .map(|(location, entry)| (location.clone(), entry.clone()))
            .collect();
        let hidden = Self { packages: without_root, ..self.clone() };
        hidden.print_sections(3, true, false)
    }

    fn print_sections(&self, version: u32, packages: bool, dependencies: bool) -> String {
        let version = Value::from(version);
        let requires = Value::from(true);
        let name = self.name.clone().map(Value::from);
        let own_version = self.version.clone().map(Value::from);
        let mut members: Vec<(&str, Node<'_>)> = Vec::new();
        members.extend(self.extra.iter().map(|(key, value)| (key.as_str(), Node::Value(value))));
        members.extend(name.iter().map(|name| ("name", Node::Value(name))));
        members.extend(own_version.iter().map(|version| ("version", Node::Value(version))));
        members.push(("lockfileVersion", Node::Value(&version)));
        members.push(("requires", Node::Value(&requires)));
        if packages {
            members.push(("packages", Node::Map(&self.packages)));
        }
        if dependencies && !self.dependencies.is_empty() {
            members.push(("dependencies", Node::Map(&self.dependencies)));
        }
        let indent = if self.format.indent.is_empty() { "  " } else { &self.format.indent };
        let newline = if self.format.newline.is_empty() { "\n" } else { &self.format.newline };
        print_nice_node(Node::Map(&Members(members)), &KEY_ORDER, indent, newline)
    }
}

struct Members<'a>(Vec<(&'a str, Node<'a>)>);

impl NodeMap for Members<'_> {
    fn members(&self) -> Vec<(&str, Node<'_>)> {
        self.0.clone()
    }
}
