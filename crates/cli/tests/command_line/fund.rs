use insta::assert_snapshot;

use crate::trees;

#[test]
fn packages_that_ask_for_funding_are_shown_by_address() {
    assert_snapshot!(trees::whole().knit_all(&["fund", "fund --no-unicode", "fund --json"]));
}

#[test]
fn the_address_of_a_package_is_printed() {
    assert_snapshot!(trees::whole().knit_all(&[
        "fund a --browser=false",
        "fund a --browser=false --json",
        "fund . --browser=false",
        "fund ./node_modules/b --browser=false",
        "fund ./node_modules/b --browser=false --which=2",
        "fund ./node_modules/b --browser=false --which=9",
        "fund d --browser=false",
        "fund --which=0",
        "fund --global",
    ]));
}

#[test]
fn a_browser_is_opened() {
    let sandbox = trees::whole();
    sandbox.program("bin/surf", "echo opening $1");
    assert_snapshot!(sandbox.knit_all(&["fund a --browser=surf", "fund a --browser=not-there"]));
}

#[test]
fn workspaces_are_chosen() {
    assert_snapshot!(trees::workspaces().knit_all(&["fund", "fund -w w1 --json"]));
}
