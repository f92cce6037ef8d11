//! What follows from several keys together, or from one key at several levels. npm calls it
//! flattening. Source: npm 11.19.1 (`definitions.js`).

use super::{Config, Level, Value};
use crate::manifest::SaveType;

/// Kinds of dependencies that are not installed. They are resolved and locked all the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OmitSet {
    pub dev: bool,
    pub optional: bool,
    pub peer: bool,
}

/// The layout of node_modules.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum InstallStrategy {
    #[default]
    Hoisted,
    Nested,
    Shallow,
    Linked,
}

const MILLISECONDS_A_DAY: f64 = 86_400_000.0;

impl Config {
    /// The keys among these that a level sets itself. The table's defaults count as the lowest level.
    fn own(&self, key: &str, level: Level) -> Option<Value> {
        self.get_at(key, level)
    }

    /// `omit` and `include` with their aliases `production`, `only`, `also`, `dev` and `optional`.
    pub fn omit(&self) -> OmitSet {
        let mut omit: Vec<String> = Vec::new();
        let mut include: Vec<String> = Vec::new();
        for level in Level::ALL {
            if let Some(value) = self.own("omit", level) {
                omit = words(&value);
            }
            if let Some(value) = self.own("include", level) {
                include = words(&value);
            }
            self.apply_omit_aliases(level, &mut omit, &mut include);
            omit.retain(|kind| !include.contains(kind));
        }
        let has = |kind: &str| omit.iter().any(|omitted| omitted == kind);
        OmitSet { dev: has("dev"), optional: has("optional"), peer: has("peer") }
    }

    fn apply_omit_aliases(&self, level: Level, omit: &mut Vec<String>, include: &mut Vec<String>) {
        let text = |key| self.get_up_to(key, level).map(|value: Value| value.to_string()).unwrap_or_default();
        let switch = |key| self.get_up_to(key, level).and_then(|value| value.as_bool());
        let only = text("only");
        if only == "prod" || only == "production" || switch("production") == Some(true) {
            omit.push("dev".to_owned());
        } else if switch("production") == Some(false) {
            include.push("dev".to_owned());
        }
        if text("also").starts_with("dev") || switch("dev") == Some(true) {
            include.push("dev".to_owned());
        }
        match switch("optional") {
            Some(true) => include.push("optional".to_owned()),
            Some(false) => omit.push("optional".to_owned()),
            None => {}
        }
    }

    /// Where `install <package>` saves; `None` to leave a dependency where it is.
    pub fn save_type(&self) -> Option<SaveType> {
        let mut kind = None;
        for level in Level::ALL {
            let keys: Vec<(String, bool)> = match level {
                Level::Default => Vec::new(),
                level => self
                    .layer(level)
                    .values
                    .iter()
                    .filter(|(key, _)| key.starts_with("save-"))
                    .map(|(key, value)| (key.clone(), value.is_truthy()))
                    .collect(),
            };
            for (key, on) in keys {
                kind = next_save_type(kind, &key, on);
            }
        }
        kind
    }

    /// What is written before a saved version: empty for `save-exact`.
    pub fn save_prefix(&self) -> String {
        if self.flag("save-exact") {
            return String::new();
        }
        match self.get("save-prefix") {
            Some(Value::Text(prefix)) => prefix,
            _ => "^".to_owned(),
        }
    }

    pub fn save_bundle(&self) -> bool {
        self.flag("save-bundle") && !self.flag("save-peer")
    }

    pub fn install_strategy(&self) -> InstallStrategy {
        let mut strategy = InstallStrategy::Hoisted;
        for level in Level::ALL {
            if let Some(value) = self.own("install-strategy", level) {
                strategy = match value.as_str() {
                    Some("nested") => InstallStrategy::Nested,
                    Some("shallow") => InstallStrategy::Shallow,
                    Some("linked") => InstallStrategy::Linked,
                    _ => InstallStrategy::Hoisted,
                };
            }
            let on = |key| self.own(key, level).is_some_and(|value| value.is_truthy());
            if on("legacy-bundling") {
                strategy = InstallStrategy::Nested;
            }
            if on("global-style") {
                strategy = InstallStrategy::Shallow;
            }
        }
        strategy
    }

    /// The moment after which versions are not used, in milliseconds since 1970, from `before` and
    /// `min-release-age`. Within one level `before` wins; a higher level relaxes or overrides a lower.
    #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "milliseconds fit")]
    pub fn before(&self, now: i64) -> Option<i64> {
        let mut before = None;
        for level in Level::ALL[1..].iter().copied() {
            match self.own("before", level) {
                Some(Value::Date(moment)) => before = Some(moment),
                Some(_) => before = None,
                None => {
                    if let Some(days) = self.own("min-release-age", level).and_then(|value| value.as_number())
                    {
                        before = (days != 0.0).then_some((now as f64 - MILLISECONDS_A_DAY * days) as i64);
                    }
                }
            }
        }
        before
    }

    /// Names and patterns that [`Config::before`] does not apply to.
    pub fn min_release_age_exclude(&self) -> Vec<String> {
        split_commas(&self.texts("min-release-age-exclude"))
    }

    /// Packages that `allow-scripts` names at the highest level that sets it, among some levels.
    pub fn allow_scripts_of(&self, counts: impl Fn(Level) -> bool) -> Vec<String> {
        let levels = Level::ALL.into_iter().skip(1).rev().filter(|&level| counts(level));
        let names = levels
            .filter_map(|level| self.own("allow-scripts", level))
            .map(|value| split_commas(&words(&value)));
        names.into_iter().find(|names| !names.is_empty()).unwrap_or_default()
    }

    /// Whether the lockfile is read and written: `package-lock`, its alias `shrinkwrap`, and always
    /// with `package-lock-only`.
    pub fn package_lock(&self) -> bool {
        let mut on = true;
        for level in Level::ALL {
            if let Some(value) = self.own("package-lock", level) {
                on = value.is_truthy();
            }
            if level != Level::Default
                && let Some(value) = self.own("shrinkwrap", level)
            {
                on = value.is_truthy();
            }
        }
        on || self.flag("package-lock-only")
    }

    /// Whether commands act on the machine's packages: `--global` or `--location=global`.
    pub fn is_global(&self) -> bool {
        self.flag("global") || self.text("location").as_deref() == Some("global")
    }

    /// The level `config set` writes to.
    pub fn location(&self) -> Level {
        if self.is_global() {
            return Level::Global;
        }
        match self.text("location").as_deref() {
            Some("project") => Level::Project,
            _ => Level::User,
        }
    }

    pub fn prefers_online(&self) -> bool {
        self.flag("prefer-online") || self.number("cache-max").is_some_and(|age| age <= 0.0)
    }

    pub fn prefers_offline(&self) -> bool {
        self.flag("prefer-offline") || self.number("cache-min").is_some_and(|age| age >= 9999.0)
    }

    /// The lockfile version asked for: 1, 2 or 3.
    pub fn lockfile_version(&self) -> Option<u8> {
        self.get("lockfile-version")?.to_string().parse().ok()
    }

    /// The scope to act for, with its `@`.
    pub fn scope(&self) -> Option<String> {
        let scope = self.text("scope")?;
        Some(if scope.starts_with('@') { scope } else { format!("@{scope}") })
    }

    /// Whether workspaces take part at all: false only for `--no-workspaces`.
    pub fn workspaces_enabled(&self) -> bool {
        self.get("workspaces") != Some(Value::Boolean(false))
    }
}

fn next_save_type(kind: Option<SaveType>, key: &str, on: bool) -> Option<SaveType> {
    use SaveType::{Development, Optional, Peer, PeerOptional, Production};
    match (key, on) {
        ("save-dev", true) => Some(Development),
        ("save-dev", false) => kind.filter(|kind| *kind != Development),
        ("save-prod", true) => Some(Production),
        ("save-prod", false) => kind.filter(|kind| *kind != Production),
        ("save-optional", true) => match kind {
            Some(Peer | PeerOptional) => Some(PeerOptional),
            _ => Some(Optional),
        },
        ("save-optional", false) => match kind {
            Some(PeerOptional) => Some(Peer),
            other => other.filter(|kind| *kind != Optional),
        },
        ("save-peer", true) => match kind {
            Some(Optional | PeerOptional) => Some(PeerOptional),
            _ => Some(Peer),
        },
        ("save-peer", false) => match kind {
            Some(PeerOptional) => Some(Optional),
            other => other.filter(|kind| *kind != Peer),
        },
        _ => kind,
    }
}

fn words(value: &Value) -> Vec<String> {
    match value {
        Value::List(items) => items.iter().map(Value::to_string).collect(),
        Value::Text(text) => vec![text.clone()],
        _ => Vec::new(),
    }
}

fn split_commas(texts: &[String]) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for part in texts.iter().flat_map(|text| text.split(',')).map(str::trim) {
        if !part.is_empty() && !out.iter().any(|known| known == part) {
            out.push(part.to_owned());
        }
    }
    out
}
