//! The file of rows: JSON Lines, compressed. An object begins a table and tells its columns, each list is a row of it:
//!
//! ```text
//! {"table":"dist_tags","columns":["package","tag","version"]}
//! ["@acme/tool","latest","1.0.0"]
//! ```
//!
//! Texts are strings, numbers are whole, what is not there is null: what both databases have.

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use ring::digest::{Context, SHA512};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::failed;
use crate::RegistryError;
use crate::database::schema::Column;
use crate::publish::hex;

/// Whether a file has the name of one of rows.
pub(super) fn is_rows_file(name: &str) -> bool {
    name.starts_with("rows-") && name.ends_with(".jsonl.gz")
}

#[derive(Serialize, Deserialize)]
struct TableHead {
    table: String,
    columns: Vec<String>,
}

/// A file of rows that is whole.
#[derive(Debug)]
pub(super) struct Written {
    /// Its name.
    pub file: String,
    /// In hexadecimal.
    pub sha512: String,
    /// Rows in it.
    pub count: u64,
}

/// Writes a file of rows.
pub(super) struct RowsWriter {
    path: PathBuf,
    name: String,
    out: GzEncoder<BufWriter<Hashing>>,
    count: u64,
}

/// A file with the digest of what was written to it.
struct Hashing {
    file: File,
    digest: Context,
}

impl Write for Hashing {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.digest.update(bytes.get(..written).unwrap_or_default());
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.file.flush()
    }
}

impl RowsWriter {
    /// Begins a file in a folder, named after a time, that only its owner may read.
    pub fn create(folder: &Path, now: i64) -> Result<RowsWriter, RegistryError> {
        let name = format!("rows-{now}.jsonl.gz");
        let path = folder.join(&name);
        let opened = File::options().write(true).create(true).truncate(true).mode(0o600).open(&path);
        let file = opened.map_err(failed("write", &path))?;
        let out = BufWriter::with_capacity(1 << 16, Hashing { file, digest: Context::new(&SHA512) });
        Ok(RowsWriter { path, name, out: GzEncoder::new(out, Compression::default()), count: 0 })
    }

    /// Begins a table.
    pub fn table(&mut self, table: &str, columns: &[Column]) -> Result<(), RegistryError> {
        let columns = columns.iter().map(|column| column.name.clone()).collect();
        self.line(&TableHead { table: table.to_owned(), columns })
    }

    /// Adds a row to the table.
    pub fn row(&mut self, values: &[Value]) -> Result<(), RegistryError> {
        self.count += 1;
        self.line(&values)
    }

    /// Ends the file, which is on the disk then.
    pub fn finish(self) -> Result<Written, RegistryError> {
        let RowsWriter { path, name, out, count } = self;
        let finish = || {
            let out = out.finish()?.into_inner().map_err(std::io::IntoInnerError::into_error)?;
            out.file.sync_all()?;
            Ok(hex(out.digest.finish().as_ref()))
        };
        let sha512 = finish().map_err(failed("write", &path))?;
        Ok(Written { file: name, sha512, count })
    }

    fn line(&mut self, value: &impl Serialize) -> Result<(), RegistryError> {
        let written = serde_json::to_writer(&mut self.out, value)
            .map_err(std::io::Error::from)
            .and_then(|()| self.out.write_all(b"\n"));
        written.map_err(failed("write", &self.path))
    }
}

/// What stands on a line.
#[derive(Debug)]
pub(super) enum Line {
    Table { name: String, columns: Vec<String> },
    Row(Vec<Value>),
}

/// The lines of a file of rows of a backup in `folder`.
///
/// # Errors
/// A file that cannot be read; in the lines, what is none.
pub(super) fn read(
    folder: &Path,
    name: &str,
) -> Result<impl Iterator<Item = Result<Line, RegistryError>> + use<>, RegistryError> {
    let path = folder.join(name);
    let file = File::open(&path).map_err(failed("read", &path))?;
    let lines = BufReader::with_capacity(1 << 16, GzDecoder::new(BufReader::new(file))).lines();
    let folder = folder.to_owned();
    Ok(lines.map(move |line| {
        let line = line.map_err(failed("read", &path))?;
        let refused = |error: serde_json::Error| RegistryError::Backup {
            path: folder.clone(),
            problem: format!("a row cannot be read: {error}"),
        };
        if line.starts_with('{') {
            let TableHead { table, columns } = serde_json::from_str(&line).map_err(refused)?;
            return Ok(Line::Table { name: table, columns });
        }
        serde_json::from_str(&line).map(Line::Row).map_err(refused)
    }))
}

/// The SHA-512 of a file in hexadecimal.
pub(super) fn digest_of(path: &Path) -> Result<String, RegistryError> {
    let digest = || {
        let mut file = File::open(path)?;
        let mut context = Context::new(&SHA512);
        let mut block = vec![0; 1 << 16];
        loop {
            match file.read(&mut block)? {
                0 => return Ok(hex(context.finish().as_ref())),
                read => context.update(block.get(..read).unwrap_or_default()),
            }
        }
    };
    digest().map_err(failed("read", path))
}
