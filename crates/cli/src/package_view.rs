//! How `view` shows a package: a page for people, fields for scripts, JSON. Source of the latter two: npm 11.19.1.

use diagnostics::Style;
use package_manager::view::packument::{Fields, Viewed};
use serde_json::{Map, Value};

use crate::cache_view::bytes;
use crate::inspect;
use crate::terminal::Terminal;

const MOST_DEPENDENCIES: usize = 24;
const MOST_TAGS: usize = 5;

/// A page for each version.
pub fn page(viewed: &Viewed, terminal: &Terminal) -> String {
    let pages: Vec<String> = viewed
        .versions
        .iter()
        .map(|(_, manifest)| Page { packument: &viewed.packument, manifest, terminal }.draw())
        .collect();
    pages.join("\n\n")
}

struct Page<'a> {
    packument: &'a Map<String, Value>,
    manifest: &'a Map<String, Value>,
    terminal: &'a Terminal,
}

impl Page<'_> {
    fn draw(&self) -> String {
        let mut lines = self.head();
        let mut fact = |label: &str, value: Option<String>| {
            lines.extend(value.map(|value| format!("{} {value}", self.terminal.bold(&format!("{label}:")))));
        };
        fact("keywords", self.keywords());
        fact("programs", self.names_of("bin"));
        fact("published", self.published());
        fact("tarball", self.dist("tarball"));
        fact("integrity", self.dist("integrity").or_else(|| self.dist("shasum")));
        let size = self.manifest.get("dist").and_then(|dist| dist.get("unpackedSize")?.as_u64());
        fact("unpacked", size.map(bytes));
        fact("maintainers", self.maintainers());
        lines.extend(self.dependencies());
        lines.extend(self.tags());
        lines.join("\n")
    }

    fn text(&self, key: &str) -> Option<&str> {
        self.manifest.get(key)?.as_str().filter(|text| !text.is_empty())
    }

    fn head(&self) -> Vec<String> {
        let terminal = self.terminal;
        let id = format!("{}@{}", self.text("name").unwrap_or("?"), self.text("version").unwrap_or("?"));
        let license = self.manifest.get("license").map_or("no license", |license| {
            license.as_str().or_else(|| license.get("type")?.as_str()).unwrap_or("no license")
        });
        let versions = self.packument.get("versions").and_then(Value::as_array).map_or(0, Vec::len);
        let of_how_many =
            if versions == 1 { "its only version".to_owned() } else { format!("{versions} versions") };
        let mut lines = vec![format!("{}, {license}, {of_how_many}", terminal.paint("1;36", &id))];
        if let Some(notice) = self.text("deprecated") {
            lines.push(format!("{} {notice}", terminal.paint("1;31", "deprecated:")));
        }
        lines.extend(self.text("description").map(str::to_owned));
        let homepage = self.manifest.get("homepage");
        let homepage = homepage.and_then(|page| page.as_str().or_else(|| page.get("url")?.as_str()));
        lines.extend(homepage.map(|page| terminal.paint("34", page)));
        lines.push(String::new());
        lines
    }

    fn dist(&self, key: &str) -> Option<String> {
        Some(self.manifest.get("dist")?.get(key)?.as_str()?.to_owned())
    }

    fn keywords(&self) -> Option<String> {
        match self.packument.get("keywords").or_else(|| self.manifest.get("keywords"))? {
            Value::String(text) if !text.is_empty() => Some(text.clone()),
            Value::Array(words) => joined(words.iter().filter_map(Value::as_str)),
            _ => None,
        }
    }

    fn names_of(&self, key: &str) -> Option<String> {
        joined(self.manifest.get(key)?.as_object()?.keys().map(String::as_str))
    }

    fn published(&self) -> Option<String> {
        let time = self.packument.get("time").and_then(|times| times.get(self.text("version")?)?.as_str());
        let by = self.manifest.get("_npmUser").and_then(person).map(|person| format!("by {person}"));
        let parts: Vec<String> = time.map(str::to_owned).into_iter().chain(by).collect();
        (!parts.is_empty()).then(|| parts.join(" "))
    }

    fn maintainers(&self) -> Option<String> {
        let people: Vec<String> =
            self.packument.get("maintainers")?.as_array()?.iter().filter_map(person).collect();
        joined(people.iter().map(String::as_str))
    }

    fn dependencies(&self) -> Vec<String> {
        let entries = self.manifest.get("dependencies").and_then(Value::as_object);
        let Some(entries) = entries.filter(|entries| !entries.is_empty()) else {
            return vec![String::new(), "no dependencies".to_owned()];
        };
        let rows: Vec<(&str, &str)> =
            entries.iter().map(|(name, spec)| (name.as_str(), spec.as_str().unwrap_or("?"))).collect();
        self.list(&format!("dependencies ({})", rows.len()), &rows, MOST_DEPENDENCIES)
    }

    /// `latest` first, then the newest.
    fn tags(&self) -> Vec<String> {
        let Some(tags) = self.packument.get("dist-tags").and_then(Value::as_object) else {
            return Vec::new();
        };
        let times = self.packument.get("time");
        let time = |version: &str| times.and_then(|times| times.get(version)?.as_str()).unwrap_or_default();
        let mut rows: Vec<(&str, &str)> =
            tags.iter().map(|(tag, version)| (tag.as_str(), version.as_str().unwrap_or("?"))).collect();
        rows.sort_by(|a, b| {
            (b.0 == "latest")
                .cmp(&(a.0 == "latest"))
                .then_with(|| time(b.1).cmp(time(a.1)))
                .then_with(|| a.0.cmp(b.0))
        });
        self.list("tags", &rows, MOST_TAGS)
    }

    fn list(&self, title: &str, rows: &[(&str, &str)], most: usize) -> Vec<String> {
        let mut lines = vec![String::new(), self.terminal.bold(title)];
        let shown = rows.iter().take(most);
        lines.extend(shown.map(|(name, what)| format!("  {} {what}", self.terminal.paint("34", name))));
        if rows.len() > most {
            lines.push(self.terminal.dim(&format!("  and {} more", rows.len() - most)));
        }
        lines
    }
}

fn joined<'a>(words: impl Iterator<Item = &'a str>) -> Option<String> {
    let words: Vec<&str> = words.collect();
    (!words.is_empty()).then(|| words.join(", "))
}

/// `name <email> (url)` of an object that says no more than that.
fn person(value: &Value) -> Option<String> {
    let members = value.as_object()?;
    let text = |key: &str| members.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
    let mut person = text("name")?.to_owned();
    person.extend(text("email").map(|email| format!(" <{email}>")));
    person.extend(text("url").map(|url| format!(" ({url})")));
    Some(person)
}

/// People are shown as texts, wherever they stand.
fn shortened(value: Value) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(shortened).collect(),
        Value::Object(members) => {
            let has = |key: &str| members.contains_key(key);
            let is_person = has("name")
                && match members.len() {
                    1 => true,
                    2 => has("email") || has("url"),
                    3 => (has("email") && has("url")) || has("trustedPublisher"),
                    _ => false,
                };
            let value = Value::Object(members);
            if is_person { person(&value).map_or(value, Value::String) } else { value }
        }
        other => other,
    }
}

/// Everything, of one version an object and of several a list.
pub fn whole_json(viewed: &Viewed) -> Option<Value> {
    let whole = viewed.versions.iter().map(|(_, members)| {
        let members = members.iter().map(|(key, value)| (key.clone(), shortened(value.clone())));
        Value::Object(members.collect())
    });
    single_or_list(whole.collect())
}

/// One field is its value, several are an object; of several versions a list of these.
pub fn fields_json(rows: Vec<Fields>) -> Option<Value> {
    let is_single = rows.first().is_some_and(|(_, fields)| fields.len() == 1);
    let first = rows.first().and_then(|(_, fields)| fields.first()).map(|(name, _)| name.clone());
    let values = rows.into_iter().filter_map(|(_, fields)| {
        let mut members: Map<String, Value> =
            fields.into_iter().map(|(name, value)| (name, shortened(value))).collect();
        if is_single { members.remove(first.as_deref()?) } else { Some(Value::Object(members)) }
    });
    single_or_list(values.collect())
}

fn single_or_list(mut values: Vec<Value>) -> Option<Value> {
    match values.len() {
        0 => None,
        1 => values.pop(),
        _ => Some(Value::Array(values)),
    }
}

/// A line a field; a text that stands alone as it is, everything else as Node prints it.
pub fn fields_text(name: &str, rows: &[Fields], style: Style) -> String {
    let has_versions = rows.len() > 1;
    let mut has_fields = false;
    let mut lines = Vec::new();
    for (version, fields) in rows {
        has_fields |= fields.len() > 1;
        for (field, value) in fields {
            let value = shortened(value.clone());
            let shown = match &value {
                Value::String(text) if !has_versions && !has_fields => text.clone(),
                value => inspect::value(value, style),
            };
            let version = if has_versions { format!("{name}@{version} ") } else { String::new() };
            let field = if has_fields { format!("{field} = ") } else { String::new() };
            lines.push(format!("{version}{field}{shown}"));
        }
    }
    lines.join("\n").trim().to_owned()
}
