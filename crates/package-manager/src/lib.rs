//! One function for each command: a typed request and [`Settings`] in, a typed answer out.
//!
//! Owns what commands do to projects: files, scripts, trees. Does not own arguments, rendering, exit
//! codes or the environment; the crate `cli` reads those once and hands them over. Nothing here prints.

pub mod access;
pub mod account;
pub mod audit;
pub mod cache;
pub mod config_file;
pub mod conflict;
pub mod deprecate;
pub mod diff;
pub mod dist_tag;
pub mod doctor;
pub mod edit;
mod entry_folder;
pub mod exec;
pub mod exec_packages;
mod git;
pub mod hook;
pub mod init;
pub mod install;
pub mod installed;
pub mod lifecycle;
pub mod link;
pub mod login;
pub mod logout;
pub mod manifest_file;
pub mod named_package;
pub mod org;
pub mod owner;
pub mod pack;
pub mod package_page;
pub mod packlist;
pub mod ping;
pub mod pkg;
pub mod profile;
pub mod project;
pub mod publish;
mod registry_metadata;
pub mod reporter;
pub mod run;
pub mod script_approval;
pub mod search;
pub mod settings;
pub mod signatures;
pub mod stage;
pub mod star;
mod tarballs;
pub mod team;
pub mod token;
pub mod trust;
pub mod unpublish;
pub mod version;
pub mod view;
pub mod workspaces;
mod writable_packument;

pub use manifest_file::{ManifestError, ManifestFile};
pub use reporter::{Event, Reporter, Step};
pub use settings::Settings;
