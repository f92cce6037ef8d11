//! The index of a packument: made by one scan of the document, kept as compact bytes.

use std::borrow::Cow;
use std::sync::OnceLock;

use rustc_hash::FxHashMap;
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::{NotAPackument, PackumentVersion};

/// Bump when the layout of the index or the text changes: a blob of another version is no packument.
const FORMAT: u8 = 2;

type Parts = (Vec<(String, String)>, Vec<PackumentVersion>, bool);

/// Finds the versions, their spans, times and the dist-tags in a packument.
pub(super) fn scan(bytes: &[u8]) -> Result<Parts, serde_json::Error> {
    let document: Document<'_> = serde_json::from_slice(bytes)?;
    let base = bytes.as_ptr() as usize;
    let times = &document.time.0;
    let mut versions = Vec::with_capacity(document.versions.0.len());
    for (text, raw) in &document.versions.0 {
        let raw = raw.get();
        let start = raw.as_ptr() as usize - base;
        versions.push(PackumentVersion {
            span: start as u32..(start + raw.len()) as u32,
            time: times.get(text.as_ref()).map(|time| time.as_ref().into()),
            text: text.as_ref().into(),
            parsed: OnceLock::new(),
            standing: OnceLock::new(),
        });
    }
    let tags = document.dist_tags.0.iter().map(|(tag, version)| (tag.to_string(), version.to_string()));
    Ok((tags.collect(), versions, document.has_time))
}

/// The parts of a packument that are looked at; everything else is skipped.
#[derive(Default)]
struct Document<'a> {
    dist_tags: Entries<(Cow<'a, str>, Cow<'a, str>)>,
    versions: Entries<(Cow<'a, str>, &'a RawValue)>,
    time: Times<'a>,
    has_time: bool,
}

struct Entries<T>(Vec<T>);

impl<T> Default for Entries<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

#[derive(Default)]
struct Times<'a>(FxHashMap<Cow<'a, str>, Cow<'a, str>>);

impl<'de> Deserialize<'de> for Document<'de> {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        input.deserialize_map(DocumentVisitor)
    }
}

struct DocumentVisitor;

impl<'de> Visitor<'de> for DocumentVisitor {
    type Value = Document<'de>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a packument, which is an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut document = Document::default();
        while let Some(Key(key)) = map.next_key()? {
            match key.as_ref() {
                "dist-tags" => document.dist_tags = map.next_value()?,
                "versions" => document.versions = map.next_value()?,
                "time" => {
                    document.time = map.next_value()?;
                    document.has_time = true;
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(document)
    }
}

/// A key that borrows where it has no escapes.
struct Key<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        struct KeyVisitor;
        impl<'de> Visitor<'de> for KeyVisitor {
            type Value = Key<'de>;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a string")
            }
            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Key(Cow::Borrowed(text)))
            }
            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Key(Cow::Owned(text.to_owned())))
            }
        }
        input.deserialize_str(KeyVisitor)
    }
}

/// Visits an object and keeps what `keep` makes of each entry; `null` counts as an empty object.
macro_rules! entries {
    ($target:ty, $empty:expr, $map:ident => $body:block) => {
        impl<'de> Deserialize<'de> for $target {
            fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
                struct EntriesVisitor;
                impl<'de> Visitor<'de> for EntriesVisitor {
                    type Value = $target;
                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str("an object")
                    }
                    fn visit_unit<E>(self) -> Result<Self::Value, E> {
                        Ok($empty)
                    }
                    fn visit_map<A: MapAccess<'de>>(self, mut $map: A) -> Result<Self::Value, A::Error> $body
                }
                input.deserialize_any(EntriesVisitor)
            }
        }
    };
}

entries!(Entries<(Cow<'de, str>, &'de RawValue)>, Entries(Vec::new()), map => {
    let mut entries = Vec::new();
    while let Some(Key(key)) = map.next_key()? {
        entries.push((key, map.next_value()?));
    }
    Ok(Entries(entries))
});

entries!(Entries<(Cow<'de, str>, Cow<'de, str>)>, Entries(Vec::new()), map => {
    let mut entries = Vec::new();
    while let Some(Key(key)) = map.next_key()? {
        if let Some(text) = text_of(map.next_value()?) {
            entries.push((key, text));
        }
    }
    Ok(Entries(entries))
});

entries!(Times<'de>, Times(FxHashMap::default()), map => {
    let mut times = FxHashMap::default();
    while let Some(Key(key)) = map.next_key()? {
        if let Some(text) = text_of(map.next_value()?) {
            times.insert(key, text);
        }
    }
    Ok(Times(times))
});

fn text_of(raw: &RawValue) -> Option<Cow<'_, str>> {
    serde_json::from_str::<Key<'_>>(raw.get()).ok().map(|Key(text)| text)
}

/// Writes the index as bytes: format, flags, counts, then length-prefixed texts and spans.
pub(super) fn encode(tags: &[(String, String)], versions: &[PackumentVersion], has_times: bool) -> Vec<u8> {
    let mut out = vec![FORMAT, u8::from(has_times)];
    push_number(&mut out, tags.len());
    for (tag, version) in tags {
        push_text(&mut out, tag);
        push_text(&mut out, version);
    }
    push_number(&mut out, versions.len());
    for version in versions {
        push_text(&mut out, &version.text);
        push_text(&mut out, version.time.as_deref().unwrap_or_default());
        push_number(&mut out, version.span.start as usize);
        push_number(&mut out, version.span.end as usize);
    }
    out
}

/// Reads what [`encode`] wrote at the beginning of a blob, and says where it ends.
pub(super) fn decode(blob: &[u8]) -> Result<(Parts, usize), NotAPackument> {
    let mut input = blob;
    if take(&mut input, 1)? != [FORMAT] {
        return Err(NotAPackument);
    }
    let has_times = take(&mut input, 1)? == [1];
    let mut tags = Vec::new();
    for _ in 0..take_number(&mut input)? {
        tags.push((take_text(&mut input)?.to_owned(), take_text(&mut input)?.to_owned()));
    }
    let mut versions = Vec::new();
    for _ in 0..take_number(&mut input)? {
        let text = take_text(&mut input)?.into();
        let time = take_text(&mut input)?;
        let span = take_number(&mut input)?..take_number(&mut input)?;
        if span.start > span.end {
            return Err(NotAPackument);
        }
        versions.push(PackumentVersion {
            text,
            parsed: OnceLock::new(),
            span,
            time: (!time.is_empty()).then(|| time.into()),
            standing: OnceLock::new(),
        });
    }
    Ok(((tags, versions, has_times), blob.len() - input.len()))
}

fn push_number(out: &mut Vec<u8>, number: usize) {
    out.extend_from_slice(&(number as u32).to_le_bytes());
}

fn push_text(out: &mut Vec<u8>, text: &str) {
    push_number(out, text.len());
    out.extend_from_slice(text.as_bytes());
}

fn take<'a>(input: &mut &'a [u8], count: usize) -> Result<&'a [u8], NotAPackument> {
    let (taken, rest) = input.split_at_checked(count).ok_or(NotAPackument)?;
    *input = rest;
    Ok(taken)
}

fn take_number(input: &mut &[u8]) -> Result<u32, NotAPackument> {
    let bytes = take(input, 4)?.try_into().map_err(|_| NotAPackument)?;
    Ok(u32::from_le_bytes(bytes))
}

fn take_text<'a>(input: &mut &'a [u8]) -> Result<&'a str, NotAPackument> {
    let length = take_number(input)? as usize;
    std::str::from_utf8(take(input, length)?).map_err(|_| NotAPackument)
}
