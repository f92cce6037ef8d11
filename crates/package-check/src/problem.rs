//! What is wrong, how bad that is, and what to do.

use serde::Serialize;

/// How bad it is, the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Something does not work.
    Error,
    /// Something does not work for some, or not as it was probably meant.
    Warning,
    /// Good to know.
    Note,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    pub level: Level,
    /// Stable, for programs: `missing-target`.
    pub code: &'static str,
    /// A member of package.json, such as `exports["."].import`, or a file.
    pub place: String,
    /// What is wrong there.
    pub message: String,
    /// What to do about it.
    pub fix: String,
}

/// Problems as they are found.
#[derive(Debug, Default)]
pub(crate) struct Problems(Vec<Problem>);

impl Problems {
    pub(crate) fn error(
        &mut self,
        code: &'static str,
        place: impl Into<String>,
        message: impl Into<String>,
        fix: impl Into<String>,
    ) {
        self.add(Level::Error, code, place, message, fix);
    }

    pub(crate) fn warning(
        &mut self,
        code: &'static str,
        place: impl Into<String>,
        message: impl Into<String>,
        fix: impl Into<String>,
    ) {
        self.add(Level::Warning, code, place, message, fix);
    }

    pub(crate) fn note(
        &mut self,
        code: &'static str,
        place: impl Into<String>,
        message: impl Into<String>,
        fix: impl Into<String>,
    ) {
        self.add(Level::Note, code, place, message, fix);
    }

    pub(crate) fn add(
        &mut self,
        level: Level,
        code: &'static str,
        place: impl Into<String>,
        message: impl Into<String>,
        fix: impl Into<String>,
    ) {
        let (place, message, fix) = (place.into(), message.into(), fix.into());
        let problem = Problem { level, code, place, message, fix };
        if !self.0.contains(&problem) {
            self.0.push(problem);
        }
    }

    /// Whether a place has an error already, which then explains what else is wrong with it.
    pub(crate) fn has_error_at(&self, place: &str) -> bool {
        let is_there = |problem: &Problem| problem.level == Level::Error && problem.place.starts_with(place);
        self.0.iter().any(is_there)
    }

    /// Whether there is a problem of this kind.
    pub(crate) fn has(&self, code: &str) -> bool {
        self.0.iter().any(|problem| problem.code == code)
    }

    /// The worst first, else as they were found.
    pub(crate) fn sorted(mut self) -> Vec<Problem> {
        self.0.sort_by_key(|problem| problem.level);
        self.0
    }
}
