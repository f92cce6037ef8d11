//! Locations: where in the project a package lies, and how one sees another from there.

use super::LockfileEntry;
use indexmap::IndexMap;

/// The entry that a package at `location` finds under a name: the nearest `node_modules` on the way up that has it.
pub(super) fn resolve_entry<'a>(
    packages: &'a IndexMap<String, LockfileEntry>,
    location: &str,
    name: &str,
) -> Option<&'a LockfileEntry> {
    resolve_location(packages, location, name).and_then(|location| packages.get(&location))
}

/// The location of that entry.
pub(super) fn resolve_location(
    packages: &IndexMap<String, LockfileEntry>,
    location: &str,
    name: &str,
) -> Option<String> {
    let mut folder = location;
    loop {
        let separator = if folder.is_empty() { "" } else { "/" };
        let candidate = format!("{folder}{separator}node_modules/{name}");
        if packages.contains_key(&candidate) {
            return Some(candidate);
        }
        if folder.is_empty() {
            return None;
        }
        folder = folder.rsplit_once('/').map_or("", |(parent, _)| parent);
    }
}
