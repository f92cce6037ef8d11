//! Short forms of options: one-letter clusters, aliases, and unique beginnings of keys.

use npm_formats::config::{ALIASES, DEFINITIONS, definition, shorthand};

use super::Notice;

/// What an option stands for, or `None` when it is a key itself (or unknown).
pub(super) fn resolve_shorthand(option: &str, notices: &mut Vec<Notice>) -> Option<Vec<String>> {
    let name = option.trim_start_matches('-');
    if name.is_empty() || definition(name).is_some() {
        return None;
    }
    if let Some(expansion) = shorthand(name) {
        return Some(expansion);
    }
    let cluster: Option<Vec<Vec<String>>> =
        name.chars().map(|letter| shorthand(letter.encode_utf8(&mut [0; 4]))).collect();
    if let Some(cluster) = cluster {
        return Some(cluster.concat());
    }
    if unique(name, DEFINITIONS.iter().map(|definition| definition.key)).is_some() {
        return None;
    }
    let alias = unique(name, ALIASES.iter().map(|alias| alias.name))?;
    notices.push(Notice::Abbreviated { option: name.to_owned(), meaning: alias.to_owned() });
    shorthand(alias)
}

/// The key itself, or the only key that begins so, or the name as it is.
pub(super) fn full_key(name: &str, notices: &mut Vec<Notice>) -> String {
    if definition(name).is_some() {
        return name.to_owned();
    }
    match unique(name, DEFINITIONS.iter().map(|definition| definition.key)) {
        Some(key) => {
            notices.push(Notice::Abbreviated { option: name.to_owned(), meaning: key.to_owned() });
            key.to_owned()
        }
        None => name.to_owned(),
    }
}

fn unique<'a>(beginning: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    if beginning.is_empty() {
        return None;
    }
    let mut matching = names.filter(|name| name.starts_with(beginning));
    let found = matching.next()?;
    matching.next().is_none().then_some(found)
}
