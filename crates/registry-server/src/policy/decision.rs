//! The decision: facts, policy and time in; what is hidden, why, and until when that holds, out.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use npm_semver::Version;

use super::{Mode, PackageFacts, Policy, ProvenanceRule, Reason, TagChange, VersionFacts, repaired_tags};
use crate::names::PackagePattern;

/// What a policy makes of a package.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decision {
    /// Versions and why they are hidden, or would be where it only observes.
    pub reasons: BTreeMap<String, Vec<Reason>>,
    /// Whether it only observes: then nothing is hidden, whatever the reasons.
    pub observed: bool,
    /// The dist-tags that do not stay as they are.
    pub tags: Vec<TagChange>,
    /// Versions and the warning they get; empty where their own is taken away.
    pub deprecations: BTreeMap<String, String>,
    /// When the next version becomes visible: before that, the same facts give the same decision, as long as the
    /// clock does not go back.
    pub holds_until: Option<Timestamp>,
}

impl Decision {
    /// Why a version is hidden; `None` where it can be seen.
    pub fn hidden(&self, version: &str) -> Option<&[Reason]> {
        self.reasons.get(version).filter(|_| !self.observed).map(Vec::as_slice)
    }

    /// Whether clients see the package as it is.
    pub fn changes_nothing(&self) -> bool {
        (self.observed || self.reasons.is_empty()) && self.tags.is_empty() && self.deprecations.is_empty()
    }
}

/// Judges every version of a package at a point in time.
///
/// A clock that goes back hides again what it had shown; a version from the future is as young as can be.
pub fn decide(policy: &Policy, facts: &PackageFacts, now: Timestamp) -> Decision {
    let mut decision = Decision { observed: policy.mode == Mode::Observe, ..Decision::default() };
    let provenance = ProvenanceHistory::new(policy, facts);
    for version in &facts.versions {
        let case = Case { policy, facts, of: version, parsed: parse(&version.version) };
        let mut reasons = Vec::new();
        reasons.extend(case.blocked());
        if policy.own_packages || !facts.own {
            reasons.extend(case.too_young(now));
            reasons.extend(case.install_script());
            reasons.extend(case.provenance(&provenance));
        }
        for reason in &reasons {
            if let Reason::TooYoung { visible_from, .. } = reason {
                let soonest =
                    decision.holds_until.map_or(*visible_from, |soonest| soonest.min(*visible_from));
                decision.holds_until = Some(soonest);
            }
        }
        if !reasons.is_empty() {
            decision.reasons.insert(version.version.clone(), reasons);
        }
        if let Some(message) = case.deprecation() {
            decision.deprecations.insert(version.version.clone(), message);
        }
    }
    if !decision.observed {
        let hidden: BTreeSet<&str> = decision.reasons.keys().map(String::as_str).collect();
        decision.tags = repaired_tags(facts, &hidden);
    }
    decision
}

fn parse(version: &str) -> Option<Version> {
    Version::parse_loose(version).ok()
}

/// One version, to be judged.
struct Case<'a> {
    policy: &'a Policy,
    facts: &'a PackageFacts,
    of: &'a VersionFacts,
    parsed: Option<Version>,
}

impl Case<'_> {
    fn is_in(&self, patterns: &[PackagePattern]) -> bool {
        patterns.iter().any(|pattern| pattern.matches(&self.facts.name, self.parsed.as_ref()))
    }

    fn blocked(&self) -> Option<Reason> {
        let block = self.policy.blocks.iter().find(|block| self.is_in(&block.packages))?;
        Some(Reason::Blocked { reason: block.reason.clone() })
    }

    fn too_young(&self, now: Timestamp) -> Option<Reason> {
        let rule = &self.policy.release_age;
        if rule.minimum.is_zero() || self.is_in(&rule.except) {
            return None;
        }
        let Some(published) = self.of.published else {
            return rule.hide_unknown.then_some(Reason::AgeUnknown);
        };
        // past the end of time is never
        let visible_from = published.checked_add(rule.minimum).unwrap_or(Timestamp::MAX);
        (now < visible_from).then_some(Reason::TooYoung { published, visible_from })
    }

    fn install_script(&self) -> Option<Reason> {
        let rule = &self.policy.install_scripts;
        let hidden = rule.hide && self.of.has_install_script && !self.is_in(&rule.except);
        hidden.then_some(Reason::InstallScript)
    }

    fn provenance(&self, history: &ProvenanceHistory<'_>) -> Option<Reason> {
        let rule = &self.policy.provenance;
        if self.of.has_provenance || rule.rule == ProvenanceRule::Optional || self.is_in(&rule.except) {
            return None;
        }
        match rule.rule {
            ProvenanceRule::Optional => None,
            ProvenanceRule::Required => Some(Reason::NoProvenance),
            ProvenanceRule::NoDowngrade => history
                .before(self.of, self.parsed.as_ref())
                .map(|earlier| Reason::ProvenanceLost { earlier: earlier.to_owned() }),
        }
    }

    fn deprecation(&self) -> Option<String> {
        let overlays = &self.policy.deprecations;
        let overlay = overlays.iter().find(|overlay| self.is_in(&overlay.packages))?;
        Some(overlay.message.clone())
    }
}

/// The first version with provenance, by time and by precedence.
struct ProvenanceHistory<'a> {
    first_in_time: Option<(Timestamp, &'a str)>,
    lowest: Option<(Version, &'a str)>,
}

impl<'a> ProvenanceHistory<'a> {
    fn new(policy: &Policy, facts: &'a PackageFacts) -> Self {
        if policy.provenance.rule != ProvenanceRule::NoDowngrade {
            return ProvenanceHistory { first_in_time: None, lowest: None };
        }
        let with = || facts.versions.iter().filter(|version| version.has_provenance);
        let timed = with().filter_map(|version| Some((version.published?, version.version.as_str())));
        let parsed = with().filter_map(|version| Some((parse(&version.version)?, version.version.as_str())));
        ProvenanceHistory { first_in_time: timed.min(), lowest: parsed.min() }
    }

    /// A version with provenance that is older than `version`; where times are missing, one that is lower.
    fn before(&self, version: &VersionFacts, parsed: Option<&Version>) -> Option<&'a str> {
        match (version.published, &self.first_in_time) {
            (Some(published), Some((first, earlier))) => (*first < published).then_some(earlier),
            _ => {
                let (lowest, earlier) = self.lowest.as_ref()?;
                (lowest < parsed?).then_some(earlier)
            }
        }
    }
}
