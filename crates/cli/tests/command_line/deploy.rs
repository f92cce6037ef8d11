//! The examples of how a registry is run: what they call and set exists.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use registry_server::settings::RegistrySettings;

use crate::sandbox::Sandbox;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy")
}

fn read(name: &str) -> String {
    fs::read_to_string(folder().join(name)).expect("an example")
}

/// The blocks of a language in a page.
fn blocks<'a>(page: &'a str, language: &str) -> Vec<&'a str> {
    let begin = format!("```{language}\n");
    page.split(&*begin).skip(1).map(|rest| rest.split("```").next().unwrap_or_default()).collect()
}

#[test]
fn settings_in_examples_are_accepted() {
    let page = read("README.md");
    let examples = blocks(&page, "toml");
    assert!(examples.len() > 1);
    for example in examples {
        let environment = |_: &str| Some("secret".to_owned());
        let settings = RegistrySettings::parse(Path::new("/etc/knit/registry.toml"), example, &environment);
        assert!(settings.is_ok(), "{}: {example}", settings.expect_err("refused"));
    }
}

#[test]
fn commands_in_examples_exist() {
    let mut lines: Vec<String> = Vec::new();
    for name in ["knit-registry.service", "knit-registry-backup.service"] {
        let unit = read(name);
        let started = unit.lines().filter_map(|line| line.strip_prefix("ExecStart=/usr/local/bin/knit "));
        lines.extend(started.map(str::to_owned));
    }
    let container = read("Containerfile");
    let words = |key: &str| {
        let line = container.lines().find_map(|line| line.strip_prefix(key)).expect("a line of it");
        serde_json::from_str::<Vec<String>>(line).expect("a list")
    };
    lines.push([words("ENTRYPOINT ")[1..].join(" "), words("CMD ").join(" ")].join(" "));
    let page = read("README.md");
    for line in blocks(&page, "sh").into_iter().flat_map(str::lines) {
        // a shorthand that the page explains stands for `knit registry` and its settings
        let is_shorthand = line.starts_with("registry ");
        let called = line.split_once("knit registry ").map(|(_, rest)| rest);
        lines.extend(called.or(line.strip_prefix("registry ")).map(|rest| format!("registry {rest}")));
        assert!(!is_shorthand || !line.contains('|'), "{line}");
    }
    assert!(lines.len() > 12, "{lines:?}");
    let help = Sandbox::new().knit(&["registry", "--help"]);
    let known: BTreeSet<&str> = help.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-')).collect();
    for line in lines {
        let mut words = line.split('#').next().unwrap_or_default().split_whitespace().skip(1);
        let action = words.next().expect("an action");
        // an alias goes on with options
        let is_action = action.starts_with('-') || help.contains(&format!("\n  knit registry {action}"));
        assert!(is_action, "{line}");
        for option in words.filter(|word| word.starts_with("--")) {
            assert!(known.contains(option.trim_end_matches('\'')), "{line}");
        }
    }
}

#[test]
fn units_are_ones() {
    let sandbox = Sandbox::new();
    for item in fs::read_dir(folder()).expect("a folder").map(|item| item.expect("a file")) {
        let name = item.file_name().to_string_lossy().into_owned();
        if name.ends_with(".service") || name.ends_with(".timer") {
            // what it starts has to be there
            let unit = read(&name).replace("/usr/local/bin/knit", env!("CARGO_BIN_EXE_knit"));
            sandbox.file(&format!("units/{name}"), &unit);
        }
    }
    let units = sandbox.path("units");
    let names = fs::read_dir(&units).expect("a folder").map(|item| item.expect("a file").path());
    let Ok(told) = Command::new("systemd-analyze").arg("verify").args(names).output() else {
        return eprintln!("SKIPPED, nothing was verified: there is no systemd-analyze");
    };
    // it also tells of units that these ones only name, and that are not there
    let told = String::from_utf8_lossy(&told.stderr).into_owned();
    let about: Vec<&str> = told.lines().filter(|line| line.contains("knit")).collect();
    assert!(about.is_empty(), "{}", about.join("\n"));
}
