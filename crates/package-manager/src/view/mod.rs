//! Commands that only look at what is installed, or at what the lockfile says: one module for each.
//!
//! Owns the tree as they see it ([`ProjectTree`]) and the facts they take from it. Nothing is changed.

pub mod explain;
pub mod fund;
pub mod ls;
pub mod outdated;
pub mod packument;
mod project_tree;
pub mod query;
pub mod sbom;
mod workspace_sets;

pub use project_tree::{ProjectTree, Source, TreeError};
pub use workspace_sets::NodeSet;
pub(crate) use workspace_sets::dependencies_of;
