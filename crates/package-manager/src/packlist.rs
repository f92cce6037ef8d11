//! Which files of a folder belong to its package.

use std::path::Path;

/// The files of a package's folder, relative to it, with `/`.
pub fn files(folder: &Path) -> std::io::Result<Vec<String>> {
    let mut found = Vec::new();
    let mut pending = vec![String::new()];
    while let Some(below) = pending.pop() {
        for entry in std::fs::read_dir(folder.join(&below))? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if matches!(name.as_str(), ".git" | "node_modules" | ".npmrc" | ".DS_Store") {
                continue;
            }
            let kind = entry.file_type()?;
            if kind.is_dir() {
                pending.push(format!("{below}{name}/"));
            } else if kind.is_file() {
                found.push(format!("{below}{name}"));
            }
        }
    }
    found.sort_unstable();
    Ok(found)
}
