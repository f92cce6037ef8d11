//! What packages, lockfiles, repositories and configuration try. Where npm 11.19.1 lets something pass that is not
//! let pass here, the test says so.

mod archives;
mod configuration;
mod layout;
mod lockfiles;
mod names;
mod repositories;
mod scripts;

use test_support::{TestProject, snapshot_tree};

/// Everything a user has beside the project, the store and the caches: where nothing may ever appear.
fn surroundings(project: &TestProject) -> String {
    let root = project.path().parent().expect("has a parent").to_owned();
    let tree = snapshot_tree(&root);
    let ours = ["project/", "home/.local/share/knit/", "home/.cache/knit/"];
    tree.lines()
        .filter(|line| !ours.iter().any(|own| line.starts_with(own)))
        .map(|line| format!("{line}\n"))
        .collect()
}
