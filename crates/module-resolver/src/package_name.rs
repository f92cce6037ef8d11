//! Taking a bare specifier apart: PACKAGE_RESOLVE, steps 4 to 8.

/// A bare specifier as package name and subpath.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PackageSpecifier<'a> {
    pub name: &'a str,
    /// What follows the name: empty, or from its `/` on. Node's "packageSubpath" without the leading `.`.
    pub rest: &'a str,
}

impl<'a> PackageSpecifier<'a> {
    /// `None` where the page says _Invalid Module Specifier_: a scope without a name, or a name that starts with
    /// `.` or contains `\` or `%`.
    pub fn parse(specifier: &'a str) -> Option<Self> {
        let mut separator = specifier.find('/');
        if specifier.starts_with('@') {
            // "If packageSpecifier does not contain a '/' separator, then throw"
            let first = separator?;
            separator = specifier[first + 1..].find('/').map(|at| first + 1 + at);
        }
        let (name, rest) = specifier.split_at(separator.unwrap_or(specifier.len()));
        if name.starts_with('.') || name.contains(['%', '\\']) {
            return None;
        }
        Some(Self { name, rest })
    }

    /// As CommonJS's LOAD_PACKAGE_EXPORTS takes it apart, where a name that is none just has no exports: a scope
    /// that no name follows is read as a name of its own.
    pub fn parse_for_require(specifier: &'a str) -> Option<Self> {
        let first = specifier.find('/');
        let scoped = first.filter(|&first| {
            let own = &specifier[first + 1..];
            specifier.starts_with('@')
                && first > 1
                && !own.is_empty()
                && !own.starts_with(['.', '/', '\\', '%'])
        });
        let separator = match scoped {
            Some(first) => specifier[first + 1..].find('/').map(|at| first + 1 + at),
            None => first,
        };
        let (name, rest) = specifier.split_at(separator.unwrap_or(specifier.len()));
        let is_name = !name.is_empty() && !name.starts_with('.') && !name.contains(['%', '\\']);
        is_name.then_some(Self { name, rest })
    }

    /// Node's "packageSubpath": `.`, or `./` and what follows.
    pub fn subpath(&self) -> String {
        format!(".{}", self.rest)
    }
}
