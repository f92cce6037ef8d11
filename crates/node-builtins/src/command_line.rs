//! How the process was started, as `process` and the options tell programs.

use std::path::PathBuf;

/// Of the main thread's runtime.
#[derive(Clone, Default)]
pub struct CommandLine {
    /// What the program was called as.
    pub argv0: String,
    /// Absolute path of the executable.
    pub executable: PathBuf,
    /// Everything after `argv0`, options included.
    pub arguments: Vec<String>,
}
