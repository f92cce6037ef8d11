//! The order of members that npm gives a package.json it sorts.

use serde_json::{Map, Value};

/// Members in the order npm prefers; others follow in their own order. Source: npm 11.19.1, @npmcli/package-json.
const ORDER: [&str; 40] = [
    "name",
    "version",
    "private",
    "description",
    "keywords",
    "homepage",
    "bugs",
    "repository",
    "funding",
    "license",
    "author",
    "maintainers",
    "contributors",
    "type",
    "imports",
    "exports",
    "main",
    "browser",
    "types",
    "bin",
    "man",
    "directories",
    "files",
    "workspaces",
    "scripts",
    "config",
    "dependencies",
    "devDependencies",
    "peerDependencies",
    "peerDependenciesMeta",
    "optionalDependencies",
    "bundledDependencies",
    "bundleDependencies",
    "engines",
    "os",
    "cpu",
    "publishConfig",
    "devEngines",
    "licenses",
    "overrides",
];

pub(super) fn sort_members(members: &mut Map<String, Value>) {
    let rank = |key: &str| ORDER.iter().position(|name| *name == key).unwrap_or(ORDER.len());
    let mut sorted: Vec<(String, Value)> = std::mem::take(members).into_iter().collect();
    sorted.sort_by_key(|(key, _)| rank(key));
    members.extend(sorted);
}
