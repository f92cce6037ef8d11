//! Questions about whole ranges: do two of them meet, what is the lowest version, is a version beyond.

use super::{Range, passes};
use crate::{Comparator, Operator, Version};

/// A side of a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Above every version of the range.
    High,
    /// Below every version of the range.
    Low,
}

impl Range {
    /// Whether some version may satisfy both ranges. Prereleases count as `self` was read.
    ///
    /// As in node-semver the order of the two can matter: `1.0.0-beta` does not intersect `*`, which no prerelease
    /// satisfies, but `*` intersects `1.0.0-beta`.
    pub fn intersects(&self, other: &Range) -> bool {
        let include_prerelease = self.options.include_prerelease;
        self.alternatives().filter(|mine| is_satisfiable(mine, include_prerelease)).any(|mine| {
            let theirs = other.alternatives().filter(|theirs| is_satisfiable(theirs, include_prerelease));
            { theirs }.any(|theirs| alternatives_meet(mine, theirs, include_prerelease))
        })
    }

    /// The lowest version that satisfies the range, `None` where none does.
    pub fn min_version(&self) -> Option<Version> {
        let first = Version::new(0, 0, 0);
        if self.satisfies(&first) {
            return Some(first);
        }
        let first = Version::with_prerelease([0, 0, 0], "0");
        if self.satisfies(&first) {
            return Some(first);
        }
        let lowest = self
            .alternatives()
            .filter_map(lowest_bound)
            .reduce(|lowest, bound| if lowest > bound { bound } else { lowest });
        lowest.filter(|version| self.satisfies(version))
    }

    /// Whether the version is above all versions of the range.
    pub fn gtr(&self, version: &Version) -> bool {
        self.outside(version, Side::High)
    }

    /// Whether the version is below all versions of the range.
    pub fn ltr(&self, version: &Version) -> bool {
        self.outside(version, Side::Low)
    }

    /// Whether the version is beyond all versions of the range on the given side.
    pub fn outside(&self, version: &Version, side: Side) -> bool {
        !self.satisfies(version)
            && self.alternatives().all(|alternative| is_beyond(alternative, version, side))
    }
}

fn alternatives_meet(mine: &[Comparator], theirs: &[Comparator], include_prerelease: bool) -> bool {
    mine.iter().all(|my| {
        if theirs.is_empty() {
            return my.operator != Operator::Equal || passes(theirs, &my.version, include_prerelease);
        }
        theirs.iter().all(|their| my.intersects(their, include_prerelease))
    })
}

/// Whether any version can pass all comparators, as far as looking at pairs tells.
fn is_satisfiable(alternative: &[Comparator], include_prerelease: bool) -> bool {
    alternative.iter().enumerate().all(|(index, comparator)| {
        alternative.iter().take(index).all(|other| comparator.intersects(other, include_prerelease))
    })
}

/// The highest of an alternative's lower bounds.
fn lowest_bound(alternative: &[Comparator]) -> Option<Version> {
    let lower = alternative.iter().filter(|comparator| !comparator.operator.is_upper_bound());
    lower.map(lowest_passing).reduce(|highest, bound| if bound > highest { bound } else { highest })
}

fn lowest_passing(comparator: &Comparator) -> Version {
    let version = &comparator.version;
    if comparator.operator != Operator::Greater {
        return version.clone();
    }
    if version.is_prerelease() {
        return Version::with_prerelease(version.numbers, &format!("{}.0", version.prerelease_text()));
    }
    Version::new(version.major(), version.minor(), version.patch().saturating_add(1))
}

/// Told for [`Side::High`]; for [`Side::Low`] every order and operator is turned round.
fn is_beyond(alternative: &[Comparator], version: &Version, side: Side) -> bool {
    let floor = [Comparator { operator: Operator::GreaterOrEqual, version: Version::new(0, 0, 0) }];
    let alternative = if alternative.is_empty() { &floor } else { alternative };
    let above = |left: &Version, right: &Version| match side {
        Side::High => left > right,
        Side::Low => left < right,
    };
    let (exclusive, inclusive) = match side {
        Side::High => (Operator::Greater, Operator::GreaterOrEqual),
        Side::Low => (Operator::Less, Operator::LessOrEqual),
    };
    let Some(first) = alternative.first() else { return true };
    let (mut high, mut low) = (first, first);
    for comparator in alternative {
        if above(&comparator.version, &high.version) {
            high = comparator;
        } else if above(&low.version, &comparator.version) {
            low = comparator;
        }
    }
    if high.operator == exclusive || high.operator == inclusive {
        return false;
    }
    let is_within = if low.operator == Operator::Equal || low.operator == exclusive {
        !above(version, &low.version)
    } else {
        low.operator == inclusive && above(&low.version, version)
    };
    !is_within
}
