//! npm's command line: options anywhere, before and after the command.
//!
//! A parser of our own, because npm's grammar is defined by the types of its two hundred keys: whether
//! a word is an option's value depends on the key (`--browser firefox`, `--color always x`), every key
//! may be abbreviated and negated, unknown options are taken and handed to scripts, and one-letter
//! options cluster. No argument-parsing library accepts that, and scripts in the wild rely on it.
//! Source: npm 11.19.1 (`nopt`).

mod abbreviation;

use npm_formats::config::{Definition, Entry, EntryValue, Type, definition};

use abbreviation::{full_key, resolve_shorthand};

/// A command line taken apart.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Arguments {
    /// Options by key, in the order they first occur.
    pub options: Vec<Entry>,
    /// The command and its arguments; everything after `--` is among them.
    pub positionals: Vec<String>,
    pub notices: Vec<Notice>,
}

/// Something the user should know about how the line was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// An option that no key has; it is kept for scripts.
    Unknown { option: String },
    /// A word after an unknown option, taken as an argument and not as its value.
    NotAValue { option: String, word: String },
    /// `--forc` was taken for `--force`.
    Abbreviated { option: String, meaning: String },
}

/// Takes a command line apart; never fails.
pub fn parse(words: impl IntoIterator<Item = String>) -> Arguments {
    let mut parser = Parser { words: words.into_iter().collect(), at: 0, out: Arguments::default() };
    while parser.at < parser.words.len() {
        parser.step();
    }
    parser.out
}

struct Parser {
    words: Vec<String>,
    at: usize,
    out: Arguments,
}

impl Parser {
    fn step(&mut self) {
        let word = self.words[self.at].clone();
        if is_terminator(&word) {
            self.out.positionals.extend(self.words.drain(self.at + 1..));
            self.at = self.words.len();
            return;
        }
        if !word.starts_with('-') || word.len() == 1 {
            self.out.positionals.push(word);
            self.at += 1;
            return;
        }
        let (option, has_value) = match word.split_once('=') {
            Some((option, value)) => {
                self.words.splice(self.at..=self.at, [option.to_owned(), value.to_owned()]);
                (option.to_owned(), true)
            }
            None => (word, false),
        };
        if let Some(expansion) = resolve_shorthand(&option, &mut self.out.notices) {
            self.words.splice(self.at..=self.at, expansion);
            return;
        }
        self.option(&option, has_value);
    }

    fn option(&mut self, option: &str, has_value: bool) {
        let mut name = option.trim_start_matches('-');
        let mut negated = None;
        while name.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("no-")) {
            negated = Some(!negated.unwrap_or(false));
            name = &name[3..];
        }
        let key = full_key(name, &mut self.out.notices);
        let found = definition(&key);
        let next = self.words.get(self.at + 1).cloned();
        if found.is_none() {
            self.note_unknown(&key, has_value, next.as_deref());
        }
        if takes_no_value(found, negated, has_value, next.as_deref()) {
            self.switch(key, found, negated == Some(true), next);
        } else {
            self.value(key, found, next);
        }
    }

    fn note_unknown(&mut self, key: &str, has_value: bool, next: Option<&str>) {
        let word = next.filter(|next| {
            !has_value && !next.is_empty() && !next.starts_with('-') && !matches!(*next, "true" | "false")
        });
        self.out.notices.push(match word {
            Some(word) => Notice::NotAValue { option: key.to_owned(), word: word.to_owned() },
            None => Notice::Unknown { option: key.to_owned() },
        });
    }

    /// An option that may stand alone; a few words after it still belong to it.
    fn switch(&mut self, key: String, found: Option<&Definition>, negated: bool, next: Option<String>) {
        self.at += 1;
        let mut value = EntryValue::Boolean(!negated);
        let types = found.map_or(&[][..], |definition| definition.types);
        match next.as_deref() {
            Some(word @ ("true" | "false")) => {
                value = EntryValue::Boolean((word == "true") != negated);
                self.at += 1;
            }
            Some(word) if types.len() > 1 && belongs_to(types, word) => {
                value = if word == "null" { EntryValue::Null } else { EntryValue::Text(word.to_owned()) };
                self.at += 1;
            }
            _ => {}
        }
        self.put(key, value, found);
    }

    fn value(&mut self, key: String, found: Option<&Definition>, next: Option<String>) {
        self.at += 1;
        let is_plain_text = found.is_some_and(|definition| definition.types == [Type::Text]);
        let value = match next {
            Some(word) if is_terminator(&word) => {
                if is_plain_text {
                    EntryValue::Text(String::new())
                } else {
                    EntryValue::Boolean(true)
                }
            }
            // A text key followed by another option is empty; other keys take whatever comes.
            Some(word) if is_plain_text && word.starts_with('-') && word.len() > 1 => {
                EntryValue::Text(String::new())
            }
            Some(word) => {
                self.at += 1;
                EntryValue::Text(word)
            }
            None if is_plain_text => EntryValue::Text(String::new()),
            None => EntryValue::Boolean(true),
        };
        self.put(key, value, found);
    }

    fn put(&mut self, key: String, value: EntryValue, found: Option<&Definition>) {
        let takes_many = found.is_some_and(|definition| definition.accepts(Type::List));
        let Some(entry) = self.out.options.iter_mut().find(|entry| entry.key == key) else {
            let value = if takes_many { EntryValue::List(vec![value]) } else { value };
            self.out.options.push(Entry { key, value });
            return;
        };
        match &mut entry.value {
            EntryValue::List(items) => items.push(value),
            // An unknown option that is repeated becomes a list.
            single if found.is_none() => {
                let first = std::mem::replace(single, EntryValue::Null);
                *single = EntryValue::List(vec![first, value]);
            }
            single => *single = value,
        }
    }
}

fn is_terminator(word: &str) -> bool {
    word.len() >= 2 && word.bytes().all(|b| b == b'-')
}

fn takes_no_value(
    found: Option<&Definition>,
    negated: Option<bool>,
    has_value: bool,
    next: Option<&str>,
) -> bool {
    let Some(definition) = found else { return negated.is_some() || !has_value };
    negated.is_some()
        || definition.accepts(Type::Boolean)
        || (next == Some("false") && definition.types.len() > 1 && definition.accepts(Type::Null))
}

/// Whether the word after an option that may stand alone is its value.
fn belongs_to(types: &[Type], word: &str) -> bool {
    if types.iter().any(|kind| matches!(kind, Type::Word(known) if *known == word)) {
        return true;
    }
    if word == "null" {
        return types.contains(&Type::Null);
    }
    if word.is_empty() || word.starts_with('-') {
        return false;
    }
    types.contains(&Type::Text) || (types.contains(&Type::Number) && word.parse::<f64>().is_ok())
}

#[cfg(test)]
mod tests;
