//! Texts cut into the terms that are searched for.

/// Longer terms are cut: nobody types them, and hashes would fill the index.
const LONGEST: usize = 40;

/// The terms of a text in their order: runs of letters and digits, lower case.
pub(super) fn of_text(text: &str) -> impl Iterator<Item = String> {
    text.split(|character: char| !character.is_alphanumeric()).filter(|word| !word.is_empty()).map(folded)
}

/// The terms of a package's name that stand for it as a whole: with its scope, without, and without punctuation.
pub(super) fn of_whole_name(name: &str) -> Vec<String> {
    let name = name.to_lowercase();
    let unscoped = unscoped(&name).to_owned();
    let joined: String = unscoped.chars().filter(|character| character.is_alphanumeric()).collect();
    let mut terms = vec![name, unscoped, joined];
    terms.dedup();
    terms
}

/// A name without its scope.
pub(super) fn unscoped(name: &str) -> &str {
    name.split_once('/').map_or(name, |(_, unscoped)| unscoped)
}

fn folded(word: &str) -> String {
    word.chars().flat_map(char::to_lowercase).take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use super::{of_text, of_whole_name};

    #[test]
    fn texts_are_cut_into_words() {
        for (text, terms) in [
            ("A fast, small HTTP/2 client.", vec!["a", "fast", "small", "http", "2", "client"]),
            ("Größe übergrößen", vec!["größe", "übergrößen"]),
            ("--", vec![]),
        ] {
            assert_eq!(of_text(text).collect::<Vec<_>>(), terms);
        }
        assert_eq!(of_whole_name("@acme/date-picker"), ["@acme/date-picker", "date-picker", "datepicker"]);
        assert_eq!(of_whole_name("plain"), ["plain"]);
    }
}
