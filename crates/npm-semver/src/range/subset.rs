//! Whether every version of one range satisfies another.
//!
//! The rules are node-semver's: an alternative is compared with one alternative of the other range at a time, so a
//! range is not found to be within two that only together cover it.

use std::cmp::Ordering;

use super::{Range, passes};
use crate::{Comparator, Operator, Version};

/// How one alternative lies to another.
#[derive(PartialEq, Eq)]
enum Relation {
    Within,
    NotWithin,
    /// Nothing passes the first one.
    Empty,
}

impl Range {
    /// Whether every version that satisfies `self` satisfies `superset`. Prereleases count as `self` was read.
    pub fn is_subset(&self, superset: &Range) -> bool {
        let mut saw_versions = false;
        'alternatives: for mine in self.alternatives() {
            for theirs in superset.alternatives() {
                match relation(mine, theirs, self.options.include_prerelease) {
                    Relation::Within => {
                        saw_versions = true;
                        continue 'alternatives;
                    }
                    Relation::NotWithin => saw_versions = true,
                    Relation::Empty => {}
                }
            }
            // Empty alternatives count for nothing beside others; only where all are empty is the whole a subset.
            if saw_versions {
                return false;
            }
        }
        true
    }
}

fn relation(subset: &[Comparator], superset: &[Comparator], include_prerelease: bool) -> Relation {
    if subset.len() == superset.len()
        && subset.iter().zip(superset).all(|(mine, their)| mine.prints_as(their))
    {
        return Relation::Within;
    }
    if superset.is_empty() && include_prerelease {
        return Relation::Within;
    }
    let lowest = if include_prerelease { "0" } else { "" };
    let floor = |prerelease| {
        let version = Version::with_prerelease([0, 0, 0], prerelease);
        [Comparator { operator: Operator::GreaterOrEqual, version }]
    };
    let (my_floor, their_floor) = (floor(lowest), floor(""));
    let subset = if subset.is_empty() { &my_floor } else { subset };
    let superset = if superset.is_empty() { &their_floor } else { superset };

    let bounds = Bounds::of(subset);
    if bounds.is_empty(subset) {
        return Relation::Empty;
    }
    let mut exact = subset.iter().filter(|comparator| comparator.operator == Operator::Equal);
    if let Some(exact) = exact.next() {
        return exact_relation(&exact.version, &bounds, superset, include_prerelease);
    }
    let within =
        bounds.are_within(superset) && (include_prerelease || bounds.prereleases_are_within(superset));
    if within { Relation::Within } else { Relation::NotWithin }
}

/// The subset holds one version only.
fn exact_relation(
    exact: &Version,
    bounds: &Bounds<'_>,
    superset: &[Comparator],
    include_prerelease: bool,
) -> Relation {
    let admits =
        |comparator: &Comparator| passes(std::slice::from_ref(comparator), exact, include_prerelease);
    if [bounds.lower, bounds.upper].into_iter().flatten().any(|bound| !admits(bound)) {
        return Relation::Empty;
    }
    if superset.iter().all(admits) { Relation::Within } else { Relation::NotWithin }
}

/// The tightest bounds of an alternative.
struct Bounds<'a> {
    lower: Option<&'a Comparator>,
    upper: Option<&'a Comparator>,
    /// How lower lies to upper, where there are both.
    order: Option<Ordering>,
}

impl<'a> Bounds<'a> {
    fn of(alternative: &'a [Comparator]) -> Self {
        let lower = alternative.iter().filter(|bound| bound.operator.is_lower_bound());
        let upper = alternative.iter().filter(|bound| bound.operator.is_upper_bound());
        let lower = lower.reduce(|held, bound| if is_tighter_lower(bound, held) { bound } else { held });
        let upper = upper.reduce(|held, bound| if is_tighter_upper(bound, held) { bound } else { held });
        let order = lower.zip(upper).map(|(lower, upper)| lower.version.cmp(&upper.version));
        Self { lower, upper, order }
    }

    /// Nothing can pass: two exact versions, or bounds that leave nothing between them.
    fn is_empty(&self, alternative: &[Comparator]) -> bool {
        if alternative.iter().filter(|bound| bound.operator == Operator::Equal).count() > 1 {
            return true;
        }
        let (Some(lower), Some(upper)) = (self.lower, self.upper) else { return false };
        match self.order {
            Some(Ordering::Greater) => true,
            Some(Ordering::Equal) => {
                lower.operator != Operator::GreaterOrEqual || upper.operator != Operator::LessOrEqual
            }
            _ => false,
        }
    }

    /// Whether the bounds are no wider than every comparator of the superset.
    fn are_within(&self, superset: &[Comparator]) -> bool {
        let is_single = self.order == Some(Ordering::Equal);
        for bound in superset {
            if self.lower.is_some_and(|lower| !lower_is_within(lower, bound))
                || self.upper.is_some_and(|upper| !upper_is_within(upper, bound))
                || (bound.operator == Operator::Equal && !is_single)
            {
                return false;
            }
        }
        // Open on a side on which the superset is not.
        let any = |is_bound: fn(Operator) -> bool| superset.iter().any(|bound| is_bound(bound.operator));
        let lacks_upper = self.lower.is_some() && self.upper.is_none() && any(Operator::is_upper_bound);
        let lacks_lower = self.upper.is_some() && self.lower.is_none() && any(Operator::is_lower_bound);
        !lacks_upper && !lacks_lower
    }

    /// A prerelease bound lets prereleases of its release in, which the superset must do too.
    fn prereleases_are_within(&self, superset: &[Comparator]) -> bool {
        let is_admitted = |bound: &Comparator| {
            !bound.version.is_prerelease()
                || superset.iter().any(|other| {
                    other.version.is_prerelease() && other.version.numbers == bound.version.numbers
                })
        };
        // `<1.2.3-0` admits no prerelease of 1.2.3, so it is the same as `<1.2.3`.
        let is_release =
            |bound: &Comparator| bound.operator == Operator::Less && bound.version.prerelease_text() == "0";
        self.lower.is_none_or(is_admitted)
            && self.upper.is_none_or(|upper| is_release(upper) || is_admitted(upper))
    }
}

fn lower_is_within(lower: &Comparator, bound: &Comparator) -> bool {
    if bound.operator.is_lower_bound() {
        return !is_tighter_lower(bound, lower);
    }
    lower.operator != Operator::GreaterOrEqual || bound.test(&lower.version)
}

fn upper_is_within(upper: &Comparator, bound: &Comparator) -> bool {
    if bound.operator.is_upper_bound() {
        return !is_tighter_upper(bound, upper);
    }
    upper.operator != Operator::LessOrEqual || bound.test(&upper.version)
}

/// `>1.2.3` is tighter than `>=1.2.3`.
fn is_tighter_lower(bound: &Comparator, held: &Comparator) -> bool {
    match bound.version.cmp(&held.version) {
        Ordering::Equal => bound.operator == Operator::Greater && held.operator == Operator::GreaterOrEqual,
        order => order == Ordering::Greater,
    }
}

/// `<1.2.3` is tighter than `<=1.2.3`.
fn is_tighter_upper(bound: &Comparator, held: &Comparator) -> bool {
    match bound.version.cmp(&held.version) {
        Ordering::Equal => bound.operator == Operator::Less && held.operator == Operator::LessOrEqual,
        order => order == Ordering::Less,
    }
}
