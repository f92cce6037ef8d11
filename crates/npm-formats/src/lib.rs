//! The file and wire formats of npm: package.json, names, specifiers, packuments, lockfiles,
//! `.npmrc` and integrity; and knit's own bundles of answers. Parsing and printing only: no I/O, no environment, no
//! clock.

pub mod bundle;
pub mod collation;
pub mod config;
pub mod hosted_git;
pub mod integrity;
mod javascript;
pub mod json;
pub mod license;
pub mod lockfile;
pub mod manifest;
pub mod package_name;
pub mod packument;
mod posix_path;
pub mod specifier;
