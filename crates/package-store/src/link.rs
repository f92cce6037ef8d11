//! From entries of the store to a project's `node_modules`.

mod bins;
mod commit;
mod global;
mod journal;
mod location;
mod materialize;
mod parents;
mod recovery;
mod state_files;
mod symlink;
mod unplanned;
mod writer;

pub use global::{GlobalLinks, check_global, link_global, unlink_global};
pub use journal::Contention;
pub use writer::{BeginOptions, HIDDEN_LOCKFILE, LinkTask, NodeModulesWriter, Recovered, Replacement};

/// How a file gets from the store into `node_modules`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum LinkMode {
    /// Hard links where the file system allows it, else clones, else copies.
    #[default]
    Auto,
    /// Hard links, where possible at all: the file is the store's own.
    HardLink,
    /// Clones that share their data until one is written to, where the file system has them, else copies.
    Clone,
    /// Copies: for packages whose scripts may write into their own files.
    Copy,
}
