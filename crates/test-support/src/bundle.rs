//! Bundles as a registry answers them, taken apart.

use npm_formats::bundle::{EntryHead, Frame, FrameReader};

/// A bundle, whole or cut off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bundle {
    /// Its entries that came to an end, by name, file and version.
    pub entries: Vec<BundleEntry>,
    /// What its end says; none without one.
    pub complete: Option<bool>,
}

/// An entry of a bundle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BundleEntry {
    pub head: EntryHead,
    /// None where the registry gave it up.
    pub content: Option<Vec<u8>>,
}

impl Bundle {
    /// Takes a body apart.
    #[track_caller]
    pub fn read(body: &[u8]) -> Bundle {
        let mut reader = FrameReader::default();
        reader.push(body);
        let mut bundle = Bundle { entries: Vec::new(), complete: None };
        let mut open: Option<BundleEntry> = None;
        while let Some(frame) = reader.next_frame().expect("a frame") {
            assert_eq!(bundle.complete, None, "something follows the end");
            match (frame, &mut open) {
                (Frame::Head(head), None) => open = Some(BundleEntry { head, content: Some(Vec::new()) }),
                (Frame::Part(part), Some(entry)) => entry.content.get_or_insert_default().extend(part),
                (Frame::Whole, Some(_)) => bundle.entries.extend(open.take()),
                (Frame::Broken, Some(entry)) => {
                    entry.content = None;
                    bundle.entries.extend(open.take());
                }
                (Frame::End { complete }, None) => bundle.complete = Some(complete),
                (frame, open) => panic!("{frame:?} comes after {open:?}"),
            }
        }
        bundle.entries.sort_by_key(|entry| {
            let EntryHead { name, file, version, .. } = &entry.head;
            (name.clone(), file.clone(), version.clone())
        });
        bundle
    }

    /// The names in it, in order.
    pub fn names(&self) -> Vec<&str> {
        self.entries.iter().map(|entry| entry.head.name.as_str()).collect()
    }
}

impl BundleEntry {
    /// A header of the GET that it stands for.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}
