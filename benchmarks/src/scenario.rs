//! What is measured, in the order in which one state leads to the next.

/// A set of scenarios.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Suite {
    Install,
    Resolve,
}

impl Suite {
    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Suite::Install => "install",
            Suite::Resolve => "resolve",
        }
    }

    /// Its scenarios: each starts from what the one before left.
    pub fn scenarios(self) -> &'static [Scenario] {
        match self {
            Suite::Install => &[Scenario::Cold, Scenario::WarmCache, Scenario::Lockfile, Scenario::Nothing],
            Suite::Resolve => &[Scenario::Cold, Scenario::WarmCache],
        }
    }
}

/// What is there when a tool starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scenario {
    /// Nothing but the manifest.
    Cold,
    /// The tool's caches.
    WarmCache,
    /// The tool's caches and its lockfile.
    Lockfile,
    /// Everything: there is nothing to do.
    Nothing,
}

impl Scenario {
    /// Its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Scenario::Cold => "cold",
            Scenario::WarmCache => "warm caches",
            Scenario::Lockfile => "lockfile, warm caches",
            Scenario::Nothing => "nothing to do",
        }
    }

    /// Whether caches of earlier runs are kept.
    pub fn keeps_caches(self) -> bool {
        self != Scenario::Cold
    }

    /// Whether the lockfile of the run before is kept.
    pub fn keeps_lockfile(self) -> bool {
        matches!(self, Scenario::Lockfile | Scenario::Nothing)
    }

    /// Whether `node_modules` of the run before is kept.
    pub fn keeps_modules(self) -> bool {
        self == Scenario::Nothing
    }
}
