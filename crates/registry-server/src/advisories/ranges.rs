//! Events of the Open Source Vulnerability format as ranges of versions that npm understands.
//!
//! Source: the format's description of `affected[].ranges[].events` and its algorithm of evaluation, 1.7.

use npm_semver::{CoerceOptions, Range, Version, coerce};
use serde::Deserialize;

use super::VULNERABLE;

/// One event of a range; it has one of these.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Event {
    introduced: Option<String>,
    fixed: Option<String>,
    last_affected: Option<String>,
}

/// Vulnerable versions, and those that are not any more.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Ranges {
    pub vulnerable: String,
    pub patched: String,
}

/// What no version is: how npm's reports say that nothing is patched.
const NOTHING: &str = "<0.0.0";

/// Where a vulnerable span begins and how it ends.
struct Span {
    /// None from the first version on.
    introduced: Option<Version>,
    end: Option<End>,
}

#[derive(Clone)]
enum End {
    Fixed(Version),
    LastAffected(Version),
}

/// The ranges of a package's events and single versions; `None` where nothing is vulnerable. `last_known` is the range
/// that databases give beside events which say of no end.
///
/// Errors: an event whose version is none.
pub(super) fn of(
    ranges: &[Vec<Event>],
    versions: &[String],
    last_known: Option<&str>,
) -> Result<Option<Ranges>, String> {
    let mut vulnerable = Vec::new();
    let mut patched = Vec::new();
    for events in ranges {
        let spans = spans(events)?;
        for (at, span) in spans.iter().enumerate() {
            vulnerable.push(span.vulnerable(last_known));
            let next = spans.get(at + 1).and_then(|next| next.introduced.as_ref());
            patched.extend(span.patched(next));
        }
    }
    let covered: Vec<Range> =
        vulnerable.iter().filter_map(|text| Range::parse(text, VULNERABLE).ok()).collect();
    for text in versions {
        let Ok(version) = Version::parse_loose(text) else { continue };
        if !covered.iter().any(|range| range.satisfies(&version)) {
            vulnerable.push(version.to_string());
        }
    }
    if vulnerable.is_empty() {
        return Ok(None);
    }
    let patched = if patched.is_empty() { NOTHING.to_owned() } else { patched.join(" || ") };
    Ok(Some(Ranges { vulnerable: vulnerable.join(" || "), patched }))
}

fn spans(events: &[Event]) -> Result<Vec<Span>, String> {
    let mut sorted: Vec<(Option<Version>, &Event)> = Vec::with_capacity(events.len());
    for event in events {
        let text = event.introduced.as_ref().or(event.fixed.as_ref()).or(event.last_affected.as_ref());
        // a limit ends what other events say of branches, which packages do not have
        let Some(text) = text else { continue };
        sorted.push((version(text)?, event));
    }
    sorted.sort_by(|(one, _), (other, _)| one.cmp(other));
    let mut spans: Vec<Span> = Vec::new();
    for (version, event) in sorted {
        let open = spans.last_mut().filter(|span| span.end.is_none());
        match (open, version) {
            (None, version) if event.introduced.is_some() => {
                spans.push(Span { introduced: version, end: None });
            }
            (Some(open), Some(version)) if event.fixed.is_some() => open.end = Some(End::Fixed(version)),
            (Some(open), Some(version)) if event.last_affected.is_some() => {
                open.end = Some(End::LastAffected(version));
            }
            _ => {}
        }
    }
    Ok(spans)
}

/// None for `0`, which stands before all versions.
fn version(text: &str) -> Result<Option<Version>, String> {
    if text == "0" {
        return Ok(None);
    }
    let read = Version::parse_loose(text).ok().or_else(|| coerce(text, CoerceOptions::default()));
    read.map(Some).ok_or_else(|| format!("\"{text}\" is no version"))
}

impl Span {
    fn vulnerable(&self, last_known: Option<&str>) -> String {
        let start = self.introduced.as_ref().map(|version| format!(">={version}"));
        let end = match &self.end {
            Some(End::Fixed(version)) => Some(format!("<{version}")),
            Some(End::LastAffected(version)) => Some(format!("<={version}")),
            None => last_known.and_then(upper_bound),
        };
        match (start, end) {
            (Some(start), Some(end)) => format!("{start} {end}"),
            (Some(one), None) | (None, Some(one)) => one,
            (None, None) => ">=0".to_owned(),
        }
    }

    fn patched(&self, next: Option<&Version>) -> Option<String> {
        let start = match self.end.as_ref()? {
            End::Fixed(version) => format!(">={version}"),
            End::LastAffected(version) => format!(">{version}"),
        };
        Some(match next {
            Some(next) => format!("{start} <{next}"),
            None => start,
        })
    }
}

/// `<= 1.2.3` and the like, without the space.
fn upper_bound(text: &str) -> Option<String> {
    let (operator, version) = match text.trim().strip_prefix("<=") {
        Some(version) => ("<=", version),
        None => ("<", text.trim().strip_prefix('<')?),
    };
    Some(format!("{operator}{}", Version::parse_loose(version.trim()).ok()?))
}

#[cfg(test)]
mod tests {
    use super::{Event, of};

    fn events(list: &[(&str, &str)]) -> Vec<Event> {
        let event = |(kind, version): &(&str, &str)| {
            serde_json::from_value(serde_json::json!({ *kind: version })).expect("an event")
        };
        list.iter().map(event).collect()
    }

    #[test]
    fn events_are_ranges_in_npms_words() {
        for (list, versions, last_known, vulnerable, patched) in [
            (vec![("introduced", "0"), ("fixed", "4.17.21")], vec![], None, "<4.17.21", ">=4.17.21"),
            (vec![("introduced", "0")], vec!["1.0.0"], None, ">=0", "<0.0.0"),
            (vec![("introduced", "0")], vec![], Some("<= 2.1.0"), "<=2.1.0", "<0.0.0"),
            (
                vec![("introduced", "1.0.0"), ("last_affected", "1.4.0")],
                vec![],
                None,
                ">=1.0.0 <=1.4.0",
                ">1.4.0",
            ),
            (
                // in any order
                vec![
                    ("fixed", "2.0.5"),
                    ("introduced", "2.0.0"),
                    ("introduced", "1.0.0"),
                    ("fixed", "1.2.3"),
                ],
                vec!["3.0.0", "2.0.1", "no version"],
                None,
                ">=1.0.0 <1.2.3 || >=2.0.0 <2.0.5 || 3.0.0",
                ">=1.2.3 <2.0.0 || >=2.0.5",
            ),
            (
                vec![("introduced", "1.2"), ("fixed", "v1.3.0-rc.1")],
                vec![],
                None,
                ">=1.2.0 <1.3.0-rc.1",
                ">=1.3.0-rc.1",
            ),
        ] {
            let versions: Vec<String> = versions.into_iter().map(str::to_owned).collect();
            let ranges = of(&[events(&list)], &versions, last_known).expect("versions").expect("ranges");
            assert_eq!(
                (ranges.vulnerable.as_str(), ranges.patched.as_str()),
                (vulnerable, patched),
                "{list:?}"
            );
        }
        assert_eq!(of(&[], &[], None), Ok(None));
        assert_eq!(of(&[events(&[("fixed", "1.0.0")])], &[], None), Ok(None));
        assert!(of(&[events(&[("introduced", "first")])], &[], None).is_err());
    }
}
