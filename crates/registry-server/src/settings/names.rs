//! `[names]`: which names are published here, which come from which upstream, which are refused.

use std::ops::Range;

use super::UpstreamSettings;
use super::reader::{Located, Section};
use crate::names::{NamePattern, NameRule, NameRules, Place, RuleProblem};

pub(super) fn read(section: &Section<'_, '_>, upstreams: &[Located<UpstreamSettings>]) -> NameRules {
    let sections = section.sections("rules");
    section.finish();
    let given: Vec<(Range<usize>, NameRule)> =
        sections.iter().filter_map(|section| read_rule(section, upstreams)).collect();
    for upstream in upstreams {
        let name = &upstream.value.name;
        let is_this = |place: &Place| matches!(place, Place::Upstream(of) if **of == **name);
        if !given.iter().any(|(_, rule)| is_this(&rule.place)) {
            let hint = format!("add a rule to [names], such as {{ names = \"*\", from = \"{name}\" }}");
            section.report(&upstream.span, format!("no name comes from upstream \"{name}\""), hint);
        }
    }
    if sections.is_empty() {
        if section.is_present() {
            let hint = "write rules = [{ names = \"*\", from = \"here\" }], or leave [names] out";
            section.report(&section.span(), "there are no rules in [names]", hint);
        }
        return NameRules::default();
    }
    let (spans, rules): (Vec<_>, Vec<_>) = given.into_iter().unzip();
    let rules = NameRules::new(rules);
    for (index, problem) in rules.problems() {
        report(section, &spans, &rules, index, problem);
    }
    rules
}

fn read_rule(
    section: &Section<'_, '_>,
    upstreams: &[Located<UpstreamSettings>],
) -> Option<(Range<usize>, NameRule)> {
    let names = section.required::<NamePattern>("names");
    let from = section.required::<String>("from");
    section.finish();
    let from = from?;
    let place = match from.value.as_str() {
        "here" => Place::Here,
        "refused" => Place::Refused,
        name if upstreams.iter().any(|upstream| upstream.value.name == name) => Place::Upstream(name.into()),
        name => {
            let known: Vec<&str> = upstreams.iter().map(|upstream| upstream.value.name.as_str()).collect();
            let known =
                if known.is_empty() { String::new() } else { format!(", \"{}\"", known.join("\", \"")) };
            let hint = format!("write \"here\", \"refused\"{known}, or declare it with [[upstream]]");
            section.report(&from.span, format!("there is no upstream \"{name}\""), hint);
            return None;
        }
    };
    let names = names?;
    Some((names.span, NameRule { names: names.value, place }))
}

fn report(
    section: &Section<'_, '_>,
    spans: &[Range<usize>],
    rules: &NameRules,
    index: usize,
    problem: RuleProblem,
) {
    let (earlier, verb) = match problem {
        RuleProblem::Contradicts(earlier) => (earlier, "go elsewhere by"),
        RuleProblem::Repeats(earlier) => (earlier, "are already meant by"),
    };
    let (Some(span), Some(first)) = (spans.get(index), spans.get(earlier)) else { return };
    let (Some(rule), Some(by)) = (rules.rules().get(index), rules.rules().get(earlier)) else { return };
    let line = section.line(first.start);
    let message = format!("\"{}\": these names {verb} \"{}\" in line {line}", rule.names, by.names);
    let hint = match problem {
        RuleProblem::Contradicts(_) if rule.names != by.names => {
            "the first rule that matches decides: move this one before it"
        }
        _ => "leave one of them out",
    };
    section.report(span, message, hint);
}
