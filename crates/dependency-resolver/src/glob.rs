//! Names against globs, as `min-release-age-exclude` has them.

use globset::GlobBuilder;

/// Whether a package name is `pattern` or matches it as a glob (`@scope/*`). A pattern that is no glob
/// matches only itself.
pub fn matches(pattern: &str, name: &str) -> bool {
    pattern == name
        || GlobBuilder::new(pattern)
            .literal_separator(true)
            .build()
            .is_ok_and(|glob| glob.compile_matcher().is_match(name))
}
