//! Changes to where nodes stand. Each keeps the edges and the inventories true.

use std::sync::Arc;

use super::{EdgeId, Inventory, NodeId, NodeInit, Tree};
use crate::names::Name;
use crate::paths;

impl Tree {
    /// Puts a node into the node_modules of `parent`, or takes it out of the tree.
    pub(crate) fn set_parent(&mut self, id: NodeId, parent: Option<NodeId>) {
        let Some(parent) = parent else {
            if self.node(id).parent.is_some() {
                self.set_root(id, None);
            }
            return;
        };
        let parent = self.node(parent).target.filter(|_| self.node(parent).is_link).unwrap_or(parent);
        if id == parent || self.node(id).parent == Some(parent) {
            return;
        }
        self.leave_parents(id);
        let base = self.node(parent).path.clone();
        let path = format!("{}/node_modules/{}", base.as_deref().unwrap_or_default(), self.name(id));
        if self.node(id).path.as_deref() != Some(path.as_str()) {
            self.change_path(id, path.into());
        }
        let root = self.root(parent);
        self.set_root(id, Some(root));
    }

    /// Takes a node and everything below it out of its tree.
    pub(crate) fn remove(&mut self, id: NodeId) {
        self.set_root(id, None);
    }

    /// Puts a node in the place of another, whose children it keeps.
    pub(crate) fn replace(&mut self, new: NodeId, old: NodeId) {
        self.delist(new);
        let clobbers =
            self.node(old).parent.is_some_and(|parent| self.child(parent, self.node(new).name) == Some(old));
        let path = match (clobbers, self.node(old).parent.and_then(|parent| self.node(parent).path.clone())) {
            (true, Some(parent)) => Some(format!("{parent}/node_modules/{}", self.name(new)).into()),
            _ => {
                let name = self.node(old).name;
                self.node_mut(new).name = name;
                self.node(old).path.clone()
            }
        };
        let is_link = self.node(new).is_link;
        let node = self.node_mut(new);
        node.path = path;
        if !is_link {
            node.realpath = node.path.clone();
        }
        self.refresh_location(new);
        if !is_link {
            let children: Vec<NodeId> = self.node(old).children().collect();
            for child in children {
                self.set_parent(child, Some(new));
            }
        }
        if self.node(old).is_link
            && let Some(target) = self.node(old).target
        {
            self.remove(target);
        }
        if self.root(old) != old {
            let root = self.root(old);
            self.set_root(new, Some(root));
        }
    }

    /// Moves a node below another root, or makes it a root of its own.
    pub(crate) fn set_root(&mut self, id: NodeId, root: Option<NodeId>) {
        let mut root = root.unwrap_or(id);
        while root != id && self.root(root) != root {
            root = self.root(root);
        }
        self.delist(id);
        if self.node(id).path.is_none() || self.node(root).path.is_none() {
            self.node_mut(id).root = root;
            return;
        }
        self.node_mut(id).root = id;
        self.break_links_in(id);
        let target = self.node(id).target.filter(|_| self.node(id).is_link);
        if let Some(target) = target {
            self.node_mut(target).links_in.retain(|&link| link != id);
            if self.root(target) == id {
                self.delist(target);
            }
            self.node_mut(id).target = None;
        }
        if let Some(parent) = self.node(id).parent.filter(|&parent| self.root(parent) != root) {
            self.forget_child(parent, id);
            self.node_mut(id).parent = None;
        }
        if let Some(parent) = self.node(id).fs_parent.filter(|&parent| self.root(parent) != root) {
            self.node_mut(parent).fs_children.retain(|&child| child != id);
            self.node_mut(id).fs_parent = None;
        }
        if root == id {
            self.refresh_location(id);
        } else {
            self.enter(id, root);
        }
        self.reload_foreign_edges(id, root);
        self.bring_family(id, root);
        if let Some(target) = target
            && self.node(id).target.is_none()
            && root != id
        {
            self.set_root(target, Some(root));
        }
    }

    /// Makes a link lead to `target`.
    pub(crate) fn set_target(&mut self, link: NodeId, target: NodeId) {
        if self.node(link).target == Some(target) {
            return;
        }
        let package = self.node(target).package.clone();
        if self.node(link).path.is_none() {
            // a link that is yet to be placed
            if let Some(path) = self.node(target).path.clone() {
                self.node_mut(link).realpath = Some(path);
            }
            let root = self.root(link);
            self.set_root(target, Some(root));
            self.node_mut(link).target = Some(target);
            self.add_link_in(target, link);
            self.set_package(link, package);
            return;
        }
        self.delist(link);
        self.set_package(link, package);
        self.node_mut(link).realpath = self.node(target).path.clone();
        self.refresh_location(link);
        let root = self.root(link);
        self.set_root(target, Some(root));
    }

    fn add_link_in(&mut self, target: NodeId, link: NodeId) {
        let links = &mut self.node_mut(target).links_in;
        if !links.contains(&link) {
            links.push(link);
        }
    }

    fn leave_parents(&mut self, id: NodeId) {
        if let Some(parent) = self.node(id).parent {
            self.forget_child(parent, id);
            self.node_mut(id).parent = None;
        }
        if let Some(parent) = self.node(id).fs_parent {
            self.node_mut(parent).fs_children.retain(|&child| child != id);
            self.node_mut(id).fs_parent = None;
        }
    }

    fn forget_child(&mut self, parent: NodeId, child: NodeId) {
        let key = self.names.fold(self.node(child).name);
        self.node_mut(parent).children.shift_remove(&key);
    }

    fn keep_child(&mut self, parent: NodeId, child: NodeId) {
        let key = self.names.fold(self.node(child).name);
        let children = &mut self.node_mut(parent).children;
        children.shift_remove(&key);
        children.insert(key, child);
    }

    fn break_links_in(&mut self, id: NodeId) {
        for link in std::mem::take(&mut self.node_mut(id).links_in) {
            self.node_mut(link).target = None;
        }
    }

    /// Lists a node under its new root and finds its parent, its children and its links there.
    fn enter(&mut self, id: NodeId, root: NodeId) {
        let location = self.location_below(root, id);
        if let Some(current) = self.at_location(root, &location) {
            self.remove(current);
        }
        self.node_mut(id).root = root;
        self.refresh_location(id);
        self.find_parent(id, root);
        self.adopt_tops(id, root);
        self.meet_links(id, root);
    }

    fn find_parent(&mut self, id: NodeId, root: NodeId) {
        let path = self.node(id).path.clone().unwrap_or_default();
        let root_path = self.node(root).path.clone().unwrap_or_default();
        let mut at: &str = &path;
        while at != "/" {
            at = paths::dirname(at);
            let Some(parent) = self.at_location(root, &paths::relative(&root_path, at)) else { continue };
            if self.node(parent).is_link {
                continue;
            }
            let place = child_location(&self.node(parent).location, self.name(id));
            if *self.node(id).location == *place {
                let name = self.node(id).name;
                if let Some(old) = self.child(parent, name).filter(|&old| old != id) {
                    self.remove(old);
                }
                if let Some(previous) = self.node(id).parent {
                    self.forget_child(previous, id);
                    self.reload_named_edges(previous, name);
                }
                self.keep_child(parent, id);
                self.node_mut(id).parent = Some(parent);
                // a link has no target yet; its edges follow when it meets it
                if !self.node(id).is_link {
                    self.reload_named_edges(parent, name);
                }
            } else {
                if let Some(previous) = self.node(id).fs_parent {
                    self.node_mut(previous).fs_children.retain(|&child| child != id);
                }
                if !self.node(parent).fs_children.contains(&id) {
                    self.node_mut(parent).fs_children.push(id);
                }
                self.node_mut(id).fs_parent = Some(parent);
            }
            break;
        }
        let is_top = self.node(id).parent.is_none();
        let tops = &mut self.inventory_mut(root).tops;
        match (is_top, tops.iter().position(|&top| top == id)) {
            (true, None) => tops.push(id),
            (false, Some(at)) => {
                tops.remove(at);
            }
            _ => {}
        }
    }

    /// Nodes that came before the folder they are in become its children.
    fn adopt_tops(&mut self, id: NodeId, root: NodeId) {
        let path = self.node(id).path.clone().unwrap_or_default();
        for child in self.inventory_mut(root).tops.clone() {
            let node = self.node(child);
            let is_child = *node.location == *child_location(&self.node(id).location, self.name(child));
            let child_path = node.path.clone().unwrap_or_default();
            let is_fs_child = paths::dirname(&child_path).starts_with(&*path)
                && child != id
                && node.parent.is_none()
                && node.fs_parent.is_none_or(|known| {
                    known == id
                        || self
                            .node(known)
                            .path
                            .as_deref()
                            .is_some_and(|known| paths::dirname(&path).starts_with(known))
                });
            if !is_child && !is_fs_child {
                continue;
            }
            if self.node(id).is_link {
                self.remove(child);
                continue;
            }
            if let Some(previous) = self.node_mut(child).fs_parent.take() {
                self.node_mut(previous).fs_children.retain(|&known| known != child);
            }
            if is_child {
                self.keep_child(id, child);
                self.node_mut(child).parent = Some(id);
                self.inventory_mut(root).tops.retain(|&top| top != child);
            } else {
                self.node_mut(id).fs_children.push(child);
                self.node_mut(child).fs_parent = Some(id);
            }
        }
    }

    /// Joins links with the nodes they lead to.
    fn meet_links(&mut self, id: NodeId, root: NodeId) {
        let Some(realpath) = self.node(id).realpath.clone() else { return };
        let same = self.inventory_mut(root).by_realpath.get(&realpath).cloned().unwrap_or_default();
        for other in same {
            if other == id {
                continue;
            }
            if self.node(id).is_link {
                let target = self.node(other).target.filter(|_| self.node(other).is_link).unwrap_or(other);
                let package = self.node(target).package.clone();
                let node = self.node_mut(id);
                node.target = Some(target);
                node.package = package;
                self.add_link_in(target, id);
                if let Some(parent) = self.node(id).parent {
                    self.reload_named_edges(parent, self.node(id).name);
                }
                break;
            }
            if self.node(other).is_link {
                let package = self.node(id).package.clone();
                let link = self.node_mut(other);
                link.target = Some(id);
                link.package = package;
                self.add_link_in(id, other);
                if let Some(parent) = self.node(other).parent {
                    self.reload_named_edges(parent, self.node(other).name);
                }
            }
        }
    }

    /// No edge may lead from one tree into another.
    fn reload_foreign_edges(&mut self, id: NodeId, root: NodeId) {
        for edge in self.node(id).edges_in.clone() {
            if self.edge(edge).from.is_some_and(|from| self.root(from) != root) {
                self.reload_edge(edge, false);
            }
        }
        let edges: Vec<EdgeId> = self.node(id).edges_out.values().copied().collect();
        for edge in edges {
            if self.edge(edge).to.is_none_or(|to| self.root(to) != root) {
                self.reload_edge(edge, false);
            }
        }
    }

    fn bring_family(&mut self, id: NodeId, root: NodeId) {
        let node = self.node(id);
        let mut family: Vec<NodeId> = node.fs_children.clone();
        family.extend(node.children());
        if let Some(inventory) = &node.inventory {
            family.extend(inventory.by_location.values());
        }
        family.retain(|&member| member != id && self.root(member) != root);
        for &child in &family {
            if self.root(child) == root {
                continue;
            }
            self.delist(child);
            let key = self.names.fold(self.node(child).name);
            self.node_mut(child).parent = None;
            self.node_mut(child).fs_parent = None;
            self.node_mut(id).children.shift_remove(&key);
            self.node_mut(id).fs_children.retain(|&known| known != child);
            self.break_links_in(child);
        }
        for child in family {
            if self.root(child) != root {
                self.set_root(child, Some(root));
            }
        }
    }

    /// Gives a node, and with it everything below, another path.
    fn change_path(&mut self, id: NodeId, path: Arc<str>) {
        self.delist(id);
        let old = self.node_mut(id).path.replace(path.clone());
        if let Some((_, tail)) = path.rsplit_once("/node_modules/")
            && tail.matches('/').count() == usize::from(tail.starts_with('@'))
        {
            let name = self.names.intern(tail);
            self.node_mut(id).name = name;
        }
        if !self.node(id).is_link {
            self.node_mut(id).realpath = Some(path.clone());
            for link in self.node(id).links_in.clone() {
                self.delist(link);
                self.node_mut(link).realpath = Some(path.clone());
                self.refresh_location(link);
            }
        }
        for child in self.node(id).fs_children.clone() {
            let child_path = self.node(child).path.clone().unwrap_or_default();
            let moved = paths::resolve(&path, &paths::relative(old.as_deref().unwrap_or("/"), &child_path));
            self.change_path(child, moved.into());
        }
        let children: Vec<NodeId> = self.node(id).children().collect();
        for child in children {
            let moved = format!("{path}/node_modules/{}", self.name(child));
            self.change_path(child, moved.into());
        }
        self.refresh_location(id);
    }

    fn location_below(&self, root: NodeId, id: NodeId) -> String {
        let (root, node) = (self.node(root).path.as_deref(), self.node(id).path.as_deref());
        paths::relative(root.unwrap_or_default(), node.unwrap_or_default())
    }

    fn inventory_mut(&mut self, root: NodeId) -> &mut Inventory {
        self.node_mut(root).inventory.get_or_insert_default()
    }

    fn refresh_location(&mut self, id: NodeId) {
        let root = self.root(id);
        if self.node(root).path.is_none() || self.node(id).path.is_none() {
            return;
        }
        let location: Arc<str> = self.location_below(root, id).into();
        self.node_mut(id).location = location.clone();
        if let Some(current) = self.at_location(root, &location) {
            if current == id {
                return;
            }
            self.unlist(root, current);
        }
        let (name, realpath) = (self.node(id).name, self.node(id).realpath.clone());
        let inventory = self.inventory_mut(root);
        inventory.by_location.insert(location, id);
        inventory.by_name.entry(name).or_default().push(id);
        if let Some(realpath) = realpath {
            inventory.by_realpath.entry(realpath).or_default().push(id);
        }
    }

    /// Takes a node out of the inventory of its root. Must come before its path, name or root change.
    fn delist(&mut self, id: NodeId) {
        let root = self.root(id);
        if self.node(id).path.is_none() || self.node(root).inventory.is_none() {
            return;
        }
        if self.at_location(root, &self.node(id).location) == Some(id) {
            self.unlist(root, id);
        }
        self.inventory_mut(root).tops.retain(|&top| top != id);
    }

    fn unlist(&mut self, root: NodeId, id: NodeId) {
        let node = self.node(id);
        let (location, name, realpath) = (node.location.clone(), node.name, node.realpath.clone());
        let inventory = self.inventory_mut(root);
        inventory.by_location.shift_remove(&location);
        if let Some(named) = inventory.by_name.get_mut(&name) {
            named.retain(|&known| known != id);
        }
        if let Some(same) = realpath.and_then(|realpath| inventory.by_realpath.get_mut(&realpath)) {
            same.retain(|&known| known != id);
        }
    }

    /// Resolves anew every edge named `name` from `id` downward whose answer may have changed.
    fn reload_named_edges(&mut self, id: NodeId, name: Name) {
        // npm compares with a leading slash at the root, where this so never holds
        let place = format!("{}/node_modules/{}", self.node(id).location, self.names.text(name));
        let mut stack = vec![id];
        while let Some(at) = stack.pop() {
            if let Some(edge) = self.edge_out(at, name) {
                let to = self.edge(edge).to;
                let replaced_here = to.is_some_and(|to| *self.node(to).location == *place);
                if replaced_here || self.resolve(at, name) != to {
                    self.reload_edge(edge, true);
                }
            }
            let node = self.node(at);
            stack.extend(node.fs_children.iter().rev().copied());
            stack.extend(node.children.values().rev().copied());
        }
    }

    /// A copy of a node that is not placed yet.
    pub(crate) fn unplaced_copy(&mut self, id: NodeId) -> NodeId {
        let node = self.node(id);
        let init = NodeInit {
            name: Some(node.name),
            package: Some(node.package.clone()),
            resolved: node.resolved.clone(),
            integrity: node.integrity.clone(),
            rule: node.rule,
            error: node.errors.first().cloned(),
            ..NodeInit::default()
        };
        match (node.is_link, node.realpath.clone(), node.target) {
            (true, Some(realpath), target) => self.add_link(init, realpath, target),
            _ => self.add_node(init),
        }
    }
}

fn child_location(parent: &str, name: &str) -> String {
    if parent.is_empty() { format!("node_modules/{name}") } else { format!("{parent}/node_modules/{name}") }
}
