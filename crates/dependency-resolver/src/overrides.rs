//! npm's overrides: the rules of the root's `overrides`, as a tree, and which rule governs an edge.

use npm_formats::specifier::{Specifier, SpecifierKind};
use npm_semver::{Range, Version};
use serde_json::{Map, Value};

use crate::names::{Name, Names};
use crate::spec::{LOOSE, Requirement, Specs};

/// One rule (or the root set) of an [`Overrides`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RuleId(u32);

/// Why `overrides` cannot be used.
#[derive(Debug, Clone, thiserror::Error)]
pub enum OverridesError {
    /// A key names no package.
    #[error("the override {key:?} names no package")]
    NoName { key: String },
    /// A key or value is no specifier.
    #[error("the override {key:?} is not a specifier: {message}")]
    NotSpecifier { key: String, message: String },
}

/// All rules of all override sets of a tree.
#[derive(Debug, Default)]
pub struct Overrides {
    rules: Vec<Rule>,
}

#[derive(Debug)]
struct Rule {
    parent: Option<RuleId>,
    /// `None` for the root set.
    name: Option<Name>,
    key: String,
    key_spec: String,
    key_range: Option<Range>,
    value: String,
    children: Vec<RuleId>,
}

impl Overrides {
    /// Adds the override set of a package document; `None` if it has none.
    pub fn load(
        &mut self,
        names: &mut Names,
        overrides: Option<&Value>,
    ) -> Result<Option<RuleId>, OverridesError> {
        match overrides {
            Some(Value::Object(map)) if !map.is_empty() => {
                let root = self.push(Rule {
                    parent: None,
                    name: None,
                    key: String::new(),
                    key_spec: String::new(),
                    key_range: None,
                    value: String::new(),
                    children: Vec::new(),
                });
                self.load_children(names, root, map)?;
                Ok(Some(root))
            }
            _ => Ok(None),
        }
    }

    fn push(&mut self, rule: Rule) -> RuleId {
        self.rules.push(rule);
        RuleId(self.rules.len() as u32 - 1)
    }

    fn load_children(
        &mut self,
        names: &mut Names,
        parent: RuleId,
        map: &Map<String, Value>,
    ) -> Result<(), OverridesError> {
        for (key, value) in map {
            if key == "." {
                continue;
            }
            let not_specifier = |error: &dyn std::fmt::Display| OverridesError::NotSpecifier {
                key: key.clone(),
                message: error.to_string(),
            };
            let spec = Specifier::parse(key, "").map_err(|error| not_specifier(&error))?;
            let name = spec.name().ok_or_else(|| OverridesError::NoName { key: key.clone() })?.to_owned();
            let key_spec = nameless(&spec);
            let own = match value {
                Value::String(text) => Some(text.as_str()),
                Value::Object(inner) => inner.get(".").and_then(Value::as_str),
                _ => None,
            };
            // An empty value stands for any version; a missing one for the key's own range.
            let value_spec = match own {
                Some("") => "*".to_owned(),
                Some(text) => text.to_owned(),
                None => key_spec.clone(),
            };
            let rule = self.push(Rule {
                parent: Some(parent),
                name: Some(names.intern(&name)),
                key: key.clone(),
                key_range: Range::parse(&key_spec, LOOSE).ok(),
                key_spec,
                value: value_spec,
                children: Vec::new(),
            });
            if let Value::Object(inner) = value {
                self.load_children(names, rule, inner)?;
            }
            self.rules[parent.0 as usize].children.push(rule);
        }
        Ok(())
    }

    fn rule(&self, id: RuleId) -> &Rule {
        &self.rules[id.0 as usize]
    }

    /// The package a rule is about; `None` for the root set.
    pub fn name(&self, id: RuleId) -> Option<Name> {
        self.rule(id).name
    }

    /// What the rule replaces a spec by; `None` for the root set.
    pub fn value(&self, id: RuleId) -> Option<&str> {
        let rule = self.rule(id);
        rule.name.map(|_| rule.value.as_str())
    }

    /// The range of the rule's key (`*` where the key has none); `None` for the root set.
    pub fn key_spec(&self, id: RuleId) -> Option<&str> {
        let rule = self.rule(id);
        rule.name.map(|_| rule.key_spec.as_str())
    }

    fn ancestry(&self, id: RuleId) -> impl Iterator<Item = RuleId> {
        std::iter::successors(Some(id), |&at| self.rule(at).parent)
    }

    /// The rules in force at `id`, nearest first, one a key.
    fn ruleset(&self, id: RuleId) -> Vec<RuleId> {
        let mut set: Vec<RuleId> = Vec::new();
        let add = |candidate: RuleId, set: &mut Vec<RuleId>| {
            if !set.iter().any(|&known| self.rule(known).key == self.rule(candidate).key) {
                set.push(candidate);
            }
        };
        for at in self.ancestry(id) {
            for &child in &self.rule(at).children {
                add(child, &mut set);
            }
            if self.rule(at).parent.is_some() {
                add(at, &mut set);
            }
        }
        set
    }

    /// The rule that governs an edge named `name` with `raw_spec` from a node under `set`; `set` itself
    /// where no rule applies.
    pub fn edge_rule(&self, set: RuleId, name: Name, raw_spec: &str, names: &Names, specs: &Specs) -> RuleId {
        for id in self.ruleset(set) {
            let rule = self.rule(id);
            if rule.name != Some(name) {
                continue;
            }
            if rule.key_spec == "*" {
                return id;
            }
            let requirement = specs.requirement(names.text(name), raw_spec);
            let meets = |range: &Range| rule.key_range.as_ref().is_some_and(|key| range.intersects(key));
            match unaliased(&requirement) {
                Requirement::Git { range: Some(range), .. } => {
                    if meets(range) {
                        return id;
                    }
                }
                Requirement::Git { range: None, .. } => {}
                Requirement::Range { range, .. } => {
                    if meets(range) {
                        return id;
                    }
                }
                // a tag, folder or file says nothing about versions, so the rule is taken
                _ => return id,
            }
        }
        set
    }

    /// The rule that governs a node of this name and version under `set`; `set` itself where none applies.
    pub fn node_rule(&self, set: RuleId, name: Option<Name>, version: Option<&Version>) -> RuleId {
        let covers = |range: Option<&Range>| {
            version.is_some_and(|version| range.is_some_and(|range| range.satisfies(version)))
        };
        let applies = |id: &RuleId| {
            let rule = self.rule(*id);
            rule.name == name
                && name.is_some()
                && (covers(rule.key_range.as_ref()) || covers(Range::parse(&rule.value, LOOSE).ok().as_ref()))
        };
        self.ruleset(set).into_iter().find(applies).unwrap_or(set)
    }

    /// Structural equality of two sets, their parents included.
    pub fn equal(&self, first: RuleId, second: RuleId) -> bool {
        if first == second {
            return true;
        }
        let (a, b) = (self.rule(first), self.rule(second));
        a.key == b.key
            && a.value == b.value
            && self.children_equal(a, b)
            && match (a.parent, b.parent) {
                (None, None) => true,
                (Some(a), Some(b)) => self.equal(a, b),
                _ => false,
            }
    }

    fn children_equal(&self, a: &Rule, b: &Rule) -> bool {
        a.children.len() == b.children.len()
            && a.children.iter().all(|&child| {
                let child = self.rule(child);
                b.children.iter().map(|&other| self.rule(other)).any(|other| {
                    child.key == other.key && child.value == other.value && self.children_equal(child, other)
                })
            })
    }

    /// [`Self::equal`] for sets that may be absent.
    pub fn same(&self, first: Option<RuleId>, second: Option<RuleId>) -> bool {
        match (first, second) {
            (None, None) => true,
            (Some(first), Some(second)) => self.equal(first, second),
            _ => false,
        }
    }

    /// The more specific of two sets; of two unrelated but compatible sets their nearest common
    /// ancestor; `None` where they demand incompatible versions.
    pub fn more_specific(&self, first: RuleId, second: RuleId) -> Option<RuleId> {
        if self.ancestry(second).any(|at| self.equal(at, first)) {
            return Some(second);
        }
        if self.ancestry(first).any(|at| self.equal(at, second)) {
            return Some(first);
        }
        if self.rules_conflict(first, second) {
            return None;
        }
        let ancestors: Vec<RuleId> = self.ancestry(first).collect();
        self.ancestry(second).find_map(|at| ancestors.iter().copied().find(|&known| self.equal(known, at)))
    }

    /// Whether a node cannot be under both sets.
    pub fn conflict(&self, first: RuleId, second: RuleId) -> bool {
        self.more_specific(first, second).is_none() && self.rules_conflict(first, second)
    }

    fn rules_conflict(&self, first: RuleId, second: RuleId) -> bool {
        let others = self.ruleset(second);
        self.ruleset(first).into_iter().any(|id| {
            let rule = self.rule(id);
            let Some(&other_id) = others.iter().find(|&&other| self.rule(other).key == rule.key) else {
                return false;
            };
            let other = self.rule(other_id);
            if self.equal(id, other_id) || rule.value.starts_with('$') || other.value.starts_with('$') {
                return false;
            }
            match (Range::parse(&rule.value, LOOSE), Range::parse(&other.value, LOOSE)) {
                (Ok(a), Ok(b)) => !a.intersects(&b),
                _ => false,
            }
        })
    }
}

fn unaliased(requirement: &Requirement) -> &Requirement {
    match requirement {
        Requirement::Alias { target, .. } => target,
        other => other,
    }
}

/// A specifier without its name: `*` for none, the range, tag or URL otherwise.
fn nameless(spec: &Specifier) -> String {
    match spec.kind() {
        SpecifierKind::Alias(_) => spec.raw_spec().to_owned(),
        _ if spec.is_registry() => spec.raw_spec().to_owned(),
        _ => spec.save_spec().unwrap_or(spec.raw_spec()).to_owned(),
    }
}
