//! Which package a node really is, told by what its own tarball cannot say.

use dependency_resolver::{NodeId, Requirement, Tree};
use npm_semver::Version;

/// A registry package by trusted sources: the URL of its tarball, else what its dependents ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Its name in the registry, of an alias the real one.
    pub name: String,
    /// Its version; `None` where no URL is recorded (`omit-lockfile-registry-resolved`).
    pub version: Option<String>,
}

/// The trusted identity of a node.
///
/// The recorded URL must name the package that the lockfile or packument names: it is this package whose
/// integrity the registry vouches for, so a lockfile cannot lend one package's approval to another.
pub fn identity(tree: &Tree, id: NodeId) -> Option<Identity> {
    let node = tree.node(id);
    if let Some(found) = node.resolved().and_then(from_url) {
        let is_named_so = node.package().name().is_none_or(|name| **name == found.name);
        let is_versioned_so = node.package().parsed_version().is_none_or(|version| {
            let found = found.version.as_deref().and_then(|text| Version::parse_loose(text).ok());
            found.is_none_or(|found| found == *version)
        });
        return (is_named_so && is_versioned_so).then_some(found);
    }
    let mut edges = tree.dependents(id).into_iter();
    let name = edges.find_map(|edge| registry_name(tree.edge_name(edge), &tree.edge_requirement(edge)));
    Some(Identity { name: name?, version: None })
}

/// Name and version to show: trusted where possible, else what the tree says.
pub fn displayed(tree: &Tree, id: NodeId) -> (String, String) {
    let node = tree.node(id);
    let known = identity(tree, id);
    let version = known.as_ref().and_then(|known| known.version.clone());
    let name = known.map_or_else(|| tree.name(id).to_string(), |known| known.name);
    (name, version.unwrap_or_else(|| node.version().to_owned()))
}

fn registry_name(name: &str, requirement: &Requirement) -> Option<String> {
    requirement.registry_request(name).map(|(name, _)| name)
}

/// `.../@scope/name/-/name-1.2.3.tgz`, as registries name tarballs.
fn from_url(resolved: &str) -> Option<Identity> {
    if !resolved.starts_with("https:/") && !resolved.starts_with("http:/") {
        return None;
    }
    let url = url::Url::parse(resolved).ok()?;
    let (before, file) = url.path().rsplit_once("/-/")?;
    let before = before.rsplit("/-/").next()?.replace("%2f", "/").replace("%2F", "/");
    let mut segments = before.rsplit('/');
    let project = segments.next().filter(|project| !project.is_empty())?;
    let scope = segments.next().filter(|scope| scope.starts_with('@'));
    let version = file.strip_suffix(".tgz")?.strip_prefix(project)?.strip_prefix('-')?;
    let version = Version::parse(version).ok()?.to_string();
    let name = scope.map_or_else(|| project.to_owned(), |scope| format!("{scope}/{project}"));
    Some(Identity { name, version: Some(version) })
}

#[cfg(test)]
mod tests {
    use super::from_url;

    // Every row was run through npm 11.19.1's `version-from-tgz`.
    #[test]
    fn names_and_versions_are_told_by_tarball_urls() {
        for (url, expected) in [
            ("https://registry.example/a/-/a-1.2.3.tgz", Some("a@1.2.3")),
            ("https://registry.example/@s/a/-/a-1.2.3-beta.1.tgz", Some("@s/a@1.2.3-beta.1")),
            ("https://registry.example/@s%2fa/-/a-1.2.3.tgz", Some("@s/a@1.2.3")),
            ("https://registry.example/npm/b/-/x/a/-/a-1.2.3.tgz", Some("a@1.2.3")),
            ("https://registry.example/a/-/b-1.2.3.tgz", None),
            ("https://registry.example/a-1.2.3.tgz", None),
            ("https://registry.example/-/a-1.2.3.tgz", None),
            ("https://registry.example/a/-/a-1.2.tgz", None),
            ("https://registry.example/a/-/a-1.2.3.tar.gz", None),
            ("git+https://registry.example/a/-/a-1.2.3.tgz", None),
            ("file:/a/-/a-1.2.3.tgz", None),
        ] {
            let found =
                from_url(url).map(|found| format!("{}@{}", found.name, found.version.unwrap_or_default()));
            assert_eq!(found.as_deref(), expected, "{url}");
        }
    }
}
