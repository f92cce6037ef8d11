//! The tree of what is installed, as clients before npm 7 and Yarn 1 send it: a lockfile of the first version.
//!
//! Shape: `{"requires": {"a": "^1"}, "dependencies": {"a": {"version": "1.0.0", "requires": {}, "dependencies": {}}}}`.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Map, Value};

/// Places of one tree.
const MOST: usize = 200_000;

/// Ways to one place that are told.
const PATHS: usize = 20;

/// Steps on the search for them: what depends on each other in circles has more ways than anybody reads.
const STEPS: usize = 5_000;

/// A tree.
#[derive(Debug)]
pub(crate) struct LockTree {
    nodes: Vec<Node>,
    /// Names that the project itself asks for, with their ranges.
    wanted: BTreeMap<String, String>,
    top: HashMap<String, usize>,
}

/// One place of it.
#[derive(Debug)]
pub(crate) struct Node {
    pub name: String,
    pub version: String,
    pub is_dev: bool,
    pub is_optional: bool,
    pub is_bundled: bool,
    /// The place that it lies in; none at the top.
    within: Option<usize>,
    inside: HashMap<String, usize>,
    requires: BTreeMap<String, String>,
    /// Who asks for it, by what range; none is the project itself.
    dependents: Vec<(Option<usize>, String)>,
}

/// How a place is reached: the places from the project's own dependency to it, and the range it is asked for by.
#[derive(Debug)]
pub(crate) struct Way<'a> {
    pub nodes: Vec<&'a Node>,
    pub range: &'a str,
}

impl Way<'_> {
    /// Shape: `a>b>c`.
    pub fn path(&self) -> String {
        self.nodes.iter().map(|node| node.name.as_str()).collect::<Vec<_>>().join(">")
    }
}

impl LockTree {
    /// Reads a tree; `None` for what is none, or too large.
    pub fn read(document: &Map<String, Value>) -> Option<LockTree> {
        let mut tree =
            LockTree { nodes: Vec::new(), wanted: ranges(document.get("requires")), top: HashMap::new() };
        tree.top = tree.add(document.get("dependencies").and_then(Value::as_object), None)?;
        if tree.wanted.is_empty() {
            // who does not say what the project asks for gets what lies at the top
            let top = tree.top.iter().filter_map(|(name, at)| Some((name.clone(), tree.nodes.get(*at)?)));
            tree.wanted = top.map(|(name, node)| (name, node.version.clone())).collect();
        }
        tree.connect();
        Some(tree)
    }

    fn add(
        &mut self,
        dependencies: Option<&Map<String, Value>>,
        within: Option<usize>,
    ) -> Option<HashMap<String, usize>> {
        let mut inside = HashMap::new();
        for (name, entry) in dependencies.into_iter().flatten() {
            let at = self.nodes.len();
            if at == MOST {
                return None;
            }
            let flag = |key: &str| entry.get(key).and_then(Value::as_bool).unwrap_or(false);
            self.nodes.push(Node {
                name: name.clone(),
                version: entry.get("version").and_then(Value::as_str).unwrap_or_default().to_owned(),
                is_dev: flag("dev"),
                is_optional: flag("optional"),
                is_bundled: flag("bundled"),
                within,
                inside: HashMap::new(),
                requires: ranges(entry.get("requires")),
                dependents: Vec::new(),
            });
            let below = self.add(entry.get("dependencies").and_then(Value::as_object), Some(at))?;
            self.nodes.get_mut(at)?.inside = below;
            inside.insert(name.clone(), at);
        }
        Some(inside)
    }

    /// Finds for each range the place that it gets: inside of who asks, or further out.
    fn connect(&mut self) {
        let mut found: Vec<(usize, Option<usize>, String)> = Vec::new();
        for (name, range) in &self.wanted {
            found.extend(self.top.get(name).map(|to| (*to, None, range.clone())));
        }
        for (at, node) in self.nodes.iter().enumerate() {
            for (name, range) in &node.requires {
                found.extend(self.lookup(at, name).map(|to| (to, Some(at), range.clone())));
            }
        }
        for (to, from, range) in found {
            if let Some(node) = self.nodes.get_mut(to) {
                node.dependents.push((from, range));
            }
        }
    }

    fn lookup(&self, from: usize, name: &str) -> Option<usize> {
        let mut place = Some(from);
        while let Some(node) = place.and_then(|at| self.nodes.get(at)) {
            if let Some(found) = node.inside.get(name) {
                return Some(*found);
            }
            place = node.within;
        }
        self.top.get(name).copied()
    }

    /// All places.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The versions of each package, as a bulk request has them.
    pub fn installed(&self) -> Map<String, Value> {
        let mut installed: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for node in self.nodes.iter().filter(|node| !node.version.is_empty()) {
            let versions = installed.entry(&node.name).or_default();
            if !versions.contains(&node.version.as_str()) {
                versions.push(&node.version);
            }
        }
        installed.into_iter().map(|(name, versions)| (name.to_owned(), versions.into())).collect()
    }

    /// Some of the ways to a place, at least one: that by which it lies in folders where nothing asks for it.
    pub fn ways(&self, to: usize) -> Vec<Way<'_>> {
        let mut ways = Vec::new();
        let mut steps = STEPS;
        self.go_back(&mut vec![to], None, &mut ways, &mut steps);
        if ways.is_empty() {
            let outwards = std::iter::successors(self.nodes.get(to), |node| self.nodes.get(node.within?));
            let mut nodes: Vec<&Node> = outwards.collect();
            nodes.reverse();
            ways.push(Way { nodes, range: "" });
        }
        ways
    }

    fn go_back<'a>(
        &'a self,
        back: &mut Vec<usize>,
        range: Option<&'a str>,
        ways: &mut Vec<Way<'a>>,
        steps: &mut usize,
    ) {
        let Some(node) = back.last().and_then(|at| self.nodes.get(*at)) else { return };
        for (from, asked) in &node.dependents {
            if ways.len() == PATHS || *steps == 0 {
                return;
            }
            *steps -= 1;
            // the range that counts is that of the place itself
            let range = range.unwrap_or(asked);
            match from {
                None => {
                    let nodes = back.iter().rev().filter_map(|at| self.nodes.get(*at)).collect();
                    ways.push(Way { nodes, range });
                }
                Some(from) if !back.contains(from) && back.len() < 100 => {
                    back.push(*from);
                    self.go_back(back, Some(range), ways, steps);
                    back.pop();
                }
                Some(_) => {}
            }
        }
    }
}

/// An object of texts; nothing where something else stands.
fn ranges(requires: Option<&Value>) -> BTreeMap<String, String> {
    let pairs = requires.and_then(Value::as_object).into_iter().flatten();
    pairs.filter_map(|(name, range)| Some((name.clone(), range.as_str()?.to_owned()))).collect()
}
