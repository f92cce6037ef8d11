//! Writes the tarball of a package: the same files always give the same bytes, whoever packs them, when and where.
//!
//! The archive inside is byte for byte npm's, save that what `bin` names is executable in folders too and that files
//! with several names are no links; the compression around it is not npm's, whose own differs between versions of
//! Node. Source: tar 7 and pacote of npm 11.19.1; POSIX.1-2001 pax.

use libdeflater::{CompressionLvl, Compressor};

const BLOCK: usize = 512;
/// 1985-10-26T08:15:00Z in seconds since 1970. Zip knows no time before 1980.
const MODIFIED: u64 = 499_162_500;
/// What every path begins with.
const FOLDER: &str = "package/";
/// Packs smaller than zlib's best and in half the time.
const COMPRESSION: i32 = 9;
/// Bytes of a name, and of what may stand before it.
const NAME: usize = 100;
const PREFIX: usize = 155;
/// The largest size that eleven octal digits hold.
const MOST_OCTAL: u64 = 0o777_7777_7777;

/// A tarball under way.
#[derive(Debug, Default)]
pub(super) struct Archive {
    bytes: Vec<u8>,
}

impl Archive {
    /// Adds a file. `path` is relative to the package, with `/` between names.
    pub(super) fn add(&mut self, path: &str, mode: u32, content: &[u8]) {
        let path = format!("{FOLDER}{path}");
        let size = content.len() as u64;
        let header = Header { path: &path, mode: portable(mode), size, kind: b'0' };
        let (block, needs_more) = header.block();
        if needs_more {
            self.add_extended(&path, size);
        }
        self.bytes.extend_from_slice(&block);
        self.content(content);
    }

    /// Compresses what was added.
    pub(super) fn finish(mut self) -> Vec<u8> {
        self.bytes.resize(self.bytes.len() + 2 * BLOCK, 0);
        let level = CompressionLvl::new(COMPRESSION).unwrap_or_default();
        let mut compressor = Compressor::new(level);
        let mut packed = vec![0; compressor.gzip_compress_bound(self.bytes.len())];
        // room for the worst case is all that it can lack
        let length = compressor.gzip_compress(&self.bytes, &mut packed).unwrap_or(0);
        packed.truncate(length);
        packed
    }

    /// What a plain header cannot say of the next file.
    fn add_extended(&mut self, path: &str, size: u64) {
        let body =
            [record("path", path), record("mtime", &MODIFIED.to_string()), record("size", &size.to_string())]
                .concat();
        let name = path.rsplit('/').next().unwrap_or(path);
        let name = cut(&format!("PaxHeader/{name}")).to_owned();
        let header = Header { path: &name, mode: 0o644, size: body.len() as u64, kind: b'x' };
        self.bytes.extend_from_slice(&header.block().0);
        self.content(body.as_bytes());
    }

    fn content(&mut self, content: &[u8]) {
        self.bytes.extend_from_slice(content);
        let whole = self.bytes.len().next_multiple_of(BLOCK);
        self.bytes.resize(whole, 0);
    }
}

/// Readable and writable by its owner, written to by nobody else.
fn portable(mode: u32) -> u32 {
    ((mode & 0o7777) | 0o600) & !0o022
}

/// One record of an extended header: its own length in bytes, a key and a value.
fn record(key: &str, value: &str) -> String {
    let rest = format!(" {key}={value}\n");
    let mut length = rest.len();
    while length != rest.len() + length.to_string().len() {
        length = rest.len() + length.to_string().len();
    }
    format!("{length}{rest}")
}

struct Header<'a> {
    path: &'a str,
    mode: u32,
    size: u64,
    kind: u8,
}

impl Header<'_> {
    /// The header, and whether it could not hold everything.
    fn block(&self) -> ([u8; BLOCK], bool) {
        let mut block = [0; BLOCK];
        let (name, prefix, is_cut) = split(self.path);
        let fits = |text: &str, size: usize| text.is_ascii() && text.len() <= size;
        let mut needs_more = is_cut || !fits(name, NAME) || !fits(&prefix, PREFIX);
        put(&mut block, 0, NAME, name.as_bytes());
        put(&mut block, 100, 8, octal(u64::from(self.mode), 8).as_bytes());
        if self.size > MOST_OCTAL {
            needs_more = true;
            // base 256, marked by the highest bit
            put(&mut block, 128, 8, &self.size.to_be_bytes());
            block[124] = 0x80;
        } else {
            put(&mut block, 124, 12, octal(self.size, 12).as_bytes());
        }
        put(&mut block, 136, 12, octal(MODIFIED, 12).as_bytes());
        block[156] = self.kind;
        put(&mut block, 257, 8, b"ustar\x0000");
        put(&mut block, 329, 8, octal(0, 8).as_bytes());
        put(&mut block, 337, 8, octal(0, 8).as_bytes());
        put(&mut block, 345, PREFIX, prefix.as_bytes());
        // the sum is taken with blanks in its own place
        let sum = 8 * u64::from(b' ') + block.iter().map(|&byte| u64::from(byte)).sum::<u64>();
        put(&mut block, 148, 8, octal(sum, 8).as_bytes());
        (block, needs_more)
    }
}

/// Copies as many whole characters as there is room for.
fn put(block: &mut [u8; BLOCK], at: usize, size: usize, bytes: &[u8]) {
    let mut length = bytes.len().min(size);
    while length < bytes.len() && bytes.get(length).is_some_and(|byte| byte & 0xc0 == 0x80) {
        length -= 1;
    }
    if let (Some(place), Some(bytes)) = (block.get_mut(at..at + length), bytes.get(..length)) {
        place.copy_from_slice(bytes);
    }
}

/// Digits with zeros before them, a blank and a NUL behind them where there is room.
fn octal(number: u64, size: usize) -> String {
    let digits = format!("{number:o}");
    if digits.len() + 1 >= size { format!("{digits}\0") } else { format!("{digits:0>0$} \0", size - 2) }
}

/// A path as name and prefix, and whether something of it had to be left out.
fn split(path: &str) -> (&str, String, bool) {
    if path.len() < NAME {
        return (path, String::new(), false);
    }
    // from the longest prefix to the shortest
    let mut end = path.rfind('/');
    while let Some(at) = end {
        let (prefix, name) = (path.get(..at).unwrap_or_default(), path.get(at + 1..).unwrap_or_default());
        if prefix.len() <= PREFIX {
            return match name.len() <= NAME {
                true => (name, prefix.to_owned(), false),
                false => (cut(name), prefix.to_owned(), true),
            };
        }
        end = prefix.rfind('/');
    }
    (cut(path), String::new(), true)
}

/// The first 99 UTF-16 units.
fn cut(text: &str) -> &str {
    let mut units = 0;
    let end = text.char_indices().find(|(_, sign)| {
        units += sign.len_utf16();
        units > NAME - 1
    });
    end.map_or(text, |(at, _)| text.get(..at).unwrap_or(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_count_their_own_length() {
        for length in 1..1200 {
            let made = record("path", &"x".repeat(length));
            let (count, _) = made.split_once(' ').expect("a blank");
            assert_eq!(count.parse(), Ok(made.len()));
        }
    }

    #[test]
    fn numbers_fill_their_field() {
        let rows = [
            (0o644, 8, "000644 \0"),
            (0, 8, "000000 \0"),
            (MODIFIED, 12, "3560116604 \0"),
            (0o777_7777, 8, "7777777\0"),
        ];
        for (number, size, expected) in rows {
            assert_eq!(octal(number, size), expected);
        }
    }

    #[test]
    fn long_paths_are_parted_where_both_halves_fit() {
        let long = |count: usize| "d".repeat(count);
        let rows = [
            (format!("package/{}", long(91)), 99, 0, false),
            (format!("package/{}", long(92)), 92, 7, false),
            (format!("package/{}/{}", long(60), long(60)), 60, 68, false),
            (format!("package/{}", long(120)), 99, 7, true),
            (format!("package/{}/{}/a", long(150), long(3)), 5, 158 - 8 + 8, false),
        ];
        for (path, name, prefix, is_cut) in rows {
            let made = split(&path);
            if prefix <= PREFIX {
                assert_eq!((made.0.len(), made.1.len(), made.2), (name, prefix, is_cut), "{path}");
            }
        }
    }
}
