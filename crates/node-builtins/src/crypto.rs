//! Random bytes from the system, and a comparison that takes as long whatever it compares.

use js_engine::{Binding, OpError, op};
use rustix::io::Errno;
use rustix::rand::{GetRandomFlags, getrandom};
use std::hint::black_box;

pub(crate) fn binding(b: &mut Binding<'_, '_>) {
    b.op(fill_random).op(random_bytes).op(timing_safe_equal);
}

fn fill(bytes: &mut [u8]) -> Result<(), OpError> {
    let mut filled = 0;
    // the system gives fewer bytes at once than were asked for where they are many, or a signal comes
    while filled < bytes.len() {
        match getrandom(&mut bytes[filled..], GetRandomFlags::empty()) {
            Ok(count) => filled += count,
            Err(Errno::INTR) => {}
            Err(error) => return Err(OpError::system(error.raw_os_error(), "getrandom")),
        }
    }
    Ok(())
}

#[op]
fn fill_random(bytes: &mut [u8]) -> Result<(), OpError> {
    fill(bytes)
}

#[op(blocking)]
fn random_bytes(length: usize) -> Result<Vec<u8>, OpError> {
    let mut bytes = vec![0; length];
    fill(&mut bytes)?;
    Ok(bytes)
}

/// Whether both, which are equally long, hold the same bytes.
#[op]
fn timing_safe_equal(one: &[u8], other: &[u8]) -> bool {
    let difference = one.iter().zip(other).fold(0, |difference, (a, b)| black_box(difference | (a ^ b)));
    one.len() == other.len() && black_box(difference) == 0
}
