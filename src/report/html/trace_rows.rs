//! Two traces side by side: rows of equal lines, and of lines that one of them has.

use similar::{DiffOp, TextDiff};

use crate::judge::Traces;

/// One row of the two columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TraceRow {
    /// Whether both sides are the same.
    pub equal: bool,
    /// The reference's line; none where it has nothing there.
    pub reference: Option<String>,
    /// The library's line.
    pub library: Option<String>,
}

/// The rows of two traces.
pub(super) fn rows(traces: &Traces) -> Vec<TraceRow> {
    let left: Vec<&str> = traces.reference.lines().collect();
    let right: Vec<&str> = traces.library.lines().collect();
    let line = |lines: &[&str], at: usize| lines.get(at).map(|line| (*line).to_owned());
    let mut rows = Vec::new();
    for op in TextDiff::from_slices(&left, &right).ops() {
        let (old, new) = (op.old_range(), op.new_range());
        let equal = matches!(op, DiffOp::Equal { .. });
        for index in 0..old.len().max(new.len()) {
            let side = |range: &std::ops::Range<usize>, lines: &[&str]| {
                (index < range.len())
                    .then(|| line(lines, range.start + index))
                    .flatten()
            };
            rows.push(TraceRow {
                equal,
                reference: side(&old, &left),
                library: side(&new, &right),
            });
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_replace_each_other_stand_side_by_side() {
        let rows = rows(&Traces {
            reference: "a\nb\nc\nd".to_owned(),
            library: "a\nx\nc\nd\ne".to_owned(),
        });
        let seen: Vec<_> = rows
            .iter()
            .map(|row| (row.equal, row.reference.as_deref(), row.library.as_deref()))
            .collect();
        assert_eq!(
            seen,
            [
                (true, Some("a"), Some("a")),
                (false, Some("b"), Some("x")),
                (true, Some("c"), Some("c")),
                (true, Some("d"), Some("d")),
                (false, None, Some("e")),
            ]
        );
    }
}
