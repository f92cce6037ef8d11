//! What was seen on the disk, kept until told that it changed: what lies at a path, where links lead, and every
//! package.json that was read.
//!
//! Paths are interned: each has one [`Id`], and a fact is a field of its node, so that a resolution among known
//! folders costs a few lookups and no system call.

use std::io;
use std::path::Path;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::file_system::{FileKind, FileSystem, Glimpse};
use crate::package_json::PackageJson;

/// Longest chain of links followed; beyond it a path is its own real path.
const MOST_LINKS: usize = 40;

/// Beyond it a name is not absent but wrong.
const LONGEST_NAME: usize = 255;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Id(u32);

pub(crate) struct Facts<F> {
    pub system: F,
    ids: FxHashMap<Arc<str>, Id>,
    nodes: Vec<Node>,
    /// For building paths without an allocation each.
    scratch: String,
    has_links: bool,
    /// Counts how often everything that may change was forgotten.
    epoch: u32,
}

struct Node {
    path: Arc<str>,
    /// `None` at the root.
    parent: Option<Id>,
    /// The epoch that the next fields are of.
    epoch: u32,
    glimpse: Option<Glimpse>,
    real: Option<Id>,
    package: Package,
    /// The child of that name, whether it exists or not.
    node_modules: Option<Id>,
}

impl Node {
    /// Forgets what lies here. The path stays.
    fn forget(&mut self) {
        self.glimpse = None;
        self.real = None;
        self.package = Package::Unread;
    }
}

#[derive(Clone)]
enum Package {
    Unread,
    Absent,
    Present(Arc<PackageJson>),
}

/// A package.json that is none; the caller knows who asked and makes the error.
pub(crate) struct BrokenPackage {
    pub path: Arc<str>,
    /// Why it cannot be read; `None` where what was read is no package.json.
    pub error: Option<io::Error>,
}

impl<F: FileSystem> Facts<F> {
    pub fn new(system: F) -> Self {
        Self {
            system,
            ids: FxHashMap::default(),
            nodes: Vec::new(),
            scratch: String::new(),
            has_links: false,
            epoch: 0,
        }
    }

    /// The node of an absolute path.
    pub fn id(&mut self, path: &str) -> Id {
        if let Some(&id) = self.ids.get(path) {
            return id;
        }
        let parent = parent_of(path).map(|parent| self.id(parent));
        let id = Id(u32::try_from(self.nodes.len()).expect("fewer than four thousand million paths"));
        let path: Arc<str> = path.into();
        self.ids.insert(Arc::clone(&path), id);
        self.nodes.push(Node {
            path,
            parent,
            epoch: self.epoch,
            glimpse: None,
            real: None,
            package: Package::Unread,
            node_modules: None,
        });
        id
    }

    /// The node of `folder/name`; `name` may hold slashes.
    pub fn child(&mut self, folder: Id, name: &str) -> Id {
        let mut path = std::mem::take(&mut self.scratch);
        path.clear();
        path.push_str(&self.node(folder).path);
        if !path.ends_with('/') {
            path.push('/');
        }
        path.push_str(name);
        let id = self.id(&path);
        self.scratch = path;
        id
    }

    pub fn path(&self, id: Id) -> &Arc<str> {
        &self.node(id).path
    }

    pub fn parent(&self, id: Id) -> Option<Id> {
        self.node(id).parent
    }

    /// The last segment; empty at the root.
    pub fn name(&self, id: Id) -> &str {
        let path = &self.node(id).path;
        &path[path.rfind('/').map_or(0, |slash| slash + 1)..]
    }

    pub fn node_modules(&mut self, folder: Id) -> Id {
        if let Some(id) = self.node(folder).node_modules {
            return id;
        }
        let id = self.child(folder, "node_modules");
        self.node_mut(folder).node_modules = Some(id);
        id
    }

    pub fn kind(&mut self, id: Id) -> FileKind {
        self.glimpse(id).kind
    }

    fn glimpse(&mut self, id: Id) -> Glimpse {
        self.refresh(id);
        let node = self.node(id);
        if let Some(glimpse) = node.glimpse {
            return glimpse;
        }
        let above = node
            .parent
            .and_then(|parent| self.nodes.get(parent.0 as usize))
            .filter(|parent| parent.epoch == self.epoch)
            .and_then(|parent| parent.glimpse);
        let glimpse = match above {
            Some(above) if above.kind != FileKind::Directory => {
                Glimpse { kind: FileKind::Missing, is_link: false }
            }
            _ => self.system.look(Path::new(&*self.node(id).path)),
        };
        self.has_links |= glimpse.is_link;
        self.node_mut(id).glimpse = Some(glimpse);
        glimpse
    }

    /// The path with every symbolic link followed. For what exists.
    pub fn real(&mut self, id: Id) -> Id {
        self.real_within(id, MOST_LINKS)
    }

    fn real_within(&mut self, id: Id, links: usize) -> Id {
        self.refresh(id);
        if let Some(real) = self.node(id).real {
            return real;
        }
        let real = match self.node(id).parent {
            None => id,
            Some(parent) => {
                let parent = self.real_within(parent, links);
                if self.name(id).is_empty() {
                    parent
                } else if self.node(id).parent != Some(parent) {
                    let name = self.name(id).to_owned();
                    let here = self.child(parent, &name);
                    self.real_within(here, links)
                } else {
                    self.follow(id, parent, links)
                }
            }
        };
        self.node_mut(id).real = Some(real);
        real
    }

    /// The real path of `id`, whose folder is real.
    fn follow(&mut self, id: Id, folder: Id, links: usize) -> Id {
        if links == 0 || !self.glimpse(id).is_link {
            return id;
        }
        let Ok(target) = self.system.read_link(Path::new(&*self.node(id).path)) else { return id };
        let target = target.to_string_lossy();
        let mut at = if target.starts_with('/') { self.id("/") } else { folder };
        for segment in target.split('/') {
            at = match segment {
                "" | "." => at,
                ".." => self.parent(at).unwrap_or(at),
                name => {
                    let next = self.child(at, name);
                    self.real_within(next, links - 1)
                }
            };
        }
        at
    }

    /// READ_PACKAGE_JSON of a folder. A folder of that name counts as absent, as in Node.
    pub fn package(&mut self, folder: Id) -> Result<Option<Arc<PackageJson>>, BrokenPackage> {
        self.refresh(folder);
        match &self.node(folder).package {
            Package::Absent => return Ok(None),
            Package::Present(package) => return Ok(Some(Arc::clone(package))),
            Package::Unread => {}
        }
        // what is behind a link that leads nowhere fails in its own way
        let may_be_there = |seen: Glimpse| seen.kind == FileKind::Directory || seen.is_link;
        let is_folder =
            self.node(folder).glimpse.is_none_or(may_be_there) || self.name(folder).len() > LONGEST_NAME;
        let folder_path = self.node(folder).path.trim_end_matches('/');
        let path = format!("{folder_path}/package.json");
        let text =
            if is_folder { self.system.read(Path::new(&path)) } else { Err(io::ErrorKind::NotFound.into()) };
        let path: Arc<str> = path.into();
        let text = match text {
            Ok(text) => text,
            Err(error) if is_absence(error.kind()) => {
                self.node_mut(folder).package = Package::Absent;
                return Ok(None);
            }
            Err(error) => return Err(BrokenPackage { path, error: Some(error) }),
        };
        let Some(package) = PackageJson::parse(Arc::clone(&path), &text) else {
            return Err(BrokenPackage { path, error: None });
        };
        let package = Arc::new(package);
        self.node_mut(folder).package = Package::Present(Arc::clone(&package));
        Ok(Some(package))
    }

    /// Forgets what is known of a path, of what is above it and of what is below it; everything, where links were
    /// seen.
    pub fn changed(&mut self, path: &str) {
        if self.has_links {
            // the path may be known under other names
            self.nodes.iter_mut().for_each(Node::forget);
            self.has_links = false;
            return;
        }
        let below = format!("{}/", path.trim_end_matches('/'));
        let package = path.strip_suffix("/package.json");
        for node in &mut self.nodes {
            let known: &str = &node.path;
            let is_above = path.starts_with(known)
                && (known.ends_with('/') || path.as_bytes().get(known.len()) == Some(&b'/'));
            if known == path || known.starts_with(&below) || is_above {
                node.glimpse = None;
                node.real = None;
            }
            if known == path || known.starts_with(&below) || package == Some(known) {
                node.package = Package::Unread;
            }
        }
    }

    /// Forgets what lies where and which folders have no package.json, but not the packages that were read. Costs
    /// nothing, however much is known: each node finds out for itself that its facts are of another epoch.
    pub fn forget_glimpses(&mut self) {
        self.epoch = self.epoch.wrapping_add(1);
        self.has_links = false;
    }

    fn refresh(&mut self, id: Id) {
        let epoch = self.epoch;
        let node = self.node_mut(id);
        if node.epoch != epoch {
            node.epoch = epoch;
            node.glimpse = None;
            node.real = None;
            if matches!(node.package, Package::Absent) {
                node.package = Package::Unread;
            }
        }
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.ids.clear();
        self.nodes.clear();
        self.has_links = false;
    }

    fn node(&self, id: Id) -> &Node {
        &self.nodes[id.0 as usize]
    }

    fn node_mut(&mut self, id: Id) -> &mut Node {
        &mut self.nodes[id.0 as usize]
    }
}

/// Whether a package.json counts as absent that fails so.
fn is_absence(kind: io::ErrorKind) -> bool {
    // a name with a NUL in it is no name of a file
    matches!(
        kind,
        io::ErrorKind::NotFound
            | io::ErrorKind::NotADirectory
            | io::ErrorKind::IsADirectory
            | io::ErrorKind::InvalidInput
    )
}

/// The path up to its last slash; the root has none.
fn parent_of(path: &str) -> Option<&str> {
    match path.rfind('/')? {
        0 if path.len() == 1 => None,
        0 => Some("/"),
        slash => Some(&path[..slash]),
    }
}
