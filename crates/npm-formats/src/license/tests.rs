use super::{License, is_valid_for_new_package};

#[test]
fn npm_and_knit_accept_the_same_licenses() {
    let rows: Vec<(String, bool)> =
        serde_json::from_str(include_str!("../../tests/tables/license.json")).unwrap();
    let (list, rows) = rows.split_first().unwrap();
    for id in list.0.split(' ') {
        assert!(is_valid_for_new_package(id), "{id}");
    }
    for (text, valid) in rows {
        assert_eq!(is_valid_for_new_package(text), *valid, "{text:?}");
    }
}

#[test]
fn an_error_says_which_word_is_wrong() {
    let message = |text| License::parse(text).unwrap_err().to_string();
    assert_eq!(
        message("MIT OR Apache 2.0"),
        "license \"MIT OR Apache 2.0\" has \"Apache\" where an SPDX identifier or operator should be"
    );
    assert_eq!(message("MIT OR"), "license \"MIT OR\" is not a complete SPDX expression");
}

#[test]
fn long_and_deep_expressions_do_no_harm() {
    assert!(is_valid_for_new_package(&format!("MIT{}", " OR MIT".repeat(50_000))));
    assert!(!is_valid_for_new_package(&"(".repeat(100_000)));
}
