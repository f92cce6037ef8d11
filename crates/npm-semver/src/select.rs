//! A shorter range for a known set of versions.

use crate::{Range, RangeOptions, SemverError, Version};

/// The shorter of `range` and a range made of the versions themselves that selects the same ones of them.
///
/// *Errors*: one of the versions is none. A range that is none selects nothing and gives `""`.
pub fn simplify(versions: &[&str], range: &str, options: RangeOptions) -> Result<String, SemverError> {
    let mut sorted = Vec::with_capacity(versions.len());
    for text in versions {
        sorted.push((Version::parse_as(text, options.loose)?, *text));
    }
    sorted.sort_by(|left, right| left.0.cmp(&right.0));
    let parsed = Range::parse(range, options).ok();
    let selects = |version: &Version| parsed.as_ref().is_some_and(|range| range.satisfies(version));

    let lowest = sorted.first().map(|(_, text)| *text);
    let mut parts = Vec::new();
    let mut run: Option<(&str, &str)> = None;
    for (version, text) in &sorted {
        if selects(version) {
            run = Some((run.map_or(*text, |(first, _)| first), text));
        } else if let Some((first, last)) = run.take() {
            parts.push(closed_run(first, last, lowest == Some(first)));
        }
    }
    if let Some((first, _)) = run {
        parts.push(if lowest == Some(first) { "*".to_owned() } else { format!(">={first}") });
    }
    let simplified = parts.join(" || ");
    Ok(if simplified.len() < range.len() { simplified } else { range.to_owned() })
}

fn closed_run(first: &str, last: &str, is_lowest: bool) -> String {
    if first == last {
        first.to_owned()
    } else if is_lowest {
        format!("<={last}")
    } else {
        format!("{first} - {last}")
    }
}
