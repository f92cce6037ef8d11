use insta::assert_snapshot;

use crate::trees;

// npm's text has no shortest way.
#[test]
fn a_package_is_explained_by_who_depends_on_it() {
    assert_snapshot!(trees::whole().knit_all(&[
        "explain b",
        "why b@1",
        "why node_modules/@s/c/node_modules/b",
        "why ./node_modules/e/ --json",
        "why o d",
        "why nothing",
        "why",
    ]));
}

#[test]
fn what_nothing_needs_and_what_was_overridden_is_said() {
    assert_snapshot!(trees::broken().knit_all(&["why extra2", "why deep", "why deep --json", "why real-g"]));
}

#[test]
fn workspaces_are_explained_through_their_links() {
    assert_snapshot!(trees::workspaces().knit_all(&["why c", "why packages/w2", "why c --no-workspaces"]));
}
