//! A directory as text.

use std::fmt::Write;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use sha2::{Digest, Sha256};

/// Everything below `root`, a line an entry, sorted by path.
///
/// Shape: `path/` for a directory, `path 644 12 0a1b2c3d4e5f` for a file (mode, length in bytes, start of its
/// sha256), `path -> target` for a symbolic link. Empty for a directory that is not there.
pub fn snapshot_tree(root: &Path) -> String {
    let mut lines = Vec::new();
    collect(root, "", &mut lines);
    lines.sort();
    let mut text = String::new();
    for line in lines {
        writeln!(text, "{line}").expect("writing into memory");
    }
    text
}

fn collect(directory: &Path, prefix: &str, lines: &mut Vec<String>) {
    let Ok(entries) = fs::read_dir(directory) else { return };
    for entry in entries {
        let entry = entry.expect("an entry");
        let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
        let metadata = entry.path().symlink_metadata().expect("the entry's state");
        if metadata.is_symlink() {
            let target = fs::read_link(entry.path()).expect("the link's target");
            lines.push(format!("{path} -> {}", target.display()));
        } else if metadata.is_dir() {
            lines.push(format!("{path}/"));
            collect(&entry.path(), &format!("{path}/"), lines);
        } else {
            let contents = fs::read(entry.path()).expect("the file's contents");
            let digest: String =
                Sha256::digest(&contents).iter().take(6).map(|byte| format!("{byte:02x}")).collect();
            let mode = metadata.permissions().mode() & 0o7777;
            lines.push(format!("{path} {mode:o} {} {digest}", contents.len()));
        }
    }
}
