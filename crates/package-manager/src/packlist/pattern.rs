//! A line of an ignore file: a pattern of paths, perhaps negated.
//!
//! Source: minimatch 10.2.5 with `dot`, `nocase`, `matchBase` and `flipNegate`.

use super::part::Part;
use crate::workspaces::glob::expand_braces;

/// How deep globstars are followed into each other.
const DEEPEST: usize = 200;

/// A compiled line.
#[derive(Debug, Clone)]
pub(super) struct Pattern {
    /// What it matches is included rather than left out.
    pub(super) is_negated: bool,
    alternatives: Vec<Vec<Segment>>,
    /// It is about names wherever they stand, as it holds no path.
    pub(super) is_relative: bool,
}

#[derive(Debug, Clone)]
enum Segment {
    Globstar,
    /// Before a leading slash, behind a final one.
    Empty,
    Part(Part),
}

impl Segment {
    fn matches(&self, name: &str) -> bool {
        match self {
            Self::Globstar => false,
            Self::Empty => name.is_empty(),
            Self::Part(part) => part.matches(name),
        }
    }
}

/// Whether a match must be whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    Whole,
    /// The path may end before the pattern does.
    Beginning,
}

impl Pattern {
    /// Reads a line; `None` for empty ones and comments.
    pub(super) fn parse(line: &str) -> Option<Self> {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            return None;
        }
        let pattern = line.trim_start_matches('!');
        let mut expanded = Vec::new();
        expand_braces(pattern, &mut expanded);
        let split: Vec<Vec<String>> = expanded.iter().map(|pattern| simplified(pattern)).collect();
        let is_relative = split.iter().any(|parts| {
            let most = if parts.last().is_some_and(|last| !last.is_empty()) { 1 } else { 2 };
            parts.len() <= most
        });
        let segments = |parts: Vec<String>| {
            let segment = |part: String| match part.as_str() {
                "**" => Segment::Globstar,
                "" => Segment::Empty,
                _ => Segment::Part(Part::new(&part)),
            };
            parts.into_iter().map(segment).collect()
        };
        Some(Self {
            is_negated: (line.len() - pattern.len()) % 2 == 1,
            // a pattern of nothing matches nothing that has a name
            alternatives: if pattern.is_empty() {
                Vec::new()
            } else {
                split.into_iter().map(segments).collect()
            },
            is_relative,
        })
    }

    /// Whether a path is matched. A slash at its beginning or end counts.
    pub(super) fn matches(&self, path: &str, extent: Extent) -> bool {
        if path == "/" && extent == Extent::Beginning {
            return true;
        }
        let names = split(path);
        let base = names.iter().rev().find(|name| !name.is_empty()).copied().unwrap_or_default();
        self.alternatives.iter().any(|segments| match segments.len() {
            1 => matches_segments(&[base], segments, extent),
            _ => matches_segments(&names, segments, extent),
        })
    }
}

/// Several slashes are one.
fn split(path: &str) -> Vec<&str> {
    let mut names: Vec<&str> = Vec::new();
    let count = path.split('/').count();
    for (at, name) in path.split('/').enumerate() {
        if !name.is_empty() || at == 0 || at + 1 == count {
            names.push(name);
        }
    }
    names
}

/// The parts of a pattern: several globstars are one, `..` takes away what is before it.
fn simplified(pattern: &str) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    for part in split(pattern) {
        let before = parts.last().map(String::as_str);
        match (part, before) {
            ("**", Some("**")) => {}
            ("..", Some(before)) if !matches!(before, "" | ".." | "." | "**") => drop(parts.pop()),
            _ => parts.push(part.to_owned()),
        }
    }
    if parts.is_empty() { vec![String::new()] } else { parts }
}

fn matches_segments(names: &[&str], segments: &[Segment], extent: Extent) -> bool {
    let is_globstar = |segment: &Segment| matches!(segment, Segment::Globstar);
    let Some(first) = segments.iter().position(is_globstar) else {
        return matches_plain(names, segments, extent);
    };
    let last = segments.iter().rposition(is_globstar).unwrap_or(first);
    let head = &segments[..first];
    let (body, tail) = match extent {
        Extent::Beginning => (&segments[first + 1..], &[][..]),
        Extent::Whole if first < last => (&segments[first + 1..last], &segments[last + 1..]),
        Extent::Whole => (&[][..], &segments[last + 1..]),
    };
    let start = head.len().min(names.len());
    if !head.is_empty() && !matches_plain(&names[..start], head, extent) {
        return false;
    }
    let Some(tail_length) = matched_tail(&names[start..], tail, extent) else { return false };
    let middle = &names[start..names.len() - tail_length];
    if body.is_empty() {
        let is_some = tail_length > 0 || !middle.is_empty();
        return !middle.iter().any(|name| is_dots(name)) && (extent == Extent::Beginning || is_some);
    }
    let sections: Vec<&[Segment]> = body.split(is_globstar).collect();
    let search = Sections { sections: &sections, extent };
    search.find(middle, 0, 0, tail_length > 0) == Found::Yes
}

/// How many names at the end the segments behind the last globstar take; an empty last name may be passed over,
/// so that `a/**/b` matches `a/b/`.
fn matched_tail(names: &[&str], tail: &[Segment], extent: Extent) -> Option<usize> {
    if tail.is_empty() {
        return Some(0);
    }
    let start = names.len().checked_sub(tail.len())?;
    if matches_plain(&names[start..], tail, extent) {
        return Some(tail.len());
    }
    let before = start.checked_sub(1).filter(|_| names.last() == Some(&""))?;
    matches_plain(&names[before..], tail, extent).then_some(tail.len() + 1)
}

fn is_dots(name: &str) -> bool {
    matches!(name, "." | "..")
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Found {
    Yes,
    No,
    /// Not here, and so nowhere further on.
    Nowhere,
}

/// Runs of segments between globstars, each to be found behind the one before.
struct Sections<'a> {
    sections: &'a [&'a [Segment]],
    extent: Extent,
}

impl Sections<'_> {
    fn find(&self, names: &[&str], from: usize, section: usize, mut saw_tail: bool) -> Found {
        let Some(segments) = self.sections.get(section) else {
            let rest = names.get(from..).unwrap_or_default();
            saw_tail |= !rest.is_empty();
            return if saw_tail && !rest.iter().any(|name| is_dots(name)) { Found::Yes } else { Found::No };
        };
        // npm counts the sections from the wrong end, which matters where they differ in length
        let counted = self.sections.get(..self.sections.len() - 1 - section).unwrap_or_default();
        let needed = counted.iter().map(|segments| segments.len()).sum::<usize>() + segments.len();
        let mut at = from;
        while at + needed <= names.len() {
            let end = at + segments.len();
            let here = names.get(at..end).unwrap_or_default();
            if section < DEEPEST && matches_plain(here, segments, self.extent) {
                let rest = self.find(names, end, section + 1, saw_tail);
                if rest != Found::No {
                    return rest;
                }
            }
            if names.get(at).is_some_and(|name| is_dots(name)) {
                return Found::No;
            }
            at += 1;
        }
        if self.extent == Extent::Beginning { Found::Yes } else { Found::Nowhere }
    }
}

fn matches_plain(names: &[&str], segments: &[Segment], extent: Extent) -> bool {
    if !names.iter().zip(segments).all(|(name, segment)| segment.matches(name)) {
        return false;
    }
    match names.len().cmp(&segments.len()) {
        std::cmp::Ordering::Equal => true,
        std::cmp::Ordering::Less => extent == Extent::Beginning,
        // `a/*` matches `a/b/`
        std::cmp::Ordering::Greater => names.len() == segments.len() + 1 && names.last() == Some(&""),
    }
}
