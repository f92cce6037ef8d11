//! A project and a home for one tool, away from the user's settings and caches.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::{self, BenchmarkError};
use crate::places;
use crate::project::Project;
use crate::scenario::{Scenario, Suite};
use crate::tool::Tool;

/// The folders of one tool and project.
pub struct Sandbox {
    root: PathBuf,
}

impl Sandbox {
    /// The folders, on the file system of the workspace so that stores can be linked from.
    pub fn new(tool: &Tool, project: &Project) -> Sandbox {
        Sandbox { root: places::out().join("work").join(tool.kind.name()).join(&project.name) }
    }

    /// Makes the state a scenario starts from out of the state the scenario before left.
    pub fn prepare(
        &self,
        scenario: Scenario,
        tool: &Tool,
        project: &Project,
        registry: &str,
    ) -> Result<(), BenchmarkError> {
        if !scenario.keeps_caches() {
            remove(&self.root)?;
            for folder in [self.project(), self.home(), self.temporary()] {
                fs::create_dir_all(&folder).map_err(error::io("make", &folder))?;
            }
            let manifest = self.project().join("package.json");
            fs::copy(&project.manifest, &manifest).map_err(error::io("write", &manifest))?;
            self.write_settings(registry)?;
        }
        if !scenario.keeps_lockfile() {
            remove(&self.project().join(tool.kind.lockfile()))?;
        }
        if !scenario.keeps_modules() {
            remove(&self.modules())?;
        }
        // What earlier runs left to be written must not be written while this one is measured.
        rustix::fs::sync();
        Ok(())
    }

    /// Names the registry wherever a tool looks for it.
    fn write_settings(&self, registry: &str) -> Result<(), BenchmarkError> {
        for (file, text) in [
            (".npmrc", format!("registry={registry}\nupdate-notifier=false\n")),
            (".bunfig.toml", format!("[install]\nregistry = \"{registry}\"\n")),
        ] {
            let path = self.home().join(file);
            fs::write(&path, text).map_err(error::io("write", &path))?;
        }
        Ok(())
    }

    /// The command, ready to run.
    pub fn command(&self, tool: &Tool, suite: Suite, registry: &str) -> Command {
        let home = self.home();
        let mut command = Command::new(&tool.binary);
        command.args(tool.kind.arguments(suite)).current_dir(self.project()).env_clear();
        if let Some(path) = std::env::var_os("PATH") {
            command.env("PATH", path);
        }
        command
            .env("HOME", &home)
            .env("XDG_CACHE_HOME", home.join(".cache"))
            .env("XDG_CONFIG_HOME", home.join(".config"))
            .env("XDG_DATA_HOME", home.join(".local/share"))
            .env("XDG_STATE_HOME", home.join(".local/state"))
            .env("TMPDIR", self.temporary())
            .env("npm_config_registry", registry);
        command
    }

    /// Where a run writes what it took; what it printed is beside it.
    pub fn report(&self) -> PathBuf {
        self.root.join("run.numbers")
    }

    /// What the last command printed.
    pub fn output(&self) -> String {
        fs::read_to_string(self.report().with_extension("txt")).unwrap_or_default()
    }

    /// Whether the lockfile of a tool is there.
    pub fn has_lockfile(&self, tool: &Tool) -> bool {
        self.project().join(tool.kind.lockfile()).is_file()
    }

    /// Whether anything is installed.
    pub fn has_modules(&self) -> bool {
        fs::read_dir(self.modules()).is_ok_and(|mut entries| entries.next().is_some())
    }

    fn project(&self) -> PathBuf {
        self.root.join("project")
    }

    fn home(&self) -> PathBuf {
        self.root.join("home")
    }

    fn temporary(&self) -> PathBuf {
        self.root.join("tmp")
    }

    fn modules(&self) -> PathBuf {
        self.project().join("node_modules")
    }
}

fn remove(path: &Path) -> Result<(), BenchmarkError> {
    let removed = match path.symlink_metadata() {
        Ok(metadata) if metadata.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    };
    removed.map_err(error::io("remove", path))
}
