//! A matrix: calls, each made on several cursors inside the callback of each reason.
//!
//! Each call on each cursor becomes a case of its own, with a callback that is named after the cursor
//! and has a body for each reason. The first cursor is the one that the callback is passed: on it
//! nothing is prepared inside, and the call is made once outside first, where it must succeed. A
//! matrix without cursors is of calls that take none. Reasons may come in groups, told apart by a word
//! behind a point (`BeforeInsert.in-a-transaction`); each group makes cases of its own.

mod cells;

use self::cells::case;
use super::bodies;
use super::document::{self, CaseDocument};
use super::fault::{FaultKind, Faults};
use super::node::{Content, Entry, Node};
use super::source::Spot;
use super::values::{self, shape};

/// The keys of a matrix, in the canonical order.
pub const KEYS: &[&str] = &["cursors", "reasons", "calls"];

/// The keys of a cursor, in the canonical order.
pub const CURSOR_KEYS: &[&str] = &["with", "before", "after", "without", "covers"];

/// The keys of a call, in the canonical order.
pub const CALL_KEYS: &[&str] = &[
    "setup", "before", "call", "then", "after", "fires", "expect", "without", "covers",
];

/// The name of the callback where there are no cursors.
const INSIDE: &str = "inside";

/// What a cursor is to the callback.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// The one that it is passed.
    Passed,
    /// Another one.
    Free,
    /// The calls take no cursor.
    None,
}

/// One cursor.
struct Cursor {
    name: String,
    kind: Kind,
    spot: Spot,
    /// What `$name` stands for where the cursor is meant.
    with: Vec<(String, Node)>,
    /// Steps inside the callback, around those of the call.
    before: Vec<Node>,
    after: Vec<Node>,
    /// Reasons that the cursor is left out of.
    without: Vec<String>,
    covers: Option<Node>,
}

/// One reason: what brings it about.
struct Reason {
    /// As it is written, with its group.
    name: String,
    /// Which of several ways to bring the reason about; mostly there is one, without a name.
    group: String,
    code: u32,
    steps: Vec<Node>,
}

impl Reason {
    /// The reason without its group.
    fn base(&self) -> &str {
        base(&self.name)
    }

    /// Whether a word names the reason: alone, or with its group.
    fn is(&self, word: &str) -> bool {
        word == self.base() || word == self.name
    }
}

/// What stands before the group.
fn base(name: &str) -> &str {
    name.split_once('.').map_or(name, |(base, _)| base)
}

/// One call.
struct Row {
    name: String,
    spot: Spot,
    setup: Vec<Node>,
    before: Vec<Node>,
    /// The call itself, with what it gives out.
    call: Node,
    then: Vec<Node>,
    after: Vec<Node>,
    /// Reasons for which the call itself invokes the callback.
    fires: Vec<String>,
    /// What is expected other than success: by cursor, and there by reason.
    expect: Option<Node>,
    /// Cursors that it is not made on.
    without: Vec<String>,
    covers: Option<Node>,
}

/// What a matrix makes at most, cell by cell and reason by reason.
const MOST_BODIES: usize = 50_000;

/// The cases of a matrix.
pub(super) fn cases(node: Node, faults: &mut Faults) -> Vec<CaseDocument> {
    let Content::Map(entries) = node.content else {
        shape(
            "`matrix`",
            "a mapping of cursors, reasons and calls",
            &node,
            faults,
        );
        return Vec::new();
    };
    values::known_keys(&entries, KEYS, "a matrix", faults);
    let (mut cursors, mut reasons, mut rows) = (Vec::new(), Vec::new(), Vec::new());
    for entry in entries {
        let Content::Map(parts) = entry.value.content else {
            shape(
                &format!("`{}`", entry.key),
                "a mapping",
                &entry.value,
                faults,
            );
            continue;
        };
        for part in parts {
            match &*entry.key {
                "cursors" => cursors.extend(cursor(part, cursors.len(), faults)),
                "reasons" => reasons.extend(reason(part, faults)),
                _ => rows.extend(row(part, faults)),
            }
        }
    }
    for (key, missing) in [("reasons", reasons.is_empty()), ("calls", rows.is_empty())] {
        if missing {
            let owner = "a matrix".into();
            faults.add(FaultKind::MissingKey { owner, key }, node.spot);
        }
    }
    if cursors.is_empty() {
        cursors.push(Cursor::none(node.spot));
    }
    let bodies = rows.len() * cursors.len() * reasons.len();
    if bodies > MOST_BODIES {
        let message = format!("a matrix makes at most {MOST_BODIES} bodies; this makes {bodies}");
        faults.add(FaultKind::Order(message), node.spot);
        return Vec::new();
    }
    check_reasons(&cursors, &rows, &reasons, faults);
    let mut cases = Vec::new();
    for row in &rows {
        row.check_names(&cursors, faults);
        let on = cursors.iter();
        for cursor in on.filter(|cursor| !row.without.contains(&cursor.name)) {
            for group in groups(&reasons) {
                let reasons = reasons.iter().filter(|reason| reason.group == group);
                cases.extend(case(row, cursor, reasons));
            }
        }
    }
    cases
}

/// The groups of the reasons, in their order.
fn groups(reasons: &[Reason]) -> Vec<&str> {
    let mut groups = Vec::new();
    for reason in reasons {
        if !groups.contains(&&*reason.group) {
            groups.push(&*reason.group);
        }
    }
    groups
}

/// Reasons that a cursor or a call names must be there.
fn check_reasons(cursors: &[Cursor], rows: &[Row], reasons: &[Reason], faults: &mut Faults) {
    let of_cursors = cursors.iter();
    let of_cursors = of_cursors.flat_map(|own| own.without.iter().map(|name| (name, own.spot)));
    let of_rows = rows.iter();
    let of_rows = of_rows.flat_map(|row| row.fires.iter().map(|name| (name, row.spot)));
    for (name, spot) in of_cursors.chain(of_rows) {
        if !reasons.iter().any(|reason| reason.is(name)) {
            unknown_reason(name, spot, reasons, faults);
        }
    }
    for row in rows {
        let no_cursors = cursors.iter().any(|cursor| cursor.kind == Kind::None);
        let cells = match (&row.expect, no_cursors) {
            (Some(expect), false) => expect.entries().unwrap_or_default(),
            _ => &[],
        };
        let cells = cells.iter().map(|entry| &entry.value);
        let whole = row.expect.iter().filter(|_| no_cursors);
        for node in cells.chain(whole).chain(&row.covers) {
            for entry in by_reason(node).unwrap_or_default() {
                for name in entry.key.split('|').map(str::trim) {
                    if !reasons.iter().any(|reason| reason.is(name)) {
                        unknown_reason(name, entry.key_spot, reasons, faults);
                    }
                }
            }
        }
    }
}

fn unknown_reason(name: &str, spot: Spot, reasons: &[Reason], faults: &mut Faults) {
    let kind = FaultKind::UnknownName {
        what: "reason",
        name: name.to_owned(),
    };
    let known = reasons.iter().map(|reason| reason.name.as_str());
    faults.add(kind, spot).nearest(name, known);
}

impl Cursor {
    /// What stands for the cursor where there is none.
    fn none(spot: Spot) -> Self {
        Self {
            name: String::from(INSIDE),
            kind: Kind::None,
            spot,
            with: vec![(String::from("callback"), Node::plain(INSIDE))],
            before: Vec::new(),
            after: Vec::new(),
            without: Vec::new(),
            covers: None,
        }
    }
}

fn cursor(entry: Entry, before: usize, faults: &mut Faults) -> Option<Cursor> {
    let mut cursor = Cursor {
        name: entry.key.to_string(),
        kind: if before == 0 {
            Kind::Passed
        } else {
            Kind::Free
        },
        spot: entry.key_spot,
        with: Vec::new(),
        before: Vec::new(),
        after: Vec::new(),
        without: Vec::new(),
        covers: None,
    };
    let Content::Map(entries) = entry.value.content else {
        shape(
            "a cursor",
            "a mapping like `{with: {tableid: copy}}`",
            &entry.value,
            faults,
        );
        return None;
    };
    values::known_keys(&entries, CURSOR_KEYS, "a cursor", faults);
    for entry in entries {
        match &*entry.key {
            "with" => match entry.value.content {
                Content::Map(values) => {
                    let values = values.into_iter();
                    cursor.with = values.map(|own| (own.key.to_string(), own.value)).collect();
                }
                _ => shape(
                    "`with`",
                    "a mapping of names to values",
                    &entry.value,
                    faults,
                ),
            },
            "before" => cursor.before = document::steps(entry.value),
            "after" => cursor.after = document::steps(entry.value),
            "without" => cursor.without = reason_names(&entry.value),
            "covers" => cursor.covers = Some(entry.value),
            _ => {}
        }
    }
    let name = Node::plain(&cursor.name);
    cursor.with.push((String::from("callback"), name));
    Some(cursor)
}

fn reason(entry: Entry, faults: &mut Faults) -> Option<Reason> {
    let name = Node {
        spot: entry.key_spot,
        ..Node::plain(&entry.key)
    };
    let group = entry.key.split_once('.').map_or("", |(_, group)| group);
    Some(Reason {
        code: bodies::reason(base(&entry.key), &name, faults)?,
        group: group.to_owned(),
        name: entry.key.to_string(),
        steps: document::steps(entry.value),
    })
}

/// Reasons, or-ed with `|`.
fn reason_names(node: &Node) -> Vec<String> {
    let text = node.text().unwrap_or_default();
    let parts = text.split('|').map(str::trim);
    parts.map(str::to_owned).collect()
}

fn row(entry: Entry, faults: &mut Faults) -> Option<Row> {
    let mut row = Row {
        name: entry.key.to_string(),
        spot: entry.key_spot,
        setup: Vec::new(),
        before: Vec::new(),
        call: Node::plain("null"),
        then: Vec::new(),
        after: Vec::new(),
        fires: Vec::new(),
        expect: None,
        without: Vec::new(),
        covers: None,
    };
    let Content::Map(entries) = entry.value.content else {
        shape("a call", "a mapping with `call`", &entry.value, faults);
        return None;
    };
    values::known_keys(&entries, CALL_KEYS, "a call", faults);
    for entry in entries {
        let value = entry.value;
        match &*entry.key {
            "setup" => row.setup = document::steps(value),
            "before" => row.before = document::steps(value),
            "call" => row.call = value,
            "then" => row.then = document::steps(value),
            "after" => row.after = document::steps(value),
            "fires" => row.fires = reason_names(&value),
            "expect" => row.expect = Some(value),
            "without" => {
                let single = std::slice::from_ref(&value);
                let names = value.items().unwrap_or(single).iter();
                row.without = names.filter_map(Node::text).map(str::to_owned).collect();
            }
            "covers" => row.covers = Some(value),
            _ => {}
        }
    }
    if row.call.is_null() {
        let (owner, key) = ("a call".into(), "call");
        faults.add(FaultKind::MissingKey { owner, key }, row.spot);
        return None;
    }
    Some(row)
}

impl Row {
    /// Cursors that the row names must be there.
    fn check_names(&self, cursors: &[Cursor], faults: &mut Faults) {
        let known = || cursors.iter().map(|cursor| cursor.name.as_str());
        let by_cursor = |_: &&Node| cursors.iter().all(|own| own.kind != Kind::None);
        let expected = self.expect.as_ref().filter(by_cursor);
        let named = expected.and_then(Node::entries).unwrap_or_default().iter();
        let named = named.map(|entry| (&*entry.key, entry.key_spot));
        let without = self.without.iter().map(|name| (name.as_str(), self.spot));
        for (name, spot) in named.chain(without) {
            if !known().any(|own| own == name) {
                let kind = FaultKind::UnknownName {
                    what: "cursor",
                    name: name.to_owned(),
                };
                faults.add(kind, spot).nearest(name, known());
            }
        }
    }

    /// What a cell expects; nothing said means success.
    fn expected(&self, cursor: &Cursor, reason: &Reason) -> Option<Node> {
        let node = match cursor.kind {
            Kind::None => self.expect.as_ref()?,
            Kind::Passed | Kind::Free => self.expect.as_ref()?.get(&cursor.name)?,
        };
        match by_reason(node) {
            Some(entries) => of_reason(entries, reason).cloned(),
            None => Some(node.clone()),
        }
    }

    /// What a cell on the first cursor, or without one, shows: the same for all reasons, or by reason.
    fn shown(&self, reason: &Reason) -> Option<Node> {
        let node = self.covers.as_ref()?;
        match by_reason(node) {
            Some(entries) => of_reason(entries, reason).cloned(),
            None => Some(node.clone()),
        }
    }
}

/// What a node says by reason; `None` where it says one thing for all, if by profile.
fn by_reason(node: &Node) -> Option<&[Entry]> {
    let profiles = ["documented", "genuine", "any"];
    let is_profile = |own: &Entry| profiles.contains(&&*own.key);
    node.entries()
        .filter(|entries| !entries.iter().any(is_profile))
}

/// The value of the first key that names the reason.
fn of_reason<'n>(entries: &'n [Entry], reason: &Reason) -> Option<&'n Node> {
    let names = |entry: &&Entry| entry.key.split('|').any(|word| reason.is(word.trim()));
    entries.iter().find(names).map(|entry| &entry.value)
}
