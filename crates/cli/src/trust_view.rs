//! How trusted pipelines are shown.

use package_manager::trust::{self, Pipeline};
use serde_json::{Map, Value};

use crate::commands::Invocation;
use crate::javascript_text::print;

/// A line beside the answer: not with `--json`.
pub fn say(invocation: &Invocation<'_>, text: &str) {
    if !invocation.terminal.json {
        invocation.terminal.print(text);
    }
}

/// What is about to be trusted.
pub fn plan(invocation: &Invocation<'_>, package: &str, pipeline: &Pipeline) {
    let (provider, entity) = pipeline.provider();
    say(invocation, &format!("Establishing trust between {package} package and {provider}"));
    say(invocation, &format!("Anyone with {entity} write access can publish to {package}"));
    say(invocation, "Two-factor authentication is required for this operation");
    pipeline.pages().iter().for_each(|page| say(invocation, page));
}

/// Relations as the registry has them, a line each setting.
pub fn relations(invocation: &Invocation<'_>, package: &str, found: &[Map<String, Value>]) {
    let terminal = invocation.terminal;
    if terminal.json {
        terminal.print_json(&found.iter().map(as_json).collect());
        return;
    }
    if found.is_empty() {
        terminal.print(format!("No trust configurations found for package ({package})"));
        return;
    }
    for relation in found {
        terminal.print("");
        for (name, value) in as_json(relation).as_object().into_iter().flatten() {
            let value = if name == "permissions" { permissions(value) } else { print(value) };
            terminal.print(format!("{name}: {}", terminal.paint("32", &value)));
        }
    }
    terminal.print("");
}

/// `id`, `type`, the settings, `permissions`.
fn as_json(relation: &Map<String, Value>) -> Value {
    let member = |name: &'static str| relation.get(name).map(|value| (name, value.clone()));
    let head = ["type", "id"].into_iter().filter_map(member);
    let all = head.chain(trust::settings(relation)).chain(member("permissions"));
    Value::Object(all.map(|(name, value)| (name.to_owned(), value)).collect())
}

/// The words of the options that give them.
fn permissions(value: &Value) -> String {
    let words = value.as_array().into_iter().flatten().map(|word| match word.as_str() {
        Some("createPackage") => "publish".to_owned(),
        Some("createStagedPackage") => "stage publish".to_owned(),
        _ => print(word),
    });
    words.collect::<Vec<_>>().join(", ")
}
