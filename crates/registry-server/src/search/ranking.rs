//! What packages are ranked by.

/// How much what is known of a package counts beside what was searched for: the parameters of npm's API.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Weights {
    pub quality: f32,
    pub popularity: f32,
    pub maintenance: f32,
}

impl Default for Weights {
    fn default() -> Weights {
        Weights { quality: 0.65, popularity: 0.98, maintenance: 0.5 }
    }
}

impl Weights {
    /// What is known of a package, from 0 to 1.
    pub(super) fn of(&self, quality: f32, popularity: f32, maintenance: f32) -> f32 {
        let sum = self.quality + self.popularity + self.maintenance;
        let known = self.quality * quality + self.popularity * popularity + self.maintenance * maintenance;
        known / sum.max(f32::MIN_POSITIVE)
    }
}

/// Where in a package a term occurs, in the order of what that is worth.
#[derive(Clone, Copy, Debug)]
pub(super) enum Field {
    WholeName = 0,
    NamePart = 1,
    Keyword = 2,
    Description = 3,
    Person = 4,
}

impl Field {
    /// What the very word is worth in a field, and what a longer word that starts with it.
    pub fn worth(number: u32) -> (f32, f32) {
        match number {
            0 => (100.0, 34.0),
            1 => (40.0, 28.0),
            2 => (20.0, 8.0),
            3 => (8.0, 3.0),
            _ => (8.0, 0.0),
        }
    }
}

/// From 0 for a package that nothing depends on to 1 for one that a thousand do.
pub(super) fn popularity(dependents: usize) -> f32 {
    ((1.0 + dependents as f32).ln() / 1001_f32.ln()).min(1.0)
}

/// From 1 for what was published just now down to 0: a half after a year. Both in milliseconds.
pub(super) fn maintenance(published: i64, now: i64) -> f32 {
    const YEAR: f32 = 365.0 * 24.0 * 3600.0 * 1000.0;
    1.0 / (1.0 + now.saturating_sub(published).max(0) as f32 / YEAR)
}

/// What a package is worth beyond all texts where its name is what was searched for.
pub(super) fn exact_name(name: &str, text: &str) -> f32 {
    if text.is_empty() {
        0.0
    } else if name.to_lowercase() == text {
        100_000.0
    } else if super::terms::unscoped(name).to_lowercase() == text {
        10_000.0
    } else {
        0.0
    }
}
