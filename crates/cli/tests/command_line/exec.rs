use insta::assert_snapshot;

use crate::sandbox::Sandbox;

fn project() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox
        .file("project/package.json", r#"{ "name": "demo", "version": "1.0.0", "bin": { "own": "own.sh" } }"#)
        .program("project/own.sh", "echo own program: \"$@\"")
        .program(
            "project/node_modules/.bin/tool",
            "echo tool of $npm_lifecycle_event in $PWD: \"$@\"; exit 4",
        )
        .program("project/node_modules/.bin/other-name", "echo other name: \"$@\"")
        .file(
            "project/node_modules/@s/pkg/package.json",
            r#"{ "name": "@s/pkg", "version": "2.1.0", "bin": { "other-name": "x.js" } }"#,
        )
        .program("bin/global-tool", "echo global tool")
        .file("home/.npmrc", "registry=https://registry.example/\noffline=true\n");
    sandbox
}

#[test]
fn programs_are_found_nearest_first() {
    let mut sandbox = project();
    assert_snapshot!(sandbox.enter("project/sub").knit_all(&[
        "exec tool a -- --b",
        "x -- tool --flag",
        "exec own 1 2",
        "exec global-tool",
        "exec @s/pkg hello",
        "exec @s/pkg@2 hello",
        "exec --package=@s/pkg@^2.0.0 -- other-name x",
        "exec absent",
        "exec @s/pkg@3 hello",
        "exec ../../evil",
    ]));
}

#[test]
fn shell_text_is_run_with_programs_in_path() {
    let sandbox = project();
    let call = sandbox.knit(&["exec", "-c", "tool x; echo then $?"]);
    let both = sandbox.knit(&["exec", "-c", "tool", "tool"]);
    let shell = sandbox.knit_with_input(&["exec"], "echo typed\n");
    assert_snapshot!([call, both, shell].join("\n"));
}

#[test]
fn npx_is_exec() {
    let mut sandbox = project();
    sandbox.call_as("npx");
    let runs =
        [sandbox.knit(&["tool", "--flag", "-c"]), sandbox.knit(&["--ignore-existing", "-y", "own", "-y"])];
    assert_snapshot!(runs.join("\n"));
}

#[test]
fn npm_is_knit() {
    let mut sandbox = project();
    sandbox.call_as("npm");
    assert_snapshot!(sandbox.knit(&["prefix"]));
}
