//! What packages can be asked for by qualifiers: scopes, people, keywords, as they are written.

use super::document::Document;

/// What is asked for by a qualifier: a kind and a value.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Facet {
    Scope(Box<str>),
    Author(Box<str>),
    Maintainer(Box<str>),
    Keyword(Box<str>),
}

/// The facets of keywords.
pub(super) fn keywords(words: &[String]) -> Vec<Facet> {
    words.iter().map(|word| Facet::Keyword(word.as_str().into())).collect()
}

/// All facets of a package.
pub(super) fn of(document: &Document) -> Vec<Facet> {
    let lower = |text: &String| -> Box<str> { text.to_lowercase().into_boxed_str() };
    let mut facets: Vec<Facet> = Vec::new();
    if let Some((scope, _)) = document.name.strip_prefix('@').and_then(|name| name.split_once('/')) {
        facets.push(Facet::Scope(scope.to_lowercase().into_boxed_str()));
    }
    if !document.author.is_empty() {
        facets.push(Facet::Author(lower(&document.author)));
    }
    let mut add = |values: &[String], facet: fn(Box<str>) -> Facet| {
        let mut values: Vec<Box<str>> = values.iter().map(lower).collect();
        values.sort_unstable();
        values.dedup();
        facets.extend(values.into_iter().map(facet));
    };
    add(&document.maintainers, Facet::Maintainer);
    add(&document.keywords, Facet::Keyword);
    facets
}
