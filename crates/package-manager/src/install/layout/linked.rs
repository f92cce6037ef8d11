//! Every package in an entry of its own, with links to what it depends on beside it (`linked`): a package reaches what
//! it asks for and nothing else.
//!
//! ```text
//! node_modules/a                                    -> .store/a@1.0.0-<key>/node_modules/a
//! node_modules/.store/a@1.0.0-<key>/node_modules/a     the package
//! node_modules/.store/a@1.0.0-<key>/node_modules/b  -> ../../b@2.0.0-<key>/node_modules/b
//! packages/w/node_modules/b                         -> ../../../node_modules/.store/b@2.0.0-<key>/node_modules/b
//! ```
//!
//! The key ([`key`]) stands for the package and all that it leads to, so one version with two sets of peers has two
//! entries. A workspace is linked into the project's own node_modules only where the project depends on it. What the
//! project itself bundles is put where `npm pack` looks for it, as in the hoisted layout.
//!
//! Source: npm 11.19.1 (arborist, `isolated-reifier.js`), with the same names and links. Where npm's result cannot be
//! used, this one differs:
//!
//! - With `omit-lockfile-registry-resolved` npm names entries anew at the second installation, as the lockfile has lost
//!   what the first one knew. Here the names are those that the lockfile gives from the start. The same holds for
//!   packages whose dependencies are not sorted: names follow their order, and lockfiles sort them.
//! - A folder that an optional dependency leads to is linked; npm leaves it out. One that is depended on under another
//!   name than its own is linked under that name.
//! - A package that depends on another of its own name finds it in a node_modules of its own; npm puts the link in the
//!   package's place.
//! - A package with an npm-shrinkwrap.json is laid out as any other; npm leaves an unpacked copy beside the entry.
//! - What stands in no version and would lead out of its directory is replaced in the names of entries.

mod graph;
mod key;

use dependency_resolver::{IdealTree, NodeId, Tree};
use rustc_hash::{FxHashMap, FxHashSet};

use self::graph::{Dependency, Graph, package_name};
use super::{Content, Place, Places, content, folder};
use crate::settings::Settings;

/// Entries of packages, links to them, links to folders, and what the project bundles.
pub(super) fn places(ideal: &IdealTree, settings: &Settings) -> Places {
    let graph = Graph::of(ideal, settings);
    let entries = key::entries(&graph, settings);
    let mut layout = Layout { tree: &ideal.tree, graph: &graph, entries, places: Places::new() };
    layout.put_bundled();
    for &folder in graph.folders() {
        let modules = match ideal.tree.node(folder).location() {
            "" => "node_modules".to_owned(),
            location => format!("{location}/node_modules"),
        };
        layout.put_links(folder, &modules, None);
    }
    let mut seen = FxHashSet::default();
    for (rank, &package) in graph.packages().iter().enumerate() {
        if seen.insert(layout.entries[&package].clone()) {
            layout.put_entry(package, rank);
        }
    }
    layout.drop_what_is_behind_links();
    layout.places
}

struct Layout<'a> {
    tree: &'a Tree,
    graph: &'a Graph<'a>,
    /// The names of the packages' entries.
    entries: FxHashMap<NodeId, String>,
    places: Places,
}

impl Layout<'_> {
    /// What the project and its workspaces bundle, with all that it needs, where the ideal tree has it.
    fn put_bundled(&mut self) {
        for (rank, &node) in self.graph.bundled().iter().enumerate() {
            let location = self.tree.node(node).location().to_owned();
            self.put(location, node, content(self.tree, node), rank);
        }
    }

    /// A package's entry: itself, what it bundles, links to what it depends on.
    fn put_entry(&mut self, package: NodeId, rank: usize) {
        let modules = format!("node_modules/.store/{}/node_modules", self.entries[&package]);
        let own = package_name(self.tree, package);
        let location = format!("{modules}/{own}");
        self.put(location.clone(), package, Content::Package, rank);
        self.put_what_comes_with(package, package, &location, rank);
        self.put_links(package, &modules, Some(&own));
    }

    fn put_what_comes_with(&mut self, bundler: NodeId, above: NodeId, location: &str, rank: usize) {
        for child in self.tree.node(above).children() {
            if self.tree.bundler(child) == Some(bundler) {
                let location = format!("{location}/node_modules/{}", self.tree.name(child));
                self.put(location.clone(), child, Content::Bundled, rank);
                self.put_what_comes_with(bundler, child, &location, rank);
            }
        }
    }

    /// Links to what a node depends on, in a node_modules in which one name may be taken by the package itself.
    fn put_links(&mut self, from: NodeId, modules: &str, taken: Option<&str>) {
        for dependency in self.graph.dependencies(from) {
            let Some(content) = self.link_to(dependency) else { continue };
            let name = &*dependency.name;
            let location = match taken {
                Some(taken) if taken == name => format!("{modules}/{taken}/node_modules/{name}"),
                _ => format!("{modules}/{name}"),
            };
            self.put(location, dependency.to, content, 0);
        }
    }

    /// `None` where what is depended on is left out.
    fn link_to(&self, dependency: &Dependency) -> Option<Content> {
        if dependency.is_folder {
            return Some(folder(self.tree, dependency.to));
        }
        let entry = self.entries.get(&dependency.to)?;
        let name = package_name(self.tree, dependency.to);
        Some(Content::Entry { target: format!("node_modules/.store/{entry}/node_modules/{name}") })
    }

    fn put(&mut self, location: String, node: NodeId, content: Content, rank: usize) {
        self.places.insert(location, Place { node, content, rank });
    }

    /// Of what is bundled, a link may have taken the place that others of it are nested in.
    fn drop_what_is_behind_links(&mut self) {
        let is_link = |content: &Content| matches!(content, Content::Folder { .. } | Content::Entry { .. });
        let behind: Vec<String> = self
            .graph
            .bundled()
            .iter()
            .map(|&node| self.tree.node(node).location())
            .filter(|location| {
                location
                    .match_indices("/node_modules/")
                    .filter_map(|(at, _)| self.places.get(location.get(..at)?))
                    .any(|above| is_link(&above.content))
            })
            .map(str::to_owned)
            .collect();
        for location in behind {
            self.places.remove(&location);
        }
    }
}
