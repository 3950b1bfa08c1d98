//! Comments: each belongs to an entry or item, and moves with it.

use std::collections::BTreeMap;

use super::node::{Comment, Content, Node};
use super::source::Spot;

/// Line and column.
type Point = (u32, u32);

/// What stands around an entry or item beside the node itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Margin {
    /// Comments on lines of their own before it.
    pub above: Vec<String>,
    /// Comments on its own lines.
    pub right: Vec<String>,
    /// Whether an empty line stands before it.
    pub gap: bool,
}

/// All comments of a file, by the entry or item to which they belong.
#[derive(Debug, Default)]
pub(super) struct Margins {
    by_point: BTreeMap<Point, Margin>,
    /// Comments after the last entry.
    pub tail: Vec<String>,
}

impl Margins {
    /// Gives each comment to an entry or item of the tree.
    pub fn new(root: &Node, comments: &[Comment], text: &str) -> Self {
        let mut anchors = Vec::new();
        collect(root, &mut anchors);
        anchors.sort_unstable();
        anchors.dedup();
        let lines: Vec<&str> = text.lines().collect();
        let line = |number: u32| lines.get(number.saturating_sub(1) as usize).copied();
        let mut margins = Self::default();
        let mut first_line = BTreeMap::new();
        for comment in comments {
            let own_line =
                line(comment.line).is_some_and(|line| line.trim_start().starts_with('#'));
            let after = anchors.partition_point(|(line, _)| *line < comment.line);
            if !own_line {
                let here = anchors.get(after).filter(|(line, _)| *line == comment.line);
                if let Some(point) = here.or_else(|| anchors.get(after.checked_sub(1)?)) {
                    margins.at(*point).right.push(comment.text.to_string());
                    continue;
                }
            }
            match anchors.get(after) {
                Some(point) => {
                    first_line.entry(*point).or_insert(comment.line);
                    margins.at(*point).above.push(comment.text.to_string());
                }
                None => margins.tail.push(comment.text.to_string()),
            }
        }
        for point in anchors {
            let start = first_line.get(&point).copied().unwrap_or(point.0);
            let before = start.checked_sub(1).and_then(line);
            if start > 1 && before.is_some_and(|line| line.trim().is_empty()) {
                margins.at(point).gap = true;
            }
        }
        margins
    }

    fn at(&mut self, point: Point) -> &mut Margin {
        self.by_point.entry(point).or_default()
    }

    /// Takes what belongs to the entry or item at a spot.
    pub fn take(&mut self, spot: Spot) -> Margin {
        self.by_point
            .remove(&(spot.line, spot.column))
            .unwrap_or_default()
    }

    /// Takes what belongs to anything inside a node, for a node that is written on one line.
    pub fn take_inside(&mut self, node: &Node, into: &mut Margin) {
        if self.by_point.is_empty() {
            return;
        }
        let mut points = Vec::new();
        collect(node, &mut points);
        for point in points {
            if let Some(mut margin) = self.by_point.remove(&point) {
                into.above.append(&mut margin.above);
                into.right.append(&mut margin.right);
            }
        }
    }

    /// Whether a comment stands on a line of its own inside a node.
    pub fn inside(&self, node: &Node) -> bool {
        if self.by_point.is_empty() {
            return false;
        }
        let mut points = Vec::new();
        collect(node, &mut points);
        let commented = |margin: &Margin| !margin.above.is_empty();
        points
            .iter()
            .any(|point| self.by_point.get(point).is_some_and(commented))
    }
}

/// The points of all entries and items inside a node.
fn collect(node: &Node, into: &mut Vec<Point>) {
    match &node.content {
        Content::Scalar(_) => {}
        Content::List(items) => {
            for item in items {
                into.push((item.spot.line, item.spot.column));
                collect(item, into);
            }
        }
        Content::Map(entries) => {
            for entry in entries {
                into.push((entry.key_spot.line, entry.key_spot.column));
                collect(&entry.value, into);
            }
        }
    }
}
