//! npm's dependency tree from metadata: what is to be installed where, byte for byte as npm decides.
//!
//! Does no I/O: it asks a [`Metadata`] for packuments and manifests in npm's deterministic order. Does not
//! install; its result is a [`Tree`] and, by [`fill_lockfile`], a lockfile. Behaviour observed in npm
//! 11.19.1.

mod avoidance;
mod build;
mod error;
mod explain;
mod flags;
mod glob;
mod metadata;
mod names;
mod options;
mod overrides;
mod package;
mod paths;
mod pick_manifest;
mod place;
mod save;
mod spec;
mod to_legacy_lockfile;
mod to_lockfile;
mod tree;
mod validity;

pub use avoidance::{Avoidance, Avoided};
pub use build::{
    IdealTree, InstalledPackage, RequestedPackage, Start, Warning, add_carried, build_ideal_tree,
    duplicated_names, fits_platform, lacks_dependencies, load_tree, prune, should_omit,
};
pub use error::{FetchError, LoadError, ResolveError};
pub use explain::{Conflict, DependencyExplanation, Explanation, PeerConflict};
pub use glob::matches as name_matches;
pub use metadata::{Contents, Metadata, Packed, Wanted};
pub use options::{Allow, AllowKinds, Options, Platform, Request, Update};
pub use overrides::OverridesError;
pub use package::{Package, Section};
pub use pick_manifest::{Outside, PickOptions, pick_manifest, pick_safe_manifest, published_at};
pub use save::{SaveOptions, apply_saved_specs};
pub use spec::Requirement;
pub use to_lockfile::{LockfileOptions, fill_lockfile, lockfile_entry};
pub use tree::{Edge, EdgeError, EdgeId, EdgeKind, Flags, Node, NodeId, Tree, TreeOptions, is_isolated};
