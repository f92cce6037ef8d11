use insta::assert_snapshot;

use crate::trees;

#[test]
fn what_is_installed_is_a_tree() {
    assert_snapshot!(trees::whole().knit_all(&[
        "ls",
        "list --all",
        "ls --depth=1 --no-unicode",
        "ls --omit=dev --omit=optional",
        "ls --all --json",
        "ls b",
        "ls b@2 --json",
        "ls nothing",
        "ls --all --parseable",
        "ls --all --package-lock-only",
    ]));
}

#[test]
fn more_is_said_of_each_package() {
    // npm ends in an error where a package is missing and more is to be said
    assert_snapshot!(trees::whole().knit_all(&["ll", "la a --json", "ls -l -p"]));
}

#[test]
fn what_is_wrong_is_marked_and_fails() {
    assert_snapshot!(trees::broken().knit_all(&["ls", "ls --all", "ls --json", "ls -p -l", "ls extra"]));
}

#[test]
fn workspaces_are_chosen_and_left_out() {
    assert_snapshot!(trees::workspaces().knit_all(&[
        "ls",
        "ls --all",
        "ls -w w1",
        "ls -w w1 --include-workspace-root",
        "ls --no-workspaces",
        "ls --link",
    ]));
}

#[test]
fn global_packages_are_listed_without_a_project() {
    let mut sandbox = trees::whole();
    let prefix = sandbox.path("project/global");
    sandbox.file("project/global/lib/node_modules/tool/package.json", r#"{"name":"tool","version":"1.0.0"}"#);
    sandbox.set("npm_config_prefix", &prefix.to_string_lossy());
    assert_snapshot!(sandbox.knit_all(&["ls -g", "ls -g --json", "ls -g -p -l"]));
}

#[test]
fn a_folder_without_a_project_is_empty() {
    let mut sandbox = trees::whole();
    sandbox.enter("empty");
    assert_snapshot!(sandbox.knit_all(&["ls", "ls --json", "ls --package-lock-only"]));
}
