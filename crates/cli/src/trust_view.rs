//! How trusted pipelines are shown.

use package_manager::trust::{self, Permission, TrustedPublisher};
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
pub fn plan(
    invocation: &Invocation<'_>,
    package: &str,
    publisher: &TrustedPublisher,
    permissions: &[Permission],
) {
    let (provider, who) = publisher.provider();
    say(invocation, &format!("Establishing trust between {package} package and {provider}"));
    say(invocation, &format!("{who} can publish to {package}"));
    say(invocation, "Two-factor authentication is required for this operation");
    let relation = publisher.relation(permissions);
    let mut settings = vec![("package", Value::from(package))];
    settings.extend(trust::settings(&relation));
    settings.extend(relation.get("permissions").map(|words| ("permissions", words.clone())));
    say(invocation, "");
    show(invocation, &settings);
    say(invocation, "");
    let pages = publisher.pages();
    pages.iter().for_each(|page| say(invocation, page));
    if !pages.is_empty() {
        say(invocation, "");
    }
}

/// Relations as the registry has them, a line each setting; with `--json` an object each, as npm prints them.
pub fn relations(invocation: &Invocation<'_>, package: &str, found: &[Map<String, Value>]) {
    if found.is_empty() {
        say(invocation, &format!("No trust configurations found for package ({package})"));
        return;
    }
    for relation in found {
        let member = |name: &'static str| relation.get(name).map(|value| (name, value.clone()));
        let head = ["type", "id"].into_iter().filter_map(member);
        let settings = head.chain(trust::settings(relation)).chain(member("permissions"));
        invocation.terminal.print("");
        show(invocation, &settings.collect::<Vec<_>>());
    }
    invocation.terminal.print("");
}

fn show(invocation: &Invocation<'_>, settings: &[(&str, Value)]) {
    let terminal = invocation.terminal;
    if terminal.json {
        let object = settings.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        terminal.print_json(&Value::Object(object));
        return;
    }
    let line = |name: &str, value: &str| {
        terminal.print(format!("{name}: {}", terminal.paint("32", value)));
    };
    for (name, value) in settings {
        match (*name, value) {
            ("permissions", words) => line(name, &permissions(words)),
            // as they are typed
            ("claims", Value::Object(claims)) => {
                for (claim, value) in claims {
                    let values = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
                    values.iter().for_each(|value| line("claim", &format!("{claim}={}", print(value))));
                }
            }
            (name, value) => line(name, &print(value)),
        }
    }
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
