//! npm's choice of one version of a packument for a spec.

use npm_formats::packument::{Packument, PackumentVersion};
use npm_semver::{Range, Version};

use crate::error::FetchError;
use crate::spec::Requirement;

/// What the choice depends on besides the spec.
#[derive(Debug, Clone, Copy)]
pub struct PickOptions<'a> {
    /// The dist-tag preferred where a range allows it.
    pub default_tag: &'a str,
    /// Only versions published up to then, in milliseconds since 1970.
    pub before: Option<i64>,
    /// The version of Node that engines are held against.
    pub node_version: &'a Version,
    /// The version of npm that engines are held against.
    pub npm_version: &'a Version,
    /// Versions that are only chosen where nothing else matches.
    pub avoid: Option<&'a Range>,
}

/// How a version that avoids others relates to what was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outside {
    /// It is what was asked for.
    No,
    /// It is of the same major version as what would have been chosen.
    SameMajor,
    /// It may be of any version.
    AnyMajor,
}

/// Picks the version of a packument that npm would: the default tag's if the range allows it and nothing
/// speaks against it, else the highest that is neither deprecated nor made for other engines, else the
/// highest made for these engines, else the highest.
///
/// *Errors*: `ENOVERSIONS` where nothing was published in time, `ETARGET` where nothing matches.
pub fn pick_manifest<'p>(
    packument: &'p Packument,
    requirement: &Requirement,
    options: &PickOptions<'_>,
) -> Result<&'p PackumentVersion, FetchError> {
    let picker = Picker { packument, options };
    match requirement {
        Requirement::Tag { tag } => picker.tagged(tag),
        Requirement::Range { exact: true, text, .. } => picker.exact(text),
        Requirement::Range { range, any, text, .. } => picker.in_range(range, *any, text),
        Requirement::Alias { target, .. } => pick_manifest(packument, target, options),
        _ => Err(FetchError::new("EUNSUPPORTED", "only a tag, version or range is looked up in a registry")),
    }
}

/// The version that [`pick_manifest`] gives if it need not be avoided, else the best one that need not: of the same
/// major version, else of any. `None` where every version is to be avoided, or nothing matches at all.
pub fn pick_safe_manifest<'p>(
    packument: &'p Packument,
    requirement: &Requirement,
    options: &PickOptions<'_>,
) -> Option<(&'p PackumentVersion, Outside)> {
    let is_safe = |version: &&PackumentVersion| !is_avoided(version, options.avoid);
    let first = pick_manifest(packument, requirement, options).ok()?;
    if is_safe(&first) {
        return Some((first, Outside::No));
    }
    let again = |range: &str| {
        let requirement = Requirement::parse(packument.name(), range);
        pick_manifest(packument, &requirement, options).ok().filter(is_safe)
    };
    again(&format!("^{}", first.text()))
        .map(|version| (version, Outside::SameMajor))
        .or_else(|| again("*").map(|version| (version, Outside::AnyMajor)))
}

fn is_avoided(version: &PackumentVersion, avoid: Option<&Range>) -> bool {
    avoid.zip(version.parsed()).is_some_and(|(avoid, version)| avoid.satisfies(version))
}

/// When a version was published, in milliseconds since 1970; `None` where the packument does not say.
pub fn published_at(version: &PackumentVersion) -> Option<i64> {
    version.time()?.parse::<jiff::Timestamp>().ok().map(|time| time.as_millisecond())
}

struct Picker<'p, 'o> {
    packument: &'p Packument,
    options: &'o PickOptions<'o>,
}

impl<'p> Picker<'p, '_> {
    fn tagged(&self, tag: &str) -> Result<&'p PackumentVersion, FetchError> {
        let Some(text) = self.packument.dist_tag(tag) else { return Err(self.no_match(tag)) };
        let version = self.packument.version(text);
        if version.is_none_or(|version| self.is_in_time(version)) {
            return version.ok_or_else(|| self.no_match(tag));
        }
        let range = format!("<={text}");
        let parsed = Range::parse(&range, crate::spec::LOOSE).map_err(|_| self.no_match(tag))?;
        self.in_range(&parsed, false, &range)
    }

    fn exact(&self, wanted: &str) -> Result<&'p PackumentVersion, FetchError> {
        let cleaned = npm_semver::clean(wanted, true).unwrap_or_else(|_| wanted.to_owned());
        self.packument
            .version(&cleaned)
            .filter(|version| self.is_in_time(version))
            .ok_or_else(|| self.no_match(wanted))
    }

    fn in_range(&self, range: &Range, any: bool, text: &str) -> Result<&'p PackumentVersion, FetchError> {
        let matches =
            |version: &PackumentVersion| version.parsed().is_some_and(|version| range.satisfies(version));
        let default = self.packument.dist_tag(self.options.default_tag);
        if let Some(default) = default.and_then(|text| self.packument.version(text))
            && (any || matches(default))
            && self.is_in_time(default)
            && self.runs_here(default)
            && !self.packument.standing(default).deprecated
            && !is_avoided(default, self.options.avoid)
        {
            return Ok(default);
        }
        let mut none_in_time = true;
        let mut candidates: Vec<&PackumentVersion> = Vec::new();
        for version in self.packument.versions() {
            if self.options.before.is_some() && !self.is_in_time(version) {
                continue;
            }
            none_in_time = false;
            if matches(version) {
                candidates.push(version);
            }
        }
        if none_in_time {
            return Err(FetchError::new(
                "ENOVERSIONS",
                format!("No versions available for {}", self.packument.name()),
            ));
        }
        candidates.sort_by(|a, b| b.parsed().cmp(&a.parsed()));
        let safe: Vec<&PackumentVersion> =
            candidates.iter().copied().filter(|version| !is_avoided(version, self.options.avoid)).collect();
        let candidates = if safe.is_empty() { candidates } else { safe };
        self.best(&candidates).ok_or_else(|| self.no_match(text))
    }

    /// The best of candidates that are sorted from the highest version down.
    fn best(&self, candidates: &[&'p PackumentVersion]) -> Option<&'p PackumentVersion> {
        let deprecated = |version: &PackumentVersion| self.packument.standing(version).deprecated;
        let find = |good: &dyn Fn(&PackumentVersion) -> bool| {
            candidates.iter().copied().find(|version| good(version))
        };
        find(&|version| !deprecated(version) && self.runs_here(version))
            .or_else(|| find(&|version| self.runs_here(version)))
            .or_else(|| find(&|version| !deprecated(version)))
            .or_else(|| candidates.first().copied())
    }

    fn runs_here(&self, version: &PackumentVersion) -> bool {
        let engines = &self.packument.standing(version).engines;
        runs_on(engines.node.as_deref(), self.options.node_version)
            && runs_on(engines.npm.as_deref(), self.options.npm_version)
    }

    fn is_in_time(&self, version: &PackumentVersion) -> bool {
        let (Some(before), true) = (self.options.before, self.packument.has_times()) else { return true };
        match version.time().filter(|time| !time.is_empty()) {
            None => true,
            Some(_) => published_at(version).is_some_and(|time| time <= before),
        }
    }

    fn no_match(&self, wanted: &str) -> FetchError {
        let name = self.packument.name();
        let date = self.options.before.and_then(|before| jiff::Timestamp::from_millisecond(before).ok());
        let date = date.map(|date| format!(" with a date before {date}")).unwrap_or_default();
        let mut error =
            FetchError::new("ETARGET", format!("No matching version found for {name}@{wanted}{date}."));
        let newest = self.packument.dist_tag(self.options.default_tag);
        error.hint = newest.map(|newest| {
            format!("the newest version is {newest}; `knit view {name} versions` lists them all")
        });
        error
    }
}

/// Whether an engine's version is in the range that a package asks for; one without a range runs on all,
/// one whose range cannot be read on none.
pub(crate) fn runs_on(range: Option<&str>, version: &Version) -> bool {
    match range {
        None | Some("") => true,
        Some(range) => {
            let options = npm_semver::RangeOptions { include_prerelease: true, ..Default::default() };
            Range::parse(range, options).is_ok_and(|range| range.satisfies(version))
        }
    }
}
