use insta::assert_snapshot;

use crate::sandbox::Sandbox;

fn project() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.file(
        "project/package.json",
        r#"{
  "name": "@team/demo",
  "version": "1.2.3",
  "config": { "port": 8080 },
  "bin": "./cli.js",
  "scripts": {
    "build": "echo built",
    "prebuild": "echo before $npm_lifecycle_event",
    "postbuild": "echo after",
    "show": "printf '[%s]'",
    "fail": "echo failing; exit 7",
    "killed": "kill -TERM $$",
    "test": "echo tested",
    "stop": "echo stopped",
    "start": "echo started",
    "empty": "",
    "where": "pwd; which tool; tool"
  }
}"#,
    );
    sandbox
}

#[test]
fn a_script_runs_between_its_neighbours() {
    assert_snapshot!(project().knit_all(&[
        "run build",
        "run build --ignore-scripts",
        "run-script build --silent",
        "run build --json",
        "test",
        "t -- --watch",
        "restart --silent",
        "run empty",
    ]));
}

#[test]
fn arguments_reach_the_script_as_they_are() {
    let sandbox = project();
    assert_snapshot!(sandbox.knit(&["run", "-s", "show", "a b", "--", "--flag", "it's", "", "$HOME", "*"]));
}

#[test]
fn endings_are_passed_on() {
    assert_snapshot!(project().knit_all(&["run -s fail", "run -s killed"]));
}

#[test]
fn scripts_that_do_not_exist_are_named() {
    let mut sandbox = project();
    let here = sandbox.knit_all(&["run buil", "run nothing", "run nothing --if-present", "run buil --json"]);
    let elsewhere = sandbox.enter("elsewhere").knit_all(&["run build", "run"]);
    sandbox.file("broken/package.json", "{ \"name\": }\n");
    let broken = sandbox.enter("broken").knit(&["run", "build"]);
    assert_snapshot!([here, elsewhere, broken].join("\n"));
}

#[test]
fn scripts_are_listed() {
    assert_snapshot!(project().knit_all(&["run", "run --json", "run --parseable", "run --silent"]));
}

#[test]
fn programs_of_dependencies_come_first() {
    let mut sandbox = project();
    sandbox
        .program("project/node_modules/.bin/tool", "echo the project\\'s tool")
        .program("bin/tool", "echo another tool");
    assert_snapshot!(sandbox.enter("project/sub").knit(&["run", "-s", "where"]));
}

#[test]
fn scripts_see_npms_environment() {
    let mut sandbox = project();
    sandbox.file(
        "home/.npmrc",
        "save-exact=true\n//registry.example/:_authToken=abc\nomit=dev\nbefore=2024-01-01\n",
    );
    sandbox.set("npm_config_tag", "next").set("NPM_CONFIG_FUND", "false").enter("project/sub");
    let seen = sandbox.knit(&["run", "-s", "env", "--ignore-scripts", "--no-fund", "--my-flag"]);
    let mut lines: Vec<String> = seen
        .lines()
        .skip(3)
        .filter(|line| !line.starts_with("_="))
        .map(|line| match line.strip_prefix("PATH=") {
            // Directories above the sandbox are another matter on every machine.
            Some(path) => {
                let own: Vec<&str> = path.split(':').filter(|part| part.starts_with("[ROOT]")).collect();
                format!("PATH={}", own.join(":"))
            }
            None => line.to_owned(),
        })
        .collect();
    lines.sort_unstable();
    assert_snapshot!(lines.join("\n").replace(" linux x64 ", " [PLATFORM] "));
}

fn workspaces() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox
        .file(
            "project/package.json",
            r#"{ "name": "root", "version": "0.0.0", "workspaces": ["packages/*", "extra"],
                 "scripts": { "hello": "echo root" } }"#,
        )
        .file(
            "project/packages/b/package.json",
            r#"{ "name": "b", "version": "1.0.0", "scripts": { "hello": "echo b" } }"#,
        )
        .file(
            "project/packages/a/package.json",
            r#"{ "name": "@s/a", "version": "1.0.0", "scripts": { "hello": "exit 3" } }"#,
        )
        .file("project/extra/package.json", r#"{ "scripts": { "other": "echo extra" } }"#);
    sandbox
}

#[test]
fn workspaces_are_run_in_turn() {
    assert_snapshot!(workspaces().knit_all(&[
        "run hello --workspaces",
        "run hello --ws --if-present --include-workspace-root -s",
        "run hello -s -w b",
        "run hello -s -w ./packages/b",
        "run hello -s -w packages --if-present",
        "run hello -w nothing",
        "run -w b -w extra",
        "run --ws --json",
    ]));
}

#[test]
fn a_workspace_is_meant_where_one_stands() {
    let mut sandbox = workspaces();
    assert_snapshot!(
        sandbox.enter("project/packages/b").knit_all(&["run -s hello", "run -s hello --no-workspaces"])
    );
}

#[test]
fn signals_reach_the_script_which_decides_the_ending() {
    let mut sandbox = project();
    sandbox.file(
        "signals/package.json",
        r#"{ "scripts": { "wait": "trap 'echo terminated; exit 5' TERM; trap 'echo interrupted; exit 6' INT; echo ready; while :; do sleep 0.05; done" } }"#,
    );
    sandbox.enter("signals");
    let signalled = |name: &str| sandbox.knit_signalled(&["run", "-s", "wait"], name);
    assert_eq!(signalled("TERM"), (5, "terminated\n".to_owned()));
    assert_eq!(signalled("INT"), (6, "interrupted\n".to_owned()));
}
