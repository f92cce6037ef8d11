//! Versions that are to give way to others: what `audit fix` asks of a resolution. Source: npm 11.19.1.
//!
//! Does not own which versions these are; the caller knows advisories, and nobody here does.

use std::collections::{HashMap, HashSet};

use npm_semver::Range;

use crate::tree::{NodeId, Tree};

/// What to get rid of, and where it is.
#[derive(Debug, Clone, Default)]
pub struct Avoidance {
    /// By the name in the packages' own documents.
    pub packages: HashMap<String, Avoided>,
    /// Locations of packages whose dependents are looked at again.
    pub locations: Vec<String>,
    /// What packages of the project are to depend on instead of what they allow now: the location of the
    /// dependent and `name@version`.
    pub replacements: Vec<(String, String)>,
}

/// Versions of one package.
#[derive(Debug, Clone)]
pub struct Avoided {
    /// The versions that are only chosen where there is no other.
    pub range: Range,
    /// The published or installed versions that are replaced where a dependent allows another.
    pub versions: HashSet<String>,
}

impl Avoidance {
    /// Whether nothing is to be avoided.
    pub fn is_empty(&self) -> bool {
        self.packages.is_empty() && self.replacements.is_empty()
    }

    /// The versions of a package not to choose.
    pub(crate) fn range(&self, name: &str) -> Option<&Range> {
        self.packages.get(name).map(|avoided| &avoided.range)
    }

    /// Whether a node is to be replaced.
    pub(crate) fn concerns(&self, tree: &Tree, node: NodeId) -> bool {
        if self.packages.is_empty() {
            return false;
        }
        let package = tree.node(node).package();
        let (Some(name), Some(version)) = (package.name(), package.version()) else { return false };
        self.packages.get(&**name).is_some_and(|avoided| avoided.versions.contains(&**version))
    }
}
