//! What normalisation changed or doubts, for those who want to know.

use std::fmt;

/// Something that normalisation changed, or that npm warns about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Path of the member, as `bin.cli`.
    pub member: String,
    /// What was done.
    pub action: Action,
}

/// What a [`Note`] is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// The member was removed, for this reason.
    Removed(&'static str),
    /// The member was changed or added; this says to what.
    Changed(String),
    /// The member stays as it is, or stays absent, and this is what is wrong with it.
    Doubted(String),
}

impl fmt::Display for Note {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.action {
            Action::Removed(reason) => write!(formatter, "\"{}\" was removed: {reason}", self.member),
            Action::Changed(to) => write!(formatter, "\"{}\" is now {to}", self.member),
            Action::Doubted(problem) => write!(formatter, "\"{}\" {problem}", self.member),
        }
    }
}

/// Collects notes, or costs nothing where nobody wants them: installing normalises thousands of manifests.
pub(super) struct Notes {
    pub(super) list: Option<Vec<Note>>,
}

impl Notes {
    pub(super) fn removed(&mut self, member: impl fmt::Display, reason: &'static str) {
        self.add(|| (member.to_string(), Action::Removed(reason)));
    }

    pub(super) fn changed(&mut self, member: impl fmt::Display, to: impl fmt::Display) {
        self.add(|| (member.to_string(), Action::Changed(to.to_string())));
    }

    pub(super) fn doubted(&mut self, member: impl fmt::Display, problem: impl fmt::Display) {
        self.add(|| (member.to_string(), Action::Doubted(problem.to_string())));
    }

    fn add(&mut self, note: impl FnOnce() -> (String, Action)) {
        if let Some(list) = &mut self.list {
            let (member, action) = note();
            list.push(Note { member, action });
        }
    }
}
