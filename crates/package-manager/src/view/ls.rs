//! `ls`: the installed packages as a tree along their dependencies, and what is wrong with them.
//!
//! Breadth first, as npm goes: the first place at which a package is met shows its dependencies, every later one
//! is `deduped`. Source: npm 11.19.1.

use std::collections::{HashMap, HashSet, VecDeque};

use dependency_resolver::{EdgeId, EdgeKind, NodeId};
use npm_formats::collation;
use npm_formats::config::OmitSet;
use npm_formats::specifier::Specifier;

use super::project_tree::TreeRequest;
use super::{ProjectTree, Source, TreeError};
use crate::settings::Settings;

/// What `ls` is to show.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// Specifiers of the packages to be shown, with the way to them; none for all.
    pub filters: Vec<String>,
    /// `--all`
    pub all: bool,
    /// `--depth`; `None` where it was not given.
    pub depth: Option<usize>,
    /// `--link`: of direct dependencies only links.
    pub links_only: bool,
    /// `--omit`, by the kind that direct dependencies are declared as.
    pub omit: OmitSet,
    /// `--package-lock-only`
    pub lockfile_only: bool,
}

/// What there is to show.
#[derive(Debug)]
pub struct Listing {
    /// The tree that the items speak of.
    pub project: ProjectTree,
    /// In the order in which they were met; the first is the project.
    pub items: Vec<Item>,
    /// All problems of what is shown, each once.
    pub problems: Vec<String>,
    /// For each item those that hang from it and are shown.
    below: Vec<Vec<usize>>,
}

/// One line of the tree.
#[derive(Debug, Clone)]
pub struct Item {
    /// The package; `None` where it is missing.
    pub node: Option<NodeId>,
    /// The name it is depended on by.
    pub name: String,
    /// `name@version`; of a missing package what is wanted.
    pub package_id: String,
    /// The item it hangs from.
    pub parent: Option<usize>,
    /// Whether it is shown.
    pub included: bool,
    /// Shown for its own sake and not only as the way to another.
    pub filtered: bool,
    /// Shown in full elsewhere.
    pub deduped: bool,
    /// Where it is missing: whose dependency it is.
    pub missing_from: Option<String>,
    /// The spec that is wanted, where npm tells it.
    pub required: Option<String>,
    /// Which specs it does not satisfy.
    pub invalid: Option<String>,
    /// Nothing depends on it.
    pub extraneous: bool,
    /// Its version is an override's.
    pub overridden: bool,
    /// Missing, and may be.
    pub optional: bool,
    /// What is wrong with it.
    pub problems: Vec<String>,
    depth: usize,
}

impl Listing {
    /// Problems that make `ls` fail; extraneous packages alone do not.
    pub fn fails(&self) -> bool {
        self.problems.iter().any(|problem| !problem.starts_with("extraneous:"))
    }

    /// Whether there is nothing that the filters mean.
    pub fn is_without_match(&self, request: &Request) -> bool {
        !request.filters.is_empty() && !self.items.first().is_some_and(|root| root.included)
    }

    /// The items that hang from one and are shown.
    pub fn children(&self, parent: usize) -> &[usize] {
        self.below.get(parent).map(Vec::as_slice).unwrap_or_default()
    }
}

/// Lists what is installed, or what the lockfile has.
///
/// *Errors*: [`TreeError`]. What is wrong with packages is no error here: it is in the listing.
pub fn list(settings: &Settings, request: &Request) -> Result<Listing, TreeError> {
    let source = if request.lockfile_only { Source::Lockfile } else { Source::Installed };
    // peers are always looked at, as in npm
    let project = ProjectTree::load_with(settings, TreeRequest { source, legacy_peer_deps: false })?;
    let selected = project.selected_workspaces(settings)?;
    let place = project.directory.to_string_lossy();
    let filters = request.filters.iter().map(|text| Specifier::parse(text, &*place));
    let walk = Walk {
        filters: filters.collect::<Result<_, _>>().map_err(|source| TreeError::Filter { source })?,
        selected,
        settings,
        request,
        project: &project,
        invalid: HashMap::new(),
        seen: HashSet::new(),
        has_seen_missing: false,
        items: Vec::new(),
    };
    let items = walk.run();
    let mut problems: Vec<String> = Vec::new();
    for problem in items.iter().filter(|item| item.filtered).flat_map(|item| &item.problems) {
        if !problems.contains(problem) {
            problems.push(problem.clone());
        }
    }
    let below = below(&items);
    Ok(Listing { project, items, problems, below })
}

fn below(items: &[Item]) -> Vec<Vec<usize>> {
    let mut below = vec![Vec::new(); items.len()];
    for (at, item) in items.iter().enumerate().filter(|(_, item)| item.included) {
        if let Some(children) = item.parent.and_then(|parent| below.get_mut(parent)) {
            children.push(at);
        }
    }
    below
}

struct Walk<'a> {
    project: &'a ProjectTree,
    settings: &'a Settings,
    request: &'a Request,
    filters: Vec<Specifier>,
    selected: Vec<NodeId>,
    /// Which specs nodes do not satisfy, as far as edges have been followed.
    invalid: HashMap<NodeId, String>,
    seen: HashSet<NodeId>,
    has_seen_missing: bool,
    items: Vec<Item>,
}

/// A child found, not yet an item.
struct Found {
    node: Option<NodeId>,
    name: String,
    package_id: String,
    missing: Option<(String, String)>,
    kind: Option<EdgeKind>,
}

impl Walk<'_> {
    fn run(mut self) -> Vec<Item> {
        let mut root = self.blank(Some(self.project.root), 0);
        root.included = self.request.filters.is_empty();
        root.filtered = root.included;
        self.seen.insert(self.project.root);
        let mut queue = VecDeque::from([root]);
        while let Some(mut item) = queue.pop_front() {
            self.visit(&mut item);
            let at = self.items.len();
            self.items.push(item);
            queue.extend(self.children(at));
        }
        self.include_ancestors();
        self.items
    }

    /// What is known of an item only when its turn comes: later edges may have said more about its node.
    fn visit(&self, item: &mut Item) {
        if let (Some(node), false) = (item.node, item.deduped) {
            let known = self.project.tree.node(node);
            item.extraneous = known.flags().extraneous && !self.project.is_global;
            item.overridden = self.project.tree.is_overridden(node);
            item.invalid = self.invalid.get(&node).cloned();
        }
        if let Some(from) = item.missing_from.as_ref().filter(|_| !item.optional) {
            item.problems.push(format!("missing: {}, required by {from}", item.package_id));
        }
        let path = item.node.and_then(|node| self.project.tree.node(node).path()).unwrap_or_default();
        if item.invalid.is_some() {
            item.problems.push(format!("invalid: {} {path}", item.package_id));
        }
        if item.extraneous {
            item.problems.push(format!("extraneous: {} {path}", item.package_id));
        }
    }

    fn children(&mut self, parent: usize) -> Vec<Item> {
        let Some((node, depth)) = self.opens(parent) else { return Vec::new() };
        let tree = &self.project.tree;
        let edges: Vec<EdgeId> = tree.node(tree.followed(node)).edges_out().collect();
        let mut reached: HashSet<NodeId> = HashSet::new();
        let mut found: Vec<Found> = Vec::new();
        for edge in edges {
            if self.is_selected(edge) && (depth > 0 || self.is_of_wanted_kind(edge)) {
                if let Some(to) = tree.edge_to(edge) {
                    reached.insert(to);
                }
                found.extend(self.follow(edge));
            }
        }
        let extraneous = tree.node(node).children().filter(|&child| tree.node(child).flags().extraneous);
        for child in extraneous.filter(|child| !reached.contains(child)) {
            found.push(self.found(child, None));
        }
        found.sort_by(|a, b| collation::compare(&a.package_id, &b.package_id));
        found.into_iter().map(|found| self.item(found, parent, depth)).collect()
    }

    /// The node whose dependencies an item shows, and how deep it stands; workspaces begin anew.
    fn opens(&self, at: usize) -> Option<(NodeId, usize)> {
        let item = self.items.get(at)?;
        let node = item.node.filter(|_| !item.deduped)?;
        let depth = if self.project.tree.is_workspace(node) { 0 } else { item.depth };
        let limit = if self.request.all || !self.request.filters.is_empty() {
            self.request.depth.unwrap_or(usize::MAX)
        } else {
            self.request.depth.unwrap_or(0)
        };
        (depth <= limit).then_some((node, depth))
    }

    fn is_selected(&self, edge: EdgeId) -> bool {
        let tree = &self.project.tree;
        let is_from_root = tree.edge_from(edge) == self.project.root;
        let to = tree.edge_to(edge);
        let is_workspace = to.is_some_and(|to| tree.is_workspace(to));
        if !self.settings.workspaces.enabled && is_from_root && is_workspace {
            return false;
        }
        if self.selected.is_empty() || !is_from_root {
            return true;
        }
        if self.settings.workspaces.include_root && to.is_some() && !is_workspace {
            return true;
        }
        is_workspace && to.is_some_and(|to| self.selected.contains(&tree.followed(to)))
    }

    fn is_of_wanted_kind(&self, edge: EdgeId) -> bool {
        let (tree, omit) = (&self.project.tree, self.request.omit);
        let kind = tree.edge_kind(edge);
        if (omit.dev && kind == EdgeKind::Dev)
            || (omit.optional && kind.is_optional())
            || (omit.peer && kind.is_peer())
        {
            return false;
        }
        !self.request.links_only || tree.edge_to(edge).is_some_and(|to| tree.node(to).is_link())
    }

    /// What an edge leads to, and what it says about it. `None` for edges that need lead nowhere.
    fn follow(&mut self, edge: EdgeId) -> Option<Found> {
        let project = self.project;
        let tree = &project.tree;
        let (kind, spec, from) = (tree.edge_kind(edge), tree.edge_spec(edge), tree.edge_from(edge));
        let required = if spec.is_empty() { "*" } else { &*spec };
        let Some(to) = tree.edge_to(edge) else {
            let name = tree.edge_name(edge).to_string();
            return Some(Found {
                node: None,
                package_id: format!("{name}@{spec}"),
                name,
                missing: Some((project.package_id(from), required.to_owned())),
                kind: Some(kind),
            });
        };
        if project.is_invalid(edge) {
            let location = tree.node(from).location();
            let who = if location.is_empty() { "the root project" } else { location };
            let said = format!("{} from {who}", serde_json::Value::from(required));
            let all = self.invalid.entry(to).or_default();
            if !all.is_empty() {
                all.push_str(", ");
            }
            all.push_str(&said);
        }
        Some(self.found(to, Some(kind)))
    }

    fn found(&self, node: NodeId, kind: Option<EdgeKind>) -> Found {
        Found {
            node: Some(node),
            name: self.project.tree.name(node).to_string(),
            package_id: self.project.package_id(node),
            missing: None,
            kind,
        }
    }

    fn item(&mut self, found: Found, parent: usize, depth: usize) -> Item {
        let mut item = self.blank(found.node, depth + 1);
        (item.name, item.package_id, item.parent) = (found.name, found.package_id, Some(parent));
        item.optional = found.kind.is_some_and(EdgeKind::is_optional);
        if let Some((from, required)) = found.missing {
            item.missing_from = Some(from);
            // npm tells it of the first package that is missing only
            item.required = Some(required).filter(|_| !self.has_seen_missing);
            self.has_seen_missing = true;
        } else if let Some(node) = found.node {
            item.deduped = !self.seen.insert(node);
            item.invalid = self.invalid.get(&node).cloned();
        }
        item.filtered = self.filters.is_empty()
            || found.node.is_some_and(|node| {
                self.filters.iter().any(|filter| self.project.tree.satisfies(node, filter))
            });
        item.included = item.filtered;
        item
    }

    fn blank(&self, node: Option<NodeId>, depth: usize) -> Item {
        Item {
            node,
            name: node.map(|node| self.project.tree.name(node).to_string()).unwrap_or_default(),
            package_id: node.map(|node| self.project.package_id(node)).unwrap_or_default(),
            parent: None,
            included: false,
            filtered: false,
            deduped: false,
            missing_from: None,
            required: None,
            invalid: None,
            extraneous: false,
            overridden: false,
            optional: false,
            problems: Vec::new(),
            depth,
        }
    }

    fn include_ancestors(&mut self) {
        for at in (0..self.items.len()).rev() {
            if let Some(parent) = self.items.get(at).filter(|item| item.included).and_then(|item| item.parent)
                && let Some(parent) = self.items.get_mut(parent)
            {
                parent.included = true;
            }
        }
    }
}
