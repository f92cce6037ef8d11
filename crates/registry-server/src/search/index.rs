//! The index that searches are answered from: which package has which term, in memory.
//!
//! It holds names, terms and the few numbers that packages are ranked by; what is shown of a package is read from its
//! row.

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Bound;
use std::sync::Arc;

use super::dependents::Dependents;
use super::document::Document;
use super::facet::{self, Facet};
use super::query::{Condition, Query, Trait};
use super::ranking::{Field, Weights, exact_name, maintenance, popularity};
use super::terms;
use crate::database::Fetched;

/// A package in the index.
#[derive(Debug)]
struct Entry {
    /// Empty where it was replaced or removed.
    name: Box<str>,
    revision: i64,
    published: i64,
    is_deprecated: bool,
    is_unstable: bool,
    is_restricted: bool,
    /// None where it is published here.
    upstream: Option<Arc<str>>,
    quality: u8,
    dependencies: Box<[u32]>,
}

/// An entry and a field in four bytes: the field is in the lowest three bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Posting(u32);

impl Posting {
    fn new(entry: u32, field: Field) -> Posting {
        Posting(entry << 3 | field as u32)
    }

    fn entry(self) -> usize {
        (self.0 >> 3) as usize
    }
}

/// A package that was found.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Hit {
    pub name: String,
    /// The upstream that it comes from; none where it is published here.
    pub upstream: Option<Arc<str>>,
    /// What the order is by.
    pub score: f32,
    /// From 0 to 1.
    pub quality: f32,
    pub popularity: f32,
    pub maintenance: f32,
    /// How many packages depend on it.
    pub dependents: u64,
}

impl Hit {
    /// A package that an upstream's search found, of which nothing is known here.
    pub fn offered(name: &str, upstream: Arc<str>, query: &Query) -> Hit {
        Hit {
            name: name.to_owned(),
            upstream: Some(upstream),
            score: exact_name(name, &query.text),
            quality: 0.0,
            popularity: 0.0,
            maintenance: 0.0,
            dependents: 0,
        }
    }
}

/// Some of what was found, best first.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Found {
    pub total: u64,
    pub hits: Vec<Hit>,
}

/// Which part of what was found is wanted, and for whom.
pub(crate) struct Wanted<'a> {
    pub from: usize,
    pub size: usize,
    pub weights: Weights,
    /// Milliseconds since the epoch.
    pub now: i64,
    /// Whether a restricted package may be seen.
    pub may_see: &'a (dyn Fn(&str) -> bool + Sync),
    pub from_where: FromWhere,
}

/// Which packages are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FromWhere {
    /// Those that are published here.
    Here,
    /// Those of upstreams too.
    Anywhere,
}

impl Wanted<'_> {
    fn sees(&self, entry: &Entry) -> bool {
        !entry.name.is_empty()
            && (!entry.is_restricted || (self.may_see)(&entry.name))
            && (entry.upstream.is_none() || self.from_where == FromWhere::Anywhere)
    }
}

/// Which packages there are, and which terms are in them.
#[derive(Debug, Default)]
pub(crate) struct Index {
    entries: Vec<Entry>,
    by_name: HashMap<Box<str>, u32>,
    terms: BTreeMap<Box<str>, Vec<Posting>>,
    facets: HashMap<Facet, Vec<u32>>,
    dependents: Dependents,
    /// Entries that were replaced or removed.
    dead: usize,
}

impl Index {
    /// The revision that it has of a package which is published here; none where it has no such package.
    pub fn revision(&self, name: &str) -> Option<i64> {
        self.entry(name).filter(|entry| entry.upstream.is_none()).map(|entry| entry.revision)
    }

    /// Whether it has a package as it is known of an upstream, or one of that name that is published here.
    pub fn has_fetched(&self, fetched: &Fetched) -> bool {
        self.entry(&fetched.package).is_some_and(|entry| match &entry.upstream {
            Some(upstream) => **upstream == *fetched.upstream && entry.revision == fetched.changed,
            None => true,
        })
    }

    /// The packages of upstreams that are not among these.
    pub fn fetched_but(&self, names: &HashSet<String>) -> Vec<String> {
        let fetched = self.entries.iter().filter(|entry| entry.upstream.is_some() && !entry.name.is_empty());
        fetched.filter(|entry| !names.contains(&*entry.name)).map(|entry| entry.name.to_string()).collect()
    }

    fn entry(&self, name: &str) -> Option<&Entry> {
        self.by_name.get(name).and_then(|&entry| self.entries.get(entry as usize))
    }

    /// Puts a package in, in place of what was there of it.
    pub fn put(&mut self, document: &Document) {
        self.remove(&document.name);
        let Some(entry) = u32::try_from(self.entries.len()).ok().filter(|entry| *entry < 1 << 29) else {
            return;
        };
        let mut postings: Vec<(String, Field)> = Vec::new();
        postings
            .extend(terms::of_whole_name(&document.name).into_iter().map(|term| (term, Field::WholeName)));
        postings.extend(terms::of_text(&document.name).map(|term| (term, Field::NamePart)));
        for keyword in &document.keywords {
            postings.extend(terms::of_text(keyword).map(|term| (term, Field::Keyword)));
        }
        postings.extend(terms::of_text(&document.description).map(|term| (term, Field::Description)));
        for person in document.maintainers.iter().chain([&document.author]) {
            postings.extend(terms::of_text(person).map(|term| (term, Field::Person)));
        }
        for (term, field) in postings {
            let list = self.terms.entry(term.into_boxed_str()).or_default();
            let posting = Posting::new(entry, field);
            // fields come in the order of their worth: a later one adds nothing
            if list.last().is_none_or(|last| last.entry() != entry as usize) {
                list.push(posting);
            }
        }
        for facet in facet::of(document) {
            self.facets.entry(facet).or_default().push(entry);
        }
        self.entries.push(Entry {
            name: document.name.as_str().into(),
            revision: document.revision,
            published: document.published,
            is_deprecated: document.is_deprecated,
            is_unstable: document.is_unstable,
            is_restricted: document.is_restricted,
            upstream: document.upstream.clone(),
            quality: document.quality,
            dependencies: self.dependents.add(entry, &document.dependencies),
        });
        self.by_name.insert(document.name.as_str().into(), entry);
    }

    /// Takes a package out.
    pub fn remove(&mut self, name: &str) {
        let Some(number) = self.by_name.remove(name) else { return };
        if let Some(entry) = self.entries.get_mut(number as usize) {
            entry.name = Box::default();
            self.dependents.remove(number, &std::mem::take(&mut entry.dependencies));
        }
        self.dead += 1;
        if self.dead > 1000 + self.by_name.len() / 2 {
            self.compact();
        }
    }

    /// Lets go of what belongs to entries that are no more, and numbers the others anew.
    fn compact(&mut self) {
        let mut numbers = vec![u32::MAX; self.entries.len()];
        let mut next = 0;
        for (number, entry) in numbers.iter_mut().zip(&self.entries) {
            if !entry.name.is_empty() {
                *number = next;
                next += 1;
            }
        }
        let renumbered = |entry: usize| numbers.get(entry).copied().filter(|number| *number != u32::MAX);
        self.terms.retain(|_, list| {
            list.retain_mut(|posting| match renumbered(posting.entry()) {
                Some(number) => {
                    *posting = Posting(number << 3 | (posting.0 & 7));
                    true
                }
                None => false,
            });
            list.shrink_to_fit();
            !list.is_empty()
        });
        self.facets.retain(|_, list| {
            *list = list.iter().filter_map(|&entry| renumbered(entry as usize)).collect();
            !list.is_empty()
        });
        self.dependents.renumber(renumbered);
        self.entries.retain(|entry| !entry.name.is_empty());
        for (number, entry) in (0..).zip(&self.entries) {
            self.by_name.insert(entry.name.clone(), number);
        }
        self.dead = 0;
    }

    /// What a query finds, in order: exact names first.
    pub fn search(&self, query: &Query, wanted: &Wanted<'_>) -> Found {
        let (mut scores, matched) = self.texts(&query.words);
        let all = query.words.len();
        let allowed = self.allowed(&query.conditions);
        let mut found: Vec<(f32, u32)> = Vec::new();
        for (number, entry) in (0_u32..).zip(&self.entries) {
            let at = number as usize;
            let has_words = all == 0 || matched.get(at).is_some_and(|matched| usize::from(*matched) == all);
            if !has_words
                || allowed.as_ref().is_some_and(|allowed| !allowed.get(at).copied().unwrap_or(false))
                || !has_traits(entry, &query.conditions)
                || !wanted.sees(entry)
            {
                continue;
            }
            let text = scores.get_mut(at).map_or(0.0, std::mem::take);
            let score = self.score(entry, text, query, wanted);
            found.push((score, number));
        }
        let total = found.len() as u64;
        let order = |one: &(f32, u32), other: &(f32, u32)| {
            let name = |number: u32| self.entries.get(number as usize).map(|entry| &entry.name);
            other
                .0
                .partial_cmp(&one.0)
                .unwrap_or(Ordering::Equal)
                .then_with(|| name(one.1).cmp(&name(other.1)))
        };
        let end = wanted.from.saturating_add(wanted.size);
        if end < found.len() {
            found.select_nth_unstable_by(end, order);
            found.truncate(end);
        }
        found.sort_unstable_by(order);
        let hits = (found.into_iter().skip(wanted.from))
            .filter_map(|(score, number)| {
                Some(self.hit(self.entries.get(number as usize)?, score, wanted.now))
            })
            .collect();
        Found { total, hits }
    }

    /// For each entry what its texts are worth for these words, and how many of them it has.
    fn texts(&self, words: &[String]) -> (Vec<f32>, Vec<u8>) {
        let mut scores = vec![0.0_f32; self.entries.len()];
        let mut matched = vec![0_u8; self.entries.len()];
        let mut best = vec![0.0_f32; self.entries.len()];
        for (before, word) in (0_u8..).zip(words) {
            let mut touched: Vec<usize> = Vec::new();
            // one letter is in everything
            let is_prefix_too = word.chars().nth(1).is_some();
            for (term, list) in self.terms.range::<str, _>((Bound::Included(word.as_str()), Bound::Unbounded))
            {
                let is_exact = term.len() == word.len();
                if !term.starts_with(word.as_str()) || !(is_exact || is_prefix_too) {
                    break;
                }
                // the more of a word was typed, the more likely it is meant
                let share = 0.5 + 0.5 * word.len() as f32 / term.len() as f32;
                for posting in list {
                    let (exact, longer) = Field::worth(posting.0 & 7);
                    let worth = if is_exact { exact } else { longer * share };
                    if let Some(best) = best.get_mut(posting.entry()).filter(|best| **best < worth) {
                        if *best == 0.0 {
                            touched.push(posting.entry());
                        }
                        *best = worth;
                    }
                }
            }
            for at in touched {
                let (Some(best), Some(score), Some(matched)) =
                    (best.get_mut(at), scores.get_mut(at), matched.get_mut(at))
                else {
                    continue;
                };
                *score += std::mem::take(best);
                // only of those that had all words before
                *matched += u8::from(*matched == before);
            }
        }
        (scores, matched)
    }

    /// The entries that fulfil every condition on facets; none where there is no such condition.
    fn allowed(&self, conditions: &[Condition]) -> Option<Vec<bool>> {
        let mut allowed: Option<Vec<bool>> = None;
        for condition in conditions {
            let (facets, is_wanted): (Vec<Facet>, bool) = match condition {
                Condition::Scope(scope) => (vec![Facet::Scope(scope.as_str().into())], true),
                Condition::Author(author) => (vec![Facet::Author(author.as_str().into())], true),
                Condition::Maintainer(name) => (vec![Facet::Maintainer(name.as_str().into())], true),
                Condition::Keywords(words) => (facet::keywords(words), true),
                Condition::WithoutKeywords(words) => (facet::keywords(words), false),
                Condition::Is(..) => continue,
            };
            let mut members = vec![!is_wanted; self.entries.len()];
            for entry in facets.iter().filter_map(|facet| self.facets.get(facet)).flatten() {
                if let Some(member) = members.get_mut(*entry as usize) {
                    *member = is_wanted;
                }
            }
            allowed = Some(match allowed {
                Some(before) => {
                    before.iter().zip(&members).map(|(before, member)| *before && *member).collect()
                }
                None => members,
            });
        }
        allowed
    }

    fn score(&self, entry: &Entry, text: f32, query: &Query, wanted: &Wanted<'_>) -> f32 {
        let popularity = popularity(self.dependents.of(&entry.name).len());
        let maintenance = maintenance(entry.published, wanted.now);
        let known = wanted.weights.of(share(entry.quality), popularity, maintenance);
        // what is found by qualifiers alone is ordered by what is known
        let text = if query.words.is_empty() { 10.0 } else { text };
        let deprecated = if entry.is_deprecated { 0.3 } else { 1.0 };
        // where texts are equally good, what is published here comes first
        let worth = if entry.upstream.is_some() { 0.4 + 0.15 * known } else { 0.55 + 0.45 * known };
        exact_name(&entry.name, &query.text) + text * worth * deprecated
    }

    fn hit(&self, entry: &Entry, score: f32, now: i64) -> Hit {
        let dependents = self.dependents.of(&entry.name).len();
        Hit {
            name: entry.name.to_string(),
            upstream: entry.upstream.clone(),
            score,
            quality: share(entry.quality),
            popularity: popularity(dependents),
            maintenance: maintenance(entry.published, now),
            dependents: dependents as u64,
        }
    }

    /// How many packages depend on one, and the names of some of them in the order of the alphabet.
    pub fn dependents(&self, name: &str, wanted: &Wanted<'_>) -> (u64, Vec<String>) {
        let entries = self.dependents.of(name).iter().filter_map(|entry| self.entries.get(*entry as usize));
        let mut names: Vec<&str> =
            entries.filter(|entry| wanted.sees(entry)).map(|entry| &*entry.name).collect();
        names.sort_unstable();
        let some = names.iter().skip(wanted.from).take(wanted.size).map(|name| (*name).to_owned());
        (names.len() as u64, some.collect())
    }

    /// The packages whose latest versions were published last, newest first; and how many packages there are to see.
    pub fn newest(&self, wanted: &Wanted<'_>) -> Found {
        let mut entries: Vec<&Entry> = self.entries.iter().filter(|entry| wanted.sees(entry)).collect();
        let total = entries.len() as u64;
        let order = |one: &&Entry, other: &&Entry| {
            other.published.cmp(&one.published).then_with(|| one.name.cmp(&other.name))
        };
        if wanted.size < entries.len() {
            entries.select_nth_unstable_by(wanted.size, order);
            entries.truncate(wanted.size);
        }
        entries.sort_unstable_by(order);
        Found { total, hits: entries.into_iter().map(|entry| self.hit(entry, 0.0, wanted.now)).collect() }
    }
}

fn share(of_255: u8) -> f32 {
    f32::from(of_255) / 255.0
}

fn has_traits(entry: &Entry, conditions: &[Condition]) -> bool {
    conditions.iter().all(|condition| match condition {
        Condition::Is(Trait::Deprecated, wanted) => entry.is_deprecated == *wanted,
        Condition::Is(Trait::Unstable, wanted) => entry.is_unstable == *wanted,
        Condition::Is(Trait::Insecure, wanted) => !wanted,
        _ => true,
    })
}
