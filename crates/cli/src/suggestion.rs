//! "Did you mean".

/// The name nearest to a mistyped one, when it is near enough to be meant: at most a third of it differs.
pub fn nearest<'a>(mistyped: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let limit = (mistyped.chars().count() / 3).max(1);
    names
        .map(|name| (strsim::damerau_levenshtein(mistyped, name), name))
        .filter(|(distance, _)| *distance > 0 && *distance <= limit)
        .min()
        .map(|(_, name)| name)
}
