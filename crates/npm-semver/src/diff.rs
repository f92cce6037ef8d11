//! Which number tells two versions apart.

use std::cmp::Ordering;
use std::fmt;

use crate::Version;

/// The leftmost part in which two versions differ; the `Pre` ones where the higher is a prerelease.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Difference {
    Major,
    Premajor,
    Minor,
    Preminor,
    Patch,
    Prepatch,
    Prerelease,
}

impl Difference {
    /// npm's word, such as `premajor`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Major => "major",
            Self::Premajor => "premajor",
            Self::Minor => "minor",
            Self::Preminor => "preminor",
            Self::Patch => "patch",
            Self::Prepatch => "prepatch",
            Self::Prerelease => "prerelease",
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// In what two versions differ, `None` where they are equal. The order of the two does not matter.
pub fn diff(left: &Version, right: &Version) -> Option<Difference> {
    let (low, high) = match left.cmp(right) {
        Ordering::Equal => return None,
        Ordering::Less => (left, right),
        Ordering::Greater => (right, left),
    };
    if low.is_prerelease() && !high.is_prerelease() {
        // A prerelease of a major version differs from any release by the major version, even from its own.
        if low.patch() == 0 && low.minor() == 0 {
            return Some(Difference::Major);
        }
        if low.compare_main(high) == Ordering::Equal {
            return Some(if low.patch() == 0 { Difference::Minor } else { Difference::Patch });
        }
    }
    let choose = |plain, pre| Some(if high.is_prerelease() { pre } else { plain });
    if low.major() != high.major() {
        choose(Difference::Major, Difference::Premajor)
    } else if low.minor() != high.minor() {
        choose(Difference::Minor, Difference::Preminor)
    } else if low.patch() != high.patch() {
        choose(Difference::Patch, Difference::Prepatch)
    } else {
        Some(Difference::Prerelease)
    }
}
