//! The cases that a matrix stands for, step by step.

use super::super::bodies::{BodyDocument, CallbackDocument};
use super::super::document::CaseDocument;
use super::super::fixture::substitute;
use super::super::node::{Content, Entry, Node};
use super::{Cursor, Kind, Reason, Row};
use crate::abi::function;

/// The case of one call on one cursor, for one group of reasons; none where the cursor is left out of
/// all of them.
pub(super) fn case<'r>(
    row: &Row,
    cursor: &Cursor,
    reasons: impl Iterator<Item = &'r Reason>,
) -> Option<CaseDocument> {
    let mut steps = Vec::new();
    if cursor.kind == Kind::Passed {
        // What is refused inside must work outside, or the refusal says nothing.
        let call = std::slice::from_ref(&row.call);
        for part in [&row.before[..], call, &row.then, &row.after] {
            own(part, cursor, None, &mut steps);
        }
    }
    if cursor.kind != Kind::Free {
        own(&row.setup, cursor, None, &mut steps);
    }
    let mut bodies = Vec::new();
    let mut name = row.name.clone();
    if cursor.kind != Kind::None {
        name = [&name, ".", &cursor.name].concat();
    }
    let mut group = "";
    for reason in reasons {
        group = &reason.group;
        if cursor.without.iter().any(|name| reason.is(name)) {
            continue;
        }
        fill(&reason.steps, cursor, &mut steps);
        bodies.push(BodyDocument {
            reasons: vec![reason.code],
            times: Some(1),
            steps: cell(row, cursor, reason),
            ..BodyDocument::default()
        });
    }
    if !group.is_empty() {
        name = [&name, ".", group].concat();
    }
    if bodies.is_empty() {
        return None;
    }
    Some(CaseDocument {
        name,
        spot: row.spot,
        steps,
        callbacks: vec![CallbackDocument {
            name: cursor.name.clone(),
            spot: cursor.spot,
            bodies,
        }],
    })
}

/// What the callback does for one reason.
fn cell(row: &Row, cursor: &Cursor, reason: &Reason) -> Vec<Node> {
    let alone = cursor.kind == Kind::Passed;
    let covers = match cursor.kind {
        Kind::Passed | Kind::None => row.shown(reason),
        Kind::Free => cursor.covers.clone(),
    };
    let free = cursor.covers.as_ref().filter(|_| !alone);
    let mut steps = Vec::new();
    if !alone {
        fill(&cursor.before, cursor, &mut steps);
        own(&row.before, cursor, free, &mut steps);
    }
    let expected = row.expected(cursor, reason);
    let succeeds = expected.is_none();
    let fires = succeeds && row.fires.iter().any(|name| reason.is(name));
    let mut call = row.call.clone();
    if let Content::Map(entries) = &mut call.content {
        if !succeeds {
            // What a call that fails gives out is not judged.
            entries.retain(|entry| &*entry.key != "out");
        }
        entries.extend(expected.map(|code| modifier("expect", code)));
        entries.extend(covers.map(|ids| modifier("covers", ids)));
        entries.extend(fires.then(|| modifier("events", event(&cursor.name, reason.base()))));
    }
    own(&[call], cursor, None, &mut steps);
    if succeeds {
        own(&row.then, cursor, free, &mut steps);
    }
    if !alone {
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
