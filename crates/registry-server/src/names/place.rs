//! Where a name belongs: here, at an upstream, or nowhere.

use npm_formats::package_name::PackageName;

use super::NamePattern;
use super::pattern::Meeting;

/// Where packages of a name live.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// Published here, and looked for nowhere else.
    Here,
    /// At the upstream of this name; nothing is published here.
    Upstream(Box<str>),
    /// Nowhere: neither published nor looked for.
    Refused,
}

/// Some names and their place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameRule {
    /// Which names.
    pub names: NamePattern,
    /// Where they belong.
    pub place: Place,
}

/// Ordered rules, of which the first that matches a name decides.
///
/// There is no fall-through: a name that is not found at its place is not looked for at another, so that nobody can
/// slip in a package of a private name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameRules {
    rules: Vec<NameRule>,
}

/// Why a rule can never decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuleProblem {
    /// The rule at this index means the same names, or more, and goes elsewhere.
    Contradicts(usize),
    /// The rule at this index means the same names, or more, and goes to the same place.
    Repeats(usize),
}

impl NameRules {
    /// Rules in the order in which they are asked; those that can never decide are not refused here, see
    /// [`problems`](Self::problems).
    pub fn new(rules: Vec<NameRule>) -> NameRules {
        NameRules { rules }
    }

    /// The rules in their order.
    pub fn rules(&self) -> &[NameRule] {
        &self.rules
    }

    /// Where a name belongs. What no rule matches is refused.
    pub fn place(&self, name: &PackageName) -> &Place {
        let rule = self.rules.iter().find(|rule| rule.names.matches(name));
        rule.map_or(&Place::Refused, |rule| &rule.place)
    }

    /// Whether a text that somebody searches for may be told to an upstream: no word of it is a name, or begins the
    /// names of a scope, that belongs elsewhere.
    pub fn may_tell(&self, upstream: &str, text: &str) -> bool {
        let is_of_name = |c: char| c.is_alphanumeric() || "@/-_.~".contains(c);
        let words = text.split(|c: char| !is_of_name(c)).filter(|word| !word.is_empty());
        words.map(str::to_lowercase).all(|word| self.may_tell_word(upstream, &word))
    }

    fn may_tell_word(&self, upstream: &str, word: &str) -> bool {
        let belongs = |place: &Place| matches!(place, Place::Upstream(place) if **place == *upstream);
        if !word.starts_with('@') {
            return PackageName::parse(word).map_or(true, |name| belongs(self.place(&name)));
        }
        let beginning = if word.contains('/') { word.to_owned() } else { format!("{word}/") };
        for rule in &self.rules {
            match rule.names.meets(&beginning) {
                Meeting::None => {}
                Meeting::Some if belongs(&rule.place) => {}
                Meeting::All if belongs(&rule.place) => return true,
                Meeting::Some | Meeting::All => return false,
            }
        }
        false
    }

    /// The rules that can never decide, by their index, and why.
    pub fn problems(&self) -> Vec<(usize, RuleProblem)> {
        let covered = |index: usize, rule: &NameRule| {
            let earlier = self.rules.iter().take(index);
            let (at, by) = earlier.enumerate().find(|(_, earlier)| earlier.names.covers(&rule.names))?;
            let same = by.place == rule.place;
            Some((index, if same { RuleProblem::Repeats(at) } else { RuleProblem::Contradicts(at) }))
        };
        self.rules.iter().enumerate().filter_map(|(index, rule)| covered(index, rule)).collect()
    }
}

impl Default for NameRules {
    /// Every name is published here.
    fn default() -> Self {
        NameRules { rules: vec![NameRule { names: NamePattern::any(), place: Place::Here }] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(rows: &[(&str, Place)]) -> NameRules {
        let rule = |(names, place): &(&str, Place)| NameRule {
            names: NamePattern::parse(names).expect("a pattern"),
            place: place.clone(),
        };
        NameRules::new(rows.iter().map(rule).collect())
    }

    #[test]
    fn the_first_rule_that_matches_decides_and_no_rule_refuses() {
        let npm = Place::Upstream("npm".into());
        let rules = rules(&[
            ("@acme/legacy", npm.clone()),
            ("@acme/*", Place::Here),
            ("evil", Place::Refused),
            ("*", npm.clone()),
        ]);
        for (name, place) in
            [("@acme/legacy", &npm), ("@acme/tool", &Place::Here), ("evil", &Place::Refused), ("react", &npm)]
        {
            assert_eq!(rules.place(&PackageName::parse(name).expect("a name")), place, "{name}");
        }
        assert_eq!(rules.problems(), []);
        let none = NameRules::new(Vec::new());
        assert_eq!(none.place(&PackageName::parse("a").expect("a name")), &Place::Refused);
    }

    #[test]
    fn what_belongs_elsewhere_is_not_told_to_an_upstream() {
        let npm = Place::Upstream("npm".into());
        let rules = rules(&[
            ("@acme/open", npm.clone()),
            ("@acme/*", Place::Here),
            ("@mixed/private", Place::Here),
            ("acme-*", Place::Here),
            ("@corp*", Place::Upstream("corp".into())),
            ("evil", Place::Refused),
            ("*", npm.clone()),
        ]);
        for (text, is_told) in [
            ("react router", true),
            ("@types/node", true),
            ("@types", true),
            ("Größe ... <b>", true),
            ("", true),
            ("acme", true),
            ("acme-tool", false),
            ("an ACME-Tool, please", false),
            ("\"acme-tool\"", false),
            ("@acme/secret", false),
            ("@acme/open", false),
            ("@ACME", false),
            ("@acme/", false),
            ("see @acme/se", false),
            ("@mixed/priv", false),
            ("@mixed", false),
            ("@mixed/other", true),
            ("@corporation", false),
            ("evil", false),
        ] {
            assert_eq!(rules.may_tell("npm", text), is_told, "{text}");
        }
        assert!(!rules.may_tell("corp", "react") && rules.may_tell("corp", "@corporation/x"));
    }

    #[test]
    fn rules_that_can_never_decide_are_found() {
        let rules = rules(&[
            ("@acme/*", Place::Here),
            ("@acme/tool", Place::Refused),
            ("@acme/*", Place::Here),
            ("*", Place::Refused),
            ("x", Place::Here),
        ]);
        assert_eq!(
            rules.problems(),
            [
                (1, RuleProblem::Contradicts(0)),
                (2, RuleProblem::Repeats(0)),
                (4, RuleProblem::Contradicts(3))
            ]
        );
    }
}
