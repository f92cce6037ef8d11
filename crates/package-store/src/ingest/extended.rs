//! What extended headers say of the entry that follows, or of all that follow.
//!
//! Source: npm 11.19.1, tar (pax).

use super::text;
use crate::error::ArchiveFault;

/// What extended headers say of an entry. Only npm's own keys count.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Extended {
    pub(super) path: Option<String>,
    pub(super) linkpath: Option<String>,
    pub(super) size: Option<u64>,
    /// Fields of the header that are not looked at because these are there.
    pub(super) has: Given,
}

/// Which numbers were given, whatever they are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Given {
    pub(super) uid: bool,
    pub(super) gid: bool,
    pub(super) mtime: bool,
    pub(super) atime: bool,
    pub(super) ctime: bool,
}

impl Extended {
    /// Adds the records of one extended header; later ones win.
    ///
    /// A record is a line whose length stands before it. Lines that lie about their length are skipped.
    pub(super) fn read(&mut self, records: &[u8]) -> Result<(), ArchiveFault> {
        // Decoded first, so that lengths of lines that are not UTF-8 are wrong for npm as well.
        let records = String::from_utf8_lossy(records);
        let records = records.strip_suffix('\n').unwrap_or(&records);
        for line in records.split('\n') {
            let length = line.len() + 1;
            if text::parse_integer(line, 10) != i64::try_from(length).ok() {
                continue;
            }
            // npm steps over the number as it would print it, so whatever else is before it spoils the record, or not.
            let record = after_units(line, length.to_string().len() + 1);
            let (name, value) = record.split_once('=').unwrap_or((record, ""));
            self.set(name, text::clean(value.to_owned()))?;
        }
        Ok(())
    }

    fn set(&mut self, name: &str, value: String) -> Result<(), ArchiveFault> {
        match name {
            "path" => self.path = Some(value),
            "linkpath" => self.linkpath = Some(value),
            "size" => self.size = Some(decimal(&value)?),
            "uid" => self.has.uid = true,
            "gid" => self.has.gid = true,
            "mtime" => self.has.mtime = true,
            "atime" => self.has.atime = true,
            "ctime" => self.has.ctime = true,
            _ => {}
        }
        Ok(())
    }
}

impl Given {
    pub(super) fn or(self, other: Self) -> Self {
        Self {
            uid: self.uid || other.uid,
            gid: self.gid || other.gid,
            mtime: self.mtime || other.mtime,
            atime: self.atime || other.atime,
            ctime: self.ctime || other.ctime,
        }
    }
}

/// What follows so many units of UTF-16.
fn after_units(line: &str, units: usize) -> &str {
    let mut left = units;
    let is_over = |(at, character): (usize, char)| match left.checked_sub(character.len_utf16()) {
        Some(rest) if left > 0 => {
            left = rest;
            None
        }
        _ => Some(at),
    };
    let at = line.char_indices().find_map(is_over).unwrap_or(line.len());
    line.get(at..).unwrap_or_default()
}

/// npm would read `1e3` and `0x10` as numbers here, other readers not; no archiver writes them.
fn decimal(text: &str) -> Result<u64, ArchiveFault> {
    let plain = !text.is_empty() && text.len() <= 15 && text.bytes().all(|byte| byte.is_ascii_digit());
    let fault = || ArchiveFault::ExtendedSize { text: text.to_owned() };
    if plain { text.parse().map_err(|_| fault()) } else { Err(fault()) }
}

#[cfg(test)]
mod tests {
    use super::Extended;

    /// Expected: the path that npm 11.19.1 reads.
    #[test]
    fn records_are_read_as_npm_reads_them() {
        for (records, expected) in [
            ("10 path=x\n", Some("x")),
            ("10 path=x", Some("x")),
            ("11 path=x\n", None),
            ("10 path=x\n10 path=y\n", Some("y")),
            ("7 path\n", Some("")),
            ("8 path=\n", Some("")),
            ("11  path=x\n", None),
            ("011 path=x\n", None),
            ("+10path=x\n", Some("x")),
            ("\t10path=x\n", Some("x")),
            ("12 path=x\0y\n", Some("x")),
            ("12 path=x=y\n", Some("x=y")),
        ] {
            let mut extended = Extended::default();
            extended.read(records.as_bytes()).expect("no size in it");
            assert_eq!(extended.path.as_deref(), expected, "{records:?}");
        }
    }
}
