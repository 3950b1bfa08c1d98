//! The canonical order of keys, and when two trees mean the same.

use smol_str::SmolStr;

use super::node::{Content, Entry, Node, Scalar, integer};
use super::{document, fixture, matrix, steps};

/// What a node is in a file, as far as its layout depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// The file.
    File,
    /// A mapping of cases.
    Cases,
    /// One step or a list of steps.
    Steps,
    /// A mapping of callbacks.
    Callbacks,
    /// A callback, or one of its bodies.
    Callback,
    /// Bodies by reason.
    Reasons,
    /// A matrix.
    Matrix,
    /// The cursors of a matrix.
    Cursors,
    /// One of them.
    Cursor,
    /// The calls of a matrix.
    Rows,
    /// One of them.
    Row,
    /// A mapping of shorthands.
    Shorthands,
    /// A shorthand, or steps that are repeated.
    Shorthand,
    /// A call and the like: the order is the author's.
    Value,
}

impl Part {
    /// What the value under a key is.
    pub fn below(self, key: &str) -> Self {
        match (self, key) {
            (Self::File, "cases") => Self::Cases,
            (Self::File, "steps" | "then") => Self::Steps,
            (Self::File, "callbacks") => Self::Callbacks,
            (Self::File, "matrix") => Self::Matrix,
            (Self::File, "shorthands") => Self::Shorthands,
            (Self::Matrix, "cursors") => Self::Cursors,
            (Self::Matrix, "reasons") => Self::Cases,
            (Self::Matrix, "calls") => Self::Rows,
            (Self::Cursors, _) => Self::Cursor,
            (Self::Rows, _) => Self::Row,
            (Self::Cases, _) => Self::Steps,
            (Self::Callbacks | Self::Reasons, _) => Self::Callback,
            (Self::Callback, "reasons") => Self::Reasons,
            (Self::Callback | Self::Shorthand, "steps") => Self::Steps,
            (Self::Shorthands, _) => Self::Shorthand,
            (Self::Steps, "repeat") => Self::Shorthand,
            _ => Self::Value,
        }
    }

    /// The keys that have an order, in that order; others come before them as written.
    fn order(self) -> &'static [&'static [&'static str]] {
        match self {
            Self::File => &[&["title", "extends"], document::KEYS, fixture::KEYS],
            Self::Steps => &[steps::MODIFIERS, &["when"]],
            Self::Callback => &[super::bodies::BODY_KEYS],
            Self::Shorthand => &[fixture::SHORTHAND_KEYS],
            Self::Matrix => &[matrix::KEYS],
            Self::Cursor => &[matrix::CURSOR_KEYS],
            Self::Row => &[matrix::CALL_KEYS],
            _ => &[],
        }
    }

    /// Whether its entries always stand on lines of their own.
    pub fn is_block(self) -> bool {
        matches!(
            self,
            Self::File
                | Self::Cases
                | Self::Steps
                | Self::Callbacks
                | Self::Matrix
                | Self::Cursors
                | Self::Cursor
                | Self::Rows
                | Self::Row
                | Self::Shorthands
                | Self::Shorthand
        )
    }
}

/// The tree with its keys in canonical order and its words in canonical form.
pub(super) fn canonical(node: &Node, part: Part) -> Node {
    let content = match &node.content {
        Content::Scalar(scalar) => Content::Scalar(canonical_scalar(scalar)),
        Content::List(items) => {
            Content::List(items.iter().map(|item| canonical(item, part)).collect())
        }
        Content::Map(entries) => {
            let mut entries: Vec<Entry> = entries
                .iter()
                .map(|entry| Entry {
                    key: entry.key.clone(),
                    key_spot: entry.key_spot,
                    value: canonical(&entry.value, part.below(&entry.key)),
                })
                .collect();
            let order = part.order();
            entries.sort_by_key(|entry| rank(order, &entry.key));
            Content::Map(entries)
        }
    };
    Node {
        content,
        spot: node.spot,
    }
}

/// Where a key stands: first those without an order.
fn rank(order: &[&[&str]], key: &str) -> usize {
    let position = order.iter().copied().flatten().position(|own| *own == key);
    position.map_or(0, |position| position + 1)
}

fn canonical_scalar(scalar: &Scalar) -> Scalar {
    let text = &*scalar.text;
    if scalar.plain && matches!(text, "" | "~" | "Null" | "NULL") {
        return Scalar {
            text: "null".into(),
            plain: true,
        };
    }
    let text: SmolStr = match text.strip_prefix('>') {
        Some(name) if !name.trim().is_empty() && !name.contains(char::is_whitespace) => {
            ["->", name].concat().into()
        }
        _ => text.into(),
    };
    let plain = scalar.plain || !(is_word(&text) || is_old_boolean(&text));
    Scalar { text, plain }
}

/// Whether a text without quotes would be more than a text.
pub(super) fn is_word(text: &str) -> bool {
    let words = [
        "", "~", "null", "Null", "NULL", "true", "True", "TRUE", "false", "False", "FALSE",
    ];
    words.contains(&text)
        || super::expect::OUTPUT_WORDS
            .iter()
            .any(|(word, _)| *word == text)
        || integer(text).is_some()
        || text.parse::<f64>().is_ok()
}

/// The booleans of YAML 1.1, quoted so that no reader mistakes them.
pub(super) fn is_old_boolean(text: &str) -> bool {
    ["yes", "no", "on", "off", "y", "n"]
        .iter()
        .any(|old| text.eq_ignore_ascii_case(old))
}

/// Whether two trees in canonical form say the same, wherever they stand.
pub(super) fn same(a: &Node, b: &Node) -> bool {
    match (&a.content, &b.content) {
        (Content::Scalar(a), Content::Scalar(b)) => {
            a.text == b.text && (a.plain == b.plain || !is_word(&a.text))
        }
        (Content::List(a), Content::List(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Content::Map(a), Content::Map(b)) => {
            let pairs = a.iter().zip(b);
            a.len() == b.len()
                && pairs
                    .into_iter()
                    .all(|(a, b)| a.key == b.key && same(&a.value, &b.value))
        }
        _ => false,
    }
}
