//! Laws that hold for every version and range, and that no text whatever makes the crate panic.

use std::cmp::Ordering;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

use npm_semver::{
    CoerceDirection, CoerceOptions, Comparator, Increment, PrereleaseBase, Range, RangeOptions, ReleaseType,
    Version, clean, coerce, diff, simplify,
};
use proptest::prelude::*;

const IDENTIFIERS: &str = "(0|[1-9][0-9]{0,3}|90071992547409[0-9]{2,8}|[0-9]{0,2}[a-b-][0-9a-b-]{0,3})";

fn version() -> impl Strategy<Value = Version> {
    let text =
        format!("[0-3]\\.[0-3]\\.[0-3](-{IDENTIFIERS}(\\.{IDENTIFIERS}){{0,2}})?(\\+[0-9a-c]{{1,3}})?");
    proptest::string::string_regex(&text)
        .expect("the expression is valid")
        .prop_map(|text| Version::parse(&text).expect("the text is a version"))
}

fn range_text() -> impl Strategy<Value = String> {
    let word = "(\\^|~|>|>=|<|<=|=|)[0-3x*](\\.[0-3x](\\.[0-3](-[ab0-2]{1,2})?)?)?";
    let text = format!("{word}( {word})?( ?\\|\\| ?{word})?|{word} - {word}");
    proptest::string::string_regex(&text).expect("the expression is valid")
}

/// Text with the characters that mean something.
fn noise() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[0-9xX*v=<>~^|. +a-]{0,24}",
        "[0-9]{1,3}\\.[0-9]{1,30}\\.[0-9]{1,3}[-+.a0 é\u{feff}|]{0,12}",
        "[ <>=~^v]{0,6}[0-9é.x+*-]{0,12}[ \\-|]{0,5}[0-9.x+*-]{0,12}",
    ]
}

fn options() -> impl Strategy<Value = RangeOptions> {
    (any::<bool>(), any::<bool>())
        .prop_map(|(loose, include_prerelease)| RangeOptions { loose, include_prerelease })
}

fn hash(version: &Version) -> u64 {
    let mut hasher = DefaultHasher::new();
    version.hash(&mut hasher);
    hasher.finish()
}

proptest! {
    #[test]
    fn precedence_is_a_total_order(a in version(), b in version(), c in version()) {
        prop_assert_eq!(a.cmp(&a), Ordering::Equal);
        prop_assert_eq!(a.cmp(&b), b.cmp(&a).reverse());
        prop_assert_eq!(a.compare_build(&b), b.compare_build(&a).reverse());
        prop_assert!(!(a <= b && b <= c) || a <= c);
        prop_assert!(!(a == b && b == c) || a == c);
        prop_assert!(a != b || hash(&a) == hash(&b));
        prop_assert_eq!(diff(&a, &b).is_none(), a == b);
    }

    #[test]
    fn printed_versions_are_read_back(version in version()) {
        let printed = version.with_build();
        let strict = Version::parse(&printed).expect("strict");
        let loose = Version::parse_loose(&printed).expect("loose");
        prop_assert_eq!(strict.compare_build(&version), Ordering::Equal);
        prop_assert_eq!(strict.with_build(), printed.clone());
        prop_assert_eq!(loose.with_build(), printed);
    }

    #[test]
    fn printed_ranges_mean_the_same(text in range_text(), options in options(), version in version()) {
        let Ok(range) = Range::parse(&text, options) else { return Ok(()) };
        let printed = range.to_string();
        let again = Range::parse(&printed, options).expect("the normal form is a range");
        prop_assert_eq!(&again, &range);
        prop_assert_eq!(again.to_string(), printed);
        prop_assert_eq!(again.satisfies(&version), range.satisfies(&version));
    }

    #[test]
    fn what_is_outside_or_below_does_not_satisfy(text in range_text(), options in options(), version in version()) {
        let Ok(range) = Range::parse(&text, options) else { return Ok(()) };
        prop_assert!(!range.satisfies(&version) || !(range.gtr(&version) || range.ltr(&version)));
        match range.min_version() {
            Some(lowest) => {
                prop_assert!(range.satisfies(&lowest));
                let admits = |version: &Version| range.satisfies(version) && !version.is_prerelease();
                prop_assert!(!admits(&version) || lowest <= version);
            }
            None => prop_assert!(!range.satisfies(&version.release())),
        }
        prop_assert!(range.is_subset(&range));
    }

    #[test]
    fn a_subset_admits_nothing_else(a in range_text(), b in range_text(), version in version()) {
        let strict = RangeOptions::STRICT;
        let (Ok(a), Ok(b)) = (Range::parse(&a, strict), Range::parse(&b, strict)) else { return Ok(()) };
        prop_assert!(!(a.is_subset(&b) && a.satisfies(&version)) || b.satisfies(&version));
        let release = version.release();
        prop_assert!(!(a.satisfies(&release) && b.satisfies(&release)) || a.intersects(&b));
    }

    #[test]
    fn increments_go_up(version in version()) {
        use ReleaseType::{Major, Minor, Patch, Pre, Premajor, Preminor, Prepatch, Prerelease, Release};
        for release in [Major, Premajor, Minor, Preminor, Patch, Prepatch, Prerelease, Release, Pre] {
            let next = version.increment(release, Increment::default());
            let may_go_down = release == Pre && !version.is_prerelease();
            prop_assert!(may_go_down || next.is_err() || next.is_ok_and(|next| next > version));
        }
    }

    #[test]
    fn no_text_panics(text in noise(), other in noise(), options in options(), rtl in any::<bool>()) {
        let direction = if rtl { CoerceDirection::RightToLeft } else { CoerceDirection::LeftToRight };
        let RangeOptions { loose, include_prerelease } = options;
        let _ = clean(&text, loose);
        let _ = Comparator::parse(&text, options);
        let _ = simplify(&[&text, &other, "1.0.0"], &other, options);
        let _ = text.parse::<ReleaseType>();
        let coerced = coerce(&text, CoerceOptions { direction, include_prerelease, loose });
        let parsed = if loose { Version::parse_loose(&text) } else { Version::parse(&text) };
        for version in coerced.into_iter().chain(parsed) {
            let how = Increment { identifier: &other, base: PrereleaseBase::None, loose };
            let _ = version.increment(ReleaseType::Pre, how);
            let _ = version.increment(ReleaseType::Major, Increment::default());
        }
        if let (Ok(left), Ok(right)) = (Range::parse(&text, options), Range::parse(&other, options)) {
            let _ = (left.intersects(&right), left.is_subset(&right), left.min_version(), left.satisfies_str(&other));
        }
        let _ = Range::parse(&format!("{text} - {other} || {text}"), options);
    }
}
