//! Recognises the pieces of versions and ranges in text: numbers, `x` parts, prereleases, builds.
//!
//! Every function works on borrowed text and accepts any input. The limits on the length of numbers and
//! identifiers are node-semver's, which has them to bound its regular expressions.

use crate::{MAX_LENGTH, MAX_SAFE_INTEGER};

const MAX_IDENTIFIER_TAIL: usize = MAX_LENGTH - 6;

/// A version as text: three numbers, prerelease and build without their `-` and `+`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct VersionText<'a> {
    pub major: &'a str,
    pub minor: &'a str,
    pub patch: &'a str,
    pub prerelease: &'a str,
    pub build: &'a str,
}

/// A version of which parts may be missing or `x`. A missing part is `""`.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct PartialText<'a> {
    pub major: &'a str,
    pub minor: &'a str,
    pub patch: &'a str,
    pub prerelease: &'a str,
}

/// White space as JavaScript's `\s` and `trim()` have it.
pub(crate) fn is_space(c: char) -> bool {
    (c.is_whitespace() && c != '\u{85}') || c == '\u{feff}'
}

pub(crate) fn trim(text: &str) -> &str {
    text.trim_matches(is_space)
}

/// Whether the text is over [`MAX_LENGTH`] UTF-16 code units.
pub(crate) fn is_too_long(text: &str) -> bool {
    text.len() > MAX_LENGTH && text.encode_utf16().count() > MAX_LENGTH
}

/// Whether a part of a partial version stands for any number: missing, `x`, `X` or `*`.
pub(crate) fn is_x(part: &str) -> bool {
    matches!(part, "" | "x" | "X" | "*")
}

/// The value of a run of digits, saturating far above [`MAX_SAFE_INTEGER`].
pub(crate) fn number(digits: &str) -> u64 {
    digits.bytes().fold(0u64, |value, digit| {
        value.saturating_mul(10).saturating_add(u64::from(digit.wrapping_sub(b'0')))
    })
}

/// [`number`] where the version may hold it.
pub(crate) fn safe_number(digits: &str) -> Option<u64> {
    Some(number(digits)).filter(|value| *value <= MAX_SAFE_INTEGER)
}

/// `text` without the `v`, `=` and white space that loose versions and `x` ranges may begin with.
pub(crate) fn skip_prefix(text: &str) -> &str {
    text.trim_start_matches(|c: char| c == 'v' || c == '=' || is_space(c))
}

/// A whole version without prefix.
pub(crate) fn version(text: &str, loose: bool) -> Option<VersionText<'_>> {
    let (major, rest) = split_number(text, loose)?;
    let (minor, rest) = split_number(rest.strip_prefix('.')?, loose)?;
    let (patch, rest) = split_number(rest.strip_prefix('.')?, loose)?;
    let (patch, rest) = give_back(text, patch, rest, loose);
    let (prerelease, build) = tail(rest, loose)?;
    Some(VersionText { major, minor, patch, prerelease, build })
}

/// A whole partial version without prefix: `1`, `1.x`, `1.2.*`, `1.2.3-rc.1`.
pub(crate) fn partial(text: &str, loose: bool) -> Option<PartialText<'_>> {
    let (major, rest) = split_part(text, loose)?;
    let mut found = PartialText { major, ..PartialText::default() };
    if rest.is_empty() {
        return Some(found);
    }
    let (minor, rest) = split_part(rest.strip_prefix('.')?, loose)?;
    found.minor = minor;
    if rest.is_empty() {
        return Some(found);
    }
    let (patch, rest) = split_part(rest.strip_prefix('.')?, loose)?;
    let (patch, rest) = if is_x(patch) { (patch, rest) } else { give_back(text, patch, rest, loose) };
    found.patch = patch;
    found.prerelease = tail(rest, loose)?.0;
    Some(found)
}

/// Whether the text is a prerelease (without its `-`).
pub(crate) fn is_prerelease(text: &str, loose: bool) -> bool {
    text.split('.').all(|identifier| is_identifier(identifier, loose))
}

/// In a loose version `1.2.34.5` node-semver's expression backtracks by one digit and finds `1.2.3` with the
/// prerelease `4.5`. `rest` is what follows `patch` up to the end of `text`.
fn give_back<'a>(text: &'a str, patch: &'a str, rest: &'a str, loose: bool) -> (&'a str, &'a str) {
    if !loose || !rest.starts_with('.') || patch.len() < 2 {
        return (patch, rest);
    }
    (&patch[..patch.len() - 1], &text[text.len() - rest.len() - 1..])
}

/// What follows the numbers: prerelease and build, to the end of the text.
fn tail(rest: &str, loose: bool) -> Option<(&str, &str)> {
    if rest.is_empty() {
        return Some(("", ""));
    }
    let (before, build) = match rest.split_once('+') {
        Some((before, build)) => (before, Some(build)),
        None => (rest, None),
    };
    if build.is_some_and(|build| !build.split('.').all(is_build_identifier)) {
        return None;
    }
    Some((prerelease_of(before, loose)?, build.unwrap_or("")))
}

fn prerelease_of(text: &str, loose: bool) -> Option<&str> {
    if text.is_empty() {
        return Some("");
    }
    let after_hyphen = text.strip_prefix('-').filter(|rest| is_prerelease(rest, loose));
    // Loose: the hyphen may be missing, or be the first character of the first identifier.
    after_hyphen.or_else(|| (loose && is_prerelease(text, true)).then_some(text))
}

fn is_build_identifier(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(is_identifier_byte)
}

pub(crate) fn is_identifier_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-'
}

fn is_identifier(text: &str, loose: bool) -> bool {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    if digits == text.len() {
        return is_number(text, loose);
    }
    digits <= MAX_LENGTH
        && text.len() - digits <= MAX_IDENTIFIER_TAIL + 1
        && text.bytes().skip(digits).all(is_identifier_byte)
}

/// Whether a run of digits is a number: strict ones have no leading zero.
fn is_number(digits: &str, loose: bool) -> bool {
    if loose {
        !digits.is_empty() && digits.len() <= MAX_LENGTH
    } else {
        !digits.is_empty() && (digits == "0" || !digits.starts_with('0')) && digits.len() <= MAX_LENGTH + 1
    }
}

fn split_number(text: &str, loose: bool) -> Option<(&str, &str)> {
    let end = text.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, rest) = text.split_at(end);
    is_number(digits, loose).then_some((digits, rest))
}

/// Splits a number or an `x` off the front.
fn split_part(text: &str, loose: bool) -> Option<(&str, &str)> {
    if text.starts_with(['x', 'X', '*']) {
        return Some(text.split_at(1));
    }
    split_number(text, loose)
}
