//! Values as Node's `console.log` prints them, which is what npm shows where it was not asked for JSON.
//! Source: Node 20 (`util.inspect` with a depth of 5 and all items of arrays).

use diagnostics::Style;
use serde_json::Value;

/// What lies deeper is only named.
const DEPTH: usize = 5;
const BREAK_LENGTH: usize = 80;
/// Node's `compact`: how many inner levels may stand on one line, and a quarter of the most columns of an array.
const COMPACT: usize = 3;
/// Arrays of more items are laid out in columns.
const UNGROUPED: usize = 6;
/// Shorter texts are never taken apart at their line breaks.
const SHORT_TEXT: usize = 16;

/// The value as Node prints it.
pub fn value(value: &Value, style: Style) -> String {
    Inspector { style, indentation: 0, deepest: 0 }.format(value, 0).text
}

/// Printed text and how many columns it takes, which colours do not add to.
struct Printed {
    text: String,
    columns: usize,
}

struct Inspector {
    style: Style,
    indentation: usize,
    /// The level of the container that was printed last: Node's measure of how nested its neighbours are.
    deepest: usize,
}

impl Inspector {
    fn format(&mut self, value: &Value, level: usize) -> Printed {
        match value {
            Value::Null => self.paint("null".to_owned(), "1", "22"),
            Value::Bool(flag) => self.paint(flag.to_string(), "33", "39"),
            Value::Number(number) => self.paint(number.to_string(), "33", "39"),
            Value::String(text) => self.text(text),
            Value::Array(items) if items.is_empty() => plain("[]".to_owned()),
            Value::Object(members) if members.is_empty() => plain("{}".to_owned()),
            Value::Array(_) if level > DEPTH => self.paint("[Array]".to_owned(), "36", "39"),
            Value::Object(_) if level > DEPTH => self.paint("[Object]".to_owned(), "36", "39"),
            Value::Array(items) => {
                self.deepest = level;
                let printed: Vec<Printed> = items.iter().map(|item| self.inner(item, level)).collect();
                let count = printed.len();
                let printed = if count > UNGROUPED { self.in_columns(printed, items) } else { printed };
                self.joined(printed, count, ["[", "]"], level)
            }
            Value::Object(members) => {
                self.deepest = level;
                let printed: Vec<Printed> = members
                    .iter()
                    .map(|(name, value)| {
                        let value = self.inner(value, level);
                        let name = if is_identifier(name) {
                            plain(name.clone())
                        } else {
                            self.paint(quote(name), "32", "39")
                        };
                        Printed {
                            columns: name.columns + 2 + value.columns,
                            text: format!("{}: {}", name.text, value.text),
                        }
                    })
                    .collect();
                let count = printed.len();
                self.joined(printed, count, ["{", "}"], level)
            }
        }
    }

    fn inner(&mut self, value: &Value, level: usize) -> Printed {
        self.indentation += 2;
        let printed = self.format(value, level + 1);
        self.indentation -= 2;
        printed
    }

    fn text(&self, text: &str) -> Printed {
        let length = text.encode_utf16().count();
        if length > SHORT_TEXT && length + self.indentation + 4 > BREAK_LENGTH && text.contains('\n') {
            let lines = text.split_inclusive('\n').map(|line| self.paint(quote(line), "32", "39").text);
            let lines: Vec<String> = lines.collect();
            let seam = format!(" +\n{}", " ".repeat(self.indentation + 2));
            return plain(lines.join(&seam));
        }
        self.paint(quote(text), "32", "39")
    }

    /// Node's `groupArrayElements`: as many columns as make the whole look like a square.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        clippy::cast_sign_loss,
        reason = "numbers of columns are small and not negative"
    )]
    fn in_columns(&self, printed: Vec<Printed>, items: &[Value]) -> Vec<Printed> {
        const SEPARATOR: usize = 2;
        let count = printed.len();
        let total: usize = printed.iter().map(|item| item.columns + SEPARATOR).sum();
        let widest = printed.iter().map(|item| item.columns).max().unwrap_or(0);
        let place = widest + SEPARATOR;
        let fits = place * 3 + self.indentation < BREAK_LENGTH;
        if !fits || (total as f64 / place as f64 <= 5.0 && widest > 6) {
            return printed;
        }
        let bias = (place as f64 - total as f64 / count as f64).sqrt();
        let biased = (place as f64 - 3.0 - bias).max(1.0);
        let square = ((2.5 * biased * count as f64).sqrt() / biased).round() as usize;
        let columns = square.min((BREAK_LENGTH - self.indentation) / place).min(COMPACT * 4).min(15);
        if columns <= 1 {
            return printed;
        }
        let width_of = |column: usize| {
            let cells = printed.iter().skip(column).step_by(columns);
            cells.map(|cell| cell.columns).max().unwrap_or(0) + SEPARATOR
        };
        let widths: Vec<usize> = (0..columns).map(width_of).collect();
        let are_numbers = items.iter().all(Value::is_number);
        let row = |cells: &[Printed]| {
            let mut text = String::new();
            let mut length = 0;
            for (at, (cell, width)) in cells.iter().zip(&widths).enumerate() {
                let is_last = at + 1 == cells.len();
                let space = |taken: usize| " ".repeat(width.saturating_sub(taken));
                length += if is_last && !are_numbers { cell.columns } else { *width };
                match (are_numbers, is_last) {
                    (true, false) => text.push_str(&format!("{}{}, ", space(cell.columns + 2), cell.text)),
                    (true, true) => text.push_str(&format!("{}{}", space(cell.columns + 2), cell.text)),
                    (false, false) => text.push_str(&format!("{}, {}", cell.text, space(cell.columns + 2))),
                    (false, true) => text.push_str(&cell.text),
                }
            }
            Printed { text, columns: length }
        };
        printed.chunks(columns).map(row).collect()
    }

    /// Node's `reduceToSingleString`: on one line what is short and not too nested, else one line each. What was put
    /// into columns, so that there is less of it than there was, keeps its lines.
    fn joined(&self, printed: Vec<Printed>, count: usize, braces: [&str; 2], level: usize) -> Printed {
        let [open, close] = braces;
        let texts: Vec<&str> = printed.iter().map(|item| item.text.as_str()).collect();
        if self.deepest.saturating_sub(level) < COMPACT && count == printed.len() {
            let start = printed.len() + self.indentation + open.len() + 10;
            let total: usize = printed.iter().map(|item| item.columns).sum::<usize>() + printed.len() + start;
            let line = texts.join(", ");
            if total <= BREAK_LENGTH && !line.contains('\n') {
                let columns = printed.iter().map(|item| item.columns + 2).sum::<usize>() + 2;
                return Printed { text: format!("{open} {line} {close}"), columns };
            }
        }
        let indentation = format!("\n{}", " ".repeat(self.indentation));
        let lines = texts.join(&format!(",{indentation}  "));
        plain(format!("{open}{indentation}  {lines}{indentation}{close}"))
    }

    fn paint(&self, text: String, on: &str, off: &str) -> Printed {
        let columns = text.chars().count();
        match self.style {
            Style::Plain => Printed { text, columns },
            Style::Colour => Printed { text: format!("\u{1b}[{on}m{text}\u{1b}[{off}m"), columns },
        }
    }
}

fn plain(text: String) -> Printed {
    Printed { columns: text.chars().count(), text }
}

fn is_identifier(name: &str) -> bool {
    let mut letters = name.chars();
    letters.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && letters.all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// In single quotes, or in others where the text has single ones and not those.
fn quote(text: &str) -> String {
    let mark = if !text.contains('\'') {
        '\''
    } else if !text.contains('"') {
        '"'
    } else if !text.contains('`') && !text.contains("${") {
        '`'
    } else {
        '\''
    };
    let mut out = String::from(mark);
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\\' => out.push_str("\\\\"),
            '\'' if mark == '\'' => out.push_str("\\'"),
            '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' => out.push_str(&format!("\\x{:02X}", u32::from(c))),
            _ => out.push(c),
        }
    }
    out.push(mark);
    out
}

#[cfg(test)]
mod tests;
