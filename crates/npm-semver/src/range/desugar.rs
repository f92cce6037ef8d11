//! What a single word of a range means: `^1.2.3`, `~1.2`, `1.x`, `>=1`, `*` as plain comparators.

use smallvec::SmallVec;

use super::RangeOptions;
use crate::scan::{self, PartialText, is_x};
use crate::{Comparator, MAX_SAFE_INTEGER, Operator, SemverError, Version};

/// Collects the comparators of one alternative word by word.
pub(super) struct Alternative {
    comparators: SmallVec<[Comparator; 2]>,
    options: RangeOptions,
    /// Some word was a comparator, if only one that any version passes.
    has_word: bool,
    /// The word being added is the first or last one.
    is_outer: bool,
}

impl Alternative {
    pub(super) fn new(options: RangeOptions) -> Self {
        Self { comparators: SmallVec::new(), options, has_word: false, is_outer: true }
    }

    /// Adds one word, which has no white space; `is_outer` tells the first and last ones.
    ///
    /// *Errors*: the word is no comparator (never so loosely read), or a number in it is too large.
    pub(super) fn add(&mut self, word: &str, is_outer: bool) -> Result<(), SemverError> {
        self.is_outer = is_outer;
        if word.is_empty() {
            return self.add_any();
        }
        let loose = self.options.loose;
        if let Some(rest) = word.strip_prefix('^')
            && let Some(parts) = scan::partial(scan::skip_prefix(rest), loose)
        {
            return self.add_caret(parts);
        }
        if let Some(rest) = word.strip_prefix('~')
            && let Some(parts) =
                scan::partial(scan::skip_prefix(rest.strip_prefix('>').unwrap_or(rest)), loose)
        {
            return self.add_tilde(parts);
        }
        let (operator, rest) = Operator::split(word);
        match scan::partial(scan::skip_prefix(rest), loose) {
            Some(parts) if is_x(parts.patch) && !is_disordered(parts) => self.add_x_range(operator, parts),
            Some(parts) if !is_x(parts.patch) && !is_disordered(parts) => self.add_plain(word),
            _ => self.add_plain(&without_star(word)),
        }
    }

    /// The comparators, `None` where there was no valid word. Duplicates are dropped, and a comparator that nothing
    /// passes stands alone.
    pub(super) fn finish(self) -> Option<SmallVec<[Comparator; 2]>> {
        if !self.has_word {
            return None;
        }
        if let Some(null) = self.comparators.iter().find(|comparator| comparator.is_null()) {
            return Some(SmallVec::from_iter([null.clone()]));
        }
        Some(self.comparators)
    }

    fn push(&mut self, operator: Operator, version: Version) {
        self.has_word = true;
        let comparator = Comparator { operator, version };
        if !self.comparators.iter().any(|held| held.prints_as(&comparator)) {
            self.comparators.push(comparator);
        }
    }

    /// `<major.minor.patch-0`.
    fn push_below(&mut self, numbers: [Number; 3]) -> Result<(), SemverError> {
        self.push_numbers(Operator::Less, numbers, "0")
    }

    /// Adds a comparator put together from numbers. One of them may have become so large that JavaScript prints it
    /// with an exponent, which is no version: loose ranges ignore it.
    fn push_numbers(
        &mut self,
        operator: Operator,
        numbers: [Number; 3],
        prerelease: &str,
    ) -> Result<(), SemverError> {
        if self.options.loose && numbers.iter().any(|number| number.has_exponent) {
            return Ok(());
        }
        const PARTS: [&str; 3] = ["major", "minor", "patch"];
        for (number, part) in numbers.iter().zip(PARTS) {
            if number.value > MAX_SAFE_INTEGER {
                let version = format!("{}.{}.{}", numbers[0].value, numbers[1].value, numbers[2].value);
                return Err(SemverError::NumberTooLarge { part, version });
            }
        }
        // `>=0.0.0`, or with prereleases `>=0.0.0-0`, is no bound; node-semver looks at the text, so `>=00.0.0` is.
        let lowest = if self.options.include_prerelease { "0" } else { "" };
        if operator == Operator::GreaterOrEqual
            && prerelease == lowest
            && numbers.iter().all(|number| number.is_plain_zero)
        {
            self.has_word = true;
            return Ok(());
        }
        let version = Version::with_prerelease(numbers.map(|number| number.value), prerelease);
        self.push(operator, version);
        Ok(())
    }

    /// The prerelease of lower bounds that stand for an `x`.
    fn floor(&self) -> &'static str {
        if self.options.include_prerelease { "0" } else { "" }
    }

    /// A word that any version passes becomes empty text, and node-semver then keeps empty text only at the ends.
    fn add_any(&mut self) -> Result<(), SemverError> {
        self.has_word |= self.is_outer;
        Ok(())
    }

    /// Up to the next version whose leftmost number that is not zero differs.
    fn add_caret(&mut self, parts: PartialText<'_>) -> Result<(), SemverError> {
        if is_x(parts.major) {
            return self.add_any();
        }
        let major = Number::of(parts.major);
        let at_least = Operator::GreaterOrEqual;
        if is_x(parts.minor) {
            self.push_numbers(at_least, [major, Number::ZERO, Number::ZERO], self.floor())?;
            return self.push_below([major.next(), Number::ZERO, Number::ZERO]);
        }
        let minor = Number::of(parts.minor);
        if is_x(parts.patch) {
            self.push_numbers(at_least, [major, minor, Number::ZERO], self.floor())?;
        } else {
            self.push_numbers(at_least, [major, minor, Number::of(parts.patch)], parts.prerelease)?;
        }
        if !major.is_plain_zero {
            self.push_below([major.next(), Number::ZERO, Number::ZERO])
        } else if is_x(parts.patch) || !minor.is_plain_zero {
            self.push_below([major, minor.next(), Number::ZERO])
        } else {
            self.push_below([major, minor, Number::of(parts.patch).next()])
        }
    }

    /// Up to the next minor version, or the next major one where no minor is given.
    fn add_tilde(&mut self, parts: PartialText<'_>) -> Result<(), SemverError> {
        if is_x(parts.major) {
            return self.add_any();
        }
        let major = Number::of(parts.major);
        let at_least = Operator::GreaterOrEqual;
        if is_x(parts.minor) {
            self.push_numbers(at_least, [major, Number::ZERO, Number::ZERO], self.floor())?;
            return self.push_below([major.next(), Number::ZERO, Number::ZERO]);
        }
        let minor = Number::of(parts.minor);
        if is_x(parts.patch) {
            self.push_numbers(at_least, [major, minor, Number::ZERO], self.floor())?;
        } else {
            self.push_numbers(at_least, [major, minor, Number::of(parts.patch)], parts.prerelease)?;
        }
        self.push_below([major, minor.next(), Number::ZERO])
    }

    /// A partial version, with or without operator.
    fn add_x_range(&mut self, operator: Operator, parts: PartialText<'_>) -> Result<(), SemverError> {
        if is_x(parts.major) {
            return match operator {
                Operator::Less | Operator::Greater => {
                    self.push_below([Number::ZERO, Number::ZERO, Number::ZERO])
                }
                _ => self.add_any(),
            };
        }
        let major = Number::of(parts.major);
        let low = if is_x(parts.minor) {
            [major, Number::ZERO, Number::ZERO]
        } else {
            [major, Number::of(parts.minor), Number::ZERO]
        };
        let above = if is_x(parts.minor) {
            [major.next(), Number::ZERO, Number::ZERO]
        } else {
            [major, Number::of(parts.minor).next(), Number::ZERO]
        };
        match operator {
            Operator::Equal => {
                self.push_numbers(Operator::GreaterOrEqual, low, self.floor())?;
                self.push_below(above)
            }
            Operator::GreaterOrEqual => self.push_numbers(Operator::GreaterOrEqual, low, self.floor()),
            Operator::Greater => self.push_numbers(Operator::GreaterOrEqual, above, self.floor()),
            Operator::Less => self.push_below(low),
            Operator::LessOrEqual => self.push_below(above),
        }
    }

    /// A word that must be a complete comparator.
    fn add_plain(&mut self, word: &str) -> Result<(), SemverError> {
        let lowest = if self.options.include_prerelease { ">=0.0.0-0" } else { ">=0.0.0" };
        if word.is_empty() {
            return self.add_any();
        }
        if word == lowest {
            self.has_word = true;
            return Ok(());
        }
        match Comparator::parse(word, self.options) {
            Ok(Some(comparator)) => {
                self.push(comparator.operator, comparator.version);
                Ok(())
            }
            Ok(None) => self.add_any(),
            Err(SemverError::InvalidComparator { .. }) if self.options.loose => Ok(()),
            Err(SemverError::VersionTooLong) if self.options.loose && !has_version_shape(word) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

fn has_version_shape(word: &str) -> bool {
    scan::version(scan::skip_prefix(Operator::split(word).1), true).is_some()
}

/// `x.1`, `1.x.2`: an `x` followed by a number.
fn is_disordered(parts: PartialText<'_>) -> bool {
    (is_x(parts.major) && !is_x(parts.minor)) || (is_x(parts.minor) && !is_x(parts.patch))
}

/// Drops the first `*` of a word that is no range, with the operator before it, as node-semver does.
fn without_star(word: &str) -> String {
    let Some((before, after)) = word.split_once('*') else {
        return word.to_owned();
    };
    let before = before.strip_suffix('=').unwrap_or(before);
    let before = before.strip_suffix(['<', '>']).unwrap_or(before);
    format!("{before}{after}")
}

/// A number of a version as JavaScript computes it.
#[derive(Clone, Copy)]
struct Number {
    value: u64,
    /// Written as `0`.
    is_plain_zero: bool,
    /// Computed, and so large that JavaScript prints it as `1e+21`.
    has_exponent: bool,
    /// The number after this one has an exponent.
    is_huge: bool,
}

impl Number {
    const ZERO: Self = Self { value: 0, is_plain_zero: true, has_exponent: false, is_huge: false };

    fn of(digits: &str) -> Self {
        let value = scan::number(digits);
        let is_huge = value == u64::MAX && digits.parse().is_ok_and(|value: f64| value + 1.0 >= 1e21);
        Self { value, is_plain_zero: digits == "0", has_exponent: false, is_huge }
    }

    fn next(self) -> Self {
        let value = self.value.saturating_add(1);
        Self { value, is_plain_zero: false, has_exponent: self.is_huge, is_huge: self.is_huge }
    }
}

/// The number after the one written, as JavaScript prints it.
pub(super) fn increment_text(digits: &str) -> String {
    let next = Number::of(digits).next();
    if next.has_exponent { "1e+21".to_owned() } else { next.value.to_string() }
}
