//! Differences as git shows them.

use package_manager::diff::{Difference, Differences, Line};

use crate::terminal::Terminal;

/// What stands before paths.
#[derive(Clone, Debug)]
pub struct Prefixes {
    pub old: String,
    pub new: String,
}

/// The paths of what differs, a line each.
pub fn names(found: &Differences) -> String {
    found.files.iter().map(|file| file.path.as_str()).collect::<Vec<_>>().join("\n")
}

/// A patch.
pub fn patch(found: &Differences, prefixes: &Prefixes, terminal: &Terminal) -> String {
    let lines: Vec<String> =
        found.files.iter().flat_map(|file| lines(found, file, prefixes, terminal)).collect();
    lines.join("\n").trim().to_owned()
}

fn lines(found: &Differences, file: &Difference, prefixes: &Prefixes, terminal: &Terminal) -> Vec<String> {
    let (old, new) = (format!("{}{}", prefixes.old, file.path), format!("{}{}", prefixes.new, file.path));
    let mut head = vec![format!("diff --git {old} {new}")];
    let mut mode = "";
    match (&file.old_mode, &file.new_mode) {
        (Some(before), Some(after)) if before == after => mode = before,
        (Some(before), Some(after)) => {
            head.extend([format!("old mode {before}"), format!("new mode {after}")])
        }
        (Some(before), None) => head.push(format!("deleted file mode {before}")),
        (None, Some(after)) => head.push(format!("new file mode {after}")),
        (None, None) => {}
    }
    head.push(format!("index v{}..v{} {mode}", found.old_version, found.new_version));
    if old == new && file.hunks.is_some() {
        // without prefixes npm has this line, too, and patch programs go by it
        head.push(format!("Index: {new}"));
    }
    head.extend([format!("--- {old}"), format!("+++ {new}")]);
    let mut lines: Vec<String> = head.iter().map(|line| terminal.paint("34", line)).collect();
    for hunk in file.hunks.iter().flatten() {
        lines.push(terminal.paint("36", &hunk.header));
        lines.extend(hunk.lines.iter().map(|line| match line {
            Line::Same(text) => format!(" {text}"),
            Line::Removed(text) => terminal.paint("31", &format!("-{text}")),
            Line::Added(text) => terminal.paint("32", &format!("+{text}")),
            Line::NoNewline => "\\ No newline at end of file".to_owned(),
        }));
    }
    lines
}
