//! Writing a tree back in its canonical form.
//!
//! Keys stand in their documented order, a step's modifiers on lines of their own, everything else on
//! one line where it fits. Comments stay with what they stand at.

use super::canonical::{Part, canonical, is_old_boolean, is_word, same};
use super::comments::{Margin, Margins};
use super::fault::{Fault, FaultKind, Faults};
use super::node::{self, Content, Entry, Node};
use super::source::Sources;

/// The longest line, where a node can be broken.
const WIDTH: usize = 120;

/// Writes a file back in its canonical form. The faults are those of the YAML alone.
pub fn fmt(name: &str, text: &str) -> Result<String, Vec<Fault>> {
    let mut sources = Sources::default();
    let mut faults = Faults::default();
    let file = sources.add(name, text);
    let parsed = node::parse_with_comments(file, text, &mut faults);
    let Some((root, comments)) = parsed.filter(|_| faults.is_empty()) else {
        return Err(faults.resolve(&sources));
    };
    let margins = Margins::new(&root, &comments, text);
    let root = canonical(&root, Part::File);
    let written = write_with(&root, margins);
    if is_faithful(&written, &root, comments.len()) {
        return Ok(written);
    }
    let message = "cannot be written back without a loss; please write it more plainly";
    faults.add(FaultKind::Value(message.into()), root.spot);
    Err(faults.resolve(&sources))
}

/// The text of a scenario or fixture that was made and not read.
pub fn write(root: &Node) -> String {
    write_with(&canonical(root, Part::File), Margins::default())
}

/// Whether a text says what the tree says, with as many comments.
fn is_faithful(text: &str, root: &Node, comments: usize) -> bool {
    let mut faults = Faults::default();
    let again = node::parse_with_comments(Default::default(), text, &mut faults);
    again.is_some_and(|(again, kept)| {
        faults.is_empty() && kept.len() == comments && same(&canonical(&again, Part::File), root)
    })
}

fn write_with(root: &Node, margins: Margins) -> String {
    let mut writer = Writer {
        text: String::new(),
        margins,
    };
    match &root.content {
        Content::Map(entries) if !entries.is_empty() => {
            writer.entries(entries, 0, Part::File, None)
        }
        _ => {
            writer.text.push_str(&flow(root, true));
            writer.text.push('\n');
        }
    }
    for comment in std::mem::take(&mut writer.margins.tail) {
        writer.comment(&comment, 0);
    }
    writer.text
}

struct Writer {
    text: String,
    margins: Margins,
}

impl Writer {
    /// A mapping, each entry on lines of its own. `item`: comments at the right of the list item that
    /// it is, whose dash stands on the first line already.
    fn entries(&mut self, entries: &[Entry], indent: usize, part: Part, item: Option<Vec<String>>) {
        let mut item = item;
        for entry in entries {
            let mut margin = self.margins.take(entry.key_spot);
            let begun = item.is_some();
            let mut right = item.take().unwrap_or_default();
            right.append(&mut margin.right);
            margin.right = right;
            let key = scalar(&entry.key, false, false);
            self.line(
                &key,
                &entry.value,
                indent,
                part.below(&entry.key),
                margin,
                begun,
            );
        }
    }

    /// A list, each item on lines of its own.
    fn items(&mut self, items: &[Node], indent: usize, part: Part) {
        for item in items {
            let mut margin = self.margins.take(item.spot);
            let nested = match &item.content {
                Content::Map(entries)
                    if !entries.is_empty() && self.needs_lines(item, indent + 2, part) =>
                {
                    Some(entries)
                }
                _ => None,
            };
            match nested {
                Some(entries) => {
                    if let Some(first) = entries.first() {
                        let mut first = self.margins.take(first.key_spot);
                        margin.above.append(&mut first.above);
                        margin.right.append(&mut first.right);
                    }
                    self.above(&margin, indent);
                    self.indent(indent);
                    self.text.push_str("- ");
                    self.entries(entries, indent + 2, part, Some(margin.right));
                }
                None => self.line("-", item, indent, part, margin, false),
            }
        }
    }

    /// Whether a node must be broken into lines.
    fn needs_lines(&self, node: &Node, used: usize, part: Part) -> bool {
        let broken = match &node.content {
            Content::Scalar(_) => return false,
            Content::List(items) => {
                if items.is_empty() {
                    return false;
                }
                part.is_block()
            }
            Content::Map(entries) => {
                if entries.is_empty() {
                    return false;
                }
                let has_steps = |entry: &Entry| part.below(&entry.key).is_block();
                part.is_block() || (part != Part::Value && entries.iter().any(has_steps))
            }
        };
        broken || used + flow(node, false).chars().count() > WIDTH || self.margins.inside(node)
    }

    /// A key or dash with its value, on one line or on several.
    fn line(
        &mut self,
        key: &str,
        value: &Node,
        indent: usize,
        part: Part,
        mut margin: Margin,
        begun: bool,
    ) {
        let is_item = key == "-";
        let separator = if is_item { " " } else { ": " };
        let used = indent + key.chars().count() + separator.len();
        let lines = self.needs_lines(value, used, part);
        if !lines {
            self.margins.take_inside(value, &mut margin);
        }
        let right = std::mem::take(&mut margin.right);
        if begun {
            debug_assert!(margin.above.is_empty());
        } else {
            self.above(&margin, indent);
            self.indent(indent);
        }
        let start = self.text.len();
        self.text.push_str(key);
        if !lines {
            self.text.push_str(separator);
            self.text.push_str(&flow(value, false));
            self.text.push('\n');
        } else {
            self.text.push_str(separator.trim_end());
            self.text.push('\n');
            match &value.content {
                Content::Map(entries) => self.entries(entries, indent + 2, part, None),
                Content::List(items) => self.items(items, indent + 2, part),
                Content::Scalar(_) => {}
            }
        }
        self.right(start, &right);
    }

    fn indent(&mut self, indent: usize) {
        self.text.extend(std::iter::repeat_n(' ', indent));
    }

    fn above(&mut self, margin: &Margin, indent: usize) {
        if margin.gap && !self.text.is_empty() {
            self.text.push('\n');
        }
        for comment in &margin.above {
            self.comment(comment, indent);
        }
    }

    fn comment(&mut self, comment: &str, indent: usize) {
        self.indent(indent);
        self.text.push('#');
        self.text.push_str(comment);
        self.text.push('\n');
    }

    /// Puts comments at the end of the line that begins there; a second one goes on a line above.
    fn right(&mut self, start: usize, comments: &[String]) {
        let Some((last, others)) = comments.split_last() else {
            return;
        };
        let end = self.text[start..]
            .find('\n')
            .map_or(self.text.len(), |end| start + end);
        self.text.insert_str(end, &["  #", last].concat());
        let line = self.text[..start].rfind('\n').map_or(0, |line| line + 1);
        let indent: String = self.text[line..]
            .chars()
            .take_while(|c| *c == ' ')
            .collect();
        let above: String = others
            .iter()
            .flat_map(|other| [&indent, "#", other, "\n"])
            .collect();
        self.text.insert_str(line, &above);
    }
}

/// A node on one line. `inside`: between braces or brackets.
fn flow(node: &Node, inside: bool) -> String {
    match &node.content {
        Content::Scalar(own) => scalar(&own.text, own.plain, inside),
        Content::List(items) if items.is_empty() => String::from("[]"),
        Content::List(items) => {
            let items: Vec<String> = items.iter().map(|item| flow(item, true)).collect();
            ["[", &items.join(", "), "]"].concat()
        }
        Content::Map(entries) if entries.is_empty() => String::from("{}"),
        Content::Map(entries) => {
            let entry = |entry: &Entry| {
                [
                    &scalar(&entry.key, false, true),
                    ": ",
                    &flow(&entry.value, true),
                ]
                .concat()
            };
            let entries: Vec<String> = entries.iter().map(entry).collect();
            ["{ ", &entries.join(", "), " }"].concat()
        }
    }
}

/// A text, in quotes where it needs them.
fn scalar(text: &str, plain: bool, inside: bool) -> String {
    let must_quote = !is_plain(text, inside) || is_old_boolean(text) || (!plain && is_word(text));
    if must_quote {
        quoted(text)
    } else {
        text.to_owned()
    }
}

/// Whether a text can stand without quotes.
fn is_plain(text: &str, inside: bool) -> bool {
    let Some(first) = text.chars().next() else {
        return false;
    };
    let after = text.chars().nth(1);
    let starts_well = match first {
        '-' => after.is_some_and(|next| next != ' ' && next != '-'),
        '?' | ':' | ',' | '[' | ']' | '{' | '}' | '#' | '&' | '*' | '!' | '|' | '>' | '\''
        | '"' | '%' | '@' | '`' | ' ' | '=' => false,
        _ => true,
    };
    let has_bracket = inside && text.contains([',', '[', ']', '{', '}']);
    starts_well
        && !text.starts_with("...")
        && !text.ends_with([' ', ':'])
        && !text.contains(": ")
        && !text.contains(" #")
        && !has_bracket
        && text.chars().all(is_printable)
}

/// Whether a character can stand in a text as it is.
fn is_printable(c: char) -> bool {
    !c.is_control()
        && !matches!(
            c,
            '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}'
        )
}

fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if is_printable(c) => out.push(c),
            c if u32::from(c) <= 0xFF => out.push_str(&format!("\\x{:02X}", u32::from(c))),
            c if u32::from(c) <= 0xFFFF => out.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => out.push_str(&format!("\\U{:08X}", u32::from(c))),
        }
    }
    out.push('"');
    out
}
