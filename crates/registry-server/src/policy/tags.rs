//! Dist-tags whose versions are hidden: a tag that leads nowhere breaks `npm ci` and `npm install name`.

use std::collections::BTreeSet;

use npm_semver::Version;

use super::PackageFacts;

/// A dist-tag that does not stay as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagChange {
    /// The tag.
    pub tag: String,
    /// The hidden version it stood for.
    pub from: String,
    /// The version it stands for now; `None` where it is left out.
    pub to: Option<String>,
}

/// What becomes of the dist-tags that stand for hidden versions.
///
/// A tag goes to the newest visible version not newer than its own, a release's tag to a release if there is one.
/// `latest` goes to a newer one rather than nowhere: clients need it. Newest is the highest by precedence.
pub fn repaired_tags(facts: &PackageFacts, hidden: &BTreeSet<&str>) -> Vec<TagChange> {
    let mut visible: Vec<(Version, &str)> = facts
        .versions
        .iter()
        .filter(|version| !hidden.contains(version.version.as_str()))
        .filter_map(|version| Some((Version::parse_loose(&version.version).ok()?, version.version.as_str())))
        .collect();
    visible.sort();
    let broken = facts.dist_tags.iter().filter(|(_, version)| hidden.contains(version.as_str()));
    broken
        .map(|(tag, from)| TagChange {
            tag: tag.clone(),
            from: from.clone(),
            to: replacement(tag, from, &visible).map(str::to_owned),
        })
        .collect()
}

/// The version in place of a hidden one, of visible ones from the lowest to the highest.
fn replacement<'a>(tag: &str, hidden: &str, visible: &[(Version, &'a str)]) -> Option<&'a str> {
    let hidden = Version::parse_loose(hidden).ok();
    let not_newer = |version: &Version| hidden.as_ref().is_some_and(|hidden| version <= hidden);
    let newest = |wanted: &dyn Fn(&Version) -> bool| {
        visible.iter().rev().find(|(version, _)| wanted(version)).map(|(_, text)| *text)
    };
    if tag == "latest" {
        return newest(&|version| !version.is_prerelease() && not_newer(version))
            .or_else(|| newest(&|version| !version.is_prerelease()))
            .or_else(|| newest(&|_| true));
    }
    let of_release = hidden.as_ref().is_some_and(|hidden| !hidden.is_prerelease());
    newest(&|version| not_newer(version) && !(of_release && version.is_prerelease()))
        .or_else(|| newest(&not_newer))
}
