//! Versions of which nothing is known but when they were published, as a search tells them.

use jiff::Timestamp;

use super::{Decision, Policy, Provenance, ProvenanceRule, VersionFacts, decide};
use crate::PackageName;
use crate::policy::PackageFacts;

/// What a policy makes of an upstream's version whose packument was not read: one that could be hidden for what is not
/// known is.
pub fn decide_unread(
    policy: &Policy,
    name: &PackageName,
    version: &str,
    published: Option<Timestamp>,
    now: Timestamp,
) -> Decision {
    // an older version may have had provenance
    let rule = match policy.provenance.rule {
        ProvenanceRule::Optional => ProvenanceRule::Optional,
        ProvenanceRule::NoDowngrade | ProvenanceRule::Required => ProvenanceRule::Required,
    };
    let provenance = Provenance { rule, ..policy.provenance.clone() };
    let policy = Policy { provenance, ..policy.clone() };
    let facts = PackageFacts {
        name: name.clone(),
        own: false,
        versions: vec![VersionFacts {
            version: version.to_owned(),
            published,
            has_install_script: true,
            has_provenance: false,
        }],
        dist_tags: Vec::new(),
    };
    decide(&policy, &facts, now)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names::PackagePattern;
    use crate::policy::{InstallScripts, ReleaseAge};

    #[test]
    fn what_may_be_hidden_is_unless_it_is_excepted() {
        let except = || vec![PackagePattern::parse("trusted").expect("a pattern")];
        let hours = |hours: i64| Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_hours(hours);
        let minimum = jiff::SignedDuration::from_hours(10);
        let age = ReleaseAge { minimum, ..Policy::default().release_age };
        let scripts = InstallScripts { hide: true, except: except() };
        let provenance = |rule| Provenance { rule, except: except() };
        let aged = Policy { release_age: age, ..Policy::default() };
        let unscripted = Policy { install_scripts: scripts, ..Policy::default() };
        let [once, always] = [ProvenanceRule::NoDowngrade, ProvenanceRule::Required]
            .map(|rule| Policy { provenance: provenance(rule), ..Policy::default() });
        for (policy, name, published, is_shown) in [
            (&Policy::default(), "any", None, true),
            (&aged, "any", Some(hours(5)), true),
            (&aged, "any", Some(hours(15)), false),
            (&aged, "any", None, false),
            (&unscripted, "any", None, false),
            (&unscripted, "trusted", None, true),
            (&once, "any", None, false),
            (&once, "trusted", None, true),
            (&always, "any", None, false),
        ] {
            let name = PackageName::parse(name).expect("a name");
            let decision = decide_unread(policy, &name, "1.0.0", published, hours(20));
            assert_eq!(decision.hidden("1.0.0").is_none(), is_shown, "{name} {policy:?}");
        }
    }
}
