//! The package managers that are compared, and how each is told the same things.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::{self, BenchmarkError};
use crate::places;
use crate::scenario::Suite;

/// A package manager.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, clap::ValueEnum)]
pub enum ToolKind {
    Knit,
    Bun,
    Pnpm,
    Npm,
}

impl ToolKind {
    /// The ones that can do what a suite measures.
    pub fn all(suite: Suite) -> &'static [ToolKind] {
        match suite {
            Suite::Install => &[ToolKind::Knit, ToolKind::Bun, ToolKind::Pnpm, ToolKind::Npm],
            Suite::Resolve => &[ToolKind::Knit, ToolKind::Pnpm, ToolKind::Npm],
        }
    }

    /// Its name as a command.
    pub fn name(self) -> &'static str {
        match self {
            ToolKind::Knit => "knit",
            ToolKind::Bun => "bun",
            ToolKind::Pnpm => "pnpm",
            ToolKind::Npm => "npm",
        }
    }

    /// The lockfile it writes.
    pub fn lockfile(self) -> &'static str {
        match self {
            ToolKind::Knit | ToolKind::Npm => "package-lock.json",
            ToolKind::Bun => "bun.lock",
            ToolKind::Pnpm => "pnpm-lock.yaml",
        }
    }

    /// What makes it install, or only resolve. Scripts are off for all: what they do is not the tool's doing.
    pub fn arguments(self, suite: Suite) -> Vec<&'static str> {
        let mut arguments = vec!["install", "--ignore-scripts"];
        if matches!(self, ToolKind::Knit | ToolKind::Npm) {
            // The others neither audit nor count funding either.
            arguments.extend(["--no-audit", "--no-fund"]);
        }
        match (suite, self) {
            (Suite::Install, _) => {}
            (Suite::Resolve, ToolKind::Pnpm | ToolKind::Bun) => arguments.push("--lockfile-only"),
            (Suite::Resolve, ToolKind::Knit | ToolKind::Npm) => arguments.push("--package-lock-only"),
        }
        arguments
    }
}

impl fmt::Display for ToolKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// A package manager that is there.
pub struct Tool {
    pub kind: ToolKind,
    pub binary: PathBuf,
    pub version: String,
}

/// Finds the tools; peers that come from the registry are installed with npm first, if they are not there.
pub fn find(kinds: &[ToolKind], knit: Option<&Path>) -> Result<Vec<Tool>, BenchmarkError> {
    kinds.iter().map(|&kind| find_one(kind, knit)).collect()
}

fn find_one(kind: ToolKind, knit: Option<&Path>) -> Result<Tool, BenchmarkError> {
    let binary = match kind {
        ToolKind::Knit => knit.map_or_else(|| places::release("knit"), Path::to_owned),
        ToolKind::Npm => PathBuf::from("npm"),
        ToolKind::Bun => peer("@oven", "bin/bun")?,
        ToolKind::Pnpm => peer("@pnpm", "pnpm")?,
    };
    let version = Command::new(&binary).arg("--version").output();
    let version = version.map_err(|_| BenchmarkError::NoTool { tool: kind, path: binary.clone() })?;
    let version = String::from_utf8_lossy(&version.stdout).trim().to_owned();
    Ok(Tool { kind, binary, version })
}

/// The native executable of a peer: a file in the one package of a scope that is for this platform. The launchers
/// in front of it are replaced by install scripts, which are not run here.
pub fn peer(scope: &str, file: &str) -> Result<PathBuf, BenchmarkError> {
    let folder = install_peers()?.join("node_modules").join(scope);
    let entries = fs::read_dir(&folder).map_err(error::io("read", &folder))?;
    let mut candidates = entries.filter_map(|entry| Some(entry.ok()?.path().join(file)));
    candidates.find(|path| path.is_file()).ok_or_else(|| BenchmarkError::Io {
        action: "find an executable in",
        path: folder,
        source: std::io::ErrorKind::NotFound.into(),
    })
}

/// The folder the peers are in, as `benchmarks/peers/package.json` asks for them.
fn install_peers() -> Result<PathBuf, BenchmarkError> {
    let wanted = places::here().join("peers/package.json");
    let folder = places::out().join("peers");
    let installed = folder.join("package.json");
    let manifest = fs::read(&wanted).map_err(error::io("read", &wanted))?;
    let complete = folder.join("node_modules/.package-lock.json").is_file();
    if complete && fs::read(&installed).is_ok_and(|present| present == manifest) {
        return Ok(folder);
    }
    fs::create_dir_all(&folder).map_err(error::io("make", &folder))?;
    fs::write(&installed, manifest).map_err(error::io("write", &installed))?;
    let arguments = ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock"];
    let status = Command::new("npm").args(arguments).current_dir(&folder).status();
    match status {
        Ok(status) if status.success() => Ok(folder),
        Ok(status) => {
            Err(error::io("install the peers into", &folder)(std::io::Error::other(status.to_string())))
        }
        Err(source) => Err(error::io("install the peers into", &folder)(source)),
    }
}
