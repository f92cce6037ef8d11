//! How `ls` shows its listing: as a tree, as JSON, as lines. Source: npm 11.19.1.

use package_manager::view::ProjectTree;
use package_manager::view::ls::{Item, Listing};
use serde_json::{Map, Value};

use crate::terminal::Terminal;
use crate::tree_view::Branch;

/// The tree.
pub fn tree(listing: &Listing, terminal: &Terminal, long: bool, is_filtered: bool, unicode: bool) -> String {
    let view = View { listing, terminal, long, is_filtered };
    let mut root = view.branch(0);
    if root.branches.is_empty() {
        root.branches.push(Branch::leaf("(empty)"));
    }
    root.draw(unicode)
}

struct View<'a> {
    listing: &'a Listing,
    terminal: &'a Terminal,
    long: bool,
    is_filtered: bool,
}

impl View<'_> {
    fn branch(&self, at: usize) -> Branch {
        let label = self.listing.items.get(at).map(|item| self.label(item)).unwrap_or_default();
        Branch {
            label,
            branches: self.listing.children(at).iter().map(|&child| self.branch(child)).collect(),
        }
    }

    fn label(&self, item: &Item) -> String {
        let (project, terminal) = (&self.listing.project, self.terminal);
        let mut label = String::new();
        if item.missing_from.is_some() {
            label.push_str(&if item.optional {
                terminal.paint("33", "UNMET OPTIONAL DEPENDENCY")
            } else {
                terminal.paint("31", "UNMET DEPENDENCY")
            });
            label.push(' ');
        }
        let name = self.printable(item);
        let is_meant = self.is_filtered && item.filtered;
        label.push_str(&if is_meant { terminal.paint("33", &name) } else { name });
        let mut mark = |colour: &str, text: &str| {
            label.push(' ');
            label.push_str(&terminal.paint(colour, text));
        };
        if item.deduped {
            mark("2", "deduped");
        }
        if let Some(invalid) = &item.invalid {
            mark("31", &format!("invalid: {invalid}"));
        }
        if item.extraneous {
            mark("31", "extraneous");
        }
        if item.overridden {
            mark("2", "overridden");
        }
        if let Some(node) = item.node {
            if !item.deduped && project.is_from_git(node) {
                label.push_str(&format!(" ({})", project.resolved(node).unwrap_or_default()));
            }
            if project.tree.node(node).is_link() {
                label.push_str(&format!(" -> ./{}", project.target_location(node)));
            }
        }
        if self.long {
            label.push('\n');
            label.push_str(item.node.and_then(|node| text(project, node, "description")).unwrap_or_default());
        }
        label
    }

    fn printable(&self, item: &Item) -> String {
        let project = &self.listing.project;
        let Some(node) = item.node else { return item.package_id.clone() };
        if node != project.root {
            let is_workspace = project.tree.is_workspace(node) && !item.deduped;
            return if is_workspace {
                self.terminal.paint("94", &item.package_id)
            } else {
                item.package_id.clone()
            };
        }
        let path = project.directory.display();
        if project.is_global || project.tree.node(node).package().json.is_empty() {
            return path.to_string();
        }
        format!("{}{}{path}", item.package_id, if self.long { '\n' } else { ' ' })
    }
}

fn text<'a>(project: &'a ProjectTree, node: dependency_resolver::NodeId, key: &str) -> Option<&'a str> {
    project.field(node, key).and_then(Value::as_str)
}

/// The tree as JSON.
pub fn json(listing: &Listing, long: bool) -> Value {
    Value::Object(members(listing, 0, long))
}

fn members(listing: &Listing, at: usize, long: bool) -> Map<String, Value> {
    let Some(item) = listing.items.get(at) else { return Map::new() };
    let mut members = own_members(listing, item, long);
    if item.filtered && !item.problems.is_empty() {
        members.insert("problems".into(), item.problems.clone().into());
    }
    if at == 0 && !listing.problems.is_empty() {
        members.insert("problems".into(), listing.problems.clone().into());
    }
    let mut dependencies = Map::new();
    for &child in listing.children(at) {
        let name = listing.items.get(child).map(|item| item.name.clone()).unwrap_or_default();
        dependencies.insert(name, Value::Object(self::members(listing, child, long)));
    }
    if !dependencies.is_empty() {
        members.insert("dependencies".into(), dependencies.into());
    }
    members
}

fn own_members(listing: &Listing, item: &Item, long: bool) -> Map<String, Value> {
    let project = &listing.project;
    let mut members = Map::new();
    if let Some(node) = item.node {
        let known = project.tree.node(node);
        if !known.version().is_empty() {
            members.insert("version".into(), known.version().into());
        }
        if let Some(resolved) = project.resolved(node).filter(|_| !item.deduped) {
            members.insert("resolved".into(), resolved.into());
        }
        if node != project.root && !item.deduped {
            members.insert("overridden".into(), item.overridden.into());
        }
        let package = &known.package().json;
        if node == project.root && !package.is_empty() {
            let name = project.package_name(node).unwrap_or(&item.name);
            members.insert("name".into(), name.into());
        }
        if long {
            members.insert("name".into(), item.name.clone().into());
            add_package(&mut members, package);
            members.insert("extraneous".into(), false.into());
            members.insert("path".into(), known.path().into());
            add_sections(&mut members, package);
        }
    }
    if item.extraneous {
        members.insert("extraneous".into(), true.into());
    }
    if let Some(invalid) = &item.invalid {
        members.insert("invalid".into(), invalid.clone().into());
    }
    if item.missing_from.is_some() && !item.optional {
        if let Some(required) = &item.required {
            members.insert("required".into(), required.clone().into());
        }
        members.insert("missing".into(), true.into());
    }
    members
}

fn add_package(members: &mut Map<String, Value>, package: &Map<String, Value>) {
    for (key, value) in package.iter().filter(|(key, _)| *key != "dependencies") {
        members.insert(key.clone(), value.clone());
    }
}

fn add_sections(members: &mut Map<String, Value>, package: &Map<String, Value>) {
    let section = |key: &str| package.get(key).and_then(Value::as_object).cloned().unwrap_or_default();
    let mut dependencies = section("dependencies");
    dependencies.extend(section("optionalDependencies"));
    members.insert("_dependencies".into(), dependencies.into());
    for key in ["devDependencies", "peerDependencies"] {
        members.insert(key.into(), section(key).into());
    }
}

/// One path a line; with `long` also what is there.
pub fn lines(listing: &Listing, long: bool) -> String {
    let project = &listing.project;
    let mut lines = Vec::new();
    let shown = listing.items.iter().filter(|item| item.filtered && !item.deduped);
    for (item, node) in shown.filter_map(|item| Some((item, item.node?))) {
        let known = project.tree.node(node);
        let mut line = known.path().unwrap_or_default().to_owned();
        if long {
            line.push_str(&format!(":{}", item.package_id));
            if known.is_link() {
                line.push_str(&format!(":{}", known.realpath().unwrap_or_default()));
            }
            for (is_so, mark) in [
                (item.extraneous, ":EXTRANEOUS"),
                (item.invalid.is_some(), ":INVALID"),
                (item.overridden, ":OVERRIDDEN"),
            ] {
                line.push_str(if is_so { mark } else { "" });
            }
        }
        lines.push(line);
    }
    lines.join("\n")
}
