//! Texts and numbers of headers, as npm takes them out of their bytes.
//!
//! Source: npm 11.19.1, tar (header, pax, large-numbers), and ECMAScript 2025 (`String.prototype.trim`, `parseInt`).

/// The largest number that npm takes for one, which is a double's largest exact integer.
const MOST: i128 = (1 << 53) - 1;

/// A number as a field has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Number {
    Value(i64),
    /// Nothing that begins like a number.
    Missing,
    /// npm gives the header up.
    Invalid,
}

/// Octal digits, or base 256 when the first bit is set.
pub(super) fn number(field: &[u8]) -> Number {
    match field {
        [0x80, rest @ ..] => exact(rest.iter().try_fold(0, digit_of_256)),
        // negative, as a complement
        [0xff, ..] => exact(field.iter().try_fold(-1, digit_of_256)),
        [first, ..] if first & 0x80 != 0 => Number::Invalid,
        _ => {
            let end = memchr::memchr(0, field).unwrap_or(field.len());
            let text = String::from_utf8_lossy(field.get(..end).unwrap_or_default());
            parse_integer(&text, 8).map_or(Number::Missing, Number::Value)
        }
    }
}

fn digit_of_256(value: i128, byte: &u8) -> Option<i128> {
    // beyond this it stays too large, or too small, whatever follows
    (value.abs() < 1 << 64).then(|| value * 256 + i128::from(*byte))
}

fn exact(value: Option<i128>) -> Number {
    let value = value.filter(|value| value.abs() <= MOST).and_then(|value| i64::try_from(value).ok());
    value.map_or(Number::Invalid, Number::Value)
}

/// `parseInt`: blanks, a sign, digits, and whatever follows them. Digits beyond any number that is asked for here count
/// as the largest one.
pub(super) fn parse_integer(text: &str, radix: u32) -> Option<i64> {
    let text = text.trim_start_matches(is_blank);
    let (sign, digits) = match text.as_bytes() {
        [b'-', ..] => (-1, text.get(1..)?),
        [b'+', ..] => (1, text.get(1..)?),
        _ => (1, text),
    };
    let digits = digits.chars().map_while(|digit| digit.to_digit(radix));
    let value = digits.fold(None, |value: Option<i64>, digit| {
        Some(value.unwrap_or(0).saturating_mul(i64::from(radix)).saturating_add(i64::from(digit)))
    });
    value.map(|value| value * sign)
}

/// What `trim` takes away.
fn is_blank(character: char) -> bool {
    character == '\u{feff}' || (character.is_whitespace() && character != '\u{85}')
}

/// Text up to its first NUL; what is not UTF-8 is replaced.
///
/// npm takes away only what is on the same line as that NUL, so that a later line stays. No archiver writes such a thing;
/// the NUL is left in the text then, and [`super::archive_path`] and who compares keys know it by that.
pub(super) fn until_nul(bytes: &[u8]) -> String {
    clean(String::from_utf8_lossy(bytes).into_owned())
}

/// The same for what is text already.
pub(super) fn clean(mut text: String) -> String {
    let Some(nul) = text.find('\0') else { return text };
    let is_end_of_line = |character| matches!(character, '\n' | '\r' | '\u{2028}' | '\u{2029}');
    let has_more = text.get(nul..).is_some_and(|rest| rest.contains(is_end_of_line));
    text.truncate(if has_more { nul + 1 } else { nul });
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Expected: what npm 11.19.1 reads.
    #[test]
    fn numbers_are_read_as_npm_reads_them() {
        for (field, expected) in [
            (&b"0000644\0"[..], Number::Value(0o644)),
            (b" 644 \0 9", Number::Value(0o644)),
            (b"+1", Number::Value(1)),
            (b"-1", Number::Value(-1)),
            (b"\x0b\xc2\xa07", Number::Value(7)),
            (b"18", Number::Value(1)),
            (b"8", Number::Missing),
            (b"-", Number::Missing),
            (b"0x7", Number::Value(0)),
            (b"\x007", Number::Missing),
            (b"", Number::Missing),
            (b"\x80\0\0\x01\0", Number::Value(256)),
            (b"\xff\xff\xff\xff", Number::Value(-1)),
            (b"\xff\xff\xff\0", Number::Value(-256)),
            (b"\xff\0\0\0\0\0\0\0", Number::Invalid),
            (b"\x80\0\0\0\0\x1f\xff\xff\xff\xff\xff\xff", Number::Value((1 << 53) - 1)),
            (b"\x80\0\0\0\0\x20\0\0\0\0\0\0", Number::Invalid),
            (b"\x80\x01\0\0\0\0\0\0\0\0\0\0", Number::Invalid),
            (b"\x81", Number::Invalid),
        ] {
            assert_eq!(number(field), expected, "{field:?}");
        }
    }

    #[test]
    fn texts_end_at_their_nul_and_those_that_go_on_are_known() {
        for (bytes, expected) in
            [(&b"a\0b\0"[..], "a"), (b"a", "a"), (b"a\nb\0", "a\nb"), (b"\0", ""), (b"a\0b\nc", "a\0")]
        {
            assert_eq!(until_nul(bytes), expected);
        }
    }
}
