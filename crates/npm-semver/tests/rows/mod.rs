//! Rows of test data: `[operation, argument..., result]`, the operations named as node-semver names them. The result
//! of what fails is null.

use npm_semver::{
    CoerceDirection, CoerceOptions, Comparator, Increment, PrereleaseBase, Range, RangeOptions, Version,
    clean, coerce, diff, simplify, valid_range,
};
use serde_json::{Value, json};

/// The rows of one file of `tests/data`.
pub fn parse(text: &str) -> Vec<Vec<Value>> {
    serde_json::from_str(text).expect("rows are arrays in an array")
}

/// Checks rows and names every one that does not hold.
pub fn check(rows: &[Vec<Value>]) {
    let failures: Vec<String> = rows.iter().filter_map(|row| failure(row)).collect();
    assert!(failures.is_empty(), "{} of {} rows:\n{}", failures.len(), rows.len(), failures.join("\n"));
}

fn failure(row: &[Value]) -> Option<String> {
    let (expected, call) = row.split_last().expect("a row has a result");
    let found = evaluate(call);
    (found != *expected).then(|| format!("{}: {found}, not {expected}", json!(call)))
}

/// What this crate answers to an operation with its arguments.
pub fn evaluate(call: &[Value]) -> Value {
    let text = |index: usize| call.get(index).and_then(Value::as_str).unwrap_or_default();
    let options = |index: usize| range_options(call.get(index));
    let range = |index: usize, at: usize| Range::parse(text(index), options(at)).ok();
    let version = |index: usize, at: usize| parse_version(text(index), options(at).loose);
    match text(0) {
        "valid" => json!(version(1, 2).map(|version| version.to_string())),
        "parts" => version(1, 2).map_or(Value::Null, |version| parts(&version)),
        "clean" => json!(clean(text(1), options(2).loose).ok()),
        "compare" => both(version(1, 3), version(2, 3), |left, right| json!(left.cmp(right) as i8)),
        "compareBuild" => {
            both(version(1, 3), version(2, 3), |left, right| json!(left.compare_build(right) as i8))
        }
        "diff" => both(version(1, 9), version(2, 9), |left, right| {
            json!(diff(left, right).map(|difference| difference.as_str()))
        }),
        "inc" => increment(call),
        "truncate" => version(1, 3)
            .and_then(|version| version.truncate(text(2).parse().ok()?).ok())
            .map_or(Value::Null, |version| json!(version.to_string())),
        "coerce" => json!(coerce(text(1), coerce_options(call.get(2))).map(|version| version.to_string())),
        "validRange" => json!(valid_range(text(1), options(2))),
        "satisfies" => json!(range(2, 3).is_some_and(|range| range.satisfies_str(text(1)))),
        "selects" => json!(range(2, 3).map_or_else(Vec::new, |range| {
            texts(&call[1]).filter(|version| range.satisfies_str(version)).collect::<Vec<_>>()
        })),
        "intersects" => both(range(1, 3), range(2, 3), |left, right| json!(left.intersects(right))),
        "subset" => both(range(1, 3), range(2, 3), |left, right| json!(left.is_subset(right))),
        "minVersion" => range(1, 2)
            .and_then(|range| range.min_version())
            .map_or(Value::Null, |version| json!(version.to_string())),
        "gtr" => both(version(1, 3), range(2, 3), |version, range| json!(range.gtr(version))),
        "ltr" => both(version(1, 3), range(2, 3), |version, range| json!(range.ltr(version))),
        "maxSatisfying" => {
            json!(range(2, 3).and_then(|range| range.max_satisfying_str(texts(&call[1]))))
        }
        "minSatisfying" => {
            json!(range(2, 3).and_then(|range| range.min_satisfying_str(texts(&call[1]))))
        }
        "simplifyRange" => {
            json!(simplify(&texts(&call[1]).collect::<Vec<_>>(), text(2), options(3)).ok())
        }
        "comparatorIntersects" => comparators_intersect(text(1), text(2), options(3)),
        other => panic!("no operation {other}"),
    }
}

fn both<L, R>(left: Option<L>, right: Option<R>, answer: impl Fn(&L, &R) -> Value) -> Value {
    left.zip(right).map_or(Value::Null, |(left, right)| answer(&left, &right))
}

fn texts(value: &Value) -> impl Iterator<Item = &str> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str)
}

fn parse_version(text: &str, loose: bool) -> Option<Version> {
    if loose { Version::parse_loose(text).ok() } else { Version::parse(text).ok() }
}

/// node-semver's options: `true` is loose.
fn range_options(value: Option<&Value>) -> RangeOptions {
    let flag = |name: &str| value.and_then(|value| value.get(name)).is_some_and(|flag| *flag == json!(true));
    RangeOptions {
        loose: value == Some(&json!(true)) || flag("loose"),
        include_prerelease: flag("includePrerelease"),
    }
}

fn coerce_options(value: Option<&Value>) -> CoerceOptions {
    let RangeOptions { loose, include_prerelease } = range_options(value);
    let is_rtl = value.and_then(|value| value.get("rtl")).is_some_and(|flag| *flag == json!(true));
    let direction = if is_rtl { CoerceDirection::RightToLeft } else { CoerceDirection::LeftToRight };
    CoerceOptions { direction, include_prerelease, loose }
}

fn parts(version: &Version) -> Value {
    let identifier = |text: &str| {
        let value = text.parse().ok().filter(|value: &u64| *value < npm_semver::MAX_SAFE_INTEGER);
        let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
        value.filter(|_| is_number).map_or_else(|| json!(text), |value| json!(value))
    };
    json!([
        version.major(),
        version.minor(),
        version.patch(),
        version.prerelease().map(identifier).collect::<Vec<_>>(),
        version.build().collect::<Vec<_>>(),
    ])
}

/// `inc version release options identifier identifierBase`.
fn increment(call: &[Value]) -> Value {
    let text = |index: usize| call.get(index).and_then(Value::as_str).unwrap_or_default();
    let loose = range_options(call.get(3)).loose;
    let base = match call.get(5) {
        Some(Value::Bool(false)) => PrereleaseBase::None,
        Some(base) if *base == json!(1) || *base == json!("1") => PrereleaseBase::One,
        _ => PrereleaseBase::Zero,
    };
    let how = Increment { identifier: text(4), base, loose };
    let next = parse_version(text(1), loose).and_then(|version| {
        let release = text(2).parse().ok()?;
        version.increment(release, how).ok()
    });
    json!(next.map(|version| version.to_string()))
}

fn comparators_intersect(left: &str, right: &str, options: RangeOptions) -> Value {
    let (Ok(left), Ok(right)) = (Comparator::parse(left, options), Comparator::parse(right, options)) else {
        return Value::Null;
    };
    let pair = left.zip(right);
    json!(pair.is_none_or(|(left, right)| left.intersects(&right, options.include_prerelease)))
}
