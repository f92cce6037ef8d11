//! Trees drawn with lines, as npm draws them.

/// A label, perhaps of several lines, and what hangs from it.
#[derive(Debug, Default)]
pub struct Branch {
    pub label: String,
    pub branches: Vec<Branch>,
}

impl Branch {
    pub fn leaf(label: impl Into<String>) -> Self {
        Self { label: label.into(), branches: Vec::new() }
    }

    /// The drawing; ends with a line break. Without `unicode` it keeps to ASCII.
    pub fn draw(&self, unicode: bool) -> String {
        let lines = if unicode { &UNICODE } else { &ASCII };
        let mut out = String::new();
        self.draw_below("", lines, &mut out);
        out
    }

    fn draw_below(&self, indent: &str, lines: &Lines, out: &mut String) {
        let bar = if self.branches.is_empty() { " " } else { lines.bar };
        for (at, line) in self.label.split('\n').enumerate() {
            if at > 0 {
                out.push_str(&format!("\n{indent}{bar} "));
            }
            out.push_str(line);
        }
        out.push('\n');
        for (at, branch) in self.branches.iter().enumerate() {
            let is_last = at + 1 == self.branches.len();
            let corner = if is_last { lines.last } else { lines.fork };
            let head = if branch.branches.is_empty() { lines.dash } else { lines.down };
            out.push_str(&format!("{indent}{corner}{}{head} ", lines.dash));
            let below = format!("{indent}{} ", if is_last { " " } else { lines.bar });
            branch.draw_below(&below, lines, out);
        }
    }
}

struct Lines {
    bar: &'static str,
    last: &'static str,
    fork: &'static str,
    dash: &'static str,
    down: &'static str,
}

const UNICODE: Lines = Lines { bar: "│", last: "└", fork: "├", dash: "─", down: "┬" };
const ASCII: Lines = Lines { bar: "|", last: "`", fork: "+", dash: "-", down: "-" };
