//! From a range's text to its alternatives: splits at `||`, drops build metadata, writes hyphen ranges as
//! comparators, joins operators with what they stand before. What a single word means is in `desugar`.
//!
//! node-semver does this by rewriting the text with a cascade of expressions, and what odd texts mean follows from
//! their order, which is therefore kept. The ordinary text needs none of the rewriting and is not copied.

use std::borrow::Cow;

use smallvec::SmallVec;

use super::desugar::{Alternative, increment_text};
use super::{Range, RangeOptions};
use crate::scan::{self, PartialText, is_x};
use crate::{Comparator, SemverError};

type Comparators = SmallVec<[Comparator; 2]>;

pub(super) fn parse(text: &str, options: RangeOptions) -> Result<Range, SemverError> {
    let collapsed = collapse_spaces(scan::trim(text));
    // The ordinary range has one alternative; what is wrong with it is said below.
    if !collapsed.contains('|')
        && let Ok(Some(comparators)) = parse_alternative(&collapsed, options)
    {
        return Ok(Range { comparators, ends: SmallVec::new(), options });
    }
    let mut alternatives: SmallVec<[Comparators; 1]> = SmallVec::new();
    for part in collapsed.split("||") {
        let parsed = parse_alternative(part.trim_matches(' '), options).map_err(|error| match error {
            SemverError::InvalidComparator { .. } => {
                SemverError::InvalidRange { range: collapsed.clone().into_owned() }
            }
            other => other,
        })?;
        alternatives.extend(parsed);
    }
    if alternatives.is_empty() {
        return Err(SemverError::InvalidRange { range: collapsed.into_owned() });
    }
    drop_redundant(&mut alternatives);
    Ok(join(alternatives, options))
}

/// Alternatives that nothing passes give way to others; one that anything passes makes the others pointless.
fn drop_redundant(alternatives: &mut SmallVec<[Comparators; 1]>) {
    if alternatives.len() < 2 {
        return;
    }
    let is_null = |alternative: &Comparators| alternative.first().is_some_and(Comparator::is_null);
    if alternatives.iter().all(is_null) {
        alternatives.truncate(1);
        return;
    }
    alternatives.retain(|alternative| !is_null(alternative));
    if alternatives.iter().any(|alternative| alternative.is_empty()) {
        alternatives.clear();
        alternatives.push(SmallVec::new());
    }
}

fn join(mut alternatives: SmallVec<[Comparators; 1]>, options: RangeOptions) -> Range {
    let last = alternatives.pop().unwrap_or_default();
    if alternatives.is_empty() {
        return Range { comparators: last, ends: SmallVec::new(), options };
    }
    let mut range = Range { comparators: SmallVec::new(), ends: SmallVec::new(), options };
    for alternative in alternatives {
        range.comparators.extend(alternative);
        range.ends.push(range.comparators.len());
    }
    range.comparators.extend(last);
    range
}

/// One part between `||`. `None` where, loosely read, no word of it is a comparator.
fn parse_alternative(text: &str, options: RangeOptions) -> Result<Option<Comparators>, SemverError> {
    let mut text = Cow::Borrowed(text);
    if text.contains('+') {
        text = Cow::Owned(strip_builds(&text));
    }
    let mut alternative = Alternative::new(options);
    if !text.contains(' ') {
        alternative.add(&text, true)?;
        return Ok(alternative.finish());
    }
    if let Some(rewritten) = expand_hyphen(&text, options) {
        text = Cow::Owned(rewritten);
    }
    if has_spaced_operator(&text) {
        text = Cow::Owned(trim_marks(&trim_marks(&trim_comparators(&text), '~'), '^'));
    }
    let mut words = text.split(' ').peekable();
    let mut is_first = true;
    while let Some(word) = words.next() {
        alternative.add(word, is_first || words.peek().is_none())?;
        is_first = false;
    }
    Ok(alternative.finish())
}

/// All white space as single spaces.
fn collapse_spaces(text: &str) -> Cow<'_, str> {
    let is_plain = text.bytes().all(|byte| (b' '..0x7f).contains(&byte));
    if is_plain && !(text.contains(' ') && text.contains("  ")) {
        return Cow::Borrowed(text);
    }
    let mut collapsed = String::with_capacity(text.len());
    for c in text.chars() {
        if !scan::is_space(c) {
            collapsed.push(c);
        } else if !collapsed.ends_with(' ') {
            collapsed.push(' ');
        }
    }
    Cow::Owned(collapsed)
}

/// Drops every `+build` wherever it stands.
fn strip_builds(text: &str) -> String {
    let mut stripped = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(plus) = rest.find('+') {
        let (before, build) = rest.split_at(plus);
        stripped.push_str(before);
        let length = identifiers_length(&build.as_bytes()[1..], true);
        if length == 0 {
            stripped.push('+');
        }
        rest = &build[1 + length..];
    }
    stripped.push_str(rest);
    stripped
}

/// How many bytes at the front are identifiers joined by dots. Where `zeros` is false an all-digit identifier ends
/// after a leading zero.
fn identifiers_length(bytes: &[u8], zeros: bool) -> usize {
    let mut length = 0;
    loop {
        let start = if length == 0 { 0 } else { length + 1 };
        let rest = bytes.get(start..).unwrap_or_default();
        let run = rest.iter().take_while(|byte| scan::is_identifier_byte(**byte)).count();
        if run == 0 {
            return length;
        }
        let identifier = &rest[..run];
        if !zeros && run > 1 && identifier[0] == b'0' && identifier.iter().all(u8::is_ascii_digit) {
            return start + 1;
        }
        length = start + run;
        if bytes.get(length) != Some(&b'.') {
            return length;
        }
    }
}

/// `1.2 - 3.4.5` as `>=1.2.0 <=3.4.5`.
fn expand_hyphen(text: &str, options: RangeOptions) -> Option<String> {
    let (from, to) = text.split_once(" - ")?;
    let from = from.strip_prefix(' ').unwrap_or(from);
    let to = to.strip_suffix(' ').unwrap_or(to);
    let low = scan::partial(scan::skip_prefix(from), options.loose)?;
    let high = scan::partial(scan::skip_prefix(to), options.loose)?;
    let lower = hyphen_lower(from, low, options.include_prerelease);
    let upper = hyphen_upper(to, high, options.include_prerelease);
    Some(format!("{lower} {upper}").trim_matches(' ').to_owned())
}

fn hyphen_lower(text: &str, low: PartialText<'_>, include_prerelease: bool) -> String {
    let zero = if include_prerelease { "-0" } else { "" };
    let PartialText { major, minor, patch, prerelease } = low;
    if is_x(major) {
        String::new()
    } else if is_x(minor) {
        format!(">={major}.0.0{zero}")
    } else if is_x(patch) {
        format!(">={major}.{minor}.0{zero}")
    } else if prerelease.is_empty() {
        format!(">={text}{zero}")
    } else {
        format!(">={text}")
    }
}

fn hyphen_upper(text: &str, high: PartialText<'_>, include_prerelease: bool) -> String {
    let PartialText { major, minor, patch, prerelease } = high;
    if is_x(major) {
        String::new()
    } else if is_x(minor) {
        format!("<{}.0.0-0", increment_text(major))
    } else if is_x(patch) {
        format!("<{major}.{}.0-0", increment_text(minor))
    } else if !prerelease.is_empty() {
        format!("<={major}.{minor}.{patch}-{prerelease}")
    } else if include_prerelease {
        format!("<{major}.{minor}.{}-0", increment_text(patch))
    } else {
        format!("<={text}")
    }
}

/// Whether some operator stands before a space, so that words must be joined before they can be split.
fn has_spaced_operator(text: &str) -> bool {
    text.as_bytes()
        .windows(2)
        .any(|pair| matches!(pair, [b'<' | b'>' | b'=' | b'~' | b'^', b' ']) || pair == b"  ")
}

/// `> 1.2.3` as `>1.2.3`.
fn trim_comparators(text: &str) -> String {
    let mut trimmed = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        match SpacedComparator::at(rest) {
            Some(found) => {
                trimmed.push_str(found.space);
                trimmed.push_str(found.operator);
                trimmed.push_str(found.version);
                rest = found.rest;
            }
            None => {
                trimmed.push(c);
                rest = &rest[c.len_utf8()..];
            }
        }
    }
    trimmed
}

/// An operator, possibly empty, with the version or `x` range after it and at most one space between.
struct SpacedComparator<'a> {
    space: &'a str,
    operator: &'a str,
    version: &'a str,
    rest: &'a str,
}

impl<'a> SpacedComparator<'a> {
    /// Finds one at the front of the text.
    fn at(text: &'a str) -> Option<Self> {
        let (space, after) = text.split_at(usize::from(text.starts_with(' ')));
        let angle = usize::from(after.starts_with(['<', '>']));
        let equals = usize::from(after[angle..].starts_with('='));
        let (operator, after) = after.split_at(angle + equals);
        let version = after.strip_prefix(' ').unwrap_or(after);
        let bare = scan::skip_prefix(version);
        let length = loose_version_length(bare.as_bytes())
            .or_else(|| partial_length(bare.as_bytes()))
            .map(|length| version.len() - bare.len() + length)?;
        let (version, rest) = version.split_at(length);
        Some(Self { space, operator, version, rest })
    }
}

fn digits_length(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|byte| byte.is_ascii_digit()).count()
}

/// How far a loose version reaches from the front, if one stands there.
fn loose_version_length(bytes: &[u8]) -> Option<usize> {
    let mut length = 0;
    for part in 0..3 {
        if part > 0 {
            length += usize::from(bytes.get(length) == Some(&b'.'));
            if bytes.get(length - 1) != Some(&b'.') {
                return None;
            }
        }
        let digits = digits_length(bytes.get(length..)?);
        if digits == 0 {
            return None;
        }
        length += digits;
    }
    Some(length + identifiers_length(&bytes[length..], true))
}

/// How far a strict `x` range reaches from the front.
fn partial_length(bytes: &[u8]) -> Option<usize> {
    let part = |at: usize| -> Option<usize> {
        match bytes.get(at)? {
            b'x' | b'X' | b'*' | b'0' => Some(at + 1),
            byte if byte.is_ascii_digit() => Some(at + digits_length(&bytes[at..])),
            _ => None,
        }
    };
    let dotted = |at: usize| (bytes.get(at) == Some(&b'.')).then(|| part(at + 1)).flatten();
    let major = part(0)?;
    let Some(minor) = dotted(major) else { return Some(major) };
    let Some(patch) = dotted(minor) else { return Some(minor) };
    if bytes.get(patch) != Some(&b'-') {
        return Some(patch);
    }
    match identifiers_length(&bytes[patch + 1..], false) {
        0 => Some(patch),
        length => Some(patch + 1 + length),
    }
}

/// `~ 1.2` as `~1.2`, and `~> 1.2` too; likewise for `^`.
fn trim_marks(text: &str, mark: char) -> String {
    let mut trimmed = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(mark) {
        let (before, from) = rest.split_at(at);
        trimmed.push_str(before);
        trimmed.push(mark);
        let after = &from[1..];
        let arrowless = if mark == '~' { after.strip_prefix('>').unwrap_or(after) } else { after };
        rest = arrowless.strip_prefix(' ').unwrap_or(after);
    }
    trimmed.push_str(rest);
    trimmed
}
