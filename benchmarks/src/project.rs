//! The projects that are installed.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use crate::error::{self, BenchmarkError};
use crate::places;

/// A project: a folder below `benchmarks/projects` with a `package.json`.
pub struct Project {
    /// The folder's name.
    pub name: String,
    /// Its `package.json`.
    pub manifest: PathBuf,
}

/// The projects of these names, or all of them, those with fewest dependencies first.
pub fn select(names: &[String]) -> Result<Vec<Project>, BenchmarkError> {
    let folder = places::projects();
    let entries = fs::read_dir(&folder).map_err(error::io("read", &folder))?;
    let mut all: Vec<(usize, Project)> = Vec::new();
    for entry in entries.filter_map(Result::ok) {
        let manifest = entry.path().join("package.json");
        let text = fs::read_to_string(&manifest).map_err(error::io("read", &manifest))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        all.push((size(&text), Project { name, manifest }));
    }
    if let Some(name) = names.iter().find(|name| !all.iter().any(|(_, project)| project.name == **name)) {
        return Err(BenchmarkError::NoProject { name: name.clone() });
    }
    all.sort_by(|(a, left), (b, right)| (a, &left.name).cmp(&(b, &right.name)));
    let wanted = |project: &Project| names.is_empty() || names.contains(&project.name);
    Ok(all.into_iter().map(|(_, project)| project).filter(wanted).collect())
}

/// How many packages a project has, as its manifest says in `benchmark.packages`.
fn size(manifest: &str) -> usize {
    let manifest: Value = serde_json::from_str(manifest).unwrap_or_default();
    manifest["benchmark"]["packages"].as_u64().and_then(|size| size.try_into().ok()).unwrap_or(usize::MAX)
}
