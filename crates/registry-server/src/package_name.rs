//! The name of a package as part of an address or a path.
//!
//! Deliberately laxer than what may be published: packages from before today's rules (upper case, odd
//! characters) are served too. What it guarantees is that a name can never leave its folder.

use std::fmt;

use crate::RegistryError;

/// A name, scoped (`@scope/name`) or not, that is safe as one or two path segments.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PackageName(String);

impl PackageName {
    /// The name `text` spells.
    ///
    /// Errors: [`RegistryError::PackageName`] for anything with another number of segments than its form has, an
    /// empty or dotted segment, a control character or a character that means something in addresses.
    pub fn parse(text: &str) -> Result<PackageName, RegistryError> {
        let valid = text.len() <= 214
            && match text.strip_prefix('@').map(|scoped| scoped.split_once('/')) {
                Some(Some((scope, name))) => is_segment(scope) && is_segment(name),
                Some(None) => false,
                None => is_segment(text) && !matches!(text, "-" | "node_modules" | "favicon.ico"),
            };
        if valid {
            Ok(PackageName(text.into()))
        } else {
            Err(RegistryError::PackageName { name: text.into() })
        }
    }

    /// The whole name, with its scope.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name without its scope, as tarballs are called after.
    pub fn unscoped(&self) -> &str {
        self.0.rsplit_once('/').map_or(self.0.as_str(), |(_, name)| name)
    }
}

impl fmt::Display for PackageName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

fn is_segment(text: &str) -> bool {
    let reserved = |c: char| c.is_control() || c.is_whitespace() || "/\\@?#%:\"<>|".contains(c);
    !text.is_empty() && !text.starts_with('.') && !text.chars().any(reserved)
}

#[cfg(test)]
mod tests {
    use super::PackageName;

    #[test]
    fn a_name_cannot_leave_its_folder() {
        for name in ["a", "A.b_c", "@s/p", "-leading", "a~b", "@-/x"] {
            assert!(PackageName::parse(name).is_ok(), "{name}");
        }
        for name in
            ["", ".", "..", "a/b", "@s", "@s/", "@/p", "@s/..", "@../p", "@s/p/q", "a\\b", "a b", "a\0", "-"]
        {
            assert!(PackageName::parse(name).is_err(), "{name}");
        }
    }
}
