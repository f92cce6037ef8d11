//! Long runs of bytes: comparing, searching, swapping and looking at what they encode.

use std::cmp::Ordering;

use js_engine::{Binding, Object, OpError, Scope, op};
use memchr::memmem;

pub(crate) fn binding(b: &mut Binding<'_, '_>) {
    b.op(compare).op(find).op(swap).op(is_utf8).op(is_ascii).op(pin);
}

/// Keeps the bytes of an ArrayBuffer here: it cannot be transferred any more.
#[op]
fn pin<'s>(scope: &mut Scope<'s>, buffer: Object<'s>) {
    scope.pin(buffer);
}

#[op]
fn compare(
    a: &[u8],
    a_start: usize,
    a_end: usize,
    b: &[u8],
    b_start: usize,
    b_end: usize,
) -> Result<i32, OpError> {
    let a = a.get(a_start..a_end).unwrap_or_default();
    let b = b.get(b_start..b_end).unwrap_or_default();
    Ok(match a.cmp(b) {
        Ordering::Less => -1,
        Ordering::Equal => 0,
        Ordering::Greater => 1,
    })
}

/// The first occurrence at or after `from`, or -1.
#[op]
fn find(haystack: &[u8], needle: &[u8], from: usize) -> Result<f64, OpError> {
    let rest = haystack.get(from..).unwrap_or_default();
    Ok(memmem::find(rest, needle).map_or(-1.0, |at| (from + at) as f64))
}

/// Reverses every group of `size` bytes.
#[op]
fn swap(bytes: &mut [u8], size: usize) -> Result<(), OpError> {
    // sizes as constants, so that each loop is vectorised
    match size {
        2 => swap_groups::<2>(bytes),
        4 => swap_groups::<4>(bytes),
        8 => swap_groups::<8>(bytes),
        _ => {}
    }
    Ok(())
}

fn swap_groups<const SIZE: usize>(bytes: &mut [u8]) {
    for group in bytes.as_chunks_mut::<SIZE>().0 {
        group.reverse();
    }
}

#[op]
fn is_utf8(bytes: &[u8]) -> Result<bool, OpError> {
    Ok(simdutf8::basic::from_utf8(bytes).is_ok())
}

#[op]
fn is_ascii(bytes: &[u8]) -> Result<bool, OpError> {
    Ok(bytes.is_ascii())
}
