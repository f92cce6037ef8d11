//! One rendered form: its bytes without the base of tarball addresses, and where that base belongs.

use std::ops::Range;

use bytes::Bytes;
use sha2::{Digest, Sha256};

/// Bytes to copy and the offsets at which the registry's base address is put in.
pub(super) struct Rendition {
    skeleton: Vec<u8>,
    base_offsets: Vec<usize>,
    digest: String,
}

impl Rendition {
    /// Length of the skeleton in bytes.
    pub fn len(&self) -> usize {
        self.skeleton.len()
    }

    /// Digest of the skeleton as hexadecimal.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// The bytes of `range` of the skeleton, with `base` put in wherever it belongs.
    pub fn splice(&self, range: Range<usize>, base: &str) -> Bytes {
        let first = self.base_offsets.partition_point(|&offset| offset < range.start);
        let last = self.base_offsets.partition_point(|&offset| offset < range.end);
        let offsets = &self.base_offsets[first..last];
        let mut out = Vec::with_capacity(range.len() + offsets.len() * base.len());
        let mut copied = range.start;
        for &offset in offsets {
            out.extend_from_slice(&self.skeleton[copied..offset]);
            out.extend_from_slice(base.as_bytes());
            copied = offset;
        }
        out.extend_from_slice(&self.skeleton[copied..range.end]);
        out.into()
    }
}

/// Collects a [`Rendition`] from front to back.
#[derive(Default)]
pub(super) struct RenditionBuilder {
    skeleton: Vec<u8>,
    base_offsets: Vec<usize>,
}

impl RenditionBuilder {
    /// Appends JSON as it is.
    pub fn push(&mut self, json: &str) {
        self.skeleton.extend_from_slice(json.as_bytes());
    }

    /// Appends a string as a JSON string.
    pub fn push_string(&mut self, text: &str) {
        self.skeleton.extend_from_slice(serde_json::Value::from(text).to_string().as_bytes());
    }

    /// Appends `"key":`, with the comma that is due before it.
    pub fn push_key(&mut self, key: &str) {
        if !matches!(self.skeleton.last(), None | Some(b'{' | b'[')) {
            self.skeleton.push(b',');
        }
        self.push_string(key);
        self.skeleton.push(b':');
    }

    /// Remembers that the base address goes here.
    pub fn push_base(&mut self) {
        self.base_offsets.push(self.skeleton.len());
    }

    /// Bytes so far.
    pub fn len(&self) -> usize {
        self.skeleton.len()
    }

    /// The finished form.
    pub fn finish(mut self) -> Rendition {
        self.skeleton.shrink_to_fit();
        let digest = Sha256::digest(&self.skeleton);
        let digest = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        Rendition { skeleton: self.skeleton, base_offsets: self.base_offsets, digest }
    }
}
