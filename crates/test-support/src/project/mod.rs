//! A project in a temporary directory, and a package manager run in it without the user's own settings.

mod snapshot;

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
pub use snapshot::snapshot_tree;

use crate::registry::TestRegistry;

/// A project with a home of its own; gone when dropped.
pub struct TestProject {
    binary: PathBuf,
    // Kept for its drop.
    _directory: tempfile::TempDir,
    root: PathBuf,
    registry: Option<String>,
}

/// What a run left behind. Text has the project's path as `[project]`, the home's as `[home]` and the registry's
/// address as `[registry]/`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunOutput {
    /// The exit status; none when a signal ended it.
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl RunOutput {
    /// All three as text, for snapshots.
    pub fn to_snapshot(&self) -> String {
        let code = self.code.map_or_else(|| "signal".to_owned(), |code| code.to_string());
        format!(
            "exit: {code}\n--- stdout\n{}\n--- stderr\n{}\n",
            self.stdout.trim_end(),
            self.stderr.trim_end()
        )
    }

    /// The same output, once it is sure that the run went well.
    #[track_caller]
    pub fn success(self) -> RunOutput {
        assert_eq!(self.code, Some(0), "{}", self.to_snapshot());
        self
    }
}

impl TestProject {
    /// An empty project for an executable: `env!("CARGO_BIN_EXE_knit")`, or `npm` to compare with.
    pub fn new(binary: impl Into<PathBuf>) -> TestProject {
        let directory = tempfile::tempdir().expect("a temporary directory");
        // Package managers print the real path; a temporary directory may be behind a symbolic link.
        let root = directory.path().canonicalize().expect("the directory's real path");
        let project = TestProject { binary: binary.into(), _directory: directory, root, registry: None };
        fs::create_dir_all(project.path()).expect("the project's directory");
        fs::create_dir_all(project.home()).expect("the home directory");
        fs::create_dir_all(project.root.join("tmp")).expect("the directory for temporary files");
        project
    }

    /// Uses a registry, named in the user's `.npmrc`.
    pub fn with_registry(mut self, registry: &TestRegistry) -> TestProject {
        self.registry = Some(registry.url());
        fs::write(self.home().join(".npmrc"), format!("registry={}\n", registry.url()))
            .expect("the user's .npmrc");
        self
    }

    /// The project's directory.
    pub fn path(&self) -> PathBuf {
        self.root.join("project")
    }

    /// The home directory, with the XDG directories below it.
    pub fn home(&self) -> PathBuf {
        self.root.join("home")
    }

    /// Writes a file of the project, making its directories.
    pub fn write(&self, path: &str, contents: impl AsRef<[u8]>) -> &Self {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().expect("a path below the project")).expect("the file's directory");
        fs::write(&path, contents).expect("the file");
        self
    }

    /// Writes a file of JSON as npm does: two spaces, a line end.
    pub fn write_json(&self, path: &str, value: &Value) -> &Self {
        self.write(
            path,
            format!("{}\n", serde_json::to_string_pretty(value).expect("a value can be written")),
        )
    }

    /// A file of the project as text.
    #[track_caller]
    pub fn read(&self, path: &str) -> String {
        let path = self.path().join(path);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// A file of the project as JSON.
    #[track_caller]
    pub fn read_json(&self, path: &str) -> Value {
        serde_json::from_str(&self.read(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// Whether something is there; a symbolic link counts whatever it points at.
    pub fn exists(&self, path: &str) -> bool {
        self.path().join(path).symlink_metadata().is_ok()
    }

    /// Removes a file or directory, if it is there.
    pub fn remove(&self, path: &str) -> &Self {
        let path = self.path().join(path);
        match path.symlink_metadata() {
            Ok(metadata) if metadata.is_dir() => {
                fs::remove_dir_all(&path).expect("the directory to be removed")
            }
            Ok(_) => fs::remove_file(&path).expect("the file to be removed"),
            Err(_) => {}
        }
        self
    }

    /// A directory of the project as text; see [`snapshot_tree`].
    pub fn tree(&self, path: &str) -> String {
        snapshot_tree(&self.path().join(path))
    }

    /// The command, ready to run: in the project, with nothing of the caller's environment but `PATH`.
    pub fn command<I, S>(&self, arguments: I) -> Command
    where
        I: IntoIterator<Item = S>,
        S: AsRef<OsStr>,
    {
        let home = self.home();
        let mut command = Command::new(&self.binary);
        command.args(arguments).current_dir(self.path()).env_clear().stdin(Stdio::null());
        if let Some(path) = std::env::var_os("PATH") {
            command.env("PATH", path);
        }
        command
            .env("HOME", &home)
            .env("XDG_CACHE_HOME", home.join(".cache"))
            .env("XDG_CONFIG_HOME", home.join(".config"))
            .env("XDG_DATA_HOME", home.join(".local/share"))
            .env("XDG_STATE_HOME", home.join(".local/state"))
            .env("TMPDIR", self.root.join("tmp"))
            .env("NO_COLOR", "1");
        command
    }

    /// Runs the command to its end.
    pub fn run<I, S>(&self, arguments: I) -> RunOutput
    where
        I: IntoIterator<Item = S>,
        S: AsRef<OsStr>,
    {
        let output = self.command(arguments).output();
        let output = output.unwrap_or_else(|error| panic!("{}: {error}", self.binary.display()));
        RunOutput {
            code: output.status.code(),
            stdout: self.normalized(&output.stdout),
            stderr: self.normalized(&output.stderr),
        }
    }

    fn normalized(&self, bytes: &[u8]) -> String {
        let text = String::from_utf8_lossy(bytes);
        let text = replace_path(&text, &self.path(), "[project]");
        let text = replace_path(&text, &self.home(), "[home]");
        match &self.registry {
            Some(url) => text.replace(url, "[registry]/"),
            None => text,
        }
    }
}

fn replace_path(text: &str, path: &Path, placeholder: &str) -> String {
    text.replace(path.to_str().expect("a temporary path of text"), placeholder)
}
