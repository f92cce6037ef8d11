//! Versions out of texts that are none.

use crate::scan;
use crate::{SemverError, Version};

const MAX_COMPONENT: usize = 16;

/// Where [`coerce`] looks first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CoerceDirection {
    /// The leftmost version: `1.2.3.4` gives 1.2.3.
    #[default]
    LeftToRight,
    /// The rightmost one that does not end where another ends that begins further left: `1.2.3.4` gives 2.3.4.
    RightToLeft,
}

/// How [`coerce`] reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CoerceOptions {
    pub direction: CoerceDirection,
    /// Keep prerelease and build.
    pub include_prerelease: bool,
    /// Accept leading zeros.
    pub loose: bool,
}

/// The version inside white space and any number of leading `=` and `v`, printed.
///
/// *Errors*: as [`Version::parse`].
pub fn clean(text: &str, loose: bool) -> Result<String, SemverError> {
    let bare = scan::trim(text).trim_start_matches(['=', 'v']);
    Ok(Version::parse_as(bare, loose)?.to_string())
}

/// The version that a text most likely means: up to three numbers joined by dots, wherever they stand.
pub fn coerce(text: &str, options: CoerceOptions) -> Option<Version> {
    let found = match options.direction {
        CoerceDirection::LeftToRight => Candidate::find(text, 0, options.include_prerelease)?,
        CoerceDirection::RightToLeft => find_rightmost(text, options.include_prerelease)?,
    };
    Version::parse_as(&found.version, options.loose).ok()
}

fn find_rightmost(text: &str, include_prerelease: bool) -> Option<Candidate> {
    let mut best: Option<Candidate> = None;
    let mut start = 0;
    while best.as_ref().is_none_or(|best| best.end != text.len()) {
        let Some(next) = Candidate::find(text, start, include_prerelease) else { break };
        start = next.first_number_end;
        if best.as_ref().is_none_or(|best| best.end != next.end) {
            best = Some(next);
        }
    }
    best
}

/// A place in the text that may be a version.
struct Candidate {
    version: String,
    /// Where the first number ends.
    first_number_end: usize,
    /// Past the character that ends the version.
    end: usize,
}

impl Candidate {
    /// The first one whose leading boundary (the begin of the text, or a character that is no digit) is at or after
    /// `start`.
    fn find(text: &str, start: usize, include_prerelease: bool) -> Option<Self> {
        let rest = text.get(start..)?;
        let at_start = (start == 0).then_some(0);
        let after_boundaries =
            rest.char_indices().filter(|(_, c)| !c.is_ascii_digit()).map(|(at, c)| start + at + c.len_utf8());
        at_start.into_iter().chain(after_boundaries).find_map(|at| Self::at(text, at, include_prerelease))
    }

    fn at(text: &str, start: usize, include_prerelease: bool) -> Option<Self> {
        let (major, mut rest) = component(text.get(start..)?)?;
        let first_number_end = text.len() - rest.len();
        let mut version = major.to_owned();
        let mut parts = 1;
        while parts < 3
            && let Some((digits, after)) = rest.strip_prefix('.').and_then(component)
        {
            version.push('.');
            version.push_str(digits);
            rest = after;
            parts += 1;
        }
        version.push_str([".0.0", ".0", ""].get(parts - 1).unwrap_or(&""));
        if include_prerelease {
            for (mark, strict) in [('-', true), ('+', false)] {
                let length = rest.strip_prefix(mark).map_or(0, |after| identifiers_length(after, strict));
                if length > 0 {
                    let (label, after) = rest.split_at(1 + length);
                    version.push_str(label);
                    rest = after;
                }
            }
        }
        let end = text.len() - rest.len() + rest.chars().next().map_or(0, char::len_utf8);
        Some(Self { version, first_number_end, end })
    }
}

/// A whole run of digits, short enough for a number of a version.
fn component(text: &str) -> Option<(&str, &str)> {
    let length = text.bytes().take_while(u8::is_ascii_digit).count();
    (1..=MAX_COMPONENT).contains(&length).then(|| text.split_at(length))
}

/// How far identifiers joined by dots reach. A strict one that is a number with a leading zero is none.
fn identifiers_length(text: &str, strict: bool) -> usize {
    let mut length = 0;
    for identifier in text.split('.') {
        let run = identifier.bytes().take_while(|byte| scan::is_identifier_byte(*byte)).count();
        let identifier_run = identifier.get(..run).unwrap_or_default();
        if run == 0 || (strict && !scan::is_prerelease(identifier_run, false)) {
            break;
        }
        length += run + usize::from(length > 0);
        if run < identifier.len() {
            break;
        }
    }
    length
}
