//! How `outdated` shows what it found: as a table, as JSON, as lines. Source: npm 11.19.1.

use package_manager::view::outdated::Outdated;
use serde_json::{Map, Value};

use crate::table::{Alignment, Table};
use crate::terminal::Terminal;

/// The table.
pub fn table(found: &[Outdated], long: bool, terminal: &Terminal) -> String {
    let mut head = vec!["Package", "Current", "Wanted", "Latest", "Location", "Depended by"];
    if long {
        head.extend(["Package Type", "Homepage", "Depended By Location"]);
    }
    let mut table = Table::new(&[Alignment::Left, Alignment::Right, Alignment::Right, Alignment::Right]);
    table.row(head.into_iter().map(|word| (word.to_owned(), Some("1;4"))));
    for each in found {
        let is_as_wanted = each.current.as_ref() == Some(&each.wanted);
        let dependent = match &each.workspace {
            Some(workspace) => (workspace.clone(), Some("34")),
            None => (each.dependent.clone(), None),
        };
        let mut cells = vec![
            (each.name.clone(), Some(if is_as_wanted { "33" } else { "31" })),
            (each.current.clone().unwrap_or_else(|| "MISSING".to_owned()), None),
            (each.wanted.clone(), Some("36")),
            (each.latest.clone(), Some("34")),
            (each.location.clone().unwrap_or_else(|| "-".to_owned()), None),
            dependent,
        ];
        if long {
            cells.push((each.section.to_owned(), None));
            cells.push((each.homepage.clone().unwrap_or_default(), Some("34")));
            cells.push((each.dependent_location.clone(), None));
        }
        table.row(cells);
    }
    table.draw(terminal)
}

/// One object; a name that is outdated more than once has a list.
pub fn json(found: &[Outdated], long: bool) -> Value {
    let mut all = Map::new();
    for each in found {
        let mut members = Map::new();
        let mut put = |key: &str, value: Option<&str>| {
            if let Some(value) = value {
                members.insert(key.to_owned(), value.into());
            }
        };
        put("current", each.current.as_deref());
        put("wanted", Some(&each.wanted));
        put("latest", Some(&each.latest));
        put("dependent", Some(&each.dependent));
        put("location", each.path.as_deref());
        if long {
            put("type", Some(each.section));
            put("homepage", each.homepage.as_deref());
            put("dependedByLocation", Some(&each.dependent_location));
        }
        let next = Value::Object(members);
        match all.get_mut(&each.name) {
            None => drop(all.insert(each.name.clone(), next)),
            Some(Value::Array(list)) => list.push(next),
            Some(one) => *one = Value::Array(vec![one.take(), next]),
        }
    }
    Value::Object(all)
}

/// `path:name@wanted:name@current:name@latest:dependent`, one a line.
pub fn lines(found: &[Outdated], long: bool) -> String {
    let line = |each: &Outdated| {
        let name = &each.name;
        let current = each.current.as_ref().map(|current| format!("{name}@{current}"));
        let mut parts = vec![
            each.path.clone().unwrap_or_default(),
            format!("{name}@{}", each.wanted),
            current.unwrap_or_else(|| "MISSING".to_owned()),
            format!("{name}@{}", each.latest),
            each.dependent.clone(),
        ];
        if long {
            parts.push(each.section.to_owned());
            parts.push(each.homepage.clone().unwrap_or_default());
            parts.push(each.dependent_location.clone());
        }
        parts.join(":")
    };
    found.iter().map(line).collect::<Vec<_>>().join("\n")
}
