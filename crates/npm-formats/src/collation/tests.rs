use super::{compare, compare_icu};
use proptest::prelude::*;
use std::cmp::Ordering;

#[test]
fn answers_what_node_answers() {
    let groups: Vec<Vec<String>> =
        serde_json::from_str(include_str!("../../tests/tables/collation.json")).unwrap();
    let ranked: Vec<(usize, &String)> = groups
        .iter()
        .enumerate()
        .flat_map(|(rank, group)| group.iter().map(move |word| (rank, word)))
        .collect();
    for (rank_a, a) in &ranked {
        for (rank_b, b) in &ranked {
            assert_eq!(compare(a, b), rank_a.cmp(rank_b), "{a:?} against {b:?}");
        }
    }
}

#[test]
fn every_pair_of_ascii_characters_agrees_with_icu() {
    for x in 0..128u8 {
        for y in 0..128u8 {
            let (a, b) = (char::from(x).to_string(), char::from(y).to_string());
            assert_eq!(compare(&a, &b), compare_icu(&a, &b), "{a:?} against {b:?}");
        }
    }
}

#[test]
fn case_counts_only_when_nothing_else_differs() {
    let mut names = ["b", "A-b", "B", "ab", "a", "A", "aB", "a-b", "Ab"];
    names.sort_by(|a, b| compare(a, b));
    assert_eq!(names, ["a", "A", "a-b", "A-b", "ab", "aB", "Ab", "b", "B"]);
}

#[test]
fn ignored_characters_make_different_strings_equal() {
    assert_eq!(compare("a\u{1}b", "ab"), Ordering::Equal);
    assert_eq!(compare("a\u{0}B", "ab\u{7f}"), Ordering::Greater);
}

proptest! {
    #[test]
    fn ascii_agrees_with_icu(a in "[ -~]{0,12}", b in "[ -~]{0,12}") {
        prop_assert_eq!(compare(&a, &b), compare_icu(&a, &b));
    }

    #[test]
    fn near_names_agree_with_icu(a in "(node_modules/)?[abAB/@._-]{0,9}", b in "(node_modules/)?[abAB/@._-]{0,9}") {
        prop_assert_eq!(compare(&a, &b), compare_icu(&a, &b));
    }

    #[test]
    fn control_characters_agree_with_icu(a in "[\u{0}-\u{1f}aAb\u{7f}]{0,6}", b in "[\u{0}-\u{1f}aAb\u{7f}]{0,6}") {
        prop_assert_eq!(compare(&a, &b), compare_icu(&a, &b));
    }
}
