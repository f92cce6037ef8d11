//! The levels a value can come from, lowest first, and the merged view of them.

use indexmap::IndexMap;

use super::coerce::coerce;
use super::definition::Default as Preset;
use super::ini::{Entry, EntryValue};
use super::validate::clean;
use super::{AuthenticationProblem, Context, DEFINITIONS, Invalid, Value, definition, nerf_dart, substitute};

/// Where a value comes from. A later level wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    Default,
    /// npm's own file, beside its installation.
    Builtin,
    Global,
    User,
    Project,
    Environment,
    CommandLine,
}

impl Level {
    pub const ALL: [Level; 7] = [
        Level::Default,
        Level::Builtin,
        Level::Global,
        Level::User,
        Level::Project,
        Level::Environment,
        Level::CommandLine,
    ];

    /// npm's word for it.
    pub fn name(self) -> &'static str {
        match self {
            Level::Default => "default",
            Level::Builtin => "builtin",
            Level::Global => "global",
            Level::User => "user",
            Level::Project => "project",
            Level::Environment => "env",
            Level::CommandLine => "cli",
        }
    }

    /// Whether it is a file that `config set` may write.
    pub fn is_file(self) -> bool {
        matches!(self, Level::Global | Level::User | Level::Project)
    }
}

/// The values of one level.
#[derive(Clone, Debug, Default)]
pub struct Layer {
    /// The file's path or another phrase that says where the values are from.
    pub source: String,
    pub values: IndexMap<String, Value>,
}

/// Why a configuration cannot be used.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ConfigError {
    #[error("--{key} cannot be given together with --{other}")]
    Exclusive { key: String, other: String },
    #[error("{}", describe_problems(.problems))]
    Authentication { problems: Vec<AuthenticationProblem> },
}

fn describe_problems(problems: &[AuthenticationProblem]) -> String {
    let sentences: Vec<String> = problems
        .iter()
        .map(|problem| match problem {
            AuthenticationProblem::Remove { key, level } => {
                format!("`{key}` is not allowed in the {} configuration", level.name())
            }
            AuthenticationProblem::Rename { from, to, level } => {
                format!("`{from}` must be written as `{to}` in the {} configuration", level.name())
            }
        })
        .collect();
    sentences.join(", ")
}

/// All levels and the view that merges them.
#[derive(Clone, Debug)]
pub struct Config {
    /// Values that replace the table's defaults, in the order they were put.
    defaults: IndexMap<String, Value>,
    /// Builtin to command line.
    layers: [Layer; 6],
}

impl std::default::Default for Config {
    fn default() -> Self {
        Self { defaults: IndexMap::new(), layers: std::array::from_fn(|_| Layer::default()) }
    }
}

impl Config {
    /// Puts a value over the table's default.
    pub fn set_default(&mut self, key: &str, value: impl Into<Value>) {
        self.defaults.insert(key.to_owned(), value.into());
    }

    /// Fills a level from the entries of a file, the environment or the command line. `${NAME}` is
    /// replaced in keys and values.
    ///
    /// Errors: two keys at this level that exclude each other.
    pub fn load(
        &mut self,
        level: Level,
        source: impl Into<String>,
        entries: &[Entry],
        context: &Context<'_>,
    ) -> Result<(), ConfigError> {
        let mut layer = Layer { source: source.into(), values: IndexMap::with_capacity(entries.len()) };
        for entry in entries {
            let key = substitute(&entry.key, context.variable);
            if self.is_overruled(&key, level, &layer)? {
                continue;
            }
            let value = coerce(&key, &entry.value, context);
            layer.values.insert(key, value);
        }
        *self.layer_mut(level) = layer;
        Ok(())
    }

    /// Whether a key that excludes this one is set at a higher level. At the same level that is an
    /// error. (npm also fails when a file and the command line disagree; here the higher level wins, as
    /// it does for every other key.)
    fn is_overruled(&self, key: &str, level: Level, loading: &Layer) -> Result<bool, ConfigError> {
        for other in definition(key).map_or(&[][..], |definition| definition.excludes) {
            if loading.values.get(*other).is_some_and(Value::is_truthy) {
                return Err(ConfigError::Exclusive { key: key.to_owned(), other: (*other).to_owned() });
            }
            if self.find(other) > level {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Reads `npm_config_*` variables, in any case, into the environment's level.
    pub fn load_environment<'a>(
        &mut self,
        variables: impl Iterator<Item = (&'a str, &'a str)>,
        context: &Context<'_>,
    ) -> Result<(), ConfigError> {
        let mut entries: Vec<Entry> = Vec::new();
        for (name, text) in variables {
            let Some(key) = environment_key(name) else { continue };
            if text.is_empty() {
                continue;
            }
            let value = EntryValue::Text(text.to_owned());
            match entries.iter_mut().find(|entry| entry.key == key) {
                Some(entry) => entry.value = value,
                None => entries.push(Entry { key, value }),
            }
        }
        self.load(Level::Environment, "environment", &entries, context)
    }

    /// Says where a level's values would be from when nothing is loaded.
    pub fn set_source(&mut self, level: Level, source: impl Into<String>) {
        self.layer_mut(level).source = source.into();
    }

    /// # Panics
    /// For [`Level::Default`], which has no layer of its own.
    pub fn layer(&self, level: Level) -> &Layer {
        &self.layers[level as usize - 1]
    }

    fn layer_mut(&mut self, level: Level) -> &mut Layer {
        &mut self.layers[level as usize - 1]
    }

    /// The value that counts; `None` for a key that is neither set nor known.
    pub fn get(&self, key: &str) -> Option<Value> {
        for layer in self.layers.iter().rev() {
            if let Some(value) = layer.values.get(key) {
                return Some(value.clone());
            }
        }
        self.default_of(key)
    }

    /// The value at one level alone.
    pub fn get_at(&self, key: &str, level: Level) -> Option<Value> {
        match level {
            Level::Default => self.default_of(key),
            level => self.layer(level).values.get(key).cloned(),
        }
    }

    fn default_of(&self, key: &str) -> Option<Value> {
        if let Some(value) = self.defaults.get(key) {
            return Some(value.clone());
        }
        Some(match definition(key)?.default {
            Preset::Null => Value::Null,
            Preset::Boolean(value) => Value::Boolean(value),
            Preset::Number(number) => Value::Number(number),
            Preset::Text(text) => Value::from(text),
            Preset::EmptyList => Value::List(Vec::new()),
        })
    }

    /// The level that the value comes from.
    pub fn find(&self, key: &str) -> Level {
        let set = Level::ALL[1..].iter().rev().find(|level| self.layer(**level).values.contains_key(key));
        set.copied().unwrap_or(Level::Default)
    }

    pub fn is_default(&self, key: &str) -> bool {
        self.find(key) == Level::Default
    }

    /// Sets a value at a level, as `config set` and derived settings do.
    ///
    /// # Panics
    /// For [`Level::Default`]; use [`Config::set_default`].
    pub fn set(&mut self, key: &str, value: impl Into<Value>, level: Level) {
        self.layer_mut(level).values.insert(key.to_owned(), value.into());
    }

    pub fn unset(&mut self, key: &str, level: Level) {
        self.layer_mut(level).values.shift_remove(key);
    }

    /// The value as if the levels above did not exist.
    pub(super) fn get_up_to(&self, key: &str, level: Level) -> Option<Value> {
        let set = Level::ALL[1..].iter().rev().filter(|candidate| **candidate <= level);
        set.map(|candidate| self.layer(*candidate))
            .find_map(|layer| layer.values.get(key).cloned())
            .or_else(|| self.default_of(key))
    }

    /// Every key that is set or known: the command line's first, then down the levels, then the
    /// table's. The order of npm's `config list --json`.
    pub fn keys(&self) -> Vec<&str> {
        let mut keys: Vec<&str> = Vec::with_capacity(DEFINITIONS.len());
        let mut seen = std::collections::HashSet::with_capacity(DEFINITIONS.len());
        let set = self.layers.iter().rev().flat_map(|layer| layer.values.keys().map(String::as_str));
        let defaults = DEFINITIONS.iter().map(|definition| definition.key);
        for key in set.chain(defaults).chain(self.defaults.keys().map(String::as_str)) {
            if seen.insert(key) {
                keys.push(key);
            }
        }
        keys
    }

    /// Removes values of every level that their keys do not accept, and says which they were.
    ///
    /// Errors: credentials that name no registry.
    pub fn validate(&mut self, context: &Context<'_>) -> Result<Vec<Invalid>, ConfigError> {
        let mut invalid = Vec::new();
        for level in Level::ALL[1..].iter().copied() {
            invalid.extend(self.validate_level(level, context));
        }
        let problems = self.authentication_problems();
        if problems.is_empty() { Ok(invalid) } else { Err(ConfigError::Authentication { problems }) }
    }

    /// The same for one level.
    pub fn validate_level(&mut self, level: Level, context: &Context<'_>) -> Vec<Invalid> {
        let mut invalid = Vec::new();
        let layer = self.layer_mut(level);
        let mut kept = IndexMap::with_capacity(layer.values.len());
        for (key, value) in std::mem::take(&mut layer.values) {
            let mut report = |value, expected| {
                invalid.push(Invalid { key: key.clone(), value, level, expected });
            };
            if let Some(value) = clean(&key, value, context, &mut report) {
                kept.insert(key, value);
            }
        }
        layer.values = kept;
        invalid
    }

    /// Credentials in files that npm no longer reads, and what to do about each.
    pub fn authentication_problems(&self) -> Vec<AuthenticationProblem> {
        let mut problems = Vec::new();
        for level in Level::ALL.into_iter().filter(|level| level.is_file()) {
            let has = |key: &str| self.get_at(key, level).is_some_and(|value| value.is_truthy());
            for key in ["_authtoken", "-authtoken"] {
                if has(key) {
                    problems.push(AuthenticationProblem::Remove { key: key.to_owned(), level });
                }
            }
            for key in ["_auth", "_authToken", "username", "_password"] {
                if !has(key) {
                    continue;
                }
                let is_half =
                    (key == "username" && !has("_password")) || (key == "_password" && !has("username"));
                let registry = self.get("registry").and_then(|value| nerf_dart(value.as_str()?));
                problems.push(match registry {
                    Some(registry) if !is_half => AuthenticationProblem::Rename {
                        from: key.to_owned(),
                        to: format!("{registry}:{key}"),
                        level,
                    },
                    _ => AuthenticationProblem::Remove { key: key.to_owned(), level },
                });
            }
        }
        problems
    }

    /// The value as a switch; false for anything that is not true.
    pub fn flag(&self, key: &str) -> bool {
        self.get(key).is_some_and(|value| value.is_truthy())
    }

    /// The value as text; `None` when it is null or empty.
    pub fn text(&self, key: &str) -> Option<String> {
        match self.get(key)? {
            Value::Text(text) if !text.is_empty() => Some(text),
            Value::Number(number) => Some(Value::Number(number).to_string()),
            _ => None,
        }
    }

    pub fn number(&self, key: &str) -> Option<f64> {
        self.get(key)?.as_number()
    }

    /// The value as texts; empty when it is null.
    pub fn texts(&self, key: &str) -> Vec<String> {
        match self.get(key) {
            Some(Value::List(items)) => {
                items.iter().filter(|item| item.is_truthy()).map(Value::to_string).collect()
            }
            Some(Value::Text(text)) if !text.is_empty() => vec![text],
            _ => Vec::new(),
        }
    }
}

/// The key that a variable's name stands for: `npm_config_save_exact` is `save-exact`. A leading
/// underscore stays, and so does everything of a key that begins with `//`.
fn environment_key(name: &str) -> Option<String> {
    let prefix = name.get(..11)?;
    if !prefix.eq_ignore_ascii_case("npm_config_") {
        return None;
    }
    let key = &name[11..];
    if key.is_empty() || key.starts_with("//") {
        return (!key.is_empty()).then(|| key.to_owned());
    }
    let mut out = String::with_capacity(key.len());
    for (at, c) in key.chars().enumerate() {
        if c == '_' && at > 0 { out.push('-') } else { out.extend(c.to_lowercase()) }
    }
    Some(out)
}
