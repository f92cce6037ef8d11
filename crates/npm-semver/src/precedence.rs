//! The order of versions. Nothing here allocates.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

use crate::version::identifiers;
use crate::{MAX_SAFE_INTEGER, Version, scan};

/// One identifier of a prerelease or build as it is compared.
enum Identifier<'a> {
    Number(u64),
    /// Digits beyond the largest safe integer are compared as JavaScript's doubles, as node-semver does.
    Large(f64),
    Text(&'a str),
}

impl<'a> Identifier<'a> {
    fn of(text: &'a str) -> Self {
        if !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Self::Text(text);
        }
        let value = scan::number(text);
        if value <= MAX_SAFE_INTEGER {
            return Self::Number(value);
        }
        text.parse().map_or(Self::Text(text), Self::Large)
    }

    fn compare(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Number(left), Self::Number(right)) => left.cmp(right),
            (Self::Large(left), Self::Large(right)) => left.total_cmp(right),
            (Self::Text(left), Self::Text(right)) => left.cmp(right),
            (Self::Number(_), _) | (Self::Large(_), Self::Text(_)) => Ordering::Less,
            (_, Self::Number(_)) | (Self::Text(_), Self::Large(_)) => Ordering::Greater,
        }
    }
}

/// Identifier by identifier; where all are equal the shorter list comes first.
fn compare_identifiers(left: &str, right: &str) -> Ordering {
    let (mut left, mut right) = (identifiers(left), identifiers(right));
    loop {
        let order = match (left.next(), right.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => Ordering::Less,
            (Some(_), None) => Ordering::Greater,
            (Some(left), Some(right)) if left == right => Ordering::Equal,
            (Some(left), Some(right)) => Identifier::of(left).compare(&Identifier::of(right)),
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

impl Version {
    /// Compares `major.minor.patch` only.
    pub fn compare_main(&self, other: &Self) -> Ordering {
        self.numbers.cmp(&other.numbers)
    }

    /// Compares by precedence and then by build metadata: no build comes first.
    pub fn compare_build(&self, other: &Self) -> Ordering {
        self.cmp(other).then_with(|| compare_identifiers(self.build_text(), other.build_text()))
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        self.numbers.cmp(&other.numbers).then_with(|| {
            match (self.prerelease_text(), other.prerelease_text()) {
                ("", "") => Ordering::Equal,
                ("", _) => Ordering::Greater,
                (_, "") => Ordering::Less,
                (left, right) => compare_identifiers(left, right),
            }
        })
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Version {}

impl Hash for Version {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.numbers.hash(state);
        for identifier in self.prerelease() {
            match Identifier::of(identifier) {
                Identifier::Number(value) => value.hash(state),
                Identifier::Large(value) => value.to_bits().hash(state),
                Identifier::Text(text) => text.hash(state),
            }
        }
    }
}
