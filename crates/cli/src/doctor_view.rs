//! How `doctor` shows what it found: a table and what to do, or JSON.

use package_manager::doctor::{Finding, Standing};
use serde_json::{Value, json};

use crate::table::Table;
use crate::terminal::Terminal;

/// The table; below it, of each check that failed, what it is about and what to do.
pub fn text(findings: &[Finding], terminal: &Terminal) -> String {
    let mut table = Table::new(&[]);
    table.row(["Check", "Result", "Found"].map(|word| (word.to_owned(), Some("1;4"))));
    for finding in findings {
        let (word, colour) = match finding.standing {
            Standing::Good => ("ok", "32"),
            Standing::Bad => ("not ok", "31"),
            Standing::Unknown => ("unknown", "33"),
        };
        table.row([
            (finding.check.title().to_owned(), None),
            (word.to_owned(), Some(colour)),
            (finding.found.clone(), None),
        ]);
    }
    let mut text = table.draw(terminal);
    for finding in findings.iter().filter(|finding| finding.standing == Standing::Bad) {
        text.push_str(&format!("\n\n{}: {}", terminal.bold(finding.check.title()), finding.found));
        for detail in &finding.details {
            text.push_str(&format!("\n  {detail}"));
        }
        if let Some(advice) = &finding.advice {
            text.push_str(&format!("\n  {} {advice}", terminal.paint("1;36", "help:")));
        }
    }
    text
}

/// A list; `ok` is null where it cannot be told.
pub fn json(findings: &[Finding]) -> Value {
    let of = |finding: &Finding| {
        let ok = match finding.standing {
            Standing::Good => Value::Bool(true),
            Standing::Bad => Value::Bool(false),
            Standing::Unknown => Value::Null,
        };
        json!({
            "check": finding.check.title(),
            "groups": finding.check.groups(),
            "ok": ok,
            "found": finding.found,
            "details": finding.details,
            "advice": finding.advice,
        })
    };
    findings.iter().map(of).collect()
}
