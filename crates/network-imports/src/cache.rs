//! Contents by their digest, shared by all projects. Safe to delete.

use std::io::Write;
use std::path::PathBuf;

use crate::error::ImportError;
use crate::integrity::Integrity;

pub(crate) struct Cache(PathBuf);

impl Cache {
    pub(crate) fn new(folder: PathBuf) -> Cache {
        Cache(folder)
    }

    fn path(&self, integrity: &Integrity) -> PathBuf {
        let name = integrity.hex();
        let (folder, file) = name.split_at(2);
        self.0.join(folder).join(file)
    }

    /// The content with this digest. What does not have it (any more) counts as absent.
    pub(crate) fn read(&self, integrity: &Integrity) -> Option<Vec<u8>> {
        let bytes = std::fs::read(self.path(integrity)).ok()?;
        (Integrity::of(&bytes) == *integrity).then_some(bytes)
    }

    /// Whether there is something under this digest, unchecked.
    pub(crate) fn has(&self, integrity: &Integrity) -> bool {
        self.path(integrity).is_file()
    }

    /// Keeps a content; other processes see all of it or nothing.
    pub(crate) fn write(&self, integrity: &Integrity, bytes: &[u8]) -> Result<(), ImportError> {
        let path = self.path(integrity);
        let folder = path.parent().unwrap_or(&self.0);
        let write = || {
            std::fs::create_dir_all(folder)?;
            let mut file = tempfile::NamedTempFile::new_in(folder)?;
            file.write_all(bytes)?;
            file.persist(&path).map_err(|error| error.error)?;
            Ok(())
        };
        write().map_err(|error| ImportError::io("keep a module in", &path, error))
    }
}
