//! The file of a cached packument.
//!
//! *Shape*, little-endian: the magic, a CRC-32 of all that follows, then two numbers (time, length of the texts),
//! then texts (URL and headers, each with its length before it), then the packument as `npm-formats` encodes it.
//! One read brings all of it; nothing is parsed but the head. A file that is cut off, damaged or of another shape
//! is no entry.

use bytes::Bytes;

use super::freshness::Validity;

const MAGIC: &[u8; 8] = b"knitpkm2";
/// Magic and checksum.
const PREFIX: usize = 12;
/// The numbers of the head.
const HEAD: usize = 8 + 4;

/// What is kept of one answer.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) url: String,
    pub(crate) validity: Validity,
    /// The packument; its format is `npm-formats`' business.
    pub(crate) packument: Bytes,
}

impl Entry {
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut texts = Vec::new();
        for text in std::iter::once(&self.url).chain(self.validity.values()) {
            texts.extend_from_slice(&length(text.len()).to_le_bytes());
            texts.extend_from_slice(text.as_bytes());
        }
        let mut file = Vec::with_capacity(PREFIX + HEAD + texts.len() + self.packument.len());
        file.extend_from_slice(MAGIC);
        file.extend_from_slice(&[0; 4]);
        file.extend_from_slice(&self.validity.time.to_le_bytes());
        file.extend_from_slice(&length(texts.len()).to_le_bytes());
        file.extend_from_slice(&texts);
        file.extend_from_slice(&self.packument);
        let checksum = libdeflater::crc32(file.get(PREFIX..).unwrap_or_default());
        if let Some(place) = file.get_mut(MAGIC.len()..PREFIX) {
            place.copy_from_slice(&checksum.to_le_bytes());
        }
        file
    }

    /// The entry in a file; `None` when it is not whole and right.
    pub(crate) fn decode(file: &Bytes) -> Option<Self> {
        let mut rest = Reader(file.clone());
        if rest.take(MAGIC.len())?.as_ref() != MAGIC {
            return None;
        }
        let checksum = rest.u32()?;
        if libdeflater::crc32(&rest.0) != checksum {
            return None;
        }
        let (time, texts_length) = (rest.u64()?, rest.u32()?);
        let mut texts = Reader(rest.take(texts_length as usize)?);
        let url = texts.text()?;
        let validity = Validity::from_values(time, std::iter::from_fn(|| texts.text()));
        Some(Entry { url, validity, packument: rest.0 })
    }
}

/// Only lengths of what was checked to be far below four gigabytes come here.
fn length(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

struct Reader(Bytes);

impl Reader {
    fn take(&mut self, length: usize) -> Option<Bytes> {
        (length <= self.0.len()).then(|| self.0.split_to(length))
    }

    fn u32(&mut self) -> Option<u32> {
        Some(u32::from_le_bytes(self.take(4)?.as_ref().try_into().ok()?))
    }

    fn u64(&mut self) -> Option<u64> {
        Some(u64::from_le_bytes(self.take(8)?.as_ref().try_into().ok()?))
    }

    fn text(&mut self) -> Option<String> {
        let length = self.u32()?;
        String::from_utf8(self.take(length as usize)?.to_vec()).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderMap;

    fn entry() -> Entry {
        let mut headers = HeaderMap::new();
        headers.insert("etag", "\"abc\"".parse().unwrap());
        Entry {
            url: "https://registry.example/lodash".into(),
            validity: Validity::new(&headers, 7),
            packument: Bytes::from_static(b"packument"),
        }
    }

    #[test]
    fn an_entry_comes_back_as_it_was() {
        for entry in [entry(), Entry { packument: Bytes::new(), ..entry() }] {
            let back = Entry::decode(&entry.encode().into()).unwrap();
            assert_eq!(format!("{back:?}"), format!("{entry:?}"));
        }
    }

    #[test]
    fn no_damaged_file_is_an_entry() {
        let file = entry().encode();
        for at in 0..file.len() {
            let mut damaged = file.clone();
            damaged[at] ^= 0x10;
            assert!(Entry::decode(&damaged.into()).is_none(), "bit flipped at {at}");
            assert!(Entry::decode(&file[..at].to_vec().into()).is_none(), "cut off at {at}");
        }
        let longer = [file.as_slice(), b"x"].concat();
        assert!(Entry::decode(&longer.into()).is_none());
    }
}
