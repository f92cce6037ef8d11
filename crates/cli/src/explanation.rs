//! How `explain` says why a package is installed: npm's text, and below it the shortest way from the root.
//! Source: npm 11.19.1.

use dependency_resolver::{DependencyExplanation, Explanation};
use package_manager::view::explain::Reason;
use serde_json::Value;

use crate::terminal::Terminal;

/// npm's object.
pub fn json(reason: &Reason) -> Value {
    let mut value = serde_json::to_value(&reason.explanation).unwrap_or_default();
    if let Some(members) = value.as_object_mut() {
        if reason.extraneous {
            members.insert("extraneous".into(), true.into());
        } else {
            for (key, is_so) in [
                ("dev", reason.dev),
                ("optional", reason.optional),
                ("devOptional", reason.dev_optional),
                ("peer", reason.peer),
                ("bundled", reason.bundled),
                ("overridden", reason.overridden),
            ] {
                members.insert(key.into(), is_so.into());
            }
        }
    }
    value
}

/// The text for people.
pub fn text(reason: &Reason, terminal: &Terminal) -> String {
    let marks = [
        ("extraneous", reason.extraneous),
        ("dev", reason.dev && !reason.extraneous),
        ("optional", reason.optional && !reason.extraneous),
        ("peer", reason.peer && !reason.extraneous),
        ("bundled", reason.bundled && !reason.extraneous),
        ("overridden", reason.overridden && !reason.extraneous),
    ];
    let marks: Vec<&str> = marks.into_iter().filter(|(_, is_so)| *is_so).map(|(mark, _)| mark).collect();
    let mut teller = Teller { terminal, on_the_way: Vec::new() };
    let mut text = teller.package(&reason.explanation, &marks);
    text.push_str(&teller.dependents(&reason.explanation));
    text.push_str(&teller.links(&reason.explanation));
    if reason.way.len() > 1 {
        let way = format!("shortest way: the root project > {}", reason.way.join(" > "));
        text.push_str(&format!("\n{}", terminal.dim(&way)));
    }
    text
}

struct Teller<'a> {
    terminal: &'a Terminal,
    /// What is being explained, to break cycles.
    on_the_way: Vec<String>,
}

impl Teller<'_> {
    fn package(&self, package: &Explanation, marks: &[&str]) -> String {
        let mut text = self.name(package);
        for mark in marks {
            text.push(' ');
            text.push_str(&self.coloured(mark));
        }
        if let Some(location) = package.location.as_deref().filter(|location| !location.is_empty()) {
            // each line of its own, so that indentation does not stand inside the colour
            text.push('\n');
            text.push_str(&self.terminal.dim(location));
        }
        text
    }

    fn name(&self, package: &Explanation) -> String {
        let Some(name) = &package.name else { return "the root project".to_owned() };
        let id = format!("{name}@{}", package.version.as_deref().unwrap_or("undefined"));
        if package.is_workspace == Some(true) { self.terminal.paint("94", &id) } else { id }
    }

    fn coloured(&self, kind: &str) -> String {
        let colour = match kind {
            "extraneous" => "31",
            "dev" => "34",
            "optional" => "35",
            "peer" => "95",
            "bundled" => "4;36",
            "workspace" => "94",
            "overridden" => "2",
            _ => return kind.to_owned(),
        };
        self.terminal.paint(colour, kind)
    }

    fn dependents(&mut self, package: &Explanation) -> String {
        let dependents = package.dependents.as_deref().unwrap_or_default();
        let told: Vec<String> = dependents.iter().map(|dependency| self.dependency(dependency)).collect();
        indented(&told)
    }

    fn links(&mut self, package: &Explanation) -> String {
        let told: Vec<String> = package
            .links_in
            .iter()
            .map(|link| {
                let head = self.package(link, &[]);
                format!("{head}{}{}", self.dependents(link), self.links(link))
            })
            .collect();
        indented(&told)
    }

    fn dependency(&mut self, dependency: &DependencyExplanation) -> String {
        let mut text = String::new();
        if dependency.kind != "prod" {
            text.push_str(&format!("{} ", self.coloured(dependency.kind)));
        }
        if dependency.bundled {
            text.push_str(&format!("{} ", self.coloured("bundled")));
        }
        let asked = if dependency.kind == "workspace" {
            let from = dependency.from.location.as_deref().unwrap_or_default();
            let folder = dependency.spec.strip_prefix("file:").unwrap_or(&dependency.spec);
            let folder = folder.strip_prefix(from).unwrap_or(folder).trim_start_matches('/');
            self.terminal.bold(folder)
        } else {
            format!("{}@\"{}\"", dependency.name, dependency.spec)
        };
        text.push_str(&match &dependency.raw_spec {
            Some(was) if dependency.overridden => {
                format!("{} {asked} (was \"{was}\")", self.coloured("overridden"))
            }
            _ => asked,
        });
        text.push_str(" from ");
        text.push_str(&self.dependent(&dependency.from));
        text
    }

    fn dependent(&mut self, from: &Explanation) -> String {
        if from.name.is_none() && from.version.is_none() {
            return "the root project".to_owned();
        }
        let id = format!("{:?}@{:?}:{:?}", from.name, from.version, from.location);
        let mut text = self.package(from, &[]);
        if self.on_the_way.contains(&id) {
            return text;
        }
        self.on_the_way.push(id);
        text.push_str(&self.dependents(from));
        text.push_str(&self.links(from));
        self.on_the_way.pop();
        text
    }
}

fn indented(told: &[String]) -> String {
    if told.is_empty() {
        return String::new();
    }
    format!("\n{}", told.join("\n")).replace('\n', "\n  ")
}
