//! The frames of a bundle, written and read.

use bytes::{Buf, BufMut, Bytes, BytesMut};
use serde::{Deserialize, Serialize};

/// Bytes of the longest part: longer content comes in several.
pub const LONGEST_PART: usize = 1 << 20;
/// Bytes of the longest head or message.
const LONGEST_TEXT: usize = 64 << 10;
/// A kind and a length.
const PREFIX: usize = 5;

const HEAD: u8 = 1;
const PART: u8 = 2;
const WHOLE: u8 = 3;
const BROKEN: u8 = 4;
const END: u8 = 5;

/// What an entry is about, and how the GET that it stands for would be answered.
///
/// Shape: `{"name": "a", "file": "a-1.0.0.tgz", "status": 200, "headers": [["etag", "\"x\""]]}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryHead {
    /// The package.
    pub name: String,
    /// The last segment of the tarball's address, where the entry is a tarball.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The version, where the entry is its manifest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The status.
    pub status: u16,
    /// The headers, names in lower case.
    #[serde(default)]
    pub headers: Vec<(String, String)>,
}

/// A frame as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Frame {
    /// An entry begins.
    Head(EntryHead),
    /// The next bytes of the entry's content.
    Part(Bytes),
    /// The entry has all of its content.
    Whole,
    /// The entry's content could not be had to its end; what came of it is void.
    Broken,
    /// The bundle has everything that was asked for, or as far as the registry goes (`false`).
    End { complete: bool },
}

/// The bytes are no bundle.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the answer is no bundle: {problem}")]
pub struct NotABundle {
    /// What is wrong with it.
    pub problem: String,
}

/// The frame that begins an entry.
pub fn head_frame(head: &EntryHead) -> Bytes {
    let text = serde_json::to_vec(head).unwrap_or_default();
    frame(HEAD, &text)
}

/// The frame of some content, at most [`LONGEST_PART`] bytes of it: its prefix and the content, to be sent one after
/// the other.
pub fn part_frame(content: Bytes) -> [Bytes; 2] {
    [prefix(PART, content.len()).freeze(), content]
}

/// The frame that ends an entry.
pub fn whole_frame() -> Bytes {
    frame(WHOLE, &[])
}

/// The frame that gives an entry up.
pub fn broken_frame() -> Bytes {
    frame(BROKEN, &[])
}

/// The frame that ends a bundle.
pub fn end_frame(complete: bool) -> Bytes {
    frame(END, &[u8::from(complete)])
}

fn frame(kind: u8, payload: &[u8]) -> Bytes {
    let mut bytes = prefix(kind, payload.len());
    bytes.extend_from_slice(payload);
    bytes.freeze()
}

fn prefix(kind: u8, length: usize) -> BytesMut {
    let mut bytes = BytesMut::with_capacity(PREFIX + length.min(LONGEST_TEXT));
    bytes.put_u8(kind);
    // what is longer than a part is never given here, and no reader would take it
    bytes.put_u32(u32::try_from(length).unwrap_or(u32::MAX));
    bytes
}

/// Reads frames out of bytes as they come.
#[derive(Debug, Default)]
pub struct FrameReader {
    buffer: BytesMut,
}

impl FrameReader {
    /// Takes the next bytes.
    pub fn push(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// The next frame, once all of it has come.
    ///
    /// *Errors*: [`NotABundle`]; nothing that follows can be read.
    pub fn next_frame(&mut self) -> Result<Option<Frame>, NotABundle> {
        let Some((&kind, rest)) = self.buffer.split_first() else { return Ok(None) };
        let longest = match kind {
            HEAD => LONGEST_TEXT,
            PART => LONGEST_PART,
            WHOLE | BROKEN => 0,
            END => 1,
            other => return Err(problem(format!("there is no frame of the kind {other}"))),
        };
        let Some(length) = rest.first_chunk::<4>() else { return Ok(None) };
        let length = u32::from_be_bytes(*length) as usize;
        if length > longest {
            return Err(problem(format!("a frame of the kind {kind} has {length} bytes")));
        }
        if self.buffer.len() < PREFIX + length {
            return Ok(None);
        }
        self.buffer.advance(PREFIX);
        let payload = self.buffer.split_to(length).freeze();
        match kind {
            HEAD => match serde_json::from_slice(&payload) {
                Ok(head) => Ok(Some(Frame::Head(head))),
                Err(error) => Err(problem(format!("a head cannot be read: {error}"))),
            },
            PART => Ok(Some(Frame::Part(payload))),
            WHOLE => Ok(Some(Frame::Whole)),
            BROKEN => Ok(Some(Frame::Broken)),
            _ => Ok(Some(Frame::End { complete: payload.first() == Some(&1) })),
        }
    }

    /// Whether bytes are left that make no whole frame.
    pub fn is_empty(&self) -> bool {
        self.buffer.is_empty()
    }
}

fn problem(problem: String) -> NotABundle {
    NotABundle { problem }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head() -> EntryHead {
        EntryHead {
            name: "@s/a".to_owned(),
            file: Some("a-1.0.0.tgz".to_owned()),
            version: None,
            status: 200,
            headers: vec![("etag".to_owned(), "\"x\"".to_owned())],
        }
    }

    fn bundle() -> (Vec<u8>, Vec<Frame>) {
        let content = Bytes::from(vec![7; 3000]);
        let mut bytes = head_frame(&head()).to_vec();
        for piece in part_frame(content.clone()) {
            bytes.extend_from_slice(&piece);
        }
        for piece in [whole_frame(), head_frame(&head()), broken_frame(), end_frame(true), end_frame(false)] {
            bytes.extend_from_slice(&piece);
        }
        let frames = vec![
            Frame::Head(head()),
            Frame::Part(content),
            Frame::Whole,
            Frame::Head(head()),
            Frame::Broken,
            Frame::End { complete: true },
            Frame::End { complete: false },
        ];
        (bytes, frames)
    }

    #[test]
    fn frames_come_back_however_the_bytes_are_cut() {
        let (bytes, expected) = bundle();
        for size in [1, 2, 5, 64, 1000, bytes.len()] {
            let mut reader = FrameReader::default();
            let mut frames = Vec::new();
            for chunk in bytes.chunks(size) {
                reader.push(chunk);
                while let Some(frame) = reader.next_frame().unwrap() {
                    frames.push(frame);
                }
            }
            assert_eq!(frames, expected, "{size} bytes at a time");
            assert!(reader.is_empty());
        }
    }

    #[test]
    fn what_is_no_frame_is_refused_before_it_is_kept() {
        for bytes in [
            &[9_u8, 0, 0, 0, 0][..],
            &[PART, 0xff, 0xff, 0xff, 0xff],
            &[HEAD, 0, 2, 0, 0],
            &[WHOLE, 0, 0, 0, 1],
            &[END, 0, 0, 0, 2],
            &[HEAD, 0, 0, 0, 2, b'[', b']'],
            b"<html>",
        ] {
            let mut reader = FrameReader::default();
            reader.push(bytes);
            assert!(reader.next_frame().is_err(), "{bytes:?}");
        }
    }
}
