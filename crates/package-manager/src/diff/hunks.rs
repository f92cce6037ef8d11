//! Differences of two texts line by line, in hunks of unified diffs.

use similar::{Algorithm, DiffOp, capture_diff_slices, group_diff_ops};

/// Lines around a difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hunk {
    /// `@@ -1,3 +1,4 @@`
    pub header: String,
    pub lines: Vec<Line>,
}

/// A line of a hunk, without its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    Same(String),
    Removed(String),
    Added(String),
    /// The line before is the last one and has no end.
    NoNewline,
}

/// The differences of two texts.
pub(super) fn hunks(old: &str, new: &str, context: usize, ignores_space: bool) -> Vec<Hunk> {
    let (old, new): (Vec<&str>, Vec<&str>) =
        (old.split_inclusive('\n').collect(), new.split_inclusive('\n').collect());
    let operations = if ignores_space {
        let trimmed = |lines: &[&'_ str]| lines.iter().map(|line| line.trim().to_owned()).collect::<Vec<_>>();
        capture_diff_slices(Algorithm::Myers, &trimmed(&old), &trimmed(&new))
    } else {
        capture_diff_slices(Algorithm::Myers, &old, &new)
    };
    let groups = group_diff_ops(operations, context);
    groups.iter().filter(|group| !group.is_empty()).map(|group| hunk(group, &old, &new)).collect()
}

fn hunk(operations: &[DiffOp], old: &[&str], new: &[&str]) -> Hunk {
    let mut lines = Vec::new();
    let mut push = |texts: &[&str], kind: fn(String) -> Line| {
        for text in texts {
            let end = text.strip_suffix('\n');
            lines.push(kind(end.unwrap_or(text).to_owned()));
            if end.is_none() {
                lines.push(Line::NoNewline);
            }
        }
    };
    for operation in operations {
        if let DiffOp::Equal { .. } = operation {
            // where white space does not count, the new lines are shown
            push(&new[operation.new_range()], Line::Same);
        } else {
            push(&old[operation.old_range()], Line::Removed);
            push(&new[operation.new_range()], Line::Added);
        }
    }
    let span = |start: usize, end: usize| match end - start {
        // nothing stands after the line before
        0 => format!("{start},0"),
        count => format!("{},{count}", start + 1),
    };
    let bounds = |range: fn(&DiffOp) -> std::ops::Range<usize>| {
        let start = operations.first().map_or(0, |first| range(first).start);
        span(start, operations.last().map_or(start, |last| range(last).end))
    };
    Hunk { header: format!("@@ -{} +{} @@", bounds(DiffOp::old_range), bounds(DiffOp::new_range)), lines }
}
