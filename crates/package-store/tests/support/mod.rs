//! Tarballs made by hand, byte by byte, so that they can be as wrong as wanted.

#![allow(dead_code, reason = "each test file uses its part")]

use npm_formats::integrity::{Algorithm, Integrity};
use std::io::Write;

/// A tar archive in the making.
#[derive(Default, Clone)]
pub struct Tar(Vec<u8>);

/// One header, with everything open to forgery.
#[derive(Clone)]
pub struct Header {
    pub name: Vec<u8>,
    pub mode: u32,
    pub size: u64,
    pub kind: u8,
    pub link: Vec<u8>,
    pub prefix: Vec<u8>,
    pub magic: &'static [u8; 8],
    pub bad_checksum: bool,
}

impl Header {
    pub fn file(name: &str, size: usize) -> Self {
        Self {
            name: name.into(),
            mode: 0o644,
            size: size as u64,
            kind: b'0',
            link: Vec::new(),
            prefix: Vec::new(),
            magic: b"ustar\x0000",
            bad_checksum: false,
        }
    }

    pub fn kind(mut self, kind: u8) -> Self {
        self.kind = kind;
        self
    }

    fn block(&self) -> [u8; 512] {
        let mut block = [0; 512];
        let mut put = |at: usize, bytes: &[u8]| block[at..at + bytes.len()].copy_from_slice(bytes);
        put(0, &self.name);
        put(100, format!("{:07o}\0", self.mode).as_bytes());
        put(108, b"0000000\x000000000\0");
        put(124, format!("{:011o}\0", self.size).as_bytes());
        put(136, b"00000000000\0");
        put(148, b"        ");
        put(156, &[self.kind]);
        put(157, &self.link);
        put(257, self.magic);
        put(345, &self.prefix);
        let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
        let sum = sum + u32::from(self.bad_checksum);
        block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        block
    }
}

impl Tar {
    pub fn header(mut self, header: &Header) -> Self {
        self.0.extend(header.block());
        self
    }

    pub fn data(mut self, data: &[u8]) -> Self {
        self.0.extend(data);
        self.0.resize(self.0.len().next_multiple_of(512), 0);
        self
    }

    pub fn entry(self, header: &Header, data: &[u8]) -> Self {
        self.header(header).data(data)
    }

    pub fn file(self, name: &str, contents: impl AsRef<[u8]>) -> Self {
        let contents = contents.as_ref();
        self.entry(&Header::file(name, contents.len()), contents)
    }

    pub fn executable(self, name: &str, contents: &str) -> Self {
        self.entry(&Header { mode: 0o755, ..Header::file(name, contents.len()) }, contents.as_bytes())
    }

    pub fn directory(self, name: &str) -> Self {
        self.header(&Header::file(name, 0).kind(b'5'))
    }

    pub fn symlink(self, name: &str, target: &str) -> Self {
        self.header(&Header { link: target.into(), ..Header::file(name, 0).kind(b'2') })
    }

    pub fn hard_link(self, name: &str, target: &str) -> Self {
        self.header(&Header { link: target.into(), ..Header::file(name, 0).kind(b'1') })
    }

    /// An extended header with correct record lengths.
    pub fn pax(self, records: &[(&str, &str)]) -> Self {
        let text: String = records.iter().map(|(key, value)| pax_record(key, value)).collect();
        self.entry(&Header::file("PaxHeader/x", text.len()).kind(b'x'), text.as_bytes())
    }

    pub fn global_pax(self, records: &[(&str, &str)]) -> Self {
        let text: String = records.iter().map(|(key, value)| pax_record(key, value)).collect();
        self.entry(&Header::file("pax_global_header", text.len()).kind(b'g'), text.as_bytes())
    }

    pub fn raw(mut self, bytes: &[u8]) -> Self {
        self.0.extend(bytes);
        self
    }

    /// The archive without its end.
    pub fn unfinished(self) -> Vec<u8> {
        self.0
    }

    pub fn plain(mut self) -> Vec<u8> {
        self.0.extend([0; 1024]);
        self.0
    }

    pub fn gzip(self) -> Vec<u8> {
        gzip(&self.plain())
    }

    /// Gzip without compression, for noise.
    pub fn stored(self) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
        encoder.write_all(&self.plain()).expect("memory");
        encoder.finish().expect("memory")
    }
}

pub fn pax_record(key: &str, value: &str) -> String {
    let rest = format!(" {key}={value}\n");
    let mut length = rest.len() + 1;
    while length != rest.len() + length.to_string().len() {
        length += 1;
    }
    format!("{length}{rest}")
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

pub fn integrity(algorithm: Algorithm, bytes: &[u8]) -> Integrity {
    let function = match algorithm {
        Algorithm::Sha512 => &ring::digest::SHA512,
        Algorithm::Sha384 => &ring::digest::SHA384,
        Algorithm::Sha256 => &ring::digest::SHA256,
        _ => &ring::digest::SHA1_FOR_LEGACY_USE_ONLY,
    };
    Integrity::from_digest(algorithm, ring::digest::digest(function, bytes).as_ref())
}

/// How many things lie about in a store's staging directory.
pub fn leftovers(store: &std::path::Path) -> usize {
    std::fs::read_dir(store.join("v1/tmp")).map_or(0, Iterator::count)
}
