//! Compressed renditions, each made once.

use std::collections::VecDeque;
use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use tokio::sync::OnceCell;

use super::Form;

/// Two forms at two addresses: a registry is reached at its public address and perhaps at one inside.
const KEPT: usize = 4;

type Slot = Arc<OnceCell<Bytes>>;

/// The compressed forms of one packument, by form and base address; the oldest goes when there are too many.
#[derive(Default)]
pub(super) struct EncodedCache {
    slots: Mutex<VecDeque<(Form, Box<str>, Slot)>>,
}

impl EncodedCache {
    /// The gzip of what `plain` gives; concurrent callers wait for the first.
    pub async fn gzip(
        &self,
        form: Form,
        base: &str,
        plain: impl FnOnce() -> Bytes + Send + 'static,
    ) -> Bytes {
        let slot = self.slot(form, base);
        let compressed = slot.get_or_try_init(|| tokio::task::spawn_blocking(move || gzip(&plain()))).await;
        // Only a panic in the closure or a runtime shutting down ends here: nobody reads what is answered then.
        compressed.cloned().unwrap_or_default()
    }

    fn slot(&self, form: Form, base: &str) -> Slot {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, _, slot)) = slots.iter().find(|(of, at, _)| *of == form && &**at == base) {
            return slot.clone();
        }
        if slots.len() == KEPT {
            slots.pop_front();
        }
        let slot = Slot::default();
        slots.push_back((form, base.into(), slot.clone()));
        slot
    }
}

fn gzip(plain: &[u8]) -> Bytes {
    let mut encoder = GzEncoder::new(Vec::with_capacity(plain.len() / 4), Compression::default());
    // Writing into a vector does not fail.
    let written = encoder.write_all(plain).and_then(|()| encoder.finish());
    written.unwrap_or_default().into()
}
