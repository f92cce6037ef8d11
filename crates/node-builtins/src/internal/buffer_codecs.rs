//! Long texts in and out of Buffers: UTF-8, UTF-16, Latin-1 and ASCII.
//! Short texts, and encodings that the engine knows itself, never come here; offsets were checked in JavaScript.

use encoding_rs::mem;
use js_engine::{Binding, Chars, JsString, OpError, Scope, Value, op};

pub(crate) fn binding(b: &mut Binding<'_, '_>) {
    b.op(utf8_length)
        .op(encode_utf8)
        .op(write_utf8)
        .op(write_latin1)
        .op(write_utf16)
        .op(decode_utf8)
        .op(decode_latin1)
        .op(decode_ascii)
        .op(decode_utf16)
        .op(encode_base64)
        .op(decode_base64)
        .op(write_base64);
}

#[op]
fn utf8_length<'s>(scope: &mut Scope<'s>, text: JsString<'s>) -> Result<usize, OpError> {
    Ok(scope.with_chars(text, |chars| match chars {
        Chars::Latin1(bytes) => bytes.len() + count_high(bytes),
        Chars::Utf16(units) => utf16_as_utf8(units),
    })?)
}

// Sums of few enough items for their small type, which the compiler turns into vector instructions.
fn count_high(bytes: &[u8]) -> usize {
    bytes.chunks(255).map(|chunk| usize::from(chunk.iter().map(|byte| byte >> 7).sum::<u8>())).sum()
}

fn utf16_as_utf8(units: &[u16]) -> usize {
    let sum =
        |chunk: &[u16]| chunk.iter().map(|u| 1 + u16::from(*u >= 0x80) + u16::from(*u >= 0x800)).sum::<u16>();
    let bytes: usize = units.chunks(0x4000).map(|chunk| usize::from(sum(chunk))).sum();
    // a pair was counted as twice three bytes and takes four
    let is_pair = |(first, second): (&u16, &u16)| first & 0xfc00 == 0xd800 && second & 0xfc00 == 0xdc00;
    bytes - 2 * units.iter().zip(units.iter().skip(1)).filter(|pair| is_pair(*pair)).count()
}

#[op]
fn encode_utf8<'s>(scope: &mut Scope<'s>, text: JsString<'s>) -> Result<Vec<u8>, OpError> {
    Ok(scope.with_chars(text, to_utf8)?)
}

/// Lone surrogates become U+FFFD.
fn to_utf8(chars: Chars<'_>) -> Vec<u8> {
    match chars {
        Chars::Latin1(bytes) if bytes.is_ascii() => bytes.to_vec(),
        Chars::Latin1(bytes) => {
            let mut out = vec![0; bytes.len() * 2];
            let length = mem::convert_latin1_to_utf8(bytes, &mut out);
            out.truncate(length);
            out.shrink_to_fit();
            out
        }
        Chars::Utf16(units) => {
            let mut out = vec![0; units.len() * 3];
            let length = mem::convert_utf16_to_utf8(units, &mut out);
            out.truncate(length);
            out.shrink_to_fit();
            out
        }
    }
}

/// Writes as many whole characters as fit and says how many bytes they took.
#[op]
fn write_utf8<'s>(
    scope: &mut Scope<'s>,
    target: Value<'s>,
    text: JsString<'s>,
    offset: usize,
    length: usize,
) -> Result<usize, OpError> {
    let bytes = scope.with_chars(text, to_utf8)?;
    let mut end = bytes.len().min(length);
    // back to the start of a character
    while end < bytes.len() && bytes[end] & 0xc0 == 0x80 {
        end -= 1;
    }
    scope.write_bytes(target, offset, &bytes[..end]);
    Ok(end)
}

/// The low byte of the first `length` units.
#[op]
fn write_latin1<'s>(
    scope: &mut Scope<'s>,
    target: Value<'s>,
    text: JsString<'s>,
    offset: usize,
    length: usize,
) -> Result<(), OpError> {
    let bytes: Vec<u8> = scope.with_chars(text, |chars| match chars {
        Chars::Latin1(bytes) => bytes.iter().take(length).copied().collect(),
        Chars::Utf16(units) => units.iter().take(length).map(|unit| *unit as u8).collect(),
    })?;
    scope.write_bytes(target, offset, &bytes);
    Ok(())
}

/// The first `units` units, little-endian.
#[op]
fn write_utf16<'s>(
    scope: &mut Scope<'s>,
    target: Value<'s>,
    text: JsString<'s>,
    offset: usize,
    units: usize,
) -> Result<(), OpError> {
    let bytes: Vec<u8> = scope.with_chars(text, |chars| match chars {
        Chars::Latin1(bytes) => bytes.iter().take(units).flat_map(|byte| [*byte, 0]).collect(),
        Chars::Utf16(all) => all.iter().take(units).flat_map(|unit| unit.to_le_bytes()).collect(),
    })?;
    scope.write_bytes(target, offset, &bytes);
    Ok(())
}

/// Each maximal part of what is no UTF-8 becomes one U+FFFD.
#[op]
fn decode_utf8<'s>(
    scope: &mut Scope<'s>,
    view: Value<'s>,
    start: usize,
    end: usize,
) -> Result<JsString<'s>, OpError> {
    // strings are made of units, since the engine is slow to make them of UTF-8
    enum Units {
        Latin1(Vec<u8>),
        Utf16(Vec<u16>),
    }
    let units = scope.with_bytes(view, |bytes| {
        let bytes = bytes.get(start..end).unwrap_or_default();
        if bytes.is_ascii() {
            return Units::Latin1(bytes.to_vec());
        }
        let mut units = vec![0; bytes.len() + 1];
        let length = mem::convert_utf8_to_utf16(bytes, &mut units);
        units.truncate(length);
        Units::Utf16(units)
    });
    Ok(match units {
        Some(Units::Latin1(bytes)) => scope.string_latin1(&bytes)?,
        Some(Units::Utf16(units)) => scope.string_utf16(&units)?,
        None => scope.string_latin1(&[])?,
    })
}

#[op]
fn decode_latin1<'s>(
    scope: &mut Scope<'s>,
    view: Value<'s>,
    start: usize,
    end: usize,
) -> Result<JsString<'s>, OpError> {
    let bytes = collect(scope, view, start, end, <[u8]>::to_vec);
    Ok(scope.string_latin1(&bytes)?)
}

/// Drops the high bit of every byte, as Node does.
#[op]
fn decode_ascii<'s>(
    scope: &mut Scope<'s>,
    view: Value<'s>,
    start: usize,
    end: usize,
) -> Result<JsString<'s>, OpError> {
    let bytes = collect(scope, view, start, end, |bytes| bytes.iter().map(|byte| byte & 0x7f).collect());
    Ok(scope.string_latin1(&bytes)?)
}

/// Keeps lone surrogates; an odd byte at the end is left out.
#[op]
fn decode_utf16<'s>(
    scope: &mut Scope<'s>,
    view: Value<'s>,
    start: usize,
    end: usize,
) -> Result<JsString<'s>, OpError> {
    let units = collect(scope, view, start, end, |bytes| {
        bytes.as_chunks::<2>().0.iter().map(|pair| u16::from_le_bytes(*pair)).collect()
    });
    Ok(scope.string_utf16(&units)?)
}

/// What `read` makes of a part of a view: a copy, since making a string may move the view's bytes.
fn collect<T>(
    scope: &mut Scope<'_>,
    view: Value<'_>,
    start: usize,
    end: usize,
    read: impl FnOnce(&[u8]) -> Vec<T>,
) -> Vec<T> {
    scope.with_bytes(view, |bytes| read(bytes.get(start..end).unwrap_or_default())).unwrap_or_default()
}

/// Standard with padding, or for URLs without.
#[op]
fn encode_base64<'s>(
    scope: &mut Scope<'s>,
    view: Value<'s>,
    start: usize,
    end: usize,
    url: bool,
) -> Result<JsString<'s>, OpError> {
    let codec = if url { base64_simd::URL_SAFE_NO_PAD } else { base64_simd::STANDARD };
    let text = collect(scope, view, start, end, |bytes| codec.encode_type::<Vec<u8>>(bytes));
    Ok(scope.string_latin1(&text)?)
}

#[op]
fn decode_base64<'s>(scope: &mut Scope<'s>, text: JsString<'s>) -> Result<Vec<u8>, OpError> {
    Ok(scope.with_chars(text, from_base64)?)
}

/// Writes what fits and says how many bytes that is.
#[op]
fn write_base64<'s>(
    scope: &mut Scope<'s>,
    target: Value<'s>,
    text: JsString<'s>,
    offset: usize,
    length: usize,
) -> Result<usize, OpError> {
    let bytes = scope.with_chars(text, from_base64)?;
    let length = bytes.len().min(length);
    scope.write_bytes(target, offset, &bytes[..length]);
    Ok(length)
}

fn from_base64(chars: Chars<'_>) -> Vec<u8> {
    match chars {
        Chars::Latin1(text) => base64_simd::forgiving_decode_to_vec(text)
            .or_else(|_| base64_simd::URL_SAFE_NO_PAD.decode_to_vec(text))
            .unwrap_or_else(|_| lenient_base64(text.iter().copied())),
        Chars::Utf16(text) => lenient_base64(text.iter().map(|unit| *unit as u8)),
    }
}

/// Node's reading of anything: both alphabets, other characters skipped, padding ends it.
fn lenient_base64(text: impl Iterator<Item = u8>) -> Vec<u8> {
    let digits = text.take_while(|char| *char != b'=').filter_map(|char| match char {
        b'A'..=b'Z' => Some(char - b'A'),
        b'a'..=b'z' => Some(char - b'a' + 26),
        b'0'..=b'9' => Some(char - b'0' + 52),
        b'+' | b'-' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    });
    let mut bytes = Vec::new();
    let mut group = 0u8;
    for (index, digit) in digits.enumerate() {
        // digits 2, 3 and 4 of a group each complete a byte
        match index % 4 {
            0 => {}
            1 => bytes.push(group << 2 | digit >> 4),
            2 => bytes.push(group << 4 | digit >> 2),
            _ => bytes.push(group << 6 | digit),
        }
        group = digit;
    }
    bytes
}
