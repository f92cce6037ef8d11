use insta::assert_snapshot;

use crate::sandbox::Sandbox;

// The files are what npm 11.19.1 writes for the same directories and options.
#[test]
fn defaults_come_from_the_directory() {
    let mut sandbox = Sandbox::new();
    sandbox
        .file("My Dir/bin/cli.js", "")
        .file("My Dir/test/x", "")
        .file("My Dir/docs/x", "")
        .file("My Dir/lib/x", "")
        .file("My Dir/a.js", "")
        .file("My Dir/.git/config", "[remote \"origin\"]\n\turl = git@github.com:me/proj.git\n");
    assert_snapshot!(sandbox.enter("My Dir").knit(&["init", "-y"]));
}

#[test]
fn defaults_come_from_the_configuration() {
    let mut sandbox = Sandbox::new();
    let options = [
        "init",
        "-y",
        "--init-author-name=Foo",
        "--init-author-email=foo@b.c",
        "--init-license=MIT",
        "--init-version=0.0.1",
        "--init-private",
        "--init-type=module",
        "--scope=team",
    ];
    let fresh = sandbox.enter("e").knit(&options);
    sandbox.file(
        "d/package.json",
        r#"{ "name": "has", "description": "d", "scripts": {}, "author": {"name":"A","email":"b@c"}, "private": true }"#,
    );
    let existing = sandbox.enter("d").knit(&options[..8]);
    assert_snapshot!([fresh, existing, sandbox.read("d/package.json")].join("\n"));
}

#[test]
fn installed_packages_become_dependencies() {
    let mut sandbox = Sandbox::new();
    sandbox
        .file("f/node_modules/a/package.json", r#"{ "name": "a", "version": "2.0.0" }"#)
        .file("f/node_modules/mocha/package.json", r#"{ "name": "mocha", "version": "2.0.0" }"#)
        .file("f/node_modules/.bin/x", "")
        .file("f/node_modules/broken/package.json", "{");
    assert_snapshot!(sandbox.enter("f").knit(&["init", "--yes"]));
}

#[test]
fn answers_are_asked_for_and_checked() {
    let mut sandbox = Sandbox::new();
    let input = "My\nmy\nx\n1.1.0\nde\n\n\n\n\nme\nnope\nMIT\n\n\n";
    let said = sandbox.enter("g").knit_with_input(&["init"], input);
    assert_snapshot!(format!("{said}\n--- package.json\n{}", sandbox.read("g/package.json")));
}

#[test]
fn nothing_is_written_without_a_yes() {
    let mut sandbox = Sandbox::new();
    let refused = sandbox.enter("h").knit_with_input(&["init"], "\n\n\n\n\n\n\n\n\n\nno\n");
    let ended = sandbox.knit_with_input(&["init"], "x\n");
    assert!(!sandbox.path("h/package.json").exists());
    let tail = |text: &str| text.lines().rev().take(4).map(str::to_owned).collect::<Vec<_>>().join("\n");
    assert_snapshot!(format!("{}\n\n{}", tail(&refused), tail(&ended)));
}

#[test]
fn workspaces_are_made_and_declared() {
    let sandbox = Sandbox::new();
    sandbox.file(
        "project/package.json",
        "{\n  \"name\": \"root\",\n  \"workspaces\": [\n    \"packages/*\"\n  ]\n}\n",
    );
    let said = sandbox.knit_all(&["init -y -w packages/a -w other/b", "init -y -w packages/a"]);
    assert_snapshot!(format!("{said}\n--- package.json\n{}", sandbox.read("project/package.json")));
}

#[test]
fn initializers_are_packages() {
    let mut sandbox = Sandbox::new();
    sandbox
        .file("home/.npm-init.js", "")
        .file("home/.npmrc", "registry=https://registry.example/\noffline=true\n");
    assert_snapshot!(sandbox.enter("i").knit_all(&[
        "init foo",
        "init foo@2 a -- --b",
        "create @scope",
        "init @scope@1",
        "init @scope/foo",
        "init ./foo",
        "init -y",
    ]));
}
