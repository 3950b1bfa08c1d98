//! A matrix: calls, each made on several cursors inside the callback of each reason.
//!
//! Each call on each cursor becomes a case of its own, with a callback that is named after the cursor
//! and has a body for each reason. The first cursor is the one that the callback is passed: on it
//! nothing is prepared inside, and the call is made once outside first, where it must succeed.

use super::bodies::{self, BodyDocument, CallbackDocument};
use super::document::{self, CaseDocument};
use super::fault::{FaultKind, Faults};
use super::fixture::substitute;
use super::lower::function;
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

/// One cursor.
struct Cursor {
    name: String,
    spot: Spot,
    /// What `$name` stands for where the cursor is meant.
    with: Vec<(String, Node)>,
    /// Steps inside the callback, around those of the call.
    before: Vec<Node>,
    after: Vec<Node>,
    /// Reasons that the cursor is left out of.
    without: Vec<u32>,
    covers: Option<Node>,
}

/// One reason: what brings it about.
struct Reason {
    name: String,
    code: u32,
    steps: Vec<Node>,
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
    fires: Vec<u32>,
    /// What is expected other than success: by cursor, and there by reason.
    expect: Option<Node>,
    /// Cursors that it is not made on.
    without: Vec<String>,
    covers: Option<Node>,
}

/// The cases of a matrix.
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
                "cursors" => cursors.extend(cursor(part, faults)),
                "reasons" => reasons.extend(reason(part, faults)),
                _ => rows.extend(row(part, faults)),
            }
        }
    }
    for (key, missing) in [
        ("cursors", cursors.is_empty()),
        ("reasons", reasons.is_empty()),
        ("calls", rows.is_empty()),
    ] {
        if missing {
            let owner = "a matrix".into();
            faults.add(FaultKind::MissingKey { owner, key }, node.spot);
        }
    }
    let bodies = rows.len() * cursors.len() * reasons.len();
    if bodies > MOST_BODIES {
        let message = format!("a matrix makes at most {MOST_BODIES} bodies; this makes {bodies}");
        faults.add(FaultKind::Order(message), node.spot);
        return Vec::new();
    }
    let mut cases = Vec::new();
    for row in &rows {
        row.check_names(&cursors, faults);
        for (index, cursor) in cursors.iter().enumerate() {
            if !row.without.contains(&cursor.name) {
                let passed = index == 0;
                cases.push(case(row, cursor, passed, &reasons, faults));
            }
        }
    }
    cases
}

fn cursor(entry: Entry, faults: &mut Faults) -> Option<Cursor> {
    let mut cursor = Cursor {
        name: entry.key.to_string(),
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
            "without" => cursor.without = reason_codes(&entry.value, faults),
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
    Some(Reason {
        code: bodies::reason(&entry.key, &name, faults)?,
        name: entry.key.to_string(),
        steps: document::steps(entry.value),
    })
}

/// Reasons, or-ed with `|`.
fn reason_codes(node: &Node, faults: &mut Faults) -> Vec<u32> {
    let text = node.text().unwrap_or_default();
    let parts = text.split('|').map(str::trim);
    parts
        .filter_map(|part| bodies::reason(part, node, faults))
        .collect()
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
            "fires" => row.fires = reason_codes(&value, faults),
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
        let expected = self.expect.as_ref().and_then(Node::entries);
        let named = expected.unwrap_or_default().iter();
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
    fn expected(&self, cursor: &str, reason: u32, faults: &mut Faults) -> Option<Node> {
        let node = self.expect.as_ref()?.get(cursor)?;
        let by_reason = node.entries().filter(|entries| {
            let profiles = ["documented", "genuine", "any"];
            !entries.iter().any(|own| profiles.contains(&&*own.key))
        });
        match by_reason {
            Some(entries) => of_reason(entries, reason, faults).cloned(),
            None => Some(node.clone()),
        }
    }

    /// What a cell on the first cursor shows: the same for all reasons, or by reason.
    fn shown(&self, reason: u32, faults: &mut Faults) -> Option<Node> {
        let node = self.covers.as_ref()?;
        match node.entries() {
            Some(entries) => of_reason(entries, reason, faults).cloned(),
            None => Some(node.clone()),
        }
    }
}

/// The value of the first key that names the reason.
fn of_reason<'n>(entries: &'n [Entry], reason: u32, faults: &mut Faults) -> Option<&'n Node> {
    let own = entries.iter().find(|entry| {
        let key = Node {
            spot: entry.key_spot,
            ..Node::plain(&entry.key)
        };
        reason_codes(&key, faults).contains(&reason)
    });
    own.map(|entry| &entry.value)
}

/// The case of one call on one cursor.
fn case(
    row: &Row,
    cursor: &Cursor,
    passed: bool,
    reasons: &[Reason],
    faults: &mut Faults,
) -> CaseDocument {
    let mut steps = Vec::new();
    if passed {
        // What is refused inside must work outside, or the refusal says nothing.
        let call = std::slice::from_ref(&row.call);
        for part in [&row.before[..], call, &row.then, &row.after, &row.setup] {
            own(part, cursor, None, &mut steps);
        }
    }
    let mut bodies = Vec::new();
    for reason in reasons {
        if cursor.without.contains(&reason.code) {
            continue;
        }
        fill(&reason.steps, cursor, &mut steps);
        bodies.push(BodyDocument {
            reasons: vec![reason.code],
            times: Some(1),
            steps: cell(row, cursor, passed, reason, faults),
            ..BodyDocument::default()
        });
    }
    CaseDocument {
        name: [&row.name, ".", &cursor.name].concat(),
        spot: row.spot,
        steps,
        callbacks: vec![CallbackDocument {
            name: cursor.name.clone(),
            spot: cursor.spot,
            bodies,
        }],
    }
}

/// What the callback does for one reason.
fn cell(
    row: &Row,
    cursor: &Cursor,
    passed: bool,
    reason: &Reason,
    faults: &mut Faults,
) -> Vec<Node> {
    let covers = match passed {
        true => row.shown(reason.code, faults),
        false => cursor.covers.clone(),
    };
    let free = cursor.covers.as_ref().filter(|_| !passed);
    let mut steps = Vec::new();
    if !passed {
        fill(&cursor.before, cursor, &mut steps);
        own(&row.before, cursor, free, &mut steps);
    }
    let expected = row.expected(&cursor.name, reason.code, faults);
    let succeeds = expected.is_none();
    let fires = succeeds && row.fires.contains(&reason.code);
    let mut call = row.call.clone();
    if let Content::Map(entries) = &mut call.content {
        if !succeeds {
            // What a call that fails gives out is not judged.
            entries.retain(|entry| &*entry.key != "out");
        }
        entries.extend(expected.map(|code| modifier("expect", code)));
        entries.extend(covers.map(|ids| modifier("covers", ids)));
        entries.extend(fires.then(|| modifier("events", event(&cursor.name, &reason.name))));
    }
    own(&[call], cursor, None, &mut steps);
    if succeeds {
        own(&row.then, cursor, free, &mut steps);
    }
    if !passed {
        own(&row.after, cursor, free, &mut steps);
        fill(&cursor.after, cursor, &mut steps);
    }
    steps
}

fn modifier(key: &str, value: Node) -> Entry {
    Entry {
        key: key.into(),
        key_spot: value.spot,
        value,
    }
}

fn event(callback: &str, reason: &str) -> Node {
    Node::list([Node::map([(callback, Node::plain(reason))])])
}

/// Steps with the cursor's values put in; a call that names no session, database or cursor takes the
/// cursor's, and shows then that the cursor is free where that is to be shown.
fn own(steps: &[Node], cursor: &Cursor, covers: Option<&Node>, into: &mut Vec<Node>) {
    let first = into.len();
    fill(steps, cursor, into);
    for step in into.iter_mut().skip(first) {
        let Content::Map(entries) = &mut step.content else {
            continue;
        };
        let on_cursor = entries
            .iter_mut()
            .any(|entry| take(entry, &cursor.with).unwrap_or_default());
        let missing = !entries.iter().any(|entry| &*entry.key == "covers");
        let covers = covers.filter(|_| on_cursor && missing);
        entries.extend(covers.cloned().map(|ids| modifier("covers", ids)));
    }
}

/// Gives a call those of the values that it takes and does not name; whether it is made on a cursor.
fn take(entry: &mut Entry, values: &[(String, Node)]) -> Option<bool> {
    let parameters = function(&entry.key)?.get().parameters;
    let Content::Map(given) = &mut entry.value.content else {
        return None;
    };
    let takes = |name: &str| parameters.iter().any(|own| own.name == name);
    for (name, value) in values.iter().filter(|(name, _)| takes(name)) {
        if !given.iter().any(|argument| *argument.key == **name) {
            given.push(modifier(name, value.clone()));
        }
    }
    Some(takes("tableid"))
}

/// Steps with the cursor's values put in.
fn fill(steps: &[Node], cursor: &Cursor, into: &mut Vec<Node>) {
    let with: Vec<(&str, Option<&Node>)> = cursor
        .with
        .iter()
        .map(|(name, value)| (name.as_str(), Some(value)))
        .collect();
    into.extend(steps.iter().filter_map(|step| substitute(step, &with)));
}
