use insta::assert_snapshot;

use crate::sandbox::Sandbox;

const MANIFEST: &str = "{\n\t\"name\": \"demo\",\n\t\"version\": \"1.0.0\",\n\t\"keywords\": [\"a\", \"b\"],\n\t\"scripts\": { \"test\": \"x\" }\n}\n";

#[test]
fn paths_are_read() {
    let sandbox = Sandbox::new();
    sandbox.file("project/package.json", MANIFEST);
    assert_snapshot!(sandbox.knit_all(&[
        "pkg get",
        "pkg get name",
        "pkg get name version",
        "pkg get scripts.test",
        "pkg get keywords[1]",
        "pkg get nothing",
        "pkg get keywords[]",
    ]));
}

#[test]
fn paths_are_written_in_the_files_own_style() {
    let sandbox = Sandbox::new();
    sandbox.file("project/package.json", MANIFEST);
    let said = sandbox.knit_all(&[
        "pkg set description=short scripts.build=make keywords[]=c",
        "pkg set private=true --json",
        "pkg delete scripts.test version",
        "pkg set private=yes --json",
        "pkg set name.first=x",
        "pkg set name.first=x --force",
        "pkg set",
        "pkg set nothing",
        "pkg delete",
        "pkg",
        "pkg get -g",
    ]);
    assert_snapshot!(format!("{said}\n--- package.json\n{}", sandbox.read("project/package.json")));
}

#[test]
fn workspaces_are_read_and_written() {
    let sandbox = Sandbox::new();
    sandbox
        .file("project/package.json", r#"{ "name": "root", "workspaces": ["a", "b"] }"#)
        .file("project/a/package.json", "{\n  \"name\": \"a\"\n}\n")
        .file("project/b/package.json", "{\n  \"name\": \"b\"\n}\n");
    let said = sandbox.knit_all(&["pkg set license=MIT --ws", "pkg get license --ws", "pkg get name -w b"]);
    assert_snapshot!(format!("{said}\n--- a\n{}", sandbox.read("project/a/package.json")));
}

#[test]
fn mistakes_are_mended() {
    let sandbox = Sandbox::new();
    sandbox.file(
        "project/package.json",
        "{\n  \"name\": \"demo \",\n  \"version\": \"v1.0.0\",\n  \"bin\": \"./cli.js\",\n  \
         \"repository\": \"github:me/demo\"\n}\n",
    );
    let said = sandbox.knit(&["pkg", "fix"]);
    assert_snapshot!(format!("{said}\n--- package.json\n{}", sandbox.read("project/package.json")));
}
