//! A tar archive, read as its bytes arrive.
//!
//! Owns the format and npm's way of reading it; where entries go is the business of the [`Sink`].
//! Source: npm 11.19.1, tar (parse) and pacote (the filter).

use super::SkipReason;
use super::archive_path::{self, GitIgnore};
use super::extended::Extended;
use super::header::{self, BLOCK, Block, Header, Kind};
use super::text;
use crate::error::ArchiveFault;
use rustc_hash::FxHashSet;

/// Larger extended headers are ignored.
const MAX_META: u64 = 1 << 20;

/// Takes the entries of an archive, in their order.
pub(super) trait Sink {
    type Error: From<ArchiveFault>;

    /// A file begins. `false` when its data is not wanted.
    fn file(&mut self, file: NewFile) -> Result<bool, Self::Error>;
    /// More of the file that was begun last.
    fn data(&mut self, bytes: &[u8]) -> Result<(), Self::Error>;
    /// The file that was begun last is complete.
    fn end_file(&mut self) -> Result<(), Self::Error>;
    /// An entry that npm would not unpack either.
    fn skipped(&mut self, path: String, reason: SkipReason);
}

/// A file that begins.
pub(super) struct NewFile {
    /// Inside the package.
    pub(super) path: String,
    pub(super) mode: u32,
    /// Bytes.
    pub(super) size: u64,
    /// Whose mode it gets where there is an earlier file of that path.
    pub(super) mode_of: ModeOf,
}

/// Of two files of one path, the one whose mode counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ModeOf {
    Earlier,
    Later,
}

pub(super) struct Archive {
    gitignore: GitIgnore,
    state: State,
    /// A header, while fewer than 512 bytes of it are here.
    partial: Vec<u8>,
    extended: Extended,
    global: Extended,
    npmignores: FxHashSet<String>,
    saw_null: bool,
    /// An entry came that was all there.
    saw_entry: bool,
    /// Something came that npm does not take for the beginning of anything but a tarball.
    has_begun: bool,
}

enum State {
    Header,
    /// Data of an entry, then padding to the next block.
    Body {
        remaining: u64,
        padding: u64,
        purpose: Purpose,
    },
    Ended,
}

enum Purpose {
    File,
    Meta { kind: Kind, text: Vec<u8> },
    Ignored,
}

impl Archive {
    pub(super) fn new(gitignore: GitIgnore) -> Self {
        Self {
            gitignore,
            state: State::Header,
            partial: Vec::new(),
            extended: Extended::default(),
            global: Extended::default(),
            npmignores: FxHashSet::default(),
            saw_null: false,
            saw_entry: false,
            has_begun: false,
        }
    }

    /// Reads on. What follows the archive's end is ignored.
    pub(super) fn feed<S: Sink>(&mut self, mut bytes: &[u8], sink: &mut S) -> Result<(), S::Error> {
        while !bytes.is_empty() {
            bytes = match &self.state {
                State::Ended => return Ok(()),
                State::Header => self.feed_header(bytes, sink)?,
                State::Body { .. } => self.feed_body(bytes, sink)?,
            };
        }
        Ok(())
    }

    /// Errors: [`ArchiveFault`] when the archive ends inside an entry, or had none.
    pub(super) fn finish(&self) -> Result<(), ArchiveFault> {
        match &self.state {
            State::Body { remaining, padding, .. } if remaining + padding > 0 => {
                Err(ArchiveFault::Truncated { missing: remaining + padding })
            }
            _ if !(self.saw_entry && self.has_begun) => Err(ArchiveFault::NoEntries),
            _ => Ok(()),
        }
    }

    fn feed_header<'a, S: Sink>(&mut self, bytes: &'a [u8], sink: &mut S) -> Result<&'a [u8], S::Error> {
        let (block, rest): ([u8; BLOCK], _) = if self.partial.is_empty()
            && let Some((block, rest)) = bytes.split_first_chunk::<BLOCK>()
        {
            (*block, rest)
        } else {
            let (more, rest) = bytes.split_at(bytes.len().min(BLOCK - self.partial.len()));
            self.partial.extend(more);
            let Ok(block) = self.partial.as_slice().try_into() else { return Ok(rest) };
            self.partial.clear();
            (block, rest)
        };
        match header::read(&block, &self.extended, &self.global) {
            Block::Null if self.saw_null => {
                self.has_begun = true;
                self.state = State::Ended;
            }
            Block::Null => self.saw_null = true,
            Block::Invalid => {
                self.saw_null = false;
                sink.skipped(text::until_nul(&block[..100]), SkipReason::InvalidHeader);
            }
            Block::Header(header) => {
                self.saw_null = false;
                self.begin(header, sink)?;
            }
        }
        Ok(rest)
    }

    fn begin<S: Sink>(&mut self, header: Header, sink: &mut S) -> Result<(), S::Error> {
        let (kind, size) = (header.kind, header.size);
        // A size meant for the entry itself confuses npm about the headers between.
        let claimed = self.global.size.or(self.extended.size).unwrap_or(size);
        self.saw_entry |= size == 0;
        let purpose = match kind.is_meta() {
            true if claimed > MAX_META => Purpose::Ignored,
            true if claimed == 0 && size == 0 => return Ok(()),
            // npm takes its data for headers then
            true if claimed == 0 => return Err(ArchiveFault::ExtendedSize { text: "0".to_owned() }.into()),
            true => Purpose::Meta { kind, text: Vec::new() },
            false => {
                let extended = std::mem::take(&mut self.extended);
                match self.begin_entry(header, extended, sink)? {
                    true => Purpose::File,
                    false => Purpose::Ignored,
                }
            }
        };
        self.has_begun = true;
        let block = BLOCK as u64;
        match purpose {
            purpose if size > 0 => {
                self.state =
                    State::Body { remaining: size, padding: (block - size % block) % block, purpose };
            }
            Purpose::File => sink.end_file()?,
            Purpose::Meta { kind, text } => self.read_meta(kind, &text)?,
            Purpose::Ignored => {}
        }
        Ok(())
    }

    /// Whether the entry is a file whose data is wanted.
    fn begin_entry<S: Sink>(
        &mut self,
        header: Header,
        extended: Extended,
        sink: &mut S,
    ) -> Result<bool, S::Error> {
        let Header { kind, path: raw, size, mode, is_contiguous } = header;
        let reason = match kind {
            Kind::File => None,
            // npm makes directories for the files in them, and no others.
            Kind::Directory => return Ok(false),
            Kind::Link => Some(SkipReason::Link),
            Kind::Special => Some(SkipReason::Special),
            _ => Some(SkipReason::UnknownType),
        };
        if let Some(reason) = reason {
            sink.skipped(raw, reason);
            return Ok(false);
        }
        let Some(raw) = self.ignore_file(raw) else { return Ok(false) };
        let target = self.global.linkpath.as_ref().or(extended.linkpath.as_ref());
        if target.is_some_and(|target| !target.is_empty()) {
            // npm leaves the file out if the target leads out, and waits for ever if one of the two lies in the other
            return Err(ArchiveFault::Target { path: archive_path::shown(&raw) }.into());
        }
        let reason = match archive_path::inside_package(&raw)? {
            Ok(path) if path.is_empty() => SkipReason::NoName,
            Ok(path) => {
                let mode_of = if is_contiguous { ModeOf::Later } else { ModeOf::Earlier };
                return sink.file(NewFile { path, mode, size, mode_of });
            }
            Err(reason) => reason,
        };
        sink.skipped(raw, reason);
        Ok(false)
    }

    /// npm's renaming of `.gitignore`; `None` when the file is dropped.
    fn ignore_file(&mut self, raw: String) -> Option<String> {
        let base = raw.rsplit('/').next().unwrap_or_default();
        if base == ".npmignore" {
            self.npmignores.insert(raw.clone());
        } else if base == ".gitignore" && self.gitignore == GitIgnore::Rename {
            let folder = raw.get(..raw.len() - base.len()).unwrap_or_default();
            let renamed = format!("{folder}.npmignore");
            return (!self.npmignores.contains(&renamed)).then_some(renamed);
        }
        Some(raw)
    }

    fn feed_body<'a, S: Sink>(&mut self, bytes: &'a [u8], sink: &mut S) -> Result<&'a [u8], S::Error> {
        let State::Body { remaining, purpose, .. } = &mut self.state else { return Ok(bytes) };
        let (data, rest) = bytes.split_at(length_within(bytes, *remaining));
        if !data.is_empty() {
            *remaining -= data.len() as u64;
            match purpose {
                Purpose::File => sink.data(data)?,
                Purpose::Meta { text, .. } => text.extend(data),
                Purpose::Ignored => {}
            }
            if *remaining == 0 {
                self.saw_entry = true;
                match std::mem::replace(purpose, Purpose::Ignored) {
                    Purpose::File => sink.end_file()?,
                    Purpose::Meta { kind, text } => self.read_meta(kind, &text)?,
                    Purpose::Ignored => {}
                }
            }
        }
        let State::Body { remaining, padding, .. } = &mut self.state else { return Ok(rest) };
        let (skipped, rest) = rest.split_at(length_within(rest, *padding));
        *padding -= skipped.len() as u64;
        if *remaining == 0 && *padding == 0 {
            self.state = State::Header;
        }
        Ok(rest)
    }

    fn read_meta(&mut self, kind: Kind, content: &[u8]) -> Result<(), ArchiveFault> {
        match kind {
            Kind::Extended => self.extended.read(content),
            Kind::GlobalExtended => {
                self.global.read(content)?;
                // One path for all entries makes no sense, and npm ignores it.
                self.global.path = None;
                Ok(())
            }
            Kind::LongPath => {
                self.extended.path = Some(text::until_nul(content));
                Ok(())
            }
            Kind::LongLink => {
                self.extended.linkpath = Some(text::until_nul(content));
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

fn length_within(bytes: &[u8], limit: u64) -> usize {
    usize::try_from(limit).map_or(bytes.len(), |limit| limit.min(bytes.len()))
}
