//! The tree that a YAML text stands for, with a place on every node.
//!
//! The format needs less than YAML offers, and what it does not need is refused: anchors and aliases
//! (which repeat a node without saying so, and can be made to repeat it a billion times), tags, several
//! documents in one file, keys that are no text, keys that come twice.

use std::collections::HashMap;
use std::sync::Arc;

use smol_str::SmolStr;

use serde_yaml::granit_parser::{Event, Options, Parser, ScalarStyle, ScanError, Span};

use super::fault::{FaultKind, Faults};
use super::source::{FileId, Spot};

/// The deepest nesting that a file may have. The deepest sensible scenario has about 20 levels.
pub const DEEPEST: usize = 64;

/// A node and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// What it holds.
    pub content: Content,
    /// Where it stands.
    pub spot: Spot,
}

/// What a node holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// Text, number, null or boolean.
    Scalar(Scalar),
    /// A list.
    List(Vec<Node>),
    /// A mapping, in the written order.
    Map(Vec<Entry>),
}

/// A text as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scalar {
    /// The text, quotes and escapes resolved.
    pub text: SmolStr,
    /// Whether it was written without quotes, so that it may be a number, null or a reserved word.
    pub plain: bool,
}

/// One entry of a mapping.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The key.
    pub key: SmolStr,
    /// Where the key stands.
    pub key_spot: Spot,
    /// The value.
    pub value: Node,
}

impl Node {
    /// A plain word or number that stands nowhere.
    pub fn plain(text: &str) -> Self {
        Self::scalar(text, true)
    }

    /// A quoted text that stands nowhere.
    pub fn quoted(text: &str) -> Self {
        Self::scalar(text, false)
    }

    /// A list that stands nowhere.
    pub fn list(nodes: impl IntoIterator<Item = Node>) -> Self {
        Self::nowhere(Content::List(nodes.into_iter().collect()))
    }

    /// A mapping that stands nowhere.
    pub fn map<'k>(entries: impl IntoIterator<Item = (&'k str, Node)>) -> Self {
        let entry = |(key, value): (&str, Node)| Entry {
            key: key.into(),
            key_spot: Spot::default(),
            value,
        };
        Self::nowhere(Content::Map(entries.into_iter().map(entry).collect()))
    }

    /// The same with its keys on a line, so that what is made of it can be found again. Only the
    /// outermost keys: what is inside stands where it stood.
    pub fn at_line(mut self, line: usize) -> Self {
        let line = u32::try_from(line).unwrap_or(u32::MAX);
        if let Content::Map(entries) = &mut self.content {
            for entry in entries {
                entry.key_spot = Spot {
                    line,
                    ..Spot::default()
                };
            }
        }
        self
    }

    fn scalar(text: &str, plain: bool) -> Self {
        Self::nowhere(Content::Scalar(Scalar {
            text: text.into(),
            plain,
        }))
    }

    fn nowhere(content: Content) -> Self {
        Self {
            content,
            spot: Spot::default(),
        }
    }

    /// The text of a scalar, quoted or not.
    pub fn text(&self) -> Option<&str> {
        match &self.content {
            Content::Scalar(scalar) => Some(&scalar.text),
            _ => None,
        }
    }

    /// The text of a scalar without quotes.
    pub fn word(&self) -> Option<&str> {
        match &self.content {
            Content::Scalar(scalar) if scalar.plain => Some(&scalar.text),
            _ => None,
        }
    }

    /// Whether it is YAML's null: nothing, `~` or `null`.
    pub fn is_null(&self) -> bool {
        matches!(self.word(), Some("" | "~" | "null" | "Null" | "NULL"))
    }

    /// The boolean of YAML 1.2: `true` and `false`; `yes`, `no`, `on`, `off` are texts.
    pub fn boolean(&self) -> Option<bool> {
        match self.word()? {
            "true" | "True" | "TRUE" => Some(true),
            "false" | "False" | "FALSE" => Some(false),
            _ => None,
        }
    }

    /// The entries of a mapping.
    pub fn entries(&self) -> Option<&[Entry]> {
        match &self.content {
            Content::Map(entries) => Some(entries),
            _ => None,
        }
    }

    /// The nodes of a list.
    pub fn items(&self) -> Option<&[Node]> {
        match &self.content {
            Content::List(items) => Some(items),
            _ => None,
        }
    }

    /// The value under a key of a mapping.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entries()?
            .iter()
            .find(|entry| &*entry.key == key)
            .map(|entry| &entry.value)
    }

    /// What it is, in a word, for messages.
    pub fn what(&self) -> &'static str {
        match &self.content {
            Content::Scalar(_) if self.is_null() => "nothing",
            Content::Scalar(scalar) if !scalar.plain => "a quoted text",
            Content::Scalar(scalar) if integer(&scalar.text).is_some() => "a number",
            Content::Scalar(_) => "a word",
            Content::List(_) => "a list",
            Content::Map(_) => "a mapping",
        }
    }
}

/// The number that a text stands for: decimal or hexadecimal, with an optional sign, within the 64
/// bits of a signed or an unsigned number; negative ones in two's complement.
pub fn integer(text: &str) -> Option<u64> {
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    if !digits.as_bytes().first()?.is_ascii_digit() {
        return None;
    }
    let (digits, radix) = match digits.strip_prefix("0x") {
        Some(hex) => (hex, 16),
        None => (digits, 10),
    };
    if digits.starts_with('+') {
        return None;
    }
    let magnitude = u64::from_str_radix(digits, radix).ok()?;
    match negative {
        false => Some(magnitude),
        true if magnitude <= 1 << 63 => Some(magnitude.wrapping_neg()),
        true => None,
    }
}

/// A comment and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// What follows the `#`.
    pub text: Arc<str>,
    /// Line, from 1.
    pub line: u32,
}

/// Reads one YAML document. Where the text is faulty the faults say so; `None` where there is no tree
/// at all.
pub fn parse(file: FileId, text: &str, faults: &mut Faults) -> Option<Node> {
    read(file, text, faults, None)
}

/// Reads one YAML document and its comments.
pub fn parse_with_comments(
    file: FileId,
    text: &str,
    faults: &mut Faults,
) -> Option<(Node, Vec<Comment>)> {
    let mut comments = Vec::new();
    let root = read(file, text, faults, Some(&mut comments))?;
    Some((root, comments))
}

fn read(
    file: FileId,
    text: &str,
    faults: &mut Faults,
    comments: Option<&mut Vec<Comment>>,
) -> Option<Node> {
    let mut options = Options::default();
    options.set_emit_comments(comments.is_some());
    options.max_buffered_comment_events = usize::MAX;
    options.flow_nesting_limit = DEEPEST;
    options.block_nesting_limit = DEEPEST;
    let mut reader = Reader {
        file,
        events: Parser::new_from_str_with_options(text.trim_start_matches('\u{feff}'), options),
        faults,
        comments,
    };
    match reader.document() {
        Ok(root) => root,
        Err(Stop::Syntax(error)) => {
            let marker = error.marker();
            let spot = spot(file, marker.line(), marker.col(), 1);
            let finding = faults.add(FaultKind::Syntax(error.info()), spot);
            finding.suggestion = meant_binding(text, spot);
            None
        }
        Err(Stop::Reported) => None,
    }
}

/// What may have been meant by `>name` without quotes, which is no YAML: `->name`.
fn meant_binding(text: &str, spot: Spot) -> Option<String> {
    let line = text.lines().nth(spot.line as usize - 1)?;
    let start = spot.column as usize - 1;
    let (near, _) = line
        .char_indices()
        .nth(start.saturating_sub(1))
        .unwrap_or_default();
    let name = line[near..].split_once('>')?.1;
    let end = name.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '-'));
    let name = &name[..end.unwrap_or(name.len())];
    (!name.is_empty()).then(|| ["->", name].concat())
}

struct Reader<'t, 'f> {
    file: FileId,
    events: Parser<'t, serde_yaml::granit_parser::StrInput<'t>>,
    faults: &'f mut Faults,
    comments: Option<&'f mut Vec<Comment>>,
}

/// Why reading ended early.
enum Stop {
    Syntax(ScanError),
    /// A fault has been noted.
    Reported,
}

impl<'t> Reader<'t, '_> {
    fn next(&mut self) -> Result<(Event<'t>, Span), Stop> {
        loop {
            match self.events.next_event() {
                Some(Ok((Event::Comment(text, _), span))) => self.comment(&text, &span),
                Some(Ok(event)) => return Ok(event),
                Some(Err(error)) => return Err(Stop::Syntax(error)),
                None => return Ok((Event::StreamEnd, Span::default())),
            }
        }
    }

    fn comment(&mut self, text: &str, span: &Span) {
        if let Some(comments) = &mut self.comments {
            comments.push(Comment {
                text: text.trim_end().into(),
                line: u32::try_from(span.start.line()).unwrap_or(u32::MAX),
            });
        }
    }

    fn refuse(&mut self, kind: FaultKind, span: &Span) -> Stop {
        self.faults.add(kind, self.spot(span));
        Stop::Reported
    }

    fn spot(&self, span: &Span) -> Spot {
        let width = if span.end.line() == span.start.line() {
            span.end.col().saturating_sub(span.start.col()).max(1)
        } else {
            1
        };
        spot(self.file, span.start.line(), span.start.col(), width)
    }

    fn document(&mut self) -> Result<Option<Node>, Stop> {
        let mut root = None;
        loop {
            let (event, span) = self.next()?;
            match event {
                Event::StreamStart | Event::DocumentEnd => {}
                Event::DocumentStart(..) if root.is_some() => {
                    return Err(self.refuse(FaultKind::SecondDocument, &span));
                }
                Event::DocumentStart(..) => {
                    let first = self.next()?;
                    root = Some(self.node(first, 0)?);
                }
                Event::StreamEnd => break,
                _ => return Err(self.refuse(FaultKind::SecondDocument, &span)),
            }
        }
        if root.is_none() {
            let start = spot(self.file, 1, 0, 1);
            self.faults.add(FaultKind::Empty, start);
        }
        Ok(root)
    }

    fn node(&mut self, (event, span): (Event<'t>, Span), depth: usize) -> Result<Node, Stop> {
        let spot = self.spot(&span);
        if depth > DEEPEST {
            return Err(self.refuse(FaultKind::TooDeep { deepest: DEEPEST }, &span));
        }
        let (anchor, tagged) = match &event {
            Event::Scalar(_, _, anchor, tag) => (*anchor, tag.is_some()),
            Event::SequenceStart(_, anchor, tag) | Event::MappingStart(_, anchor, tag) => {
                (*anchor, tag.is_some())
            }
            _ => (0, false),
        };
        if anchor != 0 {
            return Err(self.refuse(FaultKind::Anchor, &span));
        }
        if tagged {
            return Err(self.refuse(FaultKind::Tag, &span));
        }
        let content = match event {
            Event::Scalar(text, style, ..) => Content::Scalar(Scalar {
                text: text.into(),
                plain: style == ScalarStyle::Plain,
            }),
            Event::SequenceStart(..) => Content::List(self.list(depth)?),
            Event::MappingStart(..) => Content::Map(self.mapping(depth)?),
            Event::Alias(_) | Event::UnresolvedAlias(_) => {
                return Err(self.refuse(FaultKind::Anchor, &span));
            }
            _ => return Err(self.refuse(FaultKind::Empty, &span)),
        };
        Ok(Node { content, spot })
    }

    fn list(&mut self, depth: usize) -> Result<Vec<Node>, Stop> {
        let mut items = Vec::new();
        loop {
            match self.next()? {
                (Event::SequenceEnd, _) => return Ok(items),
                first => items.push(self.node(first, depth + 1)?),
            }
        }
    }

    fn mapping(&mut self, depth: usize) -> Result<Vec<Entry>, Stop> {
        let mut entries: Vec<Entry> = Vec::new();
        let mut keys = HashMap::new();
        loop {
            let (event, span) = self.next()?;
            let key: SmolStr = match event {
                Event::MappingEnd => return Ok(entries),
                Event::Scalar(text, _, 0, None) => text.into(),
                _ => return Err(self.refuse(FaultKind::KeyNoText, &span)),
            };
            let key_spot = self.spot(&span);
            if let Some(first) = find_key(&entries, &mut keys, &key) {
                let kind = FaultKind::DuplicateKey {
                    key: key.to_string(),
                };
                self.faults
                    .add(kind, key_spot)
                    .with(first, "first written here");
            }
            let first = self.next()?;
            let value = self.node(first, depth + 1)?;
            entries.push(Entry {
                key,
                key_spot,
                value,
            });
        }
    }
}

/// Where that key has been written before. Most mappings are short; a long one is looked up in a map.
fn find_key(entries: &[Entry], keys: &mut HashMap<SmolStr, Spot>, key: &str) -> Option<Spot> {
    const SHORT: usize = 24;
    if entries.len() <= SHORT {
        let same = entries.iter().find(|entry| &*entry.key == key);
        return same.map(|entry| entry.key_spot);
    }
    for entry in &entries[keys.len().min(entries.len())..] {
        keys.entry(entry.key.clone()).or_insert(entry.key_spot);
    }
    keys.get(key).copied()
}

fn spot(file: FileId, line: usize, column: usize, width: usize) -> Spot {
    let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Spot {
        file,
        line: number(line.max(1)),
        column: number(column + 1),
        width: number(width),
    }
}
