//! Labels and decoders of the Encoding Standard, from encoding_rs.

use std::cell::RefCell;

use encoding_rs::{Decoder, DecoderResult, Encoding, mem};
use js_engine::{Binding, JsString, Object, OpError, Scope, Value, Wrapped, op};

pub(crate) fn binding(b: &mut Binding<'_, '_>) {
    b.op(encoding_for_label).op(decode_valid_utf8).op(new_decoder).op(decode);
}

#[op]
fn encoding_for_label(label: String) -> Result<Option<String>, OpError> {
    Ok(Encoding::for_label(label.as_bytes()).map(|encoding| encoding.name().to_ascii_lowercase()))
}

/// `None` if the bytes from `start` on are not UTF-8.
#[op]
fn decode_valid_utf8<'s>(
    scope: &mut Scope<'s>,
    view: Value<'s>,
    start: usize,
) -> Result<Option<JsString<'s>>, OpError> {
    let units = scope.with_bytes(view, |bytes| {
        let text = simdutf8::basic::from_utf8(bytes.get(start..).unwrap_or_default()).ok()?;
        let mut units = vec![0; text.len()];
        let length = mem::convert_str_to_utf16(text, &mut units);
        units.truncate(length);
        Some(units)
    });
    string(scope, units.flatten())
}

/// A decoder for one stream.
#[op]
fn new_decoder<'s>(scope: &mut Scope<'s>, encoding: String, ignore_bom: bool) -> Result<Object<'s>, OpError> {
    let encoding = Encoding::for_label(encoding.as_bytes()).unwrap_or(encoding_rs::UTF_8);
    let decoder = if ignore_bom {
        encoding.new_decoder_without_bom_handling()
    } else {
        encoding.new_decoder_with_bom_removal()
    };
    Ok(scope.wrap(RefCell::new(decoder))?)
}

/// The text of the next bytes, the last ones unless `stream`; `None` if they are malformed and that is `fatal`.
#[op]
fn decode<'s>(
    scope: &mut Scope<'s>,
    decoder: Wrapped<RefCell<Decoder>>,
    view: Value<'s>,
    stream: bool,
    fatal: bool,
) -> Result<Option<JsString<'s>>, OpError> {
    let mut decoder = decoder.borrow_mut();
    let units = scope.with_bytes(view, |bytes| {
        // room for everything, so that one call decodes it
        let mut units = vec![0; decoder.max_utf16_buffer_length(bytes.len())?];
        let length = if fatal {
            match decoder.decode_to_utf16_without_replacement(bytes, &mut units, !stream) {
                (DecoderResult::InputEmpty, _, length) => length,
                _ => return None,
            }
        } else {
            decoder.decode_to_utf16(bytes, &mut units, !stream).2
        };
        units.truncate(length);
        Some(units)
    });
    string(scope, units.flatten())
}

/// Of units, since the engine is slow to make strings of UTF-8.
fn string<'s>(scope: &mut Scope<'s>, units: Option<Vec<u16>>) -> Result<Option<JsString<'s>>, OpError> {
    Ok(units.map(|units| scope.string_utf16(&units)).transpose()?)
}
