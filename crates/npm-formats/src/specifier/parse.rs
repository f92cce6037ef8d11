//! Which kind a specifier is.

use std::borrow::Cow;

use npm_semver::{Range, RangeOptions, Version};

use super::{Place, Specifier, SpecifierError, SpecifierKind, file, git};
use crate::hosted_git::HostedGit;
use crate::javascript::{encode_uri_component, is_line_end, trim};
use crate::package_name::{PackageName, split_range, validate};

pub(super) fn parse(argument: &str, place: Place<'_>) -> Result<Specifier, SpecifierError> {
    let (name, spec) = split(argument);
    resolve(name, &spec, Some(argument), place)
}

/// The name, empty where there is none, and what is said of it.
fn split(argument: &str) -> (&str, Cow<'_, str>) {
    let (name, rest) = split_range(argument);
    if is_url(argument) {
        return ("", argument.into());
    }
    if is_scp(argument) {
        return ("", format!("git+ssh://{argument}").into());
    }
    if !name.starts_with('@') && (name.contains('/') || is_tarball(name)) {
        return ("", argument.into());
    }
    match rest {
        Some("") => (name, "*".into()),
        Some(spec) => (name, spec.into()),
        None if validate(argument).is_valid_for_old_packages() => (argument, "*".into()),
        None => ("", argument.into()),
    }
}

/// `raw` is what was given where it was more than name and spec.
pub(super) fn resolve(
    name: &str,
    spec: &str,
    raw: Option<&str>,
    place: Place<'_>,
) -> Result<Specifier, SpecifierError> {
    let raw = match raw {
        Some(raw) => raw.to_owned(),
        None if name.is_empty() => spec.to_owned(),
        None => format!("{name}@{spec}"),
    };
    let name = named(name, &raw)?;
    let found = Found::of(spec, &raw, place)?;
    Ok(Specifier {
        raw,
        raw_spec: spec.to_owned(),
        name,
        kind: found.kind,
        save_spec: found.save_spec,
        fetch_spec: found.fetch_spec,
        range: found.range,
        directory: found.directory,
    })
}

fn named(name: &str, raw: &str) -> Result<Option<PackageName>, SpecifierError> {
    if name.is_empty() {
        return Ok(None);
    }
    PackageName::parse(name).map(Some).map_err(|error| SpecifierError::InvalidName {
        name: error.name,
        raw: raw.to_owned(),
        problems: error.problems,
    })
}

/// What a spec says, whatever the package is called.
pub(super) struct Found {
    pub kind: SpecifierKind,
    pub save_spec: Option<String>,
    pub fetch_spec: Option<String>,
    pub range: Option<Range>,
    pub directory: Option<String>,
}

impl Found {
    pub(super) fn new(kind: SpecifierKind, save_spec: Option<String>, fetch_spec: Option<String>) -> Self {
        Self { kind, save_spec, fetch_spec, range: None, directory: None }
    }

    fn of(spec: &str, raw: &str, place: Place<'_>) -> Result<Self, SpecifierError> {
        if is_file(spec) {
            return file::find(spec, place);
        }
        if is_alias(spec) {
            return alias(spec, place);
        }
        if let Some(hosted) = HostedGit::parse(spec) {
            return git::find_hosted(hosted);
        }
        if is_url(spec) {
            return git::find_url(spec);
        }
        if spec.contains('/') || is_tarball(spec) {
            return file::find(spec, place);
        }
        registry(spec, raw)
    }
}

fn is_alias(spec: &str) -> bool {
    starts_with_ignoring_case(spec, "npm:")
}

fn alias(spec: &str, place: Place<'_>) -> Result<Found, SpecifierError> {
    let argument = spec.get(4..).unwrap_or_default();
    let (name, target) = split(argument);
    let spec = || spec.to_owned();
    if is_alias(&target) && !is_file(&target) {
        named(name, argument)?;
        // told before it is parsed: aliases of aliases could go on for ever
        return Err(SpecifierError::NestedAlias { spec: spec() });
    }
    let target = resolve(name, &target, Some(argument), place)?;
    if target.kind == SpecifierKind::Workspace {
        let protocol = "workspace:".to_owned();
        return Err(SpecifierError::UnsupportedProtocol { protocol, spec: target.raw_spec });
    }
    if !target.is_registry() {
        return Err(SpecifierError::AliasOutsideRegistry { spec: spec() });
    }
    if target.name.is_none() {
        return Err(SpecifierError::AliasWithoutName { spec: spec() });
    }
    Ok(Found::new(SpecifierKind::Alias(Box::new(target)), None, None))
}

fn registry(spec: &str, raw: &str) -> Result<Found, SpecifierError> {
    let spec = trim(spec);
    let fetch_spec = Some(spec.to_owned());
    let Ok(range) = Range::parse(spec, RangeOptions::LOOSE) else {
        if encode_uri_component(spec) != spec {
            return Err(SpecifierError::InvalidTag { tag: spec.to_owned(), raw: raw.to_owned() });
        }
        return Ok(Found::new(SpecifierKind::Tag, None, fetch_spec));
    };
    let kind = if Version::parse_loose(spec).is_ok() { SpecifierKind::Version } else { SpecifierKind::Range };
    Ok(Found { range: Some(range), ..Found::new(kind, None, fetch_spec) })
}

/// A protocol of letters, perhaps with `git+` before it.
fn is_url(text: &str) -> bool {
    let plain = match text.get(..4) {
        Some(start) if start.eq_ignore_ascii_case("git+") => text.get(4..).unwrap_or_default(),
        _ => text,
    };
    let is_protocol = |text: &str| {
        let letters = text.bytes().take_while(u8::is_ascii_alphabetic).count();
        letters > 0 && text.as_bytes().get(letters) == Some(&b':')
    };
    is_protocol(plain)
}

/// The form of scp, `user@host.name:path`.
fn is_scp(text: &str) -> bool {
    let Some((user, rest)) = text.split_once('@') else { return false };
    let Some((host, path)) = rest.split_once(':') else { return false };
    let has_dot = host.split_once('.').is_some_and(|(first, more)| !first.is_empty() && !more.is_empty());
    !user.is_empty() && has_dot && !path.is_empty() && !path.contains(is_line_end)
}

/// A tarball's file name.
pub(super) fn is_tarball(text: &str) -> bool {
    [".tgz", ".tar.gz", ".tar"].into_iter().any(|ending| {
        let start = text.len().checked_sub(ending.len());
        start.and_then(|start| text.get(start..)).is_some_and(|end| end.eq_ignore_ascii_case(ending))
    })
}

/// A path that says so: `file:`, `./`, `~/`, `/`, or a drive letter on any system.
fn is_file(text: &str) -> bool {
    let is_drive = matches!(text.as_bytes(), [letter, b':', ..] if letter.is_ascii_alphabetic());
    is_drive
        || text.starts_with(['.', '/'])
        || text.starts_with("~/")
        || starts_with_ignoring_case(text, "file:")
}

fn starts_with_ignoring_case(text: &str, start: &str) -> bool {
    text.get(..start.len()).is_some_and(|found| found.eq_ignore_ascii_case(start))
}
