use diagnostics::Style;
use serde_json::Value;

use super::value;

/// `generate.cjs` printed the rows, with Node 20.20.2.
#[test]
fn values_are_printed_as_node_prints_them() {
    let rows: Vec<(Value, String)> =
        serde_json::from_str(include_str!("table.json")).expect("a table of values and texts");
    assert!(rows.len() > 40);
    for (row, printed) in rows {
        assert_eq!(value(&row, Style::Plain), printed, "{row}");
    }
}

#[test]
fn colours_change_nothing_about_the_lines() {
    let rows: Vec<(Value, String)> =
        serde_json::from_str(include_str!("table.json")).expect("a table of values and texts");
    for (row, printed) in rows {
        let mut coloured = value(&row, Style::Colour);
        for code in ["1", "22", "32", "33", "36", "39"] {
            coloured = coloured.replace(&format!("\u{1b}[{code}m"), "");
        }
        assert_eq!(coloured, printed, "{row}");
    }
}
