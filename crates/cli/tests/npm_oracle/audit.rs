//! `audit` and `audit fix` against npm itself: the same page, the same JSON, the same exit code, and the same lockfile
//! and package.json afterwards. Held against npm 11.19.1.

use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::{fs, iter};

use serde_json::{Value, json};
use test_support::{FixturePackage, TestRegistry};

/// A project, and what is known of it.
struct Scenario {
    name: &'static str,
    /// Published before the project was installed.
    before: Vec<FixturePackage>,
    /// Published afterwards.
    after: Vec<FixturePackage>,
    /// package.json of the project and of its workspaces, by folder.
    manifests: Vec<(&'static str, Value)>,
    advisories: Value,
    /// Command lines to compare, without `audit`.
    runs: &'static [&'static str],
    /// Whether what is said after a fix can be compared. npm keeps what it worked out about dependents, and says
    /// something else about overridden ones the second time.
    says_the_same_twice: bool,
}

const REPORTS: &[&str] = &["", "--json", "--audit-level=critical", "--omit=dev"];
const FIXES: &[&str] =
    &["fix --package-lock-only", "fix --package-lock-only --force", "fix", "fix --dry-run", "fix --json"];

fn package(name: &str, version: &str, dependencies: &[(&str, &str)]) -> FixturePackage {
    let package = FixturePackage::new(name, version);
    dependencies.iter().fold(package, |package, (name, spec)| package.dependency(name, spec))
}

fn advisory(id: u32, severity: &str, range: &str) -> Value {
    json!({
        "id": id, "url": format!("https://advisories.example/{id}"), "title": format!("Problem {id}"),
        "severity": severity, "vulnerable_versions": range, "cwe": ["CWE-1"],
        "cvss": { "score": 5.5, "vectorString": null },
    })
}

fn project(dependencies: Value) -> Vec<(&'static str, Value)> {
    vec![("", json!({ "name": "project", "version": "1.0.0", "dependencies": dependencies }))]
}

fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario {
            name: "a newer version is in range, of several advisories",
            before: vec![package("a", "1.0.0", &[]), package("b", "1.0.0", &[("a", "^1.0.0")])],
            after: vec![package("a", "1.0.4", &[]), package("a", "1.1.0", &[]), package("a", "2.0.0", &[])],
            manifests: project(json!({ "a": "^1.0.0", "b": "1" })),
            advisories: json!({ "a": [advisory(7, "moderate", "<1.0.4"), advisory(12, "critical", ">=1.0.0 <1.1.0")] }),
            runs: REPORTS,
            says_the_same_twice: true,
        },
        Scenario {
            name: "three levels, fixed by a major version",
            before: vec![
                package("low", "1.0.0", &[]),
                package("mid", "1.0.0", &[("low", "~1.0.0")]),
                package("mid", "1.1.0", &[("low", "~1.0.0")]),
                package("top", "1.0.0", &[("mid", "^1.0.0")]),
                package("side", "1.0.0", &[("mid", "1"), ("low", "*")]),
            ],
            after: vec![
                package("low", "2.0.0", &[]),
                package("mid", "2.0.0", &[("low", "^2.0.0")]),
                package("top", "2.0.0", &[("mid", "^2.0.0")]),
                package("side", "1.1.0", &[("low", "2")]),
            ],
            manifests: project(json!({ "top": "^1.0.0", "side": "^1.0.0" })),
            advisories: json!({ "low": [advisory(1, "high", "<2.0.0")] }),
            runs: REPORTS,
            says_the_same_twice: true,
        },
        Scenario {
            name: "no fix, and a fix outside the range",
            before: vec![
                package("x", "1.0.0", &[]),
                package("y", "1.0.0", &[]),
                package("z", "1.0.0", &[("x", "1")]),
            ],
            after: vec![package("y", "1.0.1", &[])],
            manifests: project(json!({ "x": "^1.0.0", "y": "1.0.0", "z": "*" })),
            advisories: json!({ "x": [advisory(3, "low", "*")], "y": [advisory(4, "info", "<=1.0.0")] }),
            runs: REPORTS,
            says_the_same_twice: true,
        },
        Scenario {
            name: "prereleases",
            before: vec![
                package("p", "1.0.0-beta.1", &[]),
                package("p", "1.0.0-beta.2", &[]),
                package("p", "1.0.0", &[]),
                package("p", "1.1.0-rc.1", &[]),
                package("q", "1.0.0-alpha.1", &[("p", "1.0.0-beta.1")]),
                package("q", "1.0.0-alpha.2", &[("p", "^1.0.0-beta.1")]),
                package("q", "1.0.0", &[("p", "1.0.0-beta.2")]),
                package("q", "1.0.1-alpha.1", &[("p", "1.0.0")]),
            ],
            after: vec![
                package("p", "1.1.0", &[]),
                package("q", "1.0.1", &[("p", "1.0.0")]),
                package("q", "1.0.2", &[("p", "~1.0.0")]),
                package("q", "1.0.3-alpha.1", &[("p", "1.1.0")]),
                package("q", "1.0.3", &[("p", "^1.0.0")]),
            ],
            manifests: project(json!({ "q": "1.0.0", "p": "1.1.0-rc.1" })),
            advisories: json!({ "p": [advisory(5, "moderate", ">=1.0.0-beta.2 <1.1.0")] }),
            runs: REPORTS,
            says_the_same_twice: true,
        },
        Scenario {
            name: "bundled, development only and optional",
            before: vec![
                package("inner", "1.0.0", &[]),
                package("carrier", "1.0.0", &[("inner", "^1.0.0")])
                    .bundled("inner")
                    .file("node_modules/inner/package.json", r#"{"name":"inner","version":"1.0.0"}"#),
                package("tool", "1.0.0", &[("inner", "^1.0.0")]),
                FixturePackage::new("maybe", "1.0.0").optional_dependency("inner", "1"),
            ],
            after: vec![package("inner", "1.0.1", &[])],
            manifests: vec![(
                "",
                json!({
                    "name": "project", "version": "1.0.0", "dependencies": { "carrier": "1" },
                    "devDependencies": { "tool": "1" }, "optionalDependencies": { "maybe": "1" },
                }),
            )],
            advisories: json!({ "inner": [advisory(6, "high", "<1.0.1")] }),
            runs: REPORTS,
            says_the_same_twice: true,
        },
        Scenario {
            name: "workspaces",
            before: vec![package("a", "1.0.0", &[]), package("b", "1.0.0", &[("a", "1.0.0")])],
            after: vec![package("a", "1.0.1", &[]), package("b", "2.0.0", &[("a", "1.0.1")])],
            manifests: vec![
                ("", json!({ "name": "project", "version": "1.0.0", "workspaces": ["w1", "w2"] })),
                ("w1", json!({ "name": "w1", "version": "1.0.0", "dependencies": { "b": "^1.0.0" } })),
                ("w2", json!({ "name": "w2", "version": "1.0.0", "dependencies": { "a": "^1.0.0" } })),
            ],
            advisories: json!({ "a": [advisory(8, "high", "<1.0.1")] }),
            runs: &["", "--json", "-w w1 --json", "-w w2", "--no-workspaces --json"],
            says_the_same_twice: true,
        },
        Scenario {
            name: "overrides and aliases",
            before: vec![
                package("low", "1.0.0", &[]),
                package("low", "1.5.0", &[]),
                package("mid", "1.0.0", &[("low", "^1.0.0")]),
                package("tagged", "1.0.0", &[("low", "latest")]),
            ],
            after: vec![package("low", "1.6.0", &[])],
            manifests: vec![(
                "",
                json!({
                    "name": "project", "version": "1.0.0",
                    "dependencies": { "mid": "1", "other": "npm:low@~1.5.0", "tagged": "1" },
                    "overrides": { "mid": { "low": "1.0.0" } },
                }),
            )],
            advisories: json!({ "low": [advisory(9, "critical", "<1.6.0")] }),
            runs: REPORTS,
            says_the_same_twice: false,
        },
        Scenario {
            name: "a peer, and an older version that is safe",
            before: vec![
                package("host", "1.0.0", &[]),
                package("host", "1.1.0", &[]),
                FixturePackage::new("plugin", "1.0.0").peer_dependency("host", "^1.0.0"),
                package("user", "1.0.0", &[("host", "^1.0.0")]),
            ],
            after: vec![],
            manifests: project(json!({ "plugin": "1", "user": "1", "host": "^1.0.0" })),
            advisories: json!({ "host": [advisory(10, "high", "1.1.0")] }),
            runs: REPORTS,
            says_the_same_twice: true,
        },
        Scenario {
            name: "nothing to say",
            before: vec![package("a", "1.0.0", &[])],
            after: vec![],
            manifests: project(json!({ "a": "1" })),
            advisories: json!({ "a": [advisory(11, "high", ">=2")] }),
            runs: REPORTS,
            says_the_same_twice: true,
        },
    ]
}

#[test]
fn audits_are_those_of_npm() {
    if let Err(reason) = test_support::oracle::Npm::start() {
        eprintln!("SKIPPED, nothing was compared: {reason}");
        return;
    }
    let wanted = std::env::var("AUDIT_SCENARIO").unwrap_or_default();
    let scenarios = scenarios().into_iter().filter(|scenario| scenario.name.contains(&wanted));
    let differences: Vec<String> = scenarios.flat_map(|scenario| differences(&scenario)).collect();
    assert!(differences.is_empty(), "{}", differences.join("\n\n"));
}

fn differences(scenario: &Scenario) -> Vec<String> {
    let registry = TestRegistry::with(scenario.before.iter().cloned());
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path().canonicalize().expect("its real path");
    let start = root.join("start/project");
    for (place, manifest) in &scenario.manifests {
        let place = start.join(place);
        fs::create_dir_all(&place).expect("a folder");
        let text = serde_json::to_string_pretty(manifest).expect("JSON");
        fs::write(place.join("package.json"), format!("{text}\n")).expect("written");
    }
    let installed = run("npm", &start, &registry, "install --package-lock-only --no-audit");
    assert!(installed.status.success(), "{}", String::from_utf8_lossy(&installed.stderr));
    scenario.after.iter().for_each(|package| registry.publish(package.clone()));
    registry.set_advisories(&scenario.advisories);
    let lines = scenario.runs.iter().chain(FIXES);
    let compare = |(number, line): (usize, &&str)| {
        let [theirs, ours] = ["npm", "knit"].map(|who| {
            let project = root.join(format!("{who}{number}/project"));
            copy(&start, &project);
            let output = run(who, &project, &registry, &format!("audit {line}"));
            told(&output, &project, line, scenario.says_the_same_twice)
        });
        (theirs != ours).then(|| {
            let name = scenario.name;
            format!("{name}: audit {line}\n--- npm\n{theirs}\n--- knit\n{ours}")
        })
    };
    lines.enumerate().filter_map(compare).collect()
}

/// Everything that is compared: the end, what was said and, after a fix, what is written.
fn told(output: &Output, project: &Path, line: &str, says_the_same_twice: bool) -> String {
    let said = String::from_utf8_lossy(&output.stdout).replace("npm audit", "knit audit");
    let said = said.replace(&*project.to_string_lossy(), "[project]");
    let mut text = format!("exit: {:?}\n", output.status.code());
    if line.contains("--json") && !line.starts_with("fix") {
        let said: Value = serde_json::from_str(&said).unwrap_or_else(|_| said.clone().into());
        text.push_str(&serde_json::to_string_pretty(&said).expect("JSON"));
    } else if line.starts_with("fix") {
        // npm and knit word the rest of an installation each in its own way; and after a dry run npm has lost the
        // places of what it would have replaced
        let is_comparable = says_the_same_twice && !line.contains("--dry-run");
        let page = ["# knit audit report", "found 0 vul"].iter().find_map(|mark| said.find(mark));
        text.push_str(page.and_then(|at| said.get(at..)).filter(|_| is_comparable).unwrap_or_default());
        for file in ["package-lock.json", "package.json", "w1/package.json", "w2/package.json"] {
            text.push_str(&fs::read_to_string(project.join(file)).unwrap_or_default());
        }
    } else {
        text.push_str(said.trim());
    }
    if !output.status.success() && output.stdout.is_empty() {
        text.push_str(&String::from_utf8_lossy(&output.stderr));
    }
    text
}

fn run(who: &str, project: &Path, registry: &TestRegistry, line: &str) -> Output {
    let program = if who == "npm" { "npm" } else { env!("CARGO_BIN_EXE_knit") };
    let home = project.join("../home");
    fs::create_dir_all(&home).expect("a home");
    let path = std::env::var_os("PATH").unwrap_or_default();
    Command::new(program)
        .args(line.split_whitespace())
        .args(iter::once("--no-fund"))
        .current_dir(project)
        .env_clear()
        .envs([("PATH", &*path), ("HOME", home.as_os_str())])
        .env("npm_config_registry", registry.url())
        .env("npm_config_fetch_retries", "0")
        .env("npm_config_update_notifier", "false")
        .stdin(Stdio::null())
        .output()
        .expect("it runs")
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        match entry.file_type().expect("a type").is_dir() {
            true => copy(&entry.path(), &target),
            false => drop(fs::copy(entry.path(), target).expect("copied")),
        }
    }
}
