//! Interned package names, with the folding under which node_modules folders collide.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use unicode_normalization::UnicodeNormalization;

/// An interned name. Two names are the same text exactly if they are equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Name(u32);

/// A name under NFKD and lower case: what a case-insensitive, normalising file system sees, and the key
/// of a node's children and edges (as npm has it on every platform).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Folded(Name);

/// The table of interned names.
#[derive(Debug, Default)]
pub struct Names {
    by_text: FxHashMap<Arc<str>, Name>,
    entries: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    text: Arc<str>,
    folded: Name,
}

impl Names {
    /// The name for `text`.
    pub fn intern(&mut self, text: &str) -> Name {
        if let Some(&name) = self.by_text.get(text) {
            return name;
        }
        let name = Name(self.entries.len() as u32);
        let shared: Arc<str> = text.into();
        self.by_text.insert(shared.clone(), name);
        self.entries.push(Entry { text: shared, folded: name });
        let folded = fold(text);
        if folded != text {
            let folded = self.intern(&folded);
            self.entries[name.0 as usize].folded = folded;
        }
        name
    }

    /// The name for `text` if it was ever interned.
    pub fn find(&self, text: &str) -> Option<Name> {
        self.by_text.get(text).copied()
    }

    /// The text of a name.
    pub fn text(&self, name: Name) -> &Arc<str> {
        &self.entries[name.0 as usize].text
    }

    /// The key under which `name` stands among children and edges.
    pub fn fold(&self, name: Name) -> Folded {
        Folded(self.entries[name.0 as usize].folded)
    }
}

fn fold(text: &str) -> String {
    if text.is_ascii() { text.to_ascii_lowercase() } else { text.nfkd().collect::<String>().to_lowercase() }
}
