//! Operations of `internal/modules/compile_cache`: checksums for its entries, and what its folders are called by.

use js_engine::{Binding, op};
use std::hash::{DefaultHasher, Hash, Hasher};

pub(crate) fn binding(b: &mut Binding<'_, '_>) {
    b.op(checksum).op(checksum_bytes).op(engine_tag);
}

/// Of the same build the same for the same text.
#[op]
fn checksum(text: String) -> u32 {
    of(&text)
}

#[op]
fn checksum_bytes(bytes: &[u8]) -> u32 {
    of(bytes)
}

/// Names what compiled code belongs to. Code of another build of the same version is refused by the engine itself.
#[op]
fn engine_tag() -> String {
    format!("{:08x}", of(concat!("knit ", env!("CARGO_PKG_VERSION"))))
}

fn of(value: &(impl Hash + ?Sized)) -> u32 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    (hasher.finish() & 0xffff_ffff) as u32
}
