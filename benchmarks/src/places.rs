//! Where things are, from the workspace's root on.

use std::path::{Path, PathBuf};

/// The folder of this crate.
pub fn here() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Everything that is written; not committed.
pub fn out() -> PathBuf {
    here().join("out")
}

/// The manifests of the projects.
pub fn projects() -> PathBuf {
    here().join("projects")
}

/// The programs that runtimes run.
pub fn kernels() -> PathBuf {
    here().join("kernels")
}

/// What a release build of the workspace makes.
pub fn release(file: &str) -> PathBuf {
    here().join("../target/release").join(file)
}
