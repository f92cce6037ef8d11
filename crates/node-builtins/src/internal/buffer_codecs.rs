//! Long texts in and out of Buffers: UTF-8, Latin-1 and ASCII.
//! Short texts, and encodings that the engine knows itself, never come here; offsets were checked in JavaScript.

use js_engine::{Binding, OpError, op};

pub(crate) fn binding(b: &mut Binding<'_, '_>) {
    b.op(utf8_length)
        .op(encode_utf8)
        .op(write_utf8)
        .op(decode_utf8)
        .op(decode_latin1)
        .op(decode_ascii);
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

#[op]
fn decode_utf8(bytes: &[u8], start: usize, end: usize) -> Result<String, OpError> {
    let bytes = bytes.get(start..end).unwrap_or_default();
    Ok(match simdutf8::basic::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => String::from_utf8_lossy(bytes).into_owned(),
    })
}

#[op]
fn decode_latin1(bytes: &[u8], start: usize, end: usize) -> Result<String, OpError> {
    Ok(encoding_rs::mem::decode_latin1(bytes.get(start..end).unwrap_or_default()).into_owned())
}

/// Drops the high bit of every byte, as Node does.
#[op]
fn decode_ascii(bytes: &[u8], start: usize, end: usize) -> Result<String, OpError> {
    Ok(bytes.get(start..end).unwrap_or_default().iter().map(|byte| char::from(byte & 0x7f)).collect())
}
