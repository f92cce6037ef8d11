//! Which file names a tarball may have.

/// Whether `file` is a single path segment that ends in `.tgz`.
pub(crate) fn is_tarball_name(file: &str) -> bool {
    let stem = file.strip_suffix(".tgz").unwrap_or_default();
    !stem.is_empty() && !stem.starts_with('.') && !stem.chars().any(|c| c.is_control() || "/\\:".contains(c))
}
