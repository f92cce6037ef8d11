//! What the caller decides about a resolution.

use npm_formats::config::{InstallStrategy, OmitSet};
use npm_formats::manifest::SaveType;
use npm_semver::Version;

use crate::avoidance::Avoidance;

/// Whether packages of a kind may be fetched (`allow-git` and its like).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Allow {
    /// From anywhere in the tree.
    #[default]
    All,
    /// Only as a dependency of the project itself.
    Root,
    /// Never.
    None,
}

/// The machine that the tree is for.
#[derive(Debug, Clone)]
pub struct Platform {
    /// Node's `process.platform`.
    pub os: String,
    /// Node's `process.arch`.
    pub cpu: String,
    /// `glibc` or `musl` on Linux.
    pub libc: Option<String>,
    /// The version of Node that `engines.node` is held against.
    pub node_version: Version,
    /// The version of npm that `engines.npm` is held against.
    pub npm_version: Version,
}

/// The settings of one resolution, in npm's words.
#[derive(Debug, Clone)]
pub struct Options {
    /// `install-strategy`
    pub install_strategy: InstallStrategy,
    /// `legacy-peer-deps`
    pub legacy_peer_deps: bool,
    /// `strict-peer-deps`
    pub strict_peer_deps: bool,
    /// `force`
    pub force: bool,
    /// `prefer-dedupe`
    pub prefer_dedupe: bool,
    /// `install-links`
    pub install_links: bool,
    /// `engine-strict`
    pub engine_strict: bool,
    /// `save`: whether the result is to be written down; decides how unmet optional peers are treated.
    pub save: bool,
    /// `global`
    pub global: bool,
    /// `before`, in milliseconds since 1970.
    pub before: Option<i64>,
    /// `min-release-age-exclude`: names and globs to which `before` does not apply.
    pub before_exclude: Vec<String>,
    /// `tag`: the dist-tag preferred for `*`.
    pub default_tag: String,
    /// `omit`
    pub omit: OmitSet,
    /// `allow-git`, `allow-remote`, `allow-file`, `allow-directory`
    pub allow: AllowKinds,
    /// Whether packages are opened while the tree is built: for a lockfile alone, to see what would be done, and for
    /// the isolated layout. Otherwise [`crate::add_carried`] adds what they carry.
    pub complete: bool,
    /// Whether extraneous packages are taken out of the tree.
    pub prune: bool,
    /// Whether packages are looked into for what they bundle, so that the lockfile has it. npm does not when it
    /// installs with `install-strategy=linked`.
    pub opens_bundles: bool,
    /// The machine.
    pub platform: Platform,
}

/// Which kinds of sources are allowed.
#[derive(Debug, Clone, Copy, Default)]
pub struct AllowKinds {
    /// Git repositories
    pub git: Allow,
    /// Tarball URLs
    pub remote: Allow,
    /// Tarballs on this machine
    pub file: Allow,
    /// Folders on this machine
    pub directory: Allow,
}

impl Options {
    /// npm's defaults on a platform.
    pub fn new(platform: Platform) -> Self {
        Self {
            install_strategy: InstallStrategy::Hoisted,
            opens_bundles: true,
            legacy_peer_deps: false,
            strict_peer_deps: false,
            force: false,
            prefer_dedupe: false,
            install_links: false,
            engine_strict: false,
            save: true,
            global: false,
            before: None,
            before_exclude: Vec::new(),
            default_tag: "latest".to_owned(),
            omit: OmitSet::default(),
            allow: AllowKinds::default(),
            complete: true,
            prune: true,
            platform,
        }
    }
}

/// What the user asked to change.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// Specifiers to add, as typed.
    pub add: Vec<String>,
    /// Where to save them; `None` keeps a dependency where it is.
    pub save_type: Option<SaveType>,
    /// Also into `bundleDependencies`.
    pub save_bundle: bool,
    /// Names to remove.
    pub remove: Vec<String>,
    /// What to bring up to date.
    pub update: Update,
    /// Which versions to replace.
    pub avoid: Avoidance,
    /// Names of workspaces to which the request applies; none means the root.
    pub workspaces: Vec<String>,
    /// With `workspaces`: also the root.
    pub include_workspace_root: bool,
}

/// What to bring up to date.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Update {
    /// Nothing that satisfies what asks for it.
    #[default]
    Nothing,
    /// Everything.
    All,
    /// Packages of these names, wherever they are.
    Names(Vec<String>),
}

impl Update {
    /// Whether it leaves everything as it is.
    pub fn is_nothing(&self) -> bool {
        match self {
            Self::Nothing => true,
            Self::All => false,
            Self::Names(names) => names.is_empty(),
        }
    }
}
