//! `diff` against npm itself, byte for byte. Held against npm 11.19.1.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::json;
use test_support::{FixturePackage, TestRegistry};

/// Command lines to compare, without `diff`.
const LINES: &[&str] = &[
    "",
    "--diff=1.0.0",
    "--diff=demo@1.0.0 --diff=demo@2.0.0",
    "--diff=1.0.0 --diff=2.0.0",
    "--diff=demo@1.0.0 --diff=2.0.0 --diff-name-only",
    "--diff=1.0.0 --diff=2.0.0 --diff-unified=0",
    "--diff=1.0.0 --diff=2.0.0 --diff-unified=1",
    "--diff=1.0.0 --diff=2.0.0 --diff-ignore-all-space",
    "--diff=1.0.0 --diff=2.0.0 --diff-no-prefix",
    "--diff=1.0.0 --diff=2.0.0 --diff-src-prefix=old/ --diff-dst-prefix=new/",
    "--diff=1.0.0 --diff=2.0.0 lib",
    "--diff=1.0.0 --diff=2.0.0 ./lib/ README.md",
    "--diff=1.0.0 --diff=2.0.0 *.md",
    "--diff=1.0.0 --diff=2.0.0 package.json",
    "--diff=1.0.0 --diff=1.0.0",
    "--diff=dep",
    "--diff=dep@1.1.0",
    "--diff=dep --diff=dep@1.0.0",
    "--tag=next",
    "--diff=./other",
];

fn numbered(lines: std::ops::Range<usize>, change: impl Fn(usize) -> Option<String>) -> String {
    lines.map(|number| change(number).unwrap_or_else(|| format!("line {number}\n"))).collect()
}

fn registry() -> TestRegistry {
    let first = numbered(0..40, |_| None);
    let second = numbered(0..40, |number| match number {
        3 => Some("changed\n".to_owned()),
        10 => Some(String::new()),
        17 => Some("  line 17\n".to_owned()),
        30 => Some("line 30\nadded\nadded too\n".to_owned()),
        39 => Some("line 39".to_owned()),
        _ => None,
    });
    // in the order in which npm packs files
    let own = |name: &str, version: &str| {
        format!("{{\n  \"name\": \"{name}\",\n  \"version\": \"{version}\"\n}}\n")
    };
    TestRegistry::with([
        FixturePackage::new("demo", "1.0.0")
            .file("lib/gone.js", "gone\n")
            .file("lib/long.js", &first)
            .file("run.js", "run\n")
            .file("package.json", own("demo", "1.0.0"))
            .file("README.md", "# demo\n")
            .file("logo.png", "\u{1}one"),
        FixturePackage::new("demo", "2.0.0")
            .file("lib/long.js", &second)
            .file("lib/new.js", "new\nnew\n")
            .executable("run.js", "run\n")
            .file("package.json", own("demo", "2.0.0"))
            .file("README.md", "# demo\n\nMore.\n")
            .file("logo.png", "\u{1}two"),
        FixturePackage::new("demo", "3.0.0-beta.1")
            .tag("next")
            .file("package.json", own("demo", "3.0.0-beta.1"))
            .file("README.md", "# next\n"),
        FixturePackage::new("dep", "1.0.0")
            .file("index.js", "one\n")
            .file("package.json", own("dep", "1.0.0")),
        FixturePackage::new("dep", "1.1.0")
            .file("index.js", "two\n")
            .file("package.json", own("dep", "1.1.0")),
    ])
}

#[test]
fn differences_are_those_of_npm() {
    if let Err(reason) = test_support::oracle::Npm::start() {
        eprintln!("SKIPPED, nothing was compared: {reason}");
        return;
    }
    let registry = registry();
    let folder = tempfile::tempdir().expect("a folder");
    let project = folder.path().canonicalize().expect("its real path").join("project");
    let write = |path: &str, text: &str| {
        let path = project.join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("written");
    };
    let manifest = json!({ "name": "demo", "version": "2.0.1", "dependencies": { "dep": "1.0.0" } });
    write("package.json", &format!("{}\n", serde_json::to_string_pretty(&manifest).expect("JSON")));
    write("README.md", "# demo\n\nMore here.\n");
    write("lib/long.js", &numbered(0..40, |number| (number == 20).then(|| "twenty\n".to_owned())));
    write("other/package.json", "{\"name\":\"other\",\"version\":\"0.1.0\"}\n");
    write("other/README.md", "# other\n");
    let installed = run("npm", &project, &registry, "install --no-audit");
    assert!(!installed.contains("exit: Some(1)"), "{installed}");
    let manifest = json!({ "name": "demo", "version": "2.0.1", "dependencies": { "dep": "^1.0.0" } });
    write("package.json", &format!("{}\n", serde_json::to_string_pretty(&manifest).expect("JSON")));
    let differences: Vec<String> = LINES
        .iter()
        .filter_map(|line| {
            let [theirs, ours] =
                ["npm", "knit"].map(|who| run(who, &project, &registry, &format!("diff {line}")));
            (theirs != ours).then(|| format!("diff {line}\n--- npm\n{theirs}\n--- knit\n{ours}"))
        })
        .collect();
    assert!(differences.is_empty(), "{}", differences.join("\n\n"));
}

fn run(who: &str, project: &Path, registry: &TestRegistry, line: &str) -> String {
    let program = if who == "npm" { "npm" } else { env!("CARGO_BIN_EXE_knit") };
    let home = project.join("../home").join(who);
    fs::create_dir_all(&home).expect("a home");
    let path = std::env::var_os("PATH").unwrap_or_default();
    let output = Command::new(program)
        .args(line.split_whitespace())
        .current_dir(project)
        .env_clear()
        .envs([("PATH", &*path), ("HOME", home.as_os_str())])
        .env("npm_config_registry", registry.url())
        .env("npm_config_update_notifier", "false")
        .stdin(Stdio::null())
        .output()
        .expect("it runs");
    let stdout = String::from_utf8_lossy(&output.stdout);
    let stderr = if output.status.success() { "".into() } else { String::from_utf8_lossy(&output.stderr) };
    format!("exit: {:?}\n{stdout}{stderr}", output.status.code())
}
