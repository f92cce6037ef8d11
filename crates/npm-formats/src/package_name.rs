//! Which names packages may have: the rules for new ones, and the laxer ones for those that exist already.
//!
//! *Source*: validate-npm-package-name 7.0.2 of npm 11.19.1.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use crate::javascript::{encode_uri_component, trim};

const MAX_LENGTH: usize = 214;

/// Node's builtin modules, whose names new packages may not have.
const CORE_MODULES: &str = "\
    _http_agent _http_client _http_common _http_incoming _http_outgoing _http_server _stream_duplex \
    _stream_passthrough _stream_readable _stream_transform _stream_wrap _stream_writable _tls_common \
    _tls_wrap assert assert/strict async_hooks buffer child_process cluster console constants crypto \
    dgram diagnostics_channel dns dns/promises domain events fs fs/promises http http2 https inspector \
    inspector/promises module net node:sea node:sqlite node:test node:test/reporters os path path/posix \
    path/win32 perf_hooks process punycode querystring readline readline/promises repl stream \
    stream/consumers stream/promises stream/web string_decoder sys timers timers/promises tls \
    trace_events tty url util util/types v8 vm wasi worker_threads zlib";

/// What is wrong with a name. `Display` is npm's sentence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameProblem {
    #[error("name length must be greater than zero")]
    Empty,
    #[error("name cannot start with a period")]
    LeadingPeriod,
    #[error("name cannot start with a hyphen")]
    LeadingHyphen,
    #[error("name cannot start with an underscore")]
    LeadingUnderscore,
    #[error("name cannot contain leading or trailing spaces")]
    OuterSpaces,
    /// `node_modules` and `favicon.ico`.
    #[error("{name} is not a valid package name")]
    Reserved { name: &'static str },
    #[error("name can only contain URL-friendly characters")]
    NotUrlFriendly,
    #[error("{name} is a core module name")]
    CoreModule { name: String },
    #[error("name can no longer contain more than {} characters", MAX_LENGTH)]
    TooLong,
    #[error("name can no longer contain capital letters")]
    Capitals,
    #[error("name can no longer contain special characters (\"~'!()*\")")]
    SpecialCharacters,
}

/// What npm says of a name, in its order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NameReport {
    /// What no package may be called.
    pub errors: Vec<NameProblem>,
    /// What only packages from before the rule may be called.
    pub warnings: Vec<NameProblem>,
}

impl NameReport {
    /// Whether a new package may have the name.
    pub fn is_valid_for_new_packages(&self) -> bool {
        self.errors.is_empty() && self.warnings.is_empty()
    }

    /// Whether a package that exists may have the name.
    pub fn is_valid_for_old_packages(&self) -> bool {
        self.errors.is_empty()
    }
}

/// Judges a name by npm's rules.
pub fn validate(name: &str) -> NameReport {
    let lower_case = name.to_lowercase();
    let mut report = NameReport { errors: errors(name, &lower_case), warnings: warnings(name, &lower_case) };
    if encode_uri_component(name) != name {
        let scoped = split_scope(name);
        if scoped.is_some_and(|(_, bare)| bare.starts_with('.')) {
            report.errors.push(NameProblem::LeadingPeriod);
        }
        let is_plain = |part: &str| encode_uri_component(part) == part;
        if !scoped.is_some_and(|(scope, bare)| scope.is_some_and(is_plain) && is_plain(bare)) {
            report.errors.push(NameProblem::NotUrlFriendly);
        }
    }
    report
}

fn errors(name: &str, lower_case: &str) -> Vec<NameProblem> {
    let reserved = |name| (lower_case == name).then_some(NameProblem::Reserved { name });
    let found = [
        name.is_empty().then_some(NameProblem::Empty),
        name.starts_with('.').then_some(NameProblem::LeadingPeriod),
        name.starts_with('-').then_some(NameProblem::LeadingHyphen),
        name.starts_with('_').then_some(NameProblem::LeadingUnderscore),
        (trim(name) != name).then_some(NameProblem::OuterSpaces),
        reserved("node_modules"),
        reserved("favicon.ico"),
    ];
    found.into_iter().flatten().collect()
}

fn warnings(name: &str, lower_case: &str) -> Vec<NameProblem> {
    let last_part = name.rsplit('/').next().unwrap_or(name);
    let is_long = name.len() > MAX_LENGTH && name.encode_utf16().count() > MAX_LENGTH;
    let found = [
        CORE_MODULES
            .split(' ')
            .any(|module| module == lower_case)
            .then(|| NameProblem::CoreModule { name: name.to_owned() }),
        is_long.then_some(NameProblem::TooLong),
        (lower_case != name).then_some(NameProblem::Capitals),
        last_part.contains(['~', '\'', '!', '(', ')', '*']).then_some(NameProblem::SpecialCharacters),
    ];
    found.into_iter().flatten().collect()
}

/// `@scope/name` as (`scope`, `name`), a name without slash as (nothing, name).
fn split_scope(name: &str) -> Option<(Option<&str>, &str)> {
    let scoped = name.strip_prefix('@').and_then(|rest| rest.split_once('/'));
    match scoped {
        Some((scope, bare)) if !scope.is_empty() && !bare.is_empty() && !bare.contains('/') => {
            Some((Some(scope), bare))
        }
        _ => (!name.is_empty() && !name.contains('/')).then_some((None, name)),
    }
}

/// The name in `name@range`, and the range where there is one.
///
/// *Shape*: the first `@` may begin a scope; the range may be a dist-tag or any other text, and empty. Neither is
/// checked.
pub fn split_range(text: &str) -> (&str, Option<&str>) {
    let scope = usize::from(text.starts_with('@'));
    let sign = text.get(scope..).and_then(|rest| rest.find('@')).map(|at| scope + at);
    match sign.and_then(|at| text.split_at_checked(at)) {
        Some((name, range)) => (name, range.strip_prefix('@')),
        None => (text, None),
    }
}

/// A name that is none. npm's code is `EINVALIDPACKAGENAME`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("invalid package name \"{name}\": {}", sentences(problems))]
pub struct InvalidPackageName {
    pub name: String,
    pub problems: Vec<NameProblem>,
}

pub(crate) fn sentences(problems: &[NameProblem]) -> String {
    problems.iter().map(NameProblem::to_string).collect::<Vec<_>>().join("; ")
}

/// The name of a package that exists or may exist: valid by the rules for old packages.
///
/// *Shape*: `name` or `@scope/name`, safe as one or two segments of a path and, [escaped](Self::escaped), as one
/// segment of a URL.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PackageName(Box<str>);

impl PackageName {
    /// Accepts a name that is valid for old packages.
    ///
    /// *Errors*: [`InvalidPackageName`] with all that is wrong.
    pub fn parse(name: &str) -> Result<Self, InvalidPackageName> {
        let report = validate(name);
        if report.is_valid_for_old_packages() {
            Ok(Self(name.into()))
        } else {
            Err(InvalidPackageName { name: name.to_owned(), problems: report.errors })
        }
    }

    /// The whole name, with its scope.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The scope with its `@`.
    pub fn scope(&self) -> Option<&str> {
        self.0.split_once('/').map(|(scope, _)| scope)
    }

    /// The name without its scope, as tarballs are called after.
    pub fn unscoped(&self) -> &str {
        self.0.split_once('/').map_or(&self.0, |(_, name)| name)
    }

    /// The name as one segment of a URL: `@scope%2fname`.
    pub fn escaped(&self) -> Cow<'_, str> {
        match self.0.split_once('/') {
            Some((scope, name)) => Cow::Owned(format!("{scope}%2f{name}")),
            None => Cow::Borrowed(&self.0),
        }
    }
}

impl fmt::Display for PackageName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl AsRef<str> for PackageName {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl FromStr for PackageName {
    type Err = InvalidPackageName;

    fn from_str(name: &str) -> Result<Self, InvalidPackageName> {
        Self::parse(name)
    }
}

#[cfg(test)]
mod tests {
    use super::split_range;

    #[test]
    fn a_range_stands_behind_the_sign_that_is_no_scopes() {
        for (text, expected) in [
            ("name", ("name", None)),
            ("name@^1", ("name", Some("^1"))),
            ("name@", ("name", Some(""))),
            ("@scope/name", ("@scope/name", None)),
            ("@scope/name@1 || 2", ("@scope/name", Some("1 || 2"))),
            ("alias@npm:other@2", ("alias", Some("npm:other@2"))),
            ("é@x", ("é", Some("x"))),
            ("@", ("@", None)),
            ("@@", ("@", Some(""))),
            ("", ("", None)),
        ] {
            assert_eq!(split_range(text), expected, "{text}");
        }
    }
}
