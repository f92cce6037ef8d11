//! Labels and decoders of the Encoding Standard, from encoding_rs.

use std::cell::RefCell;

use encoding_rs::{Decoder, DecoderResult, Encoding};
use js_engine::{Binding, Object, OpError, Scope, Wrapped, op};

pub(crate) fn binding(b: &mut Binding<'_, '_>) {
    b.op(encoding_for_label).op(decode_valid_utf8).op(new_decoder).op(decode);
}

#[op]
fn encoding_for_label(label: String) -> Result<Option<String>, OpError> {
    Ok(Encoding::for_label(label.as_bytes()).map(|encoding| encoding.name().to_ascii_lowercase()))
}

/// `None` if the bytes from `start` on are not UTF-8.
#[op]
fn decode_valid_utf8(bytes: &[u8], start: usize) -> Result<Option<String>, OpError> {
    Ok(simdutf8::basic::from_utf8(bytes.get(start..).unwrap_or_default()).ok().map(str::to_owned))
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
fn decode(
    decoder: Wrapped<RefCell<Decoder>>,
    bytes: &[u8],
    stream: bool,
    fatal: bool,
) -> Result<Option<String>, OpError> {
    let mut decoder = decoder.borrow_mut();
    let room = if fatal {
        decoder.max_utf8_buffer_length_without_replacement(bytes.len())
    } else {
        decoder.max_utf8_buffer_length(bytes.len())
    };
    let mut text = String::with_capacity(room.unwrap_or_default());
    if fatal {
        let (result, _) = decoder.decode_to_string_without_replacement(bytes, &mut text, !stream);
        return Ok(matches!(result, DecoderResult::InputEmpty).then_some(text));
    }
    // the room is enough for all, by the promise of the function that was asked for it
    let _ = decoder.decode_to_string(bytes, &mut text, !stream);
    Ok(Some(text))
}
