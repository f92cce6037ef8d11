use std::process::Command;

use crate::sandbox::Sandbox;

/// Runs git as the sandbox's only user, and hands back what it says.
fn git(sandbox: &Sandbox, line: &[&str]) -> String {
    let output = Command::new("git")
        .args(line)
        .current_dir(sandbox.path("project"))
        .env_clear()
        .env("HOME", sandbox.path("home"))
        .env("PATH", "/usr/bin:/bin")
        .output()
        .expect("git runs");
    assert!(output.status.success(), "git {line:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// A project with its first commit.
fn repository(manifest: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox
        .file(
            "home/.gitconfig",
            "[user]\n\tname = me\n\temail = me@registry.example\n[init]\n\tdefaultBranch = main\n",
        )
        .file("project/package.json", manifest);
    git(&sandbox, &["init", "--quiet"]);
    git(&sandbox, &["add", "."]);
    git(&sandbox, &["commit", "--quiet", "-m", "first"]);
    sandbox
}

const PLAIN: &str = "{\n\t\"name\": \"demo\",\n\t\"version\": \"1.2.3\",\n\t\"private\": true\n}\n";

/// Expected: what npm 11.19.1 prints; nothing where it fails.
#[test]
fn the_next_version_is_npms() {
    let rows: &[(&str, &[&str], &str)] = &[
        ("1.2.3", &["major"], "v2.0.0"),
        ("1.2.3", &["minor"], "v1.3.0"),
        ("1.2.3", &["patch"], "v1.2.4"),
        ("1.2.3-rc.1", &["patch"], "v1.2.3"),
        ("1.2.3", &["premajor"], "v2.0.0-0"),
        ("1.2.3", &["preminor", "--preid=beta"], "v1.3.0-beta.0"),
        ("1.2.3", &["prepatch"], "v1.2.4-0"),
        ("1.2.3-beta.4", &["prerelease"], "v1.2.3-beta.5"),
        ("1.2.3-beta.4", &["prerelease", "--preid=rc"], "v1.2.3-rc.0"),
        ("v1.2.3", &["patch"], "v1.2.4"),
        ("1.2.3", &["=v4.5.6+build"], "v4.5.6"),
        ("1.2.3", &["1.2.4", "--tag-version-prefix="], "1.2.4"),
        ("1.2.3", &["1.2.3", "--allow-same-version"], "v1.2.3"),
        ("1.2.3", &["1.2.3"], ""),
        ("1.2.3", &["next"], ""),
        ("1.2", &["patch"], ""),
        ("1.2.3", &["patch", "--json"], "v1.2.4"),
    ];
    for (current, arguments, expected) in rows {
        let sandbox = Sandbox::new();
        sandbox.file("project/package.json", &format!(r#"{{"version":"{current}"}}"#));
        let said = sandbox.knit(&[&["version"], *arguments].concat());
        let stdout = said.split("--- stdout\n").nth(1).unwrap_or_default();
        let exit = if expected.is_empty() { "exit: 1\n" } else { "exit: 0\n" };
        assert!(said.contains(exit) && stdout.trim() == *expected, "{current} {arguments:?}: {said}");
    }
}

#[test]
fn manifest_and_lockfiles_keep_their_formatting() {
    let sandbox = Sandbox::new();
    sandbox
        .file("project/package.json", "{\r\n   \"version\": \"1.0.0\",\r\n   \"name\": \"demo\"\r\n}\r\n")
        .file("project/package-lock.json", "{\n\t\"name\": \"demo\",\n\t\"version\": \"0.9.0\",\n\t\"packages\": {\n\t\t\"\": {\n\t\t\t\"version\": \"0.9.0\"\n\t\t}\n\t}\n}\n")
        .file("project/npm-shrinkwrap.json", "no lockfile");
    let said = sandbox.knit(&["version", "minor"]);
    assert!(said.contains("v1.1.0\n") && said.contains("the lockfile keeps its version"), "{said}");
    assert_eq!(
        sandbox.read("project/package.json"),
        "{\r\n   \"version\": \"1.1.0\",\r\n   \"name\": \"demo\"\r\n}\r\n"
    );
    let lockfile = sandbox.read("project/package-lock.json");
    assert!(lockfile.starts_with("{\n\t\"name\"") && lockfile.matches("1.1.0").count() == 2, "{lockfile}");
    assert_eq!(sandbox.read("project/npm-shrinkwrap.json"), "no lockfile");
}

#[test]
fn a_version_is_committed_and_tagged() {
    let sandbox = repository(PLAIN);
    sandbox.file("project/package-lock.json", "{\n  \"version\": \"1.2.3\"\n}\n");
    git(&sandbox, &["add", "."]);
    git(&sandbox, &["commit", "--quiet", "-m", "lockfile"]);
    sandbox.file("project/untracked", "does not count");
    let said = sandbox.knit(&["version", "minor", "-m", "release %s, %s"]);
    assert!(said.contains("exit: 0") && said.contains("v1.3.0\n"), "{said}");
    let log = git(&sandbox, &["log", "-1", "--name-only", "--format=%s %D"]);
    assert_eq!(log, "release 1.3.0, 1.3.0 HEAD -> main, tag: v1.3.0\n\npackage-lock.json\npackage.json");
    assert_eq!(git(&sandbox, &["tag", "-n1"]), "v1.3.0          release 1.3.0, 1.3.0");
    sandbox.knit(&["version", "2.0.0", "--tag-version-prefix=r"]);
    assert_eq!(git(&sandbox, &["log", "-1", "--format=%s"]), "2.0.0");
    assert_eq!(git(&sandbox, &["describe"]), "r2.0.0");
    sandbox.knit(&["version", "2.0.1", "--no-git-tag-version"]);
    assert_eq!(git(&sandbox, &["describe"]), "r2.0.0");
    assert_eq!(git(&sandbox, &["diff", "--name-only"]), "package-lock.json\npackage.json");
}

#[test]
fn changes_that_are_not_committed_stop_it_unless_forced() {
    let sandbox = repository(PLAIN);
    let changed = PLAIN.replace("true", "false");
    sandbox.file("project/package.json", &changed);
    let said = sandbox.knit(&["version", "patch"]);
    assert!(
        said.contains("exit: 1") && said.contains("error[EGIT]: git working directory not clean"),
        "{said}"
    );
    assert_eq!(sandbox.read("project/package.json"), changed);
    let said = sandbox.knit(&["version", "patch", "--force"]);
    assert!(said.contains("exit: 0") && said.contains("warning[EGIT]"), "{said}");
    assert_eq!(git(&sandbox, &["describe"]), "v1.2.4");
}

#[test]
fn a_version_is_taken_from_the_newest_tag() {
    let sandbox = repository(PLAIN);
    git(&sandbox, &["tag", "release-3.1.0-rc.2"]);
    let said = sandbox.knit(&["version", "from-git", "--no-git-tag-version"]);
    assert!(said.contains("v3.1.0-rc.2\n"), "{said}");
    assert!(sandbox.read("project/package.json").contains("3.1.0-rc.2"));
}

#[test]
fn the_same_version_moves_its_tag_when_allowed() {
    let sandbox = repository(PLAIN);
    git(&sandbox, &["tag", "v1.2.3"]);
    git(&sandbox, &["commit", "--quiet", "--allow-empty", "-m", "second"]);
    let said = sandbox.knit(&["version", "1.2.3", "--allow-same-version"]);
    assert!(said.contains("exit: 0"), "{said}");
    assert_eq!(git(&sandbox, &["describe"]), "v1.2.3");
}

#[test]
fn hooks_can_be_left_out() {
    let sandbox = repository(PLAIN);
    sandbox.program("project/.git/hooks/pre-commit", "echo refused >&2; exit 1");
    let said = sandbox.knit(&["version", "patch"]);
    assert!(
        said.contains("exit: 1") && said.contains("`git commit` failed") && said.contains("refused"),
        "{said}"
    );
    let said = sandbox.knit(&["version", "patch", "--commit-hooks=false", "--force"]);
    assert!(said.contains("exit: 0"), "{said}");
    assert_eq!(git(&sandbox, &["describe"]), "v1.2.5");
}

#[test]
fn scripts_run_around_it_and_can_refuse() {
    let scripts = r#"{
  "name": "demo",
  "version": "1.0.0",
  "scripts": {
    "preversion": "echo pre $npm_old_version $npm_new_version $npm_package_version >> said; exit ${FAIL:-0}",
    "version": "echo at $npm_package_version >> said; git add said",
    "postversion": "echo post >> said; git log -1 --format=%s >> said"
  }
}
"#;
    let mut sandbox = repository(scripts);
    let said = sandbox.knit(&["version", "major"]);
    assert!(said.contains("exit: 0"), "{said}");
    assert_eq!(sandbox.read("project/said"), "pre 1.0.0 2.0.0 1.0.0\nat 2.0.0\npost\n2.0.0\n");
    let committed = git(&sandbox, &["show", "HEAD:said"]);
    assert_eq!(committed, "pre 1.0.0 2.0.0 1.0.0\nat 2.0.0");
    git(&sandbox, &["checkout", "--quiet", "--", "."]);
    sandbox.set("FAIL", "3");
    let said = sandbox.knit(&["version", "major"]);
    assert!(said.contains("exit: 3") && said.contains("ELIFECYCLE"), "{said}");
    assert!(sandbox.read("project/package.json").contains("\"2.0.0\""));
    git(&sandbox, &["checkout", "--quiet", "--", "."]);
    let said = sandbox.knit(&["version", "major", "--ignore-scripts"]);
    assert!(said.contains("v3.0.0"), "{said}");
}

#[test]
fn workspaces_get_their_versions_and_the_lockfile_hears_of_them() {
    let sandbox = repository(r#"{"name":"root","version":"1.0.0","workspaces":["p/*"]}"#);
    sandbox
        .file("project/p/a/package.json", r#"{"name":"a","version":"1.0.0"}"#)
        .file("project/p/b/package.json", r#"{"name":"b","version":"2.0.0"}"#);
    let said = sandbox.knit(&["version", "patch", "--workspaces"]);
    assert!(said.contains("exit: 0") && said.contains("a\nv1.0.1\nb\nv2.0.1\n"), "{said}");
    let lockfile = sandbox.read("project/package-lock.json");
    assert!(lockfile.contains("1.0.1") && lockfile.contains("2.0.1"), "{lockfile}");
    assert_eq!(git(&sandbox, &["tag"]), "", "a workspace is no repository of its own");
    let said = sandbox.knit(&["version", "minor", "-w", "b", "--no-workspaces-update"]);
    assert!(said.ends_with("--- stdout\nb\nv2.1.0\n"), "{said}");
    assert!(!sandbox.read("project/package-lock.json").contains("2.1.0"));
    assert!(sandbox.read("project/package.json").contains(r#""version":"1.0.0""#));
}
