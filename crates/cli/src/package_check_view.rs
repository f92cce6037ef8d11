//! What is wrong with a packed package: a table of its entries and a list of problems, each with what to do.

use diagnostics::Diagnostic;
use package_check::{Entry, Level, Loaded, Problem, Report};
use package_manager::pack::Packed;
use serde_json::{Value, json};

use crate::commands::{CommandResult, Outcome};
use crate::table::Table;
use crate::terminal::Terminal;

const DIM: &str = "2";
const RED: &str = "31";
const GREEN: &str = "32";
const YELLOW: &str = "33";
const BLUE: &str = "34";

/// Shows what there is to say of each package. Exit code 1 where something is broken.
pub fn show(terminal: &Terminal, all: &[Packed]) -> CommandResult {
    let mut reports = Vec::new();
    for packed in all {
        reports.push((packed, report(packed)?));
    }
    if terminal.json {
        let told = reports.iter().map(|(packed, report)| {
            let contents = &packed.contents;
            json!({
                "id": contents.id(),
                "name": contents.name,
                "version": contents.version,
                "broken": report.is_broken(),
                "entries": report.entries,
                "problems": report.problems,
            })
        });
        terminal.print_json(&Value::Array(told.collect()));
    } else {
        for (packed, report) in &reports {
            terminal.print(text(terminal, packed, report));
        }
    }
    let is_broken = reports.iter().any(|(_, report)| report.is_broken());
    Ok(if is_broken { Outcome::Status(1) } else { Outcome::Success })
}

/// Says as one warning what does not work in a package that is about to be published.
pub fn warn(terminal: &Terminal, packed: &Packed) {
    let Ok(report) = report(packed) else { return };
    let told: Vec<&Problem> = report.problems.iter().filter(|problem| problem.level != Level::Note).collect();
    if told.is_empty() {
        return;
    }
    let text = format!("{} does not work everywhere", packed.contents.id());
    let warning = told.iter().fold(Diagnostic::warning("EPACKAGECHECK", text), |warning, problem| {
        warning.with_cause(format!("{}: {}", problem.place, problem.message))
    });
    terminal.warn(&warning.with_hint("run `knit pack --check` to see what to change"));
}

fn report(packed: &Packed) -> Result<Report, Diagnostic> {
    let files = packed.files().map_err(|error| {
        Diagnostic::error(
            "TAR_BAD_ARCHIVE",
            format!("the tarball of {} cannot be read", packed.contents.id()),
        )
        .with_cause(error.to_string())
    })?;
    Ok(package_check::check(files.into_iter().map(|file| (file.path, file.content)).collect()))
}

fn text(terminal: &Terminal, packed: &Packed, report: &Report) -> String {
    let mut lines = vec![terminal.bold(&packed.contents.id()), String::new()];
    if !report.entries.is_empty() {
        lines.push(entries(terminal, &report.entries));
        lines.push(String::new());
    }
    for problem in &report.problems {
        let (word, colour) = match problem.level {
            Level::Error => ("error", RED),
            Level::Warning => ("warning", YELLOW),
            Level::Note => ("note", BLUE),
        };
        lines.push(format!(
            "  {} {}",
            terminal.paint(colour, &format!("{word:<7}")),
            terminal.bold(&problem.place)
        ));
        lines.push(format!("          {}", problem.message));
        lines.push(format!("          {} {}", terminal.dim("→"), problem.fix));
        lines.push(String::new());
    }
    lines.push(format!("  {}", summary(terminal, report)));
    lines.join("\n")
}

fn summary(terminal: &Terminal, report: &Report) -> String {
    let count =
        |level: Level, one: &str| match report.problems.iter().filter(|each| each.level == level).count() {
            0 => None,
            1 => Some(format!("1 {one}")),
            many => Some(format!("{many} {one}s")),
        };
    let counted: Vec<String> = [(Level::Error, "error"), (Level::Warning, "warning"), (Level::Note, "note")]
        .into_iter()
        .filter_map(|(level, word)| count(level, word))
        .collect();
    match (counted.is_empty(), report.is_broken()) {
        (true, _) => terminal.paint(GREEN, "nothing is wrong"),
        (false, true) => terminal.paint(RED, &format!("broken: {}", counted.join(", "))),
        (false, false) => format!("works, with {}", counted.join(", ")),
    }
}

/// A table: who asks, and what each finds.
fn entries(terminal: &Terminal, entries: &[Entry]) -> String {
    let mut table = Table::new(&[]);
    table.row(["  entry", "import", "require", "types"].map(|title| (title.to_owned(), Some(DIM))));
    for entry in entries {
        let specifier = match entry.files {
            1 => format!("  {}", entry.specifier),
            files => format!("  {} ({files} files)", entry.specifier),
        };
        let types =
            entry.types.clone().map_or_else(|| ("none".to_owned(), Some(DIM)), |path| (path, Some(GREEN)));
        table.row([(specifier, None), cell(&entry.import), cell(&entry.require), types]);
    }
    table.draw(terminal)
}

fn cell(loaded: &Loaded) -> (String, Option<&'static str>) {
    match loaded {
        Loaded::File { path, .. } => match loaded.format().and_then(|format| format.name()) {
            Some(format) => (format!("{path} ({format})"), Some(GREEN)),
            None => (path.clone(), Some(GREEN)),
        },
        Loaded::Nothing { reason, .. } if reason.chars().count() <= 40 => (reason.clone(), Some(RED)),
        Loaded::Nothing { code, .. } => (code.clone(), Some(RED)),
    }
}
