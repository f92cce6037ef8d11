use insta::assert_snapshot;

use crate::sandbox::Sandbox;

#[test]
fn versions_are_printed_as_npm_prints_them() {
    let sandbox = Sandbox::new();
    sandbox.file("project/package.json", r#"{ "name": "demo", "version": "3.2.1" }"#);
    assert_snapshot!(sandbox.knit_all(&["-v", "--version", "version", "version --json", "--versions"]));
}

#[test]
fn versions_of_workspaces_are_listed() {
    let sandbox = Sandbox::new();
    sandbox
        .file("project/package.json", r#"{ "name": "demo", "version": "3.2.1", "workspaces": ["p/*"] }"#)
        .file("project/p/b/package.json", r#"{ "name": "b", "version": "1.0.0" }"#)
        .file("project/p/a/package.json", r#"{ "name": "a", "version": "2.0.0" }"#);
    assert_snapshot!(sandbox.knit_all(&["version --json --workspaces", "version --json -w p/b"]));
}

#[test]
fn wrong_words_get_the_nearest_right_one() {
    let sandbox = Sandbox::new();
    assert_snapshot!(sandbox.knit_all(&[
        "versoin",
        "frobnicate",
        "versoin --json",
        "versoin --silent",
        "prefix --gloabl",
        "prefix --frobnicate word",
        "prefix --globa",
        "prefix --workspaces",
        "prefix --no-workspaces --workspace=a",
        "explore",
    ]));
}

#[test]
fn directories_follow_the_project_and_the_machine() {
    let mut sandbox = Sandbox::new();
    sandbox.file("project/package.json", "{}");
    sandbox.enter("project/deep/down");
    let lines =
        ["prefix", "prefix -g", "root", "root -g", "bin", "bin --location=global", "prefix -C ../other"];
    assert_snapshot!(sandbox.knit_all(&lines));
}

#[test]
fn a_workspace_member_belongs_to_its_root() {
    let mut sandbox = Sandbox::new();
    sandbox
        .file("project/package.json", r#"{ "workspaces": ["packages/*", "!packages/out"] }"#)
        .file("project/packages/in/package.json", r#"{ "name": "in" }"#)
        .file("project/packages/in/.npmrc", "tag=mine\n")
        .file("project/packages/out/package.json", r#"{ "name": "out" }"#)
        .file("project/.npmrc", "tag=root\n");
    let inside = sandbox.enter("project/packages/in").knit_all(&["prefix", "config get tag workspace"]);
    let without = sandbox.knit_all(&["prefix --no-workspaces", "config get tag --no-workspaces"]);
    let outside = sandbox.enter("project/packages/out").knit_all(&["prefix", "config get tag workspace"]);
    assert_snapshot!([inside, without, outside].join("\n"));
}

#[test]
fn help_explains_commands_and_topics() {
    let sandbox = Sandbox::new();
    assert_snapshot!(sandbox.knit_all(&[
        "help run",
        "run -h",
        "help ini",
        "help nothing",
        "help-search initializer"
    ]));
    let package_json = sandbox.knit(&["help", "json"]);
    assert!(package_json.contains("devDependencies"), "{package_json}");
    assert_eq!(sandbox.knit(&["help"]).lines().nth(1), Some("exit: 0"));
    assert_eq!(sandbox.knit(&[]).lines().nth(1), Some("exit: 1"));
}

#[test]
fn words_are_completed() {
    let mut sandbox = Sandbox::new();
    sandbox.file("project/package.json", r#"{ "scripts": { "build": "x", "bench": "y", "test": "z" } }"#);
    sandbox.set("COMP_LINE", "knit").set("COMP_POINT", "4");
    let mut complete = |line: &str, at: &str| {
        sandbox.set("COMP_CWORD", at);
        let mut words = vec!["completion", "--", "knit"];
        words.extend(line.split(' '));
        sandbox.knit(&words)
    };
    let answers = [
        complete("comp", "1"),
        complete("run b", "2"),
        complete("config set save-p", "3"),
        complete("run --save-", "2"),
        complete("--no-sav", "1"),
        complete("help pack", "2"),
        complete("run build -- x", "4"),
    ];
    assert_snapshot!(answers.join("\n"));
}
