//! Long texts in and out of Buffers: UTF-8, UTF-16, Latin-1 and ASCII.
//! Short texts, and encodings that the engine knows itself, never come here; offsets were checked in JavaScript.

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
        .op(decode_utf16);
}

#[op]
fn utf8_length(text: String) -> Result<usize, OpError> {
    Ok(text.len())
}

#[op]
fn encode_utf8(text: String) -> Result<Vec<u8>, OpError> {
    Ok(text.into_bytes())
}

/// Writes as many whole characters as fit and says how many bytes they took.
#[op]
fn write_utf8(target: &mut [u8], text: String, offset: usize, length: usize) -> Result<usize, OpError> {
    let target = target.get_mut(offset..).unwrap_or_default();
    let mut end = text.len().min(length).min(target.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    target[..end].copy_from_slice(&text.as_bytes()[..end]);
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

#[op]
fn decode_utf8(bytes: &[u8], start: usize, end: usize) -> Result<String, OpError> {
    let bytes = bytes.get(start..end).unwrap_or_default();
    Ok(match simdutf8::basic::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => String::from_utf8_lossy(bytes).into_owned(),
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
