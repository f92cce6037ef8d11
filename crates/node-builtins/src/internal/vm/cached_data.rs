//! Bytecode as programs keep it: the engine's, behind a mark of the source text that it was made of.

use js_engine::{Chars, JsString, Scope, Stencil, Thrown};
use std::hash::{DefaultHasher, Hash, Hasher};

const MAGIC: [u8; 8] = *b"knit-vm\x01";

/// Tells source texts apart.
pub(super) struct CachedData {
    mark: [u8; 16],
}

impl CachedData {
    pub(super) fn of(
        scope: &mut Scope<'_>,
        text: JsString<'_>,
        parameters: &[&str],
    ) -> Result<CachedData, Thrown> {
        let mut hasher = DefaultHasher::new();
        parameters.hash(&mut hasher);
        scope.with_chars(text, |chars| match chars {
            Chars::Latin1(bytes) => bytes.hash(&mut hasher),
            Chars::Utf16(units) => units.hash(&mut hasher),
        })?;
        let mut mark = [0; 16];
        mark[..8].copy_from_slice(&MAGIC);
        mark[8..].copy_from_slice(&hasher.finish().to_le_bytes());
        Ok(CachedData { mark })
    }

    pub(super) fn write(&self, scope: &mut Scope<'_>, stencil: &Stencil) -> Option<Vec<u8>> {
        let mut data = self.mark.to_vec();
        data.extend(scope.encode_stencil(stencil)?);
        Some(data)
    }

    /// None for data of another source text, another build or a damaged one.
    pub(super) fn read(
        &self,
        scope: &mut Scope<'_>,
        data: &[u8],
        file: &str,
        module: bool,
    ) -> Option<Stencil> {
        scope.decode_stencil(data.strip_prefix(&self.mark)?, file, module)
    }
}
