//! Reading a TOML document key by key, so that every mistake is found with its place, and unknown keys are noticed.
//!
//! A reading function asks a [`Section`] for each key that it knows, and lets it `finish`: what was not asked for is
//! unknown. Mistakes are collected, and reading goes on with the default.

use std::cell::RefCell;
use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::de::{DeTable, DeValue};

use super::{Environment, SettingsProblem};

/// A value and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Located<T> {
    pub value: T,
    pub span: Range<usize>,
}

/// Why a value cannot be used.
pub(super) enum Misfit {
    /// It is of another type.
    Type,
    /// It is of the right type, but wrong: the end of a sentence that begins with the key.
    Value(String),
}

/// A type of values in the file.
pub(super) trait Setting: Sized {
    /// What to write, after "write": `a duration such as "30s"`.
    const FORM: &'static str;

    /// Reads a value.
    fn read(value: &DeValue<'_>) -> Result<Self, Misfit>;
}

/// The file, and what is wrong with it.
pub(super) struct Document<'t> {
    path: &'t Path,
    text: &'t str,
    environment: Environment<'t>,
    table: Option<DeTable<'t>>,
    problems: RefCell<Vec<(usize, SettingsProblem)>>,
}

impl<'t> Document<'t> {
    pub fn new(path: &'t Path, text: &'t str, environment: Environment<'t>) -> Self {
        let mut document = Document { path, text, environment, table: None, problems: RefCell::default() };
        let (table, errors) = DeTable::parse_recoverable(text);
        for error in &errors {
            let span = error.span().unwrap_or_default();
            document.report(
                &span,
                format!("this is no TOML: {}", error.message()),
                "see https://toml.io".into(),
            );
        }
        if errors.is_empty() {
            document.table = Some(table.into_inner());
        }
        document
    }

    /// The whole file; `None` where it is no TOML.
    pub fn root(&self) -> Option<Section<'_, 't>> {
        let entries = self.table.as_ref()?;
        Some(Section {
            document: self,
            name: String::new(),
            span: 0..0,
            entries: Some(entries),
            asked: RefCell::default(),
        })
    }

    /// All mistakes, from the first line to the last.
    pub fn into_problems(self) -> Vec<SettingsProblem> {
        let mut problems = self.problems.into_inner();
        problems.sort_by_key(|(at, _)| *at);
        problems.into_iter().map(|(_, problem)| problem).collect()
    }

    fn report(&self, span: &Range<usize>, message: String, hint: String) {
        let (line, column) = self.place(span.start);
        let path = self.path.to_owned();
        self.problems.borrow_mut().push((span.start, SettingsProblem { path, line, column, message, hint }));
    }

    /// Line and column of an offset, from 1, the column in characters.
    pub fn place(&self, offset: usize) -> (usize, usize) {
        let before = self.text.get(..offset).unwrap_or(self.text);
        let line = before.rsplit('\n').next().unwrap_or_default();
        (before.matches('\n').count() + 1, line.chars().count() + 1)
    }
}

/// A table of the file, or the absence of one: then every key is missing.
pub(super) struct Section<'d, 't> {
    document: &'d Document<'t>,
    name: String,
    span: Range<usize>,
    entries: Option<&'d DeTable<'t>>,
    asked: RefCell<Vec<&'static str>>,
}

impl<'d, 't> Section<'d, 't> {
    /// Where it begins.
    pub fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    /// Whether the file has it.
    pub fn is_present(&self) -> bool {
        self.entries.is_some()
    }

    /// Reads an environment variable that the file names.
    pub fn variable(&self, name: &str) -> Option<String> {
        (self.document.environment)(name)
    }

    /// A path as the file means it.
    pub fn resolve(&self, path: &str) -> PathBuf {
        self.document.path.parent().unwrap_or(Path::new("")).join(path)
    }

    /// Line and column of an offset, for messages.
    pub fn line(&self, offset: usize) -> usize {
        self.document.place(offset).0
    }

    /// Reports a mistake.
    pub fn report(&self, span: &Range<usize>, message: impl Into<String>, hint: impl Into<String>) {
        self.document.report(span, message.into(), hint.into());
    }

    /// The value of a key, where it is there and can be used.
    pub fn optional<T: Setting>(&self, key: &'static str) -> Option<Located<T>> {
        let (span, value) = self.value(key)?;
        self.convert(key, span, value)
    }

    /// The value of a key, or what it is without.
    pub fn or<T: Setting>(&self, key: &'static str, default: T) -> T {
        self.optional(key).map_or(default, |found| found.value)
    }

    /// The value of a key that must be there.
    pub fn required<T: Setting>(&self, key: &'static str) -> Option<Located<T>> {
        if self.value(key).is_none() && self.entries.is_some() {
            self.report(
                &self.span,
                format!("{} is missing", self.dotted(key)),
                format!("write {key} = and {}", T::FORM),
            );
        }
        self.optional(key)
    }

    /// The elements of a list that can be used.
    pub fn list<T: Setting>(&self, key: &'static str) -> Option<Vec<Located<T>>> {
        let (span, value) = self.value(key)?;
        let Some(elements) = value.as_array() else {
            let message = format!("{} is {}", self.dotted(key), with_article(value));
            self.report(&span, message, format!("write a list, in brackets, of {}", T::FORM));
            return None;
        };
        Some(
            elements
                .iter()
                .filter_map(|element| self.convert(key, element.span(), element.get_ref()))
                .collect(),
        )
    }

    /// The values of a list without their places; empty where it is missing.
    pub fn values<T: Setting>(&self, key: &'static str) -> Vec<T> {
        self.list(key).unwrap_or_default().into_iter().map(|found| found.value).collect()
    }

    /// Whether a list is missing or holds nothing at all.
    pub fn is_empty_list(&self, key: &'static str) -> bool {
        self.value(key).is_none_or(|(_, value)| value.as_array().is_some_and(|elements| elements.is_empty()))
    }

    /// A table below this one.
    pub fn section(&self, key: &'static str) -> Section<'d, 't> {
        let found = self.value(key);
        let name = self.dotted(key);
        let (span, entries) = match found {
            None => (self.span(), None),
            Some((span, value)) => {
                let table = value.as_table();
                if table.is_none() {
                    let message = format!("{name} is {}", with_article(value));
                    self.report(&span, message, format!("write it as a table: [{name}]"));
                }
                (span, table)
            }
        };
        Section { document: self.document, name, span, entries, asked: RefCell::default() }
    }

    /// The tables of a list of tables.
    pub fn sections(&self, key: &'static str) -> Vec<Section<'d, 't>> {
        let Some((span, value)) = self.value(key) else { return Vec::new() };
        let name = self.dotted(key);
        let tables = value.as_array().map(|elements| {
            elements.iter().map(|element| Some((element.span(), element.get_ref().as_table()?))).collect()
        });
        let Some(Some(tables)): Option<Option<Vec<_>>> = tables else {
            let message = format!("{name} is not a list of tables");
            self.report(&span, message, format!("begin each one with [[{name}]]"));
            return Vec::new();
        };
        let section = |(span, table)| Section {
            document: self.document,
            name: name.clone(),
            span,
            entries: Some(table),
            asked: RefCell::default(),
        };
        tables.into_iter().map(section).collect()
    }

    /// Reports every key that was not asked for.
    pub fn finish(&self) {
        let asked = self.asked.borrow();
        let Some(entries) = self.entries else { return };
        for key in entries.keys() {
            let text: &str = key.get_ref();
            if asked.contains(&text) {
                continue;
            }
            let nearest = asked
                .iter()
                .map(|known| (strsim::damerau_levenshtein(known, text), *known))
                .filter(|(distance, known)| *distance <= 1 + known.len() / 4)
                .min();
            let hint = match nearest {
                Some((_, known)) => format!("write {known}"),
                None if self.name.is_empty() => format!("tables are: {}", asked.join(", ")),
                None => format!("keys of [{}] are: {}", self.name, asked.join(", ")),
            };
            self.report(&key.span(), format!("unknown key {}", self.dotted(text)), hint);
        }
    }

    fn value(&self, key: &'static str) -> Option<(Range<usize>, &'d DeValue<'t>)> {
        let mut asked = self.asked.borrow_mut();
        if !asked.contains(&key) {
            asked.push(key);
        }
        let found = self.entries?.get(key)?;
        Some((found.span(), found.get_ref()))
    }

    fn convert<T: Setting>(&self, key: &str, span: Range<usize>, value: &DeValue<'_>) -> Option<Located<T>> {
        let what = match T::read(value) {
            Ok(value) => return Some(Located { value, span }),
            Err(Misfit::Type) => format!("is {}", with_article(value)),
            Err(Misfit::Value(problem)) => problem,
        };
        self.report(&span, format!("{} {what}", self.dotted(key)), format!("write {}", T::FORM));
        None
    }

    fn dotted(&self, key: &str) -> String {
        if self.name.is_empty() { key.to_owned() } else { format!("{}.{key}", self.name) }
    }
}

fn with_article(value: &DeValue<'_>) -> String {
    let kind = value.type_str();
    let article = if kind.starts_with(['a', 'i']) { "an" } else { "a" };
    format!("{article} {kind}")
}
