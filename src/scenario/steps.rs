//! Steps: one action each, and what must come of it.

use super::document::{form, text};
use super::fault::FaultKind;
use super::lower::{Label, Lowering, function};
use super::node::{Entry, Node};
use super::plan::{Action, Codes, Expectations, Part, Step, ThreadId};
use super::values::{self, shape};
use super::verbs::VERBS;
use crate::abi::{FUNCTIONS, Form};

/// The keys of a step beside its action, in the canonical order.
pub const MODIFIERS: &[&str] = &["thread", "text", "expect", "out", "events", "covers"];

/// How deep shorthands may use shorthands.
const DEEPEST: usize = 8;

/// A step's action and modifiers.
#[derive(Clone, Copy)]
pub(super) struct Parts<'n> {
    /// The action.
    pub action: &'n Entry,
    /// `expect`
    pub expect: Option<&'n Entry>,
    /// `out`
    pub out: Option<&'n Entry>,
    /// `events`
    pub events: Option<&'n Entry>,
    /// `covers`
    pub covers: Option<&'n Entry>,
    /// `thread`
    pub thread: Option<&'n Entry>,
    /// `text`
    pub text: Option<&'n Entry>,
}

impl Lowering<'_> {
    /// Lowers steps.
    pub fn steps(&mut self, nodes: &[Node], part: Part, into: &mut Vec<Step>) {
        self.part = part;
        for node in nodes {
            if let Some(parts) = self.parts(node) {
                self.here = parts.action.key_spot;
                self.step(parts, None, into);
            }
        }
    }

    /// Finds the one action of a step.
    fn parts<'n>(&mut self, node: &'n Node) -> Option<Parts<'n>> {
        let Some(entries) = node.entries() else {
            shape(
                "a step",
                "a mapping with one action",
                node,
                &mut self.faults,
            );
            return None;
        };
        let is_action = |entry: &&Entry| !MODIFIERS.contains(&&*entry.key);
        let actions: Vec<&Entry> = entries.iter().filter(is_action).collect();
        let [action] = actions[..] else {
            return self.wrong_actions(node, &actions);
        };
        let find = |key: &str| entries.iter().find(|entry| &*entry.key == key);
        Some(Parts {
            action,
            expect: find("expect"),
            out: find("out"),
            events: find("events"),
            covers: find("covers"),
            thread: find("thread"),
            text: find("text"),
        })
    }

    /// Several actions, or none: often one of them is a modifier with a slip in its name.
    fn wrong_actions<'n>(&mut self, node: &Node, actions: &[&Entry]) -> Option<Parts<'n>> {
        let unknown: Vec<&&Entry> = actions
            .iter()
            .filter(|entry| !self.is_action(&entry.key))
            .collect();
        if actions.len() > 1 && actions.len() - unknown.len() == 1 {
            for entry in unknown {
                let kind = FaultKind::UnknownKey {
                    owner: "a step".into(),
                    key: entry.key.to_string(),
                };
                let known = MODIFIERS.iter().copied();
                self.faults
                    .add(kind, entry.key_spot)
                    .nearest(&entry.key, known);
            }
            return None;
        }
        let kind = FaultKind::Actions {
            count: actions.len(),
        };
        let spot = actions.get(1).map_or(node.spot, |entry| entry.key_spot);
        self.faults.add(kind, spot);
        None
    }

    fn is_action(&self, key: &str) -> bool {
        function(key).is_some()
            || VERBS.contains(&key)
            || self
                .ground
                .fixture
                .is_some_and(|fixture| fixture.shorthand(key).is_some())
    }

    /// Lowers one step. `thread` is that of the shorthand's use around it.
    pub fn step(&mut self, parts: Parts<'_>, thread: Option<ThreadId>, into: &mut Vec<Step>) {
        let key = &*parts.action.key;
        let thread = match parts.thread {
            Some(entry) => self.thread(&entry.value),
            None => thread,
        }
        .unwrap_or(ThreadId(0));
        if self.part == Part::Body
            && let Some(entry) = parts.thread
        {
            self.pointless(
                entry,
                "in a callback's body, which runs on the thread that calls it",
            );
        }
        self.must_be_free(thread, parts.action);
        if let Some(id) = function(key) {
            let form = self.form_of(parts);
            self.names.step();
            let number = self.number();
            let Some(call) = self.call(id, &parts.action.value, parts.action.key_spot, form) else {
                self.covers(parts);
                return;
            };
            let expect = self.expectations(parts, Some(&call), Codes::default());
            self.push(number, thread, Action::Call(call), expect, into);
        } else if VERBS.contains(&key) {
            self.verb(parts, thread, into);
        } else if let Some(shorthand) = self
            .ground
            .fixture
            .and_then(|fixture| fixture.shorthand(key))
        {
            self.shorthand(shorthand, parts, thread, into);
        } else {
            self.unknown_action(parts.action);
        }
    }

    /// Refuses a step on a thread that is inside a call which no step has ended.
    fn must_be_free(&mut self, thread: ThreadId, action: &Entry) {
        if self.part == Part::Body || matches!(&*action.key, "start" | "end") {
            return;
        }
        let mut open = self.labels.iter();
        let Some((name, label)) = open.find(|(_, own)| !own.ended && own.thread == thread) else {
            return;
        };
        let (message, begun) = (
            format!("the thread is still inside the call `{name}`"),
            label.spot,
        );
        self.faults
            .add(FaultKind::Order(message), action.key_spot)
            .with(begun, "begun here");
    }

    /// Adds a step to a list.
    pub fn push(
        &mut self,
        id: super::plan::StepId,
        thread: ThreadId,
        action: Action,
        expect: Expectations,
        into: &mut Vec<Step>,
    ) {
        into.push(Step {
            id,
            place: self.place(self.here),
            part: self.part,
            thread,
            action,
            expect,
        });
    }

    /// The width of a call's texts.
    pub fn form_of(&mut self, parts: Parts<'_>) -> Form {
        let own = parts
            .text
            .and_then(|entry| form(&entry.value, &mut self.faults));
        own.unwrap_or(self.form)
    }

    fn unknown_action(&mut self, action: &Entry) {
        let kind = FaultKind::UnknownName {
            what: if action.key.starts_with("Jet") {
                "function"
            } else {
                "action"
            },
            name: action.key.to_string(),
        };
        let shorthands = self
            .ground
            .fixture
            .map(|fixture| fixture.shorthand_names())
            .unwrap_or_default();
        let known = FUNCTIONS
            .iter()
            .map(|function| function.name)
            .chain(VERBS.iter().copied())
            .chain(shorthands);
        self.faults
            .add(kind, action.key_spot)
            .nearest(&action.key, known);
    }

    /// Notes a modifier that means nothing there.
    pub fn pointless(&mut self, entry: &Entry, at: &'static str) {
        let kind = FaultKind::Pointless {
            key: entry.key.to_string(),
            at,
        };
        self.faults.add(kind, entry.key_spot);
    }

    fn shorthand(
        &mut self,
        shorthand: &super::fixture::Shorthand,
        parts: Parts<'_>,
        thread: ThreadId,
        into: &mut Vec<Step>,
    ) {
        if self.depth == DEEPEST {
            let kind = FaultKind::Circle {
                name: shorthand.name.clone(),
            };
            self.faults.add(kind, parts.action.key_spot);
            return;
        }
        let mark = self.faults.mark();
        let Some(expansion) = shorthand.expand(parts.action, &mut self.faults) else {
            return;
        };
        self.depth += 1;
        let form = self.form;
        self.form = self.form_of(parts);
        for (index, node) in expansion.steps.iter().enumerate() {
            let Some(mut inner) = self.parts(node) else {
                continue;
            };
            if index == expansion.judged {
                inner.expect = parts.expect.or(inner.expect);
                inner.out = parts.out.or(inner.out);
                inner.events = parts.events.or(inner.events);
                inner.covers = parts.covers.or(inner.covers);
            }
            self.step(inner, Some(thread), into);
        }
        self.form = form;
        self.depth -= 1;
        self.faults.relate(mark, self.here, "used here");
    }

    /// Notes a call that has been begun.
    pub fn begin(&mut self, label: String, begun: Label) {
        if let Some(first) = self.labels.get(&label).filter(|first| !first.ended) {
            let spot = first.spot;
            let kind = FaultKind::NameTaken {
                name: label.clone(),
                first: "a call that has not been ended".into(),
            };
            self.faults.add(kind, begun.spot).with(spot, "begun here");
        }
        let busy = self
            .labels
            .iter()
            .find(|(name, first)| **name != label && !first.ended && first.thread == begun.thread);
        if let Some((name, first)) = busy {
            let (message, spot) = (
                format!("the thread is still inside the call `{name}`"),
                first.spot,
            );
            self.faults
                .add(FaultKind::Order(message), begun.spot)
                .with(spot, "begun here");
        }
        self.labels.insert(label, begun);
    }

    /// The call that a label stands for.
    pub fn begun(&mut self, node: &Node) -> Option<(String, Label)> {
        let name = text(node, "end", &mut self.faults)?;
        if let Some(label) = self.labels.get_mut(&name).filter(|label| !label.ended) {
            label.ended = true;
            return Some((name, label.clone()));
        }
        let kind = FaultKind::UnknownName {
            what: "call that has been begun",
            name: name.clone(),
        };
        let known = self.labels.iter().filter(|(_, label)| !label.ended);
        let known: Vec<&str> = known.map(|(name, _)| name.as_str()).collect();
        self.faults.add(kind, node.spot).nearest(&name, known);
        None
    }

    /// Counts the steps of a list that is repeated.
    pub fn repeated(&mut self, node: &Node, into: &mut Vec<Step>) -> Option<u32> {
        let entries = node.entries().unwrap_or_default();
        values::known_keys(entries, &["times", "steps"], "`repeat`", &mut self.faults);
        let (Some(times), Some(steps)) = (node.get("times"), node.get("steps")) else {
            shape(
                "`repeat`",
                "written `{times: 3, steps: […]}`",
                node,
                &mut self.faults,
            );
            return None;
        };
        let times = values::count(times, "times", 1, 1 << 20, &mut self.faults);
        let single = std::slice::from_ref(steps);
        let (here, part) = (self.here, self.part);
        for step in steps.items().unwrap_or(single) {
            if let Some(parts) = self.parts(step) {
                self.here = parts.action.key_spot;
                self.step(parts, None, into);
            }
        }
        (self.here, self.part) = (here, part);
        times
    }
}
