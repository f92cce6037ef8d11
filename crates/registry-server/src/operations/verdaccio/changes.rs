//! What an import that is repeated changes: what became different there since the last one, but for what became
//! different here.
//!
//! Owns the comparison of three states: before (there, at the last import), there, here. Does not own: reading them,
//! and doing what comes out.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::{Conflicts, Unpublished};
use crate::database::imported::Standing;

/// A dist-tag that was moved, made or taken away here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TagChange {
    pub tag: String,
    pub from: Option<String>,
    pub to: Option<String>,
}

/// What was changed on both sides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Conflict {
    pub what: Conflicting,
    /// What it was here before this import.
    pub here: Option<String>,
    pub there: Option<String>,
}

/// What of a package both sides may change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Conflicting {
    /// A dist-tag; its versions differ.
    Tag(String),
    /// The deprecation of a version; its messages differ.
    Deprecation(String),
}

/// What is to be done, and what is to be said.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Changes {
    pub tags: Vec<TagChange>,
    /// Versions with their new messages.
    pub deprecations: Vec<(String, Option<String>)>,
    /// Users, and whether they star it.
    pub stars: Vec<(String, bool)>,
    pub maintainers: Vec<String>,
    /// Versions that are to be removed.
    pub removals: Vec<String>,
    /// Versions that are no longer there, and stay.
    pub gone: Vec<String>,
    pub conflicts: Vec<Conflict>,
    /// Dist-tags of versions that are not here.
    pub lost_tags: Vec<String>,
    /// What the next import has to know.
    pub remembered: Standing,
}

impl Changes {
    /// Whether everything stays as it is.
    pub fn are_none(&self) -> bool {
        self.tags.is_empty()
            && self.deprecations.is_empty()
            && self.stars.is_empty()
            && self.maintainers.is_empty()
            && self.removals.is_empty()
    }

    /// For the log, behind the number of versions.
    pub fn summary(&self) -> String {
        let parts = [
            ("dist-tags", self.tags.len()),
            ("deprecations", self.deprecations.len()),
            ("maintainers", self.maintainers.len()),
            ("removals", self.removals.len()),
        ];
        let parts = parts.into_iter().filter(|(_, count)| *count > 0);
        parts.map(|(what, count)| format!(", {count} {what}")).collect()
    }
}

/// What there is of a package. `before` is none where it was never imported from there.
pub(super) struct Sides<'a> {
    pub before: Option<&'a Standing>,
    /// Of its versions, those that are wanted; its maintainers are those that the import was told.
    pub there: &'a Standing,
    pub here: &'a Standing,
    /// Versions that are there, wanted or not.
    pub listed: &'a BTreeSet<String>,
    /// Versions that this import brings.
    pub added: &'a BTreeSet<String>,
    /// Whether the import makes the package.
    pub is_new: bool,
}

/// What becomes of one thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// It is the same, or was changed here only.
    Stays,
    /// It was changed there only.
    Follows,
    /// It was changed on both sides.
    Conflicts,
}

fn fate(before: Option<&str>, there: Option<&str>, here: Option<&str>) -> Fate {
    if there == here || there == before {
        Fate::Stays
    } else if here == before {
        Fate::Follows
    } else {
        Fate::Conflicts
    }
}

/// Compares the sides.
pub(super) fn between(sides: &Sides<'_>, conflicts: Conflicts, unpublished: Unpublished) -> Changes {
    let mut changes = Changes { remembered: sides.there.clone(), ..Changes::default() };
    versions(sides, unpublished, &mut changes);
    if sides.listed.is_empty() || (sides.here.versions.is_empty() && sides.added.is_empty()) {
        // a package that is gone there says nothing about the tags and stars of what stays, and one that is removed
        // here has none
        let versions = std::mem::take(&mut changes.remembered.versions);
        changes.remembered = Standing { versions, ..sides.before.cloned().unwrap_or_default() };
        tags_of_removed_versions(sides, &mut changes);
        return changes;
    }
    tags(sides, conflicts, &mut changes);
    tags_of_removed_versions(sides, &mut changes);
    deprecations(sides, conflicts, &mut changes);
    people(sides, &mut changes);
    changes
}

fn versions(sides: &Sides<'_>, unpublished: Unpublished, changes: &mut Changes) {
    let remembered = &mut changes.remembered.versions;
    remembered
        .retain(|version, _| sides.here.versions.contains_key(version) || sides.added.contains(version));
    let before = sides.before.into_iter().flat_map(|before| &before.versions);
    for (version, message) in before {
        if sides.listed.contains(version) || !sides.here.versions.contains_key(version) {
            continue;
        }
        match unpublished {
            Unpublished::Kept => {
                remembered.insert(version.clone(), message.clone());
                changes.gone.push(version.clone());
            }
            Unpublished::Removed => changes.removals.push(version.clone()),
        }
    }
}

fn tags(sides: &Sides<'_>, conflicts: Conflicts, changes: &mut Changes) {
    let nothing = BTreeMap::new();
    let before = sides.before.map_or(&nothing, |before| &before.tags);
    let names: BTreeSet<&String> = before.keys().chain(sides.there.tags.keys()).collect();
    for tag in names {
        let (was, there) = (before.get(tag), sides.there.tags.get(tag));
        let here = sides.here.tags.get(tag);
        let stays =
            |version: &String| sides.here.versions.contains_key(version) || sides.added.contains(version);
        if there.is_some_and(|version| !stays(version)) {
            changes.lost_tags.push(tag.clone());
            remember(&mut changes.remembered.tags, tag, was);
            continue;
        }
        if there.is_none() && here.is_some_and(|version| changes.gone.contains(version)) {
            // it went with its version, which stays
            remember(&mut changes.remembered.tags, tag, was);
            continue;
        }
        let [was, to, from] = [was, there, here].map(|version| version.map(String::as_str));
        let is_taken = match fate(was, to, from) {
            Fate::Stays => false,
            Fate::Follows => true,
            Fate::Conflicts => {
                let what = Conflicting::Tag(tag.clone());
                changes.conflicts.push(Conflict { what, here: here.cloned(), there: there.cloned() });
                if conflicts == Conflicts::Kept {
                    remember(&mut changes.remembered.tags, tag, before.get(tag));
                }
                conflicts == Conflicts::Overwritten
            }
        };
        if is_taken {
            changes.tags.push(TagChange { tag: tag.clone(), from: here.cloned(), to: there.cloned() });
        }
    }
}

/// Whoever set them here: they cannot stay without their versions.
fn tags_of_removed_versions(sides: &Sides<'_>, changes: &mut Changes) {
    for (tag, version) in &sides.here.tags {
        if changes.removals.contains(version) && changes.tags.iter().all(|change| change.tag != *tag) {
            let to = sides.there.tags.get(tag).filter(|version| sides.here.versions.contains_key(*version));
            changes.tags.push(TagChange { tag: tag.clone(), from: Some(version.clone()), to: to.cloned() });
        }
    }
}

/// Has the next import know of a tag what this one knew, so that it says again what was not settled.
fn remember(tags: &mut BTreeMap<String, String>, tag: &str, version: Option<&String>) {
    match version {
        Some(version) => drop(tags.insert(tag.to_owned(), version.clone())),
        None => drop(tags.remove(tag)),
    }
}

fn deprecations(sides: &Sides<'_>, conflicts: Conflicts, changes: &mut Changes) {
    for (version, there) in &sides.there.versions {
        let Some(here) = sides.here.versions.get(version) else { continue };
        let before = sides.before.and_then(|before| before.versions.get(version)).cloned().flatten();
        let is_taken = match fate(before.as_deref(), there.as_deref(), here.as_deref()) {
            Fate::Stays => false,
            Fate::Follows => true,
            Fate::Conflicts => {
                let what = Conflicting::Deprecation(version.clone());
                changes.conflicts.push(Conflict { what, here: here.clone(), there: there.clone() });
                if conflicts == Conflicts::Kept {
                    changes.remembered.versions.insert(version.clone(), before);
                }
                conflicts == Conflicts::Overwritten
            }
        };
        if is_taken {
            changes.deprecations.push((version.clone(), there.clone()));
        }
    }
}

/// Who stars it, and who may publish: each is for oneself, so there are no conflicts.
fn people(sides: &Sides<'_>, changes: &mut Changes) {
    let nobody = Standing::default();
    let before = sides.before.unwrap_or(&nobody);
    let (there, here) = (sides.there, sides.here);
    let given = there.stars.difference(&before.stars).filter(|user| !here.stars.contains(*user));
    let taken_back = before.stars.difference(&there.stars).filter(|user| here.stars.contains(*user));
    let stars = given.map(|user| (user.clone(), true)).chain(taken_back.map(|user| (user.clone(), false)));
    changes.stars.extend(stars);
    // a package that was here before it was imported has maintainers of its own
    if sides.is_new || sides.before.is_some() {
        let told = there.maintainers.difference(&before.maintainers);
        changes.maintainers.extend(told.filter(|user| !here.maintainers.contains(*user)).cloned());
    }
    // who is not named again has not been taken away
    changes.remembered.maintainers.extend(before.maintainers.iter().cloned());
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn standing(document: &Value) -> Standing {
        let mut whole = json!({ "tags": {}, "versions": {}, "stars": [], "maintainers": [] });
        let members = document.as_object().expect("an object").clone();
        whole.as_object_mut().expect("an object").extend(members);
        serde_json::from_value(whole).expect("a standing")
    }

    fn changes(
        before: Option<&Value>,
        there: &Value,
        here: &Value,
        conflicts: Conflicts,
        unpublished: Unpublished,
    ) -> Changes {
        let (before, there, here) = (before.map(standing), standing(there), standing(here));
        let sides = Sides {
            before: before.as_ref(),
            listed: &there.versions.keys().cloned().collect(),
            added: &BTreeSet::new(),
            there: &there,
            here: &here,
            is_new: false,
        };
        between(&sides, conflicts, unpublished)
    }

    /// A package with two versions, of which one thing differs.
    fn package(tag: Option<&str>, message: Option<&str>) -> Value {
        let tags = tag.map_or_else(|| json!({}), |version| json!({ "beta": version }));
        json!({ "tags": tags, "versions": { "1.0.0": message, "2.0.0": null } })
    }

    #[test]
    fn what_changed_there_is_taken_and_what_changed_here_stays() {
        let (a, b, c) = (Some("a"), Some("b"), Some("c"));
        for (before, there, here, expected) in [
            (a, a, a, Fate::Stays),
            (a, b, a, Fate::Follows),
            (a, None, a, Fate::Follows),
            (None, a, None, Fate::Follows),
            (a, a, b, Fate::Stays),
            (a, a, None, Fate::Stays),
            (a, b, b, Fate::Stays),
            (None, a, a, Fate::Stays),
            (a, b, c, Fate::Conflicts),
            (a, None, b, Fate::Conflicts),
            (a, b, None, Fate::Conflicts),
            (None, a, b, Fate::Conflicts),
        ] {
            assert_eq!(fate(before, there, here), expected, "{before:?} {there:?} {here:?}");
        }
    }

    #[test]
    fn a_conflict_is_told_until_it_is_settled() {
        let tag = |version| package(version, None);
        let message = |message| package(None, message);
        for (before, there, here) in [
            (tag(Some("1.0.0")), tag(None), tag(Some("2.0.0"))),
            (tag(None), tag(Some("1.0.0")), tag(Some("2.0.0"))),
            (message(Some("old")), message(None), message(Some("older"))),
            (message(None), message(Some("old")), message(Some("older"))),
        ] {
            let kept = changes(Some(&before), &there, &here, Conflicts::Kept, Unpublished::Kept);
            assert!(kept.are_none() && kept.conflicts.len() == 1, "{kept:?}");
            let remembered = serde_json::to_value(&kept.remembered).expect("JSON");
            let again = changes(Some(&remembered), &there, &here, Conflicts::Kept, Unpublished::Kept);
            assert_eq!(again.conflicts, kept.conflicts);
            let settled =
                changes(Some(&remembered), &there, &here, Conflicts::Overwritten, Unpublished::Kept);
            assert_eq!((settled.conflicts.len(), settled.are_none()), (1, false));
            assert_eq!(settled.remembered, standing(&there));
            let agreed = changes(Some(&remembered), &there, &there, Conflicts::Kept, Unpublished::Kept);
            assert!(agreed.are_none() && agreed.conflicts.is_empty(), "{agreed:?}");
        }
    }

    #[test]
    fn a_version_that_is_gone_there_stays_with_its_tag_unless_it_shall_not() {
        let before = json!({ "tags": { "beta": "2.0.0" }, "versions": { "1.0.0": null, "2.0.0": null } });
        let there = json!({ "tags": {}, "versions": { "1.0.0": null } });
        let kept = changes(Some(&before), &there, &before, Conflicts::Kept, Unpublished::Kept);
        assert!(kept.are_none(), "{kept:?}");
        assert_eq!((kept.gone, kept.remembered), (vec!["2.0.0".to_owned()], standing(&before)));
        let removed = changes(Some(&before), &there, &before, Conflicts::Kept, Unpublished::Removed);
        assert_eq!((removed.removals, removed.remembered), (vec!["2.0.0".to_owned()], standing(&there)));
        let tagged = json!({ "tags": { "own": "2.0.0" }, "versions": { "1.0.0": null, "2.0.0": null } });
        let removed = changes(Some(&before), &there, &tagged, Conflicts::Kept, Unpublished::Removed);
        let own = TagChange { tag: "own".to_owned(), from: Some("2.0.0".to_owned()), to: None };
        assert_eq!(removed.tags, [own]);
        // one that was published here only is nobody's to take away
        let here = json!({ "tags": {}, "versions": { "1.0.0": null, "3.0.0": null } });
        let other = changes(Some(&before), &there, &here, Conflicts::Kept, Unpublished::Removed);
        assert!(other.are_none() && other.gone.is_empty(), "{other:?}");
    }

    #[test]
    fn a_package_that_is_gone_there_keeps_its_tags() {
        let before = json!({
            "tags": { "latest": "1.0.0" }, "versions": { "1.0.0": "old" }, "stars": ["ann"], "maintainers": ["ann"],
        });
        let there = json!({ "maintainers": ["bea"] });
        let kept = changes(Some(&before), &there, &before, Conflicts::Kept, Unpublished::Kept);
        assert!(kept.are_none(), "{kept:?}");
        assert_eq!((kept.gone, kept.remembered), (vec!["1.0.0".to_owned()], standing(&before)));
    }

    #[test]
    fn people_come_and_go_one_by_one() {
        let version = json!({ "1.0.0": null });
        let people = |stars: &[&str], maintainers: &[&str]| json!({ "versions": version, "stars": stars, "maintainers": maintainers });
        let before = people(&["ann", "bea", "cy"], &["ann", "bea"]);
        let (there, here) = (people(&["ann", "dan"], &["cy"]), people(&["bea", "dan"], &["ann"]));
        let found = changes(Some(&before), &there, &here, Conflicts::Kept, Unpublished::Kept);
        assert_eq!(found.stars, [("bea".to_owned(), false)]);
        assert_eq!(found.maintainers, ["cy"]);
        assert_eq!(found.remembered, standing(&people(&["ann", "dan"], &["ann", "bea", "cy"])));
        let strange = changes(None, &there, &here, Conflicts::Kept, Unpublished::Kept);
        assert_eq!((strange.stars, strange.maintainers.len()), (vec![("ann".to_owned(), true)], 0));
    }
}
