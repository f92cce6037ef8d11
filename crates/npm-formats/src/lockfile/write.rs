//! From the model to the text that npm would write.

use super::{Lockfile, LockfileEntry};
use crate::json::{Node, NodeMap, print_nice_node};
use indexmap::IndexMap;
use serde_json::{Map, Value};
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
    /// The format of a file on one line stands for two spaces and `\n`, as for npm.
    pub fn print(&self) -> String {
        self.print_with(self.indent(), self.newline())
    }

    /// The same on one line, without a final line break: what npm writes with `format-package-lock=false`.
    pub fn print_on_one_line(&self) -> String {
        self.print_with("", "")
    }

    /// The text of `node_modules/.package-lock.json`: always version 3, and without the root's entry.
    pub fn print_hidden(&self) -> String {
        let packages = Packages { entries: &self.packages, without_root: true };
        self.print_sections(3, Some(packages), None, self.indent(), self.newline())
    }

    fn print_with(&self, indent: &str, newline: &str) -> String {
        let version = self.lockfile_version;
        let packages = Packages { entries: &self.packages, without_root: false };
        let dependencies = Some(&self.dependencies).filter(|section| version < 3 && !section.is_empty());
        self.print_sections(version, Some(packages).filter(|_| version >= 2), dependencies, indent, newline)
    }

    fn print_sections(
        &self,
        version: u32,
        packages: Option<Packages<'_>>,
        dependencies: Option<&Map<String, Value>>,
        indent: &str,
        newline: &str,
    ) -> String {
        let version = Value::from(version);
        let requires = Value::from(true);
        let name = self.name.as_deref().map(Value::from);
        let own_version = self.version.as_deref().map(Value::from);
        let mut members: Vec<(&str, Node<'_>)> = Vec::new();
        members.extend(self.extra.iter().map(|(key, value)| (key.as_str(), Node::Value(value))));
        members.extend(name.iter().map(|name| ("name", Node::Value(name))));
        members.extend(own_version.iter().map(|version| ("version", Node::Value(version))));
        members.push(("lockfileVersion", Node::Value(&version)));
        members.push(("requires", Node::Value(&requires)));
        members.extend(packages.iter().map(|packages| ("packages", Node::Map(packages))));
        members.extend(dependencies.map(|dependencies| ("dependencies", Node::Map(dependencies))));
        print_nice_node(Node::Map(&Members(members)), &KEY_ORDER, indent, newline)
    }

    fn indent(&self) -> &str {
        if self.format.indent.is_empty() { "  " } else { &self.format.indent }
    }

    fn newline(&self) -> &str {
        if self.format.newline.is_empty() { "\n" } else { &self.format.newline }
    }
}

struct Members<'a>(Vec<(&'a str, Node<'a>)>);

impl NodeMap for Members<'_> {
    fn members(&self) -> Vec<(&str, Node<'_>)> {
        self.0.clone()
    }
}

struct Packages<'a> {
    entries: &'a IndexMap<String, LockfileEntry>,
    without_root: bool,
}

impl NodeMap for Packages<'_> {
    fn members(&self) -> Vec<(&str, Node<'_>)> {
        let entries = self.entries.iter().filter(|(location, _)| !(self.without_root && location.is_empty()));
        entries.map(|(location, entry)| (location.as_str(), Node::Map(&entry.0))).collect()
    }
}
