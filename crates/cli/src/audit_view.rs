//! Audits for people: npm's page of all vulnerabilities, and its few lines at the end of an installation.

use std::collections::HashSet;

use package_manager::audit::{AuditReport, Fix, Severity, Via, Vulnerability};

use crate::terminal::Terminal;

/// The page that `audit` shows.
pub fn page(report: &AuditReport, terminal: &Terminal) -> String {
    let summary = summary(report, terminal);
    if report.vulnerabilities.is_empty() {
        return summary;
    }
    let mut page = Page { report, terminal, shown: HashSet::new() };
    let mut lines = vec![terminal.bold("# knit audit report"), String::new()];
    for found in &report.vulnerabilities {
        // what is vulnerable only through others stands below those
        if found.via.iter().any(|via| matches!(via, Via::Advisory(_))) {
            lines.extend(page.top(found));
        }
    }
    lines.push(summary);
    lines.join("\n")
}

/// The lines at the end of an installation.
pub fn footer(report: &AuditReport, terminal: &Terminal) -> String {
    let summary = summary(report, terminal);
    match report.vulnerabilities.is_empty() {
        true => summary,
        false => format!("{summary}\n\nRun `knit audit` for details."),
    }
}

/// Whether something is at least as bad as `audit-level` says; without one, as `low`.
pub fn fails(report: &AuditReport, level: Option<&str>) -> bool {
    let level = match level {
        Some("none") => return false,
        level => level.unwrap_or(Severity::Low.as_str()),
    };
    Severity::ALL
        .into_iter()
        .skip_while(|severity| severity.as_str() != level)
        .any(|severity| report.count(severity) > 0)
}

struct Page<'a> {
    report: &'a AuditReport,
    terminal: &'a Terminal,
    shown: HashSet<&'a str>,
}

impl<'a> Page<'a> {
    fn top(&mut self, found: &'a Vulnerability) -> Vec<String> {
        let terminal = self.terminal;
        if !self.shown.insert(&found.name) {
            return Vec::new();
        }
        let mut lines = vec![format!("{}  {}", terminal.bold(&found.name), found.range)];
        if let Some(severity) = found.severity.filter(|severity| *severity != Severity::Low) {
            lines.push(format!("Severity: {}", in_colour(severity, severity.as_str(), terminal)));
        }
        for via in &found.via {
            lines.push(match via {
                Via::Dependency(name) => depends_on(name, terminal),
                Via::Advisory(advisory) => {
                    let text = |value: &Option<serde_json::Value>| match value {
                        Some(serde_json::Value::String(text)) => text.clone(),
                        Some(other) => other.to_string(),
                        None => "undefined".to_owned(),
                    };
                    format!("{} - {}", terminal.bold(&text(&advisory.title)), text(&advisory.url))
                }
            });
        }
        match &found.fix {
            Fix::None => lines.push(terminal.paint("31;1", "No fix available")),
            Fix::Available => {
                let available = terminal.paint("32;1", "fix available");
                lines.push(format!("{available} via `knit audit fix`"));
            }
            Fix::Forced(fix) => {
                let available = terminal.paint("33;1", "fix available");
                lines.push(format!("{available} via `knit audit fix --force`"));
                let how = match fix.is_semver_major {
                    Some(true) => "a breaking change",
                    _ => "outside the stated dependency range",
                };
                lines.push(format!("Will install {}@{}, which is {how}", fix.name, fix.version));
            }
        }
        lines.extend(self.below(found, 0));
        lines.push(String::new());
        lines
    }

    fn effect(&mut self, found: &'a Vulnerability, depth: usize) -> Vec<String> {
        if !self.shown.insert(&found.name) {
            return Vec::new();
        }
        let indent = "  ".repeat(depth);
        let mut lines = vec![format!("{indent}{}  {}", self.terminal.bold(&found.name), found.range)];
        for via in &found.via {
            if let Via::Dependency(name) = via {
                lines.push(format!("{indent}{}", depends_on(name, self.terminal)));
            }
        }
        lines.extend(self.below(found, depth));
        lines
    }

    /// Where it is, and what is vulnerable because of it.
    fn below(&mut self, found: &'a Vulnerability, depth: usize) -> Vec<String> {
        let indent = "  ".repeat(depth);
        let places = found.nodes.iter().map(|place| format!("{indent}{}", self.terminal.dim(place)));
        let mut lines: Vec<String> = places.collect();
        for effect in &found.effects {
            if let Some(found) = self.report.of(effect) {
                lines.extend(self.effect(found, depth + 1));
            }
        }
        lines
    }
}

fn depends_on(name: &str, terminal: &Terminal) -> String {
    format!("Depends on vulnerable versions of {}", terminal.bold(name))
}

fn in_colour(severity: Severity, text: &str, terminal: &Terminal) -> String {
    match severity {
        Severity::Moderate => terminal.paint("33;1", text),
        Severity::High => terminal.paint("31;1", text),
        Severity::Critical => terminal.paint("35;1", text),
        Severity::Info | Severity::Low => terminal.bold(text),
    }
}

/// How many there are, how bad, and what to run.
fn summary(report: &AuditReport, terminal: &Terminal) -> String {
    if report.vulnerabilities.is_empty() {
        return format!("found {} vulnerabilities", terminal.paint("32;1", "0"));
    }
    let has = |test: &dyn Fn(&Fix) -> bool| report.vulnerabilities.iter().any(|found| test(&found.fix));
    let some_fixable = has(&|fix| *fix == Fix::Available);
    let some_unfixable = has(&|fix| *fix == Fix::None);
    let some_forced = has(&|fix| matches!(fix, Fix::Forced(_)));
    let some_breaking = has(&|fix| matches!(fix, Fix::Forced(fix) if fix.is_semver_major == Some(true)));
    let mut lines = vec![count(report, terminal)];
    if some_fixable {
        let which = match some_forced || some_unfixable {
            true => "issues that do not require attention",
            false => "all issues",
        };
        lines.push(format!("\nTo address {which}, run:\n  knit audit fix"));
    }
    if some_forced {
        let possible = if some_unfixable { " possible" } else { "" };
        let breaking = if some_breaking { " (including breaking changes)" } else { "" };
        lines.push(format!("\nTo address all issues{possible}{breaking}, run:\n  knit audit fix --force"));
    }
    if some_unfixable {
        lines.push("\nSome issues need review, and may require choosing\na different dependency.".to_owned());
    }
    lines.join("\n")
}

fn count(report: &AuditReport, terminal: &Terminal) -> String {
    let counts: Vec<(Severity, usize)> = Severity::ALL
        .into_iter()
        .skip(1)
        .map(|severity| (severity, report.count(severity)))
        .filter(|(_, count)| *count > 0)
        .collect();
    let coloured = |severity: Severity| in_colour(severity, severity.as_str(), terminal);
    match counts[..] {
        // with none but notes npm fails here
        [] => one_severity(report.vulnerabilities.len(), &coloured(Severity::Info)),
        [(severity, count)] => one_severity(count, &coloured(severity)),
        _ => {
            let total = terminal.paint("31;1", &report.vulnerabilities.len().to_string());
            let parts: Vec<String> =
                counts.iter().map(|(severity, count)| format!("{count} {}", coloured(*severity))).collect();
            format!("{total} vulnerabilities ({})", parts.join(", "))
        }
    }
}

fn one_severity(count: usize, severity: &str) -> String {
    format!("{count} {severity} severity vulnerabilit{}", if count == 1 { "y" } else { "ies" })
}
