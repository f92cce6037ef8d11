//! Installing from a registry that answers many requests at once: the same tree by fewer requests, whatever becomes
//! of its answers, and nothing told to a registry that did not offer it.

use std::fs;

use serde_json::{Value, json};
use test_support::{Fault, FixturePackage, TestProject, TestRegistry, Times};

const RESOLVE: &str = "POST /-/knit/v1/resolve";
const MISSING: &str = "POST /-/knit/v1/missing";
/// What is different in every folder.
const STATE: &str = ".knit-state";

fn packages() -> Vec<FixturePackage> {
    let mut packages = vec![
        FixturePackage::new("app", "1.0.0").dependency("left", "^1").dependency("right", "^1"),
        FixturePackage::new("left", "1.0.0").dependency("shared", "^1").field("license", json!("MIT")),
        FixturePackage::new("left", "1.1.0").dependency("shared", "^1").bin("left", "cli.js"),
        FixturePackage::new("right", "1.0.0").dependency("shared", "^2").optional_dependency("native", "*"),
        FixturePackage::new("shared", "1.4.0").file("index.js", "one"),
        FixturePackage::new("shared", "2.0.0").file("index.js", "two").dependency("leaf", "latest"),
        FixturePackage::new("leaf", "1.0.0").deprecated("no more"),
        FixturePackage::new("native", "1.0.0")
            .optional_dependency("native-here", "1.0.0")
            .optional_dependency("native-elsewhere", "1.0.0"),
        FixturePackage::new("native-here", "1.0.0").field("license", json!("ISC")),
        FixturePackage::new("native-elsewhere", "1.0.0").os(&["plan9"]).field("license", json!("ISC")),
        FixturePackage::new("framework", "1.0.0").dependency("core-one", "*"),
        FixturePackage::new("framework", "2.0.0").dependency("core-two", "*"),
        FixturePackage::new("core-one", "1.0.0"),
        FixturePackage::new("core-two", "1.0.0"),
        FixturePackage::new("plugin", "1.0.0").peer_dependency("framework", "1 || 2"),
        FixturePackage::new("strict-plugin", "1.0.0").peer_dependency("framework", "^1"),
        FixturePackage::new("@s/scoped", "3.0.0").dependency("renamed", "npm:shared@1"),
        FixturePackage::new("carrier", "1.0.0")
            .dependency("inside", "1.0.0")
            .bundled("inside")
            .file("node_modules/inside/package.json", r#"{"name":"inside","version":"1.0.0"}"#),
        FixturePackage::new("inside", "1.0.0"),
    ];
    // more than one answer holds
    let crowd = (0..150).map(|n| format!("crowd-{n}"));
    packages.extend(crowd.clone().map(|name| FixturePackage::new(&name, "1.0.0").file("index.js", &name)));
    packages
        .push(crowd.fold(FixturePackage::new("crowd", "1.0.0"), |crowd, name| crowd.dependency(&name, "^1")));
    packages
}

/// Projects, and the commands run in them one after the other.
fn projects() -> Vec<(&'static str, Value, &'static [&'static str])> {
    let dependencies = |list: Value| json!({ "name": "p", "version": "1.0.0", "dependencies": list });
    vec![
        ("nested versions", dependencies(json!({ "app": "1", "crowd": "*" })), &["install"]),
        ("peers", dependencies(json!({ "plugin": "1", "framework": "^1", "@s/scoped": "*" })), &["install"]),
        ("a peer set alone", dependencies(json!({ "plugin": "1" })), &["install", "install app", "ci"]),
        (
            "a conflict",
            dependencies(json!({ "strict-plugin": "1", "framework": "^2" })),
            &["install", "install --legacy-peer-deps"],
        ),
        ("a bundle", dependencies(json!({ "carrier": "1" })), &["install --package-lock-only", "ci"]),
        (
            "overrides",
            json!({ "name": "p", "dependencies": { "app": "1", "left": "1" }, "overrides": {
                "right": { "shared": "1.4.0" }, "leaf@1": "npm:@s/scoped@3", "left": "$left",
            } }),
            &["install", "update", "dedupe"],
        ),
        (
            "workspaces",
            json!({ "name": "p", "workspaces": ["packages/*"], "dependencies": { "folder": "file:folder" } }),
            &["install", "install app -w one"],
        ),
        (
            "linked",
            dependencies(json!({ "app": "1", "plugin": "1" })),
            &["install --install-strategy=linked"],
        ),
        ("what is not there", dependencies(json!({ "app": "1", "nothing": "1" })), &["install"]),
        ("what is not so new", dependencies(json!({ "app": "7" })), &["install"]),
        ("nothing so old", dependencies(json!({ "app": "1" })), &["install --before=2001-01-01", "install"]),
    ]
}

fn project(registry: &TestRegistry, manifest: &Value) -> TestProject {
    let project = TestProject::new(env!("CARGO_BIN_EXE_knit")).with_registry(registry);
    project.write_json("package.json", manifest);
    let one = json!({ "name": "one", "version": "1.0.0", "dependencies": { "two": "*", "left": "1.0.0" } });
    let two = json!({ "name": "two", "version": "1.0.0", "dependencies": { "folder": "*", "shared": "1" } });
    let folder = json!({ "name": "folder", "version": "1.0.0", "dependencies": { "leaf": "1" } });
    project.write_json("packages/one/package.json", &one).write_json("packages/two/package.json", &two);
    project.write_json("folder/package.json", &folder);
    project
}

/// What a run says and leaves behind.
fn outcome(project: &TestProject, line: &str) -> Vec<String> {
    let mut output = project.run(line.split(' '));
    output.stdout = output.stdout.lines().map(without_duration).collect::<Vec<_>>().join("\n");
    let lockfile = fs::read_to_string(project.path().join("package-lock.json")).unwrap_or_default();
    let tree = project.tree("node_modules");
    let tree = tree.lines().filter(|line| !line.starts_with(STATE));
    let output = output.to_snapshot();
    output.lines().chain(lockfile.split_inclusive('\n')).chain(tree).map(str::to_owned).collect()
}

fn without_duration(line: &str) -> &str {
    line.rsplit_once(" in ").filter(|(_, time)| time.ends_with('s')).map_or(line, |(said, _)| said)
}

/// Compares two outcomes and shows where they part.
#[track_caller]
fn same(outcome: &[String], expected: &[String], what: &str) {
    let parting = (0..outcome.len().max(expected.len())).find(|&at| outcome.get(at) != expected.get(at));
    if let Some(at) = parting {
        panic!("{what}: line {at} is {:?} in place of {:?}", outcome.get(at), expected.get(at));
    }
}

fn user_setting(project: &TestProject, line: &str) {
    let file = project.home().join(".npmrc");
    let text = fs::read_to_string(&file).expect("the user's .npmrc");
    fs::write(&file, format!("{text}{line}\n")).expect("the user's .npmrc");
}

/// Has the registry say what it offers, as any command about a package does.
fn introduce(project: &TestProject, registry: &TestRegistry) {
    project.run(["view", "core-one", "version"]).success();
    registry.clear_requests();
}

fn lines(registry: &TestRegistry) -> Vec<String> {
    registry.request_lines().into_iter().filter(|line| !line.contains("/security/")).collect()
}

fn asked_at_once(registry: &TestRegistry, line: &str) -> Vec<Value> {
    let requests = registry.requests().into_iter().filter(|request| request.line() == line);
    requests.map(|request| serde_json::from_slice(&request.body).expect("a request")).collect()
}

#[test]
fn the_outcome_is_the_same_to_the_byte() {
    let registry = TestRegistry::bundling(packages());
    for (what, manifest, commands) in projects() {
        let plain = project(&registry, &manifest);
        user_setting(&plain, "server-resolution=false");
        let (unknown, known) = (project(&registry, &manifest), project(&registry, &manifest));
        introduce(&known, &registry);
        for line in commands {
            registry.clear_requests();
            let expected = outcome(&plain, line);
            assert!(lines(&registry).iter().all(|line| line.starts_with("GET ")), "{what}: {line}");
            same(&outcome(&unknown, line), &expected, &format!("{what}, not known to offer it: {line}"));
            same(&outcome(&known, line), &expected, &format!("{what}, known to offer it: {line}"));
        }
    }
}

#[test]
fn a_cold_installation_is_a_few_requests() {
    let registry = TestRegistry::bundling(packages());
    let manifest = json!({ "name": "p", "dependencies": { "app": "1", "crowd": "1", "plugin": "*" } });
    let known = project(&registry, &manifest);
    introduce(&known, &registry);
    known.run(["install"]).success();
    let first = lines(&registry);
    assert!(first.iter().all(|line| line == RESOLVE || line == MISSING), "{first:?}");
    assert_eq!(first.iter().filter(|line| *line == RESOLVE).count(), 1);
    // some three hundred and thirty, one by one; how many depends on how fast the machine is
    assert!(first.len() < 40, "{first:?}");
    // by the lockfile
    let locked = project(&registry, &manifest);
    introduce(&locked, &registry);
    locked.write("package-lock.json", known.read("package-lock.json"));
    locked.run(["ci"]).success();
    let second = lines(&registry);
    assert!(second.iter().all(|line| line == MISSING) && second.len() < 20, "{second:?}");
    // what came was kept as if it had been asked for: all but the manifest of what is not for this machine
    registry.clear_requests();
    known.remove("node_modules").remove("package-lock.json");
    known.run(["install"]).success();
    assert_eq!(lines(&registry), [MISSING]);
    let of_another = json!([{ "name": "native-elsewhere", "version": "1.0.0" }]);
    assert_eq!(asked_at_once(&registry, MISSING)[0]["manifests"], of_another);
    // who does not know it yet learns it on the way
    registry.clear_requests();
    project(&registry, &manifest).run(["install"]).success();
    let learning = lines(&registry);
    assert!(learning.contains(&RESOLVE.to_owned()) && learning.contains(&MISSING.to_owned()), "{learning:?}");
}

#[test]
fn what_is_cached_and_old_is_confirmed_at_once() {
    let registry = TestRegistry::bundling(packages());
    let manifest = json!({ "name": "p", "dependencies": { "app": "1", "crowd": "1", "plugin": "*" } });
    let known = project(&registry, &manifest);
    introduce(&known, &registry);
    known.run(["install"]).success();
    let again = |expected: &[&str]| {
        registry.clear_requests();
        known.remove("node_modules").remove("package-lock.json");
        // nothing that is cached is new enough
        known.run(["install", "--prefer-online"]).success();
        let mut asked = lines(&registry);
        asked.retain(|line| line != MISSING);
        asked.sort();
        assert_eq!(asked, expected);
        known.read("package-lock.json")
    };
    let first = again(&[RESOLVE]);
    // what is another one by now is asked for, and only that
    registry
        .publish(FixturePackage::new("left", "1.2.0").dependency("shared", "^1").dependency("inside", "*"));
    let second = again(&["GET /left", RESOLVE]);
    assert!(second != first && second.contains("left-1.2.0.tgz"), "{second}");
    assert_eq!(again(&[RESOLVE]), second);
    let plain = project(&registry, &manifest);
    user_setting(&plain, "server-resolution=false");
    plain.run(["install"]).success();
    assert_eq!(plain.read("package-lock.json"), second);
}

#[test]
fn tags_that_are_wrong_or_missing_cost_requests_and_nothing_else() {
    let registry = TestRegistry::bundling(packages());
    let manifest = json!({ "name": "p", "dependencies": { "app": "1", "plugin": "*" } });
    let known = project(&registry, &manifest);
    introduce(&known, &registry);
    known.run(["install"]).success();
    let expected = known.read("package-lock.json");
    for fault in [Fault::Status(503), Fault::Truncated { bytes: 300 }, Fault::Replaced(b"<html>".to_vec())] {
        known.remove("node_modules").remove("package-lock.json");
        registry.fault("/-/knit/v1/resolve", fault.clone(), Times::Always);
        known.run(["install", "--prefer-online"]).success();
        assert_eq!(known.read("package-lock.json"), expected, "{fault:?}");
        registry.clear_faults();
        introduce(&known, &registry);
    }
}

#[test]
fn whatever_becomes_of_the_answer_the_outcome_is_the_same() {
    let registry = TestRegistry::bundling(packages());
    let manifest = json!({ "name": "p", "dependencies": { "app": "1", "plugin": "*", "carrier": "1" } });
    let plain = project(&registry, &manifest);
    user_setting(&plain, "server-resolution=false");
    let expected = outcome(&plain, "install");
    for fault in [
        Fault::Status(404),
        Fault::Status(401),
        Fault::Status(500),
        Fault::Status(503),
        Fault::TooManyRequests { retry_after: 3600 },
        Fault::Redirected("/elsewhere".into()),
        Fault::Replaced(b"<html>".to_vec()),
        Fault::Replaced(Vec::new()),
        Fault::Truncated { bytes: 0 },
        Fault::Truncated { bytes: 3000 },
        Fault::Corrupted,
    ] {
        for path in ["/-/knit/v1/resolve", "/-/knit/v1/missing", "/-/knit/*"] {
            let project = project(&registry, &manifest);
            introduce(&project, &registry);
            registry.fault(path, fault.clone(), Times::Always);
            same(&outcome(&project, "install"), &expected, &format!("{path} {fault:?}"));
            registry.clear_faults();
        }
    }
}

#[test]
fn an_offer_that_is_not_kept_is_not_taken_up_again() {
    let registry = TestRegistry::bundling(packages());
    let manifest = json!({ "name": "p", "dependencies": { "app": "1" } });
    let project = project(&registry, &manifest);
    introduce(&project, &registry);
    registry.fault("/-/knit/*", Fault::Status(404), Times::Always);
    project.run(["install", "--package-lock-only"]).success();
    assert_eq!(asked_at_once(&registry, RESOLVE).len(), 1);
}

#[test]
fn nobody_is_told_more_than_they_would_be_asked() {
    let registry = TestRegistry::bundling(packages());
    let private = TestRegistry::bundling([
        FixturePackage::new("@corp/tool", "1.0.0").dependency("left", "1").dependency("@corp/part", "1"),
        FixturePackage::new("@corp/part", "1.0.0"),
    ]);
    let manifest = json!({
        "name": "secret-project",
        "workspaces": ["packages/*"],
        "description": "secret",
        "dependencies": { "app": "^1", "@corp/tool": "1", "folder": "file:folder" },
        "overrides": { "@corp/part": "1.0.0" },
    });
    let project = project(&registry, &manifest);
    introduce(&project, &registry);
    user_setting(&project, &format!("@corp:registry={}", private.url()));
    project.run(["install"]).success();
    for request in registry.requests() {
        let told = format!("{} {}", request.path, String::from_utf8_lossy(&request.body));
        for word in ["corp", "secret", "folder", "one", "two"] {
            let is_told = told.split(|c: char| !c.is_ascii_alphanumeric()).any(|part| part == word);
            assert!(!is_told || told.contains("security"), "{word}: {told}");
        }
    }
    let [resolve] = &asked_at_once(&registry, RESOLVE)[..] else { panic!("one request") };
    let wanted = resolve["wanted"].as_array().expect("a list");
    assert!(wanted.contains(&json!({ "name": "app", "spec": "^1" })), "{wanted:?}");
    assert_eq!(asked_at_once(&private, RESOLVE).len(), 0);
    // one that did not offer it
    let plain = TestRegistry::with(packages());
    let project = self::project(&plain, &json!({ "name": "p", "dependencies": { "app": "1" } }));
    project.run(["install"]).success();
    assert!(lines(&plain).iter().all(|line| line.starts_with("GET ")), "{:?}", lines(&plain));
}

#[test]
fn wrong_tarballs_are_refused_however_they_come() {
    let evil = FixturePackage::new("leaf", "1.0.0").file("evil.js", "evil");
    let registry = TestRegistry::bundling(packages());
    let project = project(&registry, &json!({ "name": "p", "dependencies": { "leaf": "1" } }));
    introduce(&project, &registry);
    registry.put_tarball("leaf", "leaf-1.0.0.tgz", evil.tarball());
    let refused = project.run(["install"]);
    assert_eq!(refused.code, Some(1));
    assert!(refused.stderr.contains("EINTEGRITY"), "{}", refused.stderr);
    assert!(!project.exists("node_modules/leaf") && !project.exists("package-lock.json"));
    assert_eq!(asked_at_once(&registry, MISSING).len(), 1);
}
