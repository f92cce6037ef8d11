//! Tables of words: columns as wide as their widest cell, two spaces between them.

use crate::terminal::Terminal;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alignment {
    Left,
    Right,
}

/// A cell and the colour it has on a terminal.
type Cell = (String, Option<&'static str>);

#[derive(Debug)]
pub struct Table {
    alignment: Vec<Alignment>,
    rows: Vec<Vec<Cell>>,
}

impl Table {
    /// Columns without an alignment are left-aligned.
    pub fn new(alignment: &[Alignment]) -> Self {
        Self { alignment: alignment.to_vec(), rows: Vec::new() }
    }

    pub fn row(&mut self, cells: impl IntoIterator<Item = Cell>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// The lines, without spaces at their ends.
    pub fn draw(&self, terminal: &Terminal) -> String {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let width = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(column));
            cells.map(|(text, _)| text.chars().count()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..columns).map(width).collect();
        let lines: Vec<String> = self.rows.iter().map(|row| self.line(row, &widths, terminal)).collect();
        lines.join("\n")
    }

    fn line(&self, row: &[Cell], widths: &[usize], terminal: &Terminal) -> String {
        let mut line = String::new();
        for (column, ((text, colour), width)) in row.iter().zip(widths).enumerate() {
            let space = " ".repeat(width.saturating_sub(text.chars().count()));
            let painted = colour.map_or_else(|| text.clone(), |colour| terminal.paint(colour, text));
            if column > 0 {
                line.push_str("  ");
            }
            match self.alignment.get(column) {
                Some(Alignment::Right) => line.push_str(&format!("{space}{painted}")),
                _ => line.push_str(&format!("{painted}{space}")),
            }
        }
        line.trim_end().to_owned()
    }
}
