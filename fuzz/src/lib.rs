//! What several fuzz targets need: a place for files, and both readers of a tarball side by side.

#![forbid(unsafe_code)]

pub mod readers;

use std::path::Path;
use std::sync::LazyLock;

static FOLDER: LazyLock<tempfile::TempDir> =
    LazyLock::new(|| tempfile::tempdir().expect("a folder for files"));

/// A folder for as long as the process runs.
pub fn folder() -> &'static Path {
    FOLDER.path()
}
