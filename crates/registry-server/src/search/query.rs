//! What a search asks for: words, and qualifiers such as `scope:acme` or `not:deprecated`.

use super::terms;

/// Words beyond these are left out: nobody types as many.
const WORDS: usize = 16;

/// A search, understood.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Query {
    /// The words as they were written, lower case, with single spaces: what a name is held against.
    pub text: String,
    /// Terms that must all occur.
    pub words: Vec<String>,
    /// Packages must be among those of every condition.
    pub conditions: Vec<Condition>,
}

/// One qualifier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Condition {
    Scope(String),
    Author(String),
    Maintainer(String),
    /// One of these keywords.
    Keywords(Vec<String>),
    /// None of these keywords.
    WithoutKeywords(Vec<String>),
    /// What `is:` and `not:` ask: the trait, and whether a package must have it.
    Is(Trait, bool),
}

/// What can be asked of a package by `is:` and `not:`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trait {
    Deprecated,
    /// A version below 1.0.0, or a prerelease.
    Unstable,
    /// Nothing here is known to be insecure: advisories are not part of the index.
    Insecure,
}

impl Query {
    /// The query of a text as it is typed. An unknown qualifier is a word like others.
    pub fn parse(text: &str) -> Query {
        let mut query = Query::default();
        for part in parts(text) {
            match condition(&part) {
                Some(condition) => query.conditions.extend(condition),
                None => {
                    if !query.text.is_empty() {
                        query.text.push(' ');
                    }
                    query.text.push_str(&part.to_lowercase());
                    query.words.extend(terms::of_text(&part));
                }
            }
        }
        query.words.truncate(WORDS);
        query
    }

    /// Whether it has words, and no qualifiers.
    pub fn is_plain(&self) -> bool {
        !self.words.is_empty() && self.conditions.is_empty()
    }

    /// Whether its words are the very name of a package.
    pub fn names(&self, name: &str) -> bool {
        name.to_lowercase() == self.text
    }

    /// The query for what somebody maintains.
    pub fn maintained_by(name: &str) -> Query {
        Query { conditions: vec![Condition::Maintainer(name.to_lowercase())], ..Query::default() }
    }
}

/// A part's conditions; none where it is no qualifier.
fn condition(part: &str) -> Option<Vec<Condition>> {
    let (qualifier, value) = part.split_once(':')?;
    let value = value.to_lowercase();
    if value.is_empty() {
        return None;
    }
    let one = match qualifier.to_ascii_lowercase().as_str() {
        "scope" => Condition::Scope(value.trim_start_matches('@').to_owned()),
        "author" => Condition::Author(value),
        "maintainer" | "publisher" => Condition::Maintainer(value),
        "keywords" | "keyword" => return Some(keywords(&value)),
        "is" => Condition::Is(named_trait(&value)?, true),
        "not" => Condition::Is(named_trait(&value)?, false),
        // how exact names are ranked, which here is always first
        "boost-exact" => return Some(Vec::new()),
        _ => return None,
    };
    Some(vec![one])
}

/// `a,b` is one of both, `a+b` is both, and `-a` is without.
fn keywords(value: &str) -> Vec<Condition> {
    let mut conditions = Vec::new();
    for all in value.split('+') {
        let (without, with): (Vec<&str>, Vec<&str>) =
            all.split(',').filter(|word| !word.is_empty()).partition(|word| word.starts_with('-'));
        if !with.is_empty() {
            conditions.push(Condition::Keywords(with.into_iter().map(str::to_owned).collect()));
        }
        if !without.is_empty() {
            let without = without.into_iter().map(|word| word.trim_start_matches('-').to_owned());
            conditions.push(Condition::WithoutKeywords(without.collect()));
        }
    }
    conditions
}

fn named_trait(name: &str) -> Option<Trait> {
    match name {
        "deprecated" => Some(Trait::Deprecated),
        "unstable" => Some(Trait::Unstable),
        "insecure" => Some(Trait::Insecure),
        _ => None,
    }
}

/// The text at its spaces, but for those between double quotes.
fn parts(text: &str) -> Vec<String> {
    let mut parts = Vec::new();
    let mut part = String::new();
    let mut quoted = false;
    for character in text.chars() {
        match character {
            '"' => quoted = !quoted,
            _ if character.is_whitespace() && !quoted => {
                if !part.is_empty() {
                    parts.push(std::mem::take(&mut part));
                }
            }
            _ => part.push(character),
        }
    }
    if !part.is_empty() {
        parts.push(part);
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::{Condition, Query, Trait};

    #[test]
    fn qualifiers_are_told_from_words() {
        let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        for (text, words, conditions) in [
            ("React  Router", vec!["react", "router"], vec![]),
            ("react-router", vec!["react", "router"], vec![]),
            ("scope:@Acme x", vec!["x"], vec![Condition::Scope("acme".into())]),
            ("maintainer:Jane", vec![], vec![Condition::Maintainer("jane".into())]),
            (
                "author:\"Jane Doe\" not:deprecated",
                vec![],
                vec![Condition::Author("jane doe".into()), Condition::Is(Trait::Deprecated, false)],
            ),
            (
                "keywords:a,b+c,-d",
                vec![],
                vec![
                    Condition::Keywords(texts(&["a", "b"])),
                    Condition::Keywords(texts(&["c"])),
                    Condition::WithoutKeywords(texts(&["d"])),
                ],
            ),
            ("is:unstable boost-exact:false", vec![], vec![Condition::Is(Trait::Unstable, true)]),
            ("is:fast node:fs http://a", vec!["is", "fast", "node", "fs", "http", "a"], vec![]),
            ("scope: \"", vec!["scope"], vec![]),
            ("", vec![], vec![]),
        ] {
            let query = Query::parse(text);
            assert_eq!((query.words, query.conditions), (texts(&words), conditions), "{text}");
        }
        assert_eq!(Query::parse(" React  ROUTER scope:x ").text, "react router");
        assert_eq!(Query::parse(&"a ".repeat(1000)).words.len(), 16);
    }
}
