//! The members that describe a package, in the form registries show them.
//!
//! Source: npm 11.19.1, @npmcli/package-json, once normalize-package-data.

use super::note::Notes;
use super::people::Person;
use super::{PackageFolder, repository};
use crate::json::access::{coerce, is_truthy, truthy};
use crate::license::is_valid_for_new_package;
use serde_json::{Map, Value};
use url::Url;

/// What npm puts in place of a README; registries and tools know it.
const NO_README: &str = "ERROR: No README data found!";

/// Brings every member into shape; removes what has none.
pub(super) fn normalize(data: &mut Map<String, Value>, notes: &mut Notes) {
    description(data, notes);
    if truthy(data, "modules").is_some() {
        data.shift_remove("modules");
        notes.removed("modules", "nothing reads it any more");
    }
    files(data, notes);
    if let Some(page @ Value::String(_)) = truthy(data, "man").cloned() {
        data.insert("man".to_owned(), Value::Array(vec![page]));
    }
    bugs(data, notes);
    keywords(data, notes);
    bundled(data, notes);
    homepage(data, notes);
    if truthy(data, "readme").is_none() {
        notes.doubted("readme", "is missing");
        data.insert("readme".to_owned(), Value::from(NO_README));
    }
    license(data, notes);
    people(data);
    misspellings(data, notes);
}

/// `contributors` from the lines of AUTHORS.
pub(super) fn add_authors(data: &mut Map<String, Value>, folder: &dyn PackageFolder, notes: &mut Notes) {
    let Some(content) = folder.read("AUTHORS") else { return };
    let lines = content.split('\n').map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let authors: Vec<Value> = lines.map(Value::from).collect();
    data.insert("contributors".to_owned(), Value::Array(authors));
    notes.changed("contributors", "the lines of AUTHORS");
}

/// `readme` from the README file, one in Markdown first.
pub(super) fn add_readme(
    data: &mut Map<String, Value>,
    folder: Option<&dyn PackageFolder>,
    notes: &mut Notes,
) {
    let mut names = folder.map(|folder| folder.list("")).unwrap_or_default();
    names.retain(|name| {
        let lower = name.to_ascii_lowercase();
        !name.ends_with('/') && (lower == "readme" || lower.starts_with("readme."))
    });
    names.sort_unstable();
    let markdown = names.iter().find(|name| is_markdown(name));
    let chosen = markdown.or_else(|| names.iter().rfind(|name| name.ends_with("README")));
    let content = chosen.and_then(|name| Some((name, folder?.read(name)?)));
    if let Some((name, content)) = content {
        notes.changed("readme", format_args!("the content of {name}"));
        data.insert("readme".to_owned(), Value::from(content));
        data.insert("readmeFilename".to_owned(), Value::from(name.as_str()));
    }
    if truthy(data, "readme").is_none() {
        data.insert("readme".to_owned(), Value::from(NO_README));
    }
}

/// Whether what follows the last dot is `markdown` with any of its letters left out, `md` and nothing included.
fn is_markdown(name: &str) -> bool {
    let Some((_, extension)) = name.rsplit_once('.') else { return false };
    let mut letters = "markdown".chars();
    extension.chars().all(|c| letters.any(|letter| letter == c.to_ascii_lowercase()))
}

fn description(data: &mut Map<String, Value>, notes: &mut Notes) {
    if truthy(data, "description").is_some_and(|value| !value.is_string()) {
        data.shift_remove("description");
        notes.removed("description", "it is not a string");
    }
    let readme = truthy(data, "readme").and_then(Value::as_str).filter(|readme| *readme != NO_README);
    if let (Some(readme), None) = (readme, truthy(data, "description")) {
        let paragraph = first_paragraph(readme);
        data.insert("description".to_owned(), Value::from(paragraph));
    }
    if truthy(data, "description").is_none() {
        notes.doubted("description", "is missing");
    }
}

/// The first paragraph of a Markdown text that is no heading, on one line.
fn first_paragraph(text: &str) -> String {
    let lines: Vec<&str> = text.trim().split('\n').collect();
    let is_skipped = |line: &&&str| line.trim().is_empty() || line.trim().starts_with('#');
    let start = lines.iter().take_while(is_skipped).count();
    let mut paragraph = lines.into_iter().skip(start);
    let first = paragraph.next().into_iter();
    let rest = paragraph.take_while(|line| !line.trim().is_empty());
    first.chain(rest).collect::<Vec<_>>().join(" ").trim().to_owned()
}

fn files(data: &mut Map<String, Value>, notes: &mut Notes) {
    match data.get_mut("files") {
        Some(Value::Array(files)) => files.retain(|file| keep_text(file, "files", notes)),
        Some(other) if is_truthy(other) => {
            data.shift_remove("files");
            notes.removed("files", "it is not a list");
        }
        _ => {}
    }
}

/// Whether an item of a list is a string with something in it.
fn keep_text(item: &Value, list: &str, notes: &mut Notes) -> bool {
    let keep = item.as_str().is_some_and(|text| !text.is_empty());
    if !keep {
        notes.removed(format_args!("{list}[]"), "an item is not a string or is empty");
    }
    keep
}

fn bugs(data: &mut Map<String, Value>, notes: &mut Notes) {
    let bugs = match truthy(data, "bugs") {
        None => {
            if let Some(page) = repository::url(data).and_then(repository::bugs_page) {
                data.insert("bugs".to_owned(), one_member("url", page));
            }
            return;
        }
        Some(Value::String(text)) if is_email(text) => {
            Map::from_iter([("email".to_owned(), Value::from(text.as_str()))])
        }
        Some(Value::String(text)) if Url::parse(text).is_ok() => {
            Map::from_iter([("url".to_owned(), Value::from(text.as_str()))])
        }
        Some(Value::Object(bugs)) => bug_members(bugs, notes),
        Some(_) => Map::new(),
    };
    if bugs.is_empty() {
        data.shift_remove("bugs");
        notes.removed("bugs", "it has neither a url nor an email");
    } else {
        data.insert("bugs".to_owned(), Value::Object(bugs));
    }
}

fn bug_members(bugs: &Map<String, Value>, notes: &mut Notes) -> Map<String, Value> {
    let mut url = bugs.get("url");
    for (key, value) in bugs.iter().filter(|(key, _)| matches!(key.as_str(), "web" | "name")) {
        notes.doubted(format_args!("bugs.{key}"), "should be \"bugs.url\"");
        url = Some(value);
    }
    let mut members = Map::new();
    if let Some(url) = url.filter(|url| is_truthy(url)) {
        if Url::parse(&coerce(url)).is_ok() {
            members.insert("url".to_owned(), url.clone());
        } else {
            notes.removed("bugs.url", "it is not a URL");
        }
    }
    if let Some(email) = truthy(bugs, "email") {
        if email.as_str().is_some_and(is_email) {
            members.insert("email".to_owned(), email.clone());
        } else {
            notes.removed("bugs.email", "it is not a mail address");
        }
    }
    members
}

fn is_email(text: &str) -> bool {
    match (text.find('@'), text.rfind('.')) {
        (Some(at), Some(dot)) => at < dot,
        _ => false,
    }
}

fn one_member(key: &str, text: String) -> Value {
    Value::Object(Map::from_iter([(key.to_owned(), Value::from(text))]))
}

fn keywords(data: &mut Map<String, Value>, notes: &mut Notes) {
    if let Some(Value::String(text)) = data.get("keywords") {
        let words = split_keywords(text);
        data.insert("keywords".to_owned(), words);
    }
    match data.get_mut("keywords") {
        Some(Value::Array(words)) => words.retain(|word| keep_text(word, "keywords", notes)),
        Some(other) if is_truthy(other) => {
            data.shift_remove("keywords");
            notes.removed("keywords", "it is not a list");
        }
        _ => {}
    }
}

/// Splits at a comma with white space after it; a comma alone is part of a keyword.
fn split_keywords(text: &str) -> Value {
    let mut words = Vec::new();
    let mut start = 0;
    for (at, _) in text.match_indices(',') {
        let after = text.get(at + 1..).unwrap_or("");
        let space = after.len() - after.trim_start().len();
        if space > 0 && at >= start {
            words.push(Value::from(text.get(start..at).unwrap_or("")));
            start = at + 1 + space;
        }
    }
    words.push(Value::from(text.get(start..).unwrap_or("")));
    Value::Array(words)
}

fn bundled(data: &mut Map<String, Value>, notes: &mut Notes) {
    const KEY: &str = "bundleDependencies";
    if truthy(data, "bundledDependencies").is_some()
        && truthy(data, KEY).is_none()
        && let Some(bundled) = data.shift_remove("bundledDependencies")
    {
        data.insert(KEY.to_owned(), bundled);
    }
    let names = match data.get_mut(KEY) {
        Some(Value::Array(names)) => {
            names.retain(|name| keep_text(name, KEY, notes));
            names.iter().filter_map(Value::as_str).map(str::to_owned).collect::<Vec<_>>()
        }
        Some(other) if is_truthy(other) => {
            data.shift_remove(KEY);
            notes.removed(KEY, "it is not a list");
            return;
        }
        _ => return,
    };
    if names.is_empty() {
        return;
    }
    if truthy(data, "dependencies").is_none() {
        data.insert("dependencies".to_owned(), Value::Object(Map::new()));
    }
    let Some(Value::Object(dependencies)) = data.get_mut("dependencies") else { return };
    for name in names {
        if !dependencies.contains_key(&name) {
            notes.changed(format_args!("dependencies.{name}"), "\"*\", because it is to be bundled");
            dependencies.insert(name, Value::from("*"));
        }
    }
}

fn homepage(data: &mut Map<String, Value>, notes: &mut Notes) {
    if truthy(data, "homepage").is_none()
        && let Some(page) = repository::url(data).and_then(repository::home_page)
    {
        data.insert("homepage".to_owned(), Value::from(page));
    }
    match truthy(data, "homepage") {
        None => {}
        Some(Value::String(page)) if Url::parse(page).is_ok() => {}
        Some(Value::String(page)) => {
            let page = format!("http://{page}");
            data.insert("homepage".to_owned(), Value::from(page));
        }
        Some(_) => {
            data.shift_remove("homepage");
            notes.removed("homepage", "it is not a string");
        }
    }
}

fn license(data: &Map<String, Value>, notes: &mut Notes) {
    match truthy(data, "license").or_else(|| truthy(data, "licence")) {
        None => notes.doubted("license", "is missing"),
        Some(Value::String(license)) if is_valid_for_new_package(license) => {}
        Some(_) => notes.doubted("license", "is not a valid SPDX license expression"),
    }
}

fn people(data: &mut Map<String, Value>) {
    if let Some(author) = truthy(data, "author").map(Person::from_value) {
        data.insert("author".to_owned(), author.to_value());
    }
    for set in ["maintainers", "contributors"] {
        if let Some(Value::Array(people)) = data.get_mut(set) {
            for person in people {
                *person = Person::from_value(person).to_value();
            }
        }
    }
}

fn misspellings(data: &Map<String, Value>, notes: &mut Notes) {
    const MISSPELLINGS: [(&str, &str); 19] = [
        ("dependancies", "dependencies"),
        ("dependecies", "dependencies"),
        ("depdenencies", "dependencies"),
        ("devEependencies", "devDependencies"),
        ("depends", "dependencies"),
        ("dev-dependencies", "devDependencies"),
        ("devDependences", "devDependencies"),
        ("devDepenencies", "devDependencies"),
        ("devdependencies", "devDependencies"),
        ("repostitory", "repository"),
        ("repo", "repository"),
        ("prefereGlobal", "preferGlobal"),
        ("hompage", "homepage"),
        ("hampage", "homepage"),
        ("autohr", "author"),
        ("autor", "author"),
        ("contributers", "contributors"),
        ("publicationConfig", "publishConfig"),
        ("script", "scripts"),
    ];
    for (found, meant) in MISSPELLINGS {
        if data.contains_key(found) {
            notes.doubted(found, format_args!("should probably be \"{meant}\""));
        }
    }
}
